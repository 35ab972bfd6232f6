package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestOpenNamesEverythingMissing(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), store.Config{Driver: "mysql", IndexKeys: map[int][]byte{0: nil}})
	for _, want := range []string{"driver", "key-wrapping key", "look-up key 0", "audit key", "idempotency key"} {
		require.ErrorContains(t, err, want)
	}
}

func TestOpenRefusesWithoutTellingThePassword(t *testing.T) {
	t.Parallel()
	cfg := storetest.Config()
	cfg.Driver, cfg.DSN = store.Postgres, "postgres://someone:Geheim99@127.0.0.1:1/none"
	_, err := store.Open(t.Context(), cfg)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "Geheim99")
	require.Equal(t, models.Unavailable, models.KindOf(err))
}

func TestSQLiteIsDurableAndPrivate(t *testing.T) {
	t.Parallel()
	cfg := storetest.Config()
	cfg.Driver, cfg.Path = store.SQLite, filepath.Join(t.TempDir(), "onecard.db")
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	defer db.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		require.Equal(t, want, got, pragma)
	}
	info, err := os.Stat(cfg.Path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	require.ErrorContains(t, db.Q(t.Context()).Exec("CREATE TABLE x (a text)").Error, "sql", "the reading pool cannot write")
}

func TestSQLiteReadsDoNotWaitForAWriter(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	inside, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.InTx(t.Context(), func(ctx context.Context) error {
			err := db.RecordAudit(ctx, decision(0))
			close(inside)
			<-release
			return err
		})
	}()
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range 20 {
		got, err := db.AuditOf(ctx, "loss_reports", "r0")
		require.NoError(t, err)
		require.Empty(t, got, "not committed yet")
	}
	waiting, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	err := db.InTx(waiting, func(context.Context) error { return nil })
	require.ErrorIs(t, err, models.ErrUnavailable, "a second writer waits no longer than its caller")
	close(release)
	require.NoError(t, <-done)
	got, err := db.AuditOf(t.Context(), "loss_reports", "r0")
	require.NoError(t, err)
	require.Len(t, got, 1)
}

func TestNowIsTheClockGiven(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now, err := db.Now(t.Context())
		require.NoError(t, err)
		require.Equal(t, start, now)
	}, storetest.WithClock(clock))
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now, err := db.Now(t.Context())
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), now, time.Minute)
		require.Equal(t, models.Instant(now), now)
	})
}

func TestAStatementThatRunsTooLongIsCutAndAMigrationIsNot(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.Statement = 300 * time.Millisecond }))
	began := time.Now()
	err := db.Q(t.Context()).Exec("SELECT pg_sleep(20)").Error
	require.Equal(t, models.Unavailable, models.KindOf(err))
	require.Less(t, time.Since(began), 10*time.Second)
	require.NoError(t, db.Migrate(t.Context()), "migrations have a pool of their own, without that limit")
	var limit string
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SHOW statement_timeout").Scan(&limit))
	require.Equal(t, "300ms", limit, "the connection that held the lock has its limit back")
}
