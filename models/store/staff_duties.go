package store

import (
	"context"

	"onecard/models"
	"onecard/models/hotline"
)

// UpdateDuties writes roles, district and department where the row still has s.Version.
func (t *Staff) UpdateDuties(ctx context.Context, s hotline.Staff) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		err := guarded(t.w(ctx).Exec("UPDATE staff SET district = ?, department = ?, version = version + 1 WHERE id = ? AND version = ?",
			s.District, s.Department, string(s.ID), s.Version))
		if err != nil {
			return err
		}
		if err := t.w(ctx).Exec("DELETE FROM staff_roles WHERE staff_id = ?", string(s.ID)).Error; err != nil {
			return translate(err)
		}
		return t.addRoles(ctx, s)
	})
}

// StaffBySubject reads the account that is linked to a subject of the bureau's sign-on.
func (t *Staff) StaffBySubject(ctx context.Context, subject string) (hotline.Staff, error) {
	if subject == "" {
		return hotline.Staff{}, models.ErrNotFound
	}
	return t.one(ctx, "sign_on_subject = ?", subject)
}

// HoldAdministrators locks the administrators' rows and reads, under the lock, who of them is one still. SQLite has one
// writer and needs no lock.
func (t *Staff) HoldAdministrators(ctx context.Context) ([]models.ID, error) {
	const of = "disabled_at IS NULL AND id IN (SELECT staff_id FROM staff_roles WHERE role = ?)"
	var held, ids []string
	err := t.forUpdate(t.w(ctx)).Table("staff").Where(of, string(hotline.RoleAdministrator)).Order("id").Pluck("id", &held).Error
	if err != nil {
		return nil, translate(err)
	}
	if err := t.w(ctx).Table("staff").Where(of, string(hotline.RoleAdministrator)).Order("id").Pluck("id", &ids).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]models.ID, len(ids))
	for i, id := range ids {
		out[i] = models.ID(id)
	}
	return out, nil
}
