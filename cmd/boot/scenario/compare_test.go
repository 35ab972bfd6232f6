package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/subsidy"
)

func TestTheNightFindsAndRepairsWhatTheFeedLost(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Work()
	compare := func() (sum subsidy.MonthCompared) {
		require.NoError(t, r.App.Subsidies.Compare(t.Context(), models.System(), "", func(m subsidy.MonthCompared) error {
			sum.Buckets, sum.Found, sum.Repaired, sum.Left = sum.Buckets+m.Buckets, sum.Found+m.Found, sum.Repaired+m.Repaired, sum.Left+m.Left
			return nil
		}))
		return sum
	}
	first := compare()
	require.Zero(t, first.Found, "two years of a city, and both sides agree")
	require.Greater(t, first.Buckets, 200)

	wang := r.Fresh("wechat_mini", "wang")
	shown := len(wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"))
	r.Happens("credit", "wang", map[string]any{"quiet": true}) // its events are lost on their way into the feed
	r.Work()
	require.Len(t, wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"), shown)
	found := compare()
	require.Equal(t, 1, found.Found)
	require.Equal(t, 1, found.Repaired)
	require.Len(t, wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"), shown+1)
	r.Work()
	require.Equal(t, 1, r.Told("wang", "存入"))
	require.Zero(t, compare().Found)

	r.Agent().Get("/agent/v1/differences").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	reviewer, _ := r.Staff("reviewer-one", "reviewer")
	require.Empty(t, reviewer.Get("/agent/v1/differences").Is(http.StatusOK).List("items"))
	done := reviewer.Get("/agent/v1/differences?state=repaired&month=2021-12").Is(http.StatusOK)
	require.Len(t, done.List("items"), 1)
	require.Equal(t, "missing_here", done.Text("items", 0, "kind"))
	require.Nil(t, done.At("items", 0, "ours"))
	require.Equal(t, "credited", done.Text("items", 0, "theirs", "state"))
	require.Len(t, r.Decisions("subsidy.payment.repaired"), 1)
}
