package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerWorkOrderActs() {
	act := func(name, id, summary string, more ...*models.Error) op {
		return op{
			Method: http.MethodPost, Path: "/agent/v1/work-orders/{order_id}/" + name, ID: id, Summary: summary,
			Audience: Agent, May: hotline.MayWorkOrders, Limit: LimitWrite, Statuses: []int{http.StatusOK},
			Errs: append([]*models.Error{hotline.ErrNotPermitted, models.ErrNotFound, hotline.ErrOrderState, hotline.ErrOrderTaken, hotline.ErrOrderNotYours}, more...),
		}
	}
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/work-orders/{order_id}/colleagues", ID: "listColleagues",
		Summary:  "To whom an order may be given: those who work in its queue, for a supervisor or a liaison of it",
		Audience: Agent, May: hotline.MayWorkOrders, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound, hotline.ErrOrderNotYours},
	}, s.listColleagues)
	register(s, act("assign", "assignWorkOrder", "Give an order to a member of its queue (转派)"), s.assignWorkOrder)
	register(s, act("accept", "acceptWorkOrder", "Take an order of one's queue; of two at once one has it"), s.acceptWorkOrder)
	register(s, act("transfer", "transferWorkOrder", "Send an order to the department that pays a programme, or to the hotline (转办)", hotline.ErrProgrammeUnknown, hotline.ErrComplaintStays), s.transferWorkOrder)
	register(s, act("return", "returnWorkOrder", "Send an order back to the hotline with everything that is missing, at once (R69)"), s.returnWorkOrder)
	register(s, act("extend", "extendWorkOrder", "Give an order more working days: once, before it is due (R65)", hotline.ErrOrderExpired, hotline.ErrOrderExtended), s.extendWorkOrder)
	register(s, act("urge", "urgeWorkOrder", "Press for an order (催办); one a day", hotline.ErrUrgedToday, hotline.ErrEnquiryOver), s.urgeWorkOrder)
	register(s, act("answer", "answerWorkOrder", "Answer an order one has accepted; the citizen reads the sentence", models.ErrConflict), s.answerWorkOrder)
	register(s, act("call-back", "callBackWorkOrder", "Write down the call back: is it settled? (回访)", models.ErrConflict), s.callBackWorkOrder)
	register(s, act("close", "closeWorkOrder", "Close an order that was answered and called back", hotline.ErrCallBackFirst, models.ErrConflict), s.closeWorkOrder)
}

func (s *server) workOrder(o hotline.WorkOrder, err error) (*workOrderOutput, error) {
	if err != nil {
		return nil, err
	}
	return &workOrderOutput{http.StatusOK, newWorkOrderReply(o, s.Clock.Now())}, nil
}

type colleagueReply struct {
	StaffID    string `json:"staff_id"`
	Login      string `json:"login"`
	Name       string `json:"name" doc:"Masked"`
	Department string `json:"department"`
	District   string `json:"district" doc:"Empty: the whole city"`
	OnDuty     bool   `json:"on_duty" doc:"Logged in"`
}

type listColleaguesOutput struct {
	Body struct {
		Items []colleagueReply `json:"items" nullable:"false"`
	}
}

func (s *server) listColleagues(ctx context.Context, in *OrderPath) (*listColleaguesOutput, error) {
	found, err := s.Orders.ColleaguesFor(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &listColleaguesOutput{}
	out.Body.Items = make([]colleagueReply, len(found))
	for i, c := range found {
		out.Body.Items[i] = colleagueReply{string(c.ID), c.Login, c.Name.String(), c.Department, c.District, c.OnDuty}
	}
	return out, nil
}

type assignWorkOrderInput struct {
	OrderPath
	Body struct {
		StaffID string `json:"staff_id" maxLength:"36" format:"uuid"`
	}
}

func (s *server) assignWorkOrder(ctx context.Context, in *assignWorkOrderInput) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.AssignOrder(ctx, actorFrom(ctx), in.id(), models.ID(in.Body.StaffID)))
}

func (s *server) acceptWorkOrder(ctx context.Context, in *OrderPath) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.AcceptOrder(ctx, actorFrom(ctx), in.id()))
}

type transferWorkOrderInput struct {
	OrderPath
	Body struct {
		Programme string `json:"programme,omitempty" maxLength:"32" doc:"Left out: to the hotline's own queue"`
		District  string `json:"district,omitempty" maxLength:"6" doc:"Left out: as it is"`
		Reason    string `json:"reason" enum:"paying_department,wrong_department,completed,other"`
		Note      string `json:"note" maxLength:"2000" doc:"2 to 500 characters"`
	}
}

func (s *server) transferWorkOrder(ctx context.Context, in *transferWorkOrderInput) (*workOrderOutput, error) {
	b := in.Body
	return s.workOrder(s.Orders.TransferOrder(ctx, actorFrom(ctx), in.id(), hotline.TransferInput{Programme: b.Programme, District: b.District, Reason: b.Reason, Note: b.Note}))
}

type returnWorkOrderInput struct {
	OrderPath
	Body struct {
		Missing []string `json:"missing" maxItems:"10" nullable:"false" doc:"Everything that is missing, 1 to 10 lines of at most 100 characters"`
	}
}

func (s *server) returnWorkOrder(ctx context.Context, in *returnWorkOrderInput) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.ReturnOrder(ctx, actorFrom(ctx), in.id(), in.Body.Missing))
}

type extendWorkOrderInput struct {
	OrderPath
	Body struct {
		Days   int    `json:"days" doc:"Working days after the due date"`
		Reason string `json:"reason" enum:"needs_proof,several_departments,bank_check,field_check,other"`
		Note   string `json:"note" maxLength:"2000" doc:"2 to 500 characters"`
	}
}

func (s *server) extendWorkOrder(ctx context.Context, in *extendWorkOrderInput) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.ExtendOrder(ctx, actorFrom(ctx), in.id(), in.Body.Days, in.Body.Reason, in.Body.Note))
}

func (s *server) urgeWorkOrder(ctx context.Context, in *OrderPath) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.UrgeOrder(ctx, actorFrom(ctx), in.id()))
}

type answerWorkOrderInput struct {
	OrderPath
	Body struct {
		ReasonCode string `json:"reason_code" enum:"paid,will_be_paid,not_entitled,data_corrected,account_problem,explained,withdrawn,other"`
		Answer     string `json:"answer" maxLength:"2000" doc:"2 to 500 characters that the citizen reads: no ID number, no mobile number, no link"`
	}
}

func (s *server) answerWorkOrder(ctx context.Context, in *answerWorkOrderInput) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.AnswerOrder(ctx, actorFrom(ctx), in.id(), in.Body.ReasonCode, in.Body.Answer))
}

type callBackWorkOrderInput struct {
	OrderPath
	Body struct {
		Outcome string `json:"outcome" enum:"settled,not_settled,not_reached" doc:"The answer to: is it settled?"`
		Note    string `json:"note,omitempty" maxLength:"2000"`
	}
}

func (s *server) callBackWorkOrder(ctx context.Context, in *callBackWorkOrderInput) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.CallBackOrder(ctx, actorFrom(ctx), in.id(), hotline.CallBackOutcome(in.Body.Outcome), in.Body.Note))
}

func (s *server) closeWorkOrder(ctx context.Context, in *OrderPath) (*workOrderOutput, error) {
	return s.workOrder(s.Orders.CloseOrder(ctx, actorFrom(ctx), in.id()))
}
