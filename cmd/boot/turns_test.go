package boot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/integrations/redis/redistest"
)

// Without a Redis in common each replica asks, and the cursor's row lets each page in once; what is stored is the same.
func TestReplicasWithoutACommonRedisTakeEachPageOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	other, err := boot.Build(t.Context(), r.Config(), boot.Roles{Work: true}, boot.WithClock(r.Clock))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	for range 3 {
		r.Later(time.Minute)
		require.NoError(t, other.RunOnce(t.Context()))
	}
	b, err := other.Store().Backlog(t.Context())
	require.NoError(t, err)
	require.Empty(t, b.Parked)
	require.WithinDuration(t, r.Clock.Now(), b.AsOf["cards"], time.Minute)
}

// With one Redis the second replica does not ask the sources while the first goes on.
func TestOneReplicaAtATimeReadsTheFeeds(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t)
	r := boottest.Start(t, boottest.OnRedis(addr, "turns:"))
	r.Work()
	other, err := boot.Build(t.Context(), r.Config(), boot.Roles{Work: true}, boot.WithClock(r.Clock))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	require.NoError(t, other.RunOnce(t.Context()))
	require.Contains(t, asked(t, r.App), "cards")
	require.NotContains(t, asked(t, other), "cards", "it did not ask")
}

// asked are the sources that a replica has read from.
func asked(t *testing.T, a *boot.App) (sources []string) {
	t.Helper()
	families, err := a.Metrics().Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != "onecard_registry_events_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			sources = append(sources, m.GetLabel()[0].GetValue())
		}
	}
	return sources
}
