package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Extensions keeps whose telephone is whose.
type Extensions struct{ *DB }

// Extensions is that table.
func (db *DB) Extensions() *Extensions { return &Extensions{db} }

var _ hotline.ExtensionStore = (*Extensions)(nil)

// SetExtension gives an extension to a member of staff; one that belongs to a disabled account is free.
func (t *Extensions) SetExtension(ctx context.Context, staff models.ID, extension string, at time.Time) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		err := t.w(ctx).Exec(`DELETE FROM extensions WHERE staff_id = ? OR extension = ? AND staff_id IN
			(SELECT id FROM staff WHERE disabled_at IS NOT NULL)`, string(staff), extension).Error
		if err != nil || extension == "" {
			return translate(err)
		}
		res := t.w(ctx).Exec("INSERT INTO extensions (extension, staff_id, set_at) VALUES (?,?,?) ON CONFLICT DO NOTHING", extension, string(staff), at)
		if res.Error == nil && res.RowsAffected == 0 {
			return hotline.ErrExtensionTaken
		}
		return translate(res.Error)
	})
}

// StaffAt is the active member of staff at an extension.
func (t *Extensions) StaffAt(ctx context.Context, extension string) (models.ID, error) {
	var id string
	err := t.q(ctx).Raw("SELECT CAST(e.staff_id AS text) FROM extensions e JOIN staff s ON s.id = e.staff_id WHERE e.extension = ? AND s.disabled_at IS NULL", extension).
		Row().Scan(&id)
	return models.ID(id), translate(err)
}

// ExtensionOf is the extension of a member of staff; empty: none.
func (t *Extensions) ExtensionOf(ctx context.Context, staff models.ID) (string, error) {
	var extension string
	err := translate(t.q(ctx).Raw("SELECT extension FROM extensions WHERE staff_id = ?", string(staff)).Row().Scan(&extension))
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	return extension, err
}

// AllExtensions implements hotline.ExtensionStore.
func (t *Extensions) AllExtensions(ctx context.Context) (map[models.ID]string, error) {
	var rows []struct{ StaffID, Extension string }
	err := t.q(ctx).Table("extensions").Select("CAST(staff_id AS text) AS staff_id, extension").Find(&rows).Error
	out := make(map[models.ID]string, len(rows))
	for _, r := range rows {
		out[models.ID(r.StaffID)] = r.Extension
	}
	return out, translate(err)
}
