package card

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// RenewLoss moves the registry's end date of a loss by a further loss command of the same report (R43). Allowed to
// whoever may report the loss. ErrNothingToRenew where the registry gave no date; a renewal under way is the answer.
func (s *Service) RenewLoss(ctx context.Context, by models.Actor, report models.ID) (LossReport, error) {
	if _, err := s.mayReport(ctx, by); err != nil {
		return LossReport{}, err
	}
	r, err := s.Store.LossReport(ctx, report)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || r.PersonID != by.Subject) {
		return LossReport{}, ErrLossNotFound
	}
	if err != nil {
		return LossReport{}, err
	}
	var cmd Command
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "loss_reports", string(report))
		if err != nil || prior != "" {
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		c, err := s.Store.LockCard(ctx, r.CardID)
		if err != nil {
			return err
		}
		if r, err = s.Store.LossReport(ctx, report); err != nil {
			return err
		}
		switch {
		case r.State != LossEffective:
			return ErrNoLossRecord
		case r.ExpiresAt.IsZero():
			return ErrNothingToRenew
		}
		if _, err := s.Store.UnfinishedCommand(ctx, c.ID); !errors.Is(err, models.ErrNotFound) {
			return err // a renewal is under way already, or the look failed
		}
		if cmd, err = s.newCommand(ctx, by, c, r, CommandLoss); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, s.Clock.Now(), "card.loss.renewal_requested", "loss_reports", string(r.ID), string(r.State)).About(r.PersonID))
	})
	if err != nil || cmd.ID == "" {
		return r, err
	}
	return s.triedOnce(ctx, cmd, r), nil
}
