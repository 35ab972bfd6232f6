package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// Holding hundreds of lines of a batch that was loaded a moment ago looks at those lines, not at the batch for each:
// a merge would do it again for every few hundred that go to strangers.
func TestHoldingLinesOfAFreshBatchReadsOnlyThose(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t)
	fill(t, db, time.Date(2021, 10, 1, 0, 0, 0, 0, time.UTC), 2, 20_000)
	run := func(statement string) {
		_, err := db.SQL().ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	run("SELECT make_payments_partition('2021-12')")
	run("ALTER TABLE payments_2021_12 SET (autovacuum_enabled = off)")
	run(`INSERT INTO payments SELECT (jsonb_populate_record(p, '{"ledger_month": "2021-12", "batch_id": "NEW"}')).* FROM payments p WHERE p.ledger_month = '2021-11'`)
	var keys []subsidy.Key
	for line := 40; line <= 20_000; line += 40 {
		keys = append(keys, subsidy.Key{LedgerMonth: "2021-12", BatchID: "NEW", Line: line})
	}
	for _, statement := range []string{
		"UPDATE payments SET hold = 'PAYEE_UNKNOWN' WHERE hold = '' AND ?",
		"SELECT p.line FROM payments p WHERE p.hold NOT IN ('', 'REJECTED', 'BATCH_WITHDRAWN') AND ?",
	} {
		var out string
		require.NoError(t, db.W(t.Context()).Raw("EXPLAIN (ANALYZE, FORMAT JSON) "+statement, db.KeysAmong(keys)).Row().Scan(&out))
		var whole []struct{ Plan planNode }
		require.NoError(t, json.Unmarshal([]byte(out), &whole))
		for _, s := range whole[0].Plan.scans() {
			require.Zero(t, s.Removed, out)
			require.Less(t, s.Rows, 2*len(keys), out)
		}
	}
}
