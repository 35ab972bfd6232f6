package subsidy

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// withdraw takes back a batch that was announced by mistake: its lines are hidden, who has not been told will not be,
// and who has been is told once more. Lines the feed still sends stay hidden.
func (s *Service) withdraw(ctx context.Context, l BatchLife) error {
	s.Log.WarnContext(ctx, "batch withdrawn by the registry", "batch", l.ID)
	(&spool{dir: s.SpoolDir, m: manifest{Name: spoolName(l.Batch)}}).drop()
	return s.Store.InLongTx(ctx, max(l.Count, l.AppliedCount), func(ctx context.Context) error {
		seq, err := s.Store.NextDataSeq(ctx)
		if err != nil {
			return err
		}
		last, err := s.Store.HideLines(ctx, l.Batch, HoldWithdrawn)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		if err := s.Store.MarkTotals(ctx, []string{l.LedgerMonth}, now, now); err != nil {
			return err
		}
		for _, kind := range []RunKind{TellArrivals, TellAgain} {
			if err := s.Store.CancelRuns(ctx, l.ID, kind, now); err != nil {
				return err
			}
		}
		if last > 0 {
			err := s.Store.AddRun(ctx, NoticeRun{ID: models.NewID(), Kind: TellCorrection, Batch: l.ID, LedgerMonth: l.LedgerMonth, State: RunQueued,
				Next: 1, Total: last, QueuedAt: now})
			if err != nil {
				return err
			}
			if err := s.Store.EnqueueAll(ctx, slices20k(l.Batch, last)); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, &l, onWithdrawn, BatchSettlement{DataSeq: seq}); err != nil {
			return err
		}
		return s.Store.RecordAudits(ctx, []audit.Entry{s.batchEntry(l.Batch, "subsidy.batch.withdrawn", "withdrawn")})
	})
}

// Lane keeps a payday's slices apart from other jobs, and from workers that do not know them.
func (InvalidateSlice) Lane() string { return PaydayLane }

// PaydayLane is the queue of a payday's jobs.
const PaydayLane = "payday"

const sliceLines = 20_000

// slices20k cuts a batch into jobs.
func slices20k(b Batch, last int) []models.Job {
	var out []models.Job
	for from := 1; from <= last; from += sliceLines {
		out = append(out, InvalidateSlice{b.LedgerMonth, b.ID, from, min(from+sliceLines-1, last)})
	}
	return out
}
