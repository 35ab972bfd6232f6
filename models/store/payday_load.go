package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"onecard/models/subsidy"
)

// paymentColumns are the columns of payments in the order in which a load writes them.
var paymentColumns = []string{"ledger_month", "batch_id", "line", "programme", "edition", "district", "person_id", "beneficiary_id", "payee_kind",
	"household_ref", "exception_why", "exception_by", "amount_fen", "period", "state", "hold", "planned_at", "publicised_at", "approved_at", "sent_at",
	"credited_at", "returned_at", "credit_no", "paying_bank", "account_bank", "account_tail", "old_channel", "return_reason", "reissue_of",
	"reissued_as", "version", "changed_at", "received_at", "paid_ref"}

// LoadLines stores the lines of a batch that has none.
func (s *Subsidies) LoadLines(ctx context.Context, l subsidy.BatchLife, rows *subsidy.Rows, step func(int), finish func(ctx context.Context) error) error {
	if s.driver == SQLite {
		return s.loadInPieces(ctx, l, rows, step, finish)
	}
	if l.Spooled { // somebody came as far as this before, and died
		s.sweepDead(ctx, l.LedgerMonth)
	}
	err := s.InLongTx(ctx, rows.Count(), func(ctx context.Context) error {
		met, err := s.copyMonth(ctx, l.LedgerMonth, rows, step)
		if err != nil {
			return err
		}
		if err := finish(ctx); err != nil {
			return err
		}
		return s.noteLists(ctx, met)
	})
	if err == nil {
		s.knowMonth(ctx, l.LedgerMonth)
	}
	return err
}

// knowMonth tells the planner of a month that was filled just now, as migration 29 says. Where it fails, the server's own
// collector comes by within minutes.
func (db *DB) knowMonth(ctx context.Context, month string) {
	if err := db.w(ctx).Exec("SELECT know_payments_partition(?)", month).Error; err != nil {
		db.log.WarnContext(ctx, "a month has no statistics yet", "code", "MONTH_NOT_ANALYSED", "error", translate(err))
	}
}

// copyMonth copies lines into their month's table. The table of a month that begins with them gets its indexes behind
// them, as migration 19 says.
func (db *DB) copyMonth(ctx context.Context, month string, rows *subsidy.Rows, step func(int)) (paidLists, error) {
	if !monthForm.MatchString(month) {
		return nil, errMonthForm
	}
	var begun bool
	if err := db.w(ctx).Raw("SELECT begin_payments_partition(?)", month).Scan(&begun).Error; err != nil {
		return nil, translate(err)
	}
	if !begun {
		return db.copyLines(ctx, "payments", rows, step)
	}
	met, err := db.copyLines(ctx, partition(month), rows, step)
	if err != nil {
		return nil, err
	}
	return met, translate(db.w(ctx).Exec("SELECT end_payments_partition(?)", month).Error)
}

// partition is the table of a ledger month, which has the form of one.
func partition(month string) string { return "payments_" + strings.ReplaceAll(month, "-", "_") }

// sweepDead frees the room that loads which broke off take in a month's table, so that repeating them does not make it
// grow. Only the table's owner may; for others the server passes it over, and its own vacuum comes by within a minute.
func (db *DB) sweepDead(ctx context.Context, month string) {
	if !monthForm.MatchString(month) {
		return
	}
	var there bool
	err := db.w(ctx).Raw("SELECT to_regclass(?) IS NOT NULL", partition(month)).Scan(&there).Error
	if err == nil && there {
		err = db.w(ctx).Exec("VACUUM " + partition(month)).Error
	}
	if err != nil {
		db.log.WarnContext(ctx, "dead lines are not swept", "code", "DEAD_LINES_NOT_SWEPT", "error", translate(err))
	}
}

// longLock is how long a long transaction waits for a lock: what it would have to repeat costs more than a page of the feed.
const longLock = 20_000

