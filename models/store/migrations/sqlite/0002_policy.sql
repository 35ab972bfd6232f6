-- What the bureau decides, row after row, and the registry's dated lists of banks and outlets.
-- +goose Up
CREATE TABLE policy_settings (
    id          text PRIMARY KEY,
    key         text     NOT NULL,
    scope       text     NOT NULL,
    value       text     NOT NULL,
    valid_from  datetime NOT NULL,
    basis       text     NOT NULL,
    set_by      text     NOT NULL,
    approved_by text     NOT NULL DEFAULT '',
    set_at      datetime NOT NULL
);
CREATE INDEX policy_settings_key ON policy_settings (key, scope, valid_from);

-- +goose StatementBegin
CREATE TRIGGER policy_settings_no_update BEFORE UPDATE ON policy_settings BEGIN SELECT RAISE(ABORT, 'policy rows are insert-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policy_settings_no_delete BEFORE DELETE ON policy_settings BEGIN SELECT RAISE(ABORT, 'policy rows are insert-only'); END;
-- +goose StatementEnd

CREATE TABLE banks (
    code        text PRIMARY KEY,
    name        text     NOT NULL,
    short_name  text     NOT NULL,
    phone       text     NOT NULL,
    valid_from  text     NOT NULL,
    valid_to    text     NOT NULL,
    successor   text     NOT NULL,
    version     integer  NOT NULL,
    changed_at  datetime NOT NULL,
    received_at datetime NOT NULL
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
    name        text     NOT NULL,
    kind        text     NOT NULL,
    bank_code   text     NOT NULL,
    district    text     NOT NULL,
    town        text     NOT NULL,
    address     text     NOT NULL,
    phone       text     NOT NULL,
    hours       text     NOT NULL,
    services    text     NOT NULL,
    longitude   real     NOT NULL,
    latitude    real     NOT NULL,
    open        boolean  NOT NULL,
    version     integer  NOT NULL,
    changed_at  datetime NOT NULL,
    received_at datetime NOT NULL
);
CREATE INDEX outlets_district ON outlets (district, kind, ref);
