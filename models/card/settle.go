package card

import (
	"cmp"
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
	return s.settleAs(ctx, c, a, false)
}

// settleAs is settle; read says that the verdict was read from the card by a question, which may overlap another.
func (s *Service) settleAs(ctx context.Context, c Command, a Answer, read bool) error {
	if a.Outcome == OutcomeRefused && (a.Code == "EXPIRED" || a.Code == "SEQ_OLD" && c.Kind == CommandLoss) {
		return s.expire(ctx, c) // a loss is asked for anew, with a new request id and the next card_seq
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		mirror, err := s.lockCardOf(ctx, c)
		if err != nil {
			return err
		}
		if read && overlaps(c, a, mirror) {
			return errOverlapped
		}
		event := CommandAnsweredDone
		if a.Outcome == OutcomeRefused {
			event = CommandAnsweredNo
		}
		if err := s.finish(ctx, c, event, a); err != nil {
			return err
		}
		if c.Kind.ofApplication() {
			return s.applicationAnswered(ctx, c, a, now)
		}
		if c.Kind.ofReplacement() {
			return s.replacementAnswered(ctx, c, a, now)
		}
		if a.Outcome != OutcomeRefused && a.CardVersion > mirror.AnsweredVersion {
			if err := s.Store.SetAnsweredVersion(ctx, c.CardID, a.CardVersion); err != nil {
				return err
			}
		}
		r, err := s.Store.LossReport(ctx, c.SubjectID)
		switch {
		case err != nil || !r.Open():
			return err
		case c.Kind == CommandRelease:
			return s.releaseAnswered(ctx, c, a, r, mirror, now)
		case a.Outcome == OutcomeRefused:
			return s.lossNotTaken(ctx, a, r, mirror, now)
		}
		return s.lossTaken(ctx, c, a, r, mirror, now)
	})
}

// lockCardOf holds the card of a command. Every decision takes the card first and its other rows after it, so that no
// two wait for each other.
func (s *Service) lockCardOf(ctx context.Context, c Command) (Card, error) {
	if c.CardID == "" {
		return Card{}, nil
	}
	return s.Store.LockCard(ctx, c.CardID)
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
	s.Store.AfterCommit(ctx, func() { s.Watch.CommandSettled(c.Kind, next, now.Sub(c.CreatedAt)) })
	return nil
}

// lossTaken: the registry says that the loss stands, as of the version it names.
func (s *Service) lossTaken(ctx context.Context, c Command, a Answer, r LossReport, mirror Card, now time.Time) error {
	overtaken := a.CardVersion > 0 && mirror.Version > a.CardVersion // the feed has shown what came after this answer
	switch {
	case overtaken && r.Waiting() && mirror.Social.Free() && !r.ReassertAt.IsZero():
		return s.assertAgain(ctx, mirror, r) // our own late release has undone it
	case overtaken && r.Waiting() && mirror.Social.Free():
		r.EndedBy = "registry"
		return s.advance(ctx, r, mirror, move{on: LossSeenReleased, at: now, tell: notice.LossReleased, action: "card.loss.ended"})
	}
	before := r.ExpiresAt
	if !overtaken || r.RegistryRef == "" {
		r.RegistryRef, r.ExpiresAt = cmp.Or(a.Reference, r.RegistryRef), a.ExpiresAt
	}
	if r.Waiting() {
		return s.advance(ctx, r, mirror, move{on: LossConfirmed, at: now, tell: notice.LossEffective, action: "card.loss.confirmed"})
	}
	// A renewal, or the feed was faster than the answer.
	r.UpdatedAt = now
	if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
		return err
	}
	if err := s.toldRenewed(ctx, r, mirror, before, now); err != nil {
		return err
	}
	return s.Store.RecordAudit(ctx, audit.Of(models.FromRegistry(), now, "card.loss.confirmed_again", "loss_reports", string(r.ID), string(r.State)).
		About(r.PersonID).Noting("reference", r.RegistryRef))
}

// toldRenewed says that the end date of a loss has moved away, once per date, whether an answer or the feed brought it.
func (s *Service) toldRenewed(ctx context.Context, r LossReport, c Card, before, now time.Time) error {
	if before.IsZero() || !r.ExpiresAt.After(before) {
		return nil
	}
	cause := "loss:" + string(r.ID) + ":renewed:" + strconv.FormatInt(r.ExpiresAt.UnixMicro(), 36)
	return s.told(ctx, cause, notice.LossRenewed, r, c, now, "")
}

// lossNotTaken: the registry refused. A refused renewal leaves the loss as it was.
func (s *Service) lossNotTaken(ctx context.Context, a Answer, r LossReport, mirror Card, now time.Time) error {
	if r.InForce() {
		return s.Store.RecordAudit(ctx, audit.Of(models.FromRegistry(), now, "card.loss.renewal_refused", "loss_reports", string(r.ID), string(r.State)).
			About(r.PersonID).Noting("code", a.Code))
	}
	r.RefusedCode = a.Code
	return s.advance(ctx, r, mirror, move{on: LossRefusedByReg, at: now, tell: notice.LossRefused, reason: a.Code, action: "card.loss.refused"})
}

