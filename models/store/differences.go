package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type differenceRow struct {
	LedgerMonth   string `gorm:"primaryKey"`
	BatchID       string `gorm:"primaryKey"`
	Line          int    `gorm:"primaryKey;autoIncrement:false"`
	Kind          string
	State         string
	Programme     string
	District      string
	OursVersion   int64
	OursState     string
	OursFen       int64
	TheirsVersion int64
	TheirsState   string
	TheirsFen     int64
	Why           string
	FoundAt       time.Time
	SeenAt        time.Time
}

func (differenceRow) TableName() string { return "figure_differences" }

func (r differenceRow) difference() subsidy.Difference {
	return subsidy.Difference{
		Key: subsidy.Key{LedgerMonth: r.LedgerMonth, BatchID: r.BatchID, Line: r.Line}, Kind: subsidy.DifferenceKind(r.Kind), State: r.State,
		Programme: r.Programme, District: r.District, Ours: subsidy.Side{Version: r.OursVersion, State: subsidy.State(r.OursState), AmountFen: models.Fen(r.OursFen)},
		Theirs: subsidy.Side{Version: r.TheirsVersion, State: subsidy.State(r.TheirsState), AmountFen: models.Fen(r.TheirsFen)}, Why: r.Why,
		FoundAt: models.Instant(r.FoundAt), SeenAt: models.Instant(r.SeenAt),
	}
}

// SaveDifferences writes what a comparison found. One that is open still keeps the instant at which it was found; open
// ones of the district's month that were not met since then are gone.
func (s *Subsidies) SaveDifferences(ctx context.Context, month, district string, list []subsidy.Difference, at, since time.Time) error {
	at = models.Instant(at)
	rows := make([]differenceRow, len(list))
	for i, d := range list {
		rows[i] = differenceRow{
			d.Key.LedgerMonth, d.Key.BatchID, d.Key.Line, string(d.Kind), d.State, d.Programme, district, d.Ours.Version, string(d.Ours.State),
			int64(d.Ours.AmountFen), d.Theirs.Version, string(d.Theirs.State), int64(d.Theirs.AmountFen), d.Why, at, at,
		}
	}
	if len(rows) > 0 {
		assign := clause.AssignmentColumns([]string{"kind", "state", "programme", "district", "ours_version", "ours_state", "ours_fen", "theirs_version",
			"theirs_state", "theirs_fen", "why", "seen_at"})
		assign = append(assign, clause.Assignment{Column: clause.Column{Name: "found_at"},
			Value: clause.Expr{SQL: "CASE WHEN figure_differences.state = 'open' THEN figure_differences.found_at ELSE excluded.found_at END"}})
		err := s.w(ctx).Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "ledger_month"}, {Name: "batch_id"}, {Name: "line"}}, DoUpdates: assign,
		}).CreateInBatches(rows, 500).Error
		if err != nil {
			return translate(err)
		}
	}
	if since.IsZero() {
		return nil
	}
	return translate(s.w(ctx).Exec("UPDATE figure_differences SET state = 'gone' WHERE ledger_month = ? AND district = ? AND state = 'open' AND seen_at < ?",
		month, district, models.Instant(since)).Error)
}

// OpenDistricts lists the districts of a month with open differences.
func (s *Subsidies) OpenDistricts(ctx context.Context, month string) ([]string, error) {
	var out []string
	err := s.q(ctx).Model(&differenceRow{}).Where("ledger_month = ? AND state = 'open'", month).Distinct().Order("district").Pluck("district", &out).Error
	return out, translate(err)
}

// Differences lists a page, the newest found first.
func (s *Subsidies) Differences(ctx context.Context, q subsidy.DifferenceQuery) ([]subsidy.Difference, error) {
	db := s.q(ctx).Order("found_at DESC, ledger_month DESC, batch_id DESC, line DESC").Limit(q.Limit)
	for _, f := range []struct{ column, value string }{{"state", q.State}, {"ledger_month", q.Month}, {"district", q.District}} {
		if f.value != "" {
			db = db.Where(f.column+" = ?", f.value)
		}
	}
	if !q.AfterAt.IsZero() {
		db = db.Where("(found_at, ledger_month, batch_id, line) < (?, ?, ?, ?)", q.AfterAt, q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	}
	var rows []differenceRow
	if err := db.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.Difference, len(rows))
	for i, r := range rows {
		out[i] = r.difference()
	}
	return out, nil
}
