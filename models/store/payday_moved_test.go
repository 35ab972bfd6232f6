package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// A payee who has moved to another district is paid and told; whoever looks at the batch sees it, however its lines come.
func TestAPayeeWhoMovedIsReportedForLinesByFeedToo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "moved", District: "410305"}, citizen.PersonFact{Ref: "stays", District: "410303"})
		line := func(n int, l subsidy.Line) subsidy.Line { l.Key.Line = n; return l }
		absurd := p.paid("moved", "b1", func(l *subsidy.Line) { l.AmountFen = -1 })
		for range 2 { // at least once
			require.Empty(t, p.arrive(p.paid("moved", "b1"), line(2, p.paid("stays", "b1")), line(3, p.paid("wang", "b1")), line(4, absurd)))
		}
		require.Equal(t, []string{"1 PAYEE_MOVED"}, p.report("b1"))
		require.Len(t, p.shown("moved", 2021).Items, 1)
		require.Len(t, p.notices("moved"), 1)
		require.Empty(t, p.arrive(line(2, p.paid("moved", "b1", v(4)))), "an older word")
		require.Equal(t, []string{"1 PAYEE_MOVED"}, p.report("b1"), "what is not taken is not reported")
	})
}
