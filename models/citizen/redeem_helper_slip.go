package citizen

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// RedeemHelperSlip makes the actor the helper of the person whose papers a window saw: the way for a holder who has no
// phone. The slip is the holder's word, and whoever redeems it accepts, so it counts at once (level real). The same
// request again is answered with the same relation, though its slip is used up.
//
// ErrCodeInvalid for every slip that does not hold; ErrHelperTooYoung, ErrHolderTooYoung, ErrHelperSelf, ErrHelpersFull,
// ErrRelativeTries.
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
	if errors.Is(err, models.ErrKeyReused) || errors.Is(err, models.ErrInProgress) {
		s.giveBackTry(ctx, tries) // nothing was looked at
		return Relation{}, err
	}
	if err != nil {
		err = s.refuseClaim(ctx, by, err)
		answer(ctx)
		return Relation{}, err
	}
	s.giveBackTry(ctx, tries)
	return out, nil
}

func (s *Service) spendHelperSlip(ctx context.Context, by models.Actor, code string, id models.IDNumber, most, months int) (Relation, error) {
	now := s.Clock.Now()
	me, err := s.Persons.Person(ctx, by.ID)
	if err != nil {
		return Relation{}, err
	}
	if youngerThan(CardAge, birthOf(me), now) {
		return Relation{}, ErrHelperTooYoung
	}
	fresh := Relation{ID: models.NewID(), Kind: models.AsHelper, ActorID: by.ID, State: RelationNamed, Proof: ByWindowSlip, MadeAt: now}
	stands := func(ctx context.Context) (Relation, error) {
		slip, err := s.Slips.SlipByCode(ctx, hashSecret(code))
		if errors.Is(err, models.ErrNotFound) {
			return Relation{}, nil
		}
		if err != nil {
			return Relation{}, err
		}
		return s.openBetween(ctx, models.AsHelper, by.ID, slip.PersonID)
	}
	return s.decideBetween(ctx, by, fresh.ID, stands, func(ctx context.Context) (Relation, error) {
		slip, holder, err := s.slipFor(ctx, code, id, SlipForHelper, now)
		if err != nil {
			return Relation{}, err
		}
		switch {
		case holder.ID == by.ID:
			return Relation{}, ErrHelperSelf
		case youngerThan(AdultAge, birthOf(holder), now):
			return Relation{}, ErrHolderTooYoung
		}
		if err := s.lockSubject(ctx, holder.ID, by.ID); err != nil {
			return Relation{}, err
		}
		fresh.SubjectID = holder.ID
		return s.helpBySlip(ctx, by, slip, fresh, most, months)
	})
}

// helpBySlip uses a slip up and lets the helper count from now on. The holder is locked.
func (s *Service) helpBySlip(ctx context.Context, by models.Actor, slip Slip, fresh Relation, most, months int) (Relation, error) {
	now := fresh.MadeAt
	have, err := s.roomForHelper(ctx, fresh, most)
	if err != nil {
		return have, err
	}
	if err := s.Slips.UseSlip(ctx, slip.ID, by.AccountID, now); err != nil {
		return have, codeRefusal(err)
	}
	entry := audit.Of(by, now, "citizen.slip.used", "slips", string(slip.ID), "done").About(fresh.SubjectID)
	if err := s.Decisions.RecordAudit(ctx, entry.Noting("purpose", string(slip.Purpose))); err != nil {
		return have, err
	}
	if have.ID == "" {
		if have, err = s.addHelper(ctx, by, fresh); err != nil {
			return have, err
		}
	}
	if have.State == RelationActive {
		return have, nil
	}
	have.EndsAt = endOfTerm(now, months)
	return s.moveRelation(ctx, by, have, HelperAccepted, now)
}
