package subsidy

import (
	"context"
	"slices"

	"onecard/models"
	"onecard/models/audit"
)

// HotRead is what ready answers need of the store.
type HotRead interface {
	// InTx runs fn in one transaction; an error rolls everything back. It joins the transaction of ctx.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs f once the transaction of ctx has committed, never if it has not; without one, now.
	AfterCommit(ctx context.Context, f func())
	// Glance tells in one statement whether the copy has moved.
	Glance(ctx context.Context) (Glance, error)
	// HandlesOf are the names under which ready answers of these people are kept.
	HandlesOf(ctx context.Context, people []models.ID) ([]string, error)
	// HandlesOfSlice are those of the payees of lines From to To of a batch, in one statement. It also names the payees
	// whose record was merged while the batch was on its way.
	HandlesOfSlice(ctx context.Context, j InvalidateSlice) (handles []string, merged []models.PersonRef, err error)
	// Moves lists, for the records that refs name or that became one of those, who is left of them: from → into, where
	// these differ.
	Moves(ctx context.Context, refs []models.PersonRef) (map[models.ID]models.ID, error)
	// Successors lists who is left of each record as of now: itself, where it was not merged.
	Successors(ctx context.Context, ids []models.ID) (map[models.ID]Successor, error)
	// MovePayments gives one record's payments to the person it became; it answers how many.
	MovePayments(ctx context.Context, from, into models.ID) (int64, error)
}

// Successor is who is left of a record.
type Successor struct {
	ID  models.ID
	Ref models.PersonRef // of the record itself, under which payments were made
}

// ReadyAnswers are the answers kept for the next request of the same person (design 9).
type ReadyAnswers interface {
	// Outdate makes every ready answer of these handles one that nobody gets again, also one that a reader is about to
	// keep who read before. An error says that some may live on until their time is over.
	Outdate(ctx context.Context, handles []string) error
}

// InvalidateSlice drops the ready answers of the payees of one slice of a batch. Ids only, never personal data.
type InvalidateSlice struct {
	LedgerMonth string `json:"ledger_month"`
	BatchID     string `json:"batch_id"`
	From        int    `json:"from"` // the first line
	To          int    `json:"to"`   // the last one
}

// Kind names the job.
func (InvalidateSlice) Kind() string { return "subsidy.invalidate_slice" }

// Invalidate outdates the ready answers of one slice. It is a job, so it is repeated until Redis took it; run twice it
// does no harm. A payee whose record was merged after the batch was resolved gets her lines here.
func (s *Service) Invalidate(ctx context.Context, j InvalidateSlice) error {
	handles, merged, err := s.Store.HandlesOfSlice(ctx, j)
	if err != nil {
		return err
	}
	if len(merged) > 0 {
		if err := s.Store.InTx(ctx, func(ctx context.Context) error { return s.FollowMerges(ctx, merged) }); err != nil {
			return err
		}
	}
	if s.Ready == nil || len(handles) == 0 {
		return nil
	}
	return s.Ready.Outdate(ctx, handles)
}

// Touch outdates the ready answers of people whose payments the transaction of ctx changes, once it has committed.
// Should Redis miss it, an answer lives out its few minutes.
func (s *Service) Touch(ctx context.Context, people ...models.ID) error {
	if s.Ready == nil || len(people) == 0 {
		return nil
	}
	slices.Sort(people)
	handles, err := s.Store.HandlesOf(ctx, slices.Compact(people))
	if err != nil || len(handles) == 0 {
		return err
	}
	s.Store.AfterCommit(ctx, func() {
		if err := s.Ready.Outdate(context.WithoutCancel(ctx), handles); err != nil {
			s.Log.WarnContext(ctx, "ready answers not outdated, they end by themselves", "people", len(handles), "error", err)
		}
	})
	return nil
}

// touch outdates what these changes altered for who is the payee now.
func (s *Service) touch(ctx context.Context, changed []change) error {
	people := make([]models.ID, 0, len(changed))
	for _, c := range changed {
		people = append(people, c.is.PersonID)
	}
	return s.Touch(ctx, people...)
}

// FollowMerges gives the payments of records that were merged to the person who is left, so that reading knows one id.
// refs are the people of whom the registry has just told something: chains are followed to their end, whichever link
// came last. It joins the feed's transaction.
func (s *Service) FollowMerges(ctx context.Context, refs []models.PersonRef) error {
	moves, err := s.Store.Moves(ctx, refs)
	if err != nil || len(moves) == 0 {
		return err
	}
	var decisions []audit.Entry
	var people []models.ID
	for from, into := range moves {
		n, err := s.Store.MovePayments(ctx, from, into)
		if err != nil {
			return err
		}
		if n > 0 {
			people = append(people, from, into)
			e := audit.Of(models.FromRegistry(), s.Clock.Now(), "subsidy.payments.moved", "persons", string(into), "merged")
			decisions = append(decisions, e.About(into).Noting("from", string(from)))
		}
	}
	if len(decisions) == 0 {
		return nil
	}
	if err := s.Store.RecordAudits(ctx, decisions); err != nil {
		return err
	}
	return s.Touch(ctx, people...)
}
