package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"onecard/models"
)

type txKey struct{ db *DB }

// txState is one open transaction, carried by the context.
type txState struct {
	conn   *sql.Conn
	sql    *sql.Tx
	orm    *gorm.DB
	failed error // a nested decision failed: nothing of the whole may be committed
	after  []func()
	home   *broughtHome // of a look
}

func (db *DB) txFrom(ctx context.Context) *txState {
	st, _ := ctx.Value(txKey{db}).(*txState)
	return st
}

// InTx runs fn in one transaction, carried by the context it is given: one decision, one commit. A call inside
// another joins it, and a nested failure fails the whole even if the outer function swallows it. Nothing is retried.
// A commit whose fate is not known is ErrOutcomeUnknown: the same idempotency key tells. fn calls nothing outside.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if st := db.txFrom(ctx); st != nil {
		err := fn(ctx)
		if err != nil && st.failed == nil {
			st.failed = err
		}
		return err
	}
	conn, err := db.writer.Conn(ctx) // waits as long as the caller does
	if err != nil {
		return translate(err)
	}
	defer conn.Close()
	// The transaction outlives a caller who leaves: only statements are cut short, never a commit half way.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	begin := time.AfterFunc(db.commit, end)
	tx, err := conn.BeginTx(life, nil)
	begin.Stop()
	if err != nil {
		return translate(err)
	}
	st := &txState{conn: conn, sql: tx, orm: db.write.Session(&gorm.Session{NewDB: true, Context: ctx})}
	st.orm.Statement.ConnPool = tx
	if err = db.decide(ctx, st, fn); err != nil {
		return err
	}
	countCommit(ctx)
	timer := time.AfterFunc(db.commit, end) // a standby that does not answer must not hold a caller for ever
	defer timer.Stop()
	if err = tx.Commit(); err != nil {
		return db.commitFault(conn, err)
	}
	for _, f := range st.after {
		f()
	}
	return nil
}

// decide runs fn and rolls back when it fails, panics, or its caller has gone.
func (db *DB) decide(ctx context.Context, st *txState, fn func(ctx context.Context) error) (err error) {
	done := false
	defer func() {
		if !done {
			_ = st.sql.Rollback()
		}
	}()
	if err = fn(context.WithValue(ctx, txKey{db}, st)); err == nil {
		err = st.failed
	}
	if err == nil {
		err = ctx.Err()
	}
	done = err == nil
	return translate(err)
}

// commitFault tells "surely rolled back" from "we cannot know".
func (db *DB) commitFault(conn *sql.Conn, err error) error {
	var pg *pgconn.PgError
	switch {
	case db.driver == SQLite:
		// A refused COMMIT leaves the transaction open on the connection; that it can be rolled back is the proof.
		if _, open := conn.ExecContext(context.Background(), "ROLLBACK"); open == nil {
			return translate(err)
		}
	case errors.Is(err, pgx.ErrTxCommitRollback): // a statement had failed and its error was swallowed
		return models.ErrConflict.Because(&fault{State: "25P02", is: errNotSent})
	case errors.As(err, &pg) && pg.Code[:min(3, len(pg.Code))] != "57P": // shut down while committing: unknown
		return translate(err)
	}
	return models.ErrOutcomeUnknown.Because(translate(err))
}

// AfterCommit runs f once the transaction of ctx has committed, the outermost where it is nested, in the order of the
// calls; never if it was rolled back or its fate is not known; without a transaction, now. For what only saves time or
// counts (wake-ups, copies to drop, metrics): f must not fail and must be quick, and a process that dies between commit
// and f never runs it.
func (db *DB) AfterCommit(ctx context.Context, f func()) {
	if st := db.txFrom(ctx); st != nil {
		st.after = append(st.after, f)
		return
	}
	f()
}

// q reads: in the transaction of ctx if there is one, else on the reading pool.
func (db *DB) q(ctx context.Context) *gorm.DB {
	if st := db.txFrom(ctx); st != nil {
		return st.orm.WithContext(ctx)
	}
	return db.read.WithContext(ctx)
}

// w writes: in the transaction of ctx if there is one, else as a commit of its own. A decision belongs in InTx,
// because only there is a lost commit answered as ErrOutcomeUnknown.
func (db *DB) w(ctx context.Context) *gorm.DB {
	if st := db.txFrom(ctx); st != nil {
		return st.orm.WithContext(ctx)
	}
	return db.write.WithContext(ctx)
}
