package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/card"
)

type replacementRow struct {
	ID          string `gorm:"primaryKey"`
	Receipt     string
	PersonID    string
	ApplicantID string
	CardID      string
	Reason      string
	State       string
	Version     int
	BankCode    string
	OutletRef   string
	Channel     string
	LossID      *string
	RegistryRef string
	ReasonCode  string
	Defects     string
	PhotoID     *string
	IDFrontID   *string
	IDBackID    *string
	Corrected   string
	Corrections int
	LateDefects int
	FactVersion int64
	PayBy       time.Time
	Reminders   int
	Activations int
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
	CompletedAt *time.Time
	// PaymentsSeenAt is when it was looked for money on its way to the new card.
	PaymentsSeenAt *time.Time
	ArchivedAt     *time.Time
}

func (replacementRow) TableName() string { return "replacements" }

type replacementStepRow struct {
	ID            string `gorm:"primaryKey"`
	ReplacementID string
	State         string
	At            time.Time
}

func (replacementStepRow) TableName() string { return "replacement_steps" }

func newReplacementRow(r card.Replacement) replacementRow {
	return replacementRow{
		ID: string(r.ID), Receipt: r.Receipt, PersonID: string(r.PersonID), ApplicantID: string(r.ApplicantID), CardID: string(r.CardID), Reason: string(r.Reason),
		State: string(r.State), Version: r.Version, BankCode: r.BankCode, OutletRef: r.OutletRef, Channel: string(r.Channel), LossID: nullID(r.LossID),
		RegistryRef: r.RegistryRef, ReasonCode: r.ReasonCode, Defects: strings.Join(r.Defects, ","), FactVersion: r.FactVersion, PayBy: models.Instant(r.PayBy),
		Reminders: r.Reminders, Activations: r.Activations, CreatedAt: models.Instant(r.CreatedAt), UpdatedAt: models.Instant(r.UpdatedAt), CompletedAt: nullTime(r.CompletedAt),
		PaymentsSeenAt: nullTime(r.PaymentsSeenAt),
		PhotoID:        nullID(r.Uploads[card.UploadPhoto]), IDFrontID: nullID(r.Uploads[card.UploadIDFront]), IDBackID: nullID(r.Uploads[card.UploadIDBack]),
		Corrected: strings.Join(r.Corrected, ","), Corrections: r.Corrections, LateDefects: r.LateDefects,
	}
}

func (r replacementRow) replacement() card.Replacement {
	out := card.Replacement{
		ID: models.ID(r.ID), Receipt: r.Receipt, PersonID: models.ID(r.PersonID), ApplicantID: models.ID(r.ApplicantID), CardID: models.ID(r.CardID),
		Reason: card.ReplacementReason(r.Reason), State: card.ReplacementState(r.State), Version: r.Version, BankCode: r.BankCode, OutletRef: r.OutletRef,
		Channel: models.Channel(r.Channel), LossID: idOf(r.LossID), RegistryRef: r.RegistryRef, ReasonCode: r.ReasonCode, FactVersion: r.FactVersion,
		PayBy: models.Instant(r.PayBy), Reminders: r.Reminders, Activations: r.Activations, CreatedAt: models.Instant(r.CreatedAt), UpdatedAt: models.Instant(r.UpdatedAt),
		CompletedAt: timeOf(r.CompletedAt), PaymentsSeenAt: timeOf(r.PaymentsSeenAt), Corrections: r.Corrections, LateDefects: r.LateDefects, Archived: r.ArchivedAt != nil,
	}
	if r.Defects != "" {
		out.Defects = strings.Split(r.Defects, ",")
	}
	if r.Corrected != "" {
		out.Corrected = strings.Split(r.Corrected, ",")
	}
	for purpose, id := range map[card.UploadPurpose]*string{card.UploadPhoto: r.PhotoID, card.UploadIDFront: r.IDFrontID, card.UploadIDBack: r.IDBackID} {
		if id == nil {
			continue
		}
		if out.Uploads == nil {
			out.Uploads = map[card.UploadPurpose]models.ID{}
		}
		out.Uploads[purpose] = idOf(id)
	}
	return out
}

