-- The console of 12333: its staff and their sessions, calls and what was checked and seen in them, enquiries.
-- +goose Up
CREATE TABLE staff (
    id                 text        NOT NULL PRIMARY KEY,
    login              text        NOT NULL,
    name_sealed        blob       NOT NULL,
    password_hash      text        NOT NULL,
    totp_secret_sealed blob       NOT NULL,
    last_step          integer      NOT NULL,
    demo               boolean     NOT NULL,
    district           text        NOT NULL,
    department         text        NOT NULL,
    created_at         datetime    NOT NULL,
    disabled_at        datetime,
    version            integer     NOT NULL
);
CREATE UNIQUE INDEX staff_login ON staff (login);

CREATE TABLE staff_roles (
    staff_id text NOT NULL REFERENCES staff (id),
    role     text NOT NULL CHECK (role IN ('agent', 'supervisor', 'auditor', 'administrator')),
    PRIMARY KEY (staff_id, role)
);
-- Who administers is never who audits.
CREATE UNIQUE INDEX staff_roles_apart ON staff_roles (staff_id) WHERE role IN ('auditor', 'administrator');

CREATE TABLE staff_attempts (
    login_hash text        NOT NULL PRIMARY KEY,
    attempts   integer     NOT NULL,
    last_at    datetime    NOT NULL
);
CREATE INDEX staff_attempts_by_age ON staff_attempts (last_at);

CREATE TABLE staff_sessions (
    id          text        NOT NULL PRIMARY KEY,
    staff_id    text        NOT NULL REFERENCES staff (id),
    handle      text        NOT NULL,
    secret_hash blob       NOT NULL,
    opened_at   datetime    NOT NULL,
    seen_at     datetime    NOT NULL,
    ended_at    datetime,
    end_reason  text        NOT NULL
);
CREATE UNIQUE INDEX staff_sessions_handle ON staff_sessions (handle);
CREATE UNIQUE INDEX staff_sessions_live ON staff_sessions (staff_id) WHERE ended_at IS NULL;

CREATE TABLE calls (
    id            text        NOT NULL PRIMARY KEY,
    staff_id      text        NOT NULL REFERENCES staff (id),
    caller_sealed blob,
    source        text        NOT NULL,
    asked_fact    text        NOT NULL,
    person_id     text,
    level         text        NOT NULL,
    strength      text        NOT NULL,
    full_id       boolean     NOT NULL,
    failures      integer     NOT NULL,
    call_back_at  datetime,
    district      text        NOT NULL,
    department    text        NOT NULL,
    opened_at     datetime    NOT NULL,
    used_at       datetime    NOT NULL,
    closed_at     datetime,
    close_reason  text        NOT NULL,
    version       integer     NOT NULL
);
CREATE UNIQUE INDEX calls_open ON calls (staff_id) WHERE closed_at IS NULL;
CREATE INDEX calls_by_person ON calls (person_id, opened_at) WHERE person_id IS NOT NULL;

CREATE TABLE call_verifications (
    id        text        NOT NULL PRIMARY KEY,
    call_id   text        NOT NULL REFERENCES calls (id),
    staff_id  text        NOT NULL,
    person_id text,
    at        datetime    NOT NULL,
    asked     text        NOT NULL,
    fitting   text        NOT NULL,
    matched   boolean     NOT NULL,
    level     text        NOT NULL,
    strength  text        NOT NULL,
    locked    boolean     NOT NULL,
    failures  integer     NOT NULL
);
CREATE INDEX call_verifications_by_call ON call_verifications (call_id, at);

CREATE TABLE call_look_ups (
    id        text        NOT NULL PRIMARY KEY,
    call_id   text        NOT NULL REFERENCES calls (id),
    staff_id  text        NOT NULL,
    person_id text,
    kind      text        NOT NULL,
    at        datetime    NOT NULL
);
CREATE INDEX call_look_ups_by_staff ON call_look_ups (staff_id, at);

CREATE TABLE call_failures (
    scope     text    NOT NULL,
    key_index blob   NOT NULL,
    day       text    NOT NULL,
    failures  integer NOT NULL,
    PRIMARY KEY (scope, key_index, day)
);
CREATE INDEX call_failures_by_day ON call_failures (day);

CREATE TABLE enquiries (
    id            text        NOT NULL PRIMARY KEY,
    number        text        NOT NULL,
    cause         text        NOT NULL,
    kind          text        NOT NULL,
    person_id     text,
    object        text        NOT NULL,
    object_id     text        NOT NULL,
    district      text        NOT NULL,
    department    text        NOT NULL,
    state         text        NOT NULL,
    answer_sealed blob,
    answered_by   text,
    opened_at     datetime    NOT NULL,
    answered_at   datetime,
    closed_at     datetime,
    version       integer     NOT NULL
);
CREATE UNIQUE INDEX enquiries_number ON enquiries (number);
CREATE UNIQUE INDEX enquiries_cause ON enquiries (cause);
CREATE INDEX enquiries_by_person ON enquiries (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX enquiries_by_state ON enquiries (state, id);
