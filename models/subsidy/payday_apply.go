package subsidy

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// store puts a checked batch into the table: the lines of a new batch in one load, those of one that stands by version.
// Everything that is to happen because of it is in the same commit.
func (s *Service) store(ctx context.Context, l BatchLife, sp *spool, o TakeOptions) (Taken, error) {
	t := sp.taken()
	standing, err := s.Store.LinesStanding(ctx, l)
	if err != nil {
		return t, err
	}
	step := func(n int) {
		if o.Progress != nil {
			o.Progress(Progress{Storing, n, sp.m.Stored})
		}
	}
	if standing == 0 {
		err = s.load(ctx, l, sp, step, o)
	} else {
		err = s.merge(ctx, l, sp, step, o)
	}
	if why := (*verdictError)(nil); errors.As(err, &why) {
		t.State, t.Reason = BatchHeld, why.code
		return t, s.holdWhole(ctx, l, sp, *why, o)
	}
	t.State = BatchApplied
	return t, err
}

// load stores the lines of a batch that has none yet.
func (s *Service) load(ctx context.Context, l BatchLife, sp *spool, step func(int), o TakeOptions) error {
	rows, err := sp.rows(l.Batch)
	if err != nil {
		return err
	}
	return s.Store.LoadLines(ctx, l, rows, step, func(ctx context.Context) error {
		if err := s.auditFindings(ctx, l, sp); err != nil {
			return err
		}
		seq, err := s.Store.NextDataSeq(ctx)
		if err != nil {
			return err
		}
		if err := s.letGoListed(ctx, sp.m.Waiting); err != nil { // behind the feed's lock: a page that lists an item sees our lines, or we see it
			return err
		}
		if sp.m.Stored > sp.m.Held {
			err := s.Store.AddRun(ctx, NoticeRun{ID: models.NewID(), Kind: TellArrivals, Batch: l.ID, LedgerMonth: l.LedgerMonth, State: RunQueued,
				Next: 1, Total: sp.m.Last, QueuedAt: s.Clock.Now()})
			if err != nil {
				return err
			}
		}
		if err := s.movedWhole(ctx, l, sp); err != nil {
			return err
		}
		return s.applied(ctx, l, sp, seq, o)
	})
}

// movedWhole has everything that is kept ready or counted of these lines made anew.
func (s *Service) movedWhole(ctx context.Context, l BatchLife, sp *spool) error {
	if err := s.Store.EnqueueAll(ctx, slices20k(l.Batch, sp.m.Last)); err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.Store.MarkTotals(ctx, []string{l.LedgerMonth}, now, now)
}

// applied is what every commit that makes lines stand has in common.
func (s *Service) applied(ctx context.Context, l BatchLife, sp *spool, seq int64, o TakeOptions) error {
	now := s.Clock.Now()
	err := s.Store.SaveFindings(ctx, l.ID, now, func(take func(Finding) error) error {
		return sp.each(segmentFindings, func(record []byte) error {
			f, err := readFinding(record)
			if err != nil || f.sort == noteException {
				return err
			}
			return take(Finding{l.ID, f.line, f.code})
		})
	})
	if err != nil {
		return err
	}
	if err := s.parkSpooled(ctx, l, sp); err != nil {
		return err
	}
	err = s.settle(ctx, &l, onApplied, BatchSettlement{DataSeq: seq, Count: sp.m.Lines, TotalFen: models.Fen(sp.m.TotalFen), Digest: sp.m.Digest,
		Held: sp.m.Held, Parked: sp.m.Parked})
	if err != nil {
		return err
	}
	return s.Store.RecordAudits(ctx, []audit.Entry{s.broughtBy(l.Batch, "subsidy.batch.applied", "applied", o)})
}

func (s *Service) batchEntry(b Batch, action, result string) audit.Entry {
	return audit.Of(models.FromRegistry(), s.Clock.Now(), action, "batches", b.ID, result)
}

// broughtBy is batchEntry with who brought the batch.
func (s *Service) broughtBy(b Batch, action, result string, o TakeOptions) audit.Entry {
	e := s.batchEntry(b, action, result)
	if o.By != (models.Actor{}) {
		e = audit.Of(o.By, s.Clock.Now(), action, "batches", b.ID, result).Noting("by", o.Operator)
	}
	return e
}

