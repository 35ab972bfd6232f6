-- Whether anybody was paid of a list is asked by everybody who waits for it: a month tells from its index alone.
-- +goose Up
CREATE INDEX payments_period ON payments (ledger_month, programme, period);
