package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// CallBacks lists promised calls by due time, for the agent: one's own and the queue's; supervisors see everybody's. Nothing
// names a person, and a number is masked.
func (s *Service) CallBacks(ctx context.Context, by models.Actor, state CallBackState, most int) ([]CallBack, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return nil, err
	}
	f := CallBackFilter{State: state, Staff: by.ID, Limit: most}
	if m.Can(MaySupervise) {
		f.Staff = ""
	}
	return s.CallBackQueue.CallBacks(ctx, f)
}

// TakeCallBack counts as a look (R59) and makes a due call back the agent's to dial; of many one gets it (models.ErrConflict), and taking one's own
// again is the same. Another agent's own is not found, unless one supervises.
func (s *Service) TakeCallBack(ctx context.Context, by models.Actor, id models.ID) (CallBack, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return CallBack{}, err
	}
	var seen Seen
	c, err := s.onCallBack(ctx, by, id, func(ctx context.Context) (CallBack, error) {
		c, err := s.CallBackQueue.CallBackByID(ctx, id)
		switch {
		case err != nil:
			return CallBack{}, err
		case c.StaffID != "" && c.StaffID != by.ID && !m.Can(MaySupervise):
			return CallBack{}, models.ErrNotFound
		case c.State == CallBackTaken && c.TakenBy == by.ID:
			return c, nil
		case c.State == CallBackTaken:
			return CallBack{}, ErrCallBackNotYours
		}
		if seen, err = s.lookAtCallBack(ctx, by, MayTakeCalls, c); err != nil {
			return CallBack{}, err
		}
		return s.moveCallBack(ctx, by, c, CallBackTake, func(c *CallBack) { c.TakenBy, c.TakenAt = by.ID, s.Clock.Now() })
	})
	if err == nil {
		err = s.heedCase(ctx, by, id, seen)
	}
	if err != nil {
		return CallBack{}, err
	}
	return c, nil
}

// ReturnCallBack gives a taken call back to the queue again.
func (s *Service) ReturnCallBack(ctx context.Context, by models.Actor, id models.ID) (CallBack, error) {
	return s.onCallBack(ctx, by, id, func(ctx context.Context) (CallBack, error) {
		c, err := s.takenByMe(ctx, by, id)
		if err != nil {
			return CallBack{}, err
		}
		return s.moveCallBack(ctx, by, c, CallBackReturn, func(c *CallBack) { c.TakenBy, c.TakenAt = "", time.Time{} })
	})
}

// FinishCallBack says how a taken call back ended: settled, not_wanted or wrong_number. Where the exchange dials, nothing is
// settled before somebody answered: ErrCallBackNotReached.
func (s *Service) FinishCallBack(ctx context.Context, by models.Actor, id models.ID, result string) (CallBack, error) {
	if !callBackResults[result] {
		return CallBack{}, ErrCallBackWords
	}
	return s.onCallBack(ctx, by, id, func(ctx context.Context) (CallBack, error) {
		c, err := s.takenByMe(ctx, by, id)
		if err != nil {
			return CallBack{}, err
		}
		if err := s.reached(ctx, c, result); err != nil {
			return CallBack{}, err
		}
		return s.moveCallBack(ctx, by, c, CallBackFinish, func(c *CallBack) { c.Result, c.EndedAt = result, s.Clock.Now() })
	})
}

// reached refuses that a promise was kept in no conversation that the exchange knows of.
func (s *Service) reached(ctx context.Context, c CallBack, result string) error {
	if result != "settled" || !s.dialsOut() {
		return nil
	}
	answered, err := s.Telephone.PromiseAnswered(ctx, c.ID)
	if err == nil && !answered {
		err = ErrCallBackNotReached
	}
	return err
}

// onCallBack makes one step; the same request again finds what it came to.
func (s *Service) onCallBack(ctx context.Context, by models.Actor, id models.ID, step func(context.Context) (CallBack, error)) (c CallBack, err error) {
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "call_backs", string(id))
		if err != nil {
			return err
		}
		if prior != "" {
			c, err = s.CallBackQueue.CallBackByID(ctx, id)
			return err
		}
		c, err = step(ctx)
		return err
	})
	return c, err
}

// takenByMe is a call back that the agent has taken; a finished one of the agent's own is ErrCallBackOver.
func (s *Service) takenByMe(ctx context.Context, by models.Actor, id models.ID) (CallBack, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return CallBack{}, err
	}
	c, err := s.CallBackQueue.CallBackByID(ctx, id)
	switch {
	case err != nil:
		return CallBack{}, err
	case c.StaffID != "" && c.StaffID != by.ID && c.TakenBy != by.ID && !m.Can(MaySupervise):
		return CallBack{}, models.ErrNotFound
	case CallBackFlow.Final(c.State):
		return CallBack{}, ErrCallBackOver
	case c.State != CallBackTaken || c.TakenBy != by.ID:
		return CallBack{}, ErrCallBackNotYours
	}
	return c, nil
}

