package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// CallBackState is where a promised call back stands; CallBackEvent moves it.
type (
	CallBackState string
	CallBackEvent string
)

// The states and events of a promised call back (回电).
const (
	CallBackDue    CallBackState = "due"
	CallBackTaken  CallBackState = "taken"
	CallBackDone   CallBackState = "done"
	CallBackMissed CallBackState = "missed" // nobody answered, as often as is tried

	CallBackTake   CallBackEvent = "take"
	CallBackReturn CallBackEvent = "return"
	CallBackFinish CallBackEvent = "finish"
	CallBackMiss   CallBackEvent = "miss"
)

// CallBackFlow is the life of a promised call back.
var CallBackFlow = flow.New("call_back", CallBackDue,
	flow.Edge[CallBackState, CallBackEvent]{From: CallBackDue, On: CallBackTake, To: CallBackTaken},
	flow.Edge[CallBackState, CallBackEvent]{From: CallBackTaken, On: CallBackReturn, To: CallBackDue},
	flow.Edge[CallBackState, CallBackEvent]{From: CallBackTaken, On: CallBackFinish, To: CallBackDone},
	flow.Edge[CallBackState, CallBackEvent]{From: CallBackTaken, On: CallBackMiss, To: CallBackMissed},
)

// Where a call back goes. The number itself is read when it is dialled.
const (
	ToPhoneOnFile  = "phone_on_file"
	ToCallerNumber = "caller_number"
)

// Why somebody is called back. A loss that the registry has not confirmed yet, and a caller who gave up waiting, are
// promised by themselves.
const (
	ReasonNotFinished  = "not_finished"
	ReasonRegistryDown = "registry_down"
	ReasonAskedLater   = "asked_later"
	ReasonLossPending  = "loss_pending" // R66
	ReasonMissed       = "missed"
)

var (
	promisable      = map[string]bool{ReasonNotFinished: true, ReasonRegistryDown: true, ReasonAskedLater: true}
	callBackResults = map[string]bool{"settled": true, "not_wanted": true, "wrong_number": true}
)

// CallBack is one promise to call somebody: in the queue, or one agent's own.
type CallBack struct {
	ID          models.ID
	Cause       string // unique: the same cause is promised once
	Reason      string
	Destination string
	Number      CallerNumber // of the caller; empty where it goes to the phone on file
	PersonID    models.ID    // whom it is about; never shown, and no identity of who answers
	CallID      models.ID    // in which it was promised
	EnquiryID   models.ID
	StaffID     models.ID // whose it is; empty: anybody's
	State       CallBackState
	Tries       int
	DueAt       time.Time
	TakenBy     models.ID
	TakenAt     time.Time
	Result      string
	EndedAt     time.Time
	AlarmedAt   time.Time
	District    string
	Department  string
	MadeAt      time.Time
	Version     int
}

// CallBackFilter says which are listed.
type CallBackFilter struct {
	State CallBackState // empty: those not ended
	Staff models.ID     // those of this agent and the queue's; empty: all
	Limit int
}

// CallBackFigures are counts for the board and for metrics.
type CallBackFigures struct{ Due, Taken, Overdue int }

// PromiseInput is what an agent promises.
type PromiseInput struct {
	Reason, Destination string
	Mine                bool // stays with this agent; otherwise the queue's
}

// PromiseCallBack promises the caller of one's own call a call back, also after the hang-up while notes are taken. It is
// due after some hours of the hotline's working time. To the phone on file it needs a known caller, to the caller's number
// a number. ErrCallBackWords, ErrNoCallBackPhone; ErrCallBackKnown for the second one of a call.
func (s *Service) PromiseCallBack(ctx context.Context, by models.Actor, callID models.ID, in PromiseInput) (CallBack, error) {
	call, err := s.ownCall(ctx, by, callID)
	if err != nil {
		return CallBack{}, err
	}
	if !promisable[in.Reason] || in.Destination != ToPhoneOnFile && in.Destination != ToCallerNumber {
		return CallBack{}, ErrCallBackWords
	}
	c := s.newCallBack("call:"+string(call.ID), in.Reason, in.Destination)
	c.CallID, c.District, c.Department = call.ID, call.District, call.Department
	if call.Level != LevelNone {
		c.PersonID = call.PersonID
	}
	if in.Destination == ToCallerNumber {
		c.Number = call.Caller
	}
	if in.Destination == ToPhoneOnFile && c.PersonID == "" || in.Destination == ToCallerNumber && c.Number.IsZero() {
		return CallBack{}, ErrNoCallBackPhone
	}
	if in.Mine {
		c.StaffID = by.ID
	}
	if c.DueAt, err = s.workingTime(ctx, c.MadeAt, s.Times.CallBackIn); err != nil {
		return CallBack{}, err
	}
	return s.promise(ctx, by, c)
}

