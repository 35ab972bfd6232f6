package scenario

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// The jobs of a payday and of the night go through River's own client, as they do in service: from the night to months,
// from a month to the districts that differ, from a batch to its slices.
func TestThePaydaysAndTheNightsJobsAreWorked(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		boottest.EmbeddedHalf(t, true)
		workJobs(t, boottest.Start(t, boottest.Live()))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		workJobs(t, boottest.Start(t, boottest.Live(), boottest.OnPostgres(storetest.EmptyPostgres(t))))
	})
}

func workJobs(t *testing.T, r *boottest.Rig) {
	t.Helper()
	db := r.DB()
	count := func(query string) (n int) {
		t.Helper()
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	done := func(kind string) int {
		return count("SELECT count(*) FROM river_job WHERE kind = '" + kind + "' AND state = 'completed'")
	}
	r.Eventually(func() bool {
		return count("SELECT count(*) FROM payments") > 0 && count("SELECT count(*) FROM batches WHERE waiting") == 0
	})
	event := r.Happens("payday", "", map[string]any{"programme": "28", "lines": 500})
	r.Eventually(func() bool { return done("subsidy.invalidate_slice") > 0 })
	require.Equal(t, 500, count("SELECT count(*) FROM payments WHERE batch_id = '"+event.Text("batch_id")+"'"))

	before := count("SELECT count(*) FROM payments")
	r.Happens("credit", "wang", map[string]any{"quiet": true}) // its events are lost on their way into the feed
	r.Work()
	require.Equal(t, before, count("SELECT count(*) FROM payments"))
	rows := r.App.Subsidies.Store
	require.NoError(t, rows.InTx(t.Context(), func(ctx context.Context) error {
		return rows.EnqueueAll(ctx, []models.Job{subsidy.CompareNight{}})
	}))
	r.Eventually(func() bool { return count("SELECT count(*) FROM figure_differences WHERE state = 'repaired'") == 1 })
	require.Equal(t, before+1, count("SELECT count(*) FROM payments"))
	r.Eventually(func() bool {
		return done(subsidy.CompareNight{}.Kind()) == 1 && done(subsidy.CompareMonth{}.Kind()) > 1 && done(subsidy.CompareSlice{}.Kind()) == 1
	})
	require.Zero(t, count("SELECT count(*) FROM river_job WHERE errors IS NOT NULL AND kind LIKE 'subsidy.%'"))
}
