package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/card"
)

type uploadRow struct {
	ID        string `gorm:"primaryKey"`
	PersonID  string
	Purpose   string
	MediaType string
	Width     int
	Height    int
	Bytes     int64
	Digest    string
	ObjectKey string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UsedBy    *string
}

func (uploadRow) TableName() string { return "uploads" }

func newUploadRow(u card.Upload) uploadRow {
	return uploadRow{
		ID: string(u.ID), PersonID: string(u.PersonID), Purpose: string(u.Purpose), MediaType: u.MediaType, Width: u.Width, Height: u.Height,
		Bytes: u.Bytes, Digest: u.Digest, ObjectKey: u.ObjectKey, CreatedAt: models.Instant(u.CreatedAt), UsedBy: nullID(u.UsedBy),
	}
}

func (r uploadRow) upload() card.Upload {
	return card.Upload{
		ID: models.ID(r.ID), PersonID: models.ID(r.PersonID), Purpose: card.UploadPurpose(r.Purpose), MediaType: r.MediaType, Width: r.Width,
		Height: r.Height, Bytes: r.Bytes, Digest: r.Digest, ObjectKey: r.ObjectKey, CreatedAt: models.Instant(r.CreatedAt), UsedBy: idOf(r.UsedBy),
	}
}

// AddUpload inserts the row of a picture whose object is stored already.
func (s *Cards) AddUpload(ctx context.Context, u card.Upload) error {
	row := newUploadRow(u)
	return translate(s.w(ctx).Create(&row).Error)
}

// Upload reads one row; models.ErrNotFound.
func (s *Cards) Upload(ctx context.Context, id models.ID) (card.Upload, error) {
	var row uploadRow
	if err := s.q(ctx).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return card.Upload{}, translate(err)
	}
	return row.upload(), nil
}

// UnusedUploads counts a person's pictures that wait for an application.
func (s *Cards) UnusedUploads(ctx context.Context, person models.ID) (n int64, err error) {
	err = s.q(ctx).Model(&uploadRow{}).Where("person_id = ? AND used_by IS NULL", string(person)).Count(&n).Error
	return n, translate(err)
}

// UseUpload marks a picture that nobody used yet and is what u says; models.ErrConflict otherwise.
func (s *Cards) UseUpload(ctx context.Context, u card.Upload, usedBy models.ID) error {
	return guarded(s.w(ctx).Model(&uploadRow{}).
		Where("id = ? AND person_id = ? AND purpose = ? AND used_by IS NULL", string(u.ID), string(u.PersonID), string(u.Purpose)).
		Update("used_by", string(usedBy)))
}

// ForgetUpload gives a used picture over to the sweep that drops it; models.ErrConflict when it is not used for that.
func (s *Cards) ForgetUpload(ctx context.Context, id, usedBy models.ID) error {
	return guarded(s.w(ctx).Exec("UPDATE uploads SET used_by = id WHERE id = ? AND used_by = ?", string(id), string(usedBy)))
}

// notInDraft keeps the pictures of an open draft: they go when it goes.
const notInDraft = `NOT EXISTS (SELECT 1 FROM application_drafts d WHERE d.person_id = uploads.person_id
	AND uploads.id IN (d.photo_id, d.id_front_id, d.id_back_id))`

// StaleUploads lists pictures nobody used in time. One that names itself as its user is half dropped: it comes first.
func (s *Cards) StaleUploads(ctx context.Context, before time.Time, limit int) ([]card.Upload, error) {
	var out []card.Upload
	for _, q := range []*gorm.DB{s.q(ctx).Where("used_by = id"), s.q(ctx).Where("used_by IS NULL AND created_at < ?", before).Where(notInDraft)} {
		var rows []uploadRow
		if err := q.Order("created_at").Limit(limit - len(out)).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			out = append(out, r.upload())
		}
		if len(out) >= limit {
			break
		}
	}
	return out, nil
}

// KnownUploads says which of these pictures have a row.
func (s *Cards) KnownUploads(ctx context.Context, ids []models.ID) (map[models.ID]bool, error) {
	var have []models.ID
	if err := s.q(ctx).Model(&uploadRow{}).Where("id IN ?", ids).Pluck("id", &have).Error; err != nil {
		return nil, translate(err)
	}
	known := make(map[models.ID]bool, len(have))
	for _, id := range have {
		known[id] = true
	}
	return known, nil
}

// DropUpload deletes a row that was claimed for dropping; models.ErrConflict for any other.
func (s *Cards) DropUpload(ctx context.Context, id models.ID) error {
	return guarded(s.w(ctx).Where("id = ? AND used_by = id", string(id)).Delete(&uploadRow{}))
}
