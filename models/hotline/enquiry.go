package hotline

import (
	"context"
	"errors"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/flow"
	"onecard/models/notice"
)

// EnquiryState is where an enquiry stands.
type EnquiryState string

// EnquiryEvent moves an enquiry.
type EnquiryEvent string

// The states and events of an enquiry.
const (
	EnquiryReceived EnquiryState = "received"
	EnquiryAnswered EnquiryState = "answered"
	EnquiryClosed   EnquiryState = "closed"

	EnquiryAnswer EnquiryEvent = "answer"
	EnquiryClose  EnquiryEvent = "close"
	EnquiryReopen EnquiryEvent = "reopen"
)

// EnquiryFlow is the life of an enquiry. One that settled itself is closed without an answer; one that is not settled by
// its answer is received again, under its number.
var EnquiryFlow = flow.New("enquiry", EnquiryReceived,
	flow.Edge[EnquiryState, EnquiryEvent]{From: EnquiryReceived, On: EnquiryAnswer, To: EnquiryAnswered},
	flow.Edge[EnquiryState, EnquiryEvent]{From: EnquiryAnswered, On: EnquiryClose, To: EnquiryClosed},
	flow.Edge[EnquiryState, EnquiryEvent]{From: EnquiryReceived, On: EnquiryClose, To: EnquiryClosed},
	flow.Edge[EnquiryState, EnquiryEvent]{From: EnquiryAnswered, On: EnquiryReopen, To: EnquiryReceived},
	flow.Edge[EnquiryState, EnquiryEvent]{From: EnquiryClosed, On: EnquiryReopen, To: EnquiryReceived},
)

// Over reports whether nobody works on an enquiry in this state.
func (s EnquiryState) Over() bool { return s == EnquiryClosed }

// Enquiry is one matter somebody has to answer. Those the system opens are its cases: a loss report not confirmed in
// ten minutes (R66).
type Enquiry struct {
	ID         models.ID
	Number     string // what people read aloud
	Cause      string // unique: the same cause told twice is one enquiry
	Kind       string
	PersonID   models.ID // empty when it is about no one
	Object     string
	ObjectID   string
	District   string
	Department string
	// What explained the matter when it was opened: the id of the sentence, and how fresh its facts were.
	SentenceID    string
	ExplainedAsOf time.Time

	State      EnquiryState
	Answer     string // sealed in the store
	AnsweredBy models.ID
	OpenedAt   time.Time
	AnsweredAt time.Time
	ClosedAt   time.Time
	Version    int
}

// Page is a slice of a list, newest first, after the id of the last one seen.
type Page struct {
	After models.ID
	Limit int
}

// NewCase is an enquiry of the system's own, about a person or no one, and the audit entry that commits with it. The
// store opens it in the transaction of the decision that needs it, once per cause.
func NewCase(cause, kind string, person models.ID, object, objectID string, at time.Time, number int64) (Enquiry, audit.Entry) {
	e := Enquiry{
		ID: models.NewID(), Number: models.ReceiptNumber(at, number), Cause: cause, Kind: kind, PersonID: person,
		Object: object, ObjectID: objectID, State: EnquiryReceived, OpenedAt: at, Version: 1,
	}
	entry := audit.Of(models.System(), at, "hotline.enquiry.opened", "enquiries", string(e.ID), string(e.State))
	return e, entry.About(person).Noting("kind", kind).Noting("object", object)
}

// SettleCase closes the case of a cause that has gone away, if there is one still open.
func (s *Service) SettleCase(ctx context.Context, cause string) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		e, err := s.Enquiries.EnquiryByCause(ctx, cause)
		if errors.Is(err, models.ErrNotFound) {
			return nil
		}
		if err != nil || e.State.Over() {
			return err
		}
		return s.settleEnquiry(ctx, models.System(), e)
	})
}

// CloseOwnCase closes the enquiry of a matter that whoever it is about calls settled; one that is closed stays so. It is
// for decisions of other capabilities, and joins their transaction.
func (s *Service) CloseOwnCase(ctx context.Context, by models.Actor, id models.ID) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		e, err := s.Enquiries.EnquiryByID(ctx, id)
		if err != nil || e.State.Over() {
			return err
		}
		return s.settleEnquiry(ctx, by, e)
	})
}

