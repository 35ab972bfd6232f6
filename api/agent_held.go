package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// Held are the use cases of reviewers: what is held, and two people's decision about it.
type Held interface {
	HeldList(ctx context.Context, by models.Actor, page subsidy.HeldPage) (items []subsidy.HeldView, more bool, err error)
	HeldItem(ctx context.Context, by models.Actor, id string) (subsidy.HeldView, error)
	Propose(ctx context.Context, by models.Actor, in subsidy.ProposeInput) (subsidy.HeldView, error)
	Approve(ctx context.Context, by models.Actor, in subsidy.ApproveInput) (subsidy.HeldView, error)
	Withdraw(ctx context.Context, by models.Actor, id string) (subsidy.HeldView, error)
	Assign(ctx context.Context, by models.Actor, in subsidy.AssignInput) (subsidy.HeldView, error)
	DifferenceList(ctx context.Context, by models.Actor, q subsidy.DifferenceQuery) (items []subsidy.DifferenceView, more bool, err error)
}

func (s *server) registerAgentHeld() {
	refusals := func(more ...*models.Error) []*models.Error {
		return append([]*models.Error{hotline.ErrNotPermitted, subsidy.ErrHeldNotFound}, more...)
	}
	deciding := func(more ...*models.Error) []*models.Error {
		return refusals(append([]*models.Error{models.ErrConflict, subsidy.ErrHeldSettled}, more...)...)
	}
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/held", ID: "listHeld", Summary: "Held payments and batches, the longest held first; they name no person",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listHeld)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/held/{held_id}", ID: "getHeld", Summary: "One of them, with what was proposed about it",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitRead, Errs: refusals(),
	}, s.getHeld)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/held/{held_id}/proposals", ID: "proposeHeld", Summary: "Propose to release or to reject it; a second reviewer decides",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, Errs: deciding(subsidy.ErrHeldProposed, subsidy.ErrDecisionUnfit),
	}, s.proposeHeld)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/held/{held_id}/approvals", ID: "approveHeld", Summary: "Approve or decline what another reviewer proposed",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: deciding(subsidy.ErrNothingProposed, subsidy.ErrSamePerson, subsidy.ErrHeldChanged, subsidy.ErrDecisionUnfit),
	}, s.approveHeld)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/held/{held_id}/withdrawals", ID: "withdrawHeld", Summary: "Take one's own proposal back",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: deciding(subsidy.ErrNothingProposed, subsidy.ErrNotProposer),
	}, s.withdrawHeld)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/held/{held_id}/assignments", ID: "assignHeld", Summary: "Say whose task it is",
		Audience: Agent, May: hotline.MayReviewHeld, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: deciding(subsidy.ErrReviewerUnknown),
	}, s.assignHeld)
}

