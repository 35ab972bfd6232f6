package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// CallBacks are promised calls.
type CallBacks interface {
	PromiseCallBack(ctx context.Context, by models.Actor, call models.ID, in hotline.PromiseInput) (hotline.CallBack, error)
	PromiseForEnquiry(ctx context.Context, by models.Actor, enquiry models.ID, in hotline.PromiseInput) (hotline.CallBack, error)
	CallBacks(ctx context.Context, by models.Actor, state hotline.CallBackState, most int) ([]hotline.CallBack, error)
	TakeCallBack(ctx context.Context, by models.Actor, id models.ID) (hotline.CallBack, error)
	ReturnCallBack(ctx context.Context, by models.Actor, id models.ID) (hotline.CallBack, error)
	DialCallBack(ctx context.Context, by models.Actor, id models.ID) (hotline.CallBackDialled, error)
	FinishCallBack(ctx context.Context, by models.Actor, id models.ID, result string) (hotline.CallBack, error)
}

func (s *server) registerAgentCallBacks() {
	mine := []*models.Error{models.ErrNotFound, models.ErrConflict, hotline.ErrNotPermitted, hotline.ErrCallBackNotYours, hotline.ErrCallBackOver}
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/call-backs", ID: "promiseCallBack", Summary: "Promise the caller a call back; due within the hotline's hours. Open during notes too",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: append([]*models.Error{hotline.ErrCallBackWords, hotline.ErrNoCallBackPhone, hotline.ErrCallBackKnown}, inCall...),
	}, s.promiseCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/enquiries/{enquiry_id}/call-backs", ID: "promiseCallBackForEnquiry", Summary: "Promise whoever an enquiry is about a call to the phone on file",
		Audience: Agent, May: hotline.MaySeeCases, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{hotline.ErrCallBackWords, hotline.ErrNoCallBackPhone, hotline.ErrCallBackKnown, models.ErrNotFound, hotline.ErrNotPermitted},
	}, s.promiseCallBackForEnquiry)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/call-backs", ID: "listCallBacks", Summary: "Promised calls by due time: one's own and the queue's",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listCallBacks)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/call-backs/{call_back_id}/take", ID: "takeCallBack", Summary: "Make it one's own to dial; of many one gets it",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: mine,
	}, s.takeCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/call-backs/{call_back_id}/return", ID: "returnCallBack", Summary: "Give a taken one back to the queue",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: mine,
	}, s.returnCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/call-backs/{call_back_id}/dial", ID: "dialCallBack", Summary: "Have it dialled; answered, a call opens in which nobody is known yet",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrCallOpen, hotline.ErrNoCallBackPhone, hotline.ErrNoExtension, hotline.ErrExchangeRefused}, mine...),
	}, s.dialCallBack)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/call-backs/{call_back_id}/finish", ID: "finishCallBack", Summary: "How it ended",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: append([]*models.Error{hotline.ErrCallBackWords, hotline.ErrCallBackNotReached}, mine...),
	}, s.finishCallBack)
}

type callBackReply struct {
	CallBackID   string     `json:"call_back_id"`
	Reason       string     `json:"reason" enum:"not_finished,registry_down,asked_later,loss_pending,missed"`
	Destination  string     `json:"destination" enum:"phone_on_file,caller_number"`
	CallerNumber string     `json:"caller_number,omitempty" doc:"Masked"`
	CallID       string     `json:"call_id,omitempty" doc:"In which it was promised"`
	EnquiryID    string     `json:"enquiry_id,omitempty" doc:"Which it is about"`
	State        string     `json:"state" enum:"due,taken,done,missed"`
	Own          bool       `json:"own" doc:"Taken by the asking agent"`
	Tries        int        `json:"tries" doc:"Calls that nobody answered"`
	DueAt        time.Time  `json:"due_at"`
	Overdue      bool       `json:"overdue"`
	Result       string     `json:"result,omitempty"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`
}

func (s *server) newCallBackReply(ctx context.Context, c hotline.CallBack) callBackReply {
	open := !hotline.CallBackFlow.Final(c.State)
	return callBackReply{
		CallBackID: string(c.ID), Reason: c.Reason, Destination: c.Destination, CallerNumber: c.Number.String(), CallID: string(c.CallID), EnquiryID: string(c.EnquiryID), State: string(c.State),
		Own: open && c.TakenBy != "" && c.TakenBy == actorFrom(ctx).ID, Tries: c.Tries, DueAt: c.DueAt, Overdue: open && s.Clock.Now().After(c.DueAt),
		Result: c.Result, EndedAt: instantOrNone(c.EndedAt),
	}
}

