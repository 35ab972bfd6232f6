package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// passwordHistory is how many of one's last passwords are refused (R56).
const passwordHistory = 5

// ChangePassword gives the actor a new password for both factors, proved just now; the session goes on. The refusals of a
// log-in, and they count together with those; ErrPasswordWeak, ErrPasswordCommon, ErrPasswordUsed.
func (s *Service) ChangePassword(ctx context.Context, by models.Actor, password, code, chosen string) error {
	m, f, err := s.proveAgain(ctx, by, password, code)
	if err != nil {
		return err
	}
	if err := s.setPassword(ctx, &m, chosen); err != nil {
		return err
	}
	return s.spending(ctx, m, func(ctx context.Context) error {
		if _, err := s.spend(ctx, by, m, f); err != nil {
			return err
		}
		if err := s.keepPassword(ctx, m); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.password.changed", "staff", string(m.ID), "done")
	})
}

// passwordOld reports whether m must choose another password before the next session. Those of a demo stay as printed.
func (s *Service) passwordOld(m Staff) bool {
	return !m.Demo && s.Clock.Now().Sub(s.passwordSince(m)) > s.PasswordAge
}

func (s *Service) passwordSince(m Staff) time.Time {
	if m.PasswordAt.IsZero() { // chosen before it was written down
		return m.CreatedAt
	}
	return m.PasswordAt
}
