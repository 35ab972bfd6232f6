-- Payday: the life of announced batches, their reports, and the runs that tell people of a batch.
-- +goose Up
ALTER TABLE batches ADD COLUMN lines_by text NOT NULL DEFAULT 'feed';
ALTER TABLE batches ADD COLUMN state text NOT NULL DEFAULT 'announced';
ALTER TABLE batches ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN withdrawn boolean NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN waiting boolean NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN loading boolean NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN due_at datetime;
ALTER TABLE batches ADD COLUMN lease_ends datetime;
ALTER TABLE batches ADD COLUMN attempt integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN tries integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN spooled_at datetime;
ALTER TABLE batches ADD COLUMN applied_at datetime;
ALTER TABLE batches ADD COLUMN held_at datetime;
ALTER TABLE batches ADD COLUMN withdrawn_at datetime;
ALTER TABLE batches ADD COLUMN data_seq integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN applied_count integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN applied_fen integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN applied_digest text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN lines_held integer NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN lines_parked integer NOT NULL DEFAULT 0;
CREATE INDEX batches_waiting ON batches (announced_at, id) WHERE waiting;
CREATE INDEX batches_loading ON batches (id) WHERE loading;
CREATE INDEX batches_held ON batches (held_at) WHERE state = 'held';

-- What a batch's reading found: lines held, parked or worth a look; line 0 is the batch itself.
CREATE TABLE batch_findings (
    batch_id text        NOT NULL,
    line     integer     NOT NULL,
    code     text        NOT NULL,
    found_at datetime NOT NULL,
    PRIMARY KEY (batch_id, line, code)
);

-- One row stands for all notices of a batch; a sweep turns it into notices some hundred lines at a time.
CREATE TABLE notice_runs (
    id           text     PRIMARY KEY,
    kind         text        NOT NULL,
    batch_id     text        NOT NULL,
    ledger_month text        NOT NULL,
    state        text        NOT NULL,
    next_line    integer     NOT NULL,
    total        integer     NOT NULL,
    told         integer     NOT NULL,
    queued_at    datetime NOT NULL,
    ended_at     datetime
);
CREATE UNIQUE INDEX notice_runs_batch ON notice_runs (batch_id, kind);
CREATE INDEX notice_runs_open ON notice_runs (kind DESC, queued_at, id) WHERE state IN ('queued', 'running');
