-- What citizens are told: the rows are the queue of messages; beside them codes on their way, and carriers' receipts.
-- +goose Up
CREATE TABLE notices (
    id             text PRIMARY KEY,
    cause          text        NOT NULL,
    kind           text        NOT NULL,
    lane           integer    NOT NULL,
    person_id      text,
    params         text        NOT NULL,
    destination    text        NOT NULL,
    destination_id text,
    scope          text        NOT NULL,
    object         text        NOT NULL,
    object_id      text,
    happened_at    datetime NOT NULL,
    expires_at     datetime NOT NULL,
    created_at     datetime NOT NULL,
    state          text        NOT NULL,
    due_at         datetime NOT NULL,
    attempt        integer     NOT NULL,
    losses         integer     NOT NULL,
    repeatable     boolean     NOT NULL,
    lease_ends     datetime,
    reason         text        NOT NULL,
    vendor_id      text        NOT NULL,
    submitted_at   datetime,
    settled_at     datetime
);
CREATE UNIQUE INDEX notices_cause ON notices (cause);
CREATE INDEX notices_due ON notices (lane, due_at, id) WHERE state = 'queued';
CREATE INDEX notices_expiring ON notices (expires_at) WHERE state = 'queued';
CREATE INDEX notices_leased ON notices (lease_ends) WHERE state = 'submitting';
CREATE INDEX notices_silent ON notices (submitted_at) WHERE state = 'submitted';
CREATE INDEX notices_unknown ON notices (settled_at) WHERE state = 'unknown';
CREATE INDEX notices_inbox ON notices (person_id, id);

-- A one-time code lives here only until the vendor has it or it has expired; then the row is deleted.
CREATE TABLE notice_secrets (
    notice_id   text PRIMARY KEY REFERENCES notices (id) ON DELETE CASCADE,
    code_sealed blob        NOT NULL,
    expires_at  datetime NOT NULL
);
CREATE INDEX notice_secrets_expiring ON notice_secrets (expires_at);

CREATE TABLE notice_receipts (
    notice_id   text        NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    vendor      text        NOT NULL,
    vendor_id   text        NOT NULL,
    delivered   boolean     NOT NULL,
    code        text        NOT NULL,
    reported_at datetime NOT NULL,
    received_at datetime NOT NULL,
    PRIMARY KEY (notice_id, vendor, vendor_id, delivered)
);
