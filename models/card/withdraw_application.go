package card

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// withdrawTries is how often a withdrawal looks again when a sweep or the feed moved the application under it.
const withdrawTries = 3

// WithdrawApplication takes an application back before its production batch. One that surely never left us is withdrawn
// at once and nothing is sent. Of any other the registry decides: it is withdrawing until the registry says so, and where
// the batch was faster the application goes on and its applicant is told. A repeat answers with what is.
//
// Errors: ErrApplyNotByPhone, what Gate refuses, ErrApplicationNotFound, ErrWithdrawTooLate.
func (s *Service) WithdrawApplication(ctx context.Context, by models.Actor, id models.ID) (Application, error) {
	if by.Kind != models.CitizenActor {
		return Application{}, ErrApplyNotByPhone
	}
	if err := s.Gate.AllowTakeBack(ctx, by, models.ActApply); err != nil {
		return Application{}, err
	}
	var out Application
	var err error
	for range withdrawTries {
		err = s.Store.InTx(ctx, func(ctx context.Context) error {
			prior, err := s.Store.Remember(ctx, by, "applications", string(id))
			if err != nil {
				return err
			}
			out, err = s.ownApplication(ctx, by, id)
			if err != nil || prior != "" {
				return err
			}
			if err = s.stillActsFor(ctx, by); err != nil {
				return err
			}
			out, err = s.withdraw(ctx, by, out)
			return err
		})
		if !errors.Is(err, models.ErrConflict) {
			break
		}
	}
	return out, err
}

// withdraw is the decision.
func (s *Service) withdraw(ctx context.Context, by models.Actor, app Application) (Application, error) {
	now := s.Clock.Now()
	switch app.State {
	case ApplicationWithdrawing, ApplicationWithdrawn:
		return app, nil
	case ApplicationSubmitted, ApplicationAccepted, ApplicationReturned:
	default:
		return app, ErrWithdrawTooLate
	}
	on, send := ApplicationWithdrawal, true
	c, err := s.Store.UnfinishedApplicationCommand(ctx, app.ID)
	switch {
	case errors.Is(err, models.ErrNotFound):
	case err != nil:
		return app, err
	case c.State == CommandRequested: // surely never left
		if err := s.finish(ctx, c, CommandTakenBack, Answer{}); err != nil {
			return app, err
		}
		if c.Kind == CommandApplication {
			on, send = ApplicationGone, false
		}
	default:
		send = false // what came of it is asked first; its answer queues the withdrawal
	}
	next, err := app.After(on, now)
	if err != nil {
		return app, ErrWithdrawTooLate.Because(err)
	}
	if err := s.Store.AdvanceApplication(ctx, next, app.State); err != nil {
		return app, err
	}
	if send {
		if err := s.queueApplication(ctx, by, next, CommandWithdrawal); err != nil {
			return app, err
		}
	}
	return next, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.withdrawal_asked", "applications", string(app.ID), string(next.State)).
		About(app.PersonID))
}
