package subsidy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCauseOfANoticeNamesItsBatch(t *testing.T) {
	t.Parallel()
	p := Payment{Key: Key{LedgerMonth: "2021-12", BatchID: "xg/2021:12", Line: 7}}
	for _, cause := range []string{creditOf(p) + mark("20211220"), creditOf(p) + "-", creditOf(p) + returnedAt(p), creditOf(p) + mark("x") + ":reversed"} {
		require.Equal(t, "xg/2021:12", BatchOfCause(cause), cause)
	}
	for _, cause := range []string{"loss:1:effective", "payday:2021-12:1", "credit:", ""} {
		require.Empty(t, BatchOfCause(cause))
	}
}
