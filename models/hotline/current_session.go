package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// SessionView is what the console knows of the session it is in.
type SessionView struct {
	Staff         Staff
	OpenedAt      time.Time
	IdleEndsAt    time.Time // unless it is used before; later while a call is open
	EndsAt        time.Time // whatever happens
	CallID        models.ID // the call one has open; empty: none
	RecoveryCodes int       // left
	PasswordEnds  time.Time // when the next log-in asks for another password; zero: never
}

// CurrentSession is the actor's own session. Asking counts as a use of it, as any request does.
func (s *Service) CurrentSession(ctx context.Context, by models.Actor) (SessionView, error) {
	m, err := s.member(ctx, by, AnyStaff)
	if err != nil {
		return SessionView{}, err
	}
	session, err := s.Sessions.SessionByID(ctx, by.SessionID)
	if errors.Is(err, models.ErrNotFound) {
		return SessionView{}, ErrNotLoggedIn
	}
	if err != nil {
		return SessionView{}, err
	}
	left, err := s.Factors.RecoveryCodesLeft(ctx, m.ID)
	if err != nil {
		return SessionView{}, err
	}
	idle := idleLimit
	if by.CallID != "" {
		idle = idleLimitInCall
	}
	view := SessionView{
		Staff: m, OpenedAt: session.OpenedAt, EndsAt: session.OpenedAt.Add(shiftLimit), IdleEndsAt: session.SeenAt.Add(idle),
		CallID: by.CallID, RecoveryCodes: left,
	}
	if view.EndsAt.Before(view.IdleEndsAt) {
		view.IdleEndsAt = view.EndsAt
	}
	if !m.Demo {
		view.PasswordEnds = s.passwordSince(m).Add(s.PasswordAge)
	}
	return view, nil
}
