package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Staff keeps the console's accounts and their roles.
type Staff struct{ *DB }

// Staff is the accounts' table.
func (db *DB) Staff() *Staff { return &Staff{db} }

var _ hotline.StaffStore = (*Staff)(nil)

type staffRow struct {
	ID                string `gorm:"primaryKey"`
	Login             string
	NameSealed        []byte
	PasswordHash      string
	TOTPSecretSealed  []byte `gorm:"column:totp_secret_sealed"`
	TOTPPendingSealed []byte `gorm:"column:totp_pending_sealed"`
	OneTimeUntil      *time.Time
	PasswordAt        *time.Time
	SignOnSubject     string
	LastStep          int64
	Demo              bool
	District          string
	Department        string
	CreatedAt         time.Time
	DisabledAt        *time.Time
	Version           int
}

func (staffRow) TableName() string { return "staff" }

type staffRoleRow struct {
	StaffID string `gorm:"primaryKey"`
	Role    string `gorm:"primaryKey"`
}

func (staffRoleRow) TableName() string { return "staff_roles" }

func (t *Staff) toRow(ctx context.Context, s hotline.Staff) (staffRow, error) {
	name, err := t.Seal(ctx, "staff", "name_sealed", string(s.ID), []byte(s.Name.Reveal()))
	if err != nil {
		return staffRow{}, err
	}
	secret, err := t.Seal(ctx, "staff", "totp_secret_sealed", string(s.ID), []byte(s.TOTPSecret))
	if err != nil {
		return staffRow{}, err
	}
	var pending []byte
	if s.TOTPPending != "" {
		if pending, err = t.Seal(ctx, "staff", "totp_pending_sealed", string(s.ID), []byte(s.TOTPPending)); err != nil {
			return staffRow{}, err
		}
	}
	return staffRow{
		ID: string(s.ID), Login: s.Login, NameSealed: name, PasswordHash: s.PasswordHash, TOTPSecretSealed: secret,
		LastStep: s.LastStep, Demo: s.Demo, District: s.District, Department: s.Department,
		CreatedAt: s.CreatedAt, DisabledAt: nullTime(s.DisabledAt), Version: s.Version,
		TOTPPendingSealed: pending, OneTimeUntil: nullTime(s.OneTimeUntil), PasswordAt: nullTime(s.PasswordAt), SignOnSubject: s.Subject,
	}, nil
}

func (t *Staff) fromRow(ctx context.Context, r staffRow) (hotline.Staff, error) {
	plain, err := t.Unseal(ctx, "staff", "name_sealed", r.ID, r.NameSealed)
	if err != nil {
		return hotline.Staff{}, err
	}
	name, err := models.ParseName(string(plain))
	if err != nil {
		return hotline.Staff{}, err
	}
	secret, err := t.Unseal(ctx, "staff", "totp_secret_sealed", r.ID, r.TOTPSecretSealed)
	if err != nil {
		return hotline.Staff{}, err
	}
	var pending []byte
	if r.TOTPPendingSealed != nil {
		if pending, err = t.Unseal(ctx, "staff", "totp_pending_sealed", r.ID, r.TOTPPendingSealed); err != nil {
			return hotline.Staff{}, err
		}
	}
	s := hotline.Staff{
		ID: models.ID(r.ID), Login: r.Login, Name: name, PasswordHash: r.PasswordHash, TOTPSecret: string(secret),
		LastStep: r.LastStep, Demo: r.Demo, District: r.District, Department: r.Department,
		CreatedAt: models.Instant(r.CreatedAt), DisabledAt: timeOf(r.DisabledAt), Version: r.Version,
		TOTPPending: string(pending), OneTimeUntil: timeOf(r.OneTimeUntil), PasswordAt: timeOf(r.PasswordAt), Subject: r.SignOnSubject,
	}
	var roles []staffRoleRow
	if err := t.q(ctx).Where("staff_id = ?", r.ID).Order("role").Find(&roles).Error; err != nil {
		return hotline.Staff{}, translate(err)
	}
	for _, role := range roles {
		s.Roles = append(s.Roles, hotline.Role(role.Role))
	}
	return s, nil
}

