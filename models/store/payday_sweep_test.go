package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestOnlyALoadThatIsRepeatedSweepsItsMonth(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 4 })), clock)
	src := p.streaming()
	swept := func() int {
		p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
		return p.count("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'payments_2021_12'")
	}
	p.announce(src, p.lines("b1", 2))
	p.takeAll()
	require.Zero(t, swept(), "nobody died")

	real := p.store
	p.Store = failing{real, func(step string) error {
		if step == "commit" || strings.HasPrefix(step, "settle") && step != "settle spooled" { // it ends in the middle of the load
			return models.ErrUnavailable
		}
		return nil
	}}
	p.announce(src, p.lines("b2", 2))
	_, err := p.TakeBatches(t.Context())
	require.Error(t, err)
	require.Zero(t, swept())
	p.Store = real
	clock.Set(clock.Now().Add(time.Minute))
	p.takeAll()
	require.Equal(t, 1, swept())
	require.Equal(t, 2, p.stored("b2"))
}
