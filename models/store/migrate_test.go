package store_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/store"
	"onecard/models/store/storetest"
)

// openEmpty is a store on an empty database.
func openEmpty(t *testing.T, driver store.Driver) *store.DB {
	t.Helper()
	cfg := storetest.Config()
	cfg.Driver = driver
	if driver == store.SQLite {
		cfg.Path = filepath.Join(t.TempDir(), "deep", "onecard.db")
	} else {
		cfg.DSN = storetest.EmptyPostgres(t)
	}
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestMigrateFromNothingTwice(t *testing.T) {
	t.Parallel()
	for _, driver := range []store.Driver{store.SQLite, store.Postgres} {
		t.Run(string(driver), func(t *testing.T) {
			t.Parallel()
			db := openEmpty(t, driver)
			ctx := t.Context()
			require.ErrorIs(t, db.CheckSchema(ctx), store.ErrSchemaOld)
			began := time.Now()
			require.NoError(t, db.Migrate(ctx))
			t.Logf("first run took %s", time.Since(began))
			require.NoError(t, db.CheckSchema(ctx))
			require.NoError(t, db.Migrate(ctx))
			var keys int
			require.NoError(t, db.SQL().QueryRowContext(ctx, "SELECT COUNT(*) FROM data_keys").Scan(&keys))
			require.Equal(t, 1, keys)
		})
	}
}

func TestCheckSchemaTakesNewerAndRefusesOlderInOneQuery(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cost := db.CountStatements(t.Context())
		require.NoError(t, db.CheckSchema(ctx))
		require.Equal(t, 1, cost.Statements())
		change := func(statement string) {
			_, err := db.SQL().ExecContext(t.Context(), statement)
			require.NoError(t, err)
		}
		change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, " + map[store.Driver]string{
			store.Postgres: "true", store.SQLite: "1"}[db.Driver()] + ")")
		require.NoError(t, db.CheckSchema(ctx), "a newer schema is taken: serve may be a release behind migrate")
		change("DELETE FROM goose_db_version WHERE version_id > 0")
		require.ErrorIs(t, db.CheckSchema(ctx), store.ErrSchemaOld)
	})
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	cfg := storetest.Config()
	cfg.Driver, cfg.DSN = store.Postgres, storetest.EmptyPostgres(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			db, err := store.Open(t.Context(), cfg)
			if err == nil {
				err = db.Migrate(t.Context())
				_ = db.Close()
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func TestMigrateGivesUpRatherThanStandInFront(t *testing.T) {
	t.Parallel()
	cfg := storetest.Config()
	cfg.Driver, cfg.DSN, cfg.MigrateLock = store.Postgres, storetest.ClonePostgres(t), 100*time.Millisecond
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	defer db.Close()
	citizens, err := db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = citizens.ExecContext(t.Context(), "LOCK TABLE goose_db_version IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	require.ErrorContains(t, db.Migrate(t.Context()), "lock timeout")
	require.NoError(t, citizens.Rollback())
	require.NoError(t, db.Migrate(t.Context()))
	for range 8 {
		var wait string
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SHOW lock_timeout").Scan(&wait))
		require.Equal(t, "2s", wait, "the lock's connection went back to the pool as it was")
	}
}
