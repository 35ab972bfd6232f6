package registry

import (
	"encoding/json"
	"fmt"
	"os"
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
		want[b] = subsidy.Sum{Count: want[b].Count + 1, TotalFen: want[b].TotalFen + l.AmountFen, Content: want[b].Content + l.Mark().Content}
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
				require.Equal(t, lines[m.Key].Mark(), m, "both sides reckon a line's mark alike")
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

// A month in which thousands of batches are held is asked for as any other.
func TestThousandsOfBatchesAreLeftOut(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	all, err := g.payments.Figures(t.Context(), subsidy.FigureQuery{Month: "2021-11"})
	require.NoError(t, err)
	q := subsidy.FigureQuery{Month: "2021-11"}
	for i := range 10_000 {
		q.Except = append(q.Except, fmt.Sprintf("held-batch-with-a-long-name-of-its-own-%025d", i))
	}
	got, err := g.payments.Figures(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, all, got)
	for b := range got {
		q.District = b.District
		marks, _, err := g.payments.Marks(t.Context(), subsidy.MarkQuery{FigureQuery: q, Bucket: b, Limit: 5})
		require.NoError(t, err)
		require.NotEmpty(t, marks)
		break
	}
}

// A source that tells no content is compared without it; a part that tells none leaves none of the whole.
func TestFiguresWithoutAContent(t *testing.T) {
	t.Parallel()
	var in wireFigures
	require.NoError(t, json.Unmarshal([]byte(`{"figures":[
		{"programme_code":"P41","district":"410303","state":"credited","count":2,"total_fen":5},
		{"programme_code":"P41","district":"410303","state":"queued","count":1,"total_fen":1,"content_sum":7},
		{"programme_code":"P41","district":"410303","state":"lost","count":1,"total_fen":1},
		{"programme_code":"P42","district":"410303","state":"queued","count":1,"total_fen":1,"content_sum":7},
		{"programme_code":"P42","district":"410303","state":"lost","count":1,"total_fen":1,"content_sum":0}]}`), &in))
	require.Equal(t, map[subsidy.Bucket]subsidy.Sum{
		{Programme: "P41", District: "410303", State: subsidy.Credited}: {Count: 2, TotalFen: 5, Content: subsidy.NoContent},
		{Programme: "P41", District: "410303", State: subsidy.Unknown}:  {Count: 2, TotalFen: 2, Content: subsidy.NoContent},
		{Programme: "P42", District: "410303", State: subsidy.Unknown}:  {Count: 2, TotalFen: 2, Content: 7},
	}, in.sums())
}

// The worked example of the contract.
func TestTheContentOfTheContractsExample(t *testing.T) {
	t.Parallel()
	prose, err := os.ReadFile("../../docs/registry-contract.md")
	require.NoError(t, err)
	l := subsidy.Line{PayeeRef: "p9", Payment: subsidy.Payment{Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: "b17", Line: 3}, Version: 5, Edition: 1,
		AmountFen: 33_800, CreditNo: "2021122000000001"}}
	sum := l.Mark().Content
	require.Contains(t, string(prose), fmt.Sprintf("b17|3|5|1|33800|p9|2021122000000001|        SHA-256 begins with %08x        content_sum %d\n", sum, sum))
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
