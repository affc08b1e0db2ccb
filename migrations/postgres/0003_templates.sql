-- Layouts that a person confirmed by approving a case: how the next document of the same sender and layout is read.
-- `sender` is a mail domain, or a whole address at a free-mail domain; empty for files that came without a mail.

CREATE TABLE templates (
    number TEXT NOT NULL PRIMARY KEY,
    sender TEXT NOT NULL,
    account TEXT NOT NULL,
    case_number TEXT NOT NULL REFERENCES cases (number),
    learned_at BIGINT NOT NULL,
    used BIGINT NOT NULL DEFAULT 0,
    corrected BIGINT NOT NULL DEFAULT 0,
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    ended TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX templates_active ON templates (sender, number) WHERE active = 1;
