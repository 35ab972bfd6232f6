package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/card"
)

type lossReportRow struct {
	ID            string `gorm:"primaryKey"`
	Receipt       string
	PersonID      string
	CardID        string
	State         string
	Version       int
	Source        string
	ReportedBy    string
	ReporterID    *string
	CallID        *string
	Strength      string
	ReadBack      bool
	Speaker       string
	HolderReached string
	Kind          string
	RegistryRef   string
	RefusedCode   string
	EndedBy       string
	ReportedAt    time.Time
	EffectiveAt   *time.Time
	EndedAt       *time.Time
	ExpiresAt     *time.Time
	WaitingSince  *time.Time
	AlarmedAt     *time.Time
	ReassertAt    *time.Time
	LostSightAt   *time.Time
	WarnedOn      string
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
}

func (lossReportRow) TableName() string { return "loss_reports" }

func newLossReportRow(r card.LossReport) lossReportRow {
	return lossReportRow{
		ID: string(r.ID), Receipt: r.Receipt, PersonID: string(r.PersonID), CardID: string(r.CardID), State: string(r.State), Version: r.Version,
		Source: r.Source, ReportedBy: string(r.ReportedBy), ReporterID: nullID(r.ReporterID), CallID: nullID(r.CallID), Strength: r.Strength, Kind: string(r.Kind),
		ReadBack: r.ReadBack, Speaker: r.Speaker, HolderReached: r.HolderReached,
		RegistryRef: r.RegistryRef, RefusedCode: r.RefusedCode, EndedBy: r.EndedBy, ReportedAt: models.Instant(r.ReportedAt),
		EffectiveAt: nullTime(r.EffectiveAt), EndedAt: nullTime(r.EndedAt), ExpiresAt: nullTime(r.ExpiresAt),
		WaitingSince: nullTime(r.WaitingSince), AlarmedAt: nullTime(r.AlarmedAt), ReassertAt: nullTime(r.ReassertAt), LostSightAt: nullTime(r.LostSightAt),
		WarnedOn: string(r.WarnedOn), UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

func (r lossReportRow) report() card.LossReport {
	return card.LossReport{
		ID: models.ID(r.ID), Receipt: r.Receipt, PersonID: models.ID(r.PersonID), CardID: models.ID(r.CardID), State: card.LossState(r.State),
		Version: r.Version, Source: r.Source, ReportedBy: models.ActorKind(r.ReportedBy), ReporterID: idOf(r.ReporterID), CallID: idOf(r.CallID), Strength: r.Strength,
		ByPhone: card.ByPhone{ReadBack: r.ReadBack, Speaker: r.Speaker, HolderReached: r.HolderReached}, Kind: card.LossKind(r.Kind), RegistryRef: r.RegistryRef, RefusedCode: r.RefusedCode, EndedBy: r.EndedBy,
		ReportedAt: models.Instant(r.ReportedAt), EffectiveAt: timeOf(r.EffectiveAt), EndedAt: timeOf(r.EndedAt), ExpiresAt: timeOf(r.ExpiresAt),
		WaitingSince: timeOf(r.WaitingSince), AlarmedAt: timeOf(r.AlarmedAt), ReassertAt: timeOf(r.ReassertAt), LostSightAt: timeOf(r.LostSightAt),
		WarnedOn: models.Date(r.WarnedOn), UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

// CreateLossReport inserts a report; card.ErrLossOpen when the card has an open one.
func (s *Cards) CreateLossReport(ctx context.Context, r card.LossReport) error {
	row := newLossReportRow(r)
	err := s.w(ctx).Create(&row).Error
	if s.isDuplicate(err, "loss_reports_open") {
		return card.ErrLossOpen
	}
	return translate(err)
}

// LossReport reads one report; models.ErrNotFound.
func (s *Cards) LossReport(ctx context.Context, id models.ID) (card.LossReport, error) {
	return oneReport(s.q(ctx).Where("id = ?", string(id)))
}

// openStates are the states in which a report speaks for its card; the partial unique index names the same four.
var openStates = []string{string(card.LossReceived), string(card.LossUnconfirmed), string(card.LossEffective), string(card.LossReleaseRequested)}

// OpenLossReport reads the open report of a card; models.ErrNotFound.
func (s *Cards) OpenLossReport(ctx context.Context, id models.ID) (card.LossReport, error) {
	return oneReport(s.q(ctx).Where("card_id = ? AND state IN ?", string(id), openStates))
}

func oneReport(q *gorm.DB) (card.LossReport, error) {
	var row lossReportRow
	if err := q.Take(&row).Error; err != nil {
		return card.LossReport{}, translate(err)
	}
	return row.report(), nil
}

// OpenLossReports reads the open reports of several cards.
func (s *Cards) OpenLossReports(ctx context.Context, cards []models.ID) ([]card.LossReport, error) {
	if len(cards) == 0 {
		return nil, nil
	}
	return manyReports(s.q(ctx).Where("card_id IN ? AND state IN ?", cards, openStates))
}

// LossReportsOf lists a person's reports, newest first.
func (s *Cards) LossReportsOf(ctx context.Context, person models.ID, limit int) ([]card.LossReport, error) {
	return manyReports(s.q(ctx).Where("person_id = ?", string(person)).Order("reported_at DESC, id DESC").Limit(limit))
}

// LossReportsToWatch lists reports that wait since before and have not been alarmed about.
func (s *Cards) LossReportsToWatch(ctx context.Context, before time.Time, limit int) ([]card.LossReport, error) {
	return manyReports(s.q(ctx).Where("state IN ('received', 'unconfirmed') AND alarmed_at IS NULL AND waiting_since < ?", before).
		Order("waiting_since").Limit(limit))
}

// LossReportsExpiring lists losses in force that end in [from, until) and about which nobody was warned on the day.
func (s *Cards) LossReportsExpiring(ctx context.Context, from, until time.Time, day models.Date, limit int) ([]card.LossReport, error) {
	return manyReports(s.q(ctx).Where("state = 'effective' AND expires_at IS NOT NULL AND expires_at >= ? AND expires_at < ? AND warned_on <> ?",
		from, until, string(day)).Order("expires_at").Limit(limit))
}

// LossReportsToReassert lists reports whose second look has come due.
func (s *Cards) LossReportsToReassert(ctx context.Context, at time.Time, limit int) ([]card.LossReport, error) {
	return manyReports(s.q(ctx).Where("reassert_at IS NOT NULL AND reassert_at <= ?", at).Order("reassert_at").Limit(limit))
}

func manyReports(q *gorm.DB) ([]card.LossReport, error) {
	var rows []lossReportRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]card.LossReport, len(rows))
	for i, r := range rows {
		out[i] = r.report()
	}
	return out, nil
}

// AdvanceLossReport writes r over the row that still has state from and r's version; models.ErrConflict otherwise.
func (s *Cards) AdvanceLossReport(ctx context.Context, r card.LossReport, from card.LossState) error {
	read := r.Version
	r.Version++
	row := newLossReportRow(r)
	return guarded(s.w(ctx).Model(&lossReportRow{}).
		Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("*").Omit("id", "receipt", "person_id", "card_id", "reporter_id", "reported_at").Updates(row))
}