const setRows = 500 // rows written by one statement

// auditFindings writes the audit row of each line held, and of each exception accepted (R4, R57).
func (s *Service) auditFindings(ctx context.Context, l BatchLife, sp *spool) error {
	var list []audit.Entry
	err := sp.each(segmentFindings, func(record []byte) error {
		f, err := readFinding(record)
		if err != nil || f.sort == noteReport {
			return err
		}
		action, result := "subsidy.payment.held", "held"
		if f.sort == noteException {
			action, result = "subsidy.payment.exception_accepted", "accepted"
		}
		key := Key{l.LedgerMonth, l.ID, f.line}
		e := audit.Of(models.FromRegistry(), s.Clock.Now(), action, "payments", key.String(), result)
		if list = append(list, e.About(f.person).Noting("reason", f.code)); len(list) < setRows {
			return nil
		}
		err = s.Store.RecordAudits(ctx, list)
		list = list[:0]
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return s.Store.RecordAudits(ctx, list)
}

func (s *Service) parkSpooled(ctx context.Context, l BatchLife, sp *spool) error {
	var list []ParkedLine
	park := func() error {
		err := s.Store.ParkLines(ctx, list, s.Clock.Now())
		list = list[:0]
		return err
	}
	err := sp.each(segmentParked, func(record []byte) error {
		p, err := readParked(l.ID, record)
		if err != nil {
			return err
		}
		if list = append(list, p); len(list) < setRows {
			return nil
		}
		return park()
	})
	if err != nil || len(list) == 0 {
		return err
	}
	s.Log.ErrorContext(ctx, "lines of people we do not know are parked", "code", "EVENT_PARKED", "batch", l.ID, "lines", sp.m.Parked)
	s.alarm("EVENT_PARKED", sp.m.Parked)
	return park()
}

// letGoListed weighs lines again whose programme came into the list between the reading and now.
func (s *Service) letGoListed(ctx context.Context, waiting []string) error {
	if len(waiting) == 0 {
		return nil
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return err
	}
	var listed []string
	for _, code := range waiting {
		if len(programmes[code]) > 0 {
			listed = append(listed, code)
		}
	}
	if len(listed) == 0 {
		return nil
	}
	return s.releaseWaiting(ctx, listed)
}

// verdictError says that a batch cannot be stored and must be held whole.
type verdictError struct {
	code string
	line int // that is to blame; 0: none by itself
}

func (e *verdictError) Error() string { return "subsidy: batch held: " + e.code }

// mostReported is how many lines of a batch held whole are kept in its report.
const mostReported = 10_000

// holdWhole holds a batch: nothing of it is stored, what stood before still stands, and its report says why.
func (s *Service) holdWhole(ctx context.Context, l BatchLife, sp *spool, why verdictError, o TakeOptions) error {
	verdict := why.code
	s.Log.ErrorContext(ctx, "batch held", "code", "BATCH_HELD", "reason", verdict, "batch", l.ID, "lines", sp.m.Lines)
	s.alarm("BATCH_HELD", 1)
	now := s.Clock.Now()
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		err := s.Store.SaveFindings(ctx, l.ID, now, func(take func(Finding) error) error {
			if err := take(Finding{l.ID, 0, verdict}); err != nil {
				return err
			}
			if why.line > 0 {
				if err := take(Finding{l.ID, why.line, verdict}); err != nil {
					return err
				}
			}
			n := 0
			return sp.each(segmentFindings, func(record []byte) error {
				f, err := readFinding(record)
				if n++; err != nil || f.sort == noteException || n > mostReported || f.line == 0 && f.code == verdict {
					return err
				}
				return take(Finding{l.ID, f.line, f.code})
			})
		})
		if err != nil {
			return err
		}
		if err := s.settle(ctx, &l, onHeld, BatchSettlement{Reason: verdict}); err != nil {
			return err
		}
		return s.Store.RecordAudits(ctx, []audit.Entry{s.broughtBy(l.Batch, "subsidy.batch.held", "held", o).Noting("reason", verdict)})
	})
}
