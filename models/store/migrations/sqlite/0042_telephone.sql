-- The telephone: what the exchange tells is a row before it is worked, agents have extensions and a stream of events that is
-- read again from any place, phone factors are checked by the exchange's word, and call-backs are a queue.
-- +goose Up
CREATE TABLE extensions (
    extension text        NOT NULL PRIMARY KEY,
    staff_id  text        NOT NULL REFERENCES staff (id),
    set_at    datetime NOT NULL
);
CREATE UNIQUE INDEX extensions_of_staff ON extensions (staff_id);

CREATE TABLE telephone_events (
    id            text        NOT NULL PRIMARY KEY,
    event_id      text        NOT NULL,
    kind          text        NOT NULL,
    call_ref      text        NOT NULL,
    extension     text        NOT NULL,
    number_sealed blob,
    question      text        NOT NULL,
    digits_sealed blob,
    at            datetime NOT NULL,
    received_at   datetime NOT NULL,
    state         text        NOT NULL,
    outcome       text        NOT NULL,
    attempts      integer     NOT NULL,
    due_at        datetime NOT NULL
);
CREATE UNIQUE INDEX telephone_events_event_id ON telephone_events (event_id);
CREATE INDEX telephone_events_due ON telephone_events (due_at, id) WHERE state = 'waiting';
CREATE INDEX telephone_events_by_age ON telephone_events (received_at);

CREATE TABLE exchange_calls (
    id              text        NOT NULL PRIMARY KEY,
    ref             text        NOT NULL,
    outgoing        boolean     NOT NULL,
    extension       text        NOT NULL,
    staff_id        text,
    number_sealed   blob,
    candidates      integer     NOT NULL,
    ringing_at      datetime,
    answered_at     datetime,
    ended_at        datetime,
    wants_call_back boolean     NOT NULL,
    call_id         text,
    check_id        text,
    call_back_id    text,
    made_at         datetime NOT NULL
);
CREATE UNIQUE INDEX exchange_calls_ref ON exchange_calls (ref);
CREATE INDEX exchange_calls_by_call ON exchange_calls (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX exchange_calls_by_call_back ON exchange_calls (call_back_id) WHERE call_back_id IS NOT NULL;
CREATE INDEX exchange_calls_ringing ON exchange_calls (made_at) WHERE ringing_at IS NOT NULL AND answered_at IS NULL AND ended_at IS NULL;
CREATE INDEX exchange_calls_by_age ON exchange_calls (made_at);

ALTER TABLE calls ADD COLUMN exchange_ref text NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN ended_at datetime;

CREATE TABLE phone_checks (
    id         text        NOT NULL PRIMARY KEY,
    call_id    text        NOT NULL REFERENCES calls (id),
    person_id  text        NOT NULL,
    kind       text        NOT NULL,
    state      text        NOT NULL,
    tries      integer     NOT NULL,
    asked_by   text        NOT NULL,
    asked_at   datetime NOT NULL,
    expires_at datetime NOT NULL,
    settled_at datetime,
    version    integer     NOT NULL
);
CREATE UNIQUE INDEX phone_checks_open ON phone_checks (call_id, kind) WHERE state = 'asked';
CREATE INDEX phone_checks_lapsing ON phone_checks (expires_at) WHERE state = 'asked';

CREATE TABLE call_backs (
    id            text        NOT NULL PRIMARY KEY,
    cause         text        NOT NULL,
    reason        text        NOT NULL,
    destination   text        NOT NULL,
    number_sealed blob,
    number_index  blob,
    person_id     text,
    call_id       text,
    enquiry_id    text,
    staff_id      text,
    state         text        NOT NULL,
    tries         integer     NOT NULL,
    due_at        datetime NOT NULL,
    taken_by      text,
    taken_at      datetime,
    result        text        NOT NULL,
    ended_at      datetime,
    alarmed_at    datetime,
    district      text        NOT NULL,
    department    text        NOT NULL,
    made_at       datetime NOT NULL,
    version       integer     NOT NULL
);
CREATE UNIQUE INDEX call_backs_cause ON call_backs (cause);
CREATE UNIQUE INDEX call_backs_number ON call_backs (number_index) WHERE reason = 'missed' AND state IN ('due', 'taken');
CREATE INDEX call_backs_due ON call_backs (due_at, id) WHERE state IN ('due', 'taken');
CREATE INDEX call_backs_by_person ON call_backs (person_id, made_at) WHERE person_id IS NOT NULL;

CREATE TABLE console_streams (
    staff_id  text   NOT NULL PRIMARY KEY REFERENCES staff (id),
    last_seq  integer NOT NULL,
    stream_id text
);
CREATE TABLE console_events (
    staff_id         text        NOT NULL,
    seq              integer      NOT NULL,
    kind             text        NOT NULL,
    exchange_call_id text,
    call_id          text,
    result           text        NOT NULL,
    tries_left       integer     NOT NULL,
    at               datetime NOT NULL,
    PRIMARY KEY (staff_id, seq)
);
CREATE INDEX console_events_by_age ON console_events (at);
