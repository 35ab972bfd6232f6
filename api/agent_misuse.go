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
