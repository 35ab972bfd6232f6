package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/policy"
)

type policyProposalRow struct {
	ID         string `gorm:"primaryKey"`
	Kind       string
	Key        string
	Scope      string
	Value      string
	ValidFrom  *time.Time
	Basis      string
	Seen       *string
	State      string
	LapsesAt   *time.Time
	EndedAt    *time.Time
	ProposedBy string
	ProposedAt time.Time
	DecidedBy  *string
	DecidedAt  *time.Time
	Reason     string
	SettingID  *string
}

func (policyProposalRow) TableName() string { return "policy_proposals" }

func newPolicyProposalRow(p policy.Proposal) policyProposalRow {
	return policyProposalRow{
		ID: string(p.ID), Kind: string(p.Kind), Key: p.Key, Scope: string(p.Scope), Value: p.Value, ValidFrom: nullTime(p.ValidFrom), Basis: p.Basis,
		Seen: nullID(p.Seen), State: string(p.State), LapsesAt: nullTime(p.LapsesAt), EndedAt: nullTime(p.EndedAt), ProposedBy: string(p.ProposedBy),
		ProposedAt: p.ProposedAt, DecidedBy: nullID(p.DecidedBy), DecidedAt: nullTime(p.DecidedAt), Reason: p.Reason, SettingID: nullID(p.SettingID),
	}
}

func (r policyProposalRow) proposal() policy.Proposal {
	return policy.Proposal{
		ID: models.ID(r.ID), Kind: policy.ProposalKind(r.Kind), Key: r.Key, Scope: policy.Scope(r.Scope), Value: r.Value, ValidFrom: timeOf(r.ValidFrom), Basis: r.Basis,
		Seen: idOf(r.Seen), State: policy.ProposalState(r.State), LapsesAt: timeOf(r.LapsesAt), EndedAt: timeOf(r.EndedAt), ProposedBy: models.ID(r.ProposedBy),
		ProposedAt: models.Instant(r.ProposedAt), DecidedBy: idOf(r.DecidedBy), DecidedAt: timeOf(r.DecidedAt), Reason: r.Reason, SettingID: idOf(r.SettingID),
	}
}

// HoldSettings implements policy.ProposalStore: the one row is held until the transaction ends.
func (s *Policies) HoldSettings(ctx context.Context) error {
	return translate(s.w(ctx).Exec("UPDATE policy_edition SET n = n + 1").Error)
}

// AddProposal implements policy.ProposalStore.
func (s *Policies) AddProposal(ctx context.Context, p policy.Proposal) error {
	row := newPolicyProposalRow(p)
	err := s.w(ctx).Create(&row).Error
	if s.isDuplicate(err, "policy_proposals_one_stop") {
		return policy.ErrStopOpen
	}
	return translate(err)
}

// Proposal implements policy.ProposalStore.
func (s *Policies) Proposal(ctx context.Context, id models.ID) (policy.Proposal, error) {
	var row policyProposalRow
	if err := s.q(ctx).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return policy.Proposal{}, translate(err)
	}
	return row.proposal(), nil
}

// SaveProposal implements policy.ProposalStore.
func (s *Policies) SaveProposal(ctx context.Context, p policy.Proposal) error {
	return guarded(s.w(ctx).Model(&policyProposalRow{}).Where("id = ? AND state = 'open'", string(p.ID)).
		Select("state", "ended_at", "decided_by", "decided_at", "reason", "setting_id").Updates(newPolicyProposalRow(p)))
}

// Proposals implements policy.ProposalStore.
func (s *Policies) Proposals(ctx context.Context, state policy.ProposalState, before models.ID, limit int) ([]policy.Proposal, error) {
	q := s.q(ctx)
	if state != "" {
		q = q.Where("state = ?", string(state))
	}
	if before != "" {
		q = q.Where("id < ?", string(before))
	}
	return proposalsOf(q.Order("id DESC").Limit(limit))
}

// Stops implements policy.ProposalStore.
func (s *Policies) Stops(ctx context.Context) ([]policy.Proposal, error) {
	return proposalsOf(s.q(ctx).Where("kind = 'stop'").Order("id"))
}

func proposalsOf(q *gorm.DB) ([]policy.Proposal, error) {
	var rows []policyProposalRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]policy.Proposal, len(rows))
	for i, r := range rows {
		out[i] = r.proposal()
	}
	return out, nil
}
