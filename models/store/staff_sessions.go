package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// StaffSessions keeps the console's sessions: a hash of the secret, never the secret.
type StaffSessions struct{ *DB }

// StaffSessions is the sessions' table.
func (db *DB) StaffSessions() *StaffSessions { return &StaffSessions{db} }

var _ hotline.SessionStore = (*StaffSessions)(nil)

type staffSessionRow struct {
	ID         string `gorm:"primaryKey"`
	StaffID    string
	Handle     string
	SecretHash []byte
	OpenedAt   time.Time
	SeenAt     time.Time
	EndedAt    *time.Time
	EndReason  string
}

func (staffSessionRow) TableName() string { return "staff_sessions" }

// CreateSession inserts one; models.ErrConflict when its owner has a live one.
func (t *StaffSessions) CreateSession(ctx context.Context, s hotline.Session) error {
	return translate(t.w(ctx).Create(&staffSessionRow{
		ID: string(s.ID), StaffID: string(s.StaffID), Handle: s.Handle, SecretHash: s.SecretHash,
		OpenedAt: s.OpenedAt, SeenAt: s.SeenAt,
	}).Error)
}

// SessionByHandle reads a session, ended or not.
func (t *StaffSessions) SessionByHandle(ctx context.Context, handle string) (hotline.Session, error) {
	return t.one(ctx, "handle = ?", handle)
}

// SessionByID reads a session, ended or not.
func (t *StaffSessions) SessionByID(ctx context.Context, id models.ID) (hotline.Session, error) {
	return t.one(ctx, "id = ?", string(id))
}

// SessionOf reads the session of a member of staff that has not ended.
func (t *StaffSessions) SessionOf(ctx context.Context, staff models.ID) (hotline.Session, error) {
	return t.one(ctx, "staff_id = ? AND ended_at IS NULL", string(staff))
}

func (t *StaffSessions) one(ctx context.Context, where, value string) (hotline.Session, error) {
	var r staffSessionRow
	if err := t.q(ctx).Where(where, value).Take(&r).Error; err != nil {
		return hotline.Session{}, translate(err)
	}
	return r.session(), nil
}

func (r staffSessionRow) session() hotline.Session {
	return hotline.Session{
		ID: models.ID(r.ID), StaffID: models.ID(r.StaffID), Handle: r.Handle, SecretHash: r.SecretHash,
		OpenedAt: models.Instant(r.OpenedAt), SeenAt: models.Instant(r.SeenAt), EndedAt: timeOf(r.EndedAt), EndReason: r.EndReason,
	}
}

// SessionsUnseen implements hotline.SessionStore. Live sessions are as many as there are seats, and have their index.
func (t *StaffSessions) SessionsUnseen(ctx context.Context, seen, opened time.Time, most int) ([]hotline.Session, error) {
	var rows []staffSessionRow
	err := t.q(ctx).Where("ended_at IS NULL AND (seen_at < ? OR opened_at < ?)", seen, opened).Order("seen_at, id").Limit(most).Find(&rows).Error
	out := make([]hotline.Session, len(rows))
	for i, r := range rows {
		out[i] = r.session()
	}
	return out, translate(err)
}

// EndUnseen implements hotline.SessionStore.
func (t *StaffSessions) EndUnseen(ctx context.Context, s hotline.Session, at time.Time, reason string) error {
	return guarded(t.w(ctx).Exec("UPDATE staff_sessions SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL AND seen_at <= ?",
		at, reason, string(s.ID), s.SeenAt))
}

// TouchSession notes that a live session was used; it never goes back, and an ended session stays as it is.
func (t *StaffSessions) TouchSession(ctx context.Context, id models.ID, at time.Time) error {
	return translate(t.w(ctx).Exec("UPDATE staff_sessions SET seen_at = ? WHERE id = ? AND ended_at IS NULL AND seen_at < ?",
		at, string(id), at).Error)
}

// EndSessionsOf ends what a member of staff has live and tells how many that was.
func (t *StaffSessions) EndSessionsOf(ctx context.Context, staff models.ID, at time.Time, reason string) (int64, error) {
	res := t.w(ctx).Exec("UPDATE staff_sessions SET ended_at = ?, end_reason = ? WHERE staff_id = ? AND ended_at IS NULL",
		at, reason, string(staff))
	return res.RowsAffected, translate(res.Error)
}

// DropSessionsBefore cleans sessions last used before an instant.
func (t *StaffSessions) DropSessionsBefore(ctx context.Context, seen time.Time) error {
	_, err := t.deleteInPieces(ctx, "DELETE FROM staff_sessions WHERE id IN (SELECT id FROM staff_sessions WHERE seen_at < ? LIMIT ?)", seen)
	return err
}
