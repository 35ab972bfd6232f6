-- Reminders to many at once, deliveries that wait for a person, how far old notices were cleaned, and what became of messages by the hour.
-- +goose Up
CREATE TABLE campaigns (
    id           text        NOT NULL PRIMARY KEY,
    kind         text        NOT NULL,
    by_date      text        NOT NULL, -- empty: the text names no day
    district     text        NOT NULL, -- empty: the whole city
    township     text        NOT NULL,
    card         text        NOT NULL, -- what must be true of her card; empty: anything
    listed       boolean     NOT NULL, -- only people of a list that was brought
    per_minute   integer     NOT NULL,
    start_at     datetime,
    note_sealed  blob,
    state        text        NOT NULL,
    gathered     boolean     NOT NULL,
    after_person text,                 -- how far its people were picked, then how far they were told
    planned      bigint      NOT NULL,
    queued       bigint      NOT NULL,
    skipped      bigint      NOT NULL,
    next_due     datetime,
    created_by   text,
    created_at   datetime    NOT NULL,
    approved_by  text,
    approved_at  datetime,
    end_reason   text        NOT NULL,
    closed_at    datetime
);
CREATE INDEX campaigns_open ON campaigns (created_at) WHERE closed_at IS NULL;

CREATE TABLE campaign_people (
    campaign_id text NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    person_id   text NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
);

ALTER TABLE deliveries ADD COLUMN campaign_id text;
CREATE INDEX deliveries_of_campaign ON deliveries (campaign_id, state, reason) WHERE campaign_id IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (expires_at) WHERE state = 'held';

CREATE TABLE restores (
    id         text        NOT NULL PRIMARY KEY,
    lost_until datetime    NOT NULL, -- what happened until then may have been told
    evidence   text        NOT NULL, -- the audit seal that was missing; empty: somebody said it
    basis      text        NOT NULL,
    noted_at   datetime    NOT NULL,
    decision   text        NOT NULL, -- empty: what it holds still waits
    words      text        NOT NULL,
    decided_at datetime
);
CREATE UNIQUE INDEX restores_one_open ON restores (decision) WHERE decision = '';
CREATE UNIQUE INDEX restores_by_evidence ON restores (evidence) WHERE evidence <> '';

CREATE TABLE notice_cleanings (
    topic    text NOT NULL,
    stage    text NOT NULL, -- content, rows
    after_id text NOT NULL, -- how far notices were cleaned
    PRIMARY KEY (topic, stage)
);

CREATE TABLE message_hours (
    hour       datetime NOT NULL PRIMARY KEY,
    counted_at datetime NOT NULL
);
CREATE TABLE message_figures (
    hour    datetime    NOT NULL REFERENCES message_hours (hour) ON DELETE CASCADE, -- in which the messages joined the queue
    channel text        NOT NULL,
    lane    smallint    NOT NULL,
    state   text        NOT NULL,
    reason  text        NOT NULL,
    count   bigint      NOT NULL,
    PRIMARY KEY (hour, channel, lane, state, reason)
);
