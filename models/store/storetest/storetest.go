// Package storetest gives a test its own migrated store on every database there is: SQLite always, PostgreSQL too
// when ONECARD_TEST_POSTGRES holds the DSN of a role that may create databases.
package storetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
)

// EnvPostgres names the environment variable with the DSN.
const EnvPostgres = "ONECARD_TEST_POSTGRES"

// Option changes the store that a test gets.
type Option func(*store.Config)

// WithClock fixes the store's time.
func WithClock(c models.Clock) Option { return func(cfg *store.Config) { cfg.Clock = c } }

// With changes anything else of the configuration.
func With(change func(*store.Config)) Option { return Option(change) }

// Each runs fn once per database, each run with a store of its own, in parallel. Where the detector watches and a server is
// named, SQLite is left out: it is the same code but for its dialect, and ran unwatched in make test.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB), opts ...Option) {
	t.Helper()
	if !Watched || os.Getenv(EnvPostgres) == "" {
		t.Run("sqlite", func(t *testing.T) {
			t.Parallel()
			fn(t, OpenSQLite(t, opts...))
		})
	}
	if os.Getenv(EnvPostgres) == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, OpenPostgres(t, opts...))
	})
}

// Config is a whole configuration with keys fit for tests only; driver and place are still to be set.
func Config(opts ...Option) store.Config {
	cfg := store.Config{
		KEK:       bytes.Repeat([]byte{1}, 32),
		IndexKeys: map[int][]byte{1: bytes.Repeat([]byte{2}, 32)},
		AuditKey:  bytes.Repeat([]byte{3}, 32),
		IdemKey:   bytes.Repeat([]byte{4}, 32),
		MaxConns:  6, // many tests share one server
	}
	for _, o := range opts {
		o(&cfg)
	}
	return cfg
}

// OpenSQLite is a migrated store in a file of its own.
func OpenSQLite(t *testing.T, opts ...Option) *store.DB {
	t.Helper()
	file, err := sqliteTemplate()
	require.NoError(t, err)
	cfg := Config(opts...)
	cfg.Driver, cfg.Path = store.SQLite, filepath.Join(t.TempDir(), "onecard.db")
	require.NoError(t, os.WriteFile(cfg.Path, file, 0o600))
	return open(t, cfg)
}

// sqliteTemplate is the bytes of a migrated file, made once per test binary.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "onecard-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cfg := Config()
	cfg.Driver, cfg.Path = store.SQLite, filepath.Join(dir, "t.db")
	if err = migrated(context.Background(), cfg); err != nil {
		return nil, err
	}
	return os.ReadFile(cfg.Path) // closing the last connection has emptied the WAL into the file
})

func migrated(ctx context.Context, cfg store.Config) error {
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	if err = db.Migrate(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}

func open(t *testing.T, cfg store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// SQLiteAt is OpenSQLite at a path of the caller's, who also closes it: for property tests, which run many at once.
func SQLiteAt(t require.TestingT, path string, opts ...Option) *store.DB {
	file, err := sqliteTemplate()
	require.NoError(t, err)
	cfg := Config(opts...)
	cfg.Driver, cfg.Path = store.SQLite, path
	require.NoError(t, os.WriteFile(path, file, 0o600))
	db, err := store.Open(context.Background(), cfg)
	require.NoError(t, err)
	return db
}
