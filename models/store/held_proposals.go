package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

type proposalRow struct {
	ID          string `gorm:"primaryKey"`
	LedgerMonth string
	BatchID     string
	Line        int
	Reason      string
	Decision    string
	ReasonCode  string
	NoteSealed  []byte
	State       string
	Version     int64
	ProposedBy  string
	ProposedAt  time.Time
	DecidedBy   *string
	DecidedAt   *time.Time
}

func (proposalRow) TableName() string { return "held_proposals" }

// AddProposal writes an open proposal; its note, free text of a person, is sealed.
func (s *Subsidies) AddProposal(ctx context.Context, p subsidy.Proposal) error {
	note, err := s.Seal(ctx, "held_proposals", "note_sealed", string(p.ID), []byte(p.Note))
	if err != nil {
		return err
	}
	return translate(s.w(ctx).Create(&proposalRow{
		ID: string(p.ID), LedgerMonth: p.Key.LedgerMonth, BatchID: p.Key.BatchID, Line: p.Key.Line, Reason: string(p.Reason),
		Decision: string(p.Decision), ReasonCode: p.ReasonCode, NoteSealed: note, State: p.State, Version: p.Version,
		ProposedBy: string(p.ProposedBy), ProposedAt: models.Instant(p.ProposedAt),
	}).Error)
}

// ProposalsOf lists what was proposed about one entry, the newest first.
func (s *Subsidies) ProposalsOf(ctx context.Context, k subsidy.Key) ([]subsidy.Proposal, error) {
	var rows []proposalRow
	err := s.q(ctx).Where("ledger_month = ? AND batch_id = ? AND line = ?", k.LedgerMonth, k.BatchID, k.Line).Order("id DESC").Limit(50).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.Proposal, len(rows))
	for i, r := range rows {
		note, err := s.Unseal(ctx, "held_proposals", "note_sealed", r.ID, r.NoteSealed)
		if err != nil {
			return nil, err
		}
		out[i] = subsidy.Proposal{
			ID: models.ID(r.ID), Key: k, Reason: subsidy.Hold(r.Reason), Decision: subsidy.Decision(r.Decision), ReasonCode: r.ReasonCode,
			Note: string(note), State: r.State, Version: r.Version, ProposedBy: models.ID(r.ProposedBy), ProposedAt: models.Instant(r.ProposedAt),
			DecidedBy: idOf(r.DecidedBy), DecidedAt: timeOf(r.DecidedAt),
		}
	}
	return out, nil
}

// EndProposal writes the end of an open proposal; of many who try a single one succeeds.
func (s *Subsidies) EndProposal(ctx context.Context, p subsidy.Proposal) error {
	return guarded(s.w(ctx).Exec("UPDATE held_proposals SET state = ?, decided_by = ?, decided_at = ? WHERE id = ? AND state = 'open'",
		p.State, nullID(p.DecidedBy), nullTime(p.DecidedAt), string(p.ID)))
}
