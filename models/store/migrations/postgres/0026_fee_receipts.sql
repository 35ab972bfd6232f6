-- Fees as non-tax revenue: the fiscal receipt of each, and how far an application for a refund has come.
-- +goose Up
ALTER TABLE fee_refunds ADD COLUMN stage text NOT NULL DEFAULT '';

CREATE TABLE fee_receipts (
    trade_id   uuid PRIMARY KEY REFERENCES fee_trades (id),
    order_id   uuid NOT NULL REFERENCES fee_orders (id),
    code       text NOT NULL,
    number     text NOT NULL,
    check_code text NOT NULL,
    url        text NOT NULL,
    state      text NOT NULL,
    version    integer NOT NULL,
    issued_at  timestamptz,
    alarmed_at timestamptz,
    opened_at  timestamptz NOT NULL,
    due_at     timestamptz, -- null: nothing is waited for
    attempt    integer NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX fee_receipts_order ON fee_receipts (order_id);
CREATE INDEX fee_receipts_due ON fee_receipts (due_at) WHERE due_at IS NOT NULL;
