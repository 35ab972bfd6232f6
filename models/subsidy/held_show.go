package subsidy

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// HeldView is one entry as a reviewer sees it: the programme under its neutral name, no person.
type HeldView struct {
	HeldItem
	ID        string
	Code      string // of the programme; empty where it alone would name it (R55)
	Name      string
	Overdue   bool
	Timeline  []Stage
	Proposals []Proposal // in the view of one entry only, the newest first
}

// HeldPage asks for a page of the list.
type HeldPage struct {
	State   string // waiting, held, proposed, released, rejected
	Reason  Hold
	Owner   Owner
	Mine    bool
	Overdue bool
	AfterAt time.Time
	After   string // HeldID
	Limit   int
}

// HeldList lists what is held, the longest held first, within the reviewer's district and department.
func (s *Service) HeldList(ctx context.Context, by models.Actor, page HeldPage) (items []HeldView, more bool, err error) {
	r, err := s.Reviewers.Reviewer(ctx, by)
	if err != nil {
		return nil, false, err
	}
	q := HeldQuery{States: []HeldState{HeldOpen, HeldProposed}, Reason: page.Reason, Owner: page.Owner, District: r.District,
		Department: r.Department, AfterAt: page.AfterAt, Limit: page.Limit + 1}
	if page.State != "" && page.State != "waiting" {
		q.States = []HeldState{HeldState(page.State)}
	}
	if page.Mine {
		q.AssignedTo = by.ID
	}
	if page.Overdue {
		q.DueBefore = s.Clock.Now()
	}
	q.After, _ = ParseHeldID(page.After)
	found, err := s.Store.HeldItems(ctx, q)
	if err != nil {
		return nil, false, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > page.Limit; more {
		found = found[:page.Limit]
	}
	for _, h := range found {
		items = append(items, s.viewOf(programmes, h))
	}
	return items, more, nil
}

// HeldItem shows one entry with its line's timeline and everything that was proposed about it.
func (s *Service) HeldItem(ctx context.Context, by models.Actor, id string) (HeldView, error) {
	r, err := s.Reviewers.Reviewer(ctx, by)
	if err != nil {
		return HeldView{}, err
	}
	k, ok := ParseHeldID(id)
	if !ok {
		return HeldView{}, ErrHeldNotFound
	}
	return s.heldView(ctx, r, k)
}

func (s *Service) heldView(ctx context.Context, r Reviewer, k Key) (HeldView, error) {
	h, err := s.heldFor(ctx, r, k)
	if err != nil {
		return HeldView{}, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return HeldView{}, err
	}
	v := s.viewOf(programmes, h)
	if v.Proposals, err = s.Store.ProposalsOf(ctx, k); err != nil || h.IsBatch() {
		return v, err
	}
	lines, err := s.Store.OurLines(ctx, []Key{k})
	v.Timeline = timeline(lines[k])
	return v, err
}

// heldFor reads an entry that the reviewer may see; another's is not found.
func (s *Service) heldFor(ctx context.Context, r Reviewer, k Key) (HeldItem, error) {
	h, err := s.Store.HeldItem(ctx, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && !r.sees(h) {
		return HeldItem{}, ErrHeldNotFound
	}
	return h, err
}

func (s *Service) viewOf(programmes editions, h HeldItem) HeldView {
	pr := programmes[h.Programme][h.Edition]
	v := HeldView{HeldItem: h, ID: HeldID(h.Key), Code: h.Programme, Name: pr.NeutralName(), Overdue: h.Waits() && h.DueAt.Before(s.Clock.Now())}
	if pr.Code == "" || pr.namedOnlyInDetail() {
		v.Code = ""
	}
	return v
}

// Age is how long an entry has been held.
func (v HeldView) Age(now time.Time) time.Duration { return now.Sub(v.HeldAt) }

// ParseOwner reads the word of an owner; the empty one is none.
func ParseOwner(s string) (Owner, bool) {
	return Owner(s), s == "" || slices.Contains(Owners, Owner(s))
}
