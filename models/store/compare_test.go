package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// otherSide is the registry as a comparison asks it: lines, as they are now.
type otherSide struct {
	mu    sync.Mutex
	lines map[subsidy.Key]subsidy.Line
	asked int
	page  int  // lines of a page at most; 0: as asked
	plain bool // tells no content, as an older adapter
}

func (o *otherSide) put(lines ...subsidy.Line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range lines {
		o.lines[l.Key] = l
	}
}

func (o *otherSide) in(q subsidy.FigureQuery) []subsidy.Line {
	o.asked++
	var out []subsidy.Line
	for _, l := range o.lines {
		if l.Key.LedgerMonth == q.Month && (q.District == "" || l.District == q.District) && !slices.Contains(q.Except, l.Key.BatchID) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b subsidy.Line) int {
		if by := strings.Compare(a.Key.BatchID, b.Key.BatchID); by != 0 {
			return by
		}
		return a.Key.Line - b.Key.Line
	})
	return out
}

func (o *otherSide) Figures(_ context.Context, q subsidy.FigureQuery) (map[subsidy.Bucket]subsidy.Sum, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := map[subsidy.Bucket]subsidy.Sum{}
	for _, l := range o.in(q) {
		b := subsidy.Bucket{Programme: l.Programme, District: l.District, State: l.State}
		sum := subsidy.Sum{Count: out[b].Count + 1, TotalFen: out[b].TotalFen + l.AmountFen, Content: out[b].Content + l.Mark().Content}
		if o.plain {
			sum.Content = subsidy.NoContent
		}
		out[b] = sum
	}
	return out, nil
}

func (o *otherSide) Marks(_ context.Context, q subsidy.MarkQuery) (out []subsidy.LineMark, more bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	limit := q.Limit
	if o.page > 0 {
		limit = o.page
	}
	for _, l := range o.in(q.FigureQuery) {
		after := l.Key.BatchID > q.After.BatchID || l.Key.BatchID == q.After.BatchID && l.Key.Line > q.After.Line
		if !after || (subsidy.Bucket{Programme: l.Programme, District: l.District, State: l.State}) != q.Bucket {
			continue
		}
		if len(out) == limit {
			return out, true, nil
		}
		m := l.Mark()
		if o.plain {
			m.Content = subsidy.NoContent
		}
		out = append(out, m)
	}
	return out, false, nil
}

