package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Challenges keeps the small questions before a further code (R61).
type Challenges struct{ *DB }

// Challenges is the table of challenges.
func (db *DB) Challenges() *Challenges { return &Challenges{db} }

var _ citizen.Challenges = (*Challenges)(nil)

type challengeRow struct {
	ID        string `gorm:"primaryKey"`
	SessionID string
	Kind      string
	Digest    []byte
	Tries     int
	MadeAt    time.Time
	ExpiresAt time.Time
	PassedAt  *time.Time
	UsedAt    *time.Time
}

func (challengeRow) TableName() string { return "challenges" }

func (r challengeRow) challenge() citizen.Challenge {
	return citizen.Challenge{
		ID: models.ID(r.ID), SessionID: models.ID(r.SessionID), Kind: citizen.ChallengeKind(r.Kind), Digest: r.Digest, Tries: r.Tries,
		MadeAt: models.Instant(r.MadeAt), ExpiresAt: models.Instant(r.ExpiresAt), PassedAt: timeOf(r.PassedAt), UsedAt: timeOf(r.UsedAt),
	}
}

// AddChallenge inserts one.
func (t *Challenges) AddChallenge(ctx context.Context, c citizen.Challenge) error {
	row := challengeRow{
		ID: string(c.ID), SessionID: string(c.SessionID), Kind: string(c.Kind), Digest: c.Digest, MadeAt: c.MadeAt, ExpiresAt: c.ExpiresAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// Challenge reads one, whatever became of it.
func (t *Challenges) Challenge(ctx context.Context, id models.ID) (citizen.Challenge, error) {
	var row challengeRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error
	return row.challenge(), translate(err)
}

// ChallengesSince lists when a session was given one, oldest first.
func (t *Challenges) ChallengesSince(ctx context.Context, session models.ID, since time.Time) ([]time.Time, error) {
	var made []time.Time
	err := t.q(ctx).Table("challenges").Where("session_id = ? AND made_at > ?", string(session), since).Order("made_at").Pluck("made_at", &made).Error
	for i, at := range made {
		made[i] = models.Instant(at)
	}
	return made, translate(err)
}

// TryChallenge takes one try; models.ErrNotFound where the session has no such one, it was answered, is too old or its tries
// are over.
func (t *Challenges) TryChallenge(ctx context.Context, id, session models.ID, at time.Time) (citizen.Challenge, error) {
	var rows []challengeRow
	err := t.w(ctx).Raw(`UPDATE challenges SET tries = tries + 1 WHERE id = ? AND session_id = ? AND passed_at IS NULL AND tries < ?
		AND expires_at > ? RETURNING *`, string(id), string(session), citizen.ChallengeTries, at).Scan(&rows).Error
	if err != nil {
		return citizen.Challenge{}, translate(err)
	}
	if len(rows) == 0 {
		return citizen.Challenge{}, models.ErrNotFound
	}
	return rows[0].challenge(), nil
}

// PassChallenge notes the right answer.
func (t *Challenges) PassChallenge(ctx context.Context, id models.ID, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE challenges SET passed_at = ? WHERE id = ? AND passed_at IS NULL", at, string(id)))
}

// UseChallenge uses an answered one up.
func (t *Challenges) UseChallenge(ctx context.Context, id, session models.ID, at time.Time) error {
	return guarded(t.w(ctx).Exec(`UPDATE challenges SET used_at = ? WHERE id = ? AND session_id = ? AND passed_at IS NOT NULL
		AND used_at IS NULL AND expires_at > ?`, at, string(id), string(session), at))
}

// ForgetChallenges drops those that no limit looks at any more, in pieces.
func (t *Challenges) ForgetChallenges(ctx context.Context, before time.Time) (int64, error) {
	return t.deleteInPieces(ctx, "DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE made_at < ? LIMIT ?)", before)
}
