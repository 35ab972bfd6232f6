package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentNotes() {
	register(s, op{
		Method: http.MethodPut, Path: "/agent/v1/calls/{call_id}/note", ID: "noteCall",
		Summary:  "What one's call came to, and a note in free text: while it is open and for a while after; ID and bank numbers are refused",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite,
		Errs: append([]*models.Error{hotline.ErrNoteTooLong, hotline.ErrNoteHasNumber, hotline.ErrResultUnknown}, inCall...),
	}, s.noteCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/note", ID: "noteOfCall", Summary: "The note of one's own call; text, to be shown as text",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{models.ErrNotFound, hotline.ErrNotPermitted},
	}, s.noteOfCall)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/tasks", ID: "sendTask",
		Summary:  "Hand an act over to the caller's inbox, from a list: she does it herself in her app; 200 when this call did already",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrTaskUnknown}, atBasic...),
	}, s.sendTask)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/unmask", ID: "unmaskInCall",
		Summary: "One whole value of a caller known at Full, for a reason and for a minute (R54); audited, and told to her in her access log",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{hotline.ErrReasonRequired, hotline.ErrUnmaskField}, atFull...),
	}, s.unmaskInCall)
}

type noteCallInput struct {
	CallPath
	Body struct {
		Text   string `json:"text,omitempty" maxLength:"8000" doc:"At most 1000 characters"`
		Result string `json:"result" maxLength:"16" doc:"answered, done, ordered, guided, cut_off, not_verified, no_matter"`
	}
}

type noteOutput struct {
	Body struct {
		Text    string     `json:"text" doc:"Plain text: whatever it holds is no markup"`
		Result  string     `json:"result"`
		NotedAt *time.Time `json:"noted_at,omitempty"`
	}
}

func newNoteOutput(n hotline.CallNote) *noteOutput {
	out := &noteOutput{}
	out.Body.Text, out.Body.Result, out.Body.NotedAt = n.Text, string(n.Result), instantOrNone(n.At)
	return out
}

func (s *server) noteCall(ctx context.Context, in *noteCallInput) (*noteOutput, error) {
	n, err := s.Calls.NoteCall(ctx, actorFrom(ctx), in.id(), in.Body.Text, hotline.CallResult(in.Body.Result))
	if err != nil {
		return nil, err
	}
	return newNoteOutput(n), nil
}

func (s *server) noteOfCall(ctx context.Context, in *CallPath) (*noteOutput, error) {
	n, err := s.Calls.NoteOf(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return newNoteOutput(n), nil
}

type unmaskInput struct {
	CallPath
	Body struct {
		Field  string `json:"field" maxLength:"16" doc:"name, id_number, phone, card_tail"`
		Reason string `json:"reason,omitempty" maxLength:"32" doc:"check_identity, check_record, work_order, bank_contact (R54)"`
	}
}

type unmaskOutput struct {
	Body struct {
		Field     string    `json:"field"`
		Value     string    `json:"value" doc:"Whole; to be taken off the screen at expires_at"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (s *server) unmaskInCall(ctx context.Context, in *unmaskInput) (*unmaskOutput, error) {
	shown, err := s.Calls.Unmask(ctx, actorFrom(ctx), in.id(), in.Body.Field, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := &unmaskOutput{}
	out.Body.Field, out.Body.Value, out.Body.ExpiresAt = shown.Field, shown.Value, shown.ExpiresAt
	return out, nil
}

type sendTaskInput struct {
	CallPath
	Body struct {
		Act string `json:"act" maxLength:"16" doc:"apply, correct, replace, pay_fee, release, phone_change, helper"`
	}
}

type sendTaskOutput struct {
	Status int
	Body   struct {
		Act  string `json:"act"`
		Text string `json:"text" doc:"What the caller is asked to do, in Chinese"`
	}
}

func (s *server) sendTask(ctx context.Context, in *sendTaskInput) (*sendTaskOutput, error) {
	sent, err := s.Calls.SendTask(ctx, actorFrom(ctx), in.id(), in.Body.Act)
	if err != nil {
		return nil, err
	}
	out := &sendTaskOutput{Status: http.StatusCreated}
	if sent.Repeated {
		out.Status = http.StatusOK
	}
	out.Body.Act, out.Body.Text = sent.Act, sent.Words
	return out, nil
}
