-- Fee orders, the tries to pay them, refunds, the providers' notices that came, and which of their bills were compared.
-- +goose Up
CREATE TABLE fee_orders (
    id         uuid PRIMARY KEY,
    number     text        NOT NULL,
    cause      text        NOT NULL,
    subject_id uuid        NOT NULL REFERENCES persons (id),
    amount_fen bigint      NOT NULL,
    basis      text        NOT NULL,
    item       text        NOT NULL,
    state      text        NOT NULL,
    version    integer     NOT NULL,
    trade_id   uuid,
    payer_id   uuid,
    why        text        NOT NULL,
    opened_at  timestamptz NOT NULL,
    paid_at    timestamptz,
    ended_at   timestamptz,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX fee_orders_cause ON fee_orders (cause);
CREATE UNIQUE INDEX fee_orders_number ON fee_orders (number);
CREATE INDEX fee_orders_subject ON fee_orders (subject_id);

CREATE TABLE fee_trades (
    id             uuid PRIMARY KEY,
    order_id       uuid        NOT NULL REFERENCES fee_orders (id),
    provider       text        NOT NULL,
    number         text        NOT NULL,
    app_id         text        NOT NULL,
    merchant_id    text        NOT NULL,
    payer_id       uuid        NOT NULL REFERENCES persons (id),
    account_id     uuid        NOT NULL,
    channel        text        NOT NULL,
    amount_fen     bigint      NOT NULL,
    item           text        NOT NULL,
    state          text        NOT NULL,
    version        integer     NOT NULL,
    ref            text        NOT NULL,
    transaction_id text        NOT NULL,
    paid_fen       bigint      NOT NULL,
    expires_at     timestamptz NOT NULL,
    paid_at        timestamptz,
    created_at     timestamptz NOT NULL,
    due_at         timestamptz NOT NULL,
    attempt        integer     NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX fee_trades_number ON fee_trades (provider, number);
CREATE INDEX fee_trades_order ON fee_trades (order_id);
CREATE INDEX fee_trades_due ON fee_trades (due_at) WHERE state IN ('prepared', 'open');
CREATE INDEX fee_trades_paid ON fee_trades (provider, paid_at) WHERE paid_at IS NOT NULL;

-- A trade's money goes back once.
CREATE TABLE fee_refunds (
    id           uuid PRIMARY KEY,
    number       text        NOT NULL,
    trade_id     uuid        NOT NULL REFERENCES fee_trades (id),
    order_id     uuid        NOT NULL REFERENCES fee_orders (id),
    amount_fen   bigint      NOT NULL,
    reason       text        NOT NULL,
    state        text        NOT NULL,
    version      integer     NOT NULL,
    provider_ref text        NOT NULL,
    requested_at timestamptz NOT NULL,
    done_at      timestamptz,
    alarmed_at   timestamptz,
    due_at       timestamptz NOT NULL,
    attempt      integer     NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX fee_refunds_number ON fee_refunds (number);
CREATE UNIQUE INDEX fee_refunds_trade ON fee_refunds (trade_id);
CREATE INDEX fee_refunds_order ON fee_refunds (order_id);
CREATE INDEX fee_refunds_due ON fee_refunds (due_at) WHERE state <> 'succeeded';

CREATE TABLE fee_notices (
    provider text        NOT NULL,
    id       text        NOT NULL,
    outcome  text        NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (provider, id)
);

CREATE TABLE fee_bills (
    provider    text        NOT NULL,
    day         text        NOT NULL,
    lines       integer     NOT NULL,
    differences integer     NOT NULL,
    compared_at timestamptz NOT NULL,
    PRIMARY KEY (provider, day)
);
