package subsidy

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// ProposeInput is one reviewer's decision.
type ProposeInput struct {
	Held       string // HeldID
	Decision   Decision
	ReasonCode string
	Note       string
}

// Propose notes down what one reviewer wants done about a held line or batch. Nothing happens before a second one
// approves. ErrHeldDecided once somebody has proposed, ErrDecisionUnfit for what the table of holds does not allow: a
// payment to the wrong person is never released (R3).
func (s *Service) Propose(ctx context.Context, by models.Actor, in ProposeInput) (HeldView, error) {
	in.Note = strings.TrimSpace(in.Note)
	if n := utf8.RuneCountInString(in.Note); n == 0 || n > 500 {
		return HeldView{}, models.InvalidInput(models.FieldError{Field: "note", Code: "LENGTH", Message: "请用1至500字说明理由。"})
	}
	return s.actOnHeld(ctx, by, in.Held, func(ctx context.Context, h HeldItem) error {
		switch {
		case !h.Waits():
			return ErrHeldSettled
		case h.State == HeldProposed:
			return ErrHeldProposed
		case !h.allows(in.Decision, in.ReasonCode):
			return ErrDecisionUnfit
		}
		if !h.IsBatch() {
			line, err := s.Store.HeldLine(ctx, h.Key)
			if err != nil {
				return err
			}
			h.Facts = factsOf(line, h.Reason)
		}
		if err := s.moveHeld(ctx, h, HeldPropose); err != nil {
			return err
		}
		err := s.Store.AddProposal(ctx, Proposal{
			ID: models.NewID(), Key: h.Key, Reason: h.Reason, Decision: in.Decision, ReasonCode: in.ReasonCode, Note: in.Note,
			State: ProposalOpen, Version: h.Version, ProposedBy: by.ID, ProposedAt: s.Clock.Now(),
		})
		if err != nil {
			return err
		}
		return s.auditHeld(ctx, by, h, "proposed", string(in.Decision), in.ReasonCode)
	})
}

// ApproveInput is the second reviewer's word.
type ApproveInput struct {
	Held    string
	Approve bool  // false: the proposal is declined, the entry stays held
	Version int64 // of the line or batch that the reviewer looked at
}

// Approve carries out or declines what another reviewer proposed, in one commit: the decision, the line with what
// follows from it, and the audit. ErrSamePerson for the proposer, ErrHeldSettled where the registry was first,
// ErrHeldChanged where the line is not the one that was looked at.
func (s *Service) Approve(ctx context.Context, by models.Actor, in ApproveInput) (HeldView, error) {
	return s.actOnHeld(ctx, by, in.Held, func(ctx context.Context, h HeldItem) error {
		p, err := s.openProposal(ctx, h)
		switch {
		case err != nil:
			return err
		case p.ProposedBy == by.ID:
			return ErrSamePerson
		case in.Approve && in.Version != h.Version:
			return ErrHeldChanged
		}
		p.DecidedBy, p.DecidedAt = by.ID, s.Clock.Now()
		if !in.Approve {
			p.State = ProposalDeclined
			if err := s.Store.EndProposal(ctx, p); err != nil {
				return err
			}
			if err := s.moveHeld(ctx, h, HeldBack); err != nil {
				return err
			}
			return s.auditHeld(ctx, by, h, "declined", string(p.Decision), p.ReasonCode)
		}
		p.State = ProposalApproved
		if err := s.Store.EndProposal(ctx, p); err != nil {
			return err
		}
		if h.IsBatch() {
			return s.decideBatch(ctx, by, h, p)
		}
		return s.decideLine(ctx, by, h, p)
	})
}

// Withdraw takes one's own proposal back.
func (s *Service) Withdraw(ctx context.Context, by models.Actor, id string) (HeldView, error) {
	return s.actOnHeld(ctx, by, id, func(ctx context.Context, h HeldItem) error {
		p, err := s.openProposal(ctx, h)
		switch {
		case err != nil:
			return err
		case p.ProposedBy != by.ID:
			return ErrNotProposer
		}
		p.State, p.DecidedBy, p.DecidedAt = ProposalWithdrawn, by.ID, s.Clock.Now()
		if err := s.Store.EndProposal(ctx, p); err != nil {
			return err
		}
		if err := s.moveHeld(ctx, h, HeldBack); err != nil {
			return err
		}
		return s.auditHeld(ctx, by, h, "withdrawn", string(p.Decision), p.ReasonCode)
	})
}

// AssignInput says whose task an entry is now.
type AssignInput struct {
	Held    string
	Owner   Owner     // empty: as it is
	StaffID models.ID // empty: nobody's in person
}

