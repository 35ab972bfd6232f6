package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// An enrolment has no session and no token: each of its two requests carries the one-time password, so there is nothing
// half open that could open anything else. What it makes is a session by both factors, as any log-in does.

// Enrolling is what a newcomer puts into an authenticator program. It is shown until it is confirmed; asking again makes
// another one.
type Enrolling struct {
	Login  string
	Secret string // for typing
	URI    string // for scanning
	Until  time.Time
}

// EnrolInput confirms it, with the password that is her own from now on.
type EnrolInput struct{ Login, Password, NewPassword, Code string }

// Enrolled is the first session, and the recovery codes, shown this once.
type Enrolled struct {
	LoggedIn
	RecoveryCodes []string
}

// BeginEnrolment makes a second factor for a newcomer who shows the one-time password. Unknown login, wrong or expired
// password and an account that has its factors are one answer, ErrLogInRefused, counted with the tries at a log-in.
func (s *Service) BeginEnrolment(ctx context.Context, login, password string) (Enrolling, error) {
	m, _, err := s.newcomer(ctx, login, password)
	if err != nil {
		return Enrolling{}, err
	}
	if m.TOTPPending, err = newTOTPSecret(); err != nil {
		return Enrolling{}, err
	}
	by := models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.UpdateStaff(ctx, m); err != nil {
			return err
		}
		if err := s.Attempts.ForgetAttempts(ctx, m.Login); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.enrolment.begun", "staff", string(m.ID), "done")
	})
	if err != nil {
		return Enrolling{}, err
	}
	return Enrolling{Login: m.Login, Secret: m.TOTPPending, URI: enrolmentURI(m.Login, m.TOTPPending), Until: m.OneTimeUntil}, nil
}

// Enrol confirms the second factor with a code of it, takes the newcomer's own password, and opens the first session. Of two
// who confirm at once one wins. ErrLogInRefused for a wrong password or code; the refusals of a new password come after
// both were right.
func (s *Service) Enrol(ctx context.Context, in EnrolInput) (Enrolled, error) {
	m, tries, err := s.newcomer(ctx, in.Login, in.Password)
	if err != nil {
		return Enrolled{}, err
	}
	now := s.Clock.Now()
	step, ok := matchStep(m.TOTPPending, in.Code, now)
	if !ok {
		return Enrolled{}, s.refuseLogIn(ctx, m.ID, tries, "enrolment")
	}
	if err := s.setPassword(ctx, &m, in.NewPassword); err != nil {
		return Enrolled{}, err
	}
	m.TOTPSecret, m.TOTPPending, m.LastStep, m.OneTimeUntil = m.TOTPPending, "", step, time.Time{}
	shown, hashes, err := newRecoveryCodes(m.ID)
	if err != nil {
		return Enrolled{}, err
	}
	out := Enrolled{RecoveryCodes: shown}
	by := models.Actor{Kind: models.AgentActor, ID: m.ID, Channel: models.Phone12333}
	err = s.spending(ctx, m, func(ctx context.Context) error {
		if err := s.keepPassword(ctx, m); err != nil {
			return err
		}
		if err := s.Factors.ReplaceRecoveryCodes(ctx, m.ID, hashes); err != nil {
			return err
		}
		if err := s.record(ctx, by, "hotline.staff.enrolled", "staff", string(m.ID), "done"); err != nil {
			return err
		}
		out.LoggedIn, err = s.openSession(ctx, m)
		return err
	})
	if err != nil {
		return Enrolled{}, err
	}
	return out, nil
}

// newcomer is the account that the one-time password opens now.
func (s *Service) newcomer(ctx context.Context, login, password string) (Staff, Attempts, error) {
	login = normaliseLogin(login)
	tries, err := s.countAttempt(ctx, login)
	if err != nil {
		return Staff{}, Attempts{}, err
	}
	m, usable, fits, err := s.tryLogin(ctx, login, password)
	if err != nil {
		return Staff{}, Attempts{}, err
	}
	if !usable || !fits || m.Enrolled() || s.Clock.Now().After(m.OneTimeUntil) {
		return Staff{}, Attempts{}, s.refuseLogIn(ctx, m.ID, tries, "enrolment")
	}
	return m, tries, nil
}

// setPassword makes a chosen password m's, by the rules: its form, not one everybody tries, none of the last five. It comes
// after both factors were right, so a choice that is refused is no failed log-in and leads to no lock.
func (s *Service) setPassword(ctx context.Context, m *Staff, password string) error {
	if err := s.Attempts.ForgetAttempts(ctx, m.Login); err != nil {
		return err
	}
	if err := checkPassword(m.Login, password); err != nil {
		return err
	}
	if isCommon(password) {
		return ErrPasswordCommon
	}
	former, err := s.Factors.FormerPasswords(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, old := range append(former, m.PasswordHash) {
		used, err := matchesPassword(ctx, old, password)
		if err != nil {
			return err
		}
		if used {
			return ErrPasswordUsed
		}
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	m.PasswordHash, m.PasswordAt = hash, models.Instant(s.Clock.Now())
	return nil
}

// keepPassword writes what setPassword made, and remembers it among the former ones.
func (s *Service) keepPassword(ctx context.Context, m Staff) error {
	return errors.Join(
		s.Staff.UpdateStaff(ctx, m),
		s.Factors.AddPassword(ctx, m.ID, m.PasswordHash, m.PasswordAt, passwordHistory),
	)
}