func (o *otherSide) LinesNow(_ context.Context, batch string, lines []int) (out []subsidy.Line, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for k, l := range o.lines {
		if k.BatchID == batch && slices.Contains(lines, k.Line) {
			if l.Raw == nil {
				l.Raw = rawOf(l)
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// eachComparison has a street of payments that both sides know: 40 lines of four batches in two districts.
func eachComparison(t *testing.T, fn func(t *testing.T, p *payday, o *otherSide, a *alarms)) {
	t.Helper()
	eachReview(t, func(t *testing.T, p *payday, a *alarms) {
		o := &otherSide{lines: map[subsidy.Key]subsidy.Line{}}
		p.Figures = o
		var lines []subsidy.Line
		for i := range 40 {
			lines = append(lines, p.paid("wang", fmt.Sprintf("b%d", i%4), func(l *subsidy.Line) {
				l.Key.Line, l.AmountFen, l.CreditNo = i/4+1, models.Fen(1000+i), fmt.Sprintf("c%d", i)
				if i%4 > 1 {
					l.District = "410325"
				}
			}))
		}
		p.arrive(lines...)
		o.put(lines...)
		fn(t, p, o, a)
	})
}

// compare compares every month and adds up.
func (p *payday) compare() (sum subsidy.MonthCompared) {
	p.t.Helper()
	require.NoError(p.t, p.Compare(p.t.Context(), models.System(), "", func(m subsidy.MonthCompared) error {
		sum.Buckets, sum.Differing = sum.Buckets+m.Buckets, sum.Differing+m.Differing
		sum.Found, sum.Repaired, sum.Left = sum.Found+m.Found, sum.Repaired+m.Repaired, sum.Left+m.Left
		return nil
	}))
	return sum
}

// differences are the lines listed in a state, with their kinds.
func (p *payday) differences(state string) map[string]subsidy.DifferenceKind {
	p.t.Helper()
	list, more, err := p.DifferenceList(p.t.Context(), staff(reviewerA), subsidy.DifferenceQuery{State: state, Limit: 100})
	require.NoError(p.t, err)
	require.False(p.t, more)
	out := map[string]subsidy.DifferenceKind{}
	for _, d := range list {
		out[strings.TrimPrefix(d.ID, "2021-12~")] = d.Kind
	}
	return out
}

func TestEachKindOfDifferenceIsFoundNarrowedAndRepaired(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, a *alarms) {
		require.Zero(t, p.compare().Found)
		now := func(batch string, line int, change func(l *subsidy.Line)) {
			l := o.lines[subsidy.Key{LedgerMonth: "2021-12", BatchID: batch, Line: line}]
			change(&l)
			o.put(l)
		}
		told := len(p.notices("wang"))
		o.page = 3                                                                                // many pages
		o.put(p.paid("wang", "b0", func(l *subsidy.Line) { l.Key.Line, l.CreditNo = 11, "new" })) // an event that was lost
		now("b1", 2, func(l *subsidy.Line) {
			l.State, l.ReturnReason, l.Version = subsidy.Returned, "WRONG_BANK", 6
			l.ReturnedAt = start
		}) // a step that was lost
		p.sql("UPDATE payments SET amount_fen = 1 WHERE batch_id = 'b0' AND line = 3")                                             // our copy was changed
		p.sql("UPDATE payments SET version = 99, credit_no = 'x', amount_fen = amount_fen + 1 WHERE batch_id = 'b0' AND line = 4") // and would take nothing any more
		p.sql("UPDATE payments SET state = 'sent' WHERE batch_id = 'b2' AND line = 5")
		p.sql("UPDATE payments SET district = '410399' WHERE batch_id = 'b3' AND line = 6")
		p.sql("DELETE FROM payments WHERE batch_id = 'b3' AND line = 7")
		got := p.compare()
		want := map[string]subsidy.DifferenceKind{"b0~11": subsidy.MissingHere, "b1~2": subsidy.OtherState, "b0~3": subsidy.OtherAmount, "b0~4": subsidy.OtherAmount,
			"b2~5": subsidy.OtherState, "b3~7": subsidy.MissingHere}
		have := p.differences(subsidy.DifferenceRepaired)
		moved := have["b3~6"]
		delete(have, "b3~6")
		require.Equal(t, want, have)
		require.NotEmpty(t, moved)
		require.Zero(t, got.Left)
		require.Empty(t, p.differences(subsidy.DifferenceOpen))
		require.Zero(t, a.of("FIGURES_DIFFER"))

		ours, err := p.store.OurFigures(t.Context(), subsidy.FigureQuery{Month: "2021-12", Content: true})
		require.NoError(t, err)
		theirs, err := o.Figures(t.Context(), subsidy.FigureQuery{Month: "2021-12"})
		require.NoError(t, err)
		require.Equal(t, theirs, ours)
		again := p.compare()
		require.Zero(t, again.Differing)
		require.Zero(t, again.Found)
		require.Empty(t, p.holds())
		require.Contains(t, p.audited(subsidy.Key{LedgerMonth: "2021-12", BatchID: "b0", Line: 3}), "subsidy.payment.repaired")
		require.Greater(t, len(p.notices("wang")), told, "the lost credit is told like any other")
	})
}

func TestALineTheRegistryDoesNotHaveIsListedNeverDeleted(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, a *alarms) {
		extra := subsidy.Key{LedgerMonth: "2021-12", BatchID: "b0", Line: 99}
		p.arrive(p.paid("wang", "b0", func(l *subsidy.Line) { l.Key = extra }))
		nobody := p.paid("nobody", "b1", func(l *subsidy.Line) { l.Key.Line, l.AmountFen = 50, 900 })
		o.put(nobody)
		got := p.compare()
		require.Equal(t, 2, got.Found)
		require.Equal(t, 2, got.Left)
		require.Equal(t, map[string]subsidy.DifferenceKind{"b0~99": subsidy.MissingThere, "b1~50": subsidy.MissingHere}, p.differences(subsidy.DifferenceOpen))
		require.Equal(t, 2, a.of("FIGURES_DIFFER"))
		list, _, err := p.DifferenceList(t.Context(), staff(reviewerA), subsidy.DifferenceQuery{Limit: 5})
		require.NoError(t, err)
		for _, d := range list {
			require.Contains(t, map[string]string{"b0~99": "NOT_IN_REGISTRY", "b1~50": "NOT_TAKEN"}[strings.TrimPrefix(d.ID, "2021-12~")], d.Why)
		}
		_, err = p.store.HeldLine(t.Context(), extra)
		require.NoError(t, err, "it is still here")

		p.clock.Advance(24 * 3600e9)
		o.put(p.paid("wang", "b0", func(l *subsidy.Line) { l.Key = extra; l.ChangedAt = start; l.CreditedAt = start }))
		delete(o.lines, nobody.Key)
		require.Zero(t, p.compare().Left)
		require.Empty(t, p.differences(subsidy.DifferenceOpen), "what the other side puts right is no difference any more")
		require.Contains(t, p.differences(subsidy.DifferenceGone), "b1~50")
	})
}

