package hotline

import (
	"context"
	"errors"
	"regexp"
	"time"

	"onecard/models"
)

// EventKind is what the exchange (话务系统) tells about one conversation.
type EventKind string

// The events of docs/telephone-contract.md.
const (
	CallRinging         EventKind = "call.ringing"
	CallAnswered        EventKind = "call.answered"
	CallEnded           EventKind = "call.ended"
	KeypadResult        EventKind = "keypad.result"
	CallBackAnswered    EventKind = "call_back.answered"
	CallBackNotAnswered EventKind = "call_back.not_answered"
	RatingKeyed         EventKind = "rating.keyed"
)

// QueueCallBack is the question to which a waiting caller keys 1: call me back.
const QueueCallBack = "queue_call_back"

// EventState is where an event stands with us.
type EventState string

// The states: taken in, worked, or given up after many tries.
const (
	EventWaiting EventState = "waiting"
	EventWorked  EventState = "worked"
	EventFailed  EventState = "failed"
)

// TelephoneEvent is one message of the exchange, as it is kept. Digits are keys pressed by a caller: an answer to our
// question or a rating, never a PIN; they are forgotten when the event is worked, and print as nothing.
type TelephoneEvent struct {
	ID         models.ID
	EventID    string // the exchange's own: the same event told twice is one row
	Kind       EventKind
	CallRef    string
	Extension  string
	Number     CallerNumber
	Question   string
	Digits     Keyed
	At         time.Time // the exchange's clock
	ReceivedAt time.Time
	State      EventState
	Outcome    string
	Attempts   int
	DueAt      time.Time
	Unreadable bool // its number or its digits cannot be unsealed, and are not here
}

// Keyed are digits that a caller pressed. They print as stars.
type Keyed struct{ digits string }

// NewKeyed wraps digits.
func NewKeyed(digits string) Keyed { return Keyed{digits} }

// Reveal gives the digits. Every call site is a place a reviewer looks at.
func (k Keyed) Reveal() string { return k.digits }

// String hides them.
func (k Keyed) String() string { return "***" }

// GoString hides them under %#v.
func (k Keyed) GoString() string { return k.String() }

// MarshalText hides them in JSON, text and logs.
func (k Keyed) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

var (
	refForm       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)
	extensionForm = regexp.MustCompile(`^[0-9]{2,8}$`)
	keyedForm     = regexp.MustCompile(`^[0-9]{0,12}$`)
)

// ParseEvent makes an event of what the exchange wrote; ErrTelephoneBody for what no exchange that keeps the contract
// writes. An unknown kind is no error: an exchange may tell more than we know.
func ParseEvent(e TelephoneEvent, number string) (TelephoneEvent, error) {
	var err error
	if e.Number, err = ParseCallerNumber(number); err != nil {
		return TelephoneEvent{}, ErrTelephoneBody
	}
	ok := refForm.MatchString(e.EventID) && refForm.MatchString(e.CallRef) && keyedForm.MatchString(e.Digits.digits) && !e.At.IsZero() &&
		len(e.Kind) > 0 && len(e.Kind) <= 40 && refForm.MatchString(string(e.Kind)) &&
		(e.Extension == "" || extensionForm.MatchString(e.Extension)) && (e.Question == "" || refForm.MatchString(e.Question))
	if !ok {
		return TelephoneEvent{}, ErrTelephoneBody
	}
	e.At = models.Instant(e.At)
	return e, nil
}

// TakeEvent writes an event down, once however often it is told, and wakes whoever works. It is answered then, and worked
// later: who dies between the two leaves a row that waits.
func (s *Service) TakeEvent(ctx context.Context, e TelephoneEvent) error {
	now := s.Clock.Now()
	e.ID, e.ReceivedAt, e.DueAt, e.State = models.NewID(), now, now, EventWaiting
	err := s.Telephone.AddEvent(ctx, e)
	if errors.Is(err, ErrEventKnown) {
		s.TelephoneWatch.EventTaken(string(e.Kind), "repeated")
		return nil
	}
	if err != nil {
		return err
	}
	s.TelephoneWatch.EventTaken(string(e.Kind), "taken")
	s.Bells.Wake(TopicTelephone)
	return nil
}

// RefuseEvent writes down that somebody sent what the exchange did not sign, or sent again: why, and nothing of what it was.
func (s *Service) RefuseEvent(ctx context.Context, why string) error {
	s.TelephoneWatch.EventRefused(why)
	by := models.Actor{Kind: models.SystemActor, Channel: models.Phone12333}
	return s.record(ctx, by, "hotline.telephone.refused", "telephone_events", "", why)
}

// ExchangeCall is one conversation at the exchange. Its instants are set once, whichever event comes first, so events may
// come late, doubled and out of order.
type ExchangeCall struct {
	ID            models.ID
	Ref           string
	Outgoing      bool // we asked for it
	Extension     string
	StaffID       models.ID
	Number        CallerNumber
	Candidates    int // people whose phone on file is this number: a hint, never an identity
	RingingAt     time.Time
	AnsweredAt    time.Time
	EndedAt       time.Time
	WantsCallBack bool
	CallID        models.ID // the call it is a leg of
	CheckID       models.ID // the phone check it was dialled for
	CallBackID    models.ID // the promised call back it was dialled for
	MadeAt        time.Time
}
