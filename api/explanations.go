package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

var explanationErrs = []*models.Error{subsidy.ErrExplainWhat, subsidy.ErrProgrammeNotFound, subsidy.ErrArrivalNotFound}

func (s *server) registerExplanations() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/explanations", ID: "explain", Summary: "Why has my subsidy not come? The first cause of ordered checks over dated facts",
		Act: models.ActArrivals, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: explanationErrs,
	}, s.explain)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/explanations/enquiries", ID: "enquireAboutSubsidy", Summary: "Where nobody can tell, ask: once a month for each programme or payment",
		Act: models.ActArrivals, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusAccepted},
		Errs: append([]*models.Error{subsidy.ErrExplained}, explanationErrs...),
	}, s.enquireAboutSubsidy)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/explanation", ID: "explainInCall", Summary: "The same sentence, by its id, for a caller known at Full; High programmes never (R55, R58)",
		Act: models.ActArrivals, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead,
		Errs: append(append([]*models.Error{hotline.ErrVerificationRequired, hotline.ErrPhoneLocked}, explanationErrs...), inCall...),
	}, s.explainInCall)
}

// ExplainedAbout says what an explanation is about.
type ExplainedAbout struct {
	Programme string `query:"programme" maxLength:"32" doc:"Code of the programme; or arrival_id"`
	Period    string `query:"period" maxLength:"120" doc:"As payments and lists write it; left out: the newest of which anything is known"`
	ArrivalID string `query:"arrival_id" maxLength:"96" doc:"One payment, instead of programme and period"`
}

func (a ExplainedAbout) asked() subsidy.ExplainQuery {
	return subsidy.ExplainQuery{Programme: a.Programme, Period: a.Period, Arrival: a.ArrivalID}
}

type explanationCheckReply struct {
	Check  string     `json:"check"`
	Name   string     `json:"name"`
	State  string     `json:"state" enum:"passed,failed,unknown" doc:"failed: this is the answer; unknown: the source has not said"`
	Source string     `json:"source,omitempty" enum:"cards,payments"`
	Since  *time.Time `json:"since,omitempty"`
	AsOf   *time.Time `json:"as_of,omitempty"`
}

type officeReply struct {
	Kind    string `json:"kind" enum:"department,finance,hotline"`
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	Address string `json:"address,omitempty"`
	Hours   string `json:"hours,omitempty"`
}

type explanationReply struct {
	Cause      string                  `json:"cause" doc:"See docs/explanations.md"`
	SentenceID string                  `json:"sentence_id" doc:"One id is one sentence for ever; agents quote it"`
	Sentence   string                  `json:"sentence" doc:"To be shown or read out as it is"`
	NextStep   stepReply               `json:"next_step"`
	AskAt      string                  `json:"ask_at" enum:"office,bank,outlet" doc:"Whom the next step leads to"`
	Office     officeReply             `json:"office"`
	Bank       *bankReply              `json:"bank,omitempty" doc:"Of the card's face, its successor where there is one"`
	Programme  string                  `json:"programme,omitempty" doc:"Code; left out where it alone would name the programme (R55)"`
	Name       string                  `json:"name" doc:"Neutral where the programme is sensitive (R55)"`
	Period     string                  `json:"period,omitempty"`
	ArrivalID  string                  `json:"arrival_id,omitempty" doc:"The payment it is about, where there is one"`
	Checks     []explanationCheckReply `json:"checks" nullable:"false" doc:"In order, up to the one that gave the answer"`
	Stale      []string                `json:"stale" nullable:"false" doc:"Sources whose copy is older than promised"`
	MayEnquire bool                    `json:"may_enquire" doc:"Nobody can tell: POST /v1/explanations/enquiries"`
	AsOf       *time.Time              `json:"as_of,omitempty" doc:"Of the oldest fact used"`
}

func newExplanationReply(e subsidy.Explanation) explanationReply {
	r := explanationReply{
		Cause: string(e.Cause), SentenceID: e.SentenceID, Sentence: e.Sentence, NextStep: stepReply{e.Next.Code, e.Next.Text}, AskAt: e.AskAt,
		Office:    officeReply{e.Office.Kind(), e.Office.Name, e.Office.Phone, e.Office.Address, e.Office.Hours},
		Programme: e.Code, Name: e.Name, Period: e.Period, Checks: []explanationCheckReply{}, Stale: emptyNotNull(e.Stale), MayEnquire: e.Enquiry,
		AsOf: instantOrNone(e.AsOf),
	}
	if e.Bank.Name != "" {
		r.Bank = &bankReply{e.Bank.Code, e.Bank.Name, e.Bank.Phone}
	}
	if e.Payment.BatchID != "" {
		r.ArrivalID = e.Payment.String()
	}
	for _, c := range e.Checks {
		r.Checks = append(r.Checks, explanationCheckReply{c.Check, c.Name, c.State, c.Source, instantOrNone(c.Since), instantOrNone(c.AsOf)})
	}
	return r
}

type explanationOutput struct {
	ETag string `header:"ETag"`
	Body explanationReply
}

// undated is the answer without how fresh its facts are, which moves while the answer stays the same.
func (r explanationReply) undated() explanationReply {
	r.AsOf, r.Checks = nil, slices.Clone(r.Checks)
	for i := range r.Checks {
		r.Checks[i].AsOf = nil
	}
	return r
}

func (s *server) explain(ctx context.Context, in *struct{ ExplainedAbout }) (*explanationOutput, error) {
	return s.explanationFor(ctx, actorFrom(ctx), in.ExplainedAbout)
}

type explainInCallInput struct {
	CallPath
	ExplainedAbout
}

func (s *server) explainInCall(ctx context.Context, in *explainInCallInput) (*explanationOutput, error) {
	var out *explanationOutput
	_, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesExplanation, func(ctx context.Context, by models.Actor) (err error) {
		out, err = s.explanationFor(ctx, by, in.ExplainedAbout)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *server) explanationFor(ctx context.Context, by models.Actor, about ExplainedAbout) (*explanationOutput, error) {
	e, err := s.Explanations.Explanation(ctx, by, about.asked())
	if err != nil {
		return nil, err
	}
	body := newExplanationReply(e)
	return &explanationOutput{s.etag(body.undated()), body}, nil
}

type enquireAboutSubsidyInput struct {
	Body struct {
		Programme string `json:"programme,omitempty" maxLength:"32"`
		Period    string `json:"period,omitempty" maxLength:"120"`
		ArrivalID string `json:"arrival_id,omitempty" maxLength:"96"`
	}
}

type enquireAboutSubsidyOutput struct {
	Body struct {
		Number string `json:"number" doc:"What people read aloud; the answer comes to GET /v1/enquiries"`
	}
}

func (s *server) enquireAboutSubsidy(ctx context.Context, in *enquireAboutSubsidyInput) (*enquireAboutSubsidyOutput, error) {
	number, err := s.Explanations.Enquire(ctx, actorFrom(ctx), subsidy.ExplainQuery{Programme: in.Body.Programme, Period: in.Body.Period, Arrival: in.Body.ArrivalID})
	if err != nil {
		return nil, err
	}
	out := &enquireAboutSubsidyOutput{}
	out.Body.Number = number
	return out, nil
}