// CreateReplacement inserts a replacement with its first step; models.ErrConflict when the card has one under way.
func (s *Cards) CreateReplacement(ctx context.Context, r card.Replacement) error {
	row := newReplacementRow(r)
	if err := s.w(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addReplacementSteps(ctx, r, 0)
}

// Replacement reads one with its timeline; models.ErrNotFound.
func (s *Cards) Replacement(ctx context.Context, id models.ID) (card.Replacement, error) {
	return s.oneReplacement(ctx, s.q(ctx).Where("id = ?", string(id)))
}

// LockReplacement reads one and keeps others from deciding about it until the transaction ends. SQLite has one writer, so
// there the transaction itself is the lock.
func (s *Cards) LockReplacement(ctx context.Context, id models.ID) (card.Replacement, error) {
	return s.oneReplacement(ctx, s.forUpdate(s.w(ctx)).Where("id = ?", string(id)))
}

// openReplacement names the partial index.
const openReplacement = "state NOT IN ('completed', 'rejected', 'withdrawn', 'lapsed')"

// OpenReplacement reads the one of a card that is not over; models.ErrNotFound.
func (s *Cards) OpenReplacement(ctx context.Context, id models.ID) (card.Replacement, error) {
	return s.oneReplacement(ctx, s.q(ctx).Where("card_id = ? AND "+openReplacement, string(id)))
}

// ReplacementByRequest finds the replacement that a command of ours carried.
func (s *Cards) ReplacementByRequest(ctx context.Context, request models.ID) (card.Replacement, error) {
	if _, err := models.ParseID(string(request)); err != nil {
		return card.Replacement{}, models.ErrNotFound
	}
	return s.oneReplacement(ctx, s.q(ctx).Where("id = (SELECT subject_id FROM card_commands WHERE id = ? AND kind IN ('replacement', 'replacement_correction', 'replacement_withdrawal'))", string(request)))
}

// LatestReplacement reads a person's newest replacement; models.ErrNotFound.
func (s *Cards) LatestReplacement(ctx context.Context, person models.ID) (card.Replacement, error) {
	return s.oneReplacement(ctx, s.q(ctx).Where("person_id = ?", string(person)).Order("created_at DESC, id DESC"))
}

// ReplacementsOf lists a person's replacements with their timelines, newest first.
func (s *Cards) ReplacementsOf(ctx context.Context, person models.ID, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("person_id = ?", string(person)).Order("created_at DESC, id DESC"), limit)
}

// UnpaidReplacements lists those whose time to pay is over, the oldest first.
func (s *Cards) UnpaidReplacements(ctx context.Context, at time.Time, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("state = 'awaiting_fee' AND pay_by <= ?", at).Order("pay_by"), limit)
}

// UncollectedReplacements lists those that wait at their outlet since before, reminded of so often, the oldest first.
func (s *Cards) UncollectedReplacements(ctx context.Context, reminded int, before time.Time, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("state = 'at_outlet' AND reminders = ? AND updated_at <= ?", reminded, before).Order("updated_at"), limit)
}

// ReplacementsToActivate lists those whose card was handed over before, reminded of so often, the oldest first.
func (s *Cards) ReplacementsToActivate(ctx context.Context, reminded int, before time.Time, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("state = 'completed' AND activations = ? AND completed_at <= ?", reminded, before).Order("completed_at"), limit)
}

// ReplacementsToLookAt lists those handed over before, not reminded since and not looked at, the oldest first.
func (s *Cards) ReplacementsToLookAt(ctx context.Context, before time.Time, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("state = 'completed' AND activations = 0 AND payments_seen_at IS NULL AND completed_at < ?", before).Order("completed_at"), limit)
}

func (s *Cards) replacements(ctx context.Context, q *gorm.DB, limit int) ([]card.Replacement, error) {
	var rows []replacementRow
	if err := q.Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]card.Replacement, len(rows))
	at := make(map[string]int, len(rows))
	ids := make([]string, len(rows))
	for i, r := range rows {
		out[i], at[r.ID], ids[i] = r.replacement(), i, r.ID
	}
	if len(ids) == 0 {
		return out, nil
	}
	var steps []replacementStepRow
	if err := s.q(ctx).Where("replacement_id IN ?", ids).Order("at, id").Find(&steps).Error; err != nil {
		return nil, translate(err)
	}
	for _, st := range steps {
		i := at[st.ReplacementID]
		out[i].Steps = append(out[i].Steps, card.ReplacementStep{State: card.ReplacementState(st.State), At: models.Instant(st.At)})
	}
	return out, nil
}

func (s *Cards) oneReplacement(ctx context.Context, q *gorm.DB) (card.Replacement, error) {
	list, err := s.replacements(ctx, q, 1)
	if err == nil && len(list) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return card.Replacement{}, err
	}
	return list[0], nil
}

// AdvanceReplacement writes r over the row that still has state from and r's version, and the steps it gained.
func (s *Cards) AdvanceReplacement(ctx context.Context, r card.Replacement, from card.ReplacementState) error {
	var had int64
	if err := s.w(ctx).Model(&replacementStepRow{}).Where("replacement_id = ?", string(r.ID)).Count(&had).Error; err != nil {
		return translate(err)
	}
	read := r.Version
	r.Version++
	row := newReplacementRow(r)
	err := guarded(s.w(ctx).Model(&replacementRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("state", "version", "bank_code", "outlet_ref", "registry_ref", "reason_code", "defects", "photo_id", "id_front_id", "id_back_id", "corrected",
			"corrections", "late_defects", "fact_version", "reminders", "activations", "updated_at", "completed_at", "payments_seen_at").
		Updates(row))
	if err != nil {
		return err
	}
	return s.addReplacementSteps(ctx, r, int(had))
}

func (s *Cards) addReplacementSteps(ctx context.Context, r card.Replacement, had int) error {
	for _, st := range r.Steps[min(had, len(r.Steps)):] {
		row := replacementStepRow{ID: string(models.NewID()), ReplacementID: string(r.ID), State: string(st.State), At: models.Instant(st.At)}
		if err := s.w(ctx).Create(&row).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// UnfinishedReplacementCommand reads the command of a replacement that is not settled; models.ErrNotFound.
func (s *Cards) UnfinishedReplacementCommand(ctx context.Context, replacement models.ID) (card.Command, error) {
	return oneCommand(s.q(ctx).Where("subject_id = ? AND kind IN ('replacement', 'replacement_correction', 'replacement_withdrawal') AND state IN ('requested', 'sending', 'unknown')",
		string(replacement)))
}
