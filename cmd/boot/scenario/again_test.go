package scenario

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// A payday goes out as sent; when the bank has paid, the registry announces the batch again, with the same figures.
func TestAStreamedBatchAnnouncedAgainBringsItsCredits(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	count := func(query string) (n int) {
		t.Helper()
		require.NoError(t, r.DB().QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	event := r.Happens("payday", "", map[string]any{"programme": "28", "lines": 3000})
	id := event.Text("batch_id")
	r.Work()
	states := func(state string) int {
		return count("SELECT count(*) FROM payments WHERE batch_id = '" + id + "' AND state = '" + state + "'")
	}
	told := func() int {
		return count("SELECT count(*) FROM notices WHERE kind = 'arrival' AND cause LIKE 'credit:" + id + "/%'")
	}
	require.Equal(t, 3000, states("sent"))
	require.Zero(t, told())

	r.Happens("reannounce", "", map[string]any{"batch_id": id, "state": "credited"})
	r.Work()
	require.Equal(t, 3000, states("credited"))
	lines := told()
	require.Positive(t, lines)
	require.Equal(t, lines, count("SELECT count(DISTINCT cause) FROM notices WHERE kind = 'arrival' AND cause LIKE 'credit:"+id+"/%'"))
	require.Equal(t, 3000-count("SELECT count(*) FROM payments WHERE batch_id = '"+id+"' AND hold <> ''"), lines, "each line that may be shown is told once")

	r.Happens("reannounce", "", map[string]any{"batch_id": id, "state": "credited"}) // a higher version, the same lines
	r.Work()
	require.Equal(t, 3000, states("credited"))
	require.Equal(t, lines, told())
}
