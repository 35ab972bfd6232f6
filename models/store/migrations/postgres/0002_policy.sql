-- What the bureau decides, row after row, and the registry's dated lists of banks and outlets.
-- +goose Up
CREATE TABLE policy_settings (
    id          uuid PRIMARY KEY,
    key         text        NOT NULL,
    scope       text        NOT NULL,
    value       text        NOT NULL,
    valid_from  timestamptz NOT NULL,
    basis       text        NOT NULL,
    set_by      text        NOT NULL,
    approved_by text        NOT NULL DEFAULT '',
    set_at      timestamptz NOT NULL
);
CREATE INDEX policy_settings_key ON policy_settings (key, scope, valid_from);

-- +goose StatementBegin
CREATE FUNCTION refuse_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policy rows are insert-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER policy_settings_insert_only BEFORE UPDATE OR DELETE ON policy_settings FOR EACH ROW EXECUTE FUNCTION refuse_policy_change();
CREATE TRIGGER policy_settings_no_truncate BEFORE TRUNCATE ON policy_settings FOR EACH STATEMENT EXECUTE FUNCTION refuse_policy_change();

CREATE TABLE banks (
    code        text PRIMARY KEY,
    name        text        NOT NULL,
    short_name  text        NOT NULL,
    phone       text        NOT NULL,
    valid_from  text        NOT NULL,
    valid_to    text        NOT NULL,
    successor   text        NOT NULL,
    version     bigint      NOT NULL,
    changed_at  timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);

CREATE TABLE bank_services (
    bank_code  text NOT NULL REFERENCES banks (code),
    kind       text NOT NULL,
    area       text NOT NULL,
    valid_from text NOT NULL,
    valid_to   text NOT NULL,
    PRIMARY KEY (bank_code, kind, area, valid_from)
);

CREATE TABLE outlets (
    ref         text PRIMARY KEY,
    name        text             NOT NULL,
    kind        text             NOT NULL,
    bank_code   text             NOT NULL,
    district    text             NOT NULL,
    town        text             NOT NULL,
    address     text             NOT NULL,
    phone       text             NOT NULL,
    hours       text             NOT NULL,
    services    jsonb            NOT NULL,
    longitude   double precision NOT NULL,
    latitude    double precision NOT NULL,
    open        boolean          NOT NULL,
    version     bigint           NOT NULL,
    changed_at  timestamptz      NOT NULL,
    received_at timestamptz      NOT NULL
);
CREATE INDEX outlets_district ON outlets (district, kind, ref);
