package api

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/policy"
)

type policyProposalReply struct {
	ProposalID string     `json:"proposal_id"`
	Kind       string     `json:"kind" enum:"setting,stop" doc:"stop: an act that one person stopped at once"`
	Key        string     `json:"key"`
	Scope      string     `json:"scope"`
	Value      string     `json:"value"`
	ValidFrom  *time.Time `json:"valid_from,omitempty" doc:"Left out: from its approval on"`
	Basis      string     `json:"basis"`
	State      string     `json:"state" enum:"open,approved,declined,withdrawn,lapsed"`
	LapsesAt   *time.Time `json:"lapses_at,omitempty" doc:"Of a stop: it ends then by itself unless approved"`
	ProposedBy string     `json:"proposed_by" doc:"Of the staff"`
	ProposedAt time.Time  `json:"proposed_at"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"Of a refusal"`
}

func newPolicyProposalReply(p policy.Proposal) policyProposalReply {
	return policyProposalReply{
		ProposalID: string(p.ID), Kind: string(p.Kind), Key: p.Key, Scope: string(p.Scope), Value: p.Value, ValidFrom: instantOrNone(p.ValidFrom), Basis: p.Basis,
		State: string(p.State), LapsesAt: instantOrNone(p.LapsesAt), ProposedBy: string(p.ProposedBy), ProposedAt: p.ProposedAt, DecidedBy: string(p.DecidedBy),
		DecidedAt: instantOrNone(p.DecidedAt), Reason: p.Reason,
	}
}

type policyProposalOutput struct{ Body policyProposalReply }

func proposalOut(p policy.Proposal, err error) (*policyProposalOutput, error) {
	if err != nil {
		return nil, err
	}
	return &policyProposalOutput{newPolicyProposalReply(p)}, nil
}

func (s *server) proposeSetting(ctx context.Context, in *settingWishInput) (*policyProposalOutput, error) {
	return proposalOut(s.PolicyDecisions.Propose(ctx, actorFrom(ctx), in.Body.input()))
}

// ProposalPath names the proposal of the path.
type ProposalPath struct {
	ProposalID string `path:"proposal_id" maxLength:"36" format:"uuid"`
}

func (p ProposalPath) id() models.ID { return models.ID(p.ProposalID) }

func (s *server) getProposal(ctx context.Context, in *ProposalPath) (*policyProposalOutput, error) {
	return proposalOut(s.PolicyDecisions.ShowProposal(ctx, actorFrom(ctx), in.id()))
}

type decideProposalInput struct {
	ProposalPath
	Body struct {
		Approve bool   `json:"approve" doc:"false declines"`
		Reason  string `json:"reason,omitempty" enum:"no_basis,wrong_value,wrong_date,not_now,other" doc:"Of a refusal"`
	}
}

func (s *server) decideProposal(ctx context.Context, in *decideProposalInput) (*policyProposalOutput, error) {
	return proposalOut(s.PolicyDecisions.Decide(ctx, actorFrom(ctx), in.id(), policy.DecideInput{Approve: in.Body.Approve, Reason: in.Body.Reason}))
}

func (s *server) withdrawProposal(ctx context.Context, in *ProposalPath) (*policyProposalOutput, error) {
	return proposalOut(s.PolicyDecisions.TakeBack(ctx, actorFrom(ctx), in.id()))
}

type stopActInput struct {
	Body struct {
		Act     string `json:"act" maxLength:"32" doc:"An act of docs/policies.md"`
		Channel string `json:"channel" enum:"wechat_mini,wechat_oa,alipay_mini,alipay_life,phone"`
		Hours   int    `json:"hours,omitempty" maximum:"24" minimum:"0" doc:"Left out: 24"`
		Basis   string `json:"basis" maxLength:"1000" doc:"What happened"`
	}
}

func (s *server) stopAct(ctx context.Context, in *stopActInput) (*policyProposalOutput, error) {
	return proposalOut(s.PolicyDecisions.StopAct(ctx, actorFrom(ctx), policy.StopInput{
		Act: models.Act(in.Body.Act), Channel: models.Channel(in.Body.Channel), For: time.Duration(in.Body.Hours) * time.Hour, Basis: in.Body.Basis,
	}))
}

type listProposalsInput struct {
	Page
	State string `query:"state" enum:",open,approved,declined,withdrawn,lapsed" default:"open" doc:"Empty: all"`
}

type listProposalsOutput struct{ Body list[policyProposalReply] }

func (s *server) listProposals(ctx context.Context, in *listProposalsInput) (*listProposalsOutput, error) {
	by := actorFrom(ctx)
	before, err := s.placeOf(ctx, by.ID, in.State, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, more, err := s.PolicyDecisions.ListProposals(ctx, by, policy.ProposalState(in.State), models.ID(before), in.Limit)
	if err != nil {
		return nil, err
	}
	items, next := make([]policyProposalReply, len(found)), ""
	for i, p := range found {
		items[i] = newPolicyProposalReply(p)
	}
	if more {
		next = string(found[len(found)-1].ID)
	}
	return &listProposalsOutput{listOf(items, s.cursorOf(ctx, by.ID, in.State, next))}, nil
}