func (s *Service) releaseAnswered(ctx context.Context, c Command, a Answer, r LossReport, mirror Card, now time.Time) error {
	if r.State != LossReleaseRequested {
		return nil
	}
	switch {
	case a.Outcome != OutcomeRefused && a.CardVersion > 0 && mirror.Version > a.CardVersion && mirror.Social.Lost():
		// Released, and lost again since: the newer word counts.
		return s.advance(ctx, r, mirror, move{on: LossReleaseFailed, at: now, tell: notice.ReleaseExpired, action: "card.release.overtaken"})
	case a.Outcome != OutcomeRefused, a.Code == "NO_LOSS":
		r.EndedBy = string(c.Channel)
		return s.advance(ctx, r, mirror, move{on: LossReleaseConfirmed, at: now, tell: notice.LossReleased, action: "card.loss.released"})
	case a.Code == "CARD_VOID", a.Code == "CARD_CANCELLED":
		r.EndedBy = "registry"
		return s.advance(ctx, r, mirror, move{on: LossSeenVoided, at: now, tell: notice.CardVoided, action: "card.loss.voided"})
	}
	return s.advance(ctx, r, mirror, move{on: LossReleaseFailed, at: now, tell: notice.ReleaseRefused, reason: a.Code, action: "card.release.refused"})
}

// expire ends a command that the registry can no longer act on. A loss gets its next command in the same commit,
// until the registry confirms or refuses; a release leaves the card stopped and the citizen is told.
func (s *Service) expire(ctx context.Context, c Command) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		mirror, err := s.lockCardOf(ctx, c)
		if err != nil {
			return err
		}
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
		if c.Kind.ofApplication() {
			return s.applicationExpired(ctx, c, now)
		}
		if c.Kind.ofReplacement() {
			return s.replacementExpired(ctx, c, now)
		}
		r, err := s.Store.LossReport(ctx, c.SubjectID)
		if err != nil || !r.Open() {
			return err
		}
		if c.Kind == CommandRelease {
			if r.State != LossReleaseRequested {
				return nil
			}
			return s.advance(ctx, r, mirror, move{by: models.System(), on: LossReleaseFailed, at: now, tell: notice.ReleaseExpired, action: "card.release.expired"})
		}
		by := models.System()
		by.Channel = c.Channel // the registry is told through which door the loss came
		_, err = s.newCommand(ctx, by, mirror, r, CommandLoss)
		return err
	})
}

// assertAgain asks for a loss once more, unless a command for it is on its way.
func (s *Service) assertAgain(ctx context.Context, c Card, r LossReport) error {
	if _, err := s.Store.UnfinishedCommand(ctx, c.ID); !errors.Is(err, models.ErrNotFound) {
		return err
	}
	by := models.System()
	by.Channel = models.Channel(r.Source)
	_, err := s.newCommand(ctx, by, c, r, CommandLoss)
	return err
}

// move is one step of a report that the registry caused.
type move struct {
	by     models.Actor // who moves it; the registry where none is named
	on     LossEvent
	at     time.Time
	tell   notice.Kind // empty: nobody is told
	reason string      // the registry's code, for the text
	action string      // for the audit
}

// advance moves a report, tells the person once and audits, inside the caller's transaction.
func (s *Service) advance(ctx context.Context, r LossReport, c Card, m move) error {
	from := r.State
	next, err := r.After(m.on, m.at)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	if err := s.Store.AdvanceLossReport(ctx, next, from); err != nil {
		return err
	}
	if m.tell != "" {
		cause := "loss:" + string(r.ID) + ":" + string(m.tell)
		if next.Open() { // it can come again in this report's life: the version tells the times apart
			cause += ":" + strconv.Itoa(r.Version)
		}
		if err := s.told(ctx, cause, m.tell, next, c, m.at, m.reason); err != nil {
			return err
		}
	}
	if !r.AlarmedAt.IsZero() && (from == LossReceived || from == LossUnconfirmed) { // what the case was opened for is over
		if err := s.Store.SettleCase(ctx, unconfirmedCase(r)); err != nil {
			return err
		}
	}
	if m.by.Kind == "" {
		m.by = models.FromRegistry()
	}
	return s.Store.RecordAudit(ctx, audit.Of(m.by, m.at, m.action, "loss_reports", string(r.ID), string(next.State)).
		About(r.PersonID).Noting("reference", r.RegistryRef))
}

// UrgentCommands are swept apart from the rest: an application carries pictures, and no loss may wait behind them.
var UrgentCommands = []CommandKind{CommandLoss, CommandRelease}

// Sweep carries out what is due, losses first, of these kinds only where any are named; it returns how many commands
// it took.
func (s *Service) Sweep(ctx context.Context, limit int, kinds ...CommandKind) (int, error) {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return 0, err
	}
	ids, err := s.Store.DueCommands(ctx, now, limit, kinds...)
	if err != nil {
		return 0, err
	}
	return len(ids), errors.Join(each(ctx, ids, s.set.SweepWidth, s.CarryOut)...)
}
