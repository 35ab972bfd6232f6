package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// Held keeps the one list of what is held, and what was decided about it.
type Held interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error // a nested call joins the outer one
	// Remember ties the request key in ctx to a result; a prior result comes back instead.
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)

	// NoteHolds brings the list in line with these payments as they now stand: what is held is listed, what is not, or is
	// held for another reason, is ended together with its proposal. It costs a few statements, however many keys.
	NoteHolds(ctx context.Context, keys []Key, n Noting) error
	// CatchUpHolds does the same for up to limit lines and batches that changed by another way; it returns how many.
	CatchUpHolds(ctx context.Context, n Noting, limit int) (int, error)

	HeldItems(ctx context.Context, q HeldQuery) ([]HeldItem, error)    // the longest held first
	HeldItem(ctx context.Context, k Key) (HeldItem, error)             // in a transaction the row is locked; models.ErrNotFound
	UpdateHeld(ctx context.Context, h HeldItem, from HeldState) error  // guarded by from and Changes: models.ErrConflict
	HeldLine(ctx context.Context, k Key) (Payment, error)              // locked; models.ErrNotFound
	Decided(ctx context.Context, keys []Key) (map[Key]HeldItem, error) // those released or rejected
	// ReadBatchAgain lets a batch that is held be tried again; one that is not is models.ErrConflict.
	ReadBatchAgain(ctx context.Context, batch string) error
	// Overdue marks up to limit entries that are overdue and not yet marked on this day, and returns them.
	Overdue(ctx context.Context, now time.Time, day models.Date, limit int) ([]HeldItem, error)

	AddProposal(ctx context.Context, p Proposal) error          // an entry has one that is open: models.ErrConflict
	ProposalsOf(ctx context.Context, k Key) ([]Proposal, error) // the newest first
	EndProposal(ctx context.Context, p Proposal) error          // the open one, guarded: models.ErrConflict
}

// Noting is how entries begin: by reason, whose they are and when they are overdue.
type Noting struct {
	At    time.Time
	Rules map[Hold]NotingRule
	Other NotingRule // lines held for a reason without a rule
	Batch NotingRule
}

// NotingRule is one line of it.
type NotingRule struct {
	Owner Owner
	DueAt time.Time
}

// HeldQuery asks for a page of the list.
type HeldQuery struct {
	States     []HeldState
	Reason     Hold
	Owner      Owner
	AssignedTo models.ID
	District   string // of the reviewer's seat; empty: the whole city
	Department string // of the reviewer; empty: all
	DueBefore  time.Time
	AfterAt    time.Time // the last one of the page before: HeldAt and Key
	After      Key
	Limit      int
}

// HeldTime says how many hours something may stay held for a reason until it is overdue; BATCH is any batch, OTHER a
// reason without a setting of its own.
type HeldTime interface {
	HeldHours(ctx context.Context, reason string, at time.Time) (int, error)
}

// Reviewer is a member of staff who decides about what is held.
type Reviewer struct {
	ID                   models.ID
	District, Department string // empty: all
}

// Reviewers knows who may look at held payments and decide about them.
type Reviewers interface {
	// Reviewer is the acting member of staff; who has not the role is refused, and that is audited.
	Reviewer(ctx context.Context, by models.Actor) (Reviewer, error)
	// ReviewerByID is an active one; models.ErrNotFound.
	ReviewerByID(ctx context.Context, id models.ID) (Reviewer, error)
}

// Alarms counts what an operator must see, by code.
type Alarms interface {
	Alarm(code string, n int)
}
