-- What every capability stands on: wrapped data keys, blind look-ups, the audit trail and its seals, remembered requests, receipt numbers.
-- +goose Up
CREATE TABLE data_keys (
    id          integer  NOT NULL PRIMARY KEY,
    wrapped_key blob     NOT NULL,
    wrapped_by  text     NOT NULL,
    created_at  datetime NOT NULL
);

CREATE TABLE person_lookups (
    person_id    text    NOT NULL,
    field        text    NOT NULL,
    key_version  integer NOT NULL,
    lookup_index blob    NOT NULL,
    PRIMARY KEY (person_id, field, key_version)
);
CREATE INDEX person_lookups_by_index ON person_lookups (field, key_version, lookup_index, person_id);

-- tx is a counter that is never used twice: with one writer, its order is the order of commits.
CREATE TABLE audit_entries (
    id         text     NOT NULL UNIQUE,
    tx         integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    at         datetime NOT NULL,
    actor_kind text     NOT NULL,
    actor_id   text     NOT NULL,
    channel    text     NOT NULL,
    level      text     NOT NULL,
    subject_id text     NOT NULL,
    call_id    text     NOT NULL,
    action     text     NOT NULL,
    object     text     NOT NULL,
    object_id  text     NOT NULL,
    result     text     NOT NULL,
    detail     text     NOT NULL,
    digest     blob     NOT NULL
);
CREATE INDEX audit_entries_by_object ON audit_entries (object, object_id, at);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_id, at) WHERE subject_id <> '';

CREATE TABLE audit_seals (
    n         integer  NOT NULL PRIMARY KEY,
    from_tx   integer  NOT NULL,
    to_tx     integer  NOT NULL,
    entries   integer  NOT NULL,
    hash      blob     NOT NULL,
    signature blob     NOT NULL,
    sealed_at datetime NOT NULL
);

-- Insert-only (R57).
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END;
-- +goose StatementEnd

CREATE TABLE idempotency_keys (
    actor        text     NOT NULL,
    operation    text     NOT NULL,
    key_mac      blob     NOT NULL,
    body_mac     blob     NOT NULL,
    result_table text     NOT NULL,
    result_id    text     NOT NULL,
    created_at   datetime NOT NULL,
    PRIMARY KEY (actor, operation, key_mac)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- PostgreSQL has the sequence receipt_numbers instead.
CREATE TABLE receipt_counters (
    name text    NOT NULL,
    day  text    NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (name, day)
);
