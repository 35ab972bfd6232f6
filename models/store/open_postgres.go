package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// openPostgres shares one pgx pool between gorm, River and COPY. Every wait has an end: lock_timeout is also what
// turns a second caller with the same idempotency key into REQUEST_IN_PROGRESS, without a statement of its own.
func (db *DB) openPostgres(ctx context.Context, cfg Config) error {
	pc, err := pgxpool.ParseConfig(cfg.DSN)
	if err != nil {
		return err
	}
	pc.MaxConns = int32(cfg.MaxConns) // a pool size, checked by configs
	pc.ConnConfig.ConnectTimeout = 5 * time.Second
	params := pc.ConnConfig.RuntimeParams
	params["lock_timeout"] = strconv.FormatInt(cfg.LockTimeout.Milliseconds(), 10)
	params["statement_timeout"] = strconv.FormatInt(cfg.Statement.Milliseconds(), 10)
	params["idle_in_transaction_session_timeout"] = "60000"
	// A machine that vanishes in the middle of a load gives back what it holds within half a minute, not two hours.
	params["tcp_keepalives_idle"], params["tcp_keepalives_interval"], params["tcp_keepalives_count"] = "10", "5", "3"
	params["client_connection_check_interval"] = "5000"
	params["timezone"] = "UTC"
	params["application_name"] = "onecard"
	pc.AfterConnect = readInUTC
	if db.pool, err = pgxpool.NewWithConfig(ctx, pc); err != nil {
		return err
	}
	db.writer = stdlib.OpenDBFromPool(db.pool)
	db.reader = db.writer
	if err = db.writer.PingContext(ctx); err != nil {
		return translate(err)
	}
	db.write, err = db.openGorm(pgDialect{&postgres.Dialector{Config: &postgres.Config{Conn: db.writer}}})
	db.read = db.write
	return err
}

// readInUTC makes instants come back as they were written, whatever the machine's zone is.
func readInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

func (db *DB) openGorm(d gorm.Dialector) (*gorm.DB, error) {
	g, err := gorm.Open(d, &gorm.Config{
		SkipDefaultTransaction: true, // InTx is the only way to group statements
		DisableAutomaticPing:   true,
		TranslateError:         true, // see pgDialect and liteDialect
		Logger:                 slowLogger{db.log},
		NowFunc:                db.stamp,
	})
	if err != nil {
		return nil, err
	}
	if err = countStatements(g); err != nil {
		return nil, fmt.Errorf("register statement counter: %w", err)
	}
	return g, nil
}
