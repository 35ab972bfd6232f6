package card

import (
	"context"
	"errors"

	"onecard/models"
)

// WithdrawReplacement takes a replacement back before its production batch, and its fee goes back once (R49). One that is
// not paid, or surely never left us, is withdrawn at once and nothing is sent. Of any other the registry decides, as of an
// application. An order that exists may be taken back wherever orders are taken by now. A repeat answers with what is. Whoever is paying at the same moment gets the money back: of the two, one is
// first, and the withdrawal looks again.
//
// Errors: ErrReplaceNotByPhone, what Gate refuses, ErrReplacementNotFound, ErrReplacementTooLate.
func (s *Service) WithdrawReplacement(ctx context.Context, by models.Actor, id models.ID) (Replacement, error) {
	if by.Kind != models.CitizenActor {
		return Replacement{}, ErrReplaceNotByPhone
	}
	if err := s.Gate.AllowTakeBack(ctx, by, models.ActReplace); err != nil {
		return Replacement{}, err
	}
	var out Replacement
	err := error(models.ErrConflict)
	for try := 0; try < replaceTries && errors.Is(err, models.ErrConflict); try++ {
		err = s.Store.InTx(ctx, func(ctx context.Context) error {
			prior, err := s.Store.Remember(ctx, by, "replacements", string(id))
			if err != nil {
				return err
			}
			if err := s.stillActsFor(ctx, by); err != nil {
				return err
			}
			out, err = s.ownReplacement(ctx, by, id)
			if err != nil || prior != "" {
				return err
			}
			out, err = s.withdrawReplacement(ctx, by, out)
			return err
		})
	}
	return out, err
}

// ownReplacement is the replacement if the actor's subject's; another person's is not found.
func (s *Service) ownReplacement(ctx context.Context, by models.Actor, id models.ID) (Replacement, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Replacement{}, ErrReplacementNotFound
	}
	r, err := s.Store.Replacement(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || r.PersonID != by.Subject) {
		return Replacement{}, ErrReplacementNotFound
	}
	return r, err
}

// withdrawReplacement is the decision. An unpaid one is ended under the lock of its fee order, a paid one under that of
// its card.
func (s *Service) withdrawReplacement(ctx context.Context, by models.Actor, r Replacement) (Replacement, error) {
	if r.State == ReplacementAwaitingFee {
		return s.endUnpaid(ctx, by, r, ReplacementGone, "")
	}
	if _, err := s.Store.LockCard(ctx, r.CardID); err != nil {
		return r, err
	}
	r, err := s.Store.LockReplacement(ctx, r.ID)
	if err != nil {
		return r, err
	}
	switch r.State {
	case ReplacementWithdrawing, ReplacementWithdrawn:
		return r, nil
	case ReplacementSubmitted, ReplacementAccepted, ReplacementReturned:
	default:
		return r, ErrReplacementTooLate
	}
	on, send := ReplacementWithdrawal, true
	c, err := s.Store.UnfinishedReplacementCommand(ctx, r.ID)
	switch {
	case errors.Is(err, models.ErrNotFound):
	case err != nil:
		return r, err
	case c.State == CommandRequested:
		if err := s.finish(ctx, c, CommandTakenBack, Answer{}); err != nil {
			return r, err
		}
		if r.State == ReplacementSubmitted && r.RegistryRef == "" { // surely never left
			on, send = ReplacementGone, false
		}
	default:
		send = false // what came of it is asked first; its answer queues the withdrawal
	}
	from := r.State
	next, err := r.After(on, s.Clock.Now())
	if err != nil {
		return r, ErrReplacementTooLate.Because(err)
	}
	if err := s.Store.AdvanceReplacement(ctx, next, from); err != nil {
		return r, err
	}
	next.Version++
	if next.State == ReplacementWithdrawn {
		err = s.Fees.ReturnFee(ctx, next.Cause(), whyWithdrawn)
	} else if send {
		err = s.queueReplacement(ctx, next, CommandReplacementWithdrawal)
	}
	if err != nil {
		return next, err
	}
	return next, s.recordReplacement(ctx, by, next, "card.replacement.withdrawal_asked")
}
