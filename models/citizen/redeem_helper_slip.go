package citizen

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// RedeemHelperSlip makes the actor the helper of the person whose papers a window saw: the way for a holder who has no
// phone. The slip is the holder's word, and whoever redeems it accepts, so it counts at once (level real).
//
// ErrCodeInvalid for every slip that does not hold; ErrHolderTooYoung, ErrHelperSelf, ErrHelpersFull, ErrRelativeTries.
func (s *Service) RedeemHelperSlip(ctx context.Context, by models.Actor, code, idNumber string) (Relation, error) {
	if err := s.Gate.Allow(ctx, by, models.ActHelp); err != nil {
		return Relation{}, err
	}
	id, err := models.ParseIDNumber(idNumber, s.Clock.Now())
	if err != nil {
		return Relation{}, err
	}
	now := s.Clock.Now()
	most, err := s.Policy.HelpersMost(ctx, now)
	if err != nil {
		return Relation{}, err
	}
	months, err := s.Policy.HelpersMonths(ctx, now)
	if err != nil {
		return Relation{}, err
	}
	tries, err := s.takeRelativeTry(ctx, by, id)
	if err != nil {
		return Relation{}, err
	}
	answer := s.paced()
	out, err := s.spendHelperSlip(ctx, by, normalSlip(code), id, most, months)
	if err != nil {
		err = s.refuseClaim(ctx, by, err)
		answer(ctx)
		return Relation{}, err
	}
	s.giveBackTry(ctx, tries)
	return out, nil
}

func (s *Service) spendHelperSlip(ctx context.Context, by models.Actor, code string, id models.IDNumber, most, months int) (out Relation, err error) {
	now := s.Clock.Now()
	me, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return out, err
	}
	if youngerThan(CardAge, birthOf(me), now) {
		return out, ErrHelperTooYoung
	}
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		slip, holder, err := s.slipFor(ctx, code, id, SlipForHelper, now)
		if err != nil {
			return err
		}
		switch {
		case holder.ID == by.ID:
			return ErrHelperSelf
		case youngerThan(AdultAge, birthOf(holder), now):
			return ErrHolderTooYoung
		}
		if err := s.lockSubject(ctx, holder.ID, by.ID); err != nil {
			return err
		}
		fresh := Relation{ID: models.NewID(), Kind: models.AsHelper, ActorID: by.ID, SubjectID: holder.ID, State: RelationNamed, Proof: ByWindowSlip, MadeAt: now}
		have, err := s.roomForHelper(ctx, fresh, most)
		if err != nil {
			return err
		}
		if err := s.Slips.UseSlip(ctx, slip.ID, by.AccountID, now); err != nil {
			return codeRefusal(err)
		}
		entry := audit.Of(by, now, "citizen.slip.used", "slips", string(slip.ID), "done").About(holder.ID)
		if err := s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(slip.Purpose))); err != nil {
			return err
		}
		if have.ID == "" {
			if have, err = s.addHelper(ctx, by, fresh); err != nil {
				return err
			}
		}
		if have.State == RelationActive {
			out = have
			return nil
		}
		have.EndsAt = endOfTerm(now, months)
		out, err = s.moveRelation(ctx, by, have, HelperAccepted, now)
		return err
	})
	return out, err
}
