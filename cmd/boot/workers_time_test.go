package boot

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

// A comparison reads whole months; every other job has seconds.
func TestAComparisonHasItsOwnTime(t *testing.T) {
	t.Parallel()
	require.Equal(t, 30*time.Minute, bridge[subsidy.CompareMonth]{}.Timeout(&river.Job[subsidy.CompareMonth]{}))
	require.Equal(t, 30*time.Minute, bridge[subsidy.CompareSlice]{}.Timeout(&river.Job[subsidy.CompareSlice]{}))
	require.Zero(t, bridge[Housekeeping]{}.Timeout(&river.Job[Housekeeping]{}))
}
