package boot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/policy"
	"onecard/models/subsidy"
)

// Both tables say how long something may stay held: policy decides, the other one stands in where there is no policy.
func TestEveryHoldHasItsHoursInPolicy(t *testing.T) {
	t.Parallel()
	have := map[string]string{}
	for _, s := range policy.Catalogue() {
		have[s.Key] = s.Default
	}
	for reason, hours := range subsidy.HoldReasons() {
		require.InDelta(t, (time.Duration(hours) * time.Hour).Hours(), hoursOf(t, have[policy.HeldHoursKey(reason)]), 0, reason)
	}
}

func hoursOf(t *testing.T, text string) float64 {
	t.Helper()
	d, err := time.ParseDuration(text + "h")
	require.NoError(t, err)
	return d.Hours()
}
