package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Supervision are the use cases of supervisors, and of agents about their own scores.
type Supervision interface {
	Board(ctx context.Context, by models.Actor) (hotline.Board, error)
	SettleFlag(ctx context.Context, by models.Actor, id models.ID, reason string) (hotline.Flag, error)
	DrawSample(ctx context.Context, by models.Actor, day models.Date) (hotline.Sample, error)
	OpenItem(ctx context.Context, by models.Actor, item models.ID) (hotline.SampleItem, hotline.Call, hotline.CallNote, error)
	ScoreCall(ctx context.Context, by models.Actor, item models.ID, scores map[string]int) (hotline.SampleItem, error)
	OwnScores(ctx context.Context, by models.Actor) ([]hotline.SampleItem, error)
	Export(ctx context.Context, by models.Actor, kind hotline.ExportKind, from, to models.Date) (hotline.Export, error)
	ExportRoom(ctx context.Context, by models.Actor) (hotline.ExportRoom, error)
}

func (s *server) registerAgentBoard() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/board", ID: "showBoard",
		Summary:  "Open calls with how long and how surely known, looks of the hour by agent, flags that nobody settled, what waits (R59)",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.showBoard)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/flags/{flag_id}/settlement", ID: "settleFlag", Summary: "Take a flag down with a reason; never one about oneself",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrFlagReason, hotline.ErrFlagOwn, models.ErrNotFound, models.ErrConflict},
	}, s.settleFlag)
}

type boardCallReply struct {
	CallID   string    `json:"call_id"`
	Login    string    `json:"login"`
	Name     string    `json:"name" doc:"Masked"`
	Source   string    `json:"source"`
	Level    string    `json:"level" enum:"none,basic,full"`
	OpenedAt time.Time `json:"opened_at"`
	Seconds  int       `json:"seconds" doc:"How long it has been open"`
}

type agentLooksReply struct {
	Login string `json:"login"`
	Looks int    `json:"looks"`
}

type flagReply struct {
	FlagID    string     `json:"flag_id"`
	Kind      string     `json:"kind" enum:"many_looks,looks_no_act,own_household"`
	StaffID   string     `json:"staff_id"`
	Login     string     `json:"login"`
	Name      string     `json:"name" doc:"Masked"`
	CallID    string     `json:"call_id"`
	Looks     int        `json:"looks"`
	RaisedAt  time.Time  `json:"raised_at"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

func newFlagReply(f hotline.Flag) flagReply {
	return flagReply{string(f.ID), string(f.Kind), string(f.StaffID), f.Login, f.Name.String(), string(f.CallID), f.Looks, f.RaisedAt, instantOrNone(f.SettledAt), f.Reason}
}

type backlogReply struct {
	Count  int        `json:"count"`
	Oldest *time.Time `json:"oldest,omitempty"`
}

type boardOutput struct {
	Body struct {
		At            time.Time         `json:"at"`
		Calls         []boardCallReply  `json:"calls" nullable:"false"`
		Looks         []agentLooksReply `json:"looks" nullable:"false" doc:"Of the last hour, the most first"`
		Flags         []flagReply       `json:"flags" nullable:"false" doc:"Up until somebody settles them"`
		CallBacks     *backlogReply     `json:"waiting_call_backs,omitempty" doc:"Left out where nobody counts them"`
		OverdueOrders *backlogReply     `json:"overdue_orders,omitempty" doc:"Left out where nobody counts them"`
	}
}

func (s *server) showBoard(ctx context.Context, _ *struct{}) (*boardOutput, error) {
	b, err := s.Supervision.Board(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &boardOutput{}
	out.Body.At, out.Body.Calls, out.Body.Looks, out.Body.Flags = b.At, []boardCallReply{}, []agentLooksReply{}, []flagReply{}
	for _, c := range b.Calls {
		out.Body.Calls = append(out.Body.Calls, boardCallReply{
			string(c.CallID), c.Login, c.Name.String(), c.Source, string(c.Level), c.OpenedAt, int(b.At.Sub(c.OpenedAt).Seconds()),
		})
	}
	for _, l := range b.Looks {
		out.Body.Looks = append(out.Body.Looks, agentLooksReply{l.Login, l.Looks})
	}
	for _, f := range b.Flags {
		out.Body.Flags = append(out.Body.Flags, newFlagReply(f))
	}
	out.Body.CallBacks, out.Body.OverdueOrders = newBacklogReply(b.CallBacks), newBacklogReply(b.OverdueOrders)
	return out, nil
}

func newBacklogReply(w *hotline.Backlog) *backlogReply {
	if w == nil {
		return nil
	}
	return &backlogReply{w.Count, instantOrNone(w.Oldest)}
}

type settleFlagInput struct {
	FlagID string `path:"flag_id" maxLength:"36"`
	Body   struct {
		Reason string `json:"reason,omitempty" maxLength:"16" doc:"explained, busy_hour, instructed, reported"`
	}
}

type flagOutput struct{ Body flagReply }

func (s *server) settleFlag(ctx context.Context, in *settleFlagInput) (*flagOutput, error) {
	id, err := models.ParseID(in.FlagID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	f, err := s.Supervision.SettleFlag(ctx, actorFrom(ctx), id, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &flagOutput{newFlagReply(f)}, nil
}