// settleEnquiry closes an enquiry whose matter went away, with its order.
func (s *Service) settleEnquiry(ctx context.Context, by models.Actor, e Enquiry) error {
	e, err := s.move(ctx, by, e, EnquiryClose)
	if err != nil {
		return err
	}
	return s.orderFollows(ctx, by, e)
}

// orderFollows closes the order of an enquiry that is closed, if it has one.
func (s *Service) orderFollows(ctx context.Context, by models.Actor, e Enquiry) error {
	if s.WorkOrders == nil {
		return nil
	}
	o, err := s.WorkOrders.OrderByID(ctx, e.ID, OrderReader{})
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if by.Kind == models.AgentActor && asked(o.Kind) && o.State != OrderCalledBack {
		return ErrCallBackFirst
	}
	from := o.State
	if o.State, err = OrderFlow.Next(from, OrderSettle); err != nil {
		return ErrOrderState.Because(err)
	}
	o.ClosedAt = e.ClosedAt
	return s.write(ctx, by, &o, from, OrderReader{}, OrderStep{Act: OrderSettle})
}

func (s *Service) move(ctx context.Context, by models.Actor, e Enquiry, on EnquiryEvent) (Enquiry, error) {
	from := e.State
	to, err := EnquiryFlow.Next(from, on)
	if err != nil {
		return e, models.ErrConflict.Because(err)
	}
	e.State = to
	switch to {
	case EnquiryAnswered:
		e.AnsweredAt = s.Clock.Now()
	case EnquiryClosed:
		e.ClosedAt = s.Clock.Now()
	}
	if err := s.Enquiries.UpdateEnquiry(ctx, e, from); err != nil {
		return e, err
	}
	if to == EnquiryAnswered {
		if err := s.tellAnswered(ctx, e); err != nil {
			return e, err
		}
	}
	by.Subject = e.PersonID
	e.Version++
	return e, s.record(ctx, by, "hotline.enquiry."+string(to), "enquiries", string(e.ID), string(to))
}

// tellAnswered tells who said "this was not me" that there is an answer. Other enquiries are the system's own, or of
// somebody who looks.
func (s *Service) tellAnswered(ctx context.Context, e Enquiry) error {
	if e.PersonID == "" || !tellsNotMe(e) {
		return nil
	}
	return s.Notices.AddNotice(ctx, notice.Draft{Cause: "enquiry:" + string(e.ID) + ":answered", Kind: notice.ReportAnswered, PersonID: e.PersonID, At: e.AnsweredAt})
}

func tellsNotMe(e Enquiry) bool { return strings.HasPrefix(e.Kind, notice.CaseNotMe) }

// MyEnquiries lists the enquiries about the citizen, newest first.
func (s *Service) MyEnquiries(ctx context.Context, by models.Actor, p Page) ([]Enquiry, error) {
	if by.Kind != models.CitizenActor {
		return nil, ErrNotLoggedIn
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return nil, err
	}
	found, err := s.Enquiries.EnquiriesOf(ctx, by.Subject, p)
	for i := range found {
		found[i] = found[i].shownAt(by.Level)
	}
	return found, err
}

// shownAt leaves out what the level does not open: the code of a programme is a name, and what is paid to her opens at
// real (R55).
func (e Enquiry) shownAt(level models.Level) Enquiry {
	if level < models.LevelReal && e.Object == "programmes" {
		e.ObjectID = ""
	}
	return e
}

// OpenEnquiries lists what stands in a state, for roles that see cases. It names no person: whoever must reach one
// does so in a call (R59).
func (s *Service) OpenEnquiries(ctx context.Context, by models.Actor, state EnquiryState, p Page) ([]Enquiry, error) {
	if _, err := s.member(ctx, by, MaySeeCases); err != nil {
		return nil, err
	}
	return s.Enquiries.EnquiriesIn(ctx, state, p)
}
