package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Orders are the use cases of work orders and ratings (R64, R65).
type Orders interface {
	MyEnquiryViews(ctx context.Context, by models.Actor, p hotline.Page) ([]hotline.EnquiryView, error)
	MyEnquiry(ctx context.Context, by models.Actor, id models.ID) (hotline.EnquiryView, error)
	Ask(ctx context.Context, by models.Actor, kind, text string) (hotline.EnquiryView, error)
	UrgeMyEnquiry(ctx context.Context, by models.Actor, id models.ID) (hotline.EnquiryView, error)
	ReopenMyEnquiry(ctx context.Context, by models.Actor, id models.ID, why string) (hotline.EnquiryView, error)

	OpenOrder(ctx context.Context, by models.Actor, callID models.ID, in hotline.OpenOrderInput) (hotline.WorkOrder, bool, error)
	OrdersInCall(ctx context.Context, by models.Actor, callID models.ID, p hotline.Page) ([]hotline.WorkOrder, error)
	WorkOrderQueue(ctx context.Context, by models.Actor, q hotline.OrderQueue, mine, overdue bool, p hotline.Page) ([]hotline.WorkOrder, error)
	ReadOrder(ctx context.Context, by models.Actor, id models.ID) (hotline.OrderView, error)

	ColleaguesFor(ctx context.Context, by models.Actor, order models.ID) ([]hotline.Colleague, error)
	AssignOrder(ctx context.Context, by models.Actor, id, to models.ID) (hotline.WorkOrder, error)
	AcceptOrder(ctx context.Context, by models.Actor, id models.ID) (hotline.WorkOrder, error)
	TransferOrder(ctx context.Context, by models.Actor, id models.ID, in hotline.TransferInput) (hotline.WorkOrder, error)
	ReturnOrder(ctx context.Context, by models.Actor, id models.ID, missing []string) (hotline.WorkOrder, error)
	ExtendOrder(ctx context.Context, by models.Actor, id models.ID, days int, reason, note string) (hotline.WorkOrder, error)
	UrgeOrder(ctx context.Context, by models.Actor, id models.ID) (hotline.WorkOrder, error)
	AnswerOrder(ctx context.Context, by models.Actor, id models.ID, reason, text string) (hotline.WorkOrder, error)
	CallBackOrder(ctx context.Context, by models.Actor, id models.ID, outcome hotline.CallBackOutcome, note string) (hotline.WorkOrder, error)
	CloseOrder(ctx context.Context, by models.Actor, id models.ID) (hotline.WorkOrder, error)

	RateCase(ctx context.Context, by models.Actor, object string, id models.ID, level int) (hotline.Rating, error)
	RatingFigures(ctx context.Context, by models.Actor, from, to string) ([]hotline.RatingFigure, error)
	PublicRatings(ctx context.Context, from, to string) ([]hotline.RatingFigure, error)
}

func (s *server) registerWorkOrders() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/work-orders", ID: "openWorkOrder",
		Summary:  "Open a work order for the caller; the same matter is one order while it is not over (200)",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrNoActiveCall, models.ErrNotFound, hotline.ErrPhoneLocked, hotline.ErrProgrammeUnknown},
	}, s.openWorkOrder)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/work-orders", ID: "listCallerWorkOrders", Summary: "The verified caller's work orders, newest first; a look at the person (R59)",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead,
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrNoActiveCall, models.ErrNotFound, hotline.ErrCallEnded, hotline.ErrVerificationRequired, hotline.ErrPhoneLocked},
	}, s.listCallerWorkOrders)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/work-orders", ID: "listWorkOrders",
		Summary:  "Work orders of the queues one sees, newest first; they name no person, and a liaison sees the own department and district only (R59)",
		Audience: Agent, May: hotline.MayWorkOrders, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listWorkOrders)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/work-orders/{order_id}", ID: "readWorkOrder", Summary: "One work order with its history; reading it is written down",
		Audience: Agent, May: hotline.MayWorkOrders, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound},
	}, s.readWorkOrder)
}