// callBackActions are the steps as they are written down.
var callBackActions = map[CallBackState]string{
	CallBackTaken: "hotline.call_back.taken", CallBackDue: "hotline.call_back.returned", CallBackDone: "hotline.call_back.done",
	CallBackMissed: "hotline.call_back.missed",
}

// moveCallBack commits one step with its audit entry, guarded: who is second gets models.ErrConflict.
func (s *Service) moveCallBack(ctx context.Context, by models.Actor, c CallBack, on CallBackEvent, change func(*CallBack)) (CallBack, error) {
	from := c.State
	to, err := CallBackFlow.Next(from, on)
	if err != nil {
		return CallBack{}, ErrCallBackOver.Because(err)
	}
	c.State = to
	change(&c)
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.CallBackQueue.UpdateCallBack(ctx, c, from); err != nil {
			return err
		}
		by.Subject = c.PersonID
		return s.record(ctx, by, callBackActions[c.State], "call_backs", string(c.ID), "done", "reason", c.Reason)
	})
	c.Version++
	return c, err
}

// CallBackDialled is a call back that is being made.
type CallBackDialled struct {
	CallBack CallBack
	Dial     CallerNumber // what the agent dials, where the exchange cannot; empty where it does
}

// DialCallBack calls the number of a taken call back. The exchange rings the agent and then the number; answered, it opens a
// call in which nobody is known yet: whoever answers is verified like every caller, and the phone on file having been
// dialled counts as the call back of R33 then. An agent in another call is ErrCallOpen; while it rings, asking again dials
// nothing. Where the exchange cannot dial, the agent is given the number, which is audited.
func (s *Service) DialCallBack(ctx context.Context, by models.Actor, id models.ID) (CallBackDialled, error) {
	x := ExchangeCall{ID: models.NewID(), Outgoing: true, StaffID: by.ID, CallBackID: id, MadeAt: s.Clock.Now()}
	x.Ref = string(x.ID)
	rings := false
	var seen Seen
	c, err := s.onCallBack(ctx, by, id, func(ctx context.Context) (CallBack, error) {
		c, err := s.takenByMe(ctx, by, id)
		if err != nil {
			return CallBack{}, err
		}
		if x.Number, x.Extension, err = s.dialable(ctx, by, c); err != nil {
			return CallBack{}, err
		}
		if under, err := s.Telephone.DialUnderWay(ctx, c.ID, x.MadeAt.Add(-dialFor)); err != nil || under {
			return c, err
		}
		rings = true
		if seen, err = s.lookAtCallBack(ctx, by, MayTakeCalls, c); err != nil {
			return CallBack{}, err
		}
		return s.beginDial(ctx, by, c, x)
	})
	if err == nil {
		err = s.heedCase(ctx, by, id, seen)
		if err != nil && rings && s.dialsOut() { // nothing was dialled: asked again, it must be
			err = errors.Join(err, s.endDial(ctx, x.Ref))
		}
	}
	if err != nil || !rings {
		return CallBackDialled{CallBack: c}, err
	}
	if !s.dialsOut() {
		return CallBackDialled{CallBack: c, Dial: x.Number}, nil
	}
	err = s.Exchange.Dial(ctx, DialOrder{Ref: x.Ref, Extension: x.Extension, Number: x.Number})
	if errors.Is(err, ErrExchangeRefused) {
		return CallBackDialled{}, errors.Join(err, s.endDial(ctx, x.Ref))
	}
	return CallBackDialled{CallBack: c}, nil // without an answer it may ring all the same: the event tells
}

// dialable is the number to dial and from where; ErrCallOpen while the agent speaks with somebody.
func (s *Service) dialable(ctx context.Context, by models.Actor, c CallBack) (number CallerNumber, extension string, err error) {
	open, err := s.Calls.OpenCallOf(ctx, by.ID)
	switch {
	case err == nil && open.EndedAt.IsZero() && !open.LeftAt(s.Clock.Now()):
		return number, "", ErrCallOpen
	case err != nil && !errors.Is(err, models.ErrNotFound):
		return number, "", err
	}
	if number, err = s.numberOf(ctx, c); err != nil {
		return number, "", err
	}
	extension, err = s.Extensions.ExtensionOf(ctx, by.ID)
	if err == nil && s.dialsOut() && extension == "" {
		err = ErrNoExtension
	}
	return number, extension, err
}

// beginDial writes down that a promised call is being made, before the exchange is asked; guarded, so that two presses at
// once are one call.
func (s *Service) beginDial(ctx context.Context, by models.Actor, c CallBack, x ExchangeCall) (CallBack, error) {
	c.TakenAt = x.MadeAt // it is being worked on
	if err := s.CallBackQueue.UpdateCallBack(ctx, c, c.State); err != nil {
		return CallBack{}, err
	}
	c.Version++
	action := "hotline.phone.shown"
	if s.dialsOut() {
		action = "hotline.phone.dialled"
		if _, err := s.Telephone.HoldConversation(ctx, x); err != nil {
			return CallBack{}, err
		}
	}
	by.Subject = c.PersonID
	return c, s.record(ctx, by, action, "call_backs", string(c.ID), "done", "reason", c.Reason)
}

