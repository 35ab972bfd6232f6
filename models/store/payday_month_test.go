package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func openMonths(t *testing.T) *payday {
	t.Helper()
	clock := models.NewManualClock(start)
	return newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 8 })), clock)
}

func TestAMonthThatBeginsWithABatchIsIndexedAsAnyOther(t *testing.T) {
	t.Parallel()
	p := openMonths(t)
	src := p.streaming()
	p.announce(src, p.lines("b1", 3, in("2022-03")))
	p.takeAll()
	_, err := p.db.SQL().ExecContext(t.Context(), "SELECT make_payments_partition('2022-04')")
	require.NoError(t, err)
	indexes := func(table string) (out []string) {
		rows, err := p.db.SQL().QueryContext(t.Context(), `SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING', '') || i.indisprimary || i.indisvalid
			FROM pg_index i WHERE i.indrelid = $1::regclass ORDER BY 1`, table)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var def string
			require.NoError(t, rows.Scan(&def))
			out = append(out, def)
		}
		require.NoError(t, rows.Err())
		return out
	}
	require.NotEmpty(t, indexes("payments_2022_03"))
	require.Equal(t, indexes("payments_2022_04"), indexes("payments_2022_03"))
	require.Equal(t, p.count("SELECT count(*) FROM pg_index WHERE indrelid = 'payments'::regclass"),
		p.count("SELECT count(*) FROM pg_inherits JOIN pg_index ON inhrelid = indexrelid WHERE indrelid = 'payments_2022_03'::regclass"), "taken over, not built twice")
	require.Zero(t, p.count("SELECT count(*) FROM pg_constraint WHERE conrelid = 'payments_2022_03'::regclass AND contype = 'c'"))
	p.announce(src, p.lines("b2", 2, in("2022-03"))) // and the month goes on
	p.takeAll()
	require.Equal(t, 3, p.stored("b1"))
	require.Equal(t, 2, p.stored("b2"))
	require.Equal(t, 5, p.count("SELECT count(*) FROM payments_2022_03"))
}

func TestBatchesThatBeginOneMonthAtOnceAreAllTaken(t *testing.T) {
	t.Parallel()
	p := openMonths(t)
	src := p.streaming()
	batches := []string{"b1", "b2", "b3", "b4"}
	for _, b := range batches {
		p.announce(src, p.lines(b, 20, in("2022-03")))
	}
	var all errgroup.Group
	for range batches {
		all.Go(func() error {
			_, err := p.TakeBatches(t.Context())
			return err
		})
	}
	require.NoError(t, all.Wait())
	for _, b := range batches {
		require.Equal(t, 20, p.stored(b))
		require.Zero(t, p.life(b).Tries)
	}
}

func TestATableThatWasNeverShownIsMadeAnew(t *testing.T) {
	t.Parallel()
	p := openMonths(t)
	for _, month := range []string{"2022-03", "2022-04"} { // by hand, without what belongs behind it
		_, err := p.db.SQL().ExecContext(t.Context(), "SELECT begin_payments_partition('"+month+"')")
		require.NoError(t, err)
	}
	p.announce(p.streaming(), p.lines("b1", 2, in("2022-03")))
	p.takeAll()
	p.arrive(p.paid("wang", "b2", in("2022-04")))
	require.Equal(t, 2, p.stored("b1"))
	require.Equal(t, 1, p.stored("b2"))
}

func TestALoadThatFailsLeavesNoMonthBehind(t *testing.T) {
	t.Parallel()
	p := openMonths(t)
	real := p.store
	p.Store = failing{real, func(step string) error {
		if step == "settle applied" {
			return models.ErrUnavailable
		}
		return nil
	}}
	src := p.streaming()
	p.announce(src, p.lines("b1", 2, in("2022-03")))
	_, err := p.TakeBatches(t.Context())
	require.Error(t, err)
	require.Equal(t, 1, p.count("SELECT (to_regclass('payments_2022_03') IS NULL)::int"))
	p.Store = real
	p.clock.Set(p.clock.Now().Add(time.Minute))
	p.takeAll()
	require.Equal(t, 2, p.stored("b1"))
}

// A page holds its source's cursor; the load wants it before it commits. Neither may wait for the other.
func TestALineOfAMonthThatALoadBeginsComesAgain(t *testing.T) {
	t.Parallel()
	p := openMonths(t)
	src := p.streaming()
	p.announce(src, p.lines("b1", 3, in("2022-03")))
	real, met := p.store, 0
	p.Store = failing{real, func(step string) error {
		if step == "settle applied" { // the load has made the month and the cursor is its own
			met++
			_, err := p.db.SQL().ExecContext(t.Context(), "SELECT make_payments_partition('2022-03')")
			require.ErrorContains(t, err, "55P03")
		}
		return nil
	}}
	p.takeAll()
	require.Equal(t, 1, met)
	p.Store = real
	p.arrive(p.paid("wang", "b2", in("2022-03")))
	require.Equal(t, 1, p.stored("b2"))
}
