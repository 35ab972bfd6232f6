-- A person's list is answered from one index; payments of merged records belong to the person they became.
-- +goose Up
CREATE INDEX payments_shown ON payments (person_id, ledger_month, batch_id, line, programme, edition, amount_fen, period, state, hold,
    credited_at, account_tail, old_channel, reissue_of, reissued_as);
DROP INDEX payments_person;

CREATE TEMPORARY TABLE last_of_chain AS
WITH RECURSIVE chain(id, into_ref, depth) AS (
    SELECT id, merged_into_ref, 1 FROM persons WHERE merged_into_ref <> ''
    UNION ALL
    SELECT chain.id, p.merged_into_ref, chain.depth + 1 FROM chain JOIN persons p ON p.ref = chain.into_ref
    WHERE p.merged_into_ref <> '' AND chain.depth < 32
        AND EXISTS (SELECT 1 FROM persons known WHERE known.ref = p.merged_into_ref)
)
SELECT chain.id AS id, p.id AS into_id, max(chain.depth) AS depth FROM chain JOIN persons p ON p.ref = chain.into_ref GROUP BY chain.id;
UPDATE payments SET beneficiary_id = (SELECT into_id FROM last_of_chain WHERE id = payments.beneficiary_id)
WHERE beneficiary_id = person_id AND person_id IN (SELECT id FROM last_of_chain);
UPDATE payments SET person_id = (SELECT into_id FROM last_of_chain WHERE id = payments.person_id)
WHERE person_id IN (SELECT id FROM last_of_chain);
DROP TABLE last_of_chain;
