package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

// Whoever lost every announcement of a month does not know of the month either.
func TestAMonthThatOnlyTheRegistryKnowsIsCompared(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		o.put(p.paid("wang", "lost", func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-10" }))
		o.put(p.paid("wang", "older", func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-09" })) // no open month
		require.NoError(t, p.inTx(func(ctx context.Context) error { return p.StartComparison(ctx, subsidy.CompareNight{}) }))
		require.Equal(t, 3, p.jobs("subsidy.compare_month"))
		sum := p.compare()
		require.Equal(t, 1, sum.Found)
		require.Equal(t, 1, sum.Repaired)
		require.Equal(t, 1, p.stored("lost"))
		require.Zero(t, p.compare().Found)
	})
}
