package registry

import (
	"testing"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/subsidy"
)

func TestFiguresAreTheSumsOfTheLines(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	lines := map[subsidy.Key]subsidy.Line{}
	for _, e := range events {
		if l, ok := e.Fact.(subsidy.Line); ok && l.Key.LedgerMonth == "2021-11" && l.Version > lines[l.Key].Version {
			lines[l.Key] = l
		}
	}
	want := map[subsidy.Bucket]subsidy.Sum{}
	for _, l := range lines {
		b := subsidy.Bucket{Programme: l.Programme, District: l.District, State: l.State}
		want[b] = subsidy.Sum{Count: want[b].Count + 1, TotalFen: want[b].TotalFen + l.AmountFen}
	}
	got, err := g.payments.Figures(t.Context(), subsidy.FigureQuery{Month: "2021-11"})
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Greater(t, len(got), 20)

	for b, sum := range got {
		q := subsidy.MarkQuery{FigureQuery: subsidy.FigureQuery{Month: "2021-11", District: b.District}, Bucket: b, Limit: 7}
		n := 0
		for more := true; more; {
			var marks []subsidy.LineMark
			marks, more, err = g.payments.Marks(t.Context(), q)
			require.NoError(t, err)
			for _, m := range marks {
				require.Equal(t, subsidy.MarkOf(lines[m.Key].Payment), m, "both sides reckon a line's mark alike")
				q.After = m.Key
			}
			n += len(marks)
		}
		require.Equal(t, sum.Count, n)
		if n > 20 {
			break // one that takes several pages is enough
		}
	}
}

func TestFiguresLeaveBatchesOutAndKnowStreamedOnes(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	out := g.happen(sandbox.Happening{Kind: "payday", Programme: "2", District: "410303", Lines: 50, LedgerMonth: "2022-01"})
	q := subsidy.FigureQuery{Month: "2022-01"}
	got, err := g.payments.Figures(t.Context(), q)
	require.NoError(t, err)
	count := 0
	for _, sum := range got {
		count += sum.Count
	}
	require.Equal(t, 50, count)
	read, err := g.payments.LinesNow(t.Context(), out["batch_id"], []int{7, 50, 51})
	require.NoError(t, err)
	require.Len(t, read, 2)
	require.Equal(t, 50, read[1].Key.Line)
	read, err = g.payments.LinesNow(t.Context(), "nothing", []int{1})
	require.NoError(t, err)
	require.Empty(t, read)

	q.Except = []string{out["batch_id"]}
	got, err = g.payments.Figures(t.Context(), q)
	require.NoError(t, err)
	require.Empty(t, got)
	g.happen(sandbox.Happening{Kind: "withdraw", BatchID: out["batch_id"]})
	got, err = g.payments.Figures(t.Context(), subsidy.FigureQuery{Month: "2022-01"})
	require.NoError(t, err)
	require.Empty(t, got, "a withdrawn batch pays nobody")

	g.fault(sandbox.Fault{Target: "payments", Fault: sandbox.FaultDown, Times: 1})
	_, err = g.payments.Figures(t.Context(), q)
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestAQuietEventChangesTheRegistryAndNotItsFeed(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.payments, "")
	before, err := g.payments.Figures(t.Context(), subsidy.FigureQuery{Month: "2021-12"})
	require.NoError(t, err)
	g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang", Quiet: true})
	events, _ := readAll(t, g.payments, end)
	require.Empty(t, events)
	after, err := g.payments.Figures(t.Context(), subsidy.FigureQuery{Month: "2021-12"})
	require.NoError(t, err)
	require.NotEqual(t, before, after)
}
