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

// In the middle of a large batch, with what the planner knew before it began, a few messages read little more than themselves:
// not all that were sent, nor all that were ever claimed.
func TestAFewMessagesOfALargeBatchReadNoOthers(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.MaxConns = 1 })), clock)
	since := models.Instant(start).Format(time.RFC3339)
	p.sql(`INSERT INTO notices (id, cause, kind, lane, person_id, params, destination, scope, object, happened_at, expires_at, created_at)
		SELECT gen_random_uuid(), 'b:' || n, 'arrival', 3, md5('p' || n % 15000)::uuid, '{}', '', 'LYB', '', now, now + interval '7 days', now
		FROM generate_series(1, 60000) n, (SELECT timestamptz '` + since + `' AS now) clock`)
	p.sql(`INSERT INTO deliveries (id, notice_id, channel, fallback, lane, repeatable, expires_at, created_at, state, due_at, attempt, losses, reason, vendor, vendor_id)
		SELECT gen_random_uuid(), id, 'sms', '', 3, false, expires_at, created_at, 'queued', created_at, 0, 0, '', '', '' FROM notices`)
	p.sql("ANALYZE notices, deliveries")
	p.sql("UPDATE deliveries SET state = 'submitting', attempt = 1 WHERE id IN (SELECT id FROM deliveries LIMIT 54000)")
	p.sql("UPDATE deliveries SET state = 'submitted', submitted_at = '" + since + "' WHERE state = 'submitting'")
	read := func() int { // rows of the queue that were looked at so far; the one connection has counted them
		p.count("SELECT count(*) FROM (SELECT pg_stat_force_next_flush()) AS f")
		return p.count("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'deliveries'")
	}
	db := p.db.Notices()
	got, err := db.ClaimDeliveries(t.Context(), notice.Due{Channel: notice.SMS, Lane: notice.LaneArrivals}, "aliyun", time.Minute, 500)
	require.NoError(t, err)
	require.Len(t, got, 500)
	people, outcomes := make([]models.ID, len(got)), make([]notice.Outcome, len(got))
	for i, d := range got {
		people[i] = d.Notice.PersonID
		outcomes[i] = notice.Outcome{ID: d.ID, Attempt: d.Attempt, Settlement: notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "v"}}
	}
	before := read()
	for range 8 { // the planner looks at the values of the first five only
		due, err := db.DueDeliveries(t.Context(), notice.UrgentLanes)
		require.NoError(t, err)
		require.Empty(t, due)
		n, err := db.LapseDeliveries(t.Context(), time.Minute, 72*time.Hour)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	require.LessOrEqual(t, read()-before, 100, "whether there is something else")
	before = read()
	seen, err := db.SMSSince(t.Context(), people, start.Add(-time.Hour))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(seen), 500)
	require.LessOrEqual(t, read()-before, 2500, "what they were sent today")
	before = read()
	n, err := db.SettleDeliveries(t.Context(), outcomes)
	require.NoError(t, err)
	require.Equal(t, 500, n)
	require.LessOrEqual(t, read()-before, 1500, "what a vendor took")
}
