-- The first schema. The SQLite file of the same name has the same tables and columns; a test compares them.
-- Text ids; decimals that are only stored as canonical text; stock quantities as units x 10^6, because SQL computes with them;
-- times as microseconds since 1970 UTC; dates as YYYY-MM-DD; flags 0 or 1; JSON as text.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- Mails and files, and what came of them

CREATE TABLE blobs (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    bytes BYTEA NOT NULL
);

CREATE TABLE items (
    sha256 TEXT NOT NULL PRIMARY KEY REFERENCES blobs (sha256),
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'document')),
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    received_at BIGINT NOT NULL
);

CREATE TABLE messages (
    sha256 TEXT NOT NULL PRIMARY KEY REFERENCES items (sha256),
    message_id TEXT,
    subject TEXT NOT NULL,
    sender TEXT NOT NULL,
    nature TEXT,
    outcome TEXT CHECK (outcome IN ('order_placed', 'order_changed', 'order_cancelled', 'review', 'question', 'duplicate', 'ignored', 'failed')),
    reasons TEXT NOT NULL,
    why TEXT NOT NULL,
    orders TEXT NOT NULL,
    cases TEXT NOT NULL,
    drafts TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX messages_by_message_id ON messages (message_id);
CREATE INDEX messages_by_age ON messages (received_at);

CREATE TABLE readings (
    message TEXT NOT NULL REFERENCES items (sha256),
    part TEXT NOT NULL,
    document TEXT NOT NULL,
    name TEXT NOT NULL,
    draft TEXT NOT NULL,
    PRIMARY KEY (message, part)
);

CREATE TABLE uids (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    sha256 TEXT REFERENCES items (sha256),
    problem TEXT,
    finished BIGINT NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
    PRIMARY KEY (account, folder, uid_validity, uid)
);
CREATE INDEX uids_to_finish ON uids (account, folder, uid_validity) WHERE finished = 0;

-- Master data

CREATE TABLE products (
    sku TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    uom TEXT NOT NULL,
    gtin TEXT,
    manufacturer_part TEXT,
    pack_size TEXT,
    weight_kg TEXT,
    length_cm TEXT,
    width_cm TEXT,
    height_cm TEXT,
    price TEXT,
    currency TEXT,
    min_order_qty TEXT,
    order_multiple TEXT,
    lead_time_days BIGINT,
    status TEXT NOT NULL CHECK (status IN ('active', 'discontinued', 'blocked')),
    superseded_by TEXT
);

CREATE TABLE uoms (
    sku TEXT NOT NULL REFERENCES products (sku),
    uom TEXT NOT NULL,
    numerator TEXT NOT NULL,
    denominator TEXT NOT NULL,
    PRIMARY KEY (sku, uom)
);

CREATE TABLE customers (
    account TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email_domains TEXT NOT NULL,
    emails TEXT NOT NULL,
    vat_id TEXT,
    gln TEXT,
    currency TEXT,
    payment_terms TEXT,
    credit_limit TEXT,
    price_list TEXT,
    language TEXT,
    country TEXT,
    priority BIGINT NOT NULL,
    allow_backorder BIGINT NOT NULL CHECK (allow_backorder IN (0, 1)),
    allow_partial BIGINT NOT NULL CHECK (allow_partial IN (0, 1)),
    ship_complete BIGINT NOT NULL CHECK (ship_complete IN (0, 1)),
    automation TEXT NOT NULL CHECK (automation IN ('review_all', 'auto', 'off'))
);

CREATE TABLE addresses (
    account TEXT NOT NULL REFERENCES customers (account),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    region TEXT NOT NULL,
    country TEXT NOT NULL,
    is_default BIGINT NOT NULL CHECK (is_default IN (0, 1)),
    PRIMARY KEY (account, code)
);

CREATE TABLE part_refs (
    account TEXT NOT NULL REFERENCES customers (account),
    customer_part TEXT NOT NULL,
    sku TEXT NOT NULL REFERENCES products (sku),
    uom TEXT,
    PRIMARY KEY (account, customer_part)
);

-- Empty `uom` is the product's own unit, empty dates are open ends: a key cannot hold nulls.
CREATE TABLE prices (
    price_list TEXT NOT NULL,
    sku TEXT NOT NULL REFERENCES products (sku),
    currency TEXT NOT NULL,
    min_qty TEXT NOT NULL,
    uom TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    price TEXT NOT NULL,
    per TEXT NOT NULL,
    PRIMARY KEY (price_list, sku, currency, min_qty, uom, valid_from)
);

CREATE TABLE nodes (
    node TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('warehouse', 'store', 'supplier')),
    country TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    street TEXT,
    city TEXT,
    latitude TEXT,
    longitude TEXT,
    timezone TEXT,
    cutoff TEXT,
    handling_days BIGINT NOT NULL,
    daily_capacity BIGINT,
    handling_cost TEXT,
    pickup BIGINT NOT NULL CHECK (pickup IN (0, 1))
);

