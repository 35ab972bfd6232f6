package boot

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

type fakeComparer struct {
	month string
	left  int
}

func (f *fakeComparer) Compare(_ context.Context, _ models.Actor, month string, each func(subsidy.MonthCompared) error) error {
	f.month = month
	return each(subsidy.MonthCompared{Month: "2021-12", Buckets: 9, Differing: 1, Found: 3, Repaired: 3 - f.left, Left: f.left})
}

func TestCompareByHand(t *testing.T) {
	t.Parallel()
	f, out := &fakeComparer{}, &bytes.Buffer{}
	require.NoError(t, CompareCommand(t.Context(), f, nil, out))
	require.Equal(t, "2021-12  9 figures, 1 differ; 3 lines found, 3 repaired, 0 left\n", out.String())
	f.left = 2
	out.Reset()
	require.ErrorIs(t, CompareCommand(t.Context(), f, []string{"--month", "2021-11", "--json"}, out), ErrFiguresDiffer)
	require.Equal(t, "2021-11", f.month)
	require.Contains(t, out.String(), `"left":2`)
	for _, bad := range [][]string{{"x"}, {"--month", "2021-13"}, {"--month", "2021-1"}, {"--what"}} {
		require.ErrorIs(t, CompareCommand(t.Context(), f, bad, out), ErrUsage)
	}
}

func TestTheComparisonRunsAtNight(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{ // the clock of the machine is UTC: two in Luoyang is 18 of the day before
		"2021-12-20T02:00:00Z": "2021-12-20T18:00:00Z", "2021-12-20T17:59:59Z": "2021-12-20T18:00:00Z",
		"2021-12-20T18:00:00Z": "2021-12-21T18:00:00Z", "2021-12-31T20:00:00Z": "2022-01-01T18:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		require.Equal(t, want, nightly{2}.Next(at).UTC().Format(time.RFC3339))
	}
}
