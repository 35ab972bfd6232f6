package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

type publicTotalRow struct {
	LedgerMonth string
	Programme   string
	District    string
	Shown       bool
	People      int64
	Payments    int64
	TotalFen    int64
}

func (publicTotalRow) TableName() string { return "public_totals" }

func publicTotals(rows []publicTotalRow) []subsidy.PublicTotal {
	out := make([]subsidy.PublicTotal, len(rows))
	for i, r := range rows {
		out[i] = subsidy.PublicTotal{LedgerMonth: r.LedgerMonth, Programme: r.Programme, District: r.District, Shown: r.Shown, People: r.People,
			Payments: r.Payments, TotalFen: models.Fen(r.TotalFen)}
	}
	return out
}

// MarkTotals notes changed months, in order, so that two who mark the same never wait for each other in a ring. A month
// that waits already keeps the earlier time.
func (s *Subsidies) MarkTotals(ctx context.Context, months []string, now, at time.Time) error {
	now, at = models.Instant(now), models.Instant(at)
	for _, month := range months {
		err := s.w(ctx).Exec(`INSERT INTO public_total_months (ledger_month, changes, counted, least, due_at) VALUES (?,1,0,0,?)
			ON CONFLICT (ledger_month) DO UPDATE SET changes = public_total_months.changes + 1,
			due_at = CASE WHEN public_total_months.changes > public_total_months.counted AND public_total_months.due_at < ?
				THEN public_total_months.due_at ELSE ? END`, month, now, at, at).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// TakeTotalsDue leases one month. It asks before it takes the right to write: most of the time nothing is due.
func (s *Subsidies) TakeTotalsDue(ctx context.Context, least int64, now, until time.Time) (m subsidy.MonthToCount, due bool, err error) {
	var rows []struct {
		LedgerMonth           string
		Changes, Counted, Was int64
		DueAt                 time.Time
	}
	err = s.q(ctx).Raw(`SELECT ledger_month, changes, counted, least AS was, due_at FROM public_total_months
		WHERE (changes > counted OR least <> ?) AND due_at <= ? ORDER BY due_at, ledger_month LIMIT 1`, least, models.Instant(now)).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return m, false, translate(err)
	}
	r := rows[0]
	err = guarded(s.w(ctx).Exec("UPDATE public_total_months SET due_at = ? WHERE ledger_month = ? AND due_at = ?", models.Instant(until), r.LedgerMonth, r.DueAt))
	if errors.Is(err, models.ErrConflict) { // another replica, or a change, was first
		return m, false, nil
	}
	return subsidy.MonthToCount{LedgerMonth: r.LedgerMonth, Changes: r.Changes, Least: r.Was}, err == nil, err
}

// CountMonth adds up one month. Persons are counted before sums are made, which a hash does in one pass over the partition.
func (s *Subsidies) CountMonth(ctx context.Context, month string) ([]subsidy.PublicTotal, error) {
	var rows []publicTotalRow
	count := func(ctx context.Context) error {
		return translate(s.q(ctx).Raw(`SELECT ? AS ledger_month, programme, district, count(*) AS people, CAST(sum(n) AS bigint) AS payments, CAST(sum(fen) AS bigint) AS total_fen
		FROM (SELECT programme, district, person_id, count(*) AS n, sum(amount_fen) AS fen FROM payments
			WHERE ledger_month = ? AND state = 'credited' AND `+s.shown()+` GROUP BY programme, district, person_id) each_person
		GROUP BY programme, district ORDER BY programme, district`, month, month).Scan(&rows).Error)
	}
	if s.driver == SQLite { // there a transaction would keep everybody else from writing
		err := count(ctx)
		return publicTotals(rows), err
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.giveTime(ctx, 0); err != nil {
			return err
		}
		return count(ctx)
	})
	return publicTotals(rows), err
}

// PrintedTotals reads the sheet of a month, to be replaced in this transaction.
func (s *Subsidies) PrintedTotals(ctx context.Context, month string) ([]subsidy.PublicTotal, error) {
	var rows []publicTotalRow
	err := s.w(ctx).Where("ledger_month = ?", month).Order("programme, district").Find(&rows).Error
	return publicTotals(rows), translate(err)
}

// SaveTotals replaces the sheet of a month.
func (s *Subsidies) SaveTotals(ctx context.Context, m subsidy.MonthToCount, least int64, cells []subsidy.PublicTotal, at time.Time) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.w(ctx).Exec("DELETE FROM public_totals WHERE ledger_month = ?", m.LedgerMonth).Error; err != nil {
			return translate(err)
		}
		rows := make([]publicTotalRow, len(cells))
		for i, c := range cells {
			rows[i] = publicTotalRow{c.LedgerMonth, c.Programme, c.District, c.Shown, c.People, c.Payments, int64(c.TotalFen)}
		}
		if len(rows) > 0 {
			if err := s.w(ctx).CreateInBatches(rows, 500).Error; err != nil {
				return translate(err)
			}
		}
		return guarded(s.w(ctx).Exec("UPDATE public_total_months SET counted = ?, least = ?, computed_at = ?, due_at = ? WHERE ledger_month = ?",
			m.Changes, least, models.Instant(at), models.Instant(at), m.LedgerMonth))
	})
}

// PublicTotals reads what is printed, newest month first, with when it was counted, in one statement.
func (s *Subsidies) PublicTotals(ctx context.Context, q subsidy.TotalsQuery) ([]subsidy.PublicTotal, time.Time, error) {
	where, args := "t.ledger_month BETWEEN ? AND ?", []any{q.From, q.To}
	and := func(cond string, values ...any) { where, args = where+" AND "+cond, append(args, values...) }
	if q.Programme != "" {
		and("t.programme = ?", q.Programme)
	}
	if q.District != "" {
		and("t.district = ?", q.District)
	}
	if q.After.Month != "" {
		and("(t.ledger_month < ? OR t.ledger_month = ? AND (t.programme, t.district) > (?, ?))", q.After.Month, q.After.Month, q.After.Programme, q.After.District)
	}
	query := "SELECT t.*, m.computed_at FROM public_totals t JOIN public_total_months m ON m.ledger_month = t.ledger_month WHERE " + where +
		" ORDER BY t.ledger_month DESC, t.programme, t.district"
	if q.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, q.Limit)
	}
	var rows []struct {
		Row        publicTotalRow `gorm:"embedded"` // exported: gorm passes over the others
		ComputedAt time.Time
	}
	if err := s.q(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, time.Time{}, translate(err)
	}
	cells, asOf := make([]publicTotalRow, len(rows)), time.Time{}
	for i, r := range rows {
		if cells[i] = r.Row; asOf.IsZero() || r.ComputedAt.Before(asOf) {
			asOf = models.Instant(r.ComputedAt)
		}
	}
	return publicTotals(cells), asOf, nil
}
