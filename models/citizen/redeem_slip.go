package citizen

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// RedeemSlip binds the actor's account by a slip from a window and the ID number of the person it was printed for
// (level real, and fresh while the window's check is under ten minutes old). A session already bound to that person
// is re-checked by it: the way for those who cannot or will not show their face.
//
// ErrCodeInvalid for every slip that does not hold: unknown, used, too old, or another person's; of many callers one
// wins. ErrAlreadyBound for an account of another person. Attempts count as for any binding (R52).
func (s *Service) RedeemSlip(ctx context.Context, by models.Actor, code, idNumber string) (Raised, error) {
	if err := s.Gate.Allow(ctx, by, models.ActBind); err != nil {
		return Raised{}, err
	}
	account, err := s.account(ctx, by)
	if err != nil {
		return Raised{}, err
	}
	if err := s.RequireConsent(ctx, by, string(PurposePrivacyNotice)); err != nil {
		return Raised{}, err
	}
	id, err := models.ParseIDNumber(idNumber, s.Clock.Now())
	if err != nil {
		return Raised{}, err
	}
	tries := s.tryKeys(account.ID, id)
	if err := s.takeTry(ctx, tries, bindTries); err != nil {
		return Raised{}, s.refuseClaim(ctx, by, err)
	}
	answer := s.paced()
	raised, err := s.spendSlip(ctx, by, normalSlip(code), id)
	if err != nil {
		err = s.refuseClaim(ctx, by, err)
		answer(ctx)
		return Raised{}, err
	}
	s.giveBackTry(ctx, tries)
	s.forget(ctx, raised)
	return raised, nil
}

func (s *Service) spendSlip(ctx context.Context, by models.Actor, code string, id models.IDNumber) (raised Raised, err error) {
	now := s.Clock.Now()
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		slip, person, err := s.slipFor(ctx, code, id, SlipToBind, now)
		if err != nil {
			return err
		}
		if err := s.Slips.UseSlip(ctx, slip.ID, by.AccountID, now); err != nil {
			return codeRefusal(err)
		}
		if err := s.Decisions.RecordAudit(ctx, audit.Of(by, now, "citizen.slip.used", "slips", string(slip.ID), "done").About(person.ID)); err != nil {
			return err
		}
		raised, err = s.bind(ctx, by, person.ID, BySlip, slip.IssuedAt)
		return err
	})
	return raised, err
}

// slipFor finds a slip that holds for this person and purpose now.
func (s *Service) slipFor(ctx context.Context, code string, id models.IDNumber, purpose SlipPurpose, now time.Time) (Slip, Person, error) {
	slip, err := s.Slips.SlipByCode(ctx, hashSecret(code))
	if err != nil {
		return Slip{}, Person{}, codeRefusal(err)
	}
	if slip.Purpose != purpose || !slip.UsedAt.IsZero() || !now.Before(slip.ExpiresAt) {
		return Slip{}, Person{}, ErrCodeInvalid
	}
	person, err := s.Persons.LockPerson(ctx, slip.PersonID)
	if err == nil && person.IDNumber != id {
		err = ErrCodeInvalid.Because(errors.New("the slip is another person's"))
	}
	return slip, person, err
}