CREATE TABLE rates (
    carrier TEXT NOT NULL,
    service TEXT NOT NULL,
    node TEXT NOT NULL REFERENCES nodes (node),
    country TEXT NOT NULL,
    postal_prefix TEXT NOT NULL,
    max_weight_kg TEXT NOT NULL,
    price TEXT NOT NULL,
    currency TEXT NOT NULL,
    transit_days BIGINT NOT NULL,
    pickup_cutoff TEXT,
    dim_divisor BIGINT,
    PRIMARY KEY (carrier, service, node, country, postal_prefix, max_weight_kg)
);

-- Stock. `stock` is the sum of its lots, and the row that a reservation is counted on.

CREATE TABLE stock (
    sku TEXT NOT NULL REFERENCES products (sku),
    node TEXT NOT NULL REFERENCES nodes (node),
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL DEFAULT 0,
    safety_stock BIGINT NOT NULL CHECK (safety_stock >= 0),
    PRIMARY KEY (sku, node),
    CHECK (reserved BETWEEN 0 AND on_hand)
);

CREATE TABLE stock_lots (
    sku TEXT NOT NULL,
    node TEXT NOT NULL,
    lot TEXT NOT NULL,
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
    safety_stock BIGINT NOT NULL CHECK (safety_stock >= 0),
    expires TEXT,
    PRIMARY KEY (sku, node, lot),
    FOREIGN KEY (sku, node) REFERENCES stock (sku, node)
);

-- `promisable` is quantity x reliability, rounded down.
CREATE TABLE inbound (
    sku TEXT NOT NULL REFERENCES products (sku),
    node TEXT NOT NULL REFERENCES nodes (node),
    reference TEXT NOT NULL,
    due TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    reliability TEXT NOT NULL,
    promisable BIGINT NOT NULL,
    reserved BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, node, reference, due),
    CHECK (promisable BETWEEN 0 AND quantity),
    CHECK (reserved BETWEEN 0 AND promisable)
);

-- Orders

CREATE TABLE orders (
    number TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    po_key TEXT NOT NULL,
    release_key TEXT NOT NULL,
    issue BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
    -- What the snapshot's lines come to, less what was cancelled: summed with every order that comes in.
    currency TEXT NOT NULL,
    owed TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    UNIQUE (account, po_key, release_key, issue)
);
CREATE INDEX orders_by_age ON orders (placed_at);
CREATE INDEX orders_open ON orders (account, currency, owed) WHERE closed = 0;

CREATE TABLE order_events (
    order_number TEXT NOT NULL REFERENCES orders (number),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (order_number, seq)
);

CREATE TABLE plans (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_number TEXT NOT NULL REFERENCES orders (number),
    plan TEXT NOT NULL
);
CREATE INDEX plans_by_order ON plans (order_number);

-- `reference` and `due` are empty for stock on hand.
CREATE TABLE reservations (
    order_number TEXT NOT NULL REFERENCES orders (number),
    line_no TEXT NOT NULL,
    sku TEXT NOT NULL,
    node TEXT NOT NULL,
    supply TEXT NOT NULL CHECK (supply IN ('on_hand', 'inbound')),
    reference TEXT NOT NULL,
    due TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_number, line_no, sku, node, supply, reference, due)
);
CREATE INDEX reservations_by_position ON reservations (sku, node);

-- Review

CREATE TABLE cases (
    number TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    kind TEXT NOT NULL CHECK (kind IN ('order', 'change', 'cancellation', 'unreadable', 'question')),
    message TEXT NOT NULL REFERENCES items (sha256),
    assigned_to TEXT,
    opened_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX cases_by_state ON cases (state, opened_at);
CREATE INDEX cases_by_message ON cases (message);

-- Outbox and jobs

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    order_number TEXT NOT NULL,
    route TEXT NOT NULL,
    recipient TEXT NOT NULL,
    cc TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    bytes BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'drafted', 'written', 'failed', 'unknown')),
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    started_at BIGINT,
    note TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_by_order ON outbox (order_number);

-- An id is never used twice: a worker that lost its lease must not meet another job under the same id.
CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'buried')),
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    token BIGINT NOT NULL,
    worker TEXT,
    lease_until BIGINT,
    error TEXT
);
CREATE UNIQUE INDEX jobs_unfinished ON jobs (kind, key) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_runnable ON jobs (state, run_at);

-- People

CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'reviewer', 'approver', 'admin'))
);

CREATE TABLE sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE setup_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE failed_logins (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX failed_logins_by_time ON failed_logins (at);

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject);

CREATE TABLE llm_spend (
    day TEXT NOT NULL PRIMARY KEY,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    micros BIGINT NOT NULL
);
