package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// Misuse are the use cases of confidential reports (R68).
type Misuse interface {
	ReportMisuse(ctx context.Context, by models.Actor, in hotline.MisuseInput) (hotline.MisuseTaken, error)
	ReportMisuseInCall(ctx context.Context, by models.Actor, call models.ID, in hotline.MisuseInput, named bool) (hotline.MisuseTaken, error)
	MisuseDepartments(ctx context.Context) ([]string, error)
	MisuseOutcome(ctx context.Context, number, code string) (hotline.MisuseReport, error)
	MyMisuse(ctx context.Context, by models.Actor, p hotline.Page) ([]hotline.MisuseReport, error)
	MisuseQueue(ctx context.Context, by models.Actor, state hotline.MisuseState, p hotline.Page) ([]hotline.MisuseReport, error)
	ReadMisuse(ctx context.Context, by models.Actor, id models.ID) (hotline.MisuseReport, error)
	AnswerMisuse(ctx context.Context, by models.Actor, id models.ID, text string) (hotline.MisuseReport, error)
	CloseMisuse(ctx context.Context, by models.Actor, id models.ID) (hotline.MisuseReport, error)
}

func (s *server) registerMisuse() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/misuse-reports", ID: "reportMisuse", Summary: "Report a held card, cut or wrong money, a false claim; no login (R68)",
		Audience: Public, Limit: LimitWrite, Hourly: 30, Statuses: []int{http.StatusCreated}, Errs: []*models.Error{models.ErrForbidden},
	}, s.reportMisuse)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/misuse-reports/departments", ID: "listMisuseDepartments", Summary: "The departments a report may name; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listMisuseDepartments)
	// POST, so that the code stands in no address and no log of addresses.
	register(s, op{
		Method: http.MethodPost, Path: "/v1/misuse-reports/answers", ID: "readMisuseAnswer", Summary: "State and answer of a report, by its number and secret code; no login",
		Audience: Public, Limit: LimitWrite, Hourly: 60, BodyLimit: 1 << 10, Statuses: []int{http.StatusOK}, Errs: []*models.Error{hotline.ErrMisuseNotFound},
	}, s.readMisuseAnswer)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/misuse-reports", ID: "listOwnMisuseReports", Summary: "The reports one made while logged in, newest first",
		Act: models.ActProgressRead, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotLoggedIn},
	}, s.listOwnMisuseReports)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/arrivals/{arrival_id}/misuse-reports", ID: "reportMisuseOfArrival",
		Summary: "The same from a payment of one's own, which says department, programme and district",
		Act:     models.ActArrivals, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{subsidy.ErrArrivalNotFound, models.ErrForbidden, models.ErrNotFound},
	}, s.reportMisuseOfArrival)
}

// MisuseText is what both ways of reporting take.
type MisuseText struct {
	Kind       string `json:"kind" enum:"held_card,cut_money,wrong_money,false_claim,other"`
	Department string `json:"department,omitempty" maxLength:"40" doc:"The one reported, of GET /v1/misuse-reports/departments; its staff never meet the report. From a payment it may be left out"`
	Text       string `json:"text" maxLength:"8000" doc:"10 to 2000 characters"`
	Contact    string `json:"contact,omitempty" maxLength:"400" doc:"Where the reporter wants to be asked; at most 100 characters"`
}

type reportMisuseInput struct {
	Body struct {
		MisuseText
		Programme string `json:"programme,omitempty" maxLength:"32"`
		District  string `json:"district,omitempty" maxLength:"6"`
	}
}

type reportMisuseOutput struct {
	Body struct {
		Number string    `json:"number" doc:"What people read aloud"`
		Code   string    `json:"code,omitempty" doc:"Shown this once and kept by nobody: with the number it opens the answer"`
		State  string    `json:"state" enum:"received,answered,closed"`
		DueAt  time.Time `json:"due_at" doc:"By then it is answered"`
	}
}

