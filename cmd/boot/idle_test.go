package boot_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
)

// An idle replica asks little: figures here are statements without River's own and without the clock, which on PostgreSQL
// is one more for each turn of the sweeps of commands.
func TestAnIdleReplicaAsksLittle(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Work()
	cost, err := r.App.IdleMinute(t.Context(), r.Clock.Advance)
	require.NoError(t, err)
	total := 0
	for _, n := range cost {
		total += n
	}
	t.Log(total, cost)
	bounds := map[string]int{
		"commands": 60, "applications": 30, "notices urgent": 160, "notices bulk": 75, "audit seals": 75, "backlog": 3, "feed cards": 110, "feed payments": 110,
	}
	for loop, most := range bounds {
		require.LessOrEqual(t, cost[loop], most, loop)
	}
}

type unworkable struct{}

func (unworkable) Kind() string { return "test.unworkable" }

var _ models.Job = unworkable{}

func TestAJobThatGaveUpIsAnAlarmOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	db := r.App.Store()
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context) error { return db.Enqueue(ctx, unworkable{}) }))
	_, err := db.SQL().ExecContext(t.Context(), "UPDATE river_job SET state = 'discarded', finalized_at = CURRENT_TIMESTAMP WHERE kind = 'test.unworkable'")
	require.NoError(t, err)
	for range 3 {
		r.Later(time.Minute)
	}
	figures := map[string]float64{}
	families, err := r.App.Metrics().Gather()
	require.NoError(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			figures[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	require.InDelta(t, 1, figures["onecard_alarms_total JOB_USED_UP"], 0)
	require.InDelta(t, 1, figures["onecard_jobs_used_up test.unworkable"], 0)
	require.Contains(t, figures, "onecard_commands_unfinished loss")
	require.Contains(t, figures, "onecard_notices_queued codes")
	require.InDelta(t, float64(r.Clock.Now().Unix()), figures["onecard_registry_as_of_seconds cards"], 60)
}
