-- What a later notice took the place of never comes back into the queue, and a receipt that names only the vendor's id may
-- come before we have written that id down.
-- +goose Up
ALTER TABLE notices ADD COLUMN superseded_at timestamptz;

CREATE TABLE early_receipts (
    vendor      text        NOT NULL,
    vendor_id   text        NOT NULL,
    delivered   boolean     NOT NULL,
    code        text        NOT NULL,
    reported_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (vendor, vendor_id, delivered)
);

CREATE INDEX early_receipts_age ON early_receipts (received_at);
