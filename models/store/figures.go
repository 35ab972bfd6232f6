package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gosqlite "github.com/glebarez/go-sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

var _ subsidy.Compared = (*Subsidies)(nil)

// FigureMonths lists the ledger months of every batch, the newest first.
func (s *Subsidies) FigureMonths(ctx context.Context) ([]string, error) {
	var months []string
	err := s.q(ctx).Raw("SELECT DISTINCT ledger_month FROM batches ORDER BY ledger_month DESC").Scan(&months).Error
	return months, translate(err)
}

// Unsettled lists the batches of a month that are on their way: their lines do not stand yet, or no more.
func (s *Subsidies) Unsettled(ctx context.Context, month string) ([]string, error) {
	var ids []string
	err := s.q(ctx).Raw(`SELECT id FROM batches WHERE ledger_month = ? AND (lines_by = 'stream' AND state <> 'applied' OR waiting OR loading OR withdrawn OR state = 'withdrawn')
		ORDER BY id`, month).Scan(&ids).Error
	return ids, translate(err)
}

func (s *Subsidies) figures(ctx context.Context, q subsidy.FigureQuery) *gorm.DB {
	db := s.q(ctx).Table("payments").Where("ledger_month = ?", q.Month)
	if q.District != "" {
		db = db.Where("district = ?", q.District)
	}
	if len(q.Except) > 0 { // there may be thousands: one parameter, looked up in a table of its own
		list, among := textArray(q.Except), "SELECT unnest(CAST(? AS text[]))"
		if s.driver == SQLite {
			list, among = jsonArray(q.Except), "SELECT value FROM json_each(?)"
		}
		db = db.Where("batch_id NOT IN ("+among+")", list)
	}
	return db
}

// OurFigures counts a month by programme, district and state. With the content every line of it is read and digested, which
// takes longer than a statement has.
func (s *Subsidies) OurFigures(ctx context.Context, q subsidy.FigureQuery) (map[subsidy.Bucket]subsidy.Sum, error) {
	if !q.Content || s.driver == SQLite {
		return s.ourFigures(ctx, q)
	}
	var out map[subsidy.Bucket]subsidy.Sum
	err := s.InTx(ctx, func(ctx context.Context) (err error) {
		err = translate(s.w(ctx).Exec("SELECT set_config('statement_timeout', ?, true)", strconv.FormatInt(subsidy.ReckoningTime.Milliseconds(), 10)).Error)
		if err == nil {
			out, err = s.ourFigures(ctx, q)
		}
		return err
	})
	return out, err
}

func (s *Subsidies) ourFigures(ctx context.Context, q subsidy.FigureQuery) (map[subsidy.Bucket]subsidy.Sum, error) {
	var rows []struct {
		Programme, District, State string
		Count                      int
		TotalFen, Content          int64
	}
	content := strconv.Itoa(subsidy.NoContent)
	if q.Content {
		content = "CAST(sum(" + s.contentOf() + ") AS bigint)"
	}
	err := s.figures(ctx, q).Select("programme, district, state, count(*) AS count, sum(amount_fen) AS total_fen, " + content + " AS content").
		Group("programme, district, state").Scan(&rows).Error
	out := make(map[subsidy.Bucket]subsidy.Sum, len(rows))
	for _, r := range rows {
		out[subsidy.Bucket{Programme: r.Programme, District: r.District, State: subsidy.State(r.State)}] =
			subsidy.Sum{Count: r.Count, TotalFen: models.Fen(r.TotalFen), Content: r.Content}
	}
	return out, translate(err)
}

// paidRef is the payee as the registry names her in the line.
const paidRef = "COALESCE(paid_ref, (SELECT ref FROM persons WHERE persons.id = payments.person_id), '')"

// contentOf is subsidy.ContentOf of a payment's row.
func (db *DB) contentOf() string {
	const form = "batch_id || '|' || line || '|' || version || '|' || edition || '|' || amount_fen || '|' || " + paidRef + " || '|' || credit_no || '|' || return_reason"
	if db.driver == SQLite {
		return contentFunction + "(" + form + ")"
	}
	return "CAST(CAST('x' || substr(encode(sha256(convert_to(" + form + ", 'UTF8')), 'hex'), 1, 8) AS bit(32)) AS bigint)"
}

// contentFunction is what SQLite calls for subsidy.ContentSum: it has no digest of its own.
const contentFunction = "onecard_content"

var registerContent = sync.OnceValue(func() error {
	return gosqlite.RegisterDeterministicScalarFunction(contentFunction, 1, func(_ *gosqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		form, ok := args[0].(string)
		if !ok {
			return nil, errors.New("the content of a line is a text")
		}
		return subsidy.ContentSum(form), nil
	})
})

// compared are the columns of a payment that is held against the registry's line.
var compared = append(slices.Clone(paymentColumns[:len(paymentColumns)-1]), paidRef+" AS paid_ref")

