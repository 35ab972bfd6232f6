package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestMessagesAreCountedByTheHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		q := db.Notices()
		this := models.Instant(time.Now()).Truncate(time.Hour) // ids carry the machine's time
		for _, cause := range []string{"credit:1", "credit:2", "credit:3"} {
			queued(t, q, notice.Draft{Cause: cause, Kind: notice.Arrival})
		}
		settle(t, q, claim(t, q), notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "1"})
		settle(t, q, claim(t, q), notice.Settlement{State: notice.Failed, Reason: "isv.X"})
		count := func() map[notice.State]int64 {
			list, err := q.MessageFigures(t.Context(), this, this.Add(2*time.Hour))
			require.NoError(t, err)
			out := map[notice.State]int64{}
			for _, f := range list {
				require.Equal(t, []any{notice.SMS, notice.LaneArrivals}, []any{f.Channel, f.Lane})
				out[f.State] += f.Count
			}
			return out
		}
		recount := func(stale time.Time) {
			for _, hour := range []time.Time{this, this.Add(time.Hour)} { // the hour may turn meanwhile
				require.NoError(t, q.CountHour(t.Context(), hour, stale))
			}
		}
		recount(time.Now())
		want := map[notice.State]int64{notice.Submitted: 1, notice.Failed: 1, notice.Queued: 1}
		require.Equal(t, want, count())
		settle(t, q, claim(t, q), notice.Settlement{State: notice.Suppressed, Reason: "no_phone"})
		recount(time.Now().Add(-time.Hour))
		require.Equal(t, want, count(), "another replica has counted meanwhile")
		recount(time.Now().Add(time.Second))
		require.Equal(t, map[notice.State]int64{notice.Submitted: 1, notice.Failed: 1, notice.Suppressed: 1}, count())
		more, err := notice.Counting{Store: q, Clock: models.SystemClock{}}.Count(t.Context())
		require.NoError(t, err)
		counted, err := q.CountedHours(t.Context(), this.Add(-100*time.Hour))
		require.NoError(t, err)
		require.True(t, more, "the hour before is young, too, and was not counted yet")
		require.Contains(t, counted, this.Add(-time.Hour))
	})
}

// An hour's count reads that hour's messages, however many were ever sent.
func TestAnHoursFiguresReadThatHourOnly(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(c *store.Config) { c.MaxConns = 1 }))
	q := db.Notices()
	queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
	exec := func(statement string) {
		_, err := q.SQL().ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	exec(`INSERT INTO notices SELECT (jsonb_populate_record(n, jsonb_build_object('id', lpad(to_hex(g), 8, '0') || '-0000-7000-8000-000000000000', 'cause', 'old:' || g))).*
		FROM notices n, generate_series(1, 20000) g WHERE n.cause = 'credit:1'`)
	exec(`INSERT INTO deliveries SELECT (jsonb_populate_record(d, jsonb_build_object('id', n.id, 'notice_id', n.id, 'state', 'delivered'))).*
		FROM deliveries d, notices n WHERE n.cause LIKE 'old:%'`)
	exec("ANALYZE deliveries")
	read := func() (n int) {
		exec("SELECT pg_stat_force_next_flush()")
		require.NoError(t, q.SQL().QueryRowContext(t.Context(),
			"SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'deliveries'").Scan(&n))
		return n
	}
	this, before := models.Instant(time.Now()).Truncate(time.Hour), read()
	for _, hour := range []time.Time{this.Add(-time.Hour), this} {
		require.NoError(t, q.CountHour(t.Context(), hour, time.Now()))
	}
	_, err := q.MessageFigures(t.Context(), this.AddDate(0, 0, -30), this.Add(time.Hour))
	require.NoError(t, err)
	require.Less(t, read()-before, 100)
}
