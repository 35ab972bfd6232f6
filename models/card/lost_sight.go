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

// ErrLostSight: a source that is only asked does not show the person or the card of a command any more, of which a copy may
// have been carried out. Nobody may be told that it was, or that it was not.
var ErrLostSight = errors.New("card: the source does not show this card any more")

// lostSight puts off a loss or release whose card is not shown: as any other at first, once a day after a while, when its
// holder is told too. After the time that the operator gives, it ends as unresolved, and a person has to look.
func (s *Service) lostSight(ctx context.Context, c Command, now time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		mirror, err := s.lockCardOf(ctx, c)
		if err != nil {
			return err
		}
		r, err := s.Store.LossReport(ctx, c.SubjectID)
		if err != nil || !r.Open() {
			return errors.Join(err, s.putBack(ctx, c, CommandAnswerMissing, now))
		}
		at := s.Clock.Now()
		var gone time.Duration
		if !r.LostSightAt.IsZero() {
			gone = at.Sub(r.LostSightAt)
		}
		if s.set.GiveUp > 0 && gone >= s.set.GiveUp {
			return s.giveUp(ctx, c, r, mirror, at)
		}
		wait := max(s.backOff(c.Attempt), s.settlingOf(c))
		if gone >= s.set.LostSightSoon {
			wait = s.set.LostSightAgain
		}
		if err := s.putBackUntil(ctx, c, CommandAnswerMissing, now.Add(wait)); err != nil {
			return err
		}
		if r.LostSightAt.IsZero() {
			return s.noteLostSight(ctx, r.ID, at)
		}
		if gone < s.set.LostSightSoon {
			return nil
		}
		cause := "loss:" + string(r.ID) + ":lost_sight:" + strconv.FormatInt(r.LostSightAt.UnixMicro(), 36)
		return s.told(ctx, cause, notice.LossUnclear, r, mirror, at, "") // the cause is the streak's: once
	})
}

// noteLostSight writes down since when the card of a report is not shown.
func (s *Service) noteLostSight(ctx context.Context, id models.ID, at time.Time) error {
	r, err := s.Store.LossReport(ctx, id)
	if err != nil {
		return err
	}
	r.LostSightAt = at
	if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
		return err
	}
	return s.Store.RecordAudit(ctx, audit.Of(models.FromRegistry(), at, "card.loss.lost_sight", "loss_reports", string(r.ID), string(r.State)).About(r.PersonID))
}

// giveUp ends a command and its report of which nobody will learn any more what became of them. The case stays a person's.
func (s *Service) giveUp(ctx context.Context, c Command, r LossReport, mirror Card, at time.Time) error {
	if c.State == CommandSending {
		from := c.State
		c.State = CommandUnknown
		if err := s.Store.SettleCommand(ctx, c, from); err != nil {
			return err
		}
	}
	if err := s.finish(ctx, c, CommandTimePassed, Answer{}); err != nil {
		return err
	}
	if err := s.Store.OpenCase(ctx, "loss_unresolved:"+string(r.ID), "loss_unresolved", r.PersonID, "loss_reports", string(r.ID)); err != nil {
		return err
	}
	return s.advance(ctx, r, mirror, move{by: models.System(), on: LossGivenUp, at: at, tell: notice.LossUnclear, action: "card.loss.unresolved"})
}

// seenAgain: the source shows a card again whose loss or release is of unknown fate. It is asked about at once.
func (s *Service) seenAgain(ctx context.Context, person models.ID, told Fact) error {
	cards, err := s.Store.CardsOfPerson(ctx, person)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Ref != told.Ref {
			continue
		}
		r, err := s.Store.OpenLossReport(ctx, c.ID)
		if errors.Is(err, models.ErrNotFound) || err == nil && r.LostSightAt.IsZero() {
			return nil
		}
		if err != nil {
			return err
		}
		r.LostSightAt = time.Time{}
		if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
			return err
		}
		return s.askNow(ctx, c)
	}
	return nil
}

// askNow brings a command of unknown fate forward.
func (s *Service) askNow(ctx context.Context, c Card) error {
	cmd, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if errors.Is(err, models.ErrNotFound) || err == nil && cmd.State != CommandUnknown {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := s.Store.Now(ctx)
	due := now.Add(s.settlingOf(cmd)) // a release is never believed before its copy has come to its end
	if err != nil || !cmd.DueAt.After(due) {
		return err
	}
	cmd.DueAt = due
	if err := s.Store.SettleCommand(ctx, cmd, cmd.State); err != nil {
		return err
	}
	s.Store.Wake(ctx, TopicCommands)
	return nil
}
