package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// On the day before the money everybody asks whether the township was paid: that reads no payments at all while nobody
// was, and each neighbour's own month while others were, also before anything is known of a month just loaded.
func TestWhetherATownshipWasPaidReadsNoOthersPayments(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.Statement = time.Minute }))
	fill(t, db, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), 12, 5000)
	run := func(statement string) {
		_, err := db.SQL().ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	run(`INSERT INTO batches (id, ledger_month, programme, edition, district, department, paying_unit, paying_bank, period, reissue, count, total_fen, digest, announced_at,
			version, changed_at)
		SELECT DISTINCT batch_id, ledger_month, programme, 1, '410303', '', '', '', '', false, 0, 0, '', now(), 1, now() FROM payments`)
	run(`INSERT INTO persons (id, ref, handle, birth_date, district, household_ref, is_head, living_status, merged_into_ref, version, changed_at, received_at)
		SELECT id, 'N' || i, 'n' || i, '1980-01-01', '410303', '', false, 'alive', '', 1, now(), now() FROM payees_of_test`)
	run(`INSERT INTO declarations (ref, person_id, programme, period, district, township, state, other_holder, posting_place, posting_from, posting_to, version, changed_at)
		SELECT 'D' || i, id, 'P02', '2022年', '410303', 'T' || i % 10, 'approved', false, '', '', '', 1, now() FROM payees_of_test`)
	run("VACUUM (ANALYZE) declarations")
	run("VACUUM (ANALYZE) batches")
	list := []any{"P02", "2022年"}
	town := func(name string) []any { return append(list, "410303", name) }

	months, _ := store.TownPaidSQL()
	none := planOfSQL(t, db, months, list...)
	require.Zero(t, none.Rows)
	t.Log("buffers while nobody was paid:", none.Hit+none.Read)
	require.LessOrEqual(t, none.Hit+none.Read, 10)
	paid, err := db.Explanations().TownPaid(t.Context(), "P02", "2022年", "410303", "T1")
	require.NoError(t, err)
	require.False(t, paid)

	run("SELECT make_payments_partition('2022-01')")
	run("ALTER TABLE payments_2022_01 SET (autovacuum_enabled = off)")
	run("INSERT INTO batches SELECT (jsonb_populate_record(b, '{\"id\": \"NEW\", \"ledger_month\": \"2022-01\"}')).* FROM batches b WHERE b.ledger_month = '2021-12'")
	run(`INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('ledger_month', '2022-01', 'batch_id', 'NEW', 'programme', 'P02', 'period', '2022年',
			'person_id', x.id, 'line', x.i))).* FROM payments p, payees_of_test x WHERE p.ledger_month = '2021-12' AND p.line = 1 AND x.i % 10 <> 1`)
	run("INSERT INTO paid_lists VALUES ('P02', '2022年', '2022-01')")
	for name, want := range map[string]bool{"T1": false, "T2": true, "T": false} {
		paid, err := db.Explanations().TownPaid(t.Context(), "P02", "2022年", "410303", name)
		require.NoError(t, err)
		require.Equal(t, want, paid, name)
	}
	_, town1 := store.TownPaidSQL("2022-01")
	neighbours := planOfSQL(t, db, town1, town("T1")...)
	require.Zero(t, neighbours.Rows)
	t.Log("buffers for 500 neighbours:", neighbours.Hit+neighbours.Read)
	require.LessOrEqual(t, neighbours.Hit+neighbours.Read, 4*500)
	for _, s := range neighbours.scans() {
		if s.Table != "declarations" {
			require.Equal(t, "payments_2022_01", s.Table)
			require.Contains(t, s.Index, "person_id")
		}
	}
}

// Which months hold a list is written with its payments, whichever way they come: by their own period, not their batch's.
func TestTheMonthsOfAListAreWrittenWithItsPayments(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		of := func(period string) func(*subsidy.Line) { return func(l *subsidy.Line) { l.Period = period } }
		held := func(period string) int {
			return p.count("SELECT count(*) FROM paid_lists WHERE programme = 'P41' AND ledger_month = '2021-12' AND period = '" + period + "'")
		}
		p.arrive(p.paid("wang", "a1", of("by feed")), p.paid("wang", "a2", of("by feed")))
		require.Equal(t, 1, held("by feed"))
		src := p.streaming()
		lines := p.lines("b1", 3, of("by stream"))
		lines[1].Period = "another"
		p.announce(src, lines)
		p.takeAll()
		require.Equal(t, 1, held("by stream"))
		require.Equal(t, 1, held("another"))
		lines[2].Period = "by merge"
		lines[2].Version++
		p.announce(src, lines, version(2))
		p.takeAll()
		require.Equal(t, 1, held("by merge"))
		require.Equal(t, 4, p.count("SELECT count(*) FROM paid_lists"))
	})
}

func TestANeighboursPaymentsAreFoundByWhoseTheyAre(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	_, town := store.TownPaidSQL("2021-11", "2021-12")
	rows, err := db.SQL().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+town, "P02", "2022年", "410303", "T1")
	require.NoError(t, err)
	defer rows.Close()
	var plan string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		plan += detail + "\n"
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan, "declarations_list")
	require.Contains(t, plan, "payments_shown", plan)
}
