package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
)

// PolicyDecisions are the use cases of those who decide about policy: one proposes, another approves.
type PolicyDecisions interface {
	ListForStaff(ctx context.Context, by models.Actor) ([]policy.Current, error)
	Preview(ctx context.Context, by models.Actor, in policy.SetInput) (policy.Preview, error)
	Propose(ctx context.Context, by models.Actor, in policy.SetInput) (policy.Proposal, error)
	Decide(ctx context.Context, by models.Actor, id models.ID, in policy.DecideInput) (policy.Proposal, error)
	TakeBack(ctx context.Context, by models.Actor, id models.ID) (policy.Proposal, error)
	StopAct(ctx context.Context, by models.Actor, in policy.StopInput) (policy.Proposal, error)
	ListProposals(ctx context.Context, by models.Actor, state policy.ProposalState, before models.ID, limit int) (list []policy.Proposal, more bool, err error)
	ShowProposal(ctx context.Context, by models.Actor, id models.ID) (policy.Proposal, error)
}

func (s *server) registerAgentPolicies() {
	line := func(method, path, id, summary string, status int, errs ...*models.Error) op {
		limit := LimitWrite
		if method == http.MethodGet {
			limit = LimitRead
		}
		return op{
			Method: method, Path: "/agent/v1/" + path, ID: id, Summary: summary, Audience: Agent, May: hotline.MaySetPolicy, Limit: limit,
			Statuses: []int{status}, Errs: append([]*models.Error{hotline.ErrNotPermitted}, errs...),
		}
	}
	const proposal = "policy-proposals/{proposal_id}"
	register(s, line(http.MethodGet, "policies", "listSettings", "Every setting as it stands, with every decision about it", http.StatusOK), s.listSettings)
	register(s, line(http.MethodPost, "policies/previews", "previewSetting", "Which texts a proposal would change and how they would read; nothing is written", http.StatusOK,
		policy.ErrSettingUnknown, policy.ErrSettingRefused), s.previewSetting)
	register(s, line(http.MethodGet, "policy-proposals", "listProposals", "Proposals, the newest first", http.StatusOK), s.listProposals)
	register(s, line(http.MethodPost, "policy-proposals", "proposeSetting", "Propose a setting; a second person approves before it counts", http.StatusCreated,
		policy.ErrSettingUnknown, policy.ErrSettingRefused), s.proposeSetting)
	register(s, line(http.MethodGet, proposal, "getProposal", "One of them", http.StatusOK, policy.ErrProposalUnknown), s.getProposal)
	register(s, line(http.MethodPost, proposal+"/approvals", "decideProposal", "Approve or decline what another person proposed", http.StatusOK,
		policy.ErrProposalUnknown, policy.ErrProposalSettled, policy.ErrProposalSecond, policy.ErrChangedSince, policy.ErrProposalLate, policy.ErrSettingRefused, models.ErrConflict), s.decideProposal)
	register(s, line(http.MethodPost, proposal+"/withdrawals", "withdrawProposal", "Take one's own proposal back; a stop ends with it", http.StatusOK,
		policy.ErrProposalUnknown, policy.ErrProposalSettled, policy.ErrProposalNotYours, models.ErrConflict), s.withdrawProposal)
	register(s, line(http.MethodPost, "policy-stops", "stopAct", "Emergency: stop an act on a channel at once, alone, for a day at most; it alarms, and ends by itself unless approved", http.StatusCreated,
		policy.ErrSettingUnknown, policy.ErrSettingRefused, policy.ErrStopOpen, policy.ErrStopAgain), s.stopAct)
}

type decisionReply struct {
	Value      string    `json:"value"`
	Scope      string    `json:"scope"`
	ValidFrom  time.Time `json:"valid_from"`
	Basis      string    `json:"basis"`
	SetBy      string    `json:"set_by" doc:"Of the staff, or cli and the machine's user"`
	ApprovedBy string    `json:"approved_by,omitempty" doc:"Left out: by the command line"`
	SetAt      time.Time `json:"set_at"`
}

