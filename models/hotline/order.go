package hotline

import (
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/flow"
	"onecard/models/notice"
)

// OrderType says what a work order (工单) is about; it decides by when it is answered (R65).
type OrderType string

// The types of domain 7.4, and one for fees.
const (
	OrderUrgent     OrderType = "urgent"     // money at risk, a loss not confirmed, "this was not me": the same day
	OrderAdvice     OrderType = "advice"     // could not be answered in the call
	OrderProduction OrderType = "production" // a card that does not come, wrong data
	OrderSubsidy    OrderType = "subsidy"    // money missing or another sum: the paying department answers
	OrderFee        OrderType = "fee"        // the fee of a replacement
	OrderComplaint  OrderType = "complaint"
	OrderLowRating  OrderType = "low_rating" // opened by a rating of 1 or 2 (R64)
)

// OrderTypes lists the types, the most urgent first.
var OrderTypes = []OrderType{OrderUrgent, OrderAdvice, OrderProduction, OrderSubsidy, OrderFee, OrderComplaint, OrderLowRating}

// openedByAgents are the types an agent may choose in a call.
var openedByAgents = []OrderType{OrderUrgent, OrderAdvice, OrderProduction, OrderSubsidy, OrderFee, OrderComplaint}

// OrderState is where a work order stands.
type OrderState string

// OrderEvent moves a work order.
type OrderEvent string

// The states and events of a work order.
const (
	OrderNew        OrderState = "new"
	OrderAssigned   OrderState = "assigned"
	OrderAccepted   OrderState = "accepted"
	OrderReturned   OrderState = "returned" // to whoever sent it, with everything that is missing (R69)
	OrderDone       OrderState = "done"     // answered: the citizen reads it, and is called back
	OrderCalledBack OrderState = "called_back"
	OrderClosed     OrderState = "closed"
	OrderReopened   OrderState = "reopened"

	OrderAssign   OrderEvent = "assign"
	OrderAccept   OrderEvent = "accept"
	OrderTransfer OrderEvent = "transfer"
	OrderReturn   OrderEvent = "return"
	OrderAnswer   OrderEvent = "answer"
	OrderSettled  OrderEvent = "settled"     // called back: it is settled
	OrderUnsettle OrderEvent = "not_settled" // called back: it is not
	OrderMissed   OrderEvent = "not_reached" // called back: nobody answered
	OrderClose    OrderEvent = "close"
	OrderReopen   OrderEvent = "reopen"
	OrderSettle   OrderEvent = "settle" // the matter went away by itself

	// Facts that move no state.
	OrderOpened   OrderEvent = "open"
	OrderAdd      OrderEvent = "add"    // what was said when the same matter was brought again
	OrderExtend   OrderEvent = "extend" // a later date, with its reason; never a dead end
	OrderUrge     OrderEvent = "urge"
	OrderExported OrderEvent = "export"   // to a district without a log-in
	OrderRemind   OrderEvent = "remind"   // overdue
	OrderEscalate OrderEvent = "escalate" // long overdue (通报)
)

// OrderFlow is the life of a work order (R65).
var OrderFlow = flow.New("work_order", OrderNew, orderEdges()...)

func orderEdges() []flow.Edge[OrderState, OrderEvent] {
	type edge = flow.Edge[OrderState, OrderEvent]
	out := []edge{
		{From: OrderNew, On: OrderAssign, To: OrderAssigned},
		{From: OrderNew, On: OrderAccept, To: OrderAccepted},
		{From: OrderAssigned, On: OrderAssign, To: OrderAssigned},
		{From: OrderAssigned, On: OrderAccept, To: OrderAccepted},
		{From: OrderAccepted, On: OrderAssign, To: OrderAssigned},
		{From: OrderReturned, On: OrderAssign, To: OrderAssigned},
		{From: OrderReturned, On: OrderAccept, To: OrderAccepted},
		{From: OrderReopened, On: OrderAssign, To: OrderAssigned},
		{From: OrderReopened, On: OrderAccept, To: OrderAccepted},
	}
	for _, s := range []OrderState{OrderNew, OrderAssigned, OrderAccepted, OrderReturned, OrderReopened} {
		out = append(out, edge{From: s, On: OrderTransfer, To: OrderNew}, edge{From: s, On: OrderAnswer, To: OrderDone}, edge{From: s, On: OrderSettle, To: OrderClosed})
	}
	for _, s := range []OrderState{OrderNew, OrderAssigned, OrderAccepted, OrderReopened} {
		out = append(out, edge{From: s, On: OrderReturn, To: OrderReturned})
	}
	return append(out,
		edge{From: OrderDone, On: OrderSettled, To: OrderCalledBack},
		edge{From: OrderDone, On: OrderUnsettle, To: OrderReopened},
		edge{From: OrderDone, On: OrderMissed, To: OrderDone},
		edge{From: OrderDone, On: OrderClose, To: OrderClosed},
		edge{From: OrderCalledBack, On: OrderClose, To: OrderClosed},
		edge{From: OrderDone, On: OrderReopen, To: OrderReopened},
		edge{From: OrderCalledBack, On: OrderReopen, To: OrderReopened},
		edge{From: OrderClosed, On: OrderReopen, To: OrderReopened},
		edge{From: OrderDone, On: OrderSettle, To: OrderClosed},
		edge{From: OrderCalledBack, On: OrderSettle, To: OrderClosed},
	)
}

