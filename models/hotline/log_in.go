package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// The lock of R56: the fifth failure in a row locks the login for half an hour, known or not.
const (
	attemptLimit = 5
	lockFor      = 30 * time.Minute
)

// LogInInput is both factors in one request; there is no half-open state between them.
type LogInInput struct{ Login, Password, Code string }

// LoggedIn is an opened session. Token is shown this once.
type LoggedIn struct {
	Token     string
	Staff     Staff
	SessionID models.ID
	IdleFor   time.Duration
}

// LogIn opens a session and ends any other of the same person. Unknown login, wrong password, wrong, missing or
// used code and a disabled account are one answer, ErrLogInRefused, after the same work. The fifth failure in a row
// answers ErrAccountLocked and is audited; so does every attempt while the lock lasts, the right one too.
func (s *Service) LogIn(ctx context.Context, in LogInInput) (LoggedIn, error) {
	now, login := s.Clock.Now(), normaliseLogin(in.Login)
	tries, err := s.Attempts.CountAttempt(ctx, login, now, lockFor, attemptLimit)
	if err != nil {
		return LoggedIn{}, err
	}
	if tries.N > attemptLimit {
		return LoggedIn{}, ErrAccountLocked.After(tries.Last.Add(lockFor).Sub(now))
	}
	member, err := s.Staff.StaffByLogin(ctx, login)
	known := err == nil
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return LoggedIn{}, err
	}
	if !known {
		member.PasswordHash, member.TOTPSecret = noSuchPassword, noSuchSecret
	}
	passwordFits, err := matchesPassword(ctx, member.PasswordHash, in.Password)
	if err != nil {
		return LoggedIn{}, err
	}
	step, codeFits := matchStep(member.TOTPSecret, in.Code, now)
	usable := known && member.DisabledAt.IsZero() && !(member.Demo && s.Production)
	if !usable || !passwordFits || !codeFits || step <= member.LastStep {
		return LoggedIn{}, s.refuseLogIn(ctx, member.ID, tries)
	}
	out, err := s.openSession(ctx, member, login, step)
	if errors.Is(err, models.ErrConflict) { // the code was used by a parallel request
		return LoggedIn{}, s.refuseLogIn(ctx, member.ID, tries)
	}
	return out, err
}

func (s *Service) openSession(ctx context.Context, member Staff, login string, step int64) (LoggedIn, error) {
	token, handle, hash, err := newToken()
	if err != nil {
		return LoggedIn{}, err
	}
	now := s.Clock.Now()
	session := Session{ID: models.NewID(), StaffID: member.ID, Handle: handle, SecretHash: hash, OpenedAt: now, SeenAt: now}
	by := actorOf(session, Call{}, now)
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.UseStep(ctx, member.ID, step); err != nil {
			return err
		}
		if err := s.Attempts.ForgetAttempts(ctx, login); err != nil {
			return err
		}
		if err := s.endSessions(ctx, by, "replaced"); err != nil {
			return err
		}
		if err := s.Sessions.CreateSession(ctx, session); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.session.opened", "staff_sessions", string(session.ID), "done")
	})
	if err != nil {
		return LoggedIn{}, err
	}
	return LoggedIn{Token: token, Staff: member, SessionID: session.ID, IdleFor: idleLimit}, nil
}

// refuseLogIn writes the failure down, for unknown logins as well, and locks with the fifth.
func (s *Service) refuseLogIn(ctx context.Context, member models.ID, tries Attempts) error {
	refusal, result := ErrLogInRefused, "refused"
	if tries.N >= attemptLimit {
		refusal, result = ErrAccountLocked.After(lockFor), "locked"
	}
	by := models.Actor{Kind: models.AgentActor, ID: member, Channel: models.Phone12333}
	if err := s.record(ctx, by, "hotline.session.refused", "staff", string(member), result); err != nil {
		return err
	}
	return refusal
}

// LogOut ends the actor's session, and the call that is still open in it.
func (s *Service) LogOut(ctx context.Context, by models.Actor) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		call, err := s.Calls.OpenCallOf(ctx, by.ID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		if err := s.closeLeft(ctx, by, call, "logged_out"); err != nil {
			return err
		}
		return s.endSessions(ctx, by, "logged_out")
	})
}
