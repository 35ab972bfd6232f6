package subsidy

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ErrBatchBusy says that another worker has the batch; ErrBatchFigures that it was announced with other figures, or
// with another ledger month; ErrBatchGone that it was withdrawn.
var (
	ErrBatchBusy    = errors.New("subsidy: another worker has this batch")
	ErrBatchFigures = errors.New("subsidy: the batch was announced with another month or other figures")
	ErrBatchGone    = errors.New("subsidy: the batch was withdrawn")
)

const (
	batchLease    = 30 * time.Second
	batchTryFirst = 15 * time.Second // after a failed try
	batchTryMost  = 30 * time.Minute
	batchTryHeld  = 6 // failed in a row, some eight minutes: then it stands in the list of what is held, and goes on being tried
)

// TakeBatches takes one batch that waits: reads and checks it, stores it, or withdraws it. It reports whether another
// may wait. Every replica may call it at any time: the lease decides, and what a dead one left is repeated.
func (s *Service) TakeBatches(ctx context.Context) (more bool, err error) {
	l, ok, err := s.Store.TakeDueBatch(ctx, batchLease)
	if err != nil || !ok {
		return false, err
	}
	if _, err = s.work(ctx, l, s.Lines, TakeOptions{apart: s.Apart}); errors.Is(err, ErrBatchBusy) {
		err = nil
	}
	return err == nil, err
}

// TakeBatch takes one batch from a source at hand, e.g. a file. The batch may have been announced by the registry: then
// its figures must be those. Taken again unchanged, nothing happens.
func (s *Service) TakeBatch(ctx context.Context, b Batch, src LineSource, o TakeOptions) (Taken, error) {
	b, err := s.known(ctx, b)
	if err != nil {
		return Taken{}, err
	}
	if o.DryRun {
		return s.tryOut(ctx, b, src, o)
	}
	moved, err := s.ApplyBatches(ctx, []Batch{b})
	if err != nil {
		return Taken{}, err
	}
	if len(moved) > 0 {
		return Taken{}, ErrBatchFigures
	}
	l, ok, err := s.Store.TakeThisBatch(ctx, b.ID, batchLease)
	if err != nil {
		return Taken{}, err
	}
	if !ok {
		return Taken{}, ErrBatchBusy
	}
	return s.work(ctx, l, src, o)
}

// known is the batch as it is announced: the registry's word, where it has spoken, with the figures that a file
// leaves out.
func (s *Service) known(ctx context.Context, b Batch) (Batch, error) {
	l, err := s.Store.BatchLife(ctx, b.ID)
	if errors.Is(err, models.ErrNotFound) || err == nil && l.Version == 0 {
		b.Version = max(b.Version, 1)
		return b, nil
	}
	if err != nil {
		return b, err
	}
	equal := b.Count == l.Count && b.TotalFen == l.TotalFen && (b.Digest == l.Digest || b.Digest == "")
	switch {
	case l.Withdrawn:
		return b, ErrBatchGone
	case b.LedgerMonth != l.LedgerMonth, l.LinesBy != ByFile && !equal, l.LinesBy == ByFeed:
		return b, ErrBatchFigures
	case l.LinesBy != ByFile, equal && b.Version <= l.Version:
		return l.Batch, nil
	}
	b.Version = max(b.Version, l.Version+1)
	return b, nil
}

// tryOut reads and checks, and keeps nothing. Its spool has a name of its own: a worker may be busy with the batch.
func (s *Service) tryOut(ctx context.Context, b Batch, src LineSource, o TakeOptions) (Taken, error) {
	b.Version = -b.Version - 1
	sp, err := s.read(ctx, b, src, o)
	if err != nil {
		return Taken{}, err
	}
	defer sp.drop()
	t := sp.taken()
	t.State = BatchAnnounced
	if sp.m.Verdict != "" {
		t.State, t.Reason = BatchHeld, sp.m.Verdict
	}
	return t, nil
}

func (s *spool) taken() Taken {
	return Taken{Lines: s.m.Lines, TotalFen: models.Fen(s.m.TotalFen), Held: s.m.Held, Parked: s.m.Parked}
}

// work does what the batch waits for, under its lease, which is drawn out meanwhile. A failure ends the lease at once,
// with a time for the next try.
func (s *Service) work(ctx context.Context, l BatchLife, src LineSource, o TakeOptions) (Taken, error) {
	kept, done := s.keep(ctx, l)
	var t Taken
	err := models.Lowly(func() (err error) {
		t, err = s.do(kept, l, src, o)
		return err
	})
	done()
	if err == nil {
		return t, nil
	}
	if cause := context.Cause(kept); errors.Is(cause, models.ErrConflict) {
		err = cause
	}
	if errors.Is(err, models.ErrConflict) {
		s.Log.WarnContext(ctx, "batch lost to a newer announcement or another worker", "batch", l.ID)
		return Taken{}, ErrBatchBusy
	}
	s.Log.ErrorContext(ctx, "batch not taken, it will be tried again", "code", "BATCH_FAILED", "batch", l.ID, "tries", l.Tries+1, "error", err)
	s.alarm("BATCH_FAILED", 1)
	late, end := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // also when we are being stopped
	defer end()
	as := BatchSettlement{Waiting: l.LinesBy != ByFile || l.Withdrawn, Failed: ctx.Err() == nil, After: min(batchTryFirst<<min(l.Tries, 10), batchTryMost)}
	if ctx.Err() != nil {
		as.After = 0
	}
	_ = s.settleFailed(late, l, as, o) // or the lease lapses
	return Taken{}, err
}

