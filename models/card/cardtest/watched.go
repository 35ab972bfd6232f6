package cardtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/card"
	"onecard/models/notice"
)

// Watched is any card.Store, with a fuse at each step and an eye on what is committed: a state change that its table
// does not know, or a notice that could not be sent, is a violation.
type Watched struct {
	card.Store
	// Committed, where set, sees each change of a report after its commit.
	Committed func(Change)

	mu         sync.Mutex
	Changes    []Change // of reports, in the order of their commits
	Told       map[string]notice.Draft
	Audits     []audit.Entry
	Violations []string
}

// Change is one committed change of a report's state; From is empty for a new one.
type Change struct {
	Report card.LossReport
	From   card.LossState
}

// Watch wraps a store.
func Watch(s card.Store) *Watched { return &Watched{Store: s, Told: map[string]notice.Draft{}} }

type watchedTx struct{}

// staged is what one transaction will have done.
type staged struct {
	changes []Change
	told    []notice.Draft
	audits  []audit.Entry
}

// InTx has three steps of its own: before it begins, before it commits, after it has committed.
func (w *Watched) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(watchedTx{}) != nil {
		return w.Store.InTx(ctx, fn)
	}
	if err := burn(ctx); err != nil {
		return err
	}
	done := &staged{}
	err := w.Store.InTx(context.WithValue(ctx, watchedTx{}, done), func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		return burn(ctx)
	})
	if err != nil {
		return err
	}
	w.committed(done)
	return burn(ctx)
}

func (w *Watched) committed(done *staged) {
	w.mu.Lock()
	w.Changes = append(w.Changes, done.changes...)
	w.Audits = append(w.Audits, done.audits...)
	for _, d := range done.told {
		if _, before := w.Told[d.Cause]; !before {
			w.Told[d.Cause] = d
		}
	}
	w.mu.Unlock()
	if w.Committed != nil {
		for _, c := range done.changes {
			w.Committed(c)
		}
	}
}

func (w *Watched) wrong(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Violations = append(w.Violations, fmt.Sprintf(format, args...))
}

// step burns the fuse; a write of ours belongs into a transaction.
func (w *Watched) step(ctx context.Context, what string) (*staged, error) {
	if err := burn(ctx); err != nil {
		return nil, err
	}
	done, _ := ctx.Value(watchedTx{}).(*staged)
	if done == nil {
		w.wrong("%s outside a transaction", what)
		done = &staged{}
	}
	return done, nil
}

// Now is a step.
func (w *Watched) Now(ctx context.Context) (time.Time, error) {
	if err := burn(ctx); err != nil {
		return time.Time{}, err
	}
	return w.Store.Now(ctx)
}

// Remember is a step.
func (w *Watched) Remember(ctx context.Context, by models.Actor, table, id string) (string, error) {
	if _, err := w.step(ctx, "Remember"); err != nil {
		return "", err
	}
	return w.Store.Remember(ctx, by, table, id)
}

// Remembered is a step.
func (w *Watched) Remembered(ctx context.Context, by models.Actor) (string, error) {
	if _, err := w.step(ctx, "Remembered"); err != nil {
		return "", err
	}
	return w.Store.Remembered(ctx, by)
}

// RecordAudit is a step.
func (w *Watched) RecordAudit(ctx context.Context, e audit.Entry) error {
	done, err := w.step(ctx, "RecordAudit")
	if err != nil {
		return err
	}
	done.audits = append(done.audits, e)
	return w.Store.RecordAudit(ctx, e)
}

// AddNotice is a step.
func (w *Watched) AddNotice(ctx context.Context, d notice.Draft) error {
	done, err := w.step(ctx, "AddNotice")
	if err != nil {
		return err
	}
	done.told = append(done.told, d)
	return w.Store.AddNotice(ctx, d)
}

// OpenCase is a step.
func (w *Watched) OpenCase(ctx context.Context, cause, kind string, person models.ID, object, id string) error {
	if _, err := w.step(ctx, "OpenCase"); err != nil {
		return err
	}
	return w.Store.OpenCase(ctx, cause, kind, person, object, id)
}

// SettleCase is a step.
func (w *Watched) SettleCase(ctx context.Context, cause string) error {
	if _, err := w.step(ctx, "SettleCase"); err != nil {
		return err
	}
	return w.Store.SettleCase(ctx, cause)
}

