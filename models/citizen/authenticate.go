package citizen

import (
	"context"
	"errors"

	"onecard/models"
)

// Authenticate finds out whose token it is. A copy of the row may answer for up to a minute; otherwise the row does,
// and with the copies out of order the row always does. ErrSessionInvalid for anything that is not a live session:
// unknown, malformed, expired, ended, or replaced when its level rose.
func (s *Service) Authenticate(ctx context.Context, token string) (models.Actor, error) {
	handle, hash, ok := parseToken(token)
	if !ok {
		return models.Actor{}, ErrSessionInvalid
	}
	now := s.Clock.Now()
	if held, found, err := s.Copies.Get(ctx, handle, hash); err == nil && found && held.SecretHash == hash && held.Live(now) {
		return held.Actor(), nil
	}
	row, err := s.Sessions.SessionBySecret(ctx, handle, hash)
	if errors.Is(err, models.ErrNotFound) {
		return models.Actor{}, ErrSessionInvalid
	}
	if err != nil {
		return models.Actor{}, err
	}
	if !row.Live(now) {
		return models.Actor{}, ErrSessionInvalid
	}
	if now.Sub(row.SeenAt) >= seenEvery {
		if err := s.Sessions.TouchSession(ctx, row.ID, now); err != nil {
			s.Log.WarnContext(ctx, "session not touched", "session", row.ID, "error", err)
		}
	}
	if err := s.Copies.Put(ctx, row, min(SessionCopyLife, row.ExpiresAt.Sub(now))); err != nil {
		s.Log.DebugContext(ctx, "session not copied", "session", row.ID, "error", err)
	}
	return row.Actor(), nil
}
