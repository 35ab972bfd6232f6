-- The provider's bill in which a refund stood. One that succeeded and stands in none is money that only we say went back.
-- +goose Up
ALTER TABLE fee_refunds ADD COLUMN billed_on text NOT NULL DEFAULT '';
UPDATE fee_refunds SET billed_on = 'before' WHERE state = 'succeeded'; -- compared in their time
CREATE INDEX fee_refunds_unbilled ON fee_refunds (done_at) WHERE state = 'succeeded' AND billed_on = '';
