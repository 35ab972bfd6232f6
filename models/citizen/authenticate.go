package citizen

import (
	"context"
	"errors"

	"onecard/models"
)

// Bearer is a token taken apart: the handle, which names a person's ready data, and the hash of the secret.
type Bearer struct{ Handle, SecretHash string }

// BearerOf takes a token apart, or answers false for anything that is not one of ours.
func BearerOf(token string) (Bearer, bool) {
	handle, hash, ok := parseToken(token)
	return Bearer{handle, hash}, ok
}

// Authenticate finds out whose token it is. A copy of the row may answer for up to a minute; otherwise the row does,
// and with the copies out of order the row always does. ErrSessionInvalid for anything that is not a live session:
// unknown, malformed, expired, ended, or replaced when its level rose.
func (s *Service) Authenticate(ctx context.Context, token string) (models.Actor, error) {
	bearer, ok := BearerOf(token)
	if !ok {
		return models.Actor{}, ErrSessionInvalid
	}
	held, found, err := s.Copies.Get(ctx, bearer.Handle, bearer.SecretHash)
	return s.AuthenticateWith(ctx, bearer, held, found && err == nil)
}

// AuthenticateWith is Authenticate for who has looked for the copy already, together with other things.
func (s *Service) AuthenticateWith(ctx context.Context, bearer Bearer, held Session, found bool) (models.Actor, error) {
	now := s.Clock.Now()
	if found && held.Handle == bearer.Handle && held.SecretHash == bearer.SecretHash && held.Live(now) {
		return held.Actor(), nil
	}
	row, err := s.Sessions.SessionBySecret(ctx, bearer.Handle, bearer.SecretHash)
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
