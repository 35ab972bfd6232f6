-- A notice is a fact; its deliveries, one for each channel it is tried on, are the queue (ADR 0034).
-- +goose Up
CREATE TABLE deliveries (
    id           text        NOT NULL PRIMARY KEY,
    notice_id    text        NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel      text        NOT NULL,
    account_id   text,
    fallback     text        NOT NULL, -- the ways that are tried when this comes to nothing
    lane         integer     NOT NULL,
    repeatable   boolean     NOT NULL,
    expires_at   datetime    NOT NULL,
    created_at   datetime    NOT NULL,
    state        text        NOT NULL,
    due_at       datetime    NOT NULL,
    attempt      integer     NOT NULL,
    losses       integer     NOT NULL,
    lease_ends   datetime,
    reason       text        NOT NULL,
    vendor       text        NOT NULL,
    vendor_id    text        NOT NULL,
    submitted_at datetime,
    settled_at   datetime
);

CREATE TABLE delivery_receipts (
    delivery_id text        NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    vendor      text        NOT NULL,
    vendor_id   text        NOT NULL,
    delivered   boolean     NOT NULL,
    code        text        NOT NULL,
    reported_at datetime    NOT NULL,
    received_at datetime    NOT NULL,
    PRIMARY KEY (delivery_id, vendor, vendor_id, delivered)
);

-- What was on its way keeps the id that vendors know.
INSERT INTO deliveries (id, notice_id, channel, fallback, lane, repeatable, expires_at, created_at, state, due_at, attempt, losses,
    lease_ends, reason, vendor, vendor_id, submitted_at, settled_at)
SELECT id, id, 'sms', '', lane, repeatable, expires_at, created_at, state, due_at, attempt, losses,
    lease_ends, reason, '', vendor_id, submitted_at, settled_at FROM notices;
INSERT INTO delivery_receipts SELECT notice_id, vendor, vendor_id, delivered, code, reported_at, received_at FROM notice_receipts;

CREATE INDEX deliveries_handed ON deliveries (vendor_id) WHERE vendor_id <> ''; -- a receipt may name only the vendor's id
CREATE UNIQUE INDEX deliveries_of_notice ON deliveries (notice_id, channel);
CREATE INDEX deliveries_due ON deliveries (channel, lane, due_at, id) WHERE state = 'queued';
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE state = 'queued';
CREATE INDEX deliveries_leased ON deliveries (lease_ends) WHERE state = 'submitting';
CREATE INDEX deliveries_silent ON deliveries (submitted_at) WHERE state = 'submitted';
CREATE INDEX deliveries_unknown ON deliveries (settled_at) WHERE state = 'unknown' AND channel = 'sms';

ALTER TABLE notices ADD COLUMN replaced_at datetime; -- a later notice took its place: nobody reads it any more
UPDATE notices SET replaced_at = settled_at WHERE reason = 'replaced';

-- No release that reads these has shipped.
DROP TABLE notice_receipts;
DROP INDEX notices_due;
DROP INDEX notices_expiring;
DROP INDEX notices_leased;
DROP INDEX notices_silent;
DROP INDEX notices_unknown;
ALTER TABLE notices DROP COLUMN state;
ALTER TABLE notices DROP COLUMN due_at;
ALTER TABLE notices DROP COLUMN attempt;
ALTER TABLE notices DROP COLUMN losses;
ALTER TABLE notices DROP COLUMN repeatable;
ALTER TABLE notices DROP COLUMN lease_ends;
ALTER TABLE notices DROP COLUMN reason;
ALTER TABLE notices DROP COLUMN vendor_id;
ALTER TABLE notices DROP COLUMN submitted_at;
ALTER TABLE notices DROP COLUMN settled_at;
