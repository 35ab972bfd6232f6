package citizen

import (
	"context"

	"onecard/models"
)

// ListSessions shows where the actor is logged in, newest first: all of a person's sessions on every platform, or
// those of the account while it is bound to nobody.
func (s *Service) ListSessions(ctx context.Context, by models.Actor) ([]Session, error) {
	owner, err := ownerOf(by)
	if err != nil {
		return nil, err
	}
	return s.Sessions.LiveSessions(ctx, owner, s.Clock.Now())
}

func ownerOf(by models.Actor) (SessionOwner, error) {
	switch {
	case by.Kind != models.CitizenActor || by.SessionID == "":
		return SessionOwner{}, ErrSessionInvalid
	case by.ID != "":
		return SessionOwner{Person: by.ID}, nil
	default:
		return SessionOwner{Account: by.AccountID}, nil
	}
}

// owns reports whether the actor may see and end the session.
func owns(by models.Actor, one Session) bool {
	if by.ID != "" {
		return one.PersonID == by.ID
	}
	return one.PersonID == "" && by.AccountID != "" && one.AccountID == by.AccountID
}
