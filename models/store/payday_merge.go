package store

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

// StandingLines hands over what a merge must know of the stored lines from one to another of a batch. It locks nothing.
func (s *Subsidies) StandingLines(ctx context.Context, l subsidy.BatchLife, from, to int, take func(subsidy.StandingLine)) error {
	rows, err := s.q(ctx).Raw("SELECT line, version, amount_fen, person_id FROM payments WHERE ledger_month = ? AND batch_id = ? AND line BETWEEN ? AND ?",
		l.LedgerMonth, l.ID, from, to).Rows()
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line subsidy.StandingLine
		var fen int64
		if err := rows.Scan(&line.Line, &line.Version, &fen, (*string)(&line.PersonID)); err != nil {
			return translate(err)
		}
		line.AmountFen = models.Fen(fen)
		take(line)
	}
	return translate(rows.Err())
}

// rewritten are the columns of a payment that a newer version replaces: all but its key.
var rewritten = paymentColumns[3:]

var upsertPayment = func() string {
	set := make([]string, len(rewritten))
	for i, c := range rewritten {
		set[i] = c + " = excluded." + c
	}
	return insertPayment + " ON CONFLICT (ledger_month, batch_id, line) DO UPDATE SET " + strings.Join(set, ", ") + " WHERE payments.version < excluded.version"
}()

// values are the row in the order of paymentColumns.
func (r *paymentRow) values() []any {
	return []any{r.LedgerMonth, r.BatchID, r.Line, r.Programme, r.Edition, r.District, r.PersonID, r.BeneficiaryID, r.PayeeKind,
		r.HouseholdRef, r.ExceptionWhy, r.ExceptionBy, r.AmountFen, r.Period, r.State, r.Hold, r.PlannedAt, r.PublicisedAt, r.ApprovedAt, r.SentAt,
		r.CreditedAt, r.ReturnedAt, r.CreditNo, r.PayingBank, r.AccountBank, r.AccountTail, r.OldChannel, r.ReturnReason, r.ReissueOf,
		r.ReissuedAs, r.Version, r.ChangedAt, r.ReceivedAt, r.PaidRef}
}

// upsertEach writes payments one by one with one prepared statement: SQLite's driver takes a time that grows with the
// square of a statement's parameters.
func (db *DB) upsertEach(ctx context.Context, list []paymentRow) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		countStatement(ctx)
		upsert, err := db.txFrom(ctx).sql.PrepareContext(ctx, upsertPayment)
		if err != nil {
			return translate(err)
		}
		defer upsert.Close()
		for i := range list {
			if _, err := upsert.ExecContext(ctx, list[i].values()...); err != nil {
				return translate(err)
			}
		}
		return nil
	})
}

// lockLines reads payments by their keys and holds them. PostgreSQL looks each key up by itself: of a partition loaded a
// moment ago it knows no figures, and would compare every line of the batch with every key.
func (db *DB) lockLines(ctx context.Context, keys []subsidy.Key) (rows []paymentRow, err error) {
	if db.driver == SQLite || len(keys) == 1 {
		return rows, translate(db.forUpdate(db.w(ctx)).Where(db.keysIn(keys)).Find(&rows).Error)
	}
	err = db.w(ctx).Raw(`SELECT p.* FROM `+keyRows+`
CROSS JOIN LATERAL (SELECT * FROM payments WHERE ledger_month = k.month AND batch_id = k.batch AND line = k.line FOR UPDATE) AS p`,
		keyArrays(keys)...).Scan(&rows).Error
	return rows, translate(err)
}

// keyRows are keys as PostgreSQL's rows, given as keyArrays.
const keyRows = "unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(CAST(? AS text[]) AS integer[])) AS k(month, batch, line)"

func keyArrays(keys []subsidy.Key) []any {
	months, batches, lines := make([]string, len(keys)), make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		months[i], batches[i], lines[i] = k.LedgerMonth, k.BatchID, strconv.Itoa(k.Line)
	}
	return []any{textArray(months), textArray(batches), textArray(lines)}
}

// keysAmong is keysIn for many lines of a batch that may be fresh: each key is looked up by itself, as in lockLines.
func (db *DB) keysAmong(keys []subsidy.Key) clause.Expr {
	if db.driver == SQLite || len(keys) == 1 {
		return db.keysIn(keys)
	}
	return clause.Expr{SQL: "(ledger_month, batch_id, line) IN (SELECT k.month, k.batch, k.line FROM " + keyRows + ")", Vars: keyArrays(keys)}
}