// OurMarks reads the payments of a bucket in one range of keys. The range goes by the bytes of the batches' names, as the
// registry's pages do, and the index of the keys by the database's own order: the batches are picked here, so that a page
// reads its own lines and not the month.
func (s *Subsidies) OurMarks(ctx context.Context, q subsidy.MarkQuery, to subsidy.Key) ([]subsidy.Payment, error) {
	db := s.figures(ctx, q.FigureQuery).Where("programme = ? AND district = ? AND state = ?", q.Bucket.Programme, q.Bucket.District, string(q.State))
	switch {
	case q.After.BatchID == "" && to.BatchID == "":
	case q.After.BatchID == to.BatchID:
		db = db.Where("batch_id = ? AND line > ? AND line <= ?", to.BatchID, q.After.Line, to.Line)
	default:
		between, err := s.batchesBetween(ctx, q.Month, q.After.BatchID, to.BatchID)
		if err != nil {
			return nil, err
		}
		db = db.Where("(batch_id = ? AND line > ? OR batch_id IN ? OR batch_id = ? AND line <= ?)", q.After.BatchID, q.After.Line, between, to.BatchID, to.Line)
	}
	var rows []paymentRow
	err := db.Select(compared).Find(&rows).Error
	return payments(rows), translate(err)
}

// batchesBetween lists a month's batches whose names stand between two others, by their bytes; an empty one is no bound.
func (s *Subsidies) batchesBetween(ctx context.Context, month, after, to string) ([]string, error) {
	var ids []string
	err := s.q(ctx).Raw("SELECT id FROM batches WHERE ledger_month = ?", month).Scan(&ids).Error
	return slices.DeleteFunc(ids, func(id string) bool { return id <= after || to != "" && id >= to }), translate(err)
}

// OurLines reads payments by their keys.
func (s *Subsidies) OurLines(ctx context.Context, keys []subsidy.Key) (map[subsidy.Key]subsidy.Payment, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var rows []paymentRow
	err := s.q(ctx).Table("payments").Select(compared).Where(s.keysIn(keys)).Find(&rows).Error
	out := make(map[subsidy.Key]subsidy.Payment, len(rows))
	for _, p := range payments(rows) {
		out[p.Key] = p
	}
	return out, translate(err)
}

// lowered is below every version that a source gives.
const lowered = -1

// LowerVersions lowers those that still have the version which was seen.
func (s *Subsidies) LowerVersions(ctx context.Context, seen map[subsidy.Key]int64) (map[subsidy.Key]bool, error) {
	if len(seen) == 0 {
		return nil, nil
	}
	args := make([]any, 0, 4*len(seen))
	for k, version := range seen {
		args = append(args, k.LedgerMonth, k.BatchID, k.Line, version)
	}
	places := strings.Repeat(",(?,?,?,?)", len(seen))[1:]
	if s.driver == SQLite {
		places = "VALUES " + places
	}
	var rows []paymentRow
	err := s.w(ctx).Raw("UPDATE payments SET version = ? WHERE (ledger_month, batch_id, line, version) IN ("+places+") RETURNING ledger_month, batch_id, line",
		append([]any{lowered}, args...)...).Scan(&rows).Error
	out := make(map[subsidy.Key]bool, len(rows))
	for _, p := range payments(rows) {
		out[p.Key] = true
	}
	return out, translate(err)
}

// RestoreVersions gives lowered ones back what they had; there are few.
func (s *Subsidies) RestoreVersions(ctx context.Context, was map[subsidy.Key]int64) error {
	for k, version := range was {
		err := s.w(ctx).Exec("UPDATE payments SET version = ? WHERE ledger_month = ? AND batch_id = ? AND line = ? AND version = ?",
			version, k.LedgerMonth, k.BatchID, k.Line, lowered).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

type figureCheckRow struct {
	LedgerMonth string `gorm:"primaryKey"`
	Digest      string
	CheckedAt   time.Time
}

func (figureCheckRow) TableName() string { return "figure_checks" }

// CheckedFigures is the digest of the registry's figures when a month was last found equal.
func (s *Subsidies) CheckedFigures(ctx context.Context, month string) (string, error) {
	var digests []string
	err := s.q(ctx).Model(&figureCheckRow{}).Where("ledger_month = ?", month).Pluck("digest", &digests).Error
	if err != nil || len(digests) == 0 {
		return "", translate(err)
	}
	return digests[0], nil
}

// SaveCheckedFigures notes that a month was found equal.
func (s *Subsidies) SaveCheckedFigures(ctx context.Context, month, digest string, at time.Time) error {
	return translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "ledger_month"}}, DoUpdates: clause.AssignmentColumns([]string{"digest", "checked_at"}),
	}).Create(&figureCheckRow{month, digest, models.Instant(at)}).Error)
}
