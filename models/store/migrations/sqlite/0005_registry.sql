-- How far each registry source has been read, and the events that could not be taken.
-- +goose Up
CREATE TABLE feed_cursors (
    source        text PRIMARY KEY,
    cursor        text        NOT NULL,
    data_seq      integer      NOT NULL,
    current_as_of datetime,
    received_at   datetime,
    notify_from   datetime NOT NULL,
    caught_up_at  datetime
);

CREATE TABLE parked_events (
    id         text PRIMARY KEY,
    source     text        NOT NULL,
    entity     text        NOT NULL,
    entity_id  text        NOT NULL,
    version    integer      NOT NULL,
    reason     text        NOT NULL,
    body_sealed blob      NOT NULL,
    parked_at  datetime NOT NULL,
    retry_at   datetime NOT NULL,
    tries      integer NOT NULL
);
CREATE UNIQUE INDEX parked_events_event ON parked_events (source, entity, entity_id, version);
CREATE INDEX parked_events_retry ON parked_events (source, retry_at);
