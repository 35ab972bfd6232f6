package storetest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/store"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// superuser is the server, where this process may empty databases, and a new one with its picture.
func superuser(t *testing.T) (s *server, dsn string, fresh *picture) {
	t.Helper()
	s = testServer(t)
	if !s.reuses {
		t.Skip("this role cannot empty a database")
	}
	name, err := s.create(t.Context(), s.template)
	require.NoError(t, err)
	dsn = onDatabase(s.admin, name)
	fresh, err = pictureOf(t.Context(), dsn)
	require.NoError(t, err)
	return s, dsn, fresh
}

func connected(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func TestAnEmptiedDatabaseIsAsANewOne(t *testing.T) {
	t.Parallel()
	s, dsn, fresh := superuser(t)
	require.NotEmpty(t, fresh.rows["data_keys"], "the template has rows of its own")
	conn := connected(t, dsn)
	uses := map[string]func(db *store.DB){
		"audit, which nobody may delete": func(db *store.DB) {
			require.NoError(t, db.InTx(t.Context(), func(ctx context.Context) error {
				_, err := db.NextNumber(ctx, "loss", models.DateOf(time.Now()))
				require.NoError(t, err)
				return db.RecordAudit(ctx, audit.Of(models.System(), time.Now(), "card.loss.reported", "loss_reports", "r1", "done"))
			}))
		},
	}
	for _, statement := range []string{
		"INSERT INTO banks SELECT 'b' || n, '', '', '', '', '', '', 1, now(), now() FROM generate_series(1, 2000) n",
		"DO $$ BEGIN INSERT INTO banks VALUES ('x', '', '', '', '', '', '', 1, now(), now()); RAISE unique_violation; EXCEPTION WHEN unique_violation THEN NULL; END $$", // rolled back
		"SELECT make_payments_partition('2021-12')", "SELECT nextval('receipt_numbers')", "SELECT nextval('river_job_id_seq')",
		"UPDATE article_edition SET n = 7", "DELETE FROM data_keys", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"ANALYZE", "VACUUM ANALYZE banks", "CREATE TABLE mine (n int)", "CREATE UNLOGGED TABLE theirs AS SELECT 1",
	} {
		uses[statement] = func(*store.DB) {
			_, err := conn.Exec(t.Context(), statement)
			require.NoError(t, err)
		}
	}
	for what, use := range uses {
		db := openAt(t, dsn)
		use(db)
		require.NoError(t, db.Close())
		seen, err := pictureOf(t.Context(), dsn)
		require.NoError(t, err)
		if len(differences(fresh, seen)) == 0 {
			require.False(t, maps.EqualFunc(fresh.rows, seen.rows, bytes.Equal), "%s: is not seen", what)
		}
		require.NoError(t, conn.Close(t.Context()))
		left, err := empty(t.Context(), dsn, fresh)
		require.NoError(t, err, what)
		require.Empty(t, left, what)
		conn = connected(t, dsn)
	}

	other, err := s.create(t.Context(), s.template)
	require.NoError(t, err)
	asNew, err := pictureOf(t.Context(), onDatabase(s.admin, other))
	require.NoError(t, err)
	used, err := pictureOf(t.Context(), dsn)
	require.NoError(t, err)
	require.Equal(t, asNew.facts, used.facts)
	require.True(t, maps.EqualFunc(asNew.rows, used.rows, bytes.Equal))
	db := openAt(t, dsn)
	require.NoError(t, db.CheckSchema(t.Context()))
	require.NoError(t, db.Close())
}

func openAt(t *testing.T, dsn string) *store.DB {
	t.Helper()
	cfg := Config()
	cfg.Driver, cfg.DSN = store.Postgres, dsn
	db, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	return db
}

func TestWhatCannotBePutBackIsNamed(t *testing.T) {
	t.Parallel()
	_, dsn, fresh := superuser(t)
	conn := connected(t, dsn)
	for _, change := range []struct{ statement, named string }{
		{"ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_insert_only", "pg_trigger"},
		{"ALTER TABLE banks ADD COLUMN mine text", "pg_attribute"},
		{"CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "pg_proc"},
		{"CREATE SCHEMA mine", "pg_namespace"},
		{"CREATE TYPE colour AS ENUM ('red')", "pg_enum"},
		{"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET work_mem = ''1MB'''; END $$", "database"},
		{"GRANT SELECT ON banks TO PUBLIC", "relations"},
		{"CREATE INDEX mine ON banks (name)", "pg_index"},
		{"CREATE STATISTICS mine ON code, name FROM banks", "pg_statistic_ext"},
		{"SELECT lo_create(0)", "pg_largeobject_metadata"},
	} {
		before, err := pictureOf(t.Context(), dsn)
		require.NoError(t, err)
		require.NotContains(t, differences(fresh, before), change.named)
		_, err = conn.Exec(t.Context(), change.statement)
		require.NoError(t, err)
		require.NoError(t, conn.Close(t.Context()))
		left, err := empty(t.Context(), dsn, fresh)
		require.NoError(t, err)
		require.Contains(t, left, change.named, change.statement)
		conn = connected(t, dsn)
	}
}

func TestADatabaseIsUsedAgain(t *testing.T) {
	t.Parallel()
	s, _, _ := superuser(t)
	mine := newServer()
	mine.once.Do(func() {})
	mine.admin, mine.template, mine.run, mine.reuses = s.admin, s.template, s.run, true
	mine.made = 1 << 20 // names of its own
	first, err := mine.take(t.Context())
	require.NoError(t, err)
	mine.giveBack(first)
	require.NoError(t, waited(mine))
	second, err := mine.take(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, second)
	changed := connected(t, onDatabase(s.admin, second))
	_, err = changed.Exec(t.Context(), "DROP TABLE banks CASCADE")
	require.NoError(t, err)
	mine.giveBack(second)
	require.NoError(t, waited(mine))
	third, err := mine.take(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, second, third)
	require.Len(t, mine.owned, 1, "what cannot be as new is dropped")
	require.NoError(t, mine.finish(t.Context()))
	require.Empty(t, mine.owned)
}

// waited returns when nothing is being emptied.
func waited(s *server) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.emptying > 0 {
		s.changed.Wait()
	}
	return nil
}

func TestWhatADeadRunLeftIsDroppedAndALivingOnesIsNot(t *testing.T) {
	t.Parallel()
	s := testServer(t)
	admin := connected(t, s.admin)
	living := connected(t, s.admin)
	run := s.run + 1
	_, err := living.Exec(t.Context(), "SELECT pg_advisory_lock($1, $2)", int32(aliveLock), int32(run))
	require.NoError(t, err)
	mine, unnamed := fmt.Sprintf("onecard_test_%08x_1", run), fmt.Sprintf("onecard_test_%08x%08x", run, run)
	for _, name := range []string{mine, unnamed} {
		require.NoError(t, execute(t.Context(), s.admin, "CREATE DATABASE "+name))
	}
	defer func() {
		require.NoError(t, execute(context.WithoutCancel(t.Context()), s.admin, "DROP DATABASE "+unnamed))
	}()
	stands := func(name string) (there bool) {
		require.NoError(t, admin.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there))
		return there
	}
	dropLeftovers(t.Context(), admin, s.admin)
	require.True(t, stands(mine))
	require.NoError(t, living.Close(t.Context()))
	require.Eventually(t, func() bool { // the server lets the lock go when it has seen the end
		dropLeftovers(t.Context(), admin, s.admin)
		return !stands(mine)
	}, 30*time.Second, 50*time.Millisecond)
	require.True(t, stands(unnamed), "who does not say whose it is waits for a day")
	require.True(t, stands(s.template))
}
