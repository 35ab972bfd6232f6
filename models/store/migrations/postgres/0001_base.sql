-- What every capability stands on: wrapped data keys, blind look-ups, the audit trail and its seals, remembered requests, receipt numbers.
-- +goose Up
CREATE TABLE data_keys (
    id          bigint      NOT NULL PRIMARY KEY,
    wrapped_key bytea       NOT NULL,
    wrapped_by  text        NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE person_lookups (
    person_id    uuid    NOT NULL,
    field        text    NOT NULL,
    key_version  integer NOT NULL,
    lookup_index bytea   NOT NULL,
    PRIMARY KEY (person_id, field, key_version)
);
CREATE INDEX person_lookups_by_index ON person_lookups (field, key_version, lookup_index, person_id);

-- tx settles the order: once pg_snapshot_xmin has passed it, no row below it can appear any more.
CREATE TABLE audit_entries (
    id         uuid        NOT NULL PRIMARY KEY,
    tx         bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    at         timestamptz NOT NULL,
    actor_kind text        NOT NULL,
    actor_id   text        NOT NULL,
    channel    text        NOT NULL,
    level      text        NOT NULL,
    subject_id text        NOT NULL,
    call_id    text        NOT NULL,
    action     text        NOT NULL,
    object     text        NOT NULL,
    object_id  text        NOT NULL,
    result     text        NOT NULL,
    detail     text        NOT NULL,
    digest     bytea       NOT NULL
);
CREATE INDEX audit_entries_by_tx ON audit_entries (tx, id);
CREATE INDEX audit_entries_by_object ON audit_entries (object, object_id, at);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_id, at) WHERE subject_id <> '';

CREATE TABLE audit_seals (
    n         bigint      NOT NULL PRIMARY KEY,
    from_tx   bigint      NOT NULL,
    to_tx     bigint      NOT NULL,
    entries   bigint      NOT NULL,
    hash      bytea       NOT NULL,
    signature bytea       NOT NULL,
    sealed_at timestamptz NOT NULL
);

-- Insert-only (R57). The service's role also gets no UPDATE, DELETE or TRUNCATE grant on these two tables, and must
-- not own them in production: an owner can switch a trigger off.
-- +goose StatementBegin
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are insert-only' USING ERRCODE = '42501';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_insert_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_seals_insert_only BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_seals_no_truncate BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE TABLE idempotency_keys (
    actor        text        NOT NULL,
    operation    text        NOT NULL,
    key_mac      bytea       NOT NULL,
    body_mac     bytea       NOT NULL,
    result_table text        NOT NULL,
    result_id    text        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (actor, operation, key_mac)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE SEQUENCE receipt_numbers;
