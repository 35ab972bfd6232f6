package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/notice"
)

// CancelPhoneChange ends the open change of the actor's subject, and audits it. It needs no fresh check: whoever holds
// a session of the person may object, and so may the caller of an agent who is known as surely as for a loss report
// ("this was not me"): the strength is recorded and the phone on file is told. A repeat with the same key is the first.
//
// models.ErrNotFound without an open change, to an agent ErrNoPhoneChange; to an agent also what
// Calls.MayCancelPhoneChange refuses. models.ErrConflict where the change came to count in the same moment.
func (s *Service) CancelPhoneChange(ctx context.Context, by models.Actor) error {
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		strength, none := "", models.ErrNotFound
		if by.Kind == models.AgentActor {
			var err error
			if strength, err = s.mayCancelFor(ctx, by); err != nil {
				return err
			}
			none = ErrNoPhoneChange
		}
		if by.Subject == "" {
			return ErrNotBound
		}
		open, missing := s.PhoneChanges.OpenPhoneChange(ctx, by.Subject)
		if missing != nil && !errors.Is(missing, models.ErrNotFound) {
			return missing
		}
		prior, err := s.Decisions.Remember(ctx, by, "phone_changes", string(open.ID))
		if err != nil || prior != "" {
			return err
		}
		if missing != nil {
			return none // nothing is remembered: the key was refused
		}
		if by.Kind != models.AgentActor {
			return s.movePhoneChange(ctx, by, open, CancelledByOwner, now)
		}
		if err := s.movePhoneChange(ctx, by, open, CancelledByOwner, now, "strength", strength); err != nil {
			return err
		}
		return s.Decisions.AddNotice(ctx, notice.Draft{
			Cause: "phone_change:" + string(open.ID) + ":cancelled", Kind: notice.PhoneChangeCancelled, PersonID: by.Subject, At: now,
			Object: "phone_change", ObjectID: open.ID,
		})
	})
}

// mayCancelFor asks the hotline; without one no agent may.
func (s *Service) mayCancelFor(ctx context.Context, by models.Actor) (strength string, err error) {
	if s.Calls == nil {
		return "", models.ErrForbidden
	}
	return s.Calls.MayCancelPhoneChange(ctx, by)
}
