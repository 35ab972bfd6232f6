package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Sessions keeps citizens' log-ins. The row alone decides whether one counts.
type Sessions struct{ *DB }

// Sessions is the table of citizens' sessions.
func (db *DB) Sessions() *Sessions { return &Sessions{db} }

var _ citizen.Sessions = (*Sessions)(nil)

type sessionRow struct {
	ID         string `gorm:"primaryKey"`
	Kind       string
	Handle     string
	SecretHash string
	AccountID  *string
	PersonID   *string
	Channel    string
	Level      string
	CheckedAt  *time.Time
	Device     string
	MadeAt     time.Time
	SeenAt     time.Time
	ExpiresAt  time.Time
	EndedAt    *time.Time
	EndedWhy   string
	Version    int
}

func (sessionRow) TableName() string { return "sessions" }

func newSessionRow(s citizen.Session) sessionRow {
	return sessionRow{
		ID: string(s.ID), Kind: string(s.Kind), Handle: s.Handle, SecretHash: s.SecretHash, AccountID: nullID(s.AccountID),
		PersonID: nullID(s.PersonID), Channel: string(s.Channel), Level: s.Level.String(), CheckedAt: nullTime(s.CheckedAt),
		Device: s.Device, MadeAt: s.MadeAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt, EndedAt: nullTime(s.EndedAt),
		EndedWhy: string(s.EndedWhy), Version: s.Version,
	}
}

func (r sessionRow) session() citizen.Session {
	level, _ := models.ParseLevel(r.Level)
	return citizen.Session{
		ID: models.ID(r.ID), Kind: citizen.SessionKind(r.Kind), Handle: r.Handle, SecretHash: r.SecretHash,
		AccountID: idOf(r.AccountID), PersonID: idOf(r.PersonID), Channel: models.Channel(r.Channel), Level: level,
		CheckedAt: timeOf(r.CheckedAt), Device: r.Device, MadeAt: models.Instant(r.MadeAt), SeenAt: models.Instant(r.SeenAt),
		ExpiresAt: models.Instant(r.ExpiresAt), EndedAt: timeOf(r.EndedAt), EndedWhy: citizen.EndReason(r.EndedWhy), Version: r.Version,
	}
}

func sessionsOf(rows []sessionRow) []citizen.Session {
	out := make([]citizen.Session, len(rows))
	for i, r := range rows {
		out[i] = r.session()
	}
	return out
}

// CreateSession inserts a session.
func (t *Sessions) CreateSession(ctx context.Context, s citizen.Session) error {
	row := newSessionRow(s)
	return translate(t.w(ctx).Create(&row).Error)
}

// Session reads one session, ended ones too.
func (t *Sessions) Session(ctx context.Context, id models.ID) (citizen.Session, error) {
	var row sessionRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error
	return row.session(), translate(err)
}

// SessionBySecret reads the session of a token; a revocation counts from its commit on.
func (t *Sessions) SessionBySecret(ctx context.Context, handle, secretHash string) (citizen.Session, error) {
	var row sessionRow
	err := t.q(ctx).Where("secret_hash = ? AND handle = ?", secretHash, handle).Take(&row).Error
	return row.session(), translate(err)
}

// ChangeSession writes what may change in a live session.
func (t *Sessions) ChangeSession(ctx context.Context, s citizen.Session) error {
	r := newSessionRow(s)
	return guarded(t.w(ctx).Exec(`UPDATE sessions SET person_id = ?, handle = ?, secret_hash = ?, level = ?, checked_at = ?, device = ?,
		version = version + 1 WHERE id = ? AND version = ? AND ended_at IS NULL`,
		r.PersonID, r.Handle, r.SecretHash, r.Level, r.CheckedAt, r.Device, r.ID, r.Version))
}

// TouchSession notes that the session was used; it does not count as a change.
func (t *Sessions) TouchSession(ctx context.Context, id models.ID, at time.Time) error {
	return translate(t.w(ctx).Exec("UPDATE sessions SET seen_at = ? WHERE id = ? AND seen_at < ?", at, string(id), at).Error)
}

// whose is the condition for an owner. An owner with nothing set owns nothing.
func whose(of citizen.SessionOwner) (string, string) {
	switch {
	case of.Session != "":
		return "id = ?", string(of.Session)
	case of.Person != "":
		return "person_id = ?", string(of.Person)
	case of.Account != "":
		return "account_id = ?", string(of.Account)
	}
	return "1 = 0 AND handle = ?", ""
}

// LiveSessions lists what counts at an instant, newest first.
func (t *Sessions) LiveSessions(ctx context.Context, of citizen.SessionOwner, at time.Time) ([]citizen.Session, error) {
	where, arg := whose(of)
	var rows []sessionRow
	err := t.q(ctx).Where(where, arg).Where("ended_at IS NULL AND expires_at > ?", at).Order("made_at DESC, id DESC").Find(&rows).Error
	return sessionsOf(rows), translate(err)
}

// EndSessions ends them in one statement and answers those it ended.
func (t *Sessions) EndSessions(ctx context.Context, of citizen.SessionOwner, why citizen.EndReason, at time.Time) ([]citizen.Session, error) {
	where, arg := whose(of)
	var rows []sessionRow
	err := t.w(ctx).Raw("UPDATE sessions SET ended_at = ?, ended_why = ?, version = version + 1 WHERE "+where+
		" AND ended_at IS NULL RETURNING *", at, string(why), arg).Scan(&rows).Error
	return sessionsOf(rows), translate(err)
}

// ForgetSessions drops sessions that expired before an instant, in pieces.
func (t *Sessions) ForgetSessions(ctx context.Context, before time.Time) (int64, error) {
	return t.deleteInPieces(ctx, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < ? LIMIT ?)", before)
}