// LockCard is a step; a lock ends with its transaction.
func (w *Watched) LockCard(ctx context.Context, id models.ID) (card.Card, error) {
	if _, err := w.step(ctx, "LockCard"); err != nil {
		return card.Card{}, err
	}
	return w.Store.LockCard(ctx, id)
}

// TakeSeq is a step.
func (w *Watched) TakeSeq(ctx context.Context, id models.ID) (int64, error) {
	if _, err := w.step(ctx, "TakeSeq"); err != nil {
		return 0, err
	}
	return w.Store.TakeSeq(ctx, id)
}

// SetAnsweredVersion is a step.
func (w *Watched) SetAnsweredVersion(ctx context.Context, id models.ID, version int64) error {
	if _, err := w.step(ctx, "SetAnsweredVersion"); err != nil {
		return err
	}
	return w.Store.SetAnsweredVersion(ctx, id, version)
}

// MirrorCards is a step.
func (w *Watched) MirrorCards(ctx context.Context, facts []card.Fact, at time.Time) (map[models.CardRef]card.MirrorChange, error) {
	if _, err := w.step(ctx, "MirrorCards"); err != nil {
		return nil, err
	}
	return w.Store.MirrorCards(ctx, facts, at)
}

// LossReport is a step.
func (w *Watched) LossReport(ctx context.Context, id models.ID) (card.LossReport, error) {
	if err := burn(ctx); err != nil {
		return card.LossReport{}, err
	}
	return w.Store.LossReport(ctx, id)
}

// CreateLossReport is a step.
func (w *Watched) CreateLossReport(ctx context.Context, r card.LossReport) error {
	done, err := w.step(ctx, "CreateLossReport")
	if err != nil {
		return err
	}
	done.changes = append(done.changes, Change{Report: r})
	return w.Store.CreateLossReport(ctx, r)
}

// AdvanceLossReport is a step, and must follow the table.
func (w *Watched) AdvanceLossReport(ctx context.Context, r card.LossReport, from card.LossState) error {
	done, err := w.step(ctx, "AdvanceLossReport")
	if err != nil {
		return err
	}
	if r.State != from {
		if !reaches(card.LossFlow.Allowed(from), from, r.State, card.LossFlow.Next) {
			w.wrong("loss report went from %s to %s", from, r.State)
		}
		done.changes = append(done.changes, Change{r, from})
	}
	return w.Store.AdvanceLossReport(ctx, r, from)
}

// AddCommand is a step.
func (w *Watched) AddCommand(ctx context.Context, c card.Command) error {
	if _, err := w.step(ctx, "AddCommand"); err != nil {
		return err
	}
	return w.Store.AddCommand(ctx, c)
}

// Command is a step.
func (w *Watched) Command(ctx context.Context, id models.ID) (card.Command, error) {
	if err := burn(ctx); err != nil {
		return card.Command{}, err
	}
	return w.Store.Command(ctx, id)
}

// UnfinishedCommand is a step.
func (w *Watched) UnfinishedCommand(ctx context.Context, id models.ID) (card.Command, error) {
	if err := burn(ctx); err != nil {
		return card.Command{}, err
	}
	return w.Store.UnfinishedCommand(ctx, id)
}

// LeaseCommand is two steps: it is a commit of its own.
func (w *Watched) LeaseCommand(ctx context.Context, c card.Command, at, ends time.Time) (card.Command, error) {
	if err := burn(ctx); err != nil {
		return c, err
	}
	if !reaches(card.CommandFlow.Allowed(c.State), c.State, card.CommandSending, card.CommandFlow.Next) && c.State != card.CommandSending {
		w.wrong("command leased while %s", c.State)
	}
	leased, err := w.Store.LeaseCommand(ctx, c, at, ends)
	if err != nil {
		return leased, err
	}
	return leased, burn(ctx)
}

// SettleCommand is a step, and must follow the table.
func (w *Watched) SettleCommand(ctx context.Context, c card.Command, from card.CommandState) error {
	if _, err := w.step(ctx, "SettleCommand"); err != nil {
		return err
	}
	if !reaches(card.CommandFlow.Allowed(from), from, c.State, card.CommandFlow.Next) {
		w.wrong("%s command went from %s to %s", c.Kind, from, c.State)
	}
	return w.Store.SettleCommand(ctx, c, from)
}

// reaches reports whether one of the events leads from one state to the other.
func reaches[S, E ~string](events []E, from, to S, next func(S, E) (S, error)) bool {
	return slices.ContainsFunc(events, func(e E) bool {
		s, err := next(from, e)
		return err == nil && s == to
	})
}
