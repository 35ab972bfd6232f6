package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentMisuse() {
	refusals := []*models.Error{hotline.ErrNotPermitted, hotline.ErrMisuseNotFound}
	deciding := append([]*models.Error{models.ErrConflict}, refusals...)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/misuse-reports", ID: "listMisuseReports",
		Summary:  "Reports of misuse by state, oldest first; none against one's own department, and never who reported (R68)",
		Audience: Agent, May: hotline.MayReadMisuse, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listMisuseReports)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/misuse-reports", ID: "reportMisuseByPhone",
		Summary:  "Take a report of misuse down for the caller, of no one unless she is verified and wants her name to it (R68); the answer is read out",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{hotline.ErrVerificationRequired, hotline.ErrNoActiveCall, models.ErrNotFound, hotline.ErrNotPermitted},
	}, s.reportMisuseByPhone)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/misuse-reports/departments", ID: "listMisuseDepartmentsForAgents", Summary: "The departments a report may name",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listMisuseDepartments)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/misuse-reports/{report_id}", ID: "readMisuseReport", Summary: "One report with its text; reading it is written down",
		Audience: Agent, May: hotline.MayReadMisuse, Limit: LimitRead, Errs: refusals,
	}, s.readMisuseReport)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/misuse-reports/{report_id}/answer", ID: "answerMisuseReport", Summary: "Answer a report; its reporter reads it",
		Audience: Agent, May: hotline.MayReadMisuse, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: deciding,
	}, s.answerMisuseReport)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/misuse-reports/{report_id}/close", ID: "closeMisuseReport", Summary: "Close an answered report",
		Audience: Agent, May: hotline.MayReadMisuse, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: deciding,
	}, s.closeMisuseReport)
}

// queuedMisuseReply is a report as the console sees it. It has no field for who reported.
type queuedMisuseReply struct {
	ReportID string `json:"report_id"`
	MisuseReply
	Department string `json:"department" doc:"The one reported"`
	Programme  string `json:"programme,omitempty" doc:"Left out where the code alone would name it (R55)"`
	District   string `json:"district,omitempty"`
	Overdue    bool   `json:"overdue"`
	Text       string `json:"text,omitempty" doc:"In the answer about one only"`
	Contact    string `json:"contact,omitempty" doc:"Where the reporter wants to be asked; in the answer about one only"`
}

func newQueuedMisuseReply(r hotline.MisuseReport, now time.Time) queuedMisuseReply {
	return queuedMisuseReply{
		ReportID: string(r.ID), MisuseReply: newMisuseReply(r), Department: r.Department, Programme: r.Programme, District: r.District,
		Overdue: r.Overdue(now), Text: r.Text, Contact: r.Contact,
	}
}

type listMisuseReportsInput struct {
	Page
	State string `query:"state" enum:"received,answered,closed" default:"received"`
}

type listMisuseReportsOutput struct{ Body list[queuedMisuseReply] }

func (s *server) listMisuseReports(ctx context.Context, in *listMisuseReportsInput) (*listMisuseReportsOutput, error) {
	by := actorFrom(ctx)
	after, err := s.placeOf(ctx, by.ID, in.State, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Misuse.MisuseQueue(ctx, by, hotline.MisuseState(in.State), hotline.Page{After: models.ID(after), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = s.cursorOf(ctx, by.ID, in.State, string(found[in.Limit-1].ID))
	}
	items := make([]queuedMisuseReply, len(found))
	for i, r := range found {
		items[i] = newQueuedMisuseReply(r, s.Clock.Now())
	}
	return &listMisuseReportsOutput{listOf(items, next)}, nil
}

// MisusePath names the report of the path.
type MisusePath struct {
	ReportID string `path:"report_id" maxLength:"36" format:"uuid"`
}

type queuedMisuseOutput struct{ Body queuedMisuseReply }

func (s *server) readMisuseReport(ctx context.Context, in *MisusePath) (*queuedMisuseOutput, error) {
	r, err := s.Misuse.ReadMisuse(ctx, actorFrom(ctx), models.ID(in.ReportID))
	return s.queuedMisuse(r, err)
}

func (s *server) queuedMisuse(r hotline.MisuseReport, err error) (*queuedMisuseOutput, error) {
	if err != nil {
		return nil, err
	}
	return &queuedMisuseOutput{newQueuedMisuseReply(r, s.Clock.Now())}, nil
}

type answerMisuseReportInput struct {
	MisusePath
	Body struct {
		Answer string `json:"answer" maxLength:"4000" doc:"1 to 1000 characters"`
	}
}

func (s *server) answerMisuseReport(ctx context.Context, in *answerMisuseReportInput) (*queuedMisuseOutput, error) {
	r, err := s.Misuse.AnswerMisuse(ctx, actorFrom(ctx), models.ID(in.ReportID), in.Body.Answer)
	return s.queuedMisuse(r, err)
}

func (s *server) closeMisuseReport(ctx context.Context, in *MisusePath) (*queuedMisuseOutput, error) {
	r, err := s.Misuse.CloseMisuse(ctx, actorFrom(ctx), models.ID(in.ReportID))
	return s.queuedMisuse(r, err)
}

type reportMisuseByPhoneInput struct {
	CallPath
	Body struct {
		Kind       string `json:"kind" enum:"held_card,cut_money,wrong_money,false_claim,other"`
		Department string `json:"department,omitempty" maxLength:"40" doc:"The one reported, of listMisuseDepartmentsForAgents; its staff never meet the report"`
		Programme  string `json:"programme,omitempty" maxLength:"32"`
		District   string `json:"district,omitempty" maxLength:"6"`
		Text       string `json:"text" maxLength:"8000" doc:"10 to 2000 characters, in the caller's words"`
		Contact    string `json:"contact,omitempty" maxLength:"400" doc:"Where the caller wants to be asked, if anywhere; at most 100 characters"`
		Named      bool   `json:"named,omitempty" doc:"Under the verified caller's name: she is told of the answer. Without it nobody stands behind the report"`
	}
}

type reportMisuseByPhoneOutput struct {
	Body struct {
		Number   string    `json:"number" doc:"What people read aloud"`
		Code     string    `json:"code,omitempty" doc:"Shown this once and kept by nobody: with the number it opens the answer"`
		State    string    `json:"state" enum:"received,answered,closed"`
		DueAt    time.Time `json:"due_at" doc:"By then it is answered"`
		Named    bool      `json:"named"`
		ReadBack string    `json:"read_back" doc:"To be read out: number, code, and how to ask for the answer"`
	}
}

func (s *server) reportMisuseByPhone(ctx context.Context, in *reportMisuseByPhoneInput) (*reportMisuseByPhoneOutput, error) {
	b := in.Body
	taken, err := s.Misuse.ReportMisuseInCall(ctx, actorFrom(ctx), in.id(), hotline.MisuseInput{
		Kind: b.Kind, Department: b.Department, Programme: b.Programme, District: b.District, Text: b.Text, Contact: b.Contact,
	}, b.Named)
	if err != nil {
		return nil, err
	}
	out, r := &reportMisuseByPhoneOutput{}, taken.Report
	o := &out.Body
	o.Number, o.Code, o.State, o.DueAt, o.Named, o.ReadBack = r.Number, taken.Code, string(r.State), r.DueAt, r.PersonID != "", taken.ReadBack()
	return out, nil
}
