package store

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	gormlog "gorm.io/gorm/logger"

	"onecard/models"
)

// The dialects are gorm's own with two changes: errors become ours (fault.go), and every instant bound to a
// statement is UTC cut to microseconds. SQLite compares instants as text, which is right only in one zone.
type (
	pgDialect   struct{ *postgres.Dialector }
	liteDialect struct{ *sqlite.Dialector }
)

func (pgDialect) Translate(err error) error   { return translate(err) }
func (liteDialect) Translate(err error) error { return translate(err) }

func (d pgDialect) BindVarTo(w clause.Writer, stmt *gorm.Statement, v any) {
	bindInstant(stmt)
	d.Dialector.BindVarTo(w, stmt, v)
}

func (d liteDialect) BindVarTo(w clause.Writer, stmt *gorm.Statement, v any) {
	bindInstant(stmt)
	d.Dialector.BindVarTo(w, stmt, v)
}

// bindInstant brings the variable that gorm has just added into stored form.
func bindInstant(stmt *gorm.Statement) {
	if len(stmt.Vars) == 0 {
		return
	}
	last := &stmt.Vars[len(stmt.Vars)-1]
	switch v := (*last).(type) {
	case time.Time:
		*last = models.Instant(v)
	case *time.Time:
		if v != nil {
			*last = models.Instant(*v)
		}
	case sql.NullTime:
		v.Time = models.Instant(v.Time)
		*last = v
	}
}

// stamp is gorm's clock for autoCreateTime columns; rows of ours set their instants themselves.
func (db *DB) stamp() time.Time {
	if db.clock != nil {
		return models.Instant(db.clock.Now())
	}
	return models.SystemClock{}.Now()
}

// nowSQL is Now, moved by d, inside a statement: the database's clock where it counts, without asking for it first.
func (db *DB) nowSQL(d time.Duration) any {
	if db.clock != nil || db.driver == SQLite {
		return db.stamp().Add(d)
	}
	return gorm.Expr("statement_timestamp() + ? * interval '1 microsecond'", d.Microseconds())
}

// slowLogger reports slow statements, with placeholders instead of values. Errors are not logged here: their
// texts may hold values, and they are logged once at the edge as faults.
type slowLogger struct{ log *slog.Logger }

const (
	slowStatement = 500 * time.Millisecond
	longestLogged = 400
)

func (l slowLogger) LogMode(gormlog.LogLevel) gormlog.Interface { return l }
func (slowLogger) Info(context.Context, string, ...any)         {}
func (slowLogger) Warn(context.Context, string, ...any)         {}
func (slowLogger) Error(context.Context, string, ...any)        {}

func (l slowLogger) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	if took := time.Since(begin); took > slowStatement {
		text, rows := fc()
		text = text[:min(len(text), longestLogged)] // a load of many rows repeats its placeholders
		l.log.WarnContext(ctx, "slow statement", "sql", text, "rows", rows, "took", took)
	}
}

// ParamsFilter keeps bound values out of the logged text.
func (slowLogger) ParamsFilter(_ context.Context, text string, _ ...any) (string, []any) {
	return text, nil
}