// giveTime lets the statements of this transaction run as long as so many lines need; only PostgreSQL counts.
func (db *DB) giveTime(ctx context.Context, lines int) error {
	if db.driver == SQLite {
		return nil
	}
	const least, perLine = 600_000, 1 // a load may wait for the one that begins its month
	return translate(db.w(ctx).Exec("SELECT set_config('statement_timeout', ?, true), set_config('lock_timeout', ?, true)",
		strconv.Itoa(least+perLine*lines), strconv.Itoa(longLock)).Error)
}

// copyLines is the one COPY of a payday, on the connection of the transaction.
func (db *DB) copyLines(ctx context.Context, table string, rows *subsidy.Rows, step func(int)) (paidLists, error) {
	st := db.txFrom(ctx)
	if st == nil {
		return nil, errors.New("a copy outside a transaction")
	}
	countStatement(ctx)
	in := &copyReader{rows: rows, step: step, met: paidLists{}}
	err := st.conn.Raw(func(driver any) error {
		conn, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("the connection is not pgx's")
		}
		tag, err := conn.Conn().PgConn().CopyFrom(ctx, in, "COPY "+table+" ("+strings.Join(paymentColumns, ", ")+") FROM STDIN (FORMAT binary)")
		if err == nil && tag.RowsAffected() != int64(rows.Count()) {
			err = pgx.ErrTooManyRows
		}
		return err
	})
	if in.err != nil { // what we could not read is the reason, not the server's word about it
		return nil, in.err
	}
	return in.met, translate(err)
}

// pieceLines is how many lines SQLite commits at a time, so that others write in between.
const pieceLines = 5000

// loadInPieces commits lines behind the batch's visibility. What a load that broke off left goes first.
func (s *Subsidies) loadInPieces(ctx context.Context, l subsidy.BatchLife, rows *subsidy.Rows, step func(int), finish func(ctx context.Context) error) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		if l.Loading {
			err := s.w(ctx).Where("ledger_month = ? AND batch_id = ?", l.LedgerMonth, l.ID).Delete(&paymentRow{}).Error
			if err != nil {
				return translate(err)
			}
		}
		return guarded(s.underLease(ctx, l).Update("loading", true))
	})
	if err != nil {
		return err
	}
	for stored, end := 0, false; !end; {
		err := s.InTx(ctx, func(ctx context.Context) (err error) {
			if err := guarded(s.underLease(ctx, l).Update("loading", true)); err != nil {
				return err
			}
			var n int
			var met paidLists
			n, met, end, err = s.insertPiece(ctx, rows)
			stored += n
			return errors.Join(err, s.noteLists(ctx, met))
		})
		if err != nil {
			return err
		}
		step(stored)
	}
	return s.InTx(ctx, finish)
}

var insertPayment = "INSERT INTO payments (" + strings.Join(paymentColumns, ", ") + ") VALUES (" + strings.Repeat(",?", len(paymentColumns))[1:] + ")" //nolint:gosec // our own column names

func (db *DB) insertPiece(ctx context.Context, rows *subsidy.Rows) (n int, met paidLists, end bool, err error) {
	countStatement(ctx)
	met = paidLists{}
	insert, err := db.txFrom(ctx).sql.PrepareContext(ctx, insertPayment)
	if err != nil {
		return 0, nil, false, translate(err)
	}
	defer insert.Close()
	for ; n < pieceLines; n++ {
		p, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return n, met, true, nil
		}
		if err != nil {
			return n, nil, false, err
		}
		if err := insertOne(ctx, insert, p); err != nil {
			return n, nil, false, err
		}
		met[paidList{p.Programme, p.Period, p.Key.LedgerMonth}] = struct{}{}
	}
	return n, met, false, nil
}

func insertOne(ctx context.Context, insert *sql.Stmt, p *subsidy.Payment) error {
	r := newPaymentRow(*p)
	_, err := insert.ExecContext(ctx, r.values()...)
	return translate(err)
}
