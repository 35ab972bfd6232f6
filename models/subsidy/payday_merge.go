package subsidy

import (
	"context"
	"errors"
	"io"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

const (
	mergeWindow = 1 << 19 // lines of a batch that stands which are compared at a time
	mergeRows   = 1000    // lines written by one statement
	toldMerge   = 1000    // credits told in the commit of a merge; those beyond are queued as one row
)

// merging is one merge of one batch.
type merging struct {
	*Service
	batch      BatchLife
	programmes editions
	untold     map[string]int
	from       int     // the first line of the window
	stands     []stood // of one window
	newer      []Payment
	doubt      []Payment // as new as what stands, and paid to another record
	merged     bool      // there were such, of records that are one person by now
	found      int       // lines that stood
	changed    int
	told       int
	later      int // the first line whose credit a run is to tell
}

// merge brings a batch that stands in line with a newer announcement: what is newer is written, what is not stays as it
// is, nothing ever vanishes. It is one commit.
func (s *Service) merge(ctx context.Context, l BatchLife, sp *spool, step func(int), o TakeOptions) error {
	return s.Store.InLongTx(ctx, sp.m.Stored, func(ctx context.Context) error {
		seq, err := s.Store.NextDataSeq(ctx) // first, so that no page of the feed waits for us in the middle
		if err != nil {
			return err
		}
		standing, err := s.Store.LinesStanding(ctx, l)
		if err != nil {
			return err
		}
		m := &merging{Service: s, batch: l}
		if m.programmes, err = s.editions(ctx); err != nil {
			return err
		}
		if m.untold, err = s.Store.UntoldFrom(ctx, []string{l.ID}); err != nil {
			return err
		}
		if err := m.run(ctx, sp, step); err != nil {
			return err
		}
		if err := m.strangers(ctx, sp); err != nil {
			return err
		}
		if m.found < standing {
			return &verdictError{BatchLinesMissing, 0}
		}
		if m.later > 0 {
			err := s.Store.RunAgain(ctx, NoticeRun{ID: models.NewID(), Kind: TellAgain, Batch: l.ID, LedgerMonth: l.LedgerMonth, State: RunQueued,
				Next: m.later, Total: sp.m.Last, QueuedAt: s.Clock.Now()})
			if err != nil {
				return err
			}
		}
		if m.changed > 0 || m.merged {
			if err := s.movedWhole(ctx, l, sp); err != nil {
				return err
			}
		}
		return s.applied(ctx, l, sp, seq, o)
	})
}

// run takes the spool, window by window: what stands is read by one statement for each, and memory does not grow with
// the batch.
func (m *merging) run(ctx context.Context, sp *spool, step func(int)) error {
	m.newer = make([]Payment, 0, mergeRows)
	m.stands = make([]stood, min(mergeWindow, sp.m.Last))
	for from := 1; from <= sp.m.Last; from += mergeWindow {
		m.from = from
		clear(m.stands)
		err := m.Store.StandingLines(ctx, m.batch, from, from+len(m.stands)-1, func(l StandingLine) {
			payee, err := idBytes(l.PersonID) // a row without one is nobody's
			if err == nil {
				m.stands[l.Line-from] = stood{l.Line, l.Version, l.AmountFen, payee}
			}
		})
		if err != nil {
			return err
		}
		rows, err := sp.rows(m.batch.Batch)
		if err != nil {
			return err
		}
		if err := m.window(ctx, rows); err != nil {
			return err
		}
		if err := m.save(ctx); err != nil {
			return err
		}
		step(min(from+mergeWindow-1, sp.m.Stored))
	}
	return nil
}

// stood is a line that stands, without what a window of them would have to allocate.
type stood struct {
	line    int
	version int64
	fen     models.Fen
	payee   [16]byte
}

func (s stood) person() models.ID { return idOf(s.payee[:]) }

// stood is what stands of a line of the window; its zero value where nothing does.
func (m *merging) stood(line int) stood { return m.stands[line-m.from] }

// window compares the lines of one window.
func (m *merging) window(ctx context.Context, rows *Rows) error {
	for {
		is, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if at := is.Key.Line - m.from; at < 0 || at >= len(m.stands) {
			continue
		}
		was := m.stood(is.Key.Line)
		if was.line > 0 {
			m.found++
		}
		switch {
		case was.line == 0 || is.Version > was.version:
			m.newer = append(m.newer, *is)
		case is.Version < was.version:
		case is.AmountFen != was.fen:
			return &verdictError{BatchLineSameAsOld, is.Key.Line}
		case is.PersonID != was.person():
			m.doubt = append(m.doubt, *is)
		}
		if len(m.newer) < mergeRows && len(m.doubt) < mergeRows {
			continue
		}
		if err := m.save(ctx); err != nil {
			return err
		}
	}
}

// save writes the lines that are newer.
func (m *merging) save(ctx context.Context) error {
	if err := m.resolve(ctx); err != nil || len(m.newer) == 0 {
		return err
	}
	changed, err := m.write(ctx, m.newer, m.untold)
	if err != nil {
		return err
	}
	m.newer = m.newer[:0]
	m.changed += len(changed)
	return m.follow(ctx, changed)
}

// follow is what follow of the feed's lines is. Ready answers and totals are made anew once for the whole batch.
func (m *merging) follow(ctx context.Context, changed []change) error {
	if err := m.noteHolds(ctx, changed); err != nil {
		return err
	}
	told := teller{service: m.Service, names: map[string]string{}}
	if err := told.leave(ctx, changed, m.programmes); err != nil {
		return err
	}
	var decisions []audit.Entry
	for _, c := range changed {
		decisions = append(decisions, m.decisions(ctx, models.FromRegistry(), c)...)
		if m.told+len(told.drafts) >= toldMerge && c.credits() {
			if m.later == 0 || c.is.Key.Line < m.later {
				m.later = c.is.Key.Line
			}
			continue
		}
		pr, _ := m.programmes.of(c.is)
		if err := told.hear(ctx, c, pr); err != nil {
			return err
		}
	}
	if m.told += len(told.drafts); len(told.drafts) > 0 {
		if err := m.Store.AddNotices(ctx, told.drafts); err != nil {
			return err
		}
	}
	if len(decisions) == 0 {
		return nil
	}
	return m.Store.RecordAudits(ctx, decisions)
}

// credits reports whether the change is to be told as money that came.
func (c change) credits() bool {
	c.was = c.heard()
	return deserves(c) == notice.Arrival
}

// write writes payments and weighs those that were written; who was their payee is outdated with it. Untold says from which line on a batch is still being told.
func (s *Service) write(ctx context.Context, list []Payment, untold map[string]int) ([]change, error) {
	before, err := s.Store.SavePayments(ctx, list)
	if err != nil {
		return nil, err
	}
	changed := make([]change, 0, len(before))
	for _, is := range list {
		if was, written := before[is.Key]; written {
			changed = append(changed, change{was: was, is: is})
		}
	}
	if err := s.seeThroughMerges(ctx, changed); err != nil {
		return nil, err
	}
	if err := s.judge(ctx, changed); err != nil {
		return nil, err
	}
	for i, c := range changed {
		if next, open := untold[c.is.Key.BatchID]; open && c.is.Key.Line >= next {
			changed[i].untold = true
		}
	}
	return changed, nil
}