type workOrderReply struct {
	OrderID      string     `json:"order_id" doc:"Also the enquiry's: both are one matter"`
	Number       string     `json:"number" doc:"What people read aloud"`
	Type         string     `json:"type" enum:"urgent,advice,production,subsidy,fee,complaint,low_rating"`
	Kind         string     `json:"kind" doc:"What opened it, e.g. loss_unconfirmed"`
	State        string     `json:"state" enum:"new,assigned,accepted,returned,done,called_back,closed,reopened"`
	Department   string     `json:"department" doc:"Whose queue; empty is the hotline's own"`
	District     string     `json:"district"`
	Programme    string     `json:"programme,omitempty" doc:"Of the class normal; others for the paying department alone, since a code is a name (R55)"`
	OwnerID      string     `json:"owner_id,omitempty"`
	Object       string     `json:"object,omitempty"`
	ObjectID     string     `json:"object_id,omitempty"`
	ReasonCode   string     `json:"reason_code,omitempty"`
	OpenedAt     time.Time  `json:"opened_at"`
	AcceptBy     time.Time  `json:"accept_by"`
	DueAt        time.Time  `json:"due_at"`
	Overdue      bool       `json:"overdue"`
	LateToAccept bool       `json:"late_to_accept"`
	ExtendedAt   *time.Time `json:"extended_at,omitempty"`
	RemindedAt   *time.Time `json:"reminded_at,omitempty" doc:"When it was told of as overdue"`
	EscalatedAt  *time.Time `json:"escalated_at,omitempty" doc:"When it was told of again"`
	UrgedAt      *time.Time `json:"urged_at,omitempty"`
	Urges        int        `json:"urges"`
	Returns      int        `json:"returns" doc:"More than one return is counted against whoever returned it (R69)"`
	Misses       int        `json:"misses" doc:"Call-backs that nobody answered"`
	ReopenedAt   *time.Time `json:"reopened_at,omitempty"`
	AnsweredAt   *time.Time `json:"answered_at,omitempty"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
}

func newWorkOrderReply(o hotline.WorkOrder, now time.Time) workOrderReply {
	return workOrderReply{
		OrderID: string(o.ID), Number: o.Number, Type: string(o.Type), Kind: o.Kind, State: string(o.State), Department: o.Department, District: o.District,
		Programme: o.Programme, OwnerID: string(o.Owner), Object: o.Object, ObjectID: o.ObjectID, ReasonCode: o.ReasonCode, OpenedAt: o.OpenedAt,
		AcceptBy: o.AcceptBy, DueAt: o.DueAt, Overdue: o.Overdue(now), LateToAccept: o.LateToAccept(now), ExtendedAt: instantOrNone(o.ExtendedAt),
		RemindedAt: instantOrNone(o.RemindedAt), EscalatedAt: instantOrNone(o.EscalatedAt), UrgedAt: instantOrNone(o.UrgedAt), Urges: o.Urges,
		Returns: o.Returns, Misses: o.Misses, ReopenedAt: instantOrNone(o.ReopenedAt), AnsweredAt: instantOrNone(o.AnsweredAt), ClosedAt: instantOrNone(o.ClosedAt),
	}
}

type openWorkOrderInput struct {
	CallPath
	Body struct {
		Type      string `json:"type" enum:"urgent,advice,production,subsidy,fee,complaint"`
		Programme string `json:"programme,omitempty" maxLength:"32" doc:"Code of the programme: the order goes to the department that pays it"`
		District  string `json:"district,omitempty" maxLength:"6" doc:"Of a caller who is not verified; else the person's own"`
		Object    string `json:"object,omitempty" enum:"loss_reports,applications,replacements,payments,programmes"`
		ObjectID  string `json:"object_id,omitempty" maxLength:"96"`
		Text      string `json:"text" maxLength:"4000" doc:"What is asked, 2 to 1000 characters; no ID number, no account number"`
	}
}

type workOrderOutput struct {
	Status int
	Body   workOrderReply
}

func (s *server) openWorkOrder(ctx context.Context, in *openWorkOrderInput) (*workOrderOutput, error) {
	b := in.Body
	o, opened, err := s.Orders.OpenOrder(ctx, actorFrom(ctx), in.id(), hotline.OpenOrderInput{
		Type: hotline.OrderType(b.Type), Programme: b.Programme, District: b.District, Object: b.Object, ObjectID: b.ObjectID, Text: b.Text,
	})
	if err != nil {
		return nil, err
	}
	out := &workOrderOutput{http.StatusOK, newWorkOrderReply(o, s.Clock.Now())}
	if opened {
		out.Status = http.StatusCreated
	}
	return out, nil
}

type listWorkOrdersInput struct {
	Page
	State      string `query:"state" enum:"new,assigned,accepted,returned,done,called_back,closed,reopened" doc:"Left out: every one that waits for an answer"`
	Type       string `query:"type" enum:"urgent,advice,production,subsidy,fee,complaint,low_rating"`
	Department string `query:"department" maxLength:"40"`
	Hotline    bool   `query:"hotline" doc:"The hotline's own queue only"`
	Mine       bool   `query:"mine" doc:"One's own only"`
	Overdue    bool   `query:"overdue" doc:"Overdue ones only"`
	Number     string `query:"number" maxLength:"19" doc:"As it is read aloud; then whatever the state"`
}

type listWorkOrdersOutput struct{ Body list[workOrderReply] }

func (s *server) listWorkOrders(ctx context.Context, in *listWorkOrdersInput) (*listWorkOrdersOutput, error) {
	by := actorFrom(ctx)
	filter := fmt.Sprint(in.State, "|", in.Type, "|", in.Department, "|", in.Hotline, in.Mine, in.Overdue, "|", in.Number)
	after, err := s.placeOf(ctx, by.ID, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	q := hotline.OrderQueue{State: hotline.OrderState(in.State), Type: hotline.OrderType(in.Type), Department: in.Department, Hotline: in.Hotline, Number: in.Number}
	found, err := s.Orders.WorkOrderQueue(ctx, by, q, in.Mine, in.Overdue, hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return s.workOrderList(ctx, by.ID, filter, found, in.Limit), nil
}

type callerWorkOrdersInput struct {
	CallPath
	Page
}

func (s *server) listCallerWorkOrders(ctx context.Context, in *callerWorkOrdersInput) (*listWorkOrdersOutput, error) {
	by := actorFrom(ctx)
	after, err := s.placeOf(ctx, by.ID, in.CallID, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Orders.OrdersInCall(ctx, by, in.id(), hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return s.workOrderList(ctx, by.ID, in.CallID, found, in.Limit), nil
}

func (s *server) workOrderList(ctx context.Context, owner models.ID, filter string, found []hotline.WorkOrder, limit int) *listWorkOrdersOutput {
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = s.cursorOf(ctx, owner, filter, string(found[limit-1].ID))
	}
	items := make([]workOrderReply, len(found))
	for i, o := range found {
		items[i] = newWorkOrderReply(o, s.Clock.Now())
	}
	return &listWorkOrdersOutput{listOf(items, next)}
}

// OrderPath names the work order of the path.
type OrderPath struct {
	OrderID string `path:"order_id" maxLength:"36" format:"uuid"`
}

func (p OrderPath) id() models.ID { return models.ID(p.OrderID) }

type orderStepReply struct {
	At      time.Time `json:"at"`
	By      string    `json:"by" enum:"citizen,agent,system"`
	StaffID string    `json:"staff_id,omitempty"`
	Act     string    `json:"act"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Code    string    `json:"code,omitempty"`
	Note    string    `json:"note,omitempty"`
}

