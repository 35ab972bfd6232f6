package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Calls are the use cases of one telephone call.
type Calls interface {
	OpenCall(ctx context.Context, by models.Actor, number string) (hotline.Call, error)
	CurrentCall(ctx context.Context, by models.Actor) (hotline.Call, error)
	CloseCall(ctx context.Context, by models.Actor, id models.ID) (hotline.Call, error)
	Verify(ctx context.Context, by models.Actor, id models.ID, in hotline.VerifyInput) (hotline.Verification, error)
	AskCallBack(ctx context.Context, by models.Actor, id models.ID, reason string) (hotline.CallBackAsked, error)
	AskPhoneCode(ctx context.Context, by models.Actor, id models.ID) (hotline.PhoneCheck, error)
	ConfirmCallBack(ctx context.Context, by models.Actor, id models.ID, answered bool) (hotline.Call, error)
	PersonOf(ctx context.Context, by models.Actor, id models.ID) (hotline.PersonView, error)
	ActorIn(ctx context.Context, by models.Actor, id models.ID) (models.Actor, error)
	ProtectingActorIn(ctx context.Context, by models.Actor, id models.ID) (models.Actor, error)
	FullActorIn(ctx context.Context, by models.Actor, id models.ID) (models.Actor, error)
	Looking(ctx context.Context, by models.Actor, id models.ID, what hotline.Sight, read func(context.Context, models.Actor) error) (hotline.PersonView, error)
	Contacts(ctx context.Context, by models.Actor, id models.ID) ([]hotline.Contact, error)
	Unmask(ctx context.Context, by models.Actor, id models.ID, field, reason string) (hotline.Unmasked, error)
	SendTask(ctx context.Context, by models.Actor, id models.ID, act string) (hotline.TaskSent, error)
	NoteCall(ctx context.Context, by models.Actor, id models.ID, text string, result hotline.CallResult) (hotline.CallNote, error)
	NoteOf(ctx context.Context, by models.Actor, id models.ID) (hotline.CallNote, error)
	Refuse(ctx context.Context, by models.Actor, id models.ID, act hotline.ForbiddenAct) error
}

func (s *server) registerAgentCalls() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls", ID: "openCall", Summary: "Open a call by hand; an agent has one",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{hotline.ErrCallOpen, hotline.ErrCallerNumber, hotline.ErrNotPermitted},
	}, s.openCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/current", ID: "currentCall", Summary: "One's open call, or 404",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotPermitted},
	}, s.currentCall)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/close", ID: "closeCall", Summary: "Close one's call; twice is once",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotPermitted},
	}, s.closeCall)
}

type callReply struct {
	CallID        string     `json:"call_id"`
	CallerNumber  string     `json:"caller_number,omitempty" doc:"Masked; not of a number that was dialled for us"`
	Source        string     `json:"source" enum:"by_hand,telephone,call_back" doc:"Only a number that the telephone system tells counts (R33)"`
	ByHand        bool       `json:"by_hand" doc:"Opened by hand: Basic at most, and the number proves nothing"`
	Level         string     `json:"level" enum:"none,basic,full" doc:"How surely the caller is known (R58)"`
	Strength      string     `json:"strength" enum:"none,basic,basic_number_match,basic_call_back_said,basic_call_back,basic_phone_code,full_facts,full_call_back_said,full_call_back,full_phone_code"`
	MayReportLoss bool       `json:"may_report_loss" doc:"R33"`
	Questions     []string   `json:"questions" nullable:"false" doc:"What to ask for Full, drawn for this call"`
	OpenedAt      time.Time  `json:"opened_at"`
	EndedAt       *time.Time `json:"ended_at,omitempty" doc:"The caller is gone: time for notes, nobody is looked at"`
	ClosedAt      *time.Time `json:"closed_at,omitempty"`
}

func newCallReply(c hotline.Call) callReply {
	number := c.Caller.String()
	if c.Source == hotline.SourceCallBack {
		number = "" // the phone on file of somebody who is not known yet
	}
	return callReply{
		CallID: string(c.ID), CallerNumber: number, Source: c.Source, ByHand: c.ByHand(), Level: string(c.Level), Strength: string(c.Strength),
		MayReportLoss: c.Strength.OpensLoss(), Questions: []string{hotline.FactCardTail, hotline.FactMonth, c.AskedFact},
		OpenedAt: c.OpenedAt, EndedAt: instantOrNone(c.EndedAt), ClosedAt: instantOrNone(c.ClosedAt),
	}
}

type callOutput struct{ Body callReply }

type openCallInput struct {
	Body struct {
		CallerNumber string `json:"caller_number,omitempty" maxLength:"32" doc:"As the telephone shows it; empty where it is withheld"`
	}
}

// CallPath names the call of the path; another agent's is 404.
type CallPath struct {
	CallID string `path:"call_id" maxLength:"36" format:"uuid"`
}

func (p CallPath) id() models.ID { return models.ID(p.CallID) }

func (s *server) openCall(ctx context.Context, in *openCallInput) (*callOutput, error) {
	c, err := s.Calls.OpenCall(ctx, actorFrom(ctx), in.Body.CallerNumber)
	if err != nil {
		return nil, err
	}
	return &callOutput{newCallReply(c)}, nil
}

func (s *server) currentCall(ctx context.Context, _ *struct{}) (*callOutput, error) {
	c, err := s.Calls.CurrentCall(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &callOutput{newCallReply(c)}, nil
}

func (s *server) closeCall(ctx context.Context, in *CallPath) (*callOutput, error) {
	c, err := s.Calls.CloseCall(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return &callOutput{newCallReply(c)}, nil
}
