package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// How long the console's own rows outlive their use. Calls, verifications and looks stay three years.
const (
	keepAttempts = 24 * time.Hour
	keepFailures = 7 * 24 * time.Hour
	keepSessions = 30 * 24 * time.Hour
)

// Sweep forgets counters and sessions that nobody can need any more. It may run at any time and as often as one likes.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Clock.Now()
	return errors.Join(
		s.Attempts.DropAttemptsBefore(ctx, now.Add(-keepAttempts)),
		s.Checks.DropFailuresBefore(ctx, models.DateOf(now.Add(-keepFailures))),
		s.Sessions.DropSessionsBefore(ctx, now.Add(-keepSessions)),
		s.Calls.ScrubNotesBefore(ctx, now.Add(-s.limits().KeepNotes)),
		s.Looks.DropLocksBefore(ctx, now.Add(-keepFailures)),
	)
}