type settingReply struct {
	Key       string          `json:"key"`
	Type      string          `json:"type" enum:"word,level,count,fen,flag,text,owner,list,calendar"`
	OneOf     []string        `json:"one_of" nullable:"false"`
	Floor     string          `json:"floor,omitempty" doc:"Of a level"`
	Least     int64           `json:"least"`
	Most      int64           `json:"most,omitempty"`
	Scopes    []string        `json:"scopes" nullable:"false" doc:"What it may differ by, besides the whole city"`
	Rule      string          `json:"rule"`
	Meaning   string          `json:"meaning" doc:"What it decides, in Chinese"`
	Default   string          `json:"default"`
	Value     string          `json:"value" doc:"For the whole city, now"`
	Decisions []decisionReply `json:"decisions" nullable:"false" doc:"The latest first; those to come too"`
}

func newSettingReply(c policy.Current) settingReply {
	r := settingReply{
		Key: c.Key, Type: string(c.Type), OneOf: emptyNotNull(c.OneOf), Least: c.Least, Most: c.Most, Scopes: []string{}, Rule: c.Rule, Meaning: c.Meaning,
		Default: c.Default, Value: c.Value, Decisions: []decisionReply{},
	}
	if c.Type == policy.Level {
		r.Floor = c.Floor.String()
	}
	for _, k := range c.Scopes {
		r.Scopes = append(r.Scopes, string(k))
	}
	for _, d := range c.Rows {
		r.Decisions = append(r.Decisions, decisionReply{d.Value, string(d.Scope), d.ValidFrom, d.Basis, d.SetBy, d.ApprovedBy, d.SetAt})
	}
	return r
}

type listSettingsOutput struct {
	Body struct {
		Items []settingReply `json:"items" nullable:"false" doc:"In the order of the catalogue"`
	}
}

func (s *server) listSettings(ctx context.Context, _ *struct{}) (*listSettingsOutput, error) {
	found, err := s.PolicyDecisions.ListForStaff(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &listSettingsOutput{}
	out.Body.Items = make([]settingReply, len(found))
	for i, c := range found {
		out.Body.Items[i] = newSettingReply(c)
	}
	return out, nil
}

type settingWish struct {
	Key       string     `json:"key" maxLength:"80"`
	Value     string     `json:"value" maxLength:"2000"`
	Scope     string     `json:"scope,omitempty" maxLength:"24" doc:"district:410303 or bank:103; left out: the whole city"`
	ValidFrom *time.Time `json:"valid_from,omitempty" doc:"Left out: from its approval on"`
	Basis     string     `json:"basis" maxLength:"1000" doc:"The document or order behind it"`
}

func (w settingWish) input() policy.SetInput {
	in := policy.SetInput{Key: w.Key, Value: w.Value, Scope: policy.Scope(w.Scope), Basis: w.Basis}
	if w.ValidFrom != nil {
		in.From = *w.ValidFrom
	}
	return in
}

type settingWishInput struct{ Body settingWish }

type textChangeReply struct {
	Where  string `json:"where" doc:"guide, banner, act, article, progress, household"`
	ID     string `json:"id"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type readOverReply struct {
	Where string `json:"where"`
	ID    string `json:"id"`
	Text  string `json:"text"`
}

type previewOutput struct {
	Body struct {
		At       time.Time         `json:"at" doc:"The instant at which texts are compared"`
		Before   string            `json:"before" doc:"The setting's value then, without the proposal"`
		After    string            `json:"after"`
		Changes  []textChangeReply `json:"changes" nullable:"false"`
		ReadOver []readOverReply   `json:"read_over" nullable:"false" doc:"What rests on the same rule and does not change by itself"`
	}
}

func (s *server) previewSetting(ctx context.Context, in *settingWishInput) (*previewOutput, error) {
	p, err := s.PolicyDecisions.Preview(ctx, actorFrom(ctx), in.Body.input())
	if err != nil {
		return nil, err
	}
	out := &previewOutput{}
	out.Body.At, out.Body.Before, out.Body.After, out.Body.Changes, out.Body.ReadOver = p.At, p.Before, p.After, []textChangeReply{}, []readOverReply{}
	for _, c := range p.Changes {
		out.Body.Changes = append(out.Body.Changes, textChangeReply(c))
	}
	for _, t := range p.ReadOver {
		out.Body.ReadOver = append(out.Body.ReadOver, readOverReply(t))
	}
	return out, nil
}
