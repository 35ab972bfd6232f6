package policy

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Propose writes one person's wish about a setting down. Nothing changes before a second person approves. It is held to
// the catalogue at once, floors included, and again when it is approved: ErrSettingUnknown, ErrSettingRefused.
func (s *Service) Propose(ctx context.Context, by models.Actor, in SetInput) (Proposal, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return Proposal{}, err
	}
	r, err := s.wish(ctx, by, in)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{
		ID: models.NewID(), Kind: ProposeSetting, Key: r.Key, Scope: r.Scope, Value: r.Value, Basis: r.Basis, State: ProposalOpen, ProposedBy: by.ID, ProposedAt: r.SetAt,
	}
	if !in.From.IsZero() {
		p.ValidFrom = r.ValidFrom
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.store.Remember(ctx, by, "policy_proposals", string(p.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			p, err = s.store.Proposal(ctx, models.ID(prior))
			return err
		}
		if p.Seen, err = s.newest(ctx, p.Key, p.Scope); err != nil {
			return err
		}
		if err := s.store.AddProposal(ctx, p); err != nil {
			return err
		}
		return s.auditProposal(ctx, by, p, "proposed")
	})
	return p, err
}

// wish is the row that a proposal asks for, held to the catalogue.
func (s *Service) wish(ctx context.Context, by models.Actor, in SetInput) (Row, error) {
	in.SetBy = string(by.ID)
	r, declared, err := s.rowOf(in)
	if err != nil {
		return Row{}, err
	}
	if personalNumber.MatchString(r.Basis) { // a basis is published with its decision
		refused := *ErrSettingRefused
		refused.Fields = []models.FieldError{{Field: "basis", Code: "PERSONAL_NUMBER", Message: "依据里不要写证件号码、手机号或卡号,只写文件名称或文号"}}
		return Row{}, &refused
	}
	return r, s.fits(ctx, declared, r)
}

