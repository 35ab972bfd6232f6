package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// Explanations are the use cases of "can I be paid" and "why has it not come".
type Explanations interface {
	Readiness(ctx context.Context, by models.Actor) (subsidy.Readiness, error)
	Explanation(ctx context.Context, by models.Actor, q subsidy.ExplainQuery) (subsidy.Explanation, error)
	Enquire(ctx context.Context, by models.Actor, q subsidy.ExplainQuery) (number string, err error)
}

func (s *server) registerReadiness() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/readiness", ID: "getReadiness", Summary: "Whether subsidies can reach one, and what is missing (R5, R25)",
		Act: models.ActCardRead, Audience: Citizen, Limit: LimitRead,
	}, s.getReadiness)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/readiness", ID: "readinessOfCall", Summary: "The same checklist for a caller known at Full (R5, R58)",
		Act: models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead,
		Errs: append([]*models.Error{hotline.ErrVerificationRequired, hotline.ErrPhoneLocked}, inCall...),
	}, s.readinessOfCall)
}

type stepReply struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

type readinessCheckReply struct {
	Check   string     `json:"check" enum:"in_system,card_issued,card_collected,money_account,phone_on_file,social_account"`
	Name    string     `json:"name"`
	Verdict string     `json:"verdict" enum:"ok,missing,advice,unknown,not_due" doc:"advice never keeps money from coming"`
	Code    string     `json:"code,omitempty" doc:"NO_CARD, NEW_CARD_NOT_ACTIVATED, …"`
	Said    string     `json:"said,omitempty"`
	Next    *stepReply `json:"next_step,omitempty"`
	Since   *time.Time `json:"since,omitempty" doc:"When the source says it last changed"`
	AsOf    *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of that source is"`
}

type readinessReply struct {
	State  string                `json:"state" enum:"ready,not_ready,unknown"`
	Code   string                `json:"code,omitempty" doc:"Of the first thing missing"`
	Checks []readinessCheckReply `json:"checks" nullable:"false"`
	Bank   *bankReply            `json:"bank,omitempty" doc:"Of the card's face, its successor where there is one (R30)"`
	Places []placeReply          `json:"places" nullable:"false" doc:"That bank's card windows in the district, or where the card waits"`
}

type readinessOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		ReadinessReply
		AsOf *time.Time `json:"as_of,omitempty"`
	}
}

func (s *server) getReadiness(ctx context.Context, _ *struct{}) (*readinessOutput, error) {
	return s.readinessFor(ctx, actorFrom(ctx))
}

func (s *server) readinessOfCall(ctx context.Context, in *CallPath) (*readinessOutput, error) {
	var out *readinessOutput
	_, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesReadiness, func(ctx context.Context, by models.Actor) (err error) {
		out, err = s.readinessFor(ctx, by)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *server) readinessFor(ctx context.Context, by models.Actor) (*readinessOutput, error) {
	r, err := s.Explanations.Readiness(ctx, by)
	if err != nil {
		return nil, err
	}
	out := &readinessOutput{}
	out.Body.ReadinessReply = readinessReply{State: string(r.Verdict), Code: r.Code, Checks: []readinessCheckReply{}, Places: newPlaceReplies(r.Places)}
	if r.Bank.Name != "" {
		out.Body.Bank = &bankReply{r.Bank.Code, r.Bank.Name, r.Bank.Phone}
	}
	for _, c := range r.Checks {
		one := readinessCheckReply{Check: c.Check, Name: c.Name, Verdict: string(c.Verdict), Code: c.Code, Said: c.Said,
			Since: instantOrNone(c.Since), AsOf: instantOrNone(c.AsOf)}
		if c.Next.Code != "" {
			one.Next = &stepReply{c.Next.Code, c.Next.Text}
		}
		out.Body.Checks = append(out.Body.Checks, one)
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body.ReadinessReply), instantOrNone(r.AsOf)
	return out, nil
}

func newPlaceReplies(places []subsidy.Place) []placeReply {
	out := make([]placeReply, len(places))
	for i, p := range places {
		out[i] = placeReply{p.Name, p.Address, p.Phone, p.Hours}
	}
	return out
}
