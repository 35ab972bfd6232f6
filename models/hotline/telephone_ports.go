package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// TelephoneStore keeps what the exchange told and the conversations it is about.
type TelephoneStore interface {
	AddEvent(ctx context.Context, e TelephoneEvent) error                                          // ErrEventKnown for an event id seen before
	EventsDue(ctx context.Context, at time.Time, most int) ([]TelephoneEvent, error)               // oldest first
	SettleEvent(ctx context.Context, id models.ID, state EventState, outcome string) (bool, error) // false: another worker had it; forgets the digits
	PutOffEvent(ctx context.Context, id models.ID, until time.Time) error
	DropTelephoneBefore(ctx context.Context, t time.Time) error

	// HoldConversation locks the conversation of a reference for this transaction, making it when it is new.
	HoldConversation(ctx context.Context, x ExchangeCall) (ExchangeCall, error)
	UpdateConversation(ctx context.Context, x ExchangeCall) error
	Conversation(ctx context.Context, id models.ID) (ExchangeCall, error)
	// LegsUp counts the conversations of a call in which somebody may still speak: answered and not ended, or dialled by us
	// after since.
	LegsUp(ctx context.Context, call models.ID, since time.Time) (int, error)
	// DialUnderWay reports whether a promised call is being dialled since an instant.
	DialUnderWay(ctx context.Context, callBack models.ID, since time.Time) (bool, error)
	// PromiseAnswered reports whether anybody answered what was dialled for a promised call.
	PromiseAnswered(ctx context.Context, callBack models.ID) (bool, error)
	// SilentCalls are open calls whose conversations have all ended though nobody said so in time.
	SilentCalls(ctx context.Context, since time.Time, most int) ([]models.ID, error)
	CallsEndedBefore(ctx context.Context, t time.Time, most int) ([]models.ID, error) // open ones, whose caller is gone
	CandidatesByNumber(ctx context.Context, n CallerNumber) (int, error)
}

// ExtensionStore says whose telephone is whose.
type ExtensionStore interface {
	// SetExtension gives an extension to a member of staff, in place of the one they had; ErrExtensionTaken where another
	// active member has it. An empty one takes it away.
	SetExtension(ctx context.Context, staff models.ID, extension string, at time.Time) error
	StaffAt(ctx context.Context, extension string) (models.ID, error) // active only; models.ErrNotFound
	ExtensionOf(ctx context.Context, staff models.ID) (string, error) // empty: none
	AllExtensions(ctx context.Context) (map[models.ID]string, error)  // by member of staff
}

// DialOrder asks the exchange to ring an agent and then a number. Its reference is ours: the same order twice is one call.
type DialOrder struct {
	Ref       string
	Extension string
	Number    CallerNumber
}

// DigitsOrder asks the exchange to take digits from the caller of a conversation. The same question again is asked again.
type DigitsOrder struct {
	Question string
	CallRef  string
	Digits   int
	For      time.Duration
}

// Exchange is the telephone system. ErrExchangeRefused: surely not done; any other error leaves it open, and an event may
// still come.
type Exchange interface {
	DialsOut() bool
	Dial(ctx context.Context, o DialOrder) error
	AskDigits(ctx context.Context, o DigitsOrder) error
}

// CallCodes sends one-time codes to the phone on file and takes tries of them, under the limits of every code (R61). Both
// join the caller's transaction.
type CallCodes interface {
	SendCallCode(ctx context.Context, by models.Actor, call, person models.ID) (expires time.Time, err error)
	TryCallCode(ctx context.Context, call models.ID, digits string) (right bool, err error)
}

// CheckedPhones keeps the checks of a caller's phone. A call has one open check of a kind.
type CheckedPhones interface {
	AddPhoneCheck(ctx context.Context, c PhoneCheck) error
	UpdatePhoneCheck(ctx context.Context, c PhoneCheck, from PhoneCheckState) error // models.ErrConflict if it has moved
	PhoneCheckByID(ctx context.Context, id models.ID) (PhoneCheck, error)
	OpenPhoneCheck(ctx context.Context, call models.ID, kind PhoneCheckKind) (PhoneCheck, error) // models.ErrNotFound
	PhoneChecksLapsed(ctx context.Context, at time.Time, most int) ([]PhoneCheck, error)
}

