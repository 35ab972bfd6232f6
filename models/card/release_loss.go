package card

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// ReleaseLoss asks the registry to release the social-security account (解挂, R35). The holder only, at level fresh,
// where the channel's mode allows it; never by phone (R36). A report that was never sent is withdrawn instead.
//
// Errors: ErrReleaseNotByPhone for agents, ErrReleaseAtOutlet, RECHECK_REQUIRED from Gate, ErrReleaseTooSoon for a
// platform account bound after the loss, ErrLossNotFound, ErrNoLossRecord, ErrLossNotConfirmedYet, ErrCardVoid,
// ErrCardCancelled, ErrBankInPerson.
func (s *Service) ReleaseLoss(ctx context.Context, by models.Actor, report models.ID, account string) (LossReport, error) {
	if by.Kind != models.CitizenActor {
		return LossReport{}, s.refuseAgent(ctx, by, report)
	}
	if err := s.Gate.Allow(ctx, by, models.ActRelease); err != nil {
		return LossReport{}, err
	}
	r, err := s.Store.LossReport(ctx, report)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || r.PersonID != by.Subject) {
		return LossReport{}, ErrLossNotFound
	}
	if err != nil {
		return LossReport{}, err
	}
	c, err := s.Store.Card(ctx, r.CardID)
	if err != nil {
		return LossReport{}, err
	}
	if err := s.socialOnly(ctx, c, account); err != nil {
		return LossReport{}, err
	}
	if err := s.releaseAllowed(ctx, by, r); err != nil {
		return LossReport{}, err
	}
	r, cmd, err := s.acceptRelease(ctx, by, r.ID)
	if err != nil || cmd.ID == "" {
		return r, err
	}
	return s.triedOnce(ctx, cmd, r), nil
}

// releaseAllowed holds the report against R38 and R35's waiting time.
func (s *Service) releaseAllowed(ctx context.Context, by models.Actor, r LossReport) error {
	now := s.Clock.Now()
	if r.Source == string(models.Phone12333) {
		how, err := s.Policy.ReleaseAfterPhoneLoss(ctx, now)
		if err != nil {
			return err
		}
		if how == "window_only" {
			return ErrReleaseAtOutlet
		}
	}
	if by.AccountID == "" {
		return nil // the holder herself on someone's phone, after her own check (R67)
	}
	bound, err := s.Bindings.BoundAt(ctx, by.AccountID)
	if err != nil {
		return err
	}
	if open := bound.Add(s.set.WaitAfterBind); bound.After(r.ReportedAt) && now.Before(open) {
		return ErrReleaseTooSoon.After(open.Sub(now))
	}
	return nil
}

// acceptRelease is the decision: one commit. It returns no command where nothing is to be sent.
func (s *Service) acceptRelease(ctx context.Context, by models.Actor, report models.ID) (r LossReport, cmd Command, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "loss_reports", string(report))
		if err != nil {
			return err
		}
		if r, err = s.Store.LossReport(ctx, report); err != nil || prior != "" {
			return err
		}
		c, err := s.Store.LockCard(ctx, r.CardID)
		if err != nil {
			return err
		}
		if r, err = s.Store.LossReport(ctx, report); err != nil { // as it stands under the lock
			return err
		}
		switch {
		case c.Social == SocialVoid || r.State == LossVoided && c.Social != SocialCancelled:
			return ErrCardVoid
		case c.Social == SocialCancelled:
			return ErrCardCancelled
		}
		switch r.State {
		case LossReleaseRequested:
			return nil // asked already: the same record
		case LossReceived:
			r, err = s.withdrawUnsent(ctx, by, c, r)
			return err
		case LossUnconfirmed:
			return ErrLossNotConfirmedYet
		case LossEffective:
			r, cmd, err = s.askRelease(ctx, by, c, r)
			return err
		default:
			return ErrNoLossRecord
		}
	})
	return r, cmd, err
}

// withdrawUnsent takes back a loss of which nothing can have reached the registry.
func (s *Service) withdrawUnsent(ctx context.Context, by models.Actor, c Card, r LossReport) (LossReport, error) {
	cmd, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return r, err
	}
	if cmd.State != CommandRequested {
		return r, ErrLossNotConfirmedYet
	}
	now := s.Clock.Now()
	if err := s.finish(ctx, cmd, CommandTakenBack, Answer{}); errors.Is(err, models.ErrConflict) {
		return r, ErrLossNotConfirmedYet // a sweep has just taken it to send
	} else if err != nil {
		return r, err
	}
	from := r.State
	if r, err = r.After(LossTakenBack, now); err != nil {
		return r, models.ErrConflict.Because(err)
	}
	r.EndedBy = string(by.Channel)
	if err := s.Store.AdvanceLossReport(ctx, r, from); err != nil {
		return r, err
	}
	return r, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.loss.withdrawn", "loss_reports", string(r.ID), string(r.State)).About(r.PersonID))
}

// askRelease supersedes a renewal still on its way and queues the release.
func (s *Service) askRelease(ctx context.Context, by models.Actor, c Card, r LossReport) (LossReport, Command, error) {
	now := s.Clock.Now()
	renewal, err := s.Store.UnfinishedCommand(ctx, c.ID)
	switch {
	case err == nil && renewal.InFlight() && !s.Registry.Fenced():
		return r, Command{}, ErrLossNotConfirmedYet // without the fence a late renewal would stop the card again
	case err == nil:
		if err := s.supersede(ctx, renewal); err != nil {
			return r, Command{}, err
		}
	case !errors.Is(err, models.ErrNotFound):
		return r, Command{}, err
	}
	from := r.State
	next, err := r.After(LossReleaseAsked, now)
	if err != nil {
		return r, Command{}, models.ErrConflict.Because(err)
	}
	if err := s.Store.AdvanceLossReport(ctx, next, from); err != nil {
		return r, Command{}, err
	}
	next.Version++
	cmd, err := s.newCommand(ctx, by, c, next, CommandRelease)
	if err != nil {
		return r, Command{}, err
	}
	return next, cmd, s.Store.RecordAudit(ctx, audit.Of(by, now, "card.release.requested", "loss_reports", string(r.ID), string(next.State)).About(r.PersonID))
}

// refuseAgent answers R36: nobody releases by phone, whatever the role. The try is audited.
func (s *Service) refuseAgent(ctx context.Context, by models.Actor, report models.ID) error {
	entry := audit.Of(by, s.Clock.Now(), "card.release.refused", "loss_reports", string(report), "action_not_on_channel")
	if err := s.Store.InTx(ctx, func(ctx context.Context) error { return s.Store.RecordAudit(ctx, entry) }); err != nil {
		return err
	}
	return ErrReleaseNotByPhone
}
