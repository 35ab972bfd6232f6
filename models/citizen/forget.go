package citizen

import (
	"context"
	"errors"
	"time"
)

// How long leftovers stay. What was decided stays in the audit; these rows only served the moment.
const (
	keepCodes          = 3 * 24 * time.Hour // the longest limit looks back one day
	keepAuthorizations = 24 * time.Hour
	keepSessions       = 30 * 24 * time.Hour // after their expiry
	keepChecks         = 90 * 24 * time.Hour
)

// Forget drops codes, counters, browser log-ins, sessions and checks that have had their time. It may run anywhere
// and twice; one failure does not keep the others from being done.
func (s *Service) Forget(ctx context.Context) error {
	now := s.Clock.Now()
	var errs []error
	for _, part := range []struct {
		forget func(ctx context.Context, before time.Time) (int64, error)
		keep   time.Duration
	}{
		{s.Codes.ForgetCodes, keepCodes}, {s.Challenges.ForgetChallenges, keepCodes}, {s.Tries.ForgetTries, keepCodes}, {s.Authorizations.ForgetAuthorizations, keepAuthorizations},
		{s.Sessions.ForgetSessions, keepSessions}, {s.Checks.ForgetChecks, keepChecks},
	} {
		_, err := part.forget(ctx, now.Add(-part.keep))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
