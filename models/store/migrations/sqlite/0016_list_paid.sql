-- Whether anybody was paid of a list is asked by everybody who waits for it: which ledger months hold a payment of which
-- list is written down beside them, for an index over each payment made a payday's load a sixth longer.
-- +goose Up
CREATE TABLE paid_lists (
	programme TEXT NOT NULL,
	period TEXT NOT NULL,
	ledger_month TEXT NOT NULL,
	PRIMARY KEY (programme, period, ledger_month)
);
INSERT INTO paid_lists (programme, period, ledger_month) SELECT DISTINCT programme, period, ledger_month FROM payments;