// Assign hands an entry to an owner and to a member of staff who may decide about it.
func (s *Service) Assign(ctx context.Context, by models.Actor, in AssignInput) (HeldView, error) {
	return s.actOnHeld(ctx, by, in.Held, func(ctx context.Context, h HeldItem) error {
		if !h.Waits() {
			return ErrHeldSettled
		}
		if in.StaffID != "" {
			r, err := s.Reviewers.ReviewerByID(ctx, in.StaffID)
			if errors.Is(err, models.ErrNotFound) || err == nil && !r.sees(h) {
				return ErrReviewerUnknown
			}
			if err != nil {
				return err
			}
		}
		next := h
		if next.AssignedTo = in.StaffID; in.Owner != "" {
			next.Owner = in.Owner
		}
		if err := s.Store.UpdateHeld(ctx, next, h.State); err != nil {
			return err
		}
		return s.auditHeld(ctx, by, h, "assigned", string(next.Owner), string(in.StaffID))
	})
}

// sees reports whether an entry is in a reviewer's district and department.
func (r Reviewer) sees(h HeldItem) bool {
	return (r.District == "" || r.District == h.District) && (r.Department == "" || r.Department == h.Department)
}

// actOnHeld runs one act on one entry in one commit, for a reviewer who may see it; a repeat of the request answers with
// the entry as it is.
func (s *Service) actOnHeld(ctx context.Context, by models.Actor, id string, act func(ctx context.Context, h HeldItem) error) (HeldView, error) {
	r, err := s.Reviewers.Reviewer(ctx, by)
	if err != nil {
		return HeldView{}, err
	}
	k, ok := ParseHeldID(id)
	if !ok {
		return HeldView{}, ErrHeldNotFound
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "held_items", id)
		if err != nil || prior != "" {
			return err
		}
		if k.Line > 0 { // the line first, as the feed does: two who lock both never wait for each other in a ring
			if _, err := s.Store.HeldLine(ctx, k); err != nil && !errors.Is(err, models.ErrNotFound) {
				return err
			}
		}
		h, err := s.heldFor(ctx, r, k)
		if err != nil {
			return err
		}
		return act(ctx, h)
	})
	if err != nil {
		return HeldView{}, err
	}
	return s.heldView(ctx, r, k)
}

func (s *Service) openProposal(ctx context.Context, h HeldItem) (Proposal, error) {
	if h.State != HeldProposed {
		if !h.Waits() {
			return Proposal{}, ErrHeldSettled
		}
		return Proposal{}, ErrNothingProposed
	}
	list, err := s.Store.ProposalsOf(ctx, h.Key)
	if err != nil {
		return Proposal{}, err
	}
	for _, p := range list {
		if p.State == ProposalOpen {
			return p, nil
		}
	}
	return Proposal{}, models.ErrConflict
}

func (s *Service) moveHeld(ctx context.Context, h HeldItem, on HeldEvent) error {
	to, err := HeldFlow.Next(h.State, on)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	from := h.State
	h.State = to
	return s.Store.UpdateHeld(ctx, h, from)
}

// decideLine shows a line as it is, or never.
func (s *Service) decideLine(ctx context.Context, by models.Actor, h HeldItem, p Proposal) error {
	was, err := s.Store.HeldLine(ctx, h.Key)
	if err != nil {
		return err
	}
	if was.Hold != h.Reason || was.Version != h.Version || h.Facts != factsOf(was, h.Reason) { // two people decide about the same facts
		return ErrHeldChanged
	}
	if !h.allows(p.Decision, p.ReasonCode) { // the line has changed since it was proposed
		return ErrDecisionUnfit
	}
	is, on := was, HeldReject
	is.Hold = HoldRejected
	if p.Decision == DecideRelease {
		is.Hold, on = HoldNone, HeldRelease
	}
	if err := s.moveHeld(ctx, h, on); err != nil {
		return err
	}
	if err := s.Store.SetHolds(ctx, was.Hold, map[Hold][]Key{is.Hold: {is.Key}}); err != nil {
		return err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return err
	}
	if err := s.followBy(ctx, by, programmes, []change{{was: was, is: is}}); err != nil {
		return err
	}
	if p.Decision == DecideRelease && h.Reason == HoldNotHead { // R4: reason and approver
		e := audit.Of(by, s.Clock.Now(), "subsidy.payment.exception_accepted", "payments", h.Key.String(), "accepted").About(was.PersonID)
		e = e.Noting("reason", p.ReasonCode).Noting("proposed_by", string(p.ProposedBy))
		if err := s.Store.RecordAudits(ctx, []audit.Entry{e}); err != nil {
			return err
		}
	}
	return s.auditHeld(ctx, by, h, string(heldAs[on]), string(p.Decision), p.ReasonCode)
}

func (s *Service) auditHeld(ctx context.Context, by models.Actor, h HeldItem, result, what, code string) error {
	e := audit.Of(by, s.Clock.Now(), "subsidy.held."+result, "held_items", HeldID(h.Key), result)
	return s.Store.RecordAudits(ctx, []audit.Entry{e.Noting("hold", string(h.Reason)).Noting("what", what).Noting("code", code)})
}
