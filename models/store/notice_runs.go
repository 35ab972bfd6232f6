package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type noticeRunRow struct {
	ID          string `gorm:"primaryKey"`
	Kind        string
	BatchID     string
	LedgerMonth string
	State       string
	NextLine    int
	Total       int
	Told        int
	QueuedAt    time.Time
	EndedAt     *time.Time
}

func (noticeRunRow) TableName() string { return "notice_runs" }

func newRunRow(r subsidy.NoticeRun) noticeRunRow {
	return noticeRunRow{ID: string(r.ID), Kind: string(r.Kind), BatchID: r.Batch, LedgerMonth: r.LedgerMonth, State: string(r.State), NextLine: r.Next,
		Total: r.Total, Told: r.Told, QueuedAt: models.Instant(r.QueuedAt)}
}

// AddRun queues the telling of a batch, once for each kind.
func (s *Subsidies) AddRun(ctx context.Context, r subsidy.NoticeRun) error {
	row := newRunRow(r)
	return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// RunAgain queues the telling of a batch from a line on.
func (s *Subsidies) RunAgain(ctx context.Context, r subsidy.NoticeRun) error {
	row := newRunRow(r)
	const open = "notice_runs.state IN ('queued', 'running', 'paused')"
	return translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "batch_id"}, {Name: "kind"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "next_line"}, Value: gorm.Expr("CASE WHEN " + open + " AND notice_runs.next_line < excluded.next_line THEN notice_runs.next_line ELSE excluded.next_line END")},
			{Column: clause.Column{Name: "state"}, Value: gorm.Expr("CASE WHEN notice_runs.state = 'paused' THEN 'paused' ELSE excluded.state END")},
			{Column: clause.Column{Name: "total"}, Value: gorm.Expr("excluded.total")},
			{Column: clause.Column{Name: "queued_at"}, Value: gorm.Expr("excluded.queued_at")},
			{Column: clause.Column{Name: "ended_at"}, Value: gorm.Expr("NULL")},
		},
	}).Create(&row).Error)
}

const openRun = "state IN ('queued', 'running')"

// HoldRun takes an open run and holds it until the transaction ends.
func (s *Subsidies) HoldRun(ctx context.Context) (subsidy.NoticeRun, bool, error) {
	q := s.w(ctx)
	if s.driver == Postgres {
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var rows []noticeRunRow
	if err := q.Where(openRun).Order("kind DESC, queued_at, id").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return subsidy.NoticeRun{}, false, translate(err)
	}
	r := rows[0]
	return subsidy.NoticeRun{ID: models.ID(r.ID), Kind: subsidy.RunKind(r.Kind), Batch: r.BatchID, LedgerMonth: r.LedgerMonth, State: subsidy.RunState(r.State),
		Next: r.NextLine, Total: r.Total, Told: r.Told, QueuedAt: models.Instant(r.QueuedAt), EndedAt: timeOf(r.EndedAt)}, true, nil
}

// RunsOpen reports whether there is something to tell, without asking for the right to write.
func (s *Subsidies) RunsOpen(ctx context.Context) (bool, error) {
	var n int64
	err := s.q(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM notice_runs WHERE " + openRun + " LIMIT 1) AS open").Scan(&n).Error
	return n > 0, translate(err)
}

// SaveRun writes how far a run has come; one that was ended or paused meanwhile is models.ErrConflict.
func (s *Subsidies) SaveRun(ctx context.Context, r subsidy.NoticeRun) error {
	return guarded(s.w(ctx).Model(&noticeRunRow{}).Where("id = ?", string(r.ID)).Where(openRun).Updates(map[string]any{
		"state": string(r.State), "next_line": r.Next, "told": r.Told, "ended_at": nullTime(r.EndedAt),
	}))
}

// CancelRuns ends the runs of a batch that are not over.
func (s *Subsidies) CancelRuns(ctx context.Context, batch string, kind subsidy.RunKind, at time.Time) error {
	return translate(s.w(ctx).Model(&noticeRunRow{}).Where("batch_id = ? AND kind = ? AND state IN ('queued', 'running', 'paused')", batch, string(kind)).
		Updates(map[string]any{"state": string(subsidy.RunCancelled), "ended_at": models.Instant(at)}).Error)
}

// UntoldFrom answers where the telling of batches stands, and holds it there.
func (s *Subsidies) UntoldFrom(ctx context.Context, batches []string) (map[string]int, error) {
	if len(batches) == 0 {
		return nil, nil
	}
	var rows []noticeRunRow
	err := s.forUpdate(s.w(ctx)).Select("batch_id", "next_line").Order("batch_id, kind").
		Where("batch_id IN ? AND kind <> ? AND state IN ('queued', 'running', 'paused')", batches, string(subsidy.TellCorrection)).Find(&rows).Error
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		if next, both := out[r.BatchID]; !both || r.NextLine < next {
			out[r.BatchID] = r.NextLine
		}
	}
	return out, translate(err)
}

// RunLines lists some lines of the run's batch, in line order.
func (s *Subsidies) RunLines(ctx context.Context, r subsidy.NoticeRun, limit int) ([]subsidy.Payment, error) {
	var rows []paymentRow
	err := s.w(ctx).Where("ledger_month = ? AND batch_id = ? AND line >= ?", r.LedgerMonth, r.Batch, r.Next).Order("line").Limit(limit).Find(&rows).Error
	return payments(rows), translate(err)
}

// TakeBackNotices drops the notices that were not handed over, and answers the causes of those that were or may have
// been: a message that the vendor may already have is out of our hands.
func (s *Subsidies) TakeBackNotices(ctx context.Context, causes []string) ([]string, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.replaceNotices(ctx, causes, "AND losses = 0", now); err != nil {
		return nil, err
	}
	var told []string
	err = s.w(ctx).Model(&noticeRow{}).Where("cause IN ? AND replaced_at IS NULL", causes).Order("cause").Pluck("cause", &told).Error
	return told, translate(err)
}

// FreeCauses names the notices of these causes by themselves as well, so that the causes may be told again.
func (s *Subsidies) FreeCauses(ctx context.Context, causes []string) error {
	return translate(s.w(ctx).Exec("UPDATE notices SET cause = cause || ':' || CAST(id AS text) WHERE cause IN ?", causes).Error)
}
