package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

func (s *server) registerAgentQuality() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/samples", ID: "drawSample",
		Summary:  "Calls of a finished day drawn at random for quality; the seed is recorded, and a day drawn twice is the first draw",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrSampleDay},
	}, s.drawSample)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/sample-calls/{item_id}", ID: "showSampleCall", Summary: "A drawn call with its note; audited for the caller to read",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound},
	}, s.showSampleCall)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/sample-calls/{item_id}/score", ID: "scoreCall", Summary: "Score a drawn call once, item by item; never one's own",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrScores, hotline.ErrScoreOwn, models.ErrNotFound, models.ErrConflict},
	}, s.scoreCall)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/scores", ID: "ownScores", Summary: "One's own scored calls, newest first",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.ownScores)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/exports", ID: "showExportRoom", Summary: "How many exports one has left today, and how much one may hold",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.showExportRoom)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/exports", ID: "exportCalls",
		Summary:  "Calls, enquiries or work orders of a window of days as CSV, marked with who took it, when and under which number; logged, and so many a day",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, Produces: "text/csv", Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrExportWindow, hotline.ErrExportTooLarge, hotline.ErrExportsUsedUp},
	}, s.exportCalls)
}

type sampleItemReply struct {
	ItemID   string         `json:"item_id"`
	CallID   string         `json:"call_id"`
	StaffID  string         `json:"staff_id"`
	Login    string         `json:"login" doc:"Whose call it was"`
	Scores   map[string]int `json:"scores,omitempty" doc:"greeting, verification, answer, read_back, record: 0 to 5 each"`
	Total    int            `json:"total"`
	ScoredAt *time.Time     `json:"scored_at,omitempty"`
}

func newSampleItemReply(i hotline.SampleItem) sampleItemReply {
	return sampleItemReply{string(i.ID), string(i.CallID), string(i.StaffID), i.Login, i.Scores, i.Total, instantOrNone(i.ScoredAt)}
}

func newSampleItemReplies(found []hotline.SampleItem) []sampleItemReply {
	out := make([]sampleItemReply, len(found))
	for i, one := range found {
		out[i] = newSampleItemReply(one)
	}
	return out
}

type drawSampleInput struct {
	Body struct {
		Day string `json:"day" maxLength:"10" doc:"2021-12-20; a day that is over"`
	}
}

type drawnOutput struct {
	Body struct {
		SampleID string            `json:"sample_id"`
		Day      string            `json:"day"`
		Seed     string            `json:"seed" doc:"Gives the same draw again"`
		Finished int               `json:"finished" doc:"Calls of the day"`
		DrawnAt  time.Time         `json:"drawn_at"`
		Items    []sampleItemReply `json:"items" nullable:"false"`
	}
}

func (s *server) drawSample(ctx context.Context, in *drawSampleInput) (*drawnOutput, error) {
	d, err := s.Supervision.DrawSample(ctx, actorFrom(ctx), models.Date(in.Body.Day))
	if err != nil {
		return nil, err
	}
	out := &drawnOutput{}
	out.Body.SampleID, out.Body.Day, out.Body.Seed, out.Body.Finished, out.Body.DrawnAt = string(d.ID), string(d.Day), d.Seed, d.Finished, d.DrawnAt
	out.Body.Items = newSampleItemReplies(d.Items)
	return out, nil
}

// SampleItemPath names a drawn call.
type SampleItemPath struct {
	ItemID string `path:"item_id" maxLength:"36"`
}

type sampleCallOutput struct {
	Body struct {
		SampleItemReply
		Level    string     `json:"level"`
		Strength string     `json:"strength"`
		OpenedAt time.Time  `json:"opened_at"`
		ClosedAt *time.Time `json:"closed_at,omitempty"`
		Note     string     `json:"note" doc:"Plain text: whatever it holds is no markup"`
		Result   string     `json:"result"`
	}
}

// SampleItemReply is sampleItemReply where it is embedded: the document's reader passes over small letters.
type SampleItemReply = sampleItemReply

func (s *server) showSampleCall(ctx context.Context, in *SampleItemPath) (*sampleCallOutput, error) {
	id, err := models.ParseID(in.ItemID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	i, call, note, err := s.Supervision.OpenItem(ctx, actorFrom(ctx), id)
	if err != nil {
		return nil, err
	}
	out := &sampleCallOutput{}
	out.Body.SampleItemReply, out.Body.Level, out.Body.Strength = newSampleItemReply(i), string(call.Level), string(call.Strength)
	out.Body.OpenedAt, out.Body.ClosedAt, out.Body.Note, out.Body.Result = call.OpenedAt, instantOrNone(call.ClosedAt), note.Text, string(note.Result)
	return out, nil
}

type scoreCallInput struct {
	SampleItemPath
	Body struct {
		Greeting     int `json:"greeting" minimum:"0" maximum:"5"`
		Verification int `json:"verification" minimum:"0" maximum:"5"`
		Answer       int `json:"answer" minimum:"0" maximum:"5"`
		ReadBack     int `json:"read_back" minimum:"0" maximum:"5"`
		Record       int `json:"record" minimum:"0" maximum:"5"`
	}
}

type sampleItemOutput struct{ Body sampleItemReply }

func (s *server) scoreCall(ctx context.Context, in *scoreCallInput) (*sampleItemOutput, error) {
	id, err := models.ParseID(in.ItemID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	b := in.Body
	i, err := s.Supervision.ScoreCall(ctx, actorFrom(ctx), id, map[string]int{
		"greeting": b.Greeting, "verification": b.Verification, "answer": b.Answer, "read_back": b.ReadBack, "record": b.Record,
	})
	if err != nil {
		return nil, err
	}
	return &sampleItemOutput{newSampleItemReply(i)}, nil
}

type scoresOutput struct{ Body list[sampleItemReply] }

func (s *server) ownScores(ctx context.Context, _ *struct{}) (*scoresOutput, error) {
	found, err := s.Supervision.OwnScores(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &scoresOutput{listOf(newSampleItemReplies(found), "")}, nil
}

type exportCallsInput struct {
	Body struct {
		Kind string `json:"kind,omitempty" maxLength:"16" doc:"calls, enquiries, work_orders"`
		From string `json:"from,omitempty" maxLength:"10" doc:"The first day: 2021-12-01"`
		To   string `json:"to,omitempty" maxLength:"10" doc:"The last day, included"`
	}
}

type exportOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) exportCalls(ctx context.Context, in *exportCallsInput) (*exportOutput, error) {
	e, err := s.Supervision.Export(ctx, actorFrom(ctx), hotline.ExportKind(in.Body.Kind), models.Date(in.Body.From), models.Date(in.Body.To))
	if err != nil {
		return nil, err
	}
	return &exportOutput{"text/csv; charset=utf-8", `attachment; filename="` + string(e.Kind) + "-" + string(e.ID) + `.csv"`, e.File}, nil
}

type exportRoomOutput struct {
	Body struct {
		PerDay int `json:"per_day"`
		Left   int `json:"left" doc:"Of today"`
		Days   int `json:"days" doc:"The longest window of one export"`
		Lines  int `json:"lines" doc:"An export with more is refused"`
	}
}

func (s *server) showExportRoom(ctx context.Context, _ *struct{}) (*exportRoomOutput, error) {
	r, err := s.Supervision.ExportRoom(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &exportRoomOutput{}
	out.Body.PerDay, out.Body.Left, out.Body.Days, out.Body.Lines = r.PerDay, r.Left, r.Days, r.Lines
	return out, nil
}
