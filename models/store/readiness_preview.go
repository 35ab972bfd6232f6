package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

var _ subsidy.Previews = (*Explanations)(nil)

type previewRow struct {
	BatchID     string `gorm:"primaryKey"`
	LedgerMonth string
	Line        int
	Seen        int
	Found       int
	State       string
	NextAt      time.Time
	BegunAt     time.Time
	DoneAt      *time.Time
}

func (previewRow) TableName() string { return "payday_previews" }

func (r previewRow) preview() subsidy.Preview {
	return subsidy.Preview{Batch: r.BatchID, LedgerMonth: r.LedgerMonth, Line: r.Line, Seen: r.Seen, Found: r.Found, State: r.State,
		NextAt: models.Instant(r.NextAt), BegunAt: models.Instant(r.BegunAt)}
}

// BeginPreview takes on the oldest batch announced since that nobody has looked at; one that comes as a stream, once its
// lines are here.
func (e *Explanations) BeginPreview(ctx context.Context, since, now time.Time) (subsidy.Preview, error) {
	var b batchRow
	err := e.w(ctx).Table("batches").Where(`version > 0 AND NOT withdrawn AND (lines_by = 'feed' AND announced_at >= ? OR state = 'applied' AND applied_at >= ?)
			AND NOT EXISTS (SELECT 1 FROM payday_previews v WHERE v.batch_id = batches.id)`, since, since).
		Order("announced_at, id").Take(&b).Error
	if err != nil {
		return subsidy.Preview{}, translate(err)
	}
	row := previewRow{BatchID: b.ID, LedgerMonth: b.LedgerMonth, State: subsidy.PreviewRunning, NextAt: now, BegunAt: now}
	res := e.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if res.Error != nil || res.RowsAffected == 0 {
		return subsidy.Preview{}, orNotFound(translate(res.Error))
	}
	p := row.preview()
	p.District, p.Count, p.AnnouncedAt = b.District, b.Count, models.Instant(b.AnnouncedAt)
	return p, nil
}

func orNotFound(err error) error {
	if err == nil {
		return models.ErrNotFound
	}
	return err
}

// LockPreview takes the look that has waited longest.
func (e *Explanations) LockPreview(ctx context.Context, now time.Time) (subsidy.Preview, error) {
	var row previewRow
	err := e.forUpdate(e.w(ctx)).Where("state = ? AND next_at <= ?", subsidy.PreviewRunning, now).Order("next_at, batch_id").Take(&row).Error
	if err != nil {
		return subsidy.Preview{}, translate(err)
	}
	p := row.preview()
	var b batchRow
	if err := e.w(ctx).Table("batches").Select("district", "count", "announced_at").Where("id = ?", row.BatchID).Take(&b).Error; err != nil {
		return p, translate(err)
	}
	p.District, p.Count, p.AnnouncedAt = b.District, b.Count, models.Instant(b.AnnouncedAt)
	return p, nil
}

// SavePreview writes how far a look has come.
func (e *Explanations) SavePreview(ctx context.Context, p subsidy.Preview, now time.Time) error {
	set := map[string]any{"line": p.Line, "seen": p.Seen, "found": p.Found, "state": p.State, "next_at": p.NextAt}
	if p.State != subsidy.PreviewRunning {
		set["done_at"] = now
	}
	return guarded(e.w(ctx).Model(&previewRow{}).Where("batch_id = ? AND state = ?", p.Batch, subsidy.PreviewRunning).Updates(set))
}

// PreviewPayees reads the next lines with the live card of each payee, one row a line. Of a batch that is through the bank
// nothing is read but the states.
func (e *Explanations) PreviewPayees(ctx context.Context, p subsidy.Preview, upTo, limit int) (list []subsidy.PreviewPayee, last int, err error) {
	var rows []struct {
		Line                                                 int
		PersonID, LivingStatus, Financial, Holding, BankCode string
	}
	err = e.q(ctx).Raw(`SELECT p.line, p.person_id, q.living_status,
			coalesce(c.financial, '') AS financial, coalesce(c.holding, '') AS holding, coalesce(c.bank_code, '') AS bank_code
		FROM payments p JOIN persons q ON q.id = p.person_id
		LEFT JOIN cards c ON c.id = (SELECT k.id FROM cards k WHERE k.person_id = p.person_id AND k.social NOT IN (?, ?) ORDER BY k.changed_at DESC, k.id LIMIT 1)
		WHERE p.ledger_month = ? AND p.batch_id = ? AND p.line > ? AND p.line <= ? AND p.state IN ? AND p.hold = '' AND NOT p.old_channel`+e.visible()+` ORDER BY p.line LIMIT ?`,
		string(card.SocialVoid), string(card.SocialCancelled), p.LedgerMonth, p.Batch, p.Line, upTo, upcoming, limit).Scan(&rows).Error
	if err != nil {
		return nil, 0, translate(err)
	}
	list = make([]subsidy.PreviewPayee, len(rows))
	for i, r := range rows {
		last = r.Line
		list[i] = subsidy.PreviewPayee{Person: models.ID(r.PersonID),
			Alive: citizen.LivingStatus(r.LivingStatus) != citizen.Deceased, HasCard: card.Holding(r.Holding) == card.Collected,
			Money: subsidy.MoneyState(r.Financial), BankCode: r.BankCode}
	}
	return list, last, nil
}

// PreviewedLines counts what is here of a part of a batch.
func (e *Explanations) PreviewedLines(ctx context.Context, p subsidy.Preview, upTo int) (int, error) {
	var n int64
	err := e.q(ctx).Raw("SELECT count(*) FROM payments p WHERE p.ledger_month = ? AND p.batch_id = ? AND p.line > ? AND p.line <= ?"+e.visible(), p.LedgerMonth, p.Batch, p.Line, upTo).Scan(&n).Error
	return int(n), translate(err)
}

// upcoming are the states in which a payee can still do something about her account.
var upcoming = []subsidy.State{subsidy.Planned, subsidy.Publicised, subsidy.Approved, subsidy.Sent}
