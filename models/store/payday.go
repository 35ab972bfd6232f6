package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/mirror"
	"onecard/models/subsidy"
)

// BatchLife reads one batch.
func (s *Subsidies) BatchLife(ctx context.Context, id string) (subsidy.BatchLife, error) {
	var row batchRow
	if err := s.q(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return subsidy.BatchLife{}, translate(err)
	}
	return row.life(), nil
}

// dueBatch is what a worker without a file at hand can do something about.
const dueBatch = `waiting AND (lines_by <> 'file' OR withdrawn) AND (due_at IS NULL OR due_at <= ?) AND (lease_ends IS NULL OR lease_ends <= ?)`

// BatchDue reports whether TakeDueBatch may find one, without asking for the right to write.
func (s *Subsidies) BatchDue(ctx context.Context) (bool, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return false, err
	}
	return s.batchDue(ctx, now)
}

func (s *Subsidies) batchDue(ctx context.Context, now time.Time) (bool, error) {
	var due int64
	err := s.q(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM batches WHERE "+dueBatch+" LIMIT 1) AS due", now, now).Scan(&due).Error
	return due > 0, translate(err)
}

// TakeDueBatch leases the batch that has waited longest. One statement takes it and commits; batches that another is
// taking are passed over. SQLite has one writer, and looks before it asks for it.
func (s *Subsidies) TakeDueBatch(ctx context.Context, lease time.Duration) (subsidy.BatchLife, bool, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return subsidy.BatchLife{}, false, err
	}
	if due, err := s.batchDue(ctx, now); err != nil || !due {
		return subsidy.BatchLife{}, false, err
	}
	skip := " FOR UPDATE SKIP LOCKED"
	if s.driver == SQLite {
		skip = ""
	}
	return s.takeBatch(ctx, "id = (SELECT id FROM batches WHERE "+dueBatch+" ORDER BY announced_at, id LIMIT 1"+skip+")", lease, now, now, now)
}

// TakeThisBatch leases one batch, unless another has it.
func (s *Subsidies) TakeThisBatch(ctx context.Context, id string, lease time.Duration) (subsidy.BatchLife, bool, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return subsidy.BatchLife{}, false, err
	}
	return s.takeBatch(ctx, "id = ? AND (lease_ends IS NULL OR lease_ends <= ?)", lease, now, id, now)
}

func (s *Subsidies) takeBatch(ctx context.Context, which string, lease time.Duration, now time.Time, args ...any) (subsidy.BatchLife, bool, error) {
	var rows []batchRow
	err := s.w(ctx).Raw("UPDATE batches SET attempt = attempt + 1, lease_ends = ? WHERE "+which+" RETURNING *", append([]any{now.Add(lease)}, args...)...).
		Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return subsidy.BatchLife{}, false, translate(err)
	}
	return rows[0].life(), true, nil
}

// KeepBatch draws the lease out.
func (s *Subsidies) KeepBatch(ctx context.Context, l subsidy.BatchLife, lease time.Duration) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	return guarded(s.underLease(ctx, l).Updates(map[string]any{"lease_ends": now.Add(lease)}))
}

// underLease is the row while this attempt has it: each taking, and each newer announcement, is another attempt.
func (s *Subsidies) underLease(ctx context.Context, l subsidy.BatchLife) *gorm.DB {
	return s.w(ctx).Model(&batchRow{}).Where("id = ? AND attempt = ? AND lease_ends IS NOT NULL", l.ID, l.Attempt)
}

// SettleBatch writes what became of the batch.
func (s *Subsidies) SettleBatch(ctx context.Context, l subsidy.BatchLife, o subsidy.BatchSettlement) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	set := map[string]any{"waiting": o.Waiting}
	if o.State != "" {
		set["state"], set["reason"] = string(o.State), o.Reason
	}
	switch {
	case o.Keep:
	case o.Waiting:
		set["lease_ends"], set["due_at"] = nil, now.Add(o.After)
	default:
		set["lease_ends"], set["due_at"], set["tries"] = nil, nil, 0
	}
	if o.Failed {
		set["tries"] = gorm.Expr("tries + 1")
	}
	if !o.At.IsZero() {
		at := models.Instant(o.At)
		switch o.State {
		case subsidy.BatchSpooled:
			set["spooled_at"] = at
		case subsidy.BatchHeld:
			set["held_at"] = at // what a load that broke off left stays unseen
		case subsidy.BatchWithdrawn:
			set["withdrawn_at"], set["loading"], set["data_seq"] = at, false, o.DataSeq
		case subsidy.BatchApplied:
			set["applied_at"], set["loading"], set["data_seq"] = at, false, o.DataSeq
			set["applied_count"], set["applied_fen"], set["applied_digest"] = o.Count, int64(o.TotalFen), o.Digest
			set["lines_held"], set["lines_parked"] = o.Held, o.Parked
		}
	}
	return guarded(s.underLease(ctx, l).Updates(set))
}

