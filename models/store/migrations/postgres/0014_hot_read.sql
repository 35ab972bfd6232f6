-- A person's list is answered from one index; payments of merged records belong to the person they became.
-- +goose Up
CREATE INDEX payments_shown ON payments (person_id, ledger_month, batch_id, line)
    INCLUDE (programme, edition, amount_fen, period, state, hold, credited_at, account_tail, old_channel, reissue_of, reissued_as);
DROP INDEX payments_person;

WITH RECURSIVE chain(id, into_ref, depth) AS (
    SELECT id, merged_into_ref, 1 FROM persons WHERE merged_into_ref <> ''
    UNION ALL
    SELECT chain.id, p.merged_into_ref, chain.depth + 1 FROM chain JOIN persons p ON p.ref = chain.into_ref
    WHERE p.merged_into_ref <> '' AND chain.depth < 32
        AND EXISTS (SELECT FROM persons known WHERE known.ref = p.merged_into_ref)
), last AS (
    SELECT DISTINCT ON (chain.id) chain.id, p.id AS into_id FROM chain JOIN persons p ON p.ref = chain.into_ref ORDER BY chain.id, chain.depth DESC
)
UPDATE payments SET person_id = last.into_id,
    beneficiary_id = CASE WHEN payments.beneficiary_id = last.id THEN last.into_id ELSE payments.beneficiary_id END
FROM last WHERE payments.person_id = last.id AND last.into_id <> last.id;