// CallBackStore keeps promised call-backs.
type CallBackStore interface {
	AddCallBack(ctx context.Context, c CallBack) error // ErrCallBackKnown: the cause has one, or the number waits already
	CallBackByID(ctx context.Context, id models.ID) (CallBack, error)
	UpdateCallBack(ctx context.Context, c CallBack, from CallBackState) error // models.ErrConflict if someone was first
	CallBacks(ctx context.Context, f CallBackFilter) ([]CallBack, error)      // by due time
	CallBacksOverdue(ctx context.Context, at time.Time, most int) ([]CallBack, error)
	CallBacksLeft(ctx context.Context, takenBefore time.Time, most int) ([]CallBack, error)
	CallBackFigures(ctx context.Context, at time.Time) (CallBackFigures, error)
	// PromisedLosses are reports by phone that the registry had not confirmed when they were made, and of which nobody was
	// promised a call back yet (R66).
	PromisedLosses(ctx context.Context, from, until time.Time, most int) ([]PromisedLoss, error)
}

// PromisedLoss is a loss report by phone whose caller was told that she is called back.
type PromisedLoss struct{ LossID, PersonID, CallID models.ID }

// StreamStore keeps the consoles' events: a sequence of each member of staff, whose order is the order of commits.
type StreamStore interface {
	PushEvent(ctx context.Context, staff models.ID, e ConsoleEvent) error // in the transaction of what happened
	ConsoleEventsAfter(ctx context.Context, staff models.ID, after int64, most int) ([]ConsoleEvent, error)
	StreamStart(ctx context.Context, staff models.ID, since time.Time) (int64, error) // the last one before since
	TakeStream(ctx context.Context, staff, stream models.ID) error
	StreamHolder(ctx context.Context, staff models.ID) (models.ID, error)
	SessionOfStream(ctx context.Context, session models.ID) (Session, error)
	DropConsoleEventsBefore(ctx context.Context, t time.Time) error
	AfterCommit(ctx context.Context, f func())
}

// Bells wake who sleeps on a topic, here and in other processes. A lost bell costs a moment.
type Bells interface {
	Wake(topic string)
	Sleep(ctx context.Context, topic string, most time.Duration) bool
}

// Ratings takes the level that a caller keyed after a call (R64).
type Ratings interface {
	// RateCall asks before it writes: ErrAlreadyRated of a call rated earlier leaves the transaction it came in good.
	RateCall(ctx context.Context, call models.ID, level int) error
}

// TelephoneWatch counts what an operator must see.
type TelephoneWatch interface {
	EventTaken(kind, how string)
	EventRefused(why string)
	EventWorked(kind, outcome string)
	CallBackOverdue()
	EventGaveUp()
}

// TelephoneDeps is what the telephone needs of others, beside Deps.
type TelephoneDeps struct {
	Telephone      TelephoneStore
	Extensions     ExtensionStore
	Exchange       Exchange // nil: no telephone system; calls are opened by hand, and call-backs are the agent's word
	Codes          CallCodes
	PhoneChecks    CheckedPhones
	CallBackQueue  CallBackStore
	Streams        StreamStore
	Bells          Bells
	Workdays       Workdays
	Ratings        Ratings // nil: keyed ratings are kept as events only
	TelephoneWatch TelephoneWatch
	Times          TelephoneTimes
}

// TelephoneTimes are the operator's figures.
type TelephoneTimes struct {
	AfterCall     time.Duration // for notes, once the caller is gone
	CodeTries     int           // wrong codes of one check
	CallBackIn    time.Duration // of working time: when a promised call back is due
	CallBackTries int           // calls that nobody answers until it is given up
	CallBackAgain time.Duration // of working time: after one of them
	TakenFor      time.Duration // a taken call back nobody dials goes back to the queue
	Opens, Closes time.Duration // the hotline's day, after midnight in Shanghai
}

// Figures where an operator names none.
var defaultTimes = TelephoneTimes{
	AfterCall: 2 * time.Minute, CodeTries: 3, CallBackIn: 2 * time.Hour, CallBackTries: 3, CallBackAgain: 30 * time.Minute,
	TakenFor: 30 * time.Minute, Opens: 8*time.Hour + 30*time.Minute, Closes: 18 * time.Hour,
}

// withTelephone fills what may be left out.
func (d Deps) withTelephone() Deps {
	if d.Times == (TelephoneTimes{}) {
		d.Times = defaultTimes
	}
	if d.TelephoneWatch == nil {
		d.TelephoneWatch = unwatched{}
	}
	if d.Bells == nil {
		d.Bells = noBells{}
	}
	return d
}

type unwatched struct{}

func (unwatched) EventTaken(string, string)  {}
func (unwatched) EventRefused(string)        {}
func (unwatched) EventWorked(string, string) {}
func (unwatched) CallBackOverdue()           {}
func (unwatched) EventGaveUp()               {}

type noBells struct{}

func (noBells) Wake(string) {}

// Sleep waits without a bell.
func (noBells) Sleep(ctx context.Context, _ string, most time.Duration) bool {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}
