package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Campaigns keeps reminders to many, and moves what of them is in the queue (notice.CampaignStore).
type Campaigns struct{ *Notices }

var _ notice.CampaignStore = (*Campaigns)(nil)

// Campaigns gives them.
func (db *DB) Campaigns() *Campaigns { return &Campaigns{db.Notices()} }

type campaignRow struct {
	ID          string `gorm:"primaryKey"`
	Kind        string
	ByDate      string
	District    string
	Township    string
	Card        string
	Listed      bool
	PerMinute   int
	StartAt     *time.Time
	NoteSealed  []byte
	State       string
	Gathered    bool
	AfterPerson *string
	Planned     int
	Queued      int
	Skipped     int
	NextDue     *time.Time
	CreatedBy   *string
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	ApprovedBy  *string
	ApprovedAt  *time.Time
	EndReason   string
	ClosedAt    *time.Time
}

func (campaignRow) TableName() string { return "campaigns" }

func newCampaignRow(c notice.Campaign) campaignRow {
	return campaignRow{
		ID: string(c.ID), Kind: string(c.Kind), ByDate: string(c.ByDate), District: c.Rule.District, Township: c.Rule.Township, Card: string(c.Rule.Card),
		Listed: c.Rule.Listed, PerMinute: c.PerMinute, StartAt: nullTime(c.StartAt), State: string(c.State), Gathered: c.Gathered, AfterPerson: nullID(c.After),
		Planned: c.Planned, Queued: c.Queued, Skipped: c.Skipped, NextDue: nullTime(c.NextDue), CreatedBy: nullID(c.CreatedBy), CreatedAt: c.CreatedAt,
		ApprovedBy: nullID(c.ApprovedBy), ApprovedAt: nullTime(c.ApprovedAt), EndReason: c.EndReason, ClosedAt: nullTime(c.ClosedAt),
	}
}

func (r campaignRow) campaign(note string) notice.Campaign {
	return notice.Campaign{
		ID: models.ID(r.ID), Kind: notice.Kind(r.Kind), ByDate: models.Date(r.ByDate),
		Rule:      notice.CampaignRule{District: r.District, Township: r.Township, Card: notice.CardFact(r.Card), Listed: r.Listed},
		PerMinute: r.PerMinute, StartAt: timeOf(r.StartAt), Note: note, State: notice.CampaignState(r.State), Gathered: r.Gathered, After: idOf(r.AfterPerson),
		Planned: r.Planned, Queued: r.Queued, Skipped: r.Skipped, NextDue: timeOf(r.NextDue), CreatedBy: idOf(r.CreatedBy), CreatedAt: models.Instant(r.CreatedAt),
		ApprovedBy: idOf(r.ApprovedBy), ApprovedAt: timeOf(r.ApprovedAt), EndReason: r.EndReason, ClosedAt: timeOf(r.ClosedAt),
	}
}

// AddCampaign implements notice.CampaignStore; the note, free text of a person, is sealed.
func (s *Campaigns) AddCampaign(ctx context.Context, c notice.Campaign) error {
	note, err := s.Seal(ctx, "campaigns", "note_sealed", string(c.ID), []byte(c.Note))
	if err != nil {
		return err
	}
	row := newCampaignRow(c)
	row.NoteSealed = note
	return translate(s.w(ctx).Create(&row).Error)
}

// Campaign implements notice.CampaignStore.
func (s *Campaigns) Campaign(ctx context.Context, id models.ID) (notice.Campaign, error) {
	q := s.q(ctx)
	if s.txFrom(ctx) != nil {
		q = s.forUpdate(s.w(ctx))
	}
	var rows []campaignRow
	if err := q.Where("id = ?", string(id)).Limit(1).Find(&rows).Error; err != nil {
		return notice.Campaign{}, translate(err)
	}
	if len(rows) == 0 {
		return notice.Campaign{}, models.ErrNotFound
	}
	return s.openCampaign(ctx, rows[0])
}

func (s *Campaigns) openCampaign(ctx context.Context, r campaignRow) (notice.Campaign, error) {
	note, err := s.Unseal(ctx, "campaigns", "note_sealed", r.ID, r.NoteSealed)
	return r.campaign(string(note)), err
}

// Campaigns implements notice.CampaignStore.
func (s *Campaigns) Campaigns(ctx context.Context, district string, before models.ID, limit int) ([]notice.Campaign, error) {
	q := s.q(ctx)
	if district != "" {
		q = q.Where("district = ?", district)
	}
	if before != "" {
		q = q.Where("id < ?", string(before))
	}
	var rows []campaignRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]notice.Campaign, len(rows))
	for i, r := range rows {
		c, err := s.openCampaign(ctx, r)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// SaveCampaign implements notice.CampaignStore.
func (s *Campaigns) SaveCampaign(ctx context.Context, c notice.Campaign, from notice.CampaignState) error {
	row := newCampaignRow(c)
	return guarded(s.w(ctx).Model(&campaignRow{}).Where("id = ? AND state = ?", row.ID, string(from)).
		Select("state", "gathered", "after_person", "planned", "queued", "skipped", "next_due", "approved_by", "approved_at", "end_reason", "closed_at").Updates(row))
}

// OpenCampaigns implements notice.CampaignStore.
func (s *Campaigns) OpenCampaigns(ctx context.Context) ([]models.ID, error) {
	var ids []models.ID
	err := s.q(ctx).Model(&campaignRow{}).Where("closed_at IS NULL AND (state <> 'draft' OR NOT gathered)").Order("created_at").Limit(100).Pluck("id", &ids).Error
	return ids, translate(err)
}

// heed gives a way that is to join the queue the state that its campaign has by now, or a restore that the way before it,
// queued at that instant, came from.
func (s *Notices) heed(ctx context.Context, since time.Time) func(next deliveryRow, more bool) (deliveryRow, bool, error) {
	return func(next deliveryRow, more bool) (deliveryRow, bool, error) {
		restored := more && s.toldBefore(notice.Spec{Lane: notice.Lane(next.Lane), Resend: next.Repeatable}, since)
		if restored {
			next.State, next.Reason = string(notice.Held), notice.ReasonRestored
		}
		if !more || next.CampaignID == nil {
			return next, more, nil
		}
		var state string
		err := s.w(ctx).Model(&campaignRow{}).Where("id = ?", *next.CampaignID).Select("state").Scan(&state).Error
		switch notice.CampaignState(state) {
		case notice.CampaignCancelled:
			return deliveryRow{}, false, translate(err)
		case notice.CampaignPaused:
			if !restored { // whoever decides about the restore gives it back to its campaign
				next.State, next.Reason = string(notice.Held), notice.ReasonCampaignPaused
			}
		}
		return next, true, translate(err)
	}
}
