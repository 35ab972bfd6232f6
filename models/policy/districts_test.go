package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryOldDistrictBecameOneOfToday(t *testing.T) {
	t.Parallel()
	today, seen := map[string]bool{}, map[string]bool{}
	for _, d := range Districts() {
		require.Regexp(t, `^4103\d\d$`, d.Code)
		require.NotEmpty(t, d.Name)
		require.False(t, seen[d.Code], d.Code)
		seen[d.Code] = true
		if d.Now == "" {
			require.Len(t, seen, len(today)+1, "%s: those of today come first", d.Code)
			today[d.Code] = true
		}
	}
	require.Len(t, today, 14, "seven districts and seven counties")
	for _, d := range Districts() {
		require.True(t, d.Now == "" || today[d.Now], d.Code)
	}
}
