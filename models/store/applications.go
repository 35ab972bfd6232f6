package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/card"
)

type applicationRow struct {
	ID           string `gorm:"primaryKey"`
	Receipt      string
	PersonID     string
	ApplicantID  string
	State        string
	Version      int
	BankCode     string
	OutletRef    string
	Uploads      string
	RegistryRef  string
	ReasonCode   string
	FactVersion  int64
	ReturnSealed []byte
	Corrections  int
	LateDefects  int
	Reminders    int
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
	ArchivedAt   *time.Time
}

func (applicationRow) TableName() string { return "applications" }

type applicationStepRow struct {
	ID            string `gorm:"primaryKey"`
	ApplicationID string
	State         string
	At            time.Time
}

func (applicationStepRow) TableName() string { return "application_steps" }

// returnCell is what is kept of a return: the registry's words may name people, so it is sealed.
type returnCell struct {
	Defects   []card.Defect `json:"defects"`
	Corrected []string      `json:"corrected"`
}

func (s *Cards) newApplicationRow(ctx context.Context, a card.Application) (applicationRow, error) {
	uploads, err := json.Marshal(a.Uploads)
	if err != nil {
		return applicationRow{}, err
	}
	var cell []byte
	if len(a.Defects) > 0 {
		if cell, err = json.Marshal(returnCell{a.Defects, a.Corrected}); err != nil {
			return applicationRow{}, err
		}
	}
	sealed, err := s.Seal(ctx, "applications", "return_sealed", string(a.ID), cell)
	return applicationRow{
		ID: string(a.ID), Receipt: a.Receipt, PersonID: string(a.PersonID), ApplicantID: string(a.ApplicantID), State: string(a.State),
		Version: a.Version, BankCode: a.BankCode, OutletRef: a.OutletRef, Uploads: string(uploads), RegistryRef: a.RegistryRef,
		ReasonCode: a.ReasonCode, FactVersion: a.FactVersion, ReturnSealed: sealed, Corrections: a.Corrections, LateDefects: a.LateDefects, Reminders: a.Reminders, CreatedAt: models.Instant(a.CreatedAt), UpdatedAt: models.Instant(a.UpdatedAt),
	}, err
}

func (s *Cards) application(ctx context.Context, r applicationRow) (card.Application, error) {
	a := card.Application{
		ID: models.ID(r.ID), Receipt: r.Receipt, PersonID: models.ID(r.PersonID), ApplicantID: models.ID(r.ApplicantID),
		State: card.ApplicationState(r.State), Version: r.Version, BankCode: r.BankCode, OutletRef: r.OutletRef, RegistryRef: r.RegistryRef,
		ReasonCode: r.ReasonCode, FactVersion: r.FactVersion, Corrections: r.Corrections, LateDefects: r.LateDefects, Reminders: r.Reminders, CreatedAt: models.Instant(r.CreatedAt), UpdatedAt: models.Instant(r.UpdatedAt), Archived: r.ArchivedAt != nil,
	}
	if err := json.Unmarshal([]byte(r.Uploads), &a.Uploads); err != nil {
		return a, err
	}
	plain, err := s.Unseal(ctx, "applications", "return_sealed", r.ID, r.ReturnSealed)
	if err != nil || len(plain) == 0 {
		return a, err
	}
	var cell returnCell
	err = json.Unmarshal(plain, &cell)
	a.Defects, a.Corrected = cell.Defects, cell.Corrected
	return a, err
}

