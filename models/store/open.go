// Package store keeps what the service decides in SQL: PostgreSQL in production, SQLite in the embedded default.
// It is the only package that knows gorm, SQL and River's insert-only client. One file per table; the base
// is transactions (tx), errors (fault), the schema (migrate), sealed cells (seal, keys, lookups), the audit trail,
// remembered requests (idempotency), jobs, receipt numbers and the classes of columns.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"gorm.io/gorm"

	"onecard/models"
)

// Driver names a kind of database.
type Driver string

// The drivers. SQLite is for dev, demo and tests; production refuses it.
const (
	Postgres Driver = "postgres"
	SQLite   Driver = "sqlite"
)

// Config is what the store needs to open. Keys never come from the database they protect.
type Config struct {
	Driver Driver
	DSN    string // PostgreSQL: the connection string
	Path   string // SQLite: the file; its folder is made

	MaxConns    int           // PostgreSQL pool, idle = max; 16 when zero
	LockTimeout time.Duration // how long any statement waits for a lock (PostgreSQL); 2 s when zero (design 5)
	Statement   time.Duration // how long any statement may run (PostgreSQL), migrations apart; 15 s when zero
	MigrateLock time.Duration // the same for migrations (PostgreSQL); 3 s when zero
	CommitWait  time.Duration // how long a commit may take before its outcome counts as unknown; 5 s when zero
	Clock       models.Clock  // nil: the database's clock, as production must have it

	KEK       []byte         // 32 bytes wrapping the data keys; ignored when Wrapper is set
	OldKEK    []byte         // the one before it, which still opens; empty outside a change of keys
	Wrapper   KeyWrapper     // a KMS or HSM instead of KEK
	IndexKeys map[int][]byte // look-up keys by version, each at least 32 bytes (rotate by adding, then dropping)
	AuditKey  []byte         // at least 32 bytes; signs audit rows and seals
	IdemKey   []byte         // at least 32 bytes; hides clients' idempotency keys

	SealCopies SealCopies   // receives every audit seal after its commit; nil: seals stay in the database only
	Log        *slog.Logger // slow statements; nil: discarded
}

// DB is the open store. It is safe for many goroutines.
type DB struct {
	driver  Driver
	pool    *pgxpool.Pool // PostgreSQL only
	writer  *sql.DB
	reader  *sql.DB // SQLite: the read-only pool; PostgreSQL: the same as writer
	write   *gorm.DB
	read    *gorm.DB
	insert  *river.Client[*sql.Tx] // never started
	clock   models.Clock
	commit  time.Duration
	mgrWait time.Duration
	keys    *keyring
	index   map[int][]byte
	audit   auditKeys
	idemKey []byte
	copies  SealCopies
	uniques uniqueIndexes
	log     *slog.Logger

	ladders    Ladders
	ringUrgent func()

	restoredUntil atomic.Int64 // microseconds; 0: nothing is held (HoldFactsUntil)
}

// Open connects and checks the keys; it does not look at the schema (see CheckSchema) and changes nothing.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	wrapper := cfg.Wrapper
	if wrapper == nil {
		wrapper = newLocalWrapper(cfg.KEK, cfg.OldKEK)
	}
	db := &DB{
		driver: cfg.Driver, clock: cfg.Clock, keys: newKeyring(wrapper), index: cfg.IndexKeys,
		commit: cfg.CommitWait, mgrWait: cfg.MigrateLock,
		audit: newAuditKeys(cfg.AuditKey), idemKey: cfg.IdemKey, copies: cfg.SealCopies, log: cfg.Log,
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	open := db.openPostgres
	if cfg.Driver == SQLite {
		open = db.openSQLite
	}
	if err := open(ctx, cfg); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", cfg.Driver, err)
	}
	if err := db.openJobs(); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// check names every missing part at once, and sets defaults.
func (c *Config) check() error {
	var found []error
	need := func(ok bool, what string) {
		if !ok {
			found = append(found, errors.New("store: "+what))
		}
	}
	need(c.Driver == Postgres || c.Driver == SQLite, "driver must be postgres or sqlite")
	need(c.Driver != Postgres || c.DSN != "", "postgres needs a DSN")
	need(c.Driver != SQLite || c.Path != "", "sqlite needs a path")
	need(c.Wrapper != nil || len(c.KEK) == 32, "the key-wrapping key must be 32 bytes")
	need(len(c.OldKEK) == 0 || len(c.OldKEK) == 32, "the previous key-wrapping key must be 32 bytes")
	need(len(c.IndexKeys) > 0, "at least one look-up key is needed")
	for version, key := range c.IndexKeys {
		need(version > 0 && len(key) >= 32, fmt.Sprintf("look-up key %d must have a version above 0 and 32 bytes", version))
	}
	need(len(c.AuditKey) >= 32, "the audit key must be at least 32 bytes")
	need(len(c.IdemKey) >= 32, "the idempotency key must be at least 32 bytes")
	if c.MaxConns == 0 {
		c.MaxConns = 16
	}
	if c.LockTimeout == 0 {
		c.LockTimeout = 2 * time.Second
	}
	if c.Statement == 0 {
		c.Statement = 15 * time.Second
	}
	if c.MigrateLock == 0 {
		c.MigrateLock = 3 * time.Second
	}
	if c.CommitWait == 0 {
		c.CommitWait = 5 * time.Second
	}
	return errors.Join(found...)
}

// Driver tells which database this is.
func (db *DB) Driver() Driver { return db.driver }

// SQL is the writing pool, for what must share it (River's working client, a health check). Not for queries.
func (db *DB) SQL() *sql.DB { return db.writer }

// Pool is the pgx pool, for COPY and LISTEN; nil on SQLite.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping answers readiness: one round trip on the reading pool.
func (db *DB) Ping(ctx context.Context) error { return translate(db.reader.PingContext(ctx)) }

// Close closes the pools. It is safe to call twice.
func (db *DB) Close() error {
	var errs []error
	if db.reader != nil && db.reader != db.writer {
		errs = append(errs, db.reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	if db.pool != nil {
		db.pool.Close()
	}
	return errors.Join(errs...)
}

// Now is the store's time: the injected clock in tests, else the database's. Leases and deadlines use it.
// The embedded database has no clock but this machine's.
func (db *DB) Now(ctx context.Context) (time.Time, error) {
	if db.clock != nil {
		return models.Instant(db.clock.Now()), nil
	}
	if db.driver == SQLite {
		return models.SystemClock{}.Now(), nil
	}
	var now time.Time
	if err := db.q(ctx).Raw("SELECT clock_timestamp()").Row().Scan(&now); err != nil {
		return time.Time{}, translate(err)
	}
	return models.Instant(now), nil
}
