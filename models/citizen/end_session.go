package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// LogOut ends the actor's own session. It counts at once; doing it twice is done.
func (s *Service) LogOut(ctx context.Context, by models.Actor) error {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return ErrSessionInvalid
	}
	return s.end(ctx, by, by.SessionID, LoggedOut)
}

// EndSession ends one of the actor's sessions from another device. models.ErrNotFound for a session of someone else,
// and for one that has ended.
func (s *Service) EndSession(ctx context.Context, by models.Actor, id models.ID) error {
	one, err := s.Sessions.Session(ctx, id)
	if err != nil {
		return err
	}
	if !owns(by, one) || !one.Live(s.Clock.Now()) {
		return models.ErrNotFound
	}
	why := EndedByHolder
	if id == by.SessionID {
		why = LoggedOut
	}
	return s.end(ctx, by, id, why)
}

func (s *Service) end(ctx context.Context, by models.Actor, id models.ID, why EndReason) error {
	now := s.Clock.Now()
	var ended []Session
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		var err error
		ended, err = s.Sessions.EndSessions(ctx, SessionOwner{Session: id}, why, now)
		if err != nil || len(ended) == 0 {
			return err
		}
		return s.Decisions.RecordAudit(ctx, audit.Of(by, now, "citizen.session.ended", "sessions", string(id), string(why)))
	})
	s.drop(ctx, ended...)
	return err
}