// LinesStanding counts the stored lines of a batch. A batch that is being loaded has none that count.
func (s *Subsidies) LinesStanding(ctx context.Context, l subsidy.BatchLife) (int, error) {
	var n int64
	err := s.q(ctx).Model(&paymentRow{}).Where("ledger_month = ? AND batch_id = ?"+s.visible(), l.LedgerMonth, l.ID).Count(&n).Error
	return int(n), translate(err)
}

// InLongTx is InTx with the time that a change of so many lines needs.
func (s *Subsidies) InLongTx(ctx context.Context, lines int, fn func(ctx context.Context) error) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.giveTime(ctx, lines); err != nil {
			return err
		}
		return fn(ctx)
	})
}

// NextDataSeq counts a change of what readers see. It holds the cursor of the payments source until the commit.
func (s *Subsidies) NextDataSeq(ctx context.Context) (int64, error) {
	if _, err := s.Feeds().NotifyFrom(ctx, "payments", s.stamp()); err != nil {
		return 0, err
	}
	var seq int64
	err := s.w(ctx).Raw("UPDATE feed_cursors SET data_seq = data_seq + 1 WHERE source = 'payments' RETURNING data_seq").Scan(&seq).Error
	return seq, translate(err)
}

type findingRow struct {
	BatchID string `gorm:"primaryKey"`
	Line    int    `gorm:"primaryKey;autoIncrement:false"`
	Code    string `gorm:"primaryKey"`
	FoundAt time.Time
}

func (findingRow) TableName() string { return "batch_findings" }

const findingRows = 1000 // written by one statement

// SaveFindings replaces the report of a batch.
func (s *Subsidies) SaveFindings(ctx context.Context, batch string, at time.Time, each func(take func(subsidy.Finding) error) error) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.w(ctx).Where("batch_id = ?", batch).Delete(&findingRow{}).Error; err != nil {
			return translate(err)
		}
		var rows []findingRow
		write := func() error {
			err := s.addFindings(ctx, rows)
			rows = rows[:0]
			return err
		}
		err := each(func(f subsidy.Finding) error {
			if rows = append(rows, findingRow{batch, f.Line, f.Code, models.Instant(at)}); len(rows) < findingRows {
				return nil
			}
			return write()
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		return write()
	})
}

// AddFindings adds to reports what is not there yet.
func (s *Subsidies) AddFindings(ctx context.Context, list []subsidy.Finding, at time.Time) error {
	rows := make([]findingRow, len(list))
	for i, f := range list {
		rows[i] = findingRow{f.Batch, f.Line, f.Code, models.Instant(at)}
	}
	return s.addFindings(ctx, rows)
}

func (s *Subsidies) addFindings(ctx context.Context, rows []findingRow) error {
	if len(rows) == 0 {
		return nil
	}
	return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, findingRows).Error)
}

// Findings lists a batch's report in line order.
func (s *Subsidies) Findings(ctx context.Context, batch string, after subsidy.Finding, limit int) ([]subsidy.Finding, error) {
	var rows []findingRow
	err := s.q(ctx).Where("batch_id = ? AND (line, code) > (?, ?)", batch, after.Line, after.Code).Order("line, code").Limit(limit).Find(&rows).Error
	out := make([]subsidy.Finding, len(rows))
	for i, r := range rows {
		out[i] = subsidy.Finding{Batch: r.BatchID, Line: r.Line, Code: r.Code}
	}
	return out, translate(err)
}

// SealLine seals the raw form of a line under the id of the parked event it may become.
func (s *Subsidies) SealLine(ctx context.Context, raw []byte) (subsidy.ParkedLine, error) {
	p := subsidy.ParkedLine{ID: models.NewID()}
	var err error
	p.Body, err = s.Seal(ctx, "parked_events", "body", string(p.ID), raw)
	return p, err
}

const parkedRetry = 30 * time.Second // as the feed's first

// ParkLines puts lines among the parked events of the payments source.
func (s *Subsidies) ParkLines(ctx context.Context, list []subsidy.ParkedLine, at time.Time) error {
	rows := make([]parkedEventRow, len(list))
	for i, p := range list {
		rows[i] = parkedEventRow{ID: string(p.ID), Source: "payments", Entity: "payment_line", EntityID: p.EntityID(), Version: p.Version,
			Reason: mirror.OwnerUnknown, BodySealed: p.Body, ParkedAt: models.Instant(at), RetryAt: models.Instant(at.Add(parkedRetry))}
	}
	return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// HideLines puts a hold on every line of a batch.
func (s *Subsidies) HideLines(ctx context.Context, b subsidy.Batch, hold subsidy.Hold) (last int, err error) {
	where := "ledger_month = ? AND batch_id = ?"
	if err := s.w(ctx).Model(&paymentRow{}).Where(where, b.LedgerMonth, b.ID).Update("hold", string(hold)).Error; err != nil {
		return 0, translate(err)
	}
	err = s.w(ctx).Raw("SELECT coalesce(max(line), 0) FROM payments WHERE "+where, b.LedgerMonth, b.ID).Scan(&last).Error
	return last, translate(err)
}
