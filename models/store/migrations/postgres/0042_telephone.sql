-- The telephone: what the exchange tells is a row before it is worked, agents have extensions and a stream of events that is
-- read again from any place, phone factors are checked by the exchange's word, and call-backs are a queue.
-- +goose Up
CREATE TABLE extensions (
    extension text        NOT NULL PRIMARY KEY,
    staff_id  uuid        NOT NULL REFERENCES staff (id),
    set_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX extensions_of_staff ON extensions (staff_id);

CREATE TABLE telephone_events (
    id            uuid        NOT NULL PRIMARY KEY,
    event_id      text        NOT NULL,
    kind          text        NOT NULL,
    call_ref      text        NOT NULL,
    extension     text        NOT NULL,
    number_sealed bytea,
    question      text        NOT NULL,
    digits_sealed bytea,
    at            timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    state         text        NOT NULL,
    outcome       text        NOT NULL,
    attempts      integer     NOT NULL,
    due_at        timestamptz NOT NULL
);
CREATE UNIQUE INDEX telephone_events_event_id ON telephone_events (event_id);
CREATE INDEX telephone_events_due ON telephone_events (due_at, id) WHERE state = 'waiting';
CREATE INDEX telephone_events_by_age ON telephone_events (received_at);

CREATE TABLE exchange_calls (
    id              uuid        NOT NULL PRIMARY KEY,
    ref             text        NOT NULL,
    outgoing        boolean     NOT NULL,
    extension       text        NOT NULL,
    staff_id        uuid,
    number_sealed   bytea,
    candidates      integer     NOT NULL,
    ringing_at      timestamptz,
    answered_at     timestamptz,
    ended_at        timestamptz,
    wants_call_back boolean     NOT NULL,
    call_id         uuid,
    check_id        uuid,
    call_back_id    uuid,
    made_at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX exchange_calls_ref ON exchange_calls (ref);
CREATE INDEX exchange_calls_by_call ON exchange_calls (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX exchange_calls_by_call_back ON exchange_calls (call_back_id) WHERE call_back_id IS NOT NULL;
CREATE INDEX exchange_calls_ringing ON exchange_calls (made_at) WHERE ringing_at IS NOT NULL AND answered_at IS NULL AND ended_at IS NULL;
CREATE INDEX exchange_calls_by_age ON exchange_calls (made_at);

ALTER TABLE calls ADD COLUMN exchange_ref text NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN ended_at timestamptz;

CREATE TABLE phone_checks (
    id         uuid        NOT NULL PRIMARY KEY,
    call_id    uuid        NOT NULL REFERENCES calls (id),
    person_id  uuid        NOT NULL,
    kind       text        NOT NULL,
    state      text        NOT NULL,
    tries      integer     NOT NULL,
    asked_by   uuid        NOT NULL,
    asked_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    settled_at timestamptz,
    version    integer     NOT NULL
);
CREATE UNIQUE INDEX phone_checks_open ON phone_checks (call_id, kind) WHERE state = 'asked';
CREATE INDEX phone_checks_lapsing ON phone_checks (expires_at) WHERE state = 'asked';

CREATE TABLE call_backs (
    id            uuid        NOT NULL PRIMARY KEY,
    cause         text        NOT NULL,
    reason        text        NOT NULL,
    destination   text        NOT NULL,
    number_sealed bytea,
    number_index  bytea,
    person_id     uuid,
    call_id       uuid,
    enquiry_id    uuid,
    staff_id      uuid,
    state         text        NOT NULL,
    tries         integer     NOT NULL,
    due_at        timestamptz NOT NULL,
    taken_by      uuid,
    taken_at      timestamptz,
    result        text        NOT NULL,
    ended_at      timestamptz,
    alarmed_at    timestamptz,
    district      text        NOT NULL,
    department    text        NOT NULL,
    made_at       timestamptz NOT NULL,
    version       integer     NOT NULL
);
CREATE UNIQUE INDEX call_backs_cause ON call_backs (cause);
CREATE UNIQUE INDEX call_backs_number ON call_backs (number_index) WHERE reason = 'missed' AND state IN ('due', 'taken');
CREATE INDEX call_backs_due ON call_backs (due_at, id) WHERE state IN ('due', 'taken');
CREATE INDEX call_backs_by_person ON call_backs (person_id, made_at) WHERE person_id IS NOT NULL;

CREATE TABLE console_streams (
    staff_id  uuid   NOT NULL PRIMARY KEY REFERENCES staff (id),
    last_seq  bigint NOT NULL,
    stream_id uuid
);
CREATE TABLE console_events (
    staff_id         uuid        NOT NULL,
    seq              bigint      NOT NULL,
    kind             text        NOT NULL,
    exchange_call_id uuid,
    call_id          uuid,
    result           text        NOT NULL,
    tries_left       integer     NOT NULL,
    at               timestamptz NOT NULL,
    PRIMARY KEY (staff_id, seq)
);
CREATE INDEX console_events_by_age ON console_events (at);
