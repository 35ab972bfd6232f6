package hotline_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestADrawIsRepeatableAndFair(t *testing.T) {
	t.Parallel()
	calls := make([]hotline.CallOf, 50)
	for i := range calls {
		calls[i] = hotline.CallOf{CallID: models.NewID()}
	}
	drawn := map[models.ID]int{}
	for n := range 400 {
		var seed [32]byte
		raw, err := hex.DecodeString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
		require.NoError(t, err)
		copy(seed[:], raw)
		seed[0], seed[1] = byte(n), byte(n>>8)
		first := hotline.Drawn(seed, calls, 10)
		require.Equal(t, first, hotline.Drawn(seed, calls, 10), "the same seed, the same calls")
		require.Len(t, first, 10)
		for _, c := range first {
			drawn[c.CallID]++
		}
	}
	require.Len(t, drawn, 50)
	for id, n := range drawn { // 80 expected; six standard deviations are 48
		require.InDelta(t, 80, n, 48, id)
	}
	require.Len(t, hotline.Drawn([32]byte{}, calls[:3], 10), 3)
}
