package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// A page of marks of a month's largest bucket reads about the lines of that page.
func TestAPageOfAComparisonReadsItsOwnLinesOnly(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 })), clock)
	p.arrive(p.paid("wang", "B1"), p.paid("wang", "a2"), p.paid("wang", "c3"))
	p.sql("INSERT INTO payments SELECT (jsonb_populate_record(q, jsonb_build_object('line', n))).* FROM payments q, generate_series(2, 20000) n WHERE q.batch_id IN ('B1', 'a2')")
	p.sql("ANALYZE payments")
	ask := subsidy.MarkQuery{FigureQuery: subsidy.FigureQuery{Month: "2021-12"}, Bucket: subsidy.Bucket{Programme: "P41", District: "410303", State: subsidy.Credited}}
	read := func() int { // rows of the month that were looked at so far; the one connection has counted them
		p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
		return p.count("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'payments_2021_12'")
	}
	for _, r := range []struct {
		after, to string
		want      int
	}{{"B1~10", "B1~60", 50}, {"B1~19990", "a2~30", 40}, {"a2~19990", "", 11}, {"", "B1~5", 5}} {
		ask.After, _ = subsidy.ParseKey("2021-12~" + r.after)
		to, _ := subsidy.ParseKey("2021-12~" + r.to)
		before := read()
		got, err := p.store.OurMarks(t.Context(), ask, to)
		require.NoError(t, err)
		require.Len(t, got, r.want, r)
		require.Less(t, read()-before, 200, r)
	}
}

// The sums of a month read each of its lines once, and no line of another month.
func TestTheSumsOfAMonthReadThatMonthOnce(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 })), clock)
	p.arrive(p.paid("wang", "B1"), p.paid("wang", "B2", sent), p.paid("wang", "B3"), p.paid("wang", "C1", func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-11" }))
	p.sql("INSERT INTO payments SELECT (jsonb_populate_record(q, jsonb_build_object('line', n))).* FROM payments q, generate_series(2, 2000) n WHERE q.line = 1")
	p.sql("ANALYZE payments")
	read := func(table string) int {
		p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
		return p.count("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = '" + table + "'")
	}
	own, other := read("payments_2021_12"), read("payments_2021_11")
	got, err := p.store.OurFigures(t.Context(), subsidy.FigureQuery{Month: "2021-12", Except: []string{"B3"}})
	require.NoError(t, err)
	require.Equal(t, map[subsidy.Bucket]subsidy.Sum{
		{Programme: "P41", District: "410303", State: subsidy.Credited}: {Count: 2000, TotalFen: 2000 * 33_800, Content: subsidy.NoContent},
		{Programme: "P41", District: "410303", State: subsidy.Sent}:     {Count: 2000, TotalFen: 2000 * 33_800, Content: subsidy.NoContent},
	}, got)
	require.LessOrEqual(t, read("payments_2021_12")-own, 6000)
	require.Equal(t, other, read("payments_2021_11"))
}