// CreateStaff inserts an account with its roles; ErrLoginTaken for a login in use, ErrRolesClash for roles that the
// table keeps apart.
func (t *Staff) CreateStaff(ctx context.Context, s hotline.Staff) error {
	return t.InTx(ctx, func(ctx context.Context) error {
		r, err := t.toRow(ctx, s)
		if err != nil {
			return err
		}
		err = translate(t.w(ctx).Create(&r).Error)
		if t.isDuplicate(err, "staff_login") {
			return hotline.ErrLoginTaken.Because(err)
		}
		if err != nil {
			return err
		}
		return t.addRoles(ctx, s)
	})
}

func (t *Staff) addRoles(ctx context.Context, s hotline.Staff) error {
	for _, role := range s.Roles {
		err := translate(t.w(ctx).Create(&staffRoleRow{string(s.ID), string(role)}).Error)
		if t.isDuplicate(err, "staff_roles_apart") {
			return hotline.ErrRolesClash.Because(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// StaffByID reads one account.
func (t *Staff) StaffByID(ctx context.Context, id models.ID) (hotline.Staff, error) {
	return t.one(ctx, "id = ?", string(id))
}

// StaffByLogin reads the account of a normalised login.
func (t *Staff) StaffByLogin(ctx context.Context, login string) (hotline.Staff, error) {
	return t.one(ctx, "login = ?", login)
}

func (t *Staff) one(ctx context.Context, where, value string) (hotline.Staff, error) {
	var r staffRow
	if err := t.q(ctx).Where(where, value).Take(&r).Error; err != nil {
		return hotline.Staff{}, translate(err)
	}
	return t.fromRow(ctx, r)
}

// ListStaff lists every account by login, without password hash and secret.
func (t *Staff) ListStaff(ctx context.Context) ([]hotline.Staff, error) {
	var rows []staffRow
	if err := t.q(ctx).Order("login").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.Staff, 0, len(rows))
	for _, r := range rows {
		s, err := t.fromRow(ctx, r)
		if err != nil {
			return nil, err
		}
		s.PasswordHash, s.TOTPSecret, s.TOTPPending = "", "", ""
		out = append(out, s)
	}
	return out, nil
}

// UpdateStaff writes factors, instants and subject where the row still has s.Version. The last step never goes back: a code
// that was used meanwhile stays used. ErrSubjectTaken.
func (t *Staff) UpdateStaff(ctx context.Context, s hotline.Staff) error {
	r, err := t.toRow(ctx, s)
	if err != nil {
		return err
	}
	err = guarded(t.w(ctx).Exec(`UPDATE staff SET password_hash = ?, totp_secret_sealed = ?, totp_pending_sealed = ?,
		last_step = CASE WHEN last_step > ? THEN last_step ELSE ? END, disabled_at = ?, one_time_until = ?, password_at = ?,
		sign_on_subject = ?, version = version + 1 WHERE id = ? AND version = ?`,
		r.PasswordHash, r.TOTPSecretSealed, r.TOTPPendingSealed, r.LastStep, r.LastStep, r.DisabledAt, r.OneTimeUntil, r.PasswordAt,
		r.SignOnSubject, r.ID, r.Version))
	if t.isDuplicate(err, "staff_sign_on_subject") {
		return hotline.ErrSubjectTaken.Because(err)
	}
	return err
}

// UseStep spends a TOTP step; of many callers with one code a single one succeeds.
func (t *Staff) UseStep(ctx context.Context, id models.ID, step int64) error {
	return guarded(t.w(ctx).Exec("UPDATE staff SET last_step = ? WHERE id = ? AND last_step < ? AND disabled_at IS NULL",
		step, string(id), step))
}