// personalNumber is as long as a phone, a card or an ID number; dates and numbers of documents are shorter.
var personalNumber = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){10,}`)

// newest is the id of the decision about a key and scope that was made last, whenever it counts; empty where nobody has
// decided.
func (s *Service) newest(ctx context.Context, key string, scope Scope) (models.ID, error) {
	rows, err := s.store.Settings(ctx)
	if err != nil {
		return "", err
	}
	var last Row
	for _, r := range rows {
		if r.Key == key && r.Scope == scope && (last.ID == "" || r.SetAt.After(last.SetAt) || r.SetAt.Equal(last.SetAt) && r.ID > last.ID) {
			last = r
		}
	}
	return last.ID, nil
}

// DeclineReasons are why a proposal is declined.
var DeclineReasons = []string{"no_basis", "wrong_value", "wrong_date", "not_now", "other"}

// DecideInput is the second person's word.
type DecideInput struct {
	Approve bool
	Reason  string // of a refusal
}

// Decide approves or declines what another person proposed; of several at once one does. Approved it is a decision like
// any other, with both names, and counts from its date on. ErrProposalSecond for who proposed it; ErrProposalSettled;
// ErrChangedSince where the setting was decided about meanwhile; ErrProposalLate where its date has passed.
func (s *Service) Decide(ctx context.Context, by models.Actor, id models.ID, in DecideInput) (Proposal, error) {
	if !in.Approve && !slices.Contains(DeclineReasons, in.Reason) {
		return Proposal{}, models.InvalidInput(models.FieldError{Field: "reason", Code: "UNKNOWN", Message: "请从列出的原因中选择。"})
	}
	return s.actOnProposal(ctx, by, id, func(ctx context.Context, p Proposal) (Proposal, error) {
		now := s.clock.Now()
		if p.ProposedBy == by.ID {
			return p, ErrProposalSecond
		}
		p.DecidedBy, p.DecidedAt = by.ID, now
		if p.Kind == ProposeStop {
			if !p.stops(now) {
				return p, ErrProposalSettled
			}
			p.EndedAt = now // from here on the decision holds, or nothing does
		}
		if !in.Approve {
			p.Reason = in.Reason
			return s.end(ctx, by, p, onDecline, "declined")
		}
		return s.approve(ctx, by, p, now)
	})
}

func (s *Service) approve(ctx context.Context, by models.Actor, p Proposal, now time.Time) (Proposal, error) {
	from := p.ValidFrom
	if p.Kind == ProposeStop {
		from = time.Time{}
	} else {
		newest, err := s.newest(ctx, p.Key, p.Scope)
		switch {
		case err != nil:
			return p, err
		case newest != p.Seen:
			return p, ErrChangedSince
		case !from.IsZero() && from.Before(now):
			return p, ErrProposalLate
		}
	}
	r, declared, err := s.rowOf(SetInput{Key: p.Key, Value: p.Value, Scope: p.Scope, From: from, Basis: p.Basis, SetBy: string(p.ProposedBy)})
	if err != nil {
		return p, err
	}
	if err := s.fits(ctx, declared, r); err != nil {
		return p, err
	}
	r.ApprovedBy, p.SettingID = string(by.ID), r.ID
	if err := s.write(ctx, by, declared, r); err != nil {
		return p, err
	}
	return s.end(ctx, by, p, onApprove, "approved")
}

// TakeBack ends one's own proposal. A stop ends with it, at once.
func (s *Service) TakeBack(ctx context.Context, by models.Actor, id models.ID) (Proposal, error) {
	return s.actOnProposal(ctx, by, id, func(ctx context.Context, p Proposal) (Proposal, error) {
		if p.ProposedBy != by.ID {
			return p, ErrProposalNotYours
		}
		p.DecidedBy, p.DecidedAt = by.ID, s.clock.Now()
		if p.Kind == ProposeStop {
			p.EndedAt = p.DecidedAt
		}
		return s.end(ctx, by, p, onTakeBack, "withdrawn")
	})
}

// actOnProposal runs one act on an open proposal in one commit, one decision after the other; a repeat of the request
// answers with the proposal as it is.
func (s *Service) actOnProposal(ctx context.Context, by models.Actor, id models.ID, do func(ctx context.Context, p Proposal) (Proposal, error)) (Proposal, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return Proposal{}, err
	}
	var p Proposal
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.store.Remember(ctx, by, "policy_proposals", string(id))
		if err == nil && prior == "" {
			err = s.store.HoldSettings(ctx)
		}
		if err != nil {
			return err
		}
		if p, err = s.store.Proposal(ctx, id); errors.Is(err, models.ErrNotFound) {
			return ErrProposalUnknown
		}
		if err != nil || prior != "" {
			return err
		}
		if p.State != ProposalOpen {
			return ErrProposalSettled
		}
		p, err = do(ctx, p)
		return err
	})
	s.forget()
	return p, err
}

func (s *Service) end(ctx context.Context, by models.Actor, p Proposal, on ProposalEvent, what string) (Proposal, error) {
	to, err := ProposalFlow.Next(p.State, on)
	if err != nil {
		return p, ErrProposalSettled.Because(err)
	}
	p.State = to
	if err := s.store.SaveProposal(ctx, p); err != nil {
		return p, err
	}
	return p, s.auditProposal(ctx, by, p, what)
}

func (s *Service) auditProposal(ctx context.Context, by models.Actor, p Proposal, what string) error {
	e := audit.Of(by, s.clock.Now(), "policy."+string(p.Kind)+"."+what, "policy_proposals", string(p.ID), string(p.State)).Noting("key", p.Key).Noting("scope", string(p.Scope))
	if byKey[p.Key].Type != Owner && byKey[p.Key].Type != Text {
		e = e.Noting("value", p.Value)
	}
	if p.Reason != "" {
		e = e.Noting("reason", p.Reason)
	}
	return s.store.RecordAudit(ctx, e)
}

// ListProposals shows proposals to those who may decide about them, the newest first.
func (s *Service) ListProposals(ctx context.Context, by models.Actor, state ProposalState, before models.ID, limit int) (list []Proposal, more bool, err error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return nil, false, err
	}
	list, err = s.store.Proposals(ctx, state, before, limit+1)
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	return list, more, err
}

// ShowProposal is one of them.
func (s *Service) ShowProposal(ctx context.Context, by models.Actor, id models.ID) (Proposal, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return Proposal{}, err
	}
	p, err := s.store.Proposal(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		err = ErrProposalUnknown
	}
	return p, err
}

// ListForStaff is List for those who decide at the console.
func (s *Service) ListForStaff(ctx context.Context, by models.Actor) ([]Current, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return nil, err
	}
	return s.List(ctx, s.clock.Now())
}
