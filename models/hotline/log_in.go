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

// LogInInput is both factors in one request; there is no half-open state between them. Code is one of the authenticator
// program's, or a recovery code. NewPassword is for a password that is too old, and taken whenever it is given.
type LogInInput struct{ Login, Password, Code, NewPassword string }

// LoggedIn is an opened session. Token is shown this once.
type LoggedIn struct {
	Token         string
	Staff         Staff
	SessionID     models.ID
	IdleFor       time.Duration
	RecoveryUsed  bool
	RecoveryCodes int // left, where one was used
}

// LogIn opens a session and ends any other of the same person. Unknown login, wrong password, wrong, missing or
// used code and a disabled account are one answer, ErrLogInRefused, after the same work. The fifth failure in a row
// answers ErrAccountLocked and is audited; so does every attempt while the lock lasts, the right one too. Only who has shown
// everything asked of her is told more: ErrEnrolmentRequired for a one-time password, ErrPasswordExpired for an old one.
func (s *Service) LogIn(ctx context.Context, in LogInInput) (LoggedIn, error) {
	login := normaliseLogin(in.Login)
	tries, err := s.countAttempt(ctx, login)
	if err != nil {
		return LoggedIn{}, err
	}
	m, usable, fits, err := s.tryLogin(ctx, login, in.Password)
	if err != nil {
		return LoggedIn{}, err
	}
	f, shown, err := s.readFactor(ctx, m, in.Code, s.Clock.Now())
	switch {
	case err != nil:
		return LoggedIn{}, err
	case usable && fits && !m.Enrolled() && !s.Clock.Now().After(m.OneTimeUntil):
		return LoggedIn{}, ErrEnrolmentRequired
	case !usable || !fits || !shown || !m.Enrolled():
		return LoggedIn{}, s.refuseLogIn(ctx, m.ID, tries, "log_in")
	case in.NewPassword == "" && s.passwordOld(m):
		if err := s.Attempts.ForgetAttempts(ctx, login); err != nil {
			return LoggedIn{}, err
		}
		return LoggedIn{}, ErrPasswordExpired
	case in.NewPassword != "":
		if err := s.setPassword(ctx, &m, in.NewPassword); err != nil {
			return LoggedIn{}, err
		}
	}
	return s.logIn(ctx, m, f, in.NewPassword != "")
}

// logIn commits what two right factors open.
func (s *Service) logIn(ctx context.Context, m Staff, f secondFactor, changed bool) (LoggedIn, error) {
	var out LoggedIn
	by := models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333, Level: models.LevelPlatform}
	err := s.spending(ctx, m, func(ctx context.Context) error {
		left, err := s.spend(ctx, by, m, f)
		if err != nil {
			return err
		}
		if changed {
			if err := s.keepPassword(ctx, m); err != nil {
				return err
			}
			if err := s.record(ctx, by, "hotline.password.changed", "staff", string(m.ID), "done"); err != nil {
				return err
			}
		}
		if out, err = s.openSession(ctx, m); err != nil {
			return err
		}
		out.RecoveryUsed, out.RecoveryCodes = left >= 0, max(left, 0)
		return nil
	})
	if err != nil {
		return LoggedIn{}, err
	}
	return out, nil
}

// openSession makes m's one session, in the transaction of whatever proved who it is.
func (s *Service) openSession(ctx context.Context, m Staff, notes ...string) (LoggedIn, error) {
	token, handle, hash, err := newToken()
	if err != nil {
		return LoggedIn{}, err
	}
	now := s.Clock.Now()
	session := Session{ID: models.NewID(), StaffID: m.ID, Handle: handle, SecretHash: hash, OpenedAt: now, SeenAt: now}
	by := actorOf(session, Call{}, now)
	if err := s.endSessions(ctx, by, "replaced"); err != nil {
		return LoggedIn{}, err
	}
	if err := s.Sessions.CreateSession(ctx, session); err != nil {
		return LoggedIn{}, err
	}
	if err := s.record(ctx, by, "hotline.session.opened", "staff_sessions", string(session.ID), "done", notes...); err != nil {
		return LoggedIn{}, err
	}
	return LoggedIn{Token: token, Staff: m, SessionID: session.ID, IdleFor: idleLimit}, nil
}

// refuseLogIn writes the failure down, for unknown logins as well, and locks with the fifth. at is where it was tried.
func (s *Service) refuseLogIn(ctx context.Context, member models.ID, tries Attempts, at string) error {
	refusal, result := ErrLogInRefused, "refused"
	if tries.N >= attemptLimit {
		refusal, result = ErrAccountLocked.After(lockFor), "locked"
	}
	by := models.Actor{Kind: models.AgentActor, ID: member, Channel: models.Phone12333}
	if err := s.record(ctx, by, "hotline.session.refused", "staff", string(member), result, "at", at); err != nil {
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
