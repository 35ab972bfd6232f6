-- What explains a payment that has not come: the office of each programme, declarations, the account behind a card, and
-- how far the look ahead at a batch has come.
-- +goose Up
CREATE TABLE offices (
    ref        text PRIMARY KEY,
    programme  text        NOT NULL,
    district   text        NOT NULL,
    township   text        NOT NULL,
    name       text        NOT NULL,
    phone      text        NOT NULL,
    address    text        NOT NULL,
    hours      text        NOT NULL,
    version    bigint      NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX offices_place ON offices (district, programme, township);

CREATE TABLE declarations (
    ref           text PRIMARY KEY,
    person_id     uuid        NOT NULL REFERENCES persons (id),
    programme     text        NOT NULL,
    period        text        NOT NULL,
    district      text        NOT NULL,
    township      text        NOT NULL,
    state         text        NOT NULL,
    other_holder  boolean     NOT NULL,
    posting_place text        NOT NULL,
    posting_from  text        NOT NULL,
    posting_to    text        NOT NULL,
    version       bigint      NOT NULL,
    changed_at    timestamptz NOT NULL
);
CREATE INDEX declarations_person ON declarations (person_id, programme, changed_at);
CREATE INDEX declarations_list ON declarations (programme, period, district, township);

CREATE TABLE payday_previews (
    batch_id     text PRIMARY KEY,
    ledger_month text        NOT NULL,
    line         integer     NOT NULL,
    seen         integer     NOT NULL,
    found        integer     NOT NULL,
    state        text        NOT NULL,
    next_at      timestamptz NOT NULL,
    begun_at     timestamptz NOT NULL,
    done_at      timestamptz
);
CREATE INDEX payday_previews_due ON payday_previews (next_at) WHERE state = 'running';
CREATE INDEX batches_announced ON batches (announced_at);
-- What is held because it goes to somebody else is asked for by the one who should have it.
CREATE INDEX payments_astray ON payments (beneficiary_id) WHERE hold IN ('PAYEE_MISMATCH', 'PAYEE_NOT_HEAD');

ALTER TABLE cards ADD COLUMN account_tail text NOT NULL DEFAULT '';
