-- What the language model had to do with each document, and which approved documents it is shown.

-- One row for each part of a message that the model was asked about; a mail that is processed again adds to it.
CREATE TABLE llm_uses (
    message TEXT NOT NULL REFERENCES items (sha256),
    part TEXT NOT NULL,
    document TEXT NOT NULL,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    prompts TEXT NOT NULL,
    came_to TEXT NOT NULL CHECK (came_to IN ('reading', 'nothing', 'no_budget')),
    calls BIGINT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    examples TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (message, part)
);
CREATE INDEX llm_uses_by_age ON llm_uses (at);

-- Approved documents as examples for the same customer's next ones. `dropped` says why one is used no more.
CREATE TABLE llm_examples (
    account TEXT NOT NULL,
    document TEXT NOT NULL,
    body TEXT NOT NULL,
    answer TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    dropped TEXT,
    PRIMARY KEY (account, document)
);
CREATE INDEX llm_examples_by_age ON llm_examples (account, approved_at);
