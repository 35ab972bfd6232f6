package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// planNode is what EXPLAIN (FORMAT JSON) tells of one step.
type planNode struct {
	Kind    string `json:"Node Type"`
	Table   string `json:"Relation Name"`
	Index   string `json:"Index Name"`
	Fetches int    `json:"Heap Fetches"`
	Rows    int    `json:"Actual Rows"`
	Hit     int    `json:"Shared Hit Blocks"`
	Read    int    `json:"Shared Read Blocks"`
	Removed int    `json:"Rows Removed by Filter"`
	Plans   []planNode
}

// planOf runs a list's statement on one connection and tells what it touched: once to warm it up, then measured.
func planOf(t *testing.T, db *store.DB, q subsidy.ListQuery) planNode {
	t.Helper()
	text, args := store.ArrivalsSQL(q)
	return planOfSQL(t, db, text, args...)
}

func planOfSQL(t *testing.T, db *store.DB, text string, args ...any) planNode {
	t.Helper()
	conn, err := db.SQL().Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	var plan planNode
	for range 3 {
		var out string
		require.NoError(t, conn.QueryRowContext(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+text, args...).Scan(&out))
		var whole []struct{ Plan planNode }
		require.NoError(t, json.Unmarshal([]byte(out), &whole))
		plan = whole[0].Plan
	}
	return plan
}

// scans are the steps that touch tables.
func (n planNode) scans() (out []planNode) {
	if n.Table != "" {
		out = append(out, n)
	}
	for _, p := range n.Plans {
		out = append(out, p.scans()...)
	}
	return out
}

// tables are the partitions of a plan.
func (n planNode) tables() []string {
	var out []string
	for _, s := range n.scans() {
		out = append(out, s.Table)
	}
	return out
}

// fill makes n people who are paid every month from first on, in no order, and answers one of them.
func fill(t *testing.T, db *store.DB, first time.Time, months, n int) models.ID {
	t.Helper()
	run := func(statement string, args ...any) {
		_, err := db.SQL().ExecContext(t.Context(), statement, args...)
		require.NoError(t, err)
	}
	run("CREATE TABLE payees_of_test AS SELECT gen_random_uuid() AS id, i FROM generate_series(1, " + fmt.Sprint(n) + ") AS i")
	for m := range months {
		month := first.AddDate(0, m, 0).Format("2006-01")
		run("SELECT make_payments_partition($1)", month)
		run(`INSERT INTO payments (ledger_month, batch_id, line, programme, edition, district, person_id, beneficiary_id, payee_kind, household_ref,
				exception_why, exception_by, amount_fen, period, state, hold, planned_at, sent_at, credited_at, credit_no, paying_bank, account_bank,
				account_tail, old_channel, return_reason, reissue_of, reissued_as, version, changed_at, received_at)
			SELECT $1, 'B' || replace($1, '-', '') || '001', row_number() OVER (ORDER BY random()), 'P41', 1, '410303', id, id, 'individual', '', '', '', 33800,
				'2021年12月', 'credited', '', now(), now(), now(), 'C' || i, '103', '313LY', '1234', false, '', '', '', 1, now(), now()
			FROM payees_of_test`, month)
	}
	run("VACUUM (ANALYZE) payments")
	var person string
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT id FROM payees_of_test WHERE i = $1", n/2).Scan(&person))
	return models.ID(person)
}

// A list is as dear as the pages it touches (performance.md 3); this figure gates, not the time.
func TestAListTouchesAFewPagesOfItsOwnMonths(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.Statement = time.Minute }))
	person := fill(t, db, time.Date(2020, 11, 1, 0, 0, 0, 0, time.UTC), 15, 8000)

	recent := planOf(t, db, subsidy.ListQuery{Person: person, From: "2021-11", To: "2021-12", Limit: 21})
	require.ElementsMatch(t, []string{"payments_2021_11", "payments_2021_12"}, recent.tables())
	require.Equal(t, 2, recent.Rows)
	for _, s := range recent.scans() {
		require.Equal(t, "Index Only Scan", s.Kind)
		require.Zero(t, s.Fetches, "the table itself is not touched")
		require.Contains(t, s.Index, "person_id")
	}
	t.Log("buffers of the recent view:", recent.Hit+recent.Read)
	require.LessOrEqual(t, recent.Hit+recent.Read, 10)

	year := planOf(t, db, subsidy.ListQuery{Person: person, From: "2021-01", To: "2021-12", Limit: 21, AskOld: true})
	require.NotEmpty(t, year.tables())
	for _, s := range year.scans() {
		require.Contains(t, s.Table, "payments_2021_")
		require.Equal(t, "Index Only Scan", s.Kind)
	}
	next := planOf(t, db, subsidy.ListQuery{
		Person: person, From: "2021-01", To: "2021-12", Programme: "P41", State: subsidy.Credited, After: subsidy.Key{LedgerMonth: "2021-06", BatchID: "B", Line: 1}, Limit: 21,
	})
	require.Equal(t, 5, next.Rows)
	require.NotContains(t, strings.Join(next.tables(), " "), "payments_2020")

	nobody := planOf(t, db, subsidy.ListQuery{Person: models.NewID(), From: "2021-11", To: "2021-12", Limit: 21})
	require.LessOrEqual(t, nobody.Hit+nobody.Read, 10)
}

// At the size of a city's month the index has a level more, and the figure still holds.
func TestAListTouchesAFewPagesOfLargeMonths(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.Statement = time.Minute }))
	person := fill(t, db, time.Date(2021, 11, 1, 0, 0, 0, 0, time.UTC), 2, 60_000)
	recent := planOf(t, db, subsidy.ListQuery{Person: person, From: "2021-11", To: "2021-12", Limit: 21})
	require.Equal(t, 2, recent.Rows)
	t.Log("buffers of the recent view:", recent.Hit+recent.Read)
	require.LessOrEqual(t, recent.Hit+recent.Read, 10)
}

// The plan that a connection keeps after some rounds is the same one.
func TestTheKeptPlanOfAListReadsNoOtherMonths(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.MaxConns = 1 }))
	person := fill(t, db, time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC), 6, 50)
	text, args := store.ArrivalsSQL(subsidy.ListQuery{Person: person, From: "2021-11", To: "2021-12", Limit: 21})
	conn, err := db.SQL().Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE list (uuid, int) AS " + text} {
		_, err = conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	rows, err := conn.QueryContext(context.WithoutCancel(t.Context()), fmt.Sprintf("EXPLAIN EXECUTE list ('%s', %v)", args[0], args[1]))
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	require.Equal(t, 2, strings.Count(plan.String(), " on payments_2021_"), plan.String())
}
