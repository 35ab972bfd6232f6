package store_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

type pingJob struct {
	ID     models.ID `json:"id"`
	once   bool
	later  time.Time
	inLane string
}

func (pingJob) Kind() string           { return "test.ping" }
func (j pingJob) Once() bool           { return j.once }
func (j pingJob) NotBefore() time.Time { return j.later }
func (j pingJob) Lane() string         { return j.inLane }

func jobCount(t *testing.T, db *store.DB, where string) (n int) {
	t.Helper()
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM river_job WHERE "+where).Scan(&n))
	return n
}

func TestADecisionAndItsJobCommitTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		decide := func(end error) error {
			return db.InTx(t.Context(), func(ctx context.Context) error {
				e := audit.Of(models.System(), start, "card.loss.reported", "loss_reports", "r1", "done")
				require.NoError(t, db.RecordAudit(ctx, e))
				require.NoError(t, db.Enqueue(ctx, pingJob{ID: e.ID}))
				return end
			})
		}
		require.ErrorIs(t, decide(models.ErrConflict), models.ErrConflict)
		require.Zero(t, jobCount(t, db, "true"))
		require.NoError(t, decide(nil))
		require.Equal(t, 1, jobCount(t, db, "kind = 'test.ping' AND queue = 'default'"))
		got, err := db.AuditOf(t.Context(), "loss_reports", "r1")
		require.NoError(t, err)
		require.Len(t, got, 1)
	})
}

func TestJobsWaitAndHaveLanesAndStandOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		require.NoError(t, db.Enqueue(ctx, pingJob{ID: "later", later: time.Now().Add(time.Hour), inLane: "slow"}))
		require.Equal(t, 1, jobCount(t, db, "queue = 'slow' AND state = 'scheduled'"))
		once := pingJob{ID: "once", once: true}
		require.NoError(t, db.Enqueue(ctx, once))
		require.NoError(t, db.InTx(ctx, func(ctx context.Context) error { return db.Enqueue(ctx, once) }))
		require.NoError(t, db.Enqueue(ctx, pingJob{ID: "another", once: true}))
		require.Equal(t, 2, jobCount(t, db, "queue = 'default'"))
		_, err := db.SQL().ExecContext(ctx, "UPDATE river_job SET state = 'completed', finalized_at = CURRENT_TIMESTAMP WHERE queue = 'default'")
		require.NoError(t, err)
		require.NoError(t, db.Enqueue(ctx, once), "a finished job stands in nobody's way")
		require.Equal(t, 1, jobCount(t, db, "queue = 'default' AND state = 'available'"))
	})
}

func TestRiverClientWorksWhatWasEnqueued(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		worked := make(chan models.ID, 1)
		workers := river.NewWorkers()
		river.AddWorker(workers, river.WorkFunc(func(_ context.Context, j *river.Job[pingJob]) error {
			worked <- j.Args.ID
			return nil
		}))
		client, err := db.RiverClient(&river.Config{
			Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}},
			FetchPollInterval: 200 * time.Millisecond, TestOnly: true, Logger: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		require.NoError(t, client.Start(t.Context()))
		require.NoError(t, db.InTx(t.Context(), func(ctx context.Context) error { return db.Enqueue(ctx, pingJob{ID: "one"}) }))
		select {
		case id := <-worked:
			require.EqualValues(t, "one", id)
		case <-time.After(20 * time.Second):
			t.Fatal("nobody worked the job")
		}
		require.NoError(t, client.Stop(context.WithoutCancel(t.Context())))
	})
}

func TestNumbersAreUsedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					err := db.InTx(t.Context(), func(ctx context.Context) error {
						n, err := db.NextNumber(ctx, "loss", models.DateOf(start))
						if err != nil {
							return err
						}
						mu.Lock()
						defer mu.Unlock()
						if seen[n] || n <= 0 {
							t.Errorf("%d came twice", n)
						}
						seen[n] = true
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		require.Len(t, seen, 40)
	})
}
