package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	sandbox "onecard/integrations/sandbox/registry"
)

// batchState is where a batch is, why, and how many of its lines are stored.
func batchState(t *testing.T, r *boottest.Rig, id string) (state, reason string, lines int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), `SELECT state, reason, (SELECT count(*) FROM payments WHERE batch_id = batches.id)
		FROM batches WHERE id = '`+id+`'`).Scan(&state, &reason, &lines))
	return state, reason, lines
}

// Whatever goes wrong with a stream: what the source signed holds the batch by its name until a newer announcement, what
// it did not is asked for again, and nothing of either is ever half there.
func TestEveryWayInWhichAStreamGoesWrong(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	for fault, reason := range map[string]string{
		sandbox.FaultTruncate: "BATCH_LINE_UNREADABLE", sandbox.FaultDrop: "BATCH_LINE_GAP", sandbox.FaultReorder: "BATCH_LINES_OUT_OF_ORDER",
		sandbox.FaultDuplicate: "BATCH_LINE_TWICE", sandbox.FaultCorrupt: "BATCH_DIGEST_MISMATCH", sandbox.FaultAmount: "BATCH_TOTAL_MISMATCH",
		sandbox.FaultLongLine: "BATCH_LINE_TOO_LONG", sandbox.FaultGarble: "BATCH_LINE_UNREADABLE",
		sandbox.FaultDie: "", sandbox.FaultUnsigned: "", sandbox.FaultTampered: "",
	} {
		id := r.Happens("payday", "", map[string]any{"programme": "28", "lines": 60, "state": "credited"}).Text("batch_id")
		r.Fault("payments", fault, map[string]any{"op": "lines", "line": 10, "times": 1})
		err := r.App.RunOnce(t.Context())
		state, why, lines := batchState(t, r, id)
		require.Zero(t, lines, fault)
		require.Equal(t, reason, why, fault)
		if reason == "" {
			require.Error(t, err, fault)
			require.Equal(t, "announced", state, fault)
			r.Later(time.Minute)
		} else {
			require.NoError(t, err, fault)
			require.Equal(t, "held", state, fault)
			r.Later(time.Hour)
			state, _, _ = batchState(t, r, id)
			require.Equal(t, "held", state, "%s: not read again by itself", fault)
			r.Happens("reannounce", "", map[string]any{"batch_id": id, "state": "credited"})
			r.Work()
		}
		state, _, lines = batchState(t, r, id)
		require.Equal(t, "applied", state, fault)
		require.Equal(t, 60, lines, fault)
	}
}

func TestAStreamThatIsCutOffAgainAndAgainStandsInTheListOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	id := r.Happens("payday", "", map[string]any{"programme": "28", "lines": 60, "state": "credited"}).Text("batch_id")
	r.Fault("payments", sandbox.FaultDie, map[string]any{"op": "lines", "line": 10, "times": 6})
	for range 6 {
		require.Error(t, r.App.RunOnce(t.Context()))
		r.Clock.Advance(time.Hour)
	}
	_, err := r.App.Subsidies.WatchHeld(t.Context(), 500)
	require.NoError(t, err)
	reviewer, _ := r.Staff("reviewer-one", "reviewer")
	item := reviewer.Get("/agent/v1/held?reason=BATCH_NOT_TAKEN").Is(http.StatusOK)
	require.Equal(t, "2021-12~"+id, item.Text("items", 0, "held_id"))
	require.Equal(t, "operations", item.Text("items", 0, "owner"))
	r.Work()
	require.Empty(t, reviewer.Get("/agent/v1/held?reason=BATCH_NOT_TAKEN").Is(http.StatusOK).List("items"), "taken at last")
	state, _, lines := batchState(t, r, id)
	require.Equal(t, "applied", state)
	require.Equal(t, 60, lines)
}
