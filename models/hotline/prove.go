package hotline

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
)

// secondFactor is what a request showed beside the password: the step of a TOTP code, or a recovery code.
type secondFactor struct {
	step     int64
	recovery []byte
}

// countAttempt counts a try at a login before anything is compared, so that parallel guesses share one budget.
func (s *Service) countAttempt(ctx context.Context, login string) (Attempts, error) {
	now := s.Clock.Now()
	tries, err := s.Attempts.CountAttempt(ctx, login, now, lockFor, attemptLimit)
	if err != nil {
		return Attempts{}, err
	}
	if tries.N > attemptLimit {
		return Attempts{}, ErrAccountLocked.After(tries.Last.Add(lockFor).Sub(now))
	}
	return tries, nil
}

// tryLogin reads an account and compares the password. An unknown login costs the same and fits nothing; known is false too
// for an account that is closed, or of a demo in production.
func (s *Service) tryLogin(ctx context.Context, login, password string) (m Staff, known, fits bool, err error) {
	m, err = s.Staff.StaffByLogin(ctx, login)
	if known = err == nil; err != nil && !errors.Is(err, models.ErrNotFound) {
		return Staff{}, false, false, err
	}
	if !known {
		m.PasswordHash, m.TOTPSecret = noSuchPassword, noSuchSecret
	}
	fits, err = matchesPassword(ctx, m.PasswordHash, password)
	return m, known && m.DisabledAt.IsZero() && !(m.Demo && s.Production), fits, err
}

// readFactor finds out whether code is the second factor of m: a step of its secret that is newer than any used, or a
// recovery code that is still open. Neither is spent by it.
func (s *Service) readFactor(ctx context.Context, m Staff, code string, now time.Time) (secondFactor, bool, error) {
	if hash, ok := readRecoveryCode(m.ID, code); ok && m.ID != "" {
		open, err := s.Factors.RecoveryCodeOpen(ctx, m.ID, hash)
		return secondFactor{recovery: hash}, open, err
	}
	step, ok := matchStep(m.TOTPSecret, code, now)
	return secondFactor{step: step}, ok && step > m.LastStep, nil
}

// spend uses the second factor up; models.ErrConflict where another request was first. left counts recovery codes, -1
// where none was used.
func (s *Service) spend(ctx context.Context, by models.Actor, m Staff, f secondFactor) (left int, err error) {
	if f.recovery == nil {
		return -1, s.Staff.UseStep(ctx, m.ID, f.step)
	}
	if err := s.Factors.UseRecoveryCode(ctx, m.ID, f.recovery, s.Clock.Now()); err != nil {
		return 0, err
	}
	if left, err = s.Factors.RecoveryCodesLeft(ctx, m.ID); err != nil {
		return 0, err
	}
	return left, s.record(ctx, by, "hotline.recovery_code.used", "staff", string(m.ID), "done", "left", strconv.Itoa(left))
}

// spending commits what both factors opened. Who comes second with the same code gets the answer of a wrong one.
func (s *Service) spending(ctx context.Context, m Staff, fn func(ctx context.Context) error) error {
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		return s.Attempts.ForgetAttempts(ctx, m.Login)
	})
	if errors.Is(err, models.ErrConflict) {
		return s.refuseLogIn(ctx, m.ID, Attempts{}, "raced")
	}
	return err
}

// proveAgain asks a member who is logged in for both factors anew: whoever sits down at an open console has neither.
func (s *Service) proveAgain(ctx context.Context, by models.Actor, password, code string) (Staff, secondFactor, error) {
	if by.Kind != models.AgentActor || by.ID == "" {
		return Staff{}, secondFactor{}, ErrNotLoggedIn
	}
	own, err := s.Staff.StaffByID(ctx, by.ID)
	if err != nil {
		return Staff{}, secondFactor{}, err
	}
	tries, err := s.countAttempt(ctx, own.Login)
	if err != nil {
		return Staff{}, secondFactor{}, err
	}
	m, usable, fits, err := s.tryLogin(ctx, own.Login, password)
	if err != nil {
		return Staff{}, secondFactor{}, err
	}
	f, shown, err := s.readFactor(ctx, m, code, s.Clock.Now())
	if err != nil {
		return Staff{}, secondFactor{}, err
	}
	if !usable || !fits || !shown || !m.Enrolled() {
		return Staff{}, secondFactor{}, s.refuseLogIn(ctx, m.ID, tries, "again")
	}
	return m, f, nil
}
