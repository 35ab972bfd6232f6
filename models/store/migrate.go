package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// migrateLock is the advisory lock under which one process at a time changes a PostgreSQL schema.
const migrateLock = 0x6f6e6563617264 // "onecard"

const migrateLockEvery = 100 * time.Millisecond

// ErrSchemaOld is a database that this program is too new for: run `onecard migrate` first.
var ErrSchemaOld = errors.New("the database schema is older than this program: run migrate")

// Migrate brings the schema up to date, River's tables too, and makes the first data key. It only ever adds;
// run by several processes at once, one does it and the others wait. A statement that waits longer than Config.MigrateLock for a
// lock gives up, so that a migration never stands in front of citizens' requests.
func (db *DB) Migrate(ctx context.Context) error {
	up := db.migrateSQLite
	if db.driver == Postgres {
		up = db.migratePostgres
	}
	if err := up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	_, err := db.RotateDataKey(ctx, DataKeyLife)
	return err
}

func (db *DB) migrateSQLite(ctx context.Context) error {
	if err := gooseUp(ctx, goose.DialectSQLite3, db.writer); err != nil {
		return err
	}
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	river, err := rivermigrate.New(riversqlite.New(db.writer), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	// The transaction holds SQLite's write lock from its beginning, so a second process reads the versions only when the
	// first is through. Migrate reads them outside a transaction, and here is no advisory lock to put around it.
	if _, err = river.MigrateTx(ctx, tx, rivermigrate.DirectionUp, nil); err != nil { //nolint:staticcheck // one transaction on purpose, see above
		return err
	}
	return tx.Commit()
}

func (db *DB) migratePostgres(ctx context.Context) error {
	lock, err := db.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	// Another migration may take long; wait for it with the caller's patience, not with the pool's.
	if _, err = lock.ExecContext(ctx, "SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)"); err != nil {
		return err
	}
	if err = waitForMigrateLock(ctx, lock); err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), db.commit)
		defer cancel()
		_, _ = lock.ExecContext(end, "SELECT pg_advisory_unlock($1)", int64(migrateLock))
		_, _ = lock.ExecContext(end, "RESET lock_timeout")
		_, _ = lock.ExecContext(end, "RESET statement_timeout")
	}()
	cc := db.pool.Config().ConnConfig.Copy()
	cc.RuntimeParams["lock_timeout"] = strconv.FormatInt(db.mgrWait.Milliseconds(), 10)
	cc.RuntimeParams["statement_timeout"] = "0"
	pool := stdlib.OpenDB(*cc)
	defer pool.Close()
	pool.SetConnMaxLifetime(time.Minute)
	if err = gooseUp(ctx, goose.DialectPostgres, pool); err != nil {
		return err
	}
	river, err := rivermigrate.New(riverdatabasesql.New(pool), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	_, err = river.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// waitForMigrateLock asks again and again instead of waiting inside one statement: an index that is built concurrently
// waits for every statement older than itself, and would wait for ours.
func waitForMigrateLock(ctx context.Context, lock *sql.Conn) error {
	again := time.NewTicker(migrateLockEvery)
	defer again.Stop()
	for {
		var got bool
		if err := lock.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrateLock)).Scan(&got); err != nil || got {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var quiet = slog.New(slog.DiscardHandler)

func gooseUp(ctx context.Context, dialect goose.Dialect, pool *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations/"+folder(dialect))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, pool, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

func folder(dialect goose.Dialect) string {
	if dialect == goose.DialectPostgres {
		return "postgres"
	}
	return "sqlite"
}

// SchemaVersion is what a database holds: our newest migration and River's.
type SchemaVersion struct{ Ours, River int64 }

// ownSchema is what this program was built with.
var ownSchema = sync.OnceValues(func() (SchemaVersion, error) {
	var v SchemaVersion
	names, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		return v, err
	}
	for _, name := range names {
		head, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(head, 10, 64)
		if err != nil {
			return v, fmt.Errorf("migration %s has no number", name)
		}
		v.Ours = max(v.Ours, n)
	}
	river, err := rivermigrate.New(riverdatabasesql.New(nil), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return v, err
	}
	for _, m := range river.AllVersions() {
		v.River = max(v.River, int64(m.Version))
	}
	return v, nil
})

// SchemaVersion reads what the database holds, in one query; zero for an empty one.
func (db *DB) SchemaVersion(ctx context.Context) (SchemaVersion, error) {
	var v SchemaVersion
	err := db.q(ctx).Raw(`SELECT (SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied),
		(SELECT COALESCE(MAX(version), 0) FROM river_migration WHERE line = 'main')`).Row().Scan(&v.Ours, &v.River)
	var f *fault
	if err = translate(err); errors.As(err, &f) && (f.State == "42P01" || strings.Contains(f.Text, "no such table")) {
		return SchemaVersion{}, nil
	}
	return v, err
}

// CheckSchema refuses a database older than this program (ErrSchemaOld) and takes its own version or a newer one:
// a release must run on the next release's schema.
func (db *DB) CheckSchema(ctx context.Context) error {
	own, err := ownSchema()
	if err != nil {
		return err
	}
	has, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if has.Ours < own.Ours || has.River < own.River {
		return fmt.Errorf("%w (has %d/%d, needs %d/%d)", ErrSchemaOld, has.Ours, has.River, own.Ours, own.River)
	}
	return nil
}

// MigrationsHash names the schema this program makes, ours and River's; tests name their template database by it.
func MigrationsHash(driver Driver) (string, error) {
	h := sm3.New()
	dir := "migrations/" + string(driver)
	names, err := fs.Glob(migrations, dir+"/*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
	}
	own, err := ownSchema()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "river %d", own.River)
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
