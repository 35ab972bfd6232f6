package citizen

import (
	"context"

	"onecard/models"
)

// CancelPhoneChange ends the actor's open change. It needs no fresh check: whoever holds a session of the person may
// object, as an agent may for a caller. models.ErrNotFound without an open change.
func (s *Service) CancelPhoneChange(ctx context.Context, by models.Actor) error {
	if by.Subject == "" {
		return ErrNotBound
	}
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		open, err := s.PhoneChanges.OpenPhoneChange(ctx, by.Subject)
		if err != nil {
			return err
		}
		return s.movePhoneChange(ctx, by, open, CancelledByOwner, s.Clock.Now())
	})
}