func TestBatchesOnTheirWayAreNotCompared(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		_, err := p.ApplyBatches(t.Context(), []subsidy.Batch{{ID: "s1", LedgerMonth: "2021-12", Programme: "P41", Edition: 1, District: "410303", Count: 1, TotalFen: 5,
			LinesBy: subsidy.ByStream, AnnouncedAt: start, ChangedAt: start, Version: 1}})
		require.NoError(t, err)
		o.put(p.paid("wang", "s1", func(l *subsidy.Line) { l.AmountFen = 5 }))
		require.Zero(t, p.compare().Differing)
		p.sql("UPDATE batches SET state = 'held', reason = 'BATCH_TOTAL_MISMATCH', waiting = FALSE WHERE id = 's1'")
		require.Zero(t, p.compare().Differing)
		p.sql("UPDATE batches SET state = 'applied', reason = '', waiting = FALSE WHERE id = 's1'")
		require.Equal(t, 1, p.compare().Found)
	})
}

func TestAComparisonCostsAFewStatementsABucket(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		cost := func(change string) int {
			p.sql(change)
			ctx, counted := p.db.CountStatements(t.Context())
			require.NoError(t, p.Compare(ctx, models.System(), "2021-12", func(m subsidy.MonthCompared) error {
				require.Positive(t, m.Repaired)
				return nil
			}))
			return counted.Statements()
		}
		one := cost("UPDATE payments SET amount_fen = 1 WHERE batch_id = 'b0' AND line = 1")
		ten := cost("UPDATE payments SET amount_fen = 1 WHERE batch_id = 'b0'")
		t.Log("statements for one line and for ten of a bucket:", one, ten)
		require.Equal(t, one, ten)
		ctx, counted := p.db.CountStatements(t.Context())
		require.NoError(t, p.Compare(ctx, models.System(), "2021-12", func(subsidy.MonthCompared) error { return nil }))
		require.LessOrEqual(t, counted.Statements(), 5, "two sides that agree")
	})
}

