package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
)

// ConfirmPhoneChange proves the new phone by the code sent to it. From now on the change waits 24 hours, and the old
// phone is told at once, so that its owner can object. ErrCodeInvalid as for any code; the level must still be fresh.
func (s *Service) ConfirmPhoneChange(ctx context.Context, by models.Actor, digits string) (PhoneChange, error) {
	if err := s.Gate.Allow(ctx, by, models.ActChangePhone); err != nil {
		return PhoneChange{}, err
	}
	now := s.Clock.Now()
	var change PhoneChange
	var right bool
	err := s.Decisions.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Persons.LockPerson(ctx, by.ID); err != nil {
			return err
		}
		var code Code
		var err error
		if code, right, err = s.spendCode(ctx, by, CodeForPhoneChange, digits); err != nil || !right {
			return err
		}
		if change, err = s.PhoneChanges.PhoneChange(ctx, code.ObjectID); err != nil {
			return err
		}
		if change.PersonID != by.ID {
			return models.ErrNotFound
		}
		if err := s.movePhoneChange(ctx, by, change, NewPhoneProven, now); err != nil {
			return err
		}
		if change, err = s.PhoneChanges.PhoneChange(ctx, change.ID); err != nil {
			return err
		}
		return s.Decisions.AddNotice(ctx, notice.Draft{
			Cause: "phone_change:" + string(change.ID) + ":waiting", Kind: notice.PhoneChangeOld, PersonID: by.ID,
			Params: map[string]string{"time": notice.Moment(change.CountsAt)}, At: now, Expires: change.CountsAt,
			Object: "phone_change", ObjectID: change.ID,
		})
	})
	if err == nil && !right {
		err = ErrCodeInvalid
	}
	return change, err
}
