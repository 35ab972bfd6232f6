package card

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// settle writes the registry's verdict: command, report, notice and audit in one commit. It counts only for the
// attempt that asked; models.ErrConflict when the command has been superseded or settled meanwhile.
func (s *Service) settle(ctx context.Context, c Command, a Answer) error {
	if a.Outcome == OutcomeRefused && a.Code == "EXPIRED" {
		return s.expire(ctx, c)
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		var mirror Card
		if c.CardID != "" {
			var err error
			if mirror, err = s.Store.LockCard(ctx, c.CardID); err != nil {
				return err
			}
			if err := s.Store.SetAnsweredVersion(ctx, c.CardID, a.CardVersion); err != nil {
				return err
			}
		}
		event := CommandAnsweredDone
		if a.Outcome == OutcomeRefused {
			event = CommandAnsweredNo
		}
		if err := s.finish(ctx, c, event, a); err != nil {
			return err
		}
		switch c.Kind {
		case CommandLoss:
			return s.lossAnswered(ctx, c, a, mirror, now)
		case CommandRelease:
			return s.releaseAnswered(ctx, c, a, mirror, now)
		default:
			return s.applicationAnswered(ctx, c, a, now)
		}
	})
}

// finish moves a command to its end.
func (s *Service) finish(ctx context.Context, c Command, on CommandEvent, a Answer) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	from := c.State
	next, err := CommandFlow.Next(from, on)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	c.State, c.SettledAt, c.Code, c.Reference, c.LeaseEnds = next, now, a.Code, a.Reference, time.Time{}
	if err := s.Store.SettleCommand(ctx, c, from); err != nil {
		return err
	}
	s.Watch.CommandSettled(c.Kind, next, now.Sub(c.CreatedAt))
	return nil
}

func (s *Service) lossAnswered(ctx context.Context, c Command, a Answer, mirror Card, now time.Time) error {
	r, err := s.Store.LossReport(ctx, c.SubjectID)
	if err != nil || !r.Open() {
		return err
	}
	if a.Outcome == OutcomeRefused {
		if r.InForce() {
			return nil // a renewal was refused; the loss stands as it did
		}
		r.RefusedCode = a.Code
		return s.advance(ctx, models.FromRegistry(), r, LossRefusedByReg, now, notice.LossRefused, mirror, "card.loss.refused")
	}
	r.RegistryRef, r.ExpiresAt = a.Reference, a.ExpiresAt
	if r.InForce() { // a renewal, or the feed was faster than the answer
		return s.Store.AdvanceLossReport(ctx, r, r.State)
	}
	if err := s.advance(ctx, models.FromRegistry(), r, LossConfirmed, now, notice.LossEffective, mirror, "card.loss.confirmed"); err != nil {
		return err
	}
	// The feed may already have shown what came after this answer: then the registry has ended the loss again.
	if a.CardVersion > 0 && mirror.Version > a.CardVersion && (mirror.Social == SocialNormal || mirror.Social == SocialInactive) {
		if r, err = s.Store.LossReport(ctx, r.ID); err != nil {
			return err
		}
		r.EndedBy = "registry"
		return s.advance(ctx, models.FromRegistry(), r, LossSeenReleased, now, notice.LossReleased, mirror, "card.loss.ended")
	}
	return nil
}

func (s *Service) releaseAnswered(ctx context.Context, c Command, a Answer, mirror Card, now time.Time) error {
	r, err := s.Store.LossReport(ctx, c.SubjectID)
	if err != nil || r.State != LossReleaseRequested {
		return err
	}
	switch {
	case a.Outcome != OutcomeRefused:
		r.EndedBy = string(c.Channel)
		return s.advance(ctx, models.FromRegistry(), r, LossReleaseConfirmed, now, notice.LossReleased, mirror, "card.loss.released")
	case a.Code == "CARD_VOID":
		r.EndedBy = "registry"
		return s.advance(ctx, models.FromRegistry(), r, LossSeenVoided, now, notice.CardVoided, mirror, "card.loss.voided")
	default:
		return s.advance(ctx, models.FromRegistry(), r, LossReleaseFailed, now, notice.ReleaseRefused, mirror, "card.release.refused")
	}
}

// expire ends a command that the registry can no longer act on. A loss gets its next command in the same commit,
// until the registry confirms or refuses; a release leaves the card stopped and the citizen is told.
func (s *Service) expire(ctx context.Context, c Command) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		if c.State == CommandSending { // asked about and never heard of
			from := c.State
			c.State = CommandUnknown
			if err := s.Store.SettleCommand(ctx, c, from); err != nil {
				return err
			}
		}
		if err := s.finish(ctx, c, CommandTimePassed, Answer{}); err != nil {
			return err
		}
		if c.Kind == CommandApplication {
			return s.applicationExpired(ctx, c, now)
		}
		mirror, err := s.Store.LockCard(ctx, c.CardID)
		if err != nil {
			return err
		}
		r, err := s.Store.LossReport(ctx, c.SubjectID)
		if err != nil || !r.Open() {
			return err
		}
		if c.Kind == CommandRelease {
			if r.State != LossReleaseRequested {
				return nil
			}
			return s.advance(ctx, models.System(), r, LossReleaseFailed, now, notice.ReleaseExpired, mirror, "card.release.expired")
		}
		by := models.System()
		by.Channel = c.Channel // the registry is told through which door the loss came
		_, err = s.newCommand(ctx, by, mirror, r, CommandLoss)
		return err
	})
}

// advance moves a report, tells the person once and audits, inside the caller's transaction.
func (s *Service) advance(ctx context.Context, by models.Actor, r LossReport, on LossEvent, now time.Time, tell notice.Kind, c Card, action string) error {
	from := r.State
	next, err := r.After(on, now)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	if err := s.Store.AdvanceLossReport(ctx, next, from); err != nil {
		return err
	}
	if tell != "" {
		cause := "loss:" + string(r.ID) + ":" + string(tell)
		if tell == notice.LossEffective || tell == notice.ReleaseRefused || tell == notice.ReleaseExpired {
			// These can come again in one report's life: the version tells them apart.
			cause += ":" + strconv.Itoa(r.Version)
		}
		if err := s.told(ctx, cause, tell, next, c, now); err != nil {
			return err
		}
	}
	return s.Store.RecordAudit(ctx, audit.Of(by, now, action, "loss_reports", string(r.ID), string(next.State)).
		About(r.PersonID).Noting("reference", r.RegistryRef))
}

// Sweep carries out what is due, losses first; it returns how many commands it took.
func (s *Service) Sweep(ctx context.Context, limit int) (int, error) {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return 0, err
	}
	ids, err := s.Store.DueCommands(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	return len(ids), errors.Join(each(ctx, ids, s.set.SweepWidth, s.CarryOut)...)
}
