package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// Changes that cancel each other out in a bucket leave its count and its sum as they were.
func TestChangesThatCancelOutAreFoundAndRepaired(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		require.Zero(t, p.compare().Differing)
		now := func(batch string, line int, change func(l *subsidy.Line)) {
			l := o.lines[subsidy.Key{LedgerMonth: "2021-12", BatchID: batch, Line: line}]
			change(&l)
			o.put(l)
		}
		p.sql("UPDATE payments SET amount_fen = amount_fen + 100 WHERE batch_id = 'b0' AND line = 1") // our copy was changed
		p.sql("UPDATE payments SET amount_fen = amount_fen - 100 WHERE batch_id = 'b1' AND line = 1")
		now("b2", 2, func(l *subsidy.Line) { l.AmountFen, l.Version = l.AmountFen+100, 6 }) // events that were lost
		now("b3", 2, func(l *subsidy.Line) { l.AmountFen, l.Version = l.AmountFen-100, 6 })
		o.plain = true
		require.Zero(t, p.compare().Differing, "count and sum do not tell")
		o.plain = false
		got := p.compare()
		require.Equal(t, []int{2, 4, 4, 0}, []int{got.Differing, got.Found, got.Repaired, got.Left})
		require.Equal(t, map[string]subsidy.DifferenceKind{"b0~1": subsidy.OtherAmount, "b1~1": subsidy.OtherAmount, "b2~2": subsidy.OtherAmount, "b3~2": subsidy.OtherAmount},
			p.differences(subsidy.DifferenceRepaired))
		require.Zero(t, p.compare().Differing)
	})
}

func TestAnotherPayeeIsFoundAndRepaired(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		k := subsidy.Key{LedgerMonth: "2021-12", BatchID: "b0", Line: 1}
		other := o.lines[k] // under the version that stands: an event would be passed over
		other.PayeeRef, other.BeneficiaryRef = "zhao", "zhao"
		require.Empty(t, p.arrive(other))
		require.Empty(t, p.shown("zhao", 2021).Items)
		o.put(other)
		got := p.compare()
		require.Equal(t, []int{1, 1, 0}, []int{got.Found, got.Repaired, got.Left})
		require.Equal(t, map[string]subsidy.DifferenceKind{"b0~1": subsidy.OtherContent}, p.differences(subsidy.DifferenceRepaired))
		require.Len(t, p.shown("zhao", 2021).Items, 1)
		require.Equal(t, 1, p.kinds("zhao")[notice.Arrival])
		require.Zero(t, p.compare().Differing)

		other.PayeeRef, other.BeneficiaryRef = "stranger", "stranger"
		o.put(other)
		got = p.compare()
		require.Equal(t, []int{1, 0, 1}, []int{got.Found, got.Repaired, got.Left})
		require.Empty(t, p.shown("zhao", 2021).Items, "shown to nobody before the person is known")
	})
}

// The registry names a payee as she was when she was paid; a merge of records is no difference.
func TestAMergedRecordIsNoDifference(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		p.moveIn(citizen.PersonFact{Ref: "twin"})
		line := func(n int, to models.PersonRef) subsidy.Line {
			l := p.paid(to, "b0", func(l *subsidy.Line) { l.Key.Line, l.CreditNo = n, fmt.Sprint("m", n) })
			o.put(l)
			return l
		}
		p.arrive(line(21, "twin"))
		p.moveIn(citizen.PersonFact{Ref: "twin", MergedInto: "wang", Version: 2})
		p.arrive(line(22, "twin"), line(23, "wang"))
		src := p.streaming()
		first := p.lines("s1", 3)
		first[1].PayeeRef, first[1].BeneficiaryRef = "twin", "twin"
		p.announce(src, first)
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("s1").State)
		o.put(first...)
		require.Zero(t, p.compare().Differing)
		require.Equal(t, 3, p.count("SELECT count(*) FROM payments WHERE paid_ref = 'twin'"))
		require.Equal(t, 3, p.count("SELECT count(*) FROM payments WHERE paid_ref IS NOT NULL"))
	})
}

// Both databases and Go reckon a line's part alike, whatever stands in it.
func TestTheContentOfALineIsTheContracts(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		odd := p.paid("zhao", "odd.B-1_", func(l *subsidy.Line) {
			l.Key.Line, l.AmountFen, l.Version, l.CreditNo, l.ReturnReason = 999_999_999, -7, 1<<62, "号|\"'\\%?", strings.Repeat("长", 100)
			l.Edition, l.Programme = 0, "P99"
		})
		p.arrive(odd)
		o.put(odd)
		q := subsidy.FigureQuery{Month: "2021-12", Content: true}
		ours, err := p.store.OurFigures(t.Context(), q)
		require.NoError(t, err)
		theirs, err := o.Figures(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, theirs, ours)
		require.Equal(t, odd.Mark().Content, ours[subsidy.Bucket{Programme: "P99", District: "410303", State: subsidy.Credited}].Content)
		q.Content = false
		ours, err = p.store.OurFigures(t.Context(), q)
		require.NoError(t, err)
		for _, sum := range ours {
			require.EqualValues(t, subsidy.NoContent, sum.Content)
		}
		q.Except = []string{"b0", "b1", "odd.B-1_"}
		for i := range 5000 {
			q.Except = append(q.Except, fmt.Sprintf("held%d", i))
		}
		ours, err = p.store.OurFigures(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, ours, 1, "thousands are left out by one parameter")
	})
}