func (s *server) reportMisuse(ctx context.Context, in *reportMisuseInput) (*reportMisuseOutput, error) {
	b := in.Body
	return s.misuseTaken(ctx, hotline.MisuseInput{Kind: b.Kind, Department: b.Department, Programme: b.Programme, District: b.District, Text: b.Text, Contact: b.Contact})
}

type reportMisuseOfArrivalInput struct {
	ArrivalID string `path:"arrival_id" maxLength:"96"`
	Body      MisuseText
}

func (s *server) reportMisuseOfArrival(ctx context.Context, in *reportMisuseOfArrivalInput) (*reportMisuseOutput, error) {
	b := in.Body
	return s.misuseTaken(ctx, hotline.MisuseInput{Arrival: in.ArrivalID, Kind: b.Kind, Department: b.Department, Text: b.Text, Contact: b.Contact})
}

func (s *server) misuseTaken(ctx context.Context, in hotline.MisuseInput) (*reportMisuseOutput, error) {
	taken, err := s.Misuse.ReportMisuse(ctx, actorFrom(ctx), in)
	if err != nil {
		return nil, err
	}
	out := &reportMisuseOutput{}
	out.Body.Number, out.Body.Code, out.Body.State, out.Body.DueAt = taken.Report.Number, taken.Code, string(taken.Report.State), taken.Report.DueAt
	return out, nil
}

type listMisuseDepartmentsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Items []string `json:"items" nullable:"false"`
	}
}

func (s *server) listMisuseDepartments(ctx context.Context, _ *struct{}) (*listMisuseDepartmentsOutput, error) {
	names, err := s.Misuse.MisuseDepartments(ctx)
	if err != nil {
		return nil, err
	}
	out := &listMisuseDepartmentsOutput{}
	out.Body.Items = emptyNotNull(names)
	out.ETag = s.etag(out.Body)
	return out, nil
}

// misuseReply is a report as its reporter reads it.
type misuseReply struct {
	Number     string     `json:"number"`
	Kind       string     `json:"kind" enum:"held_card,cut_money,wrong_money,false_claim,other"`
	State      string     `json:"state" enum:"received,answered,closed"`
	Answer     string     `json:"answer,omitempty"`
	OpenedAt   time.Time  `json:"opened_at"`
	DueAt      time.Time  `json:"due_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
}

func newMisuseReply(r hotline.MisuseReport) misuseReply {
	return misuseReply{
		Number: r.Number, Kind: r.Kind, State: string(r.State), Answer: r.Answer, OpenedAt: r.OpenedAt, DueAt: r.DueAt,
		AnsweredAt: instantOrNone(r.AnsweredAt), ClosedAt: instantOrNone(r.ClosedAt),
	}
}

type readMisuseAnswerInput struct {
	Body struct {
		Number string `json:"number" maxLength:"32"`
		Code   string `json:"code" maxLength:"64" doc:"As it was shown; capitals and dashes do not matter"`
	}
}

type misuseOutput struct{ Body misuseReply }

func (s *server) readMisuseAnswer(ctx context.Context, in *readMisuseAnswerInput) (*misuseOutput, error) {
	r, err := s.Misuse.MisuseOutcome(ctx, in.Body.Number, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &misuseOutput{newMisuseReply(r)}, nil
}

type ownMisuseOutput struct {
	ETag string `header:"ETag"`
	Body list[misuseReply]
}

func (s *server) listOwnMisuseReports(ctx context.Context, in *struct{ Page }) (*ownMisuseOutput, error) {
	by := actorFrom(ctx)
	after, err := s.placeOf(ctx, by.ID, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Misuse.MyMisuse(ctx, by, hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = s.cursorOf(ctx, by.ID, "", string(found[in.Limit-1].ID))
	}
	items := make([]misuseReply, len(found))
	for i, r := range found {
		items[i] = newMisuseReply(r)
	}
	body := listOf(items, next)
	return &ownMisuseOutput{s.etag(body), body}, nil
}