// CreateApplication inserts an application with its first step; models.ErrConflict when the person has one under way.
func (s *Cards) CreateApplication(ctx context.Context, a card.Application) error {
	row, err := s.newApplicationRow(ctx, a)
	if err != nil {
		return err
	}
	if err := s.w(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addSteps(ctx, a, 0)
}

// Application reads one application with its timeline; models.ErrNotFound.
func (s *Cards) Application(ctx context.Context, id models.ID) (card.Application, error) {
	return s.oneApplication(ctx, s.q(ctx).Where("id = ?", string(id)))
}

// ApplicationByRequest finds the application that a command of ours carried.
func (s *Cards) ApplicationByRequest(ctx context.Context, request models.ID) (card.Application, error) {
	if _, err := models.ParseID(string(request)); err != nil {
		return card.Application{}, models.ErrNotFound
	}
	return s.oneApplication(ctx, s.q(ctx).Where("id = (SELECT subject_id FROM card_commands WHERE id = ? AND kind IN ('application', 'correction', 'withdrawal'))", string(request)))
}

// LatestApplication reads a person's newest application; models.ErrNotFound.
func (s *Cards) LatestApplication(ctx context.Context, person models.ID) (card.Application, error) {
	return s.oneApplication(ctx, s.q(ctx).Where("person_id = ?", string(person)).Order("created_at DESC, id DESC"))
}

// UncollectedApplications lists those that wait at their outlet since before, reminded of so often, the oldest first.
func (s *Cards) UncollectedApplications(ctx context.Context, reminded int, before time.Time, limit int) ([]card.Application, error) {
	var ids []string
	err := s.q(ctx).Model(&applicationRow{}).Where("state = 'at_outlet' AND reminders = ? AND updated_at <= ?", reminded, before).
		Order("updated_at").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.applicationsByID(ctx, ids)
}

// ApplicationsOf lists a person's applications with their timelines, newest first.
func (s *Cards) ApplicationsOf(ctx context.Context, person models.ID, limit int) ([]card.Application, error) {
	var ids []string
	err := s.q(ctx).Model(&applicationRow{}).Where("person_id = ?", string(person)).Order("created_at DESC, id DESC").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.applicationsByID(ctx, ids) // a person has a few in a lifetime
}

func (s *Cards) applicationsByID(ctx context.Context, ids []string) ([]card.Application, error) {
	out := make([]card.Application, len(ids))
	var err error
	for i, id := range ids {
		if out[i], err = s.Application(ctx, models.ID(id)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// BirthDate is a person's birth date: the registry's, else the one in the ID number; empty where neither tells.
func (s *Cards) BirthDate(ctx context.Context, person models.ID) (models.Date, error) {
	p, err := s.Persons().Person(ctx, person)
	if err != nil || p.BirthDate != "" {
		return p.BirthDate, err
	}
	return p.IDNumber.Birth(), nil
}

func (s *Cards) oneApplication(ctx context.Context, q *gorm.DB) (card.Application, error) {
	var row applicationRow
	if err := q.Take(&row).Error; err != nil {
		return card.Application{}, translate(err)
	}
	a, err := s.application(ctx, row)
	if err != nil {
		return a, err
	}
	var steps []applicationStepRow
	if err := s.q(ctx).Where("application_id = ?", row.ID).Order("at, id").Find(&steps).Error; err != nil {
		return a, translate(err)
	}
	for _, st := range steps {
		a.Steps = append(a.Steps, card.Step{State: card.ApplicationState(st.State), At: models.Instant(st.At)})
	}
	return a, nil
}

// AdvanceApplication writes a over the row that still has state from and a's version, and the steps it gained.
func (s *Cards) AdvanceApplication(ctx context.Context, a card.Application, from card.ApplicationState) error {
	var had int64
	if err := s.w(ctx).Model(&applicationStepRow{}).Where("application_id = ?", string(a.ID)).Count(&had).Error; err != nil {
		return translate(err)
	}
	read := a.Version
	a.Version++
	row, err := s.newApplicationRow(ctx, a)
	if err != nil {
		return err
	}
	err = guarded(s.w(ctx).Model(&applicationRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("applicant_id", "state", "version", "bank_code", "outlet_ref", "uploads", "return_sealed", "corrections", "late_defects", "reminders", "registry_ref", "reason_code", "fact_version", "updated_at").Updates(row))
	if err != nil {
		return err
	}
	return s.addSteps(ctx, a, int(had))
}

func (s *Cards) addSteps(ctx context.Context, a card.Application, had int) error {
	for _, st := range a.Steps[min(had, len(a.Steps)):] {
		row := applicationStepRow{ID: string(models.NewID()), ApplicationID: string(a.ID), State: string(st.State), At: models.Instant(st.At)}
		if err := s.w(ctx).Create(&row).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}
