package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// giveUp makes a job of a kind that has been tried as often as it may be.
func giveUp(t *testing.T, db *store.DB, at time.Time) (id int64) {
	t.Helper()
	require.NoError(t, db.Enqueue(t.Context(), pingJob{ID: models.NewID()}))
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT max(id) FROM river_job").Scan(&id))
	require.NoError(t, db.W(t.Context()).Exec("UPDATE river_job SET state = 'discarded', attempt = 3, finalized_at = ? WHERE id = ?", at, id).Error)
	return id
}

func TestTheBacklogIsWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		b, err := db.Backlog(ctx)
		require.NoError(t, err)
		require.Empty(t, b.Commands)
		require.Zero(t, b.Held)
		require.False(t, b.Unsaid)
		require.Len(t, b.Notices, 5, "an empty lane is a figure too")

		clock := models.NewManualClock(start)
		r := newLossRig(t, db)
		r.Registry.Fate = func(card.Command) cardtest.Fate { return cardtest.Dropped }
		_, err = r.ReportLoss(ctx, r.me(), r.in())
		require.NoError(t, err)
		for i, cause := range []string{"a", "b"} {
			d := notice.Draft{Cause: "application:" + cause, Kind: notice.ApplicationProducing, PersonID: r.wang, At: start}
			require.NoError(t, db.Notices().AddNotice(ctx, d), i)
		}
		feeds := db.Feeds()
		require.NoError(t, feeds.Park(ctx, "cards", told("C", 1), "owner_unknown", start, start))
		_, err = feeds.LockCursor(ctx, "cards")
		require.NoError(t, err)
		require.NoError(t, feeds.SaveCursor(ctx, mirror.Cursor{Source: "cards", Cursor: "x", AsOf: start}, clock.Now()))
		giveUp(t, db, start)

		counting, cost := db.CountStatements(ctx)
		b, err = db.Backlog(counting)
		require.NoError(t, err)
		require.LessOrEqual(t, cost.Statements(), 2, "one look, and the clock")
		loss := b.Commands[string(card.CommandLoss)]
		require.EqualValues(t, 1, loss.Count)
		require.WithinDuration(t, r.Clock.Now(), loss.Since, time.Minute)
		require.EqualValues(t, 2, b.Notices[notice.LaneProgress].Count)
		require.False(t, b.Notices[notice.LaneProgress].Since.IsZero())
		require.Equal(t, store.Waiting{Count: 1, Since: start}, b.Parked["cards"])
		require.Equal(t, start, b.AsOf["cards"])
		require.Equal(t, store.Waiting{Count: 1, Since: start}, b.UsedUp["test.ping"])
		require.True(t, b.Unsaid)
	})
}

func TestAUsedUpJobIsToldOfOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ids := map[int64]int{}
		for range 5 {
			ids[giveUp(t, db, start)] = 0
		}
		got := make(chan []store.UsedUpJob, 4)
		for _, err := range together(repeated(4, func() error {
			told, err := db.TellUsedUpJobs(context.Background(), 3)
			got <- told
			return err
		})...) {
			require.NoError(t, err)
		}
		rest, err := db.TellUsedUpJobs(t.Context(), 10)
		require.NoError(t, err)
		close(got)
		for told := range got {
			for _, j := range told {
				ids[j.ID]++
			}
		}
		for _, j := range rest {
			ids[j.ID]++
			require.Equal(t, "test.ping", j.Kind)
			require.Equal(t, 3, j.Attempt)
		}
		again := int64(0)
		for id, n := range ids {
			require.Equal(t, 1, n)
			again = id
		}
		b, err := db.Backlog(t.Context())
		require.NoError(t, err)
		require.False(t, b.Unsaid)
		require.EqualValues(t, 5, b.UsedUp["test.ping"].Count, "it stays a figure until it is gone")

		// River still reads its own rows, and a job tried again by hand that gives up again is told of again.
		jobs, err := db.RiverClient(&river.Config{})
		require.NoError(t, err)
		found, err := jobs.JobList(t.Context(), river.NewJobListParams().States(rivertype.JobStateDiscarded))
		require.NoError(t, err)
		require.Len(t, found.Jobs, 5)
		_, err = jobs.JobRetry(t.Context(), again)
		require.NoError(t, err)
		require.NoError(t, db.W(t.Context()).Exec("UPDATE river_job SET state = 'discarded', attempt = attempt + 1, finalized_at = ? WHERE id = ?", start, again).Error)
		told, err := db.TellUsedUpJobs(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, told, 1)
	})
}

// Every part that can grow stands on an index of what waits. Tables are small here, so scans are priced out.
func TestTheBacklogReadsNoWholeTable(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t)
	_, err := db.SQL().ExecContext(t.Context(), "SELECT make_payments_partition('2021-12')")
	require.NoError(t, err)
	_, err = db.SQL().ExecContext(t.Context(), `WITH told AS (INSERT INTO notices (id, cause, kind, lane, params, destination, scope, object, happened_at, expires_at, created_at)
			SELECT gen_random_uuid(), 'c' || n, 'arrival', 3, '{}', 'file', '', '', now(), now(), now() FROM generate_series(1, 5000) AS n RETURNING id, cause)
		INSERT INTO deliveries (id, notice_id, channel, fallback, lane, repeatable, expires_at, created_at, state, due_at, attempt, losses, reason, vendor, vendor_id)
		SELECT gen_random_uuid(), id, 'sms', '', 3, false, now(), now(), CASE WHEN cause LIKE '%0' THEN 'queued' ELSE 'delivered' END, now(), 0, 0, '', '', '' FROM told`)
	require.NoError(t, err)
	_, err = db.SQL().ExecContext(t.Context(), "ANALYZE deliveries")
	require.NoError(t, err)
	tx, err := db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback()) }()
	_, err = tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off")
	require.NoError(t, err)
	plan := backlogPlan(t, tx, db.BacklogSQL())
	for _, table := range []string{"deliveries", "payments_2021_12", "card_commands", "river_job"} {
		require.NotContains(t, plan, "Seq Scan on "+table, "%s", plan)
	}
	for _, index := range []string{"deliveries_due", "card_commands_due"} {
		require.Contains(t, plan, index)
	}
	require.Regexp(t, `using payments_2021_12_ledger_month\S* on|Scan on payments_2021_12_ledger_month`, plan)
}

func backlogPlan(t *testing.T, tx *sql.Tx, statement string) string {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN "+statement)
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	return plan.String()
}
