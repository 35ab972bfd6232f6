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
		rows, err := p.db.SQL().QueryContext(t.Context(), `SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '2022_0.[a-z_0-9]*', '', 'g') || i.indisprimary || i.indisvalid
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
	require.Len(t, indexes("payments_2022_03"), len(indexes("payments_2022_04")))
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
