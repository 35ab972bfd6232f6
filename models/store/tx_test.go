package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestNestedDecisionsJoin(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		count := func() int {
			got, err := db.AuditAbout(t.Context(), "", start, 100)
			require.NoError(t, err)
			return len(got)
		}
		inner := func(ctx context.Context) error { return db.InTx(ctx, func(ctx context.Context) error { return boom }) }
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, db.RecordAudit(ctx, decision(1)))
			_ = inner(ctx) // swallowed
			return nil
		})
		require.ErrorIs(t, err, boom, "a nested failure fails the whole")
		require.Zero(t, count())

		ctx, cost := db.CountStatements(t.Context())
		require.NoError(t, db.InTx(ctx, func(ctx context.Context) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				require.NoError(t, db.RecordAudit(ctx, decision(1)))
				seen, err := db.AuditOf(ctx, "loss_reports", "r1")
				require.Len(t, seen, 1, "a decision reads its own writes")
				return err
			})
		}))
		require.Equal(t, 1, count())
		require.Equal(t, 2, cost.Statements())
		require.Equal(t, 1, cost.Commits())
	})
}

func TestAPanicRollsBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		require.PanicsWithValue(t, "boom", func() {
			_ = db.InTx(t.Context(), func(ctx context.Context) error {
				require.NoError(t, db.RecordAudit(ctx, decision(1)))
				panic("boom")
			})
		})
		got, err := db.AuditOf(t.Context(), "loss_reports", "r1")
		require.NoError(t, err)
		require.Empty(t, got)
		require.NoError(t, db.RecordAudit(t.Context(), decision(1)), "the connection is free again")
	})
}

func TestACallerWhoLeavesChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, leave := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(ctx context.Context) error {
			require.NoError(t, db.RecordAudit(ctx, decision(1)))
			leave()
			return nil
		})
		require.ErrorIs(t, err, models.ErrUnavailable)
		require.ErrorIs(t, err, context.Canceled)
		got, err := db.AuditOf(t.Context(), "loss_reports", "r1")
		require.NoError(t, err)
		require.Empty(t, got)
	})
}

func TestAfterCommitRunsOnceItIsTrue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var woken []string
		wake := func(ctx context.Context, who string) { db.AfterCommit(ctx, func() { woken = append(woken, who) }) }
		_ = db.InTx(t.Context(), func(ctx context.Context) error { wake(ctx, "never"); return models.ErrConflict })
		require.Empty(t, woken)
		require.NoError(t, db.InTx(t.Context(), func(ctx context.Context) error {
			wake(ctx, "first")
			require.Empty(t, woken)
			return db.InTx(ctx, func(ctx context.Context) error { wake(ctx, "nested"); return nil })
		}))
		wake(t.Context(), "at once")
		require.Equal(t, []string{"first", "nested", "at once"}, woken)

		woken = nil
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			wake(ctx, "outer")
			_ = db.InTx(ctx, func(ctx context.Context) error { wake(ctx, "failed within"); return models.ErrNotFound })
			return nil // swallows it; the whole is rolled back all the same
		})
		require.ErrorIs(t, err, models.ErrNotFound)
		require.Panics(t, func() {
			_ = db.InTx(t.Context(), func(ctx context.Context) error { wake(ctx, "thrown"); panic("x") })
		})
		gone, leave := context.WithCancel(t.Context())
		require.Error(t, db.InTx(gone, func(ctx context.Context) error { wake(ctx, "left"); leave(); return nil }))
		require.Empty(t, woken)
	})
}

// commitTrigger makes every commit that wrote an audit row run body first.
func commitTrigger(t *testing.T, db *store.DB, body string) {
	t.Helper()
	_, err := db.SQL().ExecContext(t.Context(), `CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+
		body+`; RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON audit_entries DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION at_commit()`)
	require.NoError(t, err)
}

func TestACommitWithoutAnswerIsOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want *models.Error
	}{
		"connection lost":  {"PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5)", models.ErrOutcomeUnknown},
		"no answer":        {"PERFORM pg_sleep(30)", models.ErrOutcomeUnknown},
		"refused for sure": {"RAISE unique_violation", models.ErrConflict},
		"failed for sure":  {"RAISE serialization_failure", models.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.CommitWait = 300 * time.Millisecond }))
			commitTrigger(t, db, c.body)
			began := time.Now()
			err := db.InTx(t.Context(), func(ctx context.Context) error {
				db.AfterCommit(ctx, func() { t.Error("nobody knows that it has committed") })
				return db.RecordAudit(ctx, decision(1))
			})
			require.ErrorIs(t, err, c.want)
			require.Less(t, time.Since(began), 5*time.Second)
		})
	}
}

func TestASwallowedFailureIsNotCommitted(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t)
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		e := decision(1)
		require.NoError(t, db.RecordAudit(ctx, e))
		_ = db.RecordAudit(ctx, e) // duplicate, swallowed: PostgreSQL has given the transaction up
		return nil
	})
	require.ErrorIs(t, err, models.ErrConflict)
}

type counterRow struct {
	ID      int `gorm:"primaryKey"`
	State   string
	Version int
}

func (counterRow) TableName() string { return "test_counters" }

func TestGuardedUpdateHasOneWinner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.SQL().ExecContext(t.Context(),
			"CREATE TABLE test_counters (id integer PRIMARY KEY, state text, version integer)")
		require.NoError(t, err)
		require.NoError(t, db.W(t.Context()).Create(&counterRow{1, "received", 1}).Error)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				errs[i] = db.InTx(t.Context(), func(ctx context.Context) error {
					return store.Guarded(db.W(ctx).Model(&counterRow{}).
						Where("id = ? AND state = ? AND version = ?", 1, "received", 1).
						Updates(map[string]any{"state": "effective", "version": 2}))
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, models.ErrConflict)
		}
		require.Equal(t, 1, won)
	})
}