// endDial notes that the exchange surely did not make a call.
func (s *Service) endDial(ctx context.Context, ref string) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		x, err := s.Telephone.HoldConversation(ctx, ExchangeCall{Ref: ref})
		if err != nil {
			return err
		}
		x.EndedAt = s.Clock.Now()
		return s.Telephone.UpdateConversation(ctx, x)
	})
}

// numberOf is the number to dial: the caller's, or the phone on file as it is now.
func (s *Service) numberOf(ctx context.Context, c CallBack) (CallerNumber, error) {
	if c.Destination == ToCallerNumber {
		if c.Number.IsZero() {
			return CallerNumber{}, ErrNoCallBackPhone
		}
		return c.Number, nil
	}
	p, err := s.People.PersonByID(ctx, c.PersonID)
	if err != nil {
		return CallerNumber{}, err
	}
	if p.Phone.IsZero() {
		return CallerNumber{}, ErrNoCallBackPhone
	}
	return ParseCallerNumber(p.Phone.Reveal()) // to be dialled
}

// promised is what became of a call that was dialled for a call back: answered, it opens a call for the agent; not answered,
// the call back is due again later, and given up after some tries.
func (s *Service) promised(ctx context.Context, x *ExchangeCall, e TelephoneEvent) (outcome string, err error) {
	c, err := s.CallBackQueue.CallBackByID(ctx, x.CallBackID)
	if err != nil {
		return "", err
	}
	if e.Kind == CallBackAnswered {
		staff, err := s.seatAt(ctx, x.Extension)
		if err != nil || staff != x.StaffID { // who dialled may not take calls any more, or sits elsewhere
			return "overtaken", err
		}
		if x.CallID, outcome, err = s.openByTelephone(ctx, staff, *x, SourceCallBack, e.At); err != nil || x.CallID == "" {
			return outcome, err
		}
		return outcome, s.tell(ctx, x.StaffID, ConsoleEvent{Kind: "answered", ExchangeCallID: x.ID, CallID: x.CallID, Result: "call_back"})
	}
	if c.State != CallBackTaken {
		return "too_late", nil
	}
	by := models.Actor{Kind: models.SystemActor, Channel: models.Phone12333}
	c.Tries++
	on, change := CallBackMiss, func(c *CallBack) { c.Result, c.EndedAt = "not_reached", s.Clock.Now() }
	if c.Tries < s.Times.CallBackTries {
		due, err := s.workingTime(ctx, s.Clock.Now(), s.Times.CallBackAgain)
		if err != nil {
			return "", err
		}
		on, change = CallBackReturn, func(c *CallBack) {
			c.DueAt, c.TakenBy, c.TakenAt, c.AlarmedAt = due, "", time.Time{}, time.Time{}
		}
	}
	if _, err := s.moveCallBack(ctx, by, c, on, change); err != nil {
		return "", err
	}
	return "not_answered", s.tell(ctx, x.StaffID, ConsoleEvent{Kind: "called_back", ExchangeCallID: x.ID, Result: "not_answered"})
}

// WatchCallBacks alarms of each promised call that is overdue, once, and gives back to the queue what somebody took and left.
func (s *Service) WatchCallBacks(ctx context.Context, most int) (more bool, err error) {
	now, by := s.Clock.Now(), models.System()
	late, err := s.CallBackQueue.CallBacksOverdue(ctx, now, most)
	if err != nil {
		return false, err
	}
	for _, c := range late {
		c.AlarmedAt = now
		err := s.Journal.InTx(ctx, func(ctx context.Context) error {
			if err := s.CallBackQueue.UpdateCallBack(ctx, c, c.State); err != nil {
				return err
			}
			by.Subject = c.PersonID
			return s.record(ctx, by, "hotline.call_back.overdue", "call_backs", string(c.ID), "done", "reason", c.Reason)
		})
		if errors.Is(err, models.ErrConflict) {
			continue
		}
		if err != nil {
			return false, err
		}
		s.TelephoneWatch.CallBackOverdue()
	}
	left, err := s.CallBackQueue.CallBacksLeft(ctx, now.Add(-s.Times.TakenFor), most)
	if err != nil {
		return false, err
	}
	for _, c := range left {
		_, err := s.moveCallBack(ctx, by, c, CallBackReturn, func(c *CallBack) { c.TakenBy, c.TakenAt = "", time.Time{} })
		if err != nil && !errors.Is(err, models.ErrConflict) {
			return false, err
		}
	}
	return len(late) == most || len(left) == most, nil
}