func TestAClosedMonthIsComparedWhenTheRegistrysFiguresChange(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		old := p.paid("wang", "old", func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-03" })
		p.arrive(old)
		o.put(old)
		months := func() []string {
			require.NoError(t, p.inTx(func(ctx context.Context) error { return p.StartComparison(ctx, subsidy.CompareNight{}) }))
			return p.jobsOf("subsidy.compare_month")
		}
		require.Len(t, months(), 4, "that one, and the open ones")
		run := func(month string) {
			require.NoError(t, p.inTx(func(ctx context.Context) error { return p.CompareMonthJob(ctx, subsidy.CompareMonth{Month: month}) }))
		}
		run("2021-03")
		require.Empty(t, p.jobsOf("subsidy.compare_slice"))
		p.sql("UPDATE payments SET amount_fen = 7 WHERE batch_id = 'old'")
		run("2021-03")
		require.Empty(t, p.jobsOf("subsidy.compare_slice"), "closed, and the registry says what it said")
		old.State, old.Version, old.ReturnedAt = subsidy.Returned, 6, start
		o.put(old)
		run("2021-03")
		require.Len(t, p.jobsOf("subsidy.compare_slice"), 1)
		p.sql("UPDATE payments SET amount_fen = 7 WHERE batch_id = 'b0' AND line = 1")
		run("2021-12")
		require.Len(t, p.jobsOf("subsidy.compare_slice"), 2, "an open month is compared every night")
		require.NoError(t, p.CompareSliceJob(t.Context(), subsidy.CompareSlice{Month: "2021-03", District: "410303"}))
		require.Contains(t, p.differences(subsidy.DifferenceRepaired), "2021-03~old~1")
	})
}

// jobsOf are the arguments of the jobs of a kind.
func (p *payday) jobsOf(kind string) (out []string) {
	p.t.Helper()
	args := "args"
	if p.db.Driver() == store.SQLite {
		args = "json(args)"
	}
	rows, err := p.db.SQL().QueryContext(p.t.Context(), "SELECT "+args+" FROM river_job WHERE kind = '"+kind+"'")
	require.NoError(p.t, err)
	defer rows.Close()
	for rows.Next() {
		var args string
		require.NoError(p.t, rows.Scan(&args))
		out = append(out, args)
	}
	require.NoError(p.t, rows.Err())
	return out
}

func TestAMonthWithMoreLinesThanAJobHasTimeForIsDoneInParts(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		var lines []subsidy.Line
		for i := range 120 {
			lines = append(lines, p.paid("wang", "big", func(l *subsidy.Line) { l.Key.Line, l.CreditNo = i+1, fmt.Sprintf("big%d", i) }))
		}
		p.arrive(lines...)
		o.put(lines...)
		o.put(p.paid("wang", "b0", func(l *subsidy.Line) { l.Key.Line, l.CreditNo, l.AmountFen = 40, "lost", 3 }))
		p.sql("UPDATE payments SET amount_fen = 1 WHERE batch_id = 'big' AND line IN (1, 60, 119)")
		p.sql("UPDATE payments SET amount_fen = 1, programme = 'P02' WHERE batch_id = 'b1' AND line = 4")
		o.page = 2 // fifty pages are a hundred lines: of 141
		require.NoError(t, p.CompareSliceJob(t.Context(), subsidy.CompareSlice{Month: "2021-12", District: "410303"}))
		rest := p.jobsOf("subsidy.compare_slice")
		require.Len(t, rest, 1)
		require.NotContains(t, p.differences(subsidy.DifferenceRepaired), "big~119")
		var next subsidy.CompareSlice
		require.NoError(t, json.Unmarshal([]byte(rest[0]), &next))
		require.NotEmpty(t, next.From.Batch)
		require.NoError(t, p.CompareSliceJob(t.Context(), next))
		require.Len(t, p.jobsOf("subsidy.compare_slice"), 1, "the second part is the last")
		done := p.differences(subsidy.DifferenceRepaired)
		for _, line := range []string{"b0~40", "b1~4", "big~1", "big~60", "big~119"} {
			require.Contains(t, done, line)
		}
		require.Len(t, done, 5)
		require.Zero(t, p.compare().Found)
	})
}

func TestTheListOfWhatIsHeldReadsItsOwnIndex(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock)), clock)
	p.arrive(p.paid("wang", "b1", unsent))
	tx, err := p.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback()) }()
	_, err = tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off")
	require.NoError(t, err)
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN SELECT q.line FROM payments q WHERE q.hold NOT IN ('', 'REJECTED', 'BATCH_WITHDRAWN') LIMIT 500")
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan.String(), "payments_2021_12_ledger_month_batch_id_line_idx", plan.String())
}