type proposalReply struct {
	Decision   string     `json:"decision" enum:"release,reject"`
	ReasonCode string     `json:"reason_code"`
	Note       string     `json:"note"`
	State      string     `json:"state" enum:"open,approved,declined,withdrawn,ended" doc:"ended: the registry was first"`
	ProposedBy string     `json:"proposed_by" doc:"Of the staff"`
	ProposedAt time.Time  `json:"proposed_at"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
}

type heldReply struct {
	HeldID      string          `json:"held_id"`
	Kind        string          `json:"kind" enum:"line,batch"`
	Reason      string          `json:"reason" doc:"Code of the hold, e.g. CREDITED_WITHOUT_SENT"`
	Say         string          `json:"reason_text"`
	State       string          `json:"state" enum:"held,proposed,released,rejected,ended"`
	Owner       string          `json:"owner" enum:"department,finance,operations"`
	AssignedTo  string          `json:"assigned_to,omitempty" doc:"Of the staff"`
	Programme   string          `json:"programme,omitempty" doc:"Left out where the code alone would name it (R55)"`
	Name        string          `json:"name" doc:"Neutral where the programme is sensitive (R55)"`
	Department  string          `json:"department"`
	District    string          `json:"district"`
	AmountFen   int64           `json:"amount_fen" doc:"Of the line, or of the whole batch as announced"`
	AmountYuan  string          `json:"amount_yuan"`
	LineState   string          `json:"line_state,omitempty"`
	HeldAt      time.Time       `json:"held_at"`
	AgeHours    int             `json:"age_hours"`
	DueAt       time.Time       `json:"due_at"`
	Overdue     bool            `json:"overdue"`
	Version     int64           `json:"version" doc:"Of the line or batch; an approval names it"`
	ReleaseWith []string        `json:"release_with" nullable:"false" doc:"Reason codes of a release; none: it cannot be released by hand"`
	RejectWith  []string        `json:"reject_with" nullable:"false"`
	Timeline    []stageReply    `json:"timeline" nullable:"false" doc:"In the answer about one only"`
	Proposals   []proposalReply `json:"proposals" nullable:"false" doc:"In the answer about one only, the newest first"`
}

func (s *server) newHeldReply(v subsidy.HeldView) heldReply {
	r := heldReply{
		HeldID: v.ID, Kind: "line", Reason: string(v.Reason), Say: v.Say(), State: string(v.State), Owner: string(v.Owner), AssignedTo: string(v.AssignedTo),
		Programme: v.Code, Name: v.Name, Department: v.Department, District: v.District, AmountFen: int64(v.AmountFen), AmountYuan: v.AmountFen.Yuan(),
		LineState: string(v.LineState), HeldAt: v.HeldAt, AgeHours: int(v.Age(s.Clock.Now()).Hours()), DueAt: v.DueAt, Overdue: v.Overdue, Version: v.Version,
		ReleaseWith: append([]string{}, v.Releases()...), RejectWith: append([]string{}, v.Rejections()...), Timeline: []stageReply{}, Proposals: []proposalReply{},
	}
	if v.IsBatch() {
		r.Kind = "batch"
	}
	for _, st := range v.Timeline {
		r.Timeline = append(r.Timeline, stageReply{string(st.State), st.Label, st.At})
	}
	for _, p := range v.Proposals {
		r.Proposals = append(r.Proposals, proposalReply{
			Decision: string(p.Decision), ReasonCode: p.ReasonCode, Note: p.Note, State: p.State, ProposedBy: string(p.ProposedBy),
			ProposedAt: p.ProposedAt, DecidedBy: string(p.DecidedBy), DecidedAt: instantOrNone(p.DecidedAt),
		})
	}
	return r
}

type listHeldInput struct {
	Page
	State   string `query:"state" enum:"waiting,held,proposed,released,rejected" default:"waiting"`
	Reason  string `query:"reason" maxLength:"64" doc:"Code of a hold"`
	Owner   string `query:"owner" enum:",department,finance,operations"`
	Mine    bool   `query:"mine" doc:"Assigned to oneself"`
	Overdue bool   `query:"overdue"`
}

type listHeldOutput struct{ Body list[heldReply] }

// listHeld pages by the instant since when something is held, and then by its name.
func (s *server) listHeld(ctx context.Context, in *listHeldInput) (*listHeldOutput, error) {
	filter := strings.Join([]string{in.State, in.Reason, in.Owner, strconv.FormatBool(in.Mine), strconv.FormatBool(in.Overdue)}, "|")
	place, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	page := subsidy.HeldPage{State: in.State, Reason: subsidy.Hold(in.Reason), Owner: subsidy.Owner(in.Owner), Mine: in.Mine, Overdue: in.Overdue, Limit: in.Limit}
	if at, id, ok := strings.Cut(place, "|"); ok {
		if page.AfterAt, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return nil, errCursor
		}
		page.After = id
	}
	found, more, err := s.Held.HeldList(ctx, actorFrom(ctx), page)
	if err != nil {
		return nil, err
	}
	items, next := make([]heldReply, len(found)), ""
	for i, v := range found {
		items[i] = s.newHeldReply(v)
	}
	if more {
		last := found[len(found)-1]
		next = s.cursor(ctx, filter, last.HeldAt.UTC().Format(time.RFC3339Nano)+"|"+last.ID)
	}
	return &listHeldOutput{listOf(items, next)}, nil
}

// HeldPath names the entry of the path.
type HeldPath struct {
	HeldID string `path:"held_id" maxLength:"96"`
}

type heldOutput struct{ Body heldReply }

func (s *server) heldOutput(v subsidy.HeldView, err error) (*heldOutput, error) {
	if err != nil {
		return nil, err
	}
	return &heldOutput{s.newHeldReply(v)}, nil
}

func (s *server) getHeld(ctx context.Context, in *HeldPath) (*heldOutput, error) {
	return s.heldOutput(s.Held.HeldItem(ctx, actorFrom(ctx), in.HeldID))
}

type proposeHeldInput struct {
	HeldPath
	Body struct {
		Decision   string `json:"decision" enum:"release,reject"`
		ReasonCode string `json:"reason_code" maxLength:"32" doc:"One of release_with or reject_with"`
		Note       string `json:"note" maxLength:"2000" doc:"1 to 500 characters: why, and on which papers"`
	}
}

func (s *server) proposeHeld(ctx context.Context, in *proposeHeldInput) (*heldOutput, error) {
	return s.heldOutput(s.Held.Propose(ctx, actorFrom(ctx), subsidy.ProposeInput{
		Held: in.HeldID, Decision: subsidy.Decision(in.Body.Decision), ReasonCode: in.Body.ReasonCode, Note: in.Body.Note,
	}))
}

type approveHeldInput struct {
	HeldPath
	Body struct {
		Approve bool  `json:"approve" doc:"false declines: it stays held"`
		Version int64 `json:"version,omitempty" doc:"The version that was looked at; an approval of another one is refused"`
	}
}

func (s *server) approveHeld(ctx context.Context, in *approveHeldInput) (*heldOutput, error) {
	return s.heldOutput(s.Held.Approve(ctx, actorFrom(ctx), subsidy.ApproveInput{Held: in.HeldID, Approve: in.Body.Approve, Version: in.Body.Version}))
}

func (s *server) withdrawHeld(ctx context.Context, in *HeldPath) (*heldOutput, error) {
	return s.heldOutput(s.Held.Withdraw(ctx, actorFrom(ctx), in.HeldID))
}

type assignHeldInput struct {
	HeldPath
	Body struct {
		Owner   string `json:"owner,omitempty" enum:"department,finance,operations" doc:"Left out: as it is"`
		StaffID string `json:"staff_id,omitempty" maxLength:"36" format:"uuid" doc:"Left out: nobody's in person"`
	}
}

func (s *server) assignHeld(ctx context.Context, in *assignHeldInput) (*heldOutput, error) {
	return s.heldOutput(s.Held.Assign(ctx, actorFrom(ctx), subsidy.AssignInput{
		Held: in.HeldID, Owner: subsidy.Owner(in.Body.Owner), StaffID: models.ID(in.Body.StaffID),
	}))
}