type callBackRowOutput struct{ Body callBackReply }

func (s *server) callBackOutput(ctx context.Context, c hotline.CallBack, err error) (*callBackRowOutput, error) {
	if err != nil {
		return nil, err
	}
	return &callBackRowOutput{s.newCallBackReply(ctx, c)}, nil
}

type promiseCallBackInput struct {
	CallPath
	Body struct {
		Reason      string `json:"reason,omitempty" maxLength:"32" doc:"not_finished, registry_down, asked_later"`
		Destination string `json:"destination,omitempty" maxLength:"32" doc:"phone_on_file (of a known caller) or caller_number"`
		Mine        bool   `json:"mine,omitempty" doc:"Stays with the asking agent; otherwise the queue's"`
	}
}

func (s *server) promiseCallBack(ctx context.Context, in *promiseCallBackInput) (*callBackRowOutput, error) {
	c, err := s.CallBacks.PromiseCallBack(ctx, actorFrom(ctx), in.id(), hotline.PromiseInput{Reason: in.Body.Reason, Destination: in.Body.Destination, Mine: in.Body.Mine})
	return s.callBackOutput(ctx, c, err)
}

type promiseForEnquiryInput struct {
	EnquiryID string `path:"enquiry_id" maxLength:"36" format:"uuid"`
	Body      struct {
		Reason string `json:"reason,omitempty" maxLength:"32" doc:"not_finished, registry_down, asked_later"`
		Mine   bool   `json:"mine,omitempty" doc:"Stays with the asking agent; otherwise the queue's"`
	}
}

func (s *server) promiseCallBackForEnquiry(ctx context.Context, in *promiseForEnquiryInput) (*callBackRowOutput, error) {
	c, err := s.CallBacks.PromiseForEnquiry(ctx, actorFrom(ctx), models.ID(in.EnquiryID), hotline.PromiseInput{Reason: in.Body.Reason, Mine: in.Body.Mine})
	return s.callBackOutput(ctx, c, err)
}

type listCallBacksInput struct {
	State string `query:"state" enum:"due,taken,done,missed" doc:"Without it: due and taken"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type listCallBacksOutput struct {
	Body struct {
		Items []callBackReply `json:"items" nullable:"false"`
	}
}

func (s *server) listCallBacks(ctx context.Context, in *listCallBacksInput) (*listCallBacksOutput, error) {
	list, err := s.CallBacks.CallBacks(ctx, actorFrom(ctx), hotline.CallBackState(in.State), in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listCallBacksOutput{}
	out.Body.Items = []callBackReply{}
	for _, c := range list {
		out.Body.Items = append(out.Body.Items, s.newCallBackReply(ctx, c))
	}
	return out, nil
}

// CallBackPath names the promised call of the path.
type CallBackPath struct {
	CallBackID string `path:"call_back_id" maxLength:"36" format:"uuid"`
}

func (p CallBackPath) id() models.ID { return models.ID(p.CallBackID) }

func (s *server) takeCallBack(ctx context.Context, in *CallBackPath) (*callBackRowOutput, error) {
	c, err := s.CallBacks.TakeCallBack(ctx, actorFrom(ctx), in.id())
	return s.callBackOutput(ctx, c, err)
}

func (s *server) returnCallBack(ctx context.Context, in *CallBackPath) (*callBackRowOutput, error) {
	c, err := s.CallBacks.ReturnCallBack(ctx, actorFrom(ctx), in.id())
	return s.callBackOutput(ctx, c, err)
}

type dialCallBackOutput struct {
	Body struct {
		CallBack callBackReply `json:"call_back"`
		Dial     string        `json:"dial,omitempty" doc:"The number, only where the telephone system cannot dial: to be dialled, not to be read out"`
	}
}

func (s *server) dialCallBack(ctx context.Context, in *CallBackPath) (*dialCallBackOutput, error) {
	d, err := s.CallBacks.DialCallBack(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &dialCallBackOutput{}
	out.Body.CallBack, out.Body.Dial = s.newCallBackReply(ctx, d.CallBack), d.Dial.Reveal() // only where nobody else dials, and audited
	return out, nil
}

type finishCallBackInput struct {
	CallBackPath
	Body struct {
		Result string `json:"result,omitempty" maxLength:"32" doc:"settled, not_wanted, wrong_number"`
	}
}

func (s *server) finishCallBack(ctx context.Context, in *finishCallBackInput) (*callBackRowOutput, error) {
	c, err := s.CallBacks.FinishCallBack(ctx, actorFrom(ctx), in.id(), in.Body.Result)
	return s.callBackOutput(ctx, c, err)
}
