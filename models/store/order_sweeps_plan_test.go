package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// Sweeps that run every second or minute read what they are for, and not all that is open: neither enquiries that have their
// order, nor orders and promised calls that somebody was told of.
func TestSweepsOfOrdersReadNoOthers(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	db := storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 }))
	p := newPayday(t, db, clock)
	now := models.Instant(start).Format(time.RFC3339)
	p.sql(`INSERT INTO enquiries (id, number, cause, kind, object, object_id, district, department, state, opened_at, version, ordered)
		SELECT md5('e' || n)::uuid, 'n' || n, 'c' || n, 'subsidy_missing', '', '', '', '', 'received', '` + now + `', 1, n > 5 FROM generate_series(1, 20000) n`)
	p.sql(`INSERT INTO work_orders (id, type, state, department, district, programme, reason_code, opened_at, accept_by, due_at, escalate_at, urges, returns, misses, reopens, version,
		reminded_at, escalated_at)
		SELECT md5('e' || n)::uuid, 'subsidy', 'new', '', '', '', '', t.now, t.now, t.now - interval '9 days', t.now - interval '2 days', 0, 0, 0, 0, 1, t.now, t.now
		FROM generate_series(6, 20000) n, (SELECT timestamptz '` + now + `' AS now) t`)
	p.sql("UPDATE work_orders SET reminded_at = NULL, escalated_at = NULL WHERE id IN (SELECT md5('e' || n)::uuid FROM generate_series(6, 10) n)")
	p.sql(`INSERT INTO call_backs (id, cause, reason, destination, state, tries, due_at, result, district, department, made_at, version, alarmed_at)
		SELECT gen_random_uuid(), 'b' || n, 'promised', 'caller', 'due', 0, t.now - interval '1 day', '', '', '', t.now, 1, CASE WHEN n > 5 THEN t.now END
		FROM generate_series(1, 20000) n, (SELECT timestamptz '` + now + `' AS now) t`)
	p.sql("ANALYZE enquiries, work_orders, call_backs")
	read := func(table string) int {
		p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
		return p.count("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = '" + table + "'")
	}
	before := read("enquiries")
	for range 8 {
		found, err := db.WorkOrders().EnquiriesWithoutOrder(t.Context(), 100)
		require.NoError(t, err)
		require.Len(t, found, 5)
	}
	require.LessOrEqual(t, read("enquiries")-before, 100, "enquiries that have their order")
	for _, long := range []bool{false, true} {
		before = read("work_orders")
		taken, err := db.WorkOrders().TakeOverdue(t.Context(), start, long, 100)
		require.NoError(t, err)
		require.Len(t, taken, 5)
		for range 8 {
			taken, err = db.WorkOrders().TakeOverdue(t.Context(), start, long, 100)
			require.NoError(t, err)
			require.Empty(t, taken)
		}
		require.LessOrEqual(t, read("work_orders")-before, 150, "orders that were told of")
	}
	before = read("call_backs")
	for range 8 {
		late, err := db.CallBacks().CallBacksOverdue(t.Context(), start, 100)
		require.NoError(t, err)
		require.Len(t, late, 5)
		left, err := db.CallBacks().CallBacksLeft(t.Context(), start, 100)
		require.NoError(t, err)
		require.Empty(t, left)
	}
	require.LessOrEqual(t, read("call_backs")-before, 100, "promised calls that were told of")
}
