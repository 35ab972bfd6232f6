package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// What looks for held payments every few seconds reads no million lines of a month that was filled a moment ago, whether
// its first batch made its table or an event did.
func TestAMonthThatWasJustFilledIsNotReadForItsHeldLines(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"begun by a batch": "SELECT 1", "begun by an event": "SELECT make_payments_partition('2022-03')"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 })), clock)
			p.sql(before)
			p.announce(p.streaming(), p.lines("b1", 5000, in("2022-03")))
			p.takeAll()
			require.Equal(t, 5000, p.stored("b1"))
			read := func() int { // the one connection has counted them
				p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
				return p.count("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'payments_2022_03'")
			}
			already := read()
			_, err := p.WatchHeld(t.Context(), 200)
			require.NoError(t, err)
			_, err = p.db.Backlog(t.Context())
			require.NoError(t, err)
			require.Less(t, read()-already, 100)
		})
	}
}