type workOrderDetailOutput struct {
	Body struct {
		WorkOrderReply
		Text   string           `json:"text" doc:"What is asked"`
		Answer string           `json:"answer,omitempty"`
		Acts   []string         `json:"acts" nullable:"false" doc:"What the state takes next"`
		Steps  []orderStepReply `json:"steps" nullable:"false" doc:"The history, oldest first"`
		Person *orderPerson     `json:"person,omitempty" doc:"Whom it is about, masked"`
	}
}

// WorkOrderReply is workOrderReply under a name that the document's reader sees.
type WorkOrderReply = workOrderReply

type orderPerson struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
}

func (s *server) readWorkOrder(ctx context.Context, in *OrderPath) (*workOrderDetailOutput, error) {
	v, err := s.Orders.ReadOrder(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &workOrderDetailOutput{}
	b := &out.Body
	b.WorkOrderReply, b.Text, b.Answer = newWorkOrderReply(v.Order, s.Clock.Now()), v.Order.Text, v.Order.Answer
	b.Acts, b.Steps = make([]string, len(v.Acts)), make([]orderStepReply, len(v.Steps))
	for i, a := range v.Acts {
		b.Acts[i] = string(a)
	}
	for i, st := range v.Steps {
		b.Steps[i] = orderStepReply{st.At, string(st.By), string(st.StaffID), string(st.Act), string(st.From), string(st.To), st.Code, st.Note}
	}
	if v.Person != nil {
		b.Person = &orderPerson{v.Person.Name.String(), v.Person.IDNumber.String()}
	}
	return out, nil
}
