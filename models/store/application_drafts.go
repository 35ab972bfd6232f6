package store

import (
	"context"
	"encoding/json"
	"time"

	"onecard/models"
	"onecard/models/card"
)

type applicationDraftRow struct {
	ID         string `gorm:"primaryKey"`
	PersonID   string
	Version    int
	FormSealed []byte
	PhotoID    *string
	IDFrontID  *string
	IDBackID   *string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt  time.Time `gorm:"autoUpdateTime:false"`
}

func (applicationDraftRow) TableName() string { return "application_drafts" }

// draftCell is what a person wrote into her form.
type draftCell struct {
	BankCode  string `json:"bank_code"`
	OutletRef string `json:"outlet_ref"`
}

// ApplicationDraft reads a person's draft; models.ErrNotFound.
func (s *Cards) ApplicationDraft(ctx context.Context, person models.ID) (card.Draft, error) {
	var row applicationDraftRow
	if err := s.w(ctx).Where("person_id = ?", string(person)).Take(&row).Error; err != nil {
		return card.Draft{}, translate(err)
	}
	return s.draft(ctx, row)
}

// SaveApplicationDraft inserts version 1, or writes over the version before d's; models.ErrConflict otherwise.
func (s *Cards) SaveApplicationDraft(ctx context.Context, d card.Draft) error {
	cell, err := json.Marshal(draftCell{d.Form.BankCode, d.Form.OutletRef})
	if err != nil {
		return err
	}
	sealed, err := s.Seal(ctx, "application_drafts", "form_sealed", string(d.ID), cell)
	if err != nil {
		return err
	}
	up := d.Form.Uploads
	row := applicationDraftRow{ID: string(d.ID), PersonID: string(d.PersonID), Version: d.Version, FormSealed: sealed, PhotoID: nullID(up[card.UploadPhoto]),
		IDFrontID: nullID(up[card.UploadIDFront]), IDBackID: nullID(up[card.UploadIDBack]), CreatedAt: models.Instant(d.CreatedAt), UpdatedAt: models.Instant(d.UpdatedAt)}
	if d.Version == 1 {
		return translate(s.w(ctx).Create(&row).Error)
	}
	return guarded(s.w(ctx).Model(&applicationDraftRow{}).Where("id = ? AND version = ?", row.ID, d.Version-1).
		Select("version", "form_sealed", "photo_id", "id_front_id", "id_back_id", "updated_at").Updates(row))
}

// DropApplicationDraft deletes the draft of this version; models.ErrConflict when that is not there.
func (s *Cards) DropApplicationDraft(ctx context.Context, d card.Draft) error {
	return guarded(s.w(ctx).Where("person_id = ? AND version = ?", string(d.PersonID), d.Version).Delete(&applicationDraftRow{}))
}

// StaleDrafts lists drafts not saved since, the oldest first.
func (s *Cards) StaleDrafts(ctx context.Context, before time.Time, limit int) ([]card.Draft, error) {
	var rows []applicationDraftRow
	if err := s.q(ctx).Where("updated_at < ?", before).Order("updated_at").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]card.Draft, len(rows))
	var err error
	for i, r := range rows {
		if out[i], err = s.draft(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// IDNumberOf is a person's number, for the kind of her document.
func (s *Cards) IDNumberOf(ctx context.Context, person models.ID) (models.IDNumber, error) {
	p, err := s.Persons().Person(ctx, person)
	return p.IDNumber, err
}

func (s *Cards) draft(ctx context.Context, r applicationDraftRow) (card.Draft, error) {
	d := card.Draft{ID: models.ID(r.ID), PersonID: models.ID(r.PersonID), Version: r.Version, CreatedAt: models.Instant(r.CreatedAt),
		UpdatedAt: models.Instant(r.UpdatedAt), Form: card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{}}}
	for p, id := range map[card.UploadPurpose]*string{card.UploadPhoto: r.PhotoID, card.UploadIDFront: r.IDFrontID, card.UploadIDBack: r.IDBackID} {
		if id != nil {
			d.Form.Uploads[p] = models.ID(*id)
		}
	}
	plain, err := s.Unseal(ctx, "application_drafts", "form_sealed", r.ID, r.FormSealed)
	if err != nil {
		return d, err
	}
	var cell draftCell
	err = json.Unmarshal(plain, &cell)
	d.Form.BankCode, d.Form.OutletRef = cell.BankCode, cell.OutletRef
	return d, err
}
