package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/notice"
)

// SettlePhoneChanges lets the changes count whose 24 hours are over, and ends those never proven. A sweep runs it; it
// may run anywhere and twice, since each step is guarded by the row's state. One that fails keeps no other waiting. It
// answers how many it moved.
func (s *Service) SettlePhoneChanges(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.PhoneChanges.DuePhoneChanges(ctx, now, now.Add(-CodeLife), limit)
	if err != nil {
		return 0, err
	}
	moved := 0
	var failed []error
	for _, id := range due {
		err := s.settlePhoneChange(ctx, id)
		switch {
		case err == nil:
			moved++
		case errors.Is(err, models.ErrConflict), errors.Is(err, ErrPhoneChangeOver):
		default:
			failed = append(failed, err)
		}
	}
	return moved, errors.Join(failed...)
}

func (s *Service) settlePhoneChange(ctx context.Context, id models.ID) error {
	now := s.Clock.Now()
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		c, err := s.PhoneChanges.PhoneChange(ctx, id)
		if err != nil {
			return err
		}
		if c.State == PhoneChangeRequested {
			return s.movePhoneChange(ctx, models.System(), c, NeverProven, now)
		}
		if c.CountsAt.After(now) {
			return models.ErrConflict
		}
		if _, err := s.Persons.LockPerson(ctx, c.PersonID); err != nil { // the registry's own change locks in this order
			return err
		}
		if err := s.movePhoneChange(ctx, models.System(), c, WaitOver, now); err != nil {
			return err
		}
		if err := s.Persons.SetContactPhone(ctx, c.PersonID, c.NewPhone); err != nil {
			return err
		}
		return s.Decisions.AddNotice(ctx, notice.Draft{
			Cause: "phone_change:" + string(c.ID) + ":effective", Kind: notice.PhoneChanged, PersonID: c.PersonID, At: now,
			To: notice.ToPendingPhone, ToRef: c.ID, Object: "phone_change", ObjectID: c.ID,
		})
	})
}
