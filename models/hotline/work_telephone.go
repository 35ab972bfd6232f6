package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// TopicTelephone wakes whoever works the exchange's events.
const TopicTelephone = "telephone"

const (
	eventTries  = 8
	eventsKept  = 30 * 24 * time.Hour
	popsKept    = 7 * 24 * time.Hour
	missedDigit = "1"
)

// WorkTelephone works events that wait, oldest first; more says whether there may be further ones. Each is one commit, and
// the row decides who does it: any number of processes may work at once, and one that dies leaves the event waiting. One
// that cannot be worked comes again later and, after some tries, is an alarm.
func (s *Service) WorkTelephone(ctx context.Context, most int) (more bool, err error) {
	due, err := s.Telephone.EventsDue(ctx, s.Clock.Now(), most)
	if err != nil {
		return false, err
	}
	var failed error
	for _, e := range due {
		err := errUnreadable
		if !e.Unreadable {
			err = s.workEvent(ctx, e)
		}
		if err != nil {
			failed = errors.Join(failed, s.putOff(ctx, e, err))
		}
	}
	return len(due) == most, failed
}

// putOff lets an event come again; a conflict with somebody's own act comes again at once.
func (s *Service) putOff(ctx context.Context, e TelephoneEvent, cause error) error {
	wait := time.Second << min(e.Attempts, 6)
	if errors.Is(cause, models.ErrConflict) {
		wait = 0
	}
	if e.Attempts+1 < eventTries {
		s.TelephoneWatch.EventWorked(string(e.Kind), "put_off")
		return s.Telephone.PutOffEvent(ctx, e.ID, s.Clock.Now().Add(wait))
	}
	gaveUp, err := s.Telephone.SettleEvent(ctx, e.ID, EventFailed, "failed")
	if gaveUp {
		s.TelephoneWatch.EventGaveUp()
	}
	return errors.Join(err, cause)
}

// workEvent does what one event means, once.
func (s *Service) workEvent(ctx context.Context, e TelephoneEvent) error {
	outcome, again := "", (*PhoneCheck)(nil)
	err := s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		x, err := s.Telephone.HoldConversation(ctx, ExchangeCall{
			ID: models.NewID(), Ref: e.CallRef, Extension: e.Extension, Number: e.Number, MadeAt: s.Clock.Now(),
		})
		if err != nil {
			return err
		}
		if outcome, again, err = s.meaning(ctx, x, e); err != nil {
			return err
		}
		mine, err := s.Telephone.SettleEvent(ctx, e.ID, EventWorked, outcome)
		if err == nil && !mine {
			err = errWorkedElsewhere
		}
		return err
	})
	if errors.Is(err, errWorkedElsewhere) {
		return nil
	}
	if err != nil {
		return err
	}
	s.TelephoneWatch.EventWorked(string(e.Kind), outcome)
	if again != nil && s.Exchange != nil { // after the commit; unheard, the agent asks again
		_ = s.Exchange.AskDigits(ctx, DigitsOrder{Question: string(again.ID), CallRef: e.CallRef, Digits: codeDigits, For: keyFor})
	}
	return nil
}

var (
	// errUnreadable is of an event whose row cannot be unsealed: it is put off and given up by itself, and keeps no other back.
	errUnreadable = errors.New("the event cannot be unsealed")
	// errNoCallYet puts off a rating that came before the call that it rates.
	errNoCallYet = errors.New("the call of the rating is not known yet")
)

// errWorkedElsewhere rolls back what another worker has done already.
var errWorkedElsewhere = errors.New("the event was worked elsewhere")

func (s *Service) meaning(ctx context.Context, x ExchangeCall, e TelephoneEvent) (outcome string, again *PhoneCheck, err error) {
	if x.Number.IsZero() {
		x.Number = e.Number
	}
	switch e.Kind {
	case CallRinging:
		outcome, err = s.rings(ctx, x, e)
	case CallAnswered:
		outcome, err = s.answered(ctx, x, e)
	case CallEnded:
		outcome, err = s.ended(ctx, x, e)
	case KeypadResult:
		if e.Question != QueueCallBack {
			return s.keyed(ctx, x, e)
		}
		outcome, err = s.wantsCallBack(ctx, x, e)
	case CallBackAnswered, CallBackNotAnswered:
		outcome, err = s.dialled(ctx, x, e)
	case RatingKeyed:
		outcome, err = s.rated(ctx, x, e)
	default:
		outcome = "unknown_kind"
	}
	return outcome, nil, err
}

// rated hands the keyed level on; who rates is whoever was in the call. It may come before the call was answered, as far as
// we were told: it waits for that until its tries are up.
func (s *Service) rated(ctx context.Context, x ExchangeCall, e TelephoneEvent) (string, error) {
	level := e.Digits.Reveal()
	switch {
	case len(level) != 1 || level < "1" || level > "5":
		return "no_level", nil
	case x.CallID == "" && x.AnsweredAt.IsZero() && e.Attempts+1 < eventTries:
		return "", errNoCallYet
	case x.CallID == "":
		return "unknown_call", nil
	case s.Ratings == nil:
		return "not_taken", nil
	}
	err := s.Ratings.RateCall(ctx, x.CallID, int(level[0]-'0'))
	if errors.Is(err, ErrAlreadyRated) {
		return "repeated", nil
	}
	return "taken", err
}

// SweepTelephone ends what nobody ends: checks without an answer, calls whose conversations are over, and calls whose time
// for notes is over. It may run at any time and in many processes.
func (s *Service) SweepTelephone(ctx context.Context, most int) (more bool, err error) {
	now := s.Clock.Now()
	more, err = s.LapsePhoneChecks(ctx, most)
	if err != nil {
		return false, err
	}
	silent, err := s.Telephone.SilentCalls(ctx, now.Add(-dialFor), most)
	if err != nil {
		return false, err
	}
	for _, id := range silent {
		if err := s.sweepCall(ctx, id, s.endIfSilent); err != nil {
			return false, err
		}
	}
	over, err := s.Telephone.CallsEndedBefore(ctx, now.Add(-s.Times.AfterCall), most)
	if err != nil {
		return false, err
	}
	for _, id := range over {
		err := s.sweepCall(ctx, id, func(ctx context.Context, c Call) error { return s.closeLeft(ctx, s.agentOf(c), c, "ended") })
		if err != nil {
			return false, err
		}
	}
	return more || len(silent) == most || len(over) == most, nil
}

// sweepCall does one thing to a call in its own commit; somebody's own act at the same moment wins.
func (s *Service) sweepCall(ctx context.Context, id models.ID, do func(context.Context, Call) error) error {
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		call, err := s.Calls.CallByID(ctx, id)
		if err != nil {
			return err
		}
		return do(ctx, call)
	})
	if errors.Is(err, models.ErrConflict) {
		return nil
	}
	return err
}

// ForgetTelephone drops events and pops that have had their time.
func (s *Service) ForgetTelephone(ctx context.Context) error {
	now := s.Clock.Now()
	return errors.Join(s.Telephone.DropTelephoneBefore(ctx, now.Add(-eventsKept)), s.Streams.DropConsoleEventsBefore(ctx, now.Add(-popsKept)))
}
