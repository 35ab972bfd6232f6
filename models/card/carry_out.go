package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// CarryOut makes one attempt of one command under its lease. Safe to run again, by anyone, at any time: a command
// that another holds or that is settled is left alone.
func (s *Service) CarryOut(ctx context.Context, id models.ID) error {
	c, err := s.Store.Command(ctx, id)
	if err != nil || !c.Unfinished() {
		return err
	}
	calls, cancel := s.withinLease(ctx, c) // before the lease is taken: it ends first
	defer cancel()
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	if c.State == CommandRequested && now.After(c.NotAfter) {
		return ignoreConflict(s.expire(ctx, c)) // surely never sent, and too late to send
	}
	if wait, err := s.stillSettling(ctx, c, now); err != nil || wait {
		return err
	}
	maybeSent := c.InFlight()
	c, err = s.Store.LeaseCommand(ctx, c, now, now.Add(s.leaseOf(c)))
	if errors.Is(err, models.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	if !maybeSent {
		return s.attempt(calls, c, CommandNotSent)
	}
	answer, err := s.fateOf(calls, c)
	timeless := s.ReadBack != nil && c.Kind == CommandLoss // the source knows no not_after: a loss that does not stand goes on being sent
	switch {
	case err == nil:
		return ignoreConflict(s.settleRead(ctx, c, answer, now))
	case errors.Is(err, ErrLostSight):
		return ignoreConflict(s.lostSight(ctx, c, now))
	case !errors.Is(err, ErrNeverHeard):
		return ignoreConflict(s.putBack(ctx, c, CommandAnswerMissing, now))
	case !timeless && now.After(c.NotAfter.Add(s.set.Skew)):
		return ignoreConflict(s.expire(ctx, c)) // it will never be acted on now
	case !timeless && now.After(c.NotAfter):
		return ignoreConflict(s.putBack(ctx, c, CommandAnswerMissing, now)) // their clock may still be before it
	}
	if s.ReadBack != nil && c.Kind == CommandRelease {
		// The card is stopped: by the loss as it was, or by a newer one at another door. No copy may undo that one.
		return ignoreConflict(s.expire(ctx, c))
	}
	// The question took its time: send only what still stands under our lease.
	if row, err := s.Store.Command(ctx, c.ID); err != nil || row.State != c.State || row.Attempt != c.Attempt {
		return err
	}
	return s.attempt(calls, c, CommandAnswerMissing) // an earlier copy may still be on its way
}

// attempt sends a command whose lease we hold and writes down what came of it. unsent is what it means when this copy
// surely did not leave: CommandNotSent for the first one; once a copy may have left, the command stays unknown.
func (s *Service) attempt(ctx context.Context, c Command, unsent CommandEvent) error {
	var application *Application
	if c.Kind.ofApplication() {
		a, err := s.Store.Application(ctx, c.SubjectID)
		if err != nil {
			return err
		}
		application = &a
	}
	if c.Kind.ofReplacement() {
		r, err := s.Store.Replacement(ctx, c.SubjectID)
		if err != nil {
			return err
		}
		application = r.asApplication()
	}
	answer, err := s.Registry.Carry(ctx, c, application)
	// The verdict must reach the database even when the caller's time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.set.Lease)
	defer cancel()
	if err == nil {
		return s.settled(ctx, c, answer)
	}
	now, nowErr := s.Store.Now(ctx)
	if nowErr != nil {
		return nowErr
	}
	if errors.Is(err, ErrPictureUnreadable) {
		s.unreadable(ctx, c, err)
	}
	if errors.Is(err, ErrNotSent) {
		return ignoreConflict(s.putBack(ctx, c, unsent, now))
	}
	if errors.Is(err, ErrLostSight) {
		return ignoreConflict(s.lostSight(ctx, c, now))
	}
	s.Log.WarnContext(ctx, "registry did not answer", "command", c.ID, "kind", c.Kind, "attempt", c.Attempt, "error", err)
	return ignoreConflict(s.putBack(ctx, c, CommandAnswerMissing, now))
}

// settleTries is how often an answer is written down anew after another decision about the same row was faster.
const settleTries = 3

// settled writes an answer down. One that were dropped would be asked for again, and only after the lease.
func (s *Service) settled(ctx context.Context, c Command, a Answer) error {
	err := error(models.ErrConflict)
	for try := 0; try < settleTries && errors.Is(err, models.ErrConflict); try++ {
		err = s.settle(ctx, c, a)
	}
	return ignoreConflict(err)
}

// unreadable alarms about an application that waits for us, not for the registry: nothing but a hand of ours will let it
// go. Each attempt counts; it is logged ever more rarely.
func (s *Service) unreadable(ctx context.Context, c Command, err error) {
	s.Watch.PictureUnreadable()
	if c.Attempt&(c.Attempt-1) == 0 {
		s.Log.ErrorContext(ctx, "a picture of an application cannot be read", "code", "PICTURE_UNREADABLE", "application", c.SubjectID,
			"command", c.ID, "attempt", c.Attempt, "error", err)
	}
}

// withinLease bounds the calls of one attempt where the time of its last copy counts: none leaves after the lease.
func (s *Service) withinLease(ctx context.Context, c Command) (context.Context, context.CancelFunc) {
	if s.ReadBack == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.leaseOf(c))
}

// putBack ends an attempt without a verdict; the sweep comes again.
func (s *Service) putBack(ctx context.Context, c Command, why CommandEvent, now time.Time) error {
	wait := s.backOff(c.Attempt)
	if why == CommandAnswerMissing {
		wait = max(wait, s.settlingOf(c))
	}
	return s.putBackUntil(ctx, c, why, now.Add(wait))
}

func (s *Service) putBackUntil(ctx context.Context, c Command, why CommandEvent, due time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.lockCardOf(ctx, c); err != nil {
			return err
		}
		from := c.State
		next, err := CommandFlow.Next(from, why)
		if err != nil {
			return models.ErrConflict.Because(err)
		}
		c.State, c.LeaseEnds, c.DueAt = next, time.Time{}, due
		if err := s.Store.SettleCommand(ctx, c, from); err != nil {
			return err
		}
		if c.Kind != CommandLoss || why != CommandAnswerMissing {
			return nil
		}
		r, err := s.Store.LossReport(ctx, c.SubjectID)
		if err != nil || r.State != LossReceived {
			return err
		}
		asked, err := r.After(LossAnswerMissing, s.Clock.Now())
		if err != nil {
			return err
		}
		return s.Store.AdvanceLossReport(ctx, asked, r.State)
	})
}

// backOff doubles from one second up to the cap.
func (s *Service) backOff(attempt int) time.Duration {
	d := time.Second << min(max(attempt-1, 0), 10)
	return min(d, s.set.RetryAtMost)
}

// ignoreConflict: someone else settled the command first, which is as good.
func ignoreConflict(err error) error {
	if errors.Is(err, models.ErrConflict) {
		return nil
	}
	return err
}

// leaseOf is how long one attempt holds a command: an application or replacement is several calls, with pictures.
func (s *Service) leaseOf(c Command) time.Duration {
	if c.Kind.ofApplication() || c.Kind.ofReplacement() {
		return applicationCalls * s.set.Lease
	}
	if s.ReadBack != nil {
		return readBackCalls * s.set.Lease
	}
	return s.set.Lease
}

// readBackCalls is how many calls one attempt may take at a source that is only asked: how the card stands, its number,
// the command.
const readBackCalls = 3

// applicationCalls is how many calls of the registry one attempt of an application may take: question, three pictures,
// command.
const applicationCalls = 5