// WorkOrder is the staff's side of an enquiry: both are one matter under one id and one number, and the citizen reads the
// enquiry.
type WorkOrder struct {
	ID, PersonID, OpenedBy, CallID models.ID // of the enquiry; empty where it is about no one, was opened by no agent, in no call
	Owner                          models.ID // who was given it or took it; empty while it waits in its queue

	Number, Kind, Object, ObjectID string // the enquiry's
	Answer                         string // the enquiry's; sealed in the store

	Type       OrderType
	State      OrderState
	Department string // whose queue it stands in; empty: the hotline's own
	District   string
	Programme  string // empty where its code alone would name it (R55)
	Text       string // what is asked; sealed, empty in lists
	ReasonCode string // of the answer

	OpenedAt    time.Time
	AcceptBy    time.Time
	DueAt       time.Time // the last instant of the last working day
	EscalateAt  time.Time // long overdue from here on
	ExtendedAt  time.Time
	UrgedAt     time.Time
	Urges       int
	Returns     int
	Misses      int // call-backs that nobody answered
	Reopens     int // by the citizen: once
	ReopenedAt  time.Time
	RemindedAt  time.Time
	EscalatedAt time.Time
	AnsweredAt  time.Time
	ClosedAt    time.Time
	Version     int
}

// Open reports whether somebody still has to answer.
func (o WorkOrder) Open() bool {
	return !slices.Contains([]OrderState{OrderDone, OrderCalledBack, OrderClosed}, o.State)
}

// Overdue reports whether the order should have been answered by now.
func (o WorkOrder) Overdue(now time.Time) bool { return o.Open() && now.After(o.DueAt) }

// LateToAccept reports whether somebody should have taken the order by now.
func (o WorkOrder) LateToAccept(now time.Time) bool {
	return slices.Contains([]OrderState{OrderNew, OrderAssigned, OrderReopened}, o.State) && now.After(o.AcceptBy)
}

// ownCases are the kinds of the system's own cases, with the type of their order. Nobody asked, so nobody is told of an
// answer or called back.
var ownCases = map[string]OrderType{
	"loss_unconfirmed": OrderUrgent, "loss_unresolved": OrderUrgent, "registry_unknown": OrderUrgent,
	"bill_difference": OrderFee, "receipt_missing": OrderFee, "payment_held": OrderFee, "refund_stuck": OrderFee, "provider_gone": OrderFee,
}

// subsidyCases are the kinds of enquiries about money that has not come as it should.
var subsidyCases = []string{"arrival_not_received", "arrival_wrong_amount", "subsidy_missing"}

// typeOfCase is the type of an enquiry's order.
func typeOfCase(kind string) OrderType {
	if t, own := ownCases[kind]; own {
		return t
	}
	switch {
	case strings.HasPrefix(kind, notice.CaseNotMe):
		return OrderUrgent
	case slices.Contains(subsidyCases, kind):
		return OrderSubsidy
	case slices.Contains(OrderTypes, OrderType(kind)):
		return OrderType(kind)
	}
	return OrderAdvice
}

// asked reports whether somebody waits for the answer to an enquiry of this kind.
func asked(kind string) bool {
	_, own := ownCases[kind]
	return !own
}

// OrderStep is one act in the history of an order.
type OrderStep struct {
	ID, OrderID models.ID
	At          time.Time
	By          models.ActorKind
	StaffID     models.ID // of an act of the staff
	Act         OrderEvent
	From, To    OrderState
	Code        string // a reason or an outcome
	Note        string // sealed in the store
}
