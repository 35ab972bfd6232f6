package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"onecard/models"
)

// fault is what we keep of a database error: codes and names of ours, never the server's text or detail, which
// repeat the values of the statement.
type fault struct {
	State string // SQLSTATE, or sqlite's extended code in digits
	On    string // the constraint; SQLite names the columns instead: "cards.person_id, cards.state"
	Text  string // only for mistakes in our own SQL, which name identifiers and no values
	is    error  // the class callers may ask for: errNoRow, errLockWait ...
}

func (f *fault) Error() string {
	return strings.TrimSpace(fmt.Sprintf("sql %s %s %s", f.State, f.On, f.Text))
}

func (f *fault) Unwrap() error { return f.is }

var (
	errDuplicate = errors.New("duplicate key")
	errLockWait  = errors.New("waited too long for a lock")
	errNotSent   = errors.New("the statement was refused") // the server answered; nothing of it took effect
)

// translate turns a driver's error into ours: no row is ErrNotFound, a duplicate or a lost race ErrConflict, a
// database we cannot reach or wait for ErrUnavailable. Errors of ours pass unchanged; anything else is Internal.
// Every error that comes through gorm has been translated; Scan and Rows errors have not.
func translate(err error) error {
	var ours *models.Error
	var f *fault
	if err == nil || errors.As(err, &ours) || errors.As(err, &f) {
		return err
	}
	var pg *pgconn.PgError
	var lite *gosqlite.Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows), errors.Is(err, pgx.ErrNoRows):
		return models.ErrNotFound.Because(gorm.ErrRecordNotFound)
	case errors.As(err, &pg):
		return translatePG(pg)
	case errors.As(err, &lite):
		return translateLite(lite)
	case errors.Is(err, context.Canceled):
		return models.ErrUnavailable.Because(context.Canceled)
	case errors.Is(err, context.DeadlineExceeded):
		return models.ErrUnavailable.Because(context.DeadlineExceeded)
	case lostConnection(err):
		return models.ErrUnavailable.Because(&fault{State: "connection"})
	}
	return err
}

func translatePG(pg *pgconn.PgError) error {
	f := &fault{State: pg.Code, On: pg.ConstraintName}
	switch class := pg.Code[:min(2, len(pg.Code))]; {
	case pg.Code == "23505":
		f.is = errDuplicate
		return models.ErrConflict.Because(f)
	case pg.Code == "40001", pg.Code == "40P01": // serialization, deadlock: the caller decides whether to try again
		f.is = errNotSent
		return models.ErrConflict.Because(f)
	case pg.Code == "22P02" && pg.Routine == "string_to_uuid": // what is no id names no row, as on SQLite
		return models.ErrNotFound.Because(f)
	case pg.Code == "55P03":
		f.is = errLockWait
		return models.ErrUnavailable.Because(f)
	case class == "08", class == "53", class == "57":
		return models.ErrUnavailable.Because(f)
	case class == "42":
		f.Text = pg.Message
	}
	f.is = errNotSent
	return f
}

func translateLite(e *gosqlite.Error) error {
	f := &fault{State: strconv.Itoa(e.Code())}
	switch {
	case e.Code() == 2067, e.Code() == 1555: // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY
		f.is = errDuplicate
		if _, cols, ok := strings.Cut(e.Error(), "UNIQUE constraint failed: "); ok {
			f.On, _, _ = strings.Cut(cols, " (")
		}
		return models.ErrConflict.Because(f)
	case e.Code()&0xff == 5, e.Code()&0xff == 6: // BUSY, LOCKED
		f.is = errLockWait
		return models.ErrUnavailable.Because(f)
	case e.Code()&0xff == 9: // INTERRUPT: our context ended
		return models.ErrUnavailable.Because(context.Canceled)
	case e.Code()&0xff == 10, e.Code()&0xff == 13: // IOERR, FULL
		return models.ErrUnavailable.Because(f)
	case e.Code() == 1: // ERROR: a mistake in our SQL, names only
		f.Text = e.Error()
	}
	f.is = errNotSent
	return f
}

func lostConnection(err error) bool {
	var netErr net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &netErr) || errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isDuplicate reports whether err is a duplicate in the unique index named so ("<table>_pkey" for a primary key).
// SQLite reports columns and not the name: two partial indexes over the same columns look alike there.
func (db *DB) isDuplicate(err error, index string) bool {
	var f *fault
	if !errors.As(err, &f) || !errors.Is(f.is, errDuplicate) {
		return false
	}
	return f.On == index || db.driver == SQLite && f.On == db.uniques.columns(db.reader, index)
}

// guarded is the end of a guarded update: no row changed means someone was first.
func guarded(res *gorm.DB) error {
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.ErrConflict
	}
	return nil
}
