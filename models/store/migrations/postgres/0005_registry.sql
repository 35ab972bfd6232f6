-- How far each registry source has been read, and the events that could not be taken.
-- +goose Up
CREATE TABLE feed_cursors (
    source        text PRIMARY KEY,
    cursor        text        NOT NULL,
    data_seq      bigint      NOT NULL,
    current_as_of timestamptz,
    received_at   timestamptz,
    notify_from   timestamptz NOT NULL,
    caught_up_at  timestamptz
);

CREATE TABLE parked_events (
    id         uuid PRIMARY KEY,
    source     text        NOT NULL,
    entity     text        NOT NULL,
    entity_id  text        NOT NULL,
    version    bigint      NOT NULL,
    reason     text        NOT NULL,
    body_sealed bytea      NOT NULL,
    parked_at  timestamptz NOT NULL,
    retry_at   timestamptz NOT NULL,
    tries      integer NOT NULL
);
CREATE UNIQUE INDEX parked_events_event ON parked_events (source, entity, entity_id, version);
CREATE INDEX parked_events_retry ON parked_events (source, retry_at);