// settleFailed ends the lease of a try that failed. A batch that fails again and again is held, so that somebody looks;
// unlike one held for its figures it goes on being tried.
func (s *Service) settleFailed(ctx context.Context, l BatchLife, as BatchSettlement, o TakeOptions) error {
	if !as.Failed || !as.Waiting || l.Withdrawn || l.Tries+1 < batchTryHeld {
		return s.Store.SettleBatch(ctx, l, as)
	}
	as.State, as.Reason = BatchHeld, BatchNotTaken
	if l.State == BatchHeld {
		return s.Store.SettleBatch(ctx, l, as)
	}
	now := s.Clock.Now()
	as.At = now
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.SettleBatch(ctx, l, as); err != nil {
			return err
		}
		err := s.Store.SaveFindings(ctx, l.ID, now, func(take func(Finding) error) error { return take(Finding{l.ID, 0, BatchNotTaken}) })
		if err != nil {
			return err
		}
		return s.Store.RecordAudits(ctx, []audit.Entry{s.broughtBy(l.Batch, "subsidy.batch.held", "held", o).Noting("reason", BatchNotTaken)})
	})
}

// keep draws the lease out until done is called. A lost lease ends the context.
func (s *Service) keep(ctx context.Context, l BatchLife) (kept context.Context, done func()) {
	kept, stop := context.WithCancelCause(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		t := time.NewTicker(batchLease / 4)
		defer t.Stop()
		for {
			select {
			case <-kept.Done():
				return
			case <-t.C:
				if err := s.Store.KeepBatch(kept, l, batchLease); errors.Is(err, models.ErrConflict) {
					stop(err)
				}
			}
		}
	}()
	return kept, func() { stop(nil); <-over }
}

func (s *Service) do(ctx context.Context, l BatchLife, src LineSource, o TakeOptions) (Taken, error) {
	if l.Withdrawn {
		return Taken{State: BatchWithdrawn}, s.withdraw(ctx, l)
	}
	if l.same() {
		return Taken{State: BatchApplied, Again: true}, s.Store.SettleBatch(ctx, l, BatchSettlement{State: BatchApplied})
	}
	newest := l.State == BatchApplied // else its lines may be others under the same figures
	l, err := begun(l)
	if err != nil {
		return Taken{}, err
	}
	var sp *spool
	if l.LinesBy != ByFile || l.Digest != "" { // nothing says that a file without a digest is the one that was read before
		sp = openSpool(s.SpoolDir, spoolName(l.Batch))
	}
	if sp == nil {
		if sp, err = s.spooled(ctx, l.Batch, src, o); err != nil {
			return Taken{}, err
		}
	}
	defer sp.close()
	if verdict := sp.m.Verdict; verdict != "" {
		defer sp.drop()
		if err := sp.spend(); err != nil {
			return Taken{}, err
		}
		t := sp.taken()
		t.State, t.Reason = BatchHeld, verdict
		return t, s.holdWhole(ctx, l, sp, verdictError{code: verdict}, o)
	}
	if newest && sp.m.Digest == l.AppliedDigest && sp.m.Lines == l.AppliedCount {
		sp.drop()
		return Taken{State: BatchApplied, Again: true}, s.Store.SettleBatch(ctx, l, BatchSettlement{State: BatchApplied})
	}
	if err := s.settle(ctx, &l, onSpooled, BatchSettlement{Waiting: true, Keep: true}); err != nil {
		return Taken{}, err
	}
	t, err := s.store(ctx, l, sp, o)
	if err == nil || errors.Is(err, errSpoolBroken) {
		sp.drop() // stored, or to be read again
	}
	return t, err
}

// begun is the batch as it stands when it is taken again: a file may be brought again by hand.
func begun(l BatchLife) (BatchLife, error) {
	var err error
	switch l.State {
	case BatchHeld:
		l.State, err = BatchFlow.Next(l.State, onReleased)
	case BatchApplied:
		l.State, err = BatchFlow.Next(l.State, onAnnounced)
	}
	return l, err
}

// settle moves the batch along its flow.
func (s *Service) settle(ctx context.Context, l *BatchLife, on BatchEvent, as BatchSettlement) error {
	to, err := BatchFlow.Next(l.State, on)
	if err != nil {
		return err
	}
	as.State, as.At = to, s.Clock.Now()
	if err := s.Store.SettleBatch(ctx, *l, as); err != nil {
		return err
	}
	l.State = to
	return nil
}

func (s *Service) alarm(code string, n int) {
	if s.Alarms != nil {
		s.Alarms.Alarm(code, n)
	}
}
