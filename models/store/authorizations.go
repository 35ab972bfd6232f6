package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Authorizations keeps browser log-ins under way.
type Authorizations struct{ *DB }

// Authorizations is the table of browser log-ins.
func (db *DB) Authorizations() *Authorizations { return &Authorizations{db} }

var _ citizen.Authorizations = (*Authorizations)(nil)

type authorizationRow struct {
	ID         string `gorm:"primaryKey"`
	Platform   string
	AppID      string
	StateHash  string
	CookieHash string
	MadeAt     time.Time
	ExpiresAt  time.Time
	UsedAt     *time.Time
}

func (authorizationRow) TableName() string { return "authorizations" }

func (r authorizationRow) authorization() citizen.Authorization {
	return citizen.Authorization{
		ID: models.ID(r.ID), Platform: models.Channel(r.Platform), AppID: r.AppID, StateHash: r.StateHash, CookieHash: r.CookieHash,
		MadeAt: models.Instant(r.MadeAt), ExpiresAt: models.Instant(r.ExpiresAt), UsedAt: timeOf(r.UsedAt),
	}
}

// CreateAuthorization inserts one.
func (t *Authorizations) CreateAuthorization(ctx context.Context, a citizen.Authorization) error {
	row := authorizationRow{
		ID: string(a.ID), Platform: string(a.Platform), AppID: a.AppID, StateHash: a.StateHash, CookieHash: a.CookieHash,
		MadeAt: a.MadeAt, ExpiresAt: a.ExpiresAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// TakeAuthorization uses one up in one statement.
func (t *Authorizations) TakeAuthorization(ctx context.Context, stateHash, cookieHash string, at time.Time) (citizen.Authorization, error) {
	var rows []authorizationRow
	err := t.w(ctx).Raw(`UPDATE authorizations SET used_at = ? WHERE state_hash = ? AND cookie_hash = ? AND used_at IS NULL
		AND expires_at > ? RETURNING *`, at, stateHash, cookieHash, at).Scan(&rows).Error
	if err == nil && len(rows) == 0 {
		return citizen.Authorization{}, models.ErrNotFound
	}
	if err != nil {
		return citizen.Authorization{}, translate(err)
	}
	return rows[0].authorization(), nil
}

// ForgetAuthorizations drops those that expired before an instant, in pieces.
func (t *Authorizations) ForgetAuthorizations(ctx context.Context, before time.Time) (int64, error) {
	return t.deleteInPieces(ctx, "DELETE FROM authorizations WHERE id IN (SELECT id FROM authorizations WHERE expires_at < ? LIMIT ?)", before)
}