// PromiseForEnquiry promises whoever an enquiry is about a call back to the phone on file, once for each enquiry.
// models.ErrNotFound; ErrNoCallBackPhone for one about nobody; ErrCallBackWords; ErrCallBackKnown.
func (s *Service) PromiseForEnquiry(ctx context.Context, by models.Actor, enquiry models.ID, in PromiseInput) (CallBack, error) {
	m, err := s.member(ctx, by, MaySeeCases)
	if err != nil {
		return CallBack{}, err
	}
	if !promisable[in.Reason] {
		return CallBack{}, ErrCallBackWords
	}
	e, err := s.Enquiries.EnquiryByID(ctx, enquiry)
	if err != nil {
		return CallBack{}, err
	}
	if e.PersonID == "" {
		return CallBack{}, ErrNoCallBackPhone
	}
	c := s.newCallBack("enquiry:"+string(e.ID), in.Reason, ToPhoneOnFile)
	c.PersonID, c.EnquiryID, c.District, c.Department = e.PersonID, e.ID, m.District, m.Department
	if in.Mine {
		c.StaffID = by.ID
	}
	if c.DueAt, err = s.workingTime(ctx, c.MadeAt, s.Times.CallBackIn); err != nil {
		return CallBack{}, err
	}
	return s.promise(ctx, by, c)
}

// promise commits a promise that an agent makes; the same request again finds the first one. Outside a call it is a look at
// whom it goes to (R59).
func (s *Service) promise(ctx context.Context, by models.Actor, c CallBack) (CallBack, error) {
	var seen Seen
	agent := by
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "call_backs", string(c.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			c, err = s.CallBackQueue.CallBackByID(ctx, models.ID(prior))
			return err
		}
		by.CallID, by.Subject = c.CallID, c.PersonID
		if err := s.addCallBack(ctx, by, c); err != nil || c.CallID != "" {
			return err
		}
		seen, err = s.lookAtCallBack(ctx, agent, MaySeeCases, c)
		return err
	})
	if err == nil {
		err = s.heedCase(ctx, agent, c.ID, seen)
	}
	if err != nil {
		return CallBack{}, err
	}
	return c, nil
}

func (s *Service) newCallBack(cause, reason, destination string) CallBack {
	return CallBack{ID: models.NewID(), Cause: cause, Reason: reason, Destination: destination, State: CallBackDue, MadeAt: s.Clock.Now(), Version: 1}
}

func (s *Service) addCallBack(ctx context.Context, by models.Actor, c CallBack) error {
	if err := s.CallBackQueue.AddCallBack(ctx, c); err != nil {
		return err
	}
	return s.record(ctx, by, "hotline.call_back.promised", "call_backs", string(c.ID), "done", "reason", c.Reason)
}

// missed promises a call back to a caller who keyed 1 and hung up before anybody answered; once, and a number that waits
// already is not promised a second one.
func (s *Service) missed(ctx context.Context, x ExchangeCall) error {
	if !x.WantsCallBack || x.Number.IsZero() {
		return nil
	}
	c := s.newCallBack("exchange:"+x.Ref, ReasonMissed, ToCallerNumber)
	c.Number = x.Number
	var err error
	if c.DueAt, err = s.workingTime(ctx, c.MadeAt, s.Times.CallBackIn); err != nil {
		return err
	}
	by := models.Actor{Kind: models.SystemActor, Channel: models.Phone12333}
	err = s.addCallBack(ctx, by, c)
	if errors.Is(err, ErrCallBackKnown) {
		return nil
	}
	return err
}

// PromiseAfterLoss promises the caller of a loss report that the registry has not confirmed a call once it has (R66), in a
// commit of its own and once for each report: a promise that stands already is none the second time.
func (s *Service) PromiseAfterLoss(ctx context.Context, report, person, call models.ID) error {
	c := s.newCallBack("loss:"+string(report), ReasonLossPending, ToPhoneOnFile)
	c.PersonID, c.CallID = person, call
	var err error
	if c.DueAt, err = s.workingTime(ctx, c.MadeAt, s.Times.CallBackIn); err != nil {
		return err
	}
	by := models.System()
	by.CallID, by.Subject = call, person
	err = s.Journal.InTx(ctx, func(ctx context.Context) error { return s.addCallBack(ctx, by, c) })
	if errors.Is(err, ErrCallBackKnown) {
		return nil
	}
	return err
}

// PromiseAfterOutage promises what the request itself could not any more, because its process died between the report and
// the promise. more says whether there may be further ones.
func (s *Service) PromiseAfterOutage(ctx context.Context, most int) (more bool, err error) {
	now := s.Clock.Now()
	list, err := s.CallBackQueue.PromisedLosses(ctx, now.Add(-24*time.Hour), now.Add(-firstAttempt), most)
	if err != nil {
		return false, err
	}
	for _, l := range list {
		if err := s.PromiseAfterLoss(ctx, l.LossID, l.PersonID, l.CallID); err != nil {
			return false, err
		}
	}
	return len(list) == most, nil
}

// firstAttempt is how long a report may wait for its own first attempt before it counts as not confirmed.
const firstAttempt = 5 * time.Second

// workingTime is from plus so much of the hotline's working time: within its hours, on working days by the calendar.
func (s *Service) workingTime(ctx context.Context, from time.Time, need time.Duration) (time.Time, error) {
	day := models.DateOf(from)
	for range 60 { // no holiday is that long
		works, err := s.Workdays.Workday(ctx, day)
		if err != nil {
			return time.Time{}, err
		}
		if works {
			opens, closes := day.Start().Add(s.Times.Opens), day.Start().Add(s.Times.Closes)
			if from.After(opens) {
				opens = from
			}
			if left := closes.Sub(opens); left >= need {
				return models.Instant(opens.Add(need)), nil
			} else if left > 0 {
				need -= left
			}
		}
		day = models.DateOf(day.Start().Add(36 * time.Hour)) // noon of the next day, whatever the zone did
	}
	return models.Instant(from.Add(need)), nil
}
