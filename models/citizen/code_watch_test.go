package citizen

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestR61_CodesThatNobodyTypesInAreASign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent, used, least, from int
		low                     bool
	}{
		{100, 29, 30, 50, true},
		{100, 30, 30, 50, false},
		{49, 0, 30, 50, false},
		{50, 0, 30, 50, true},
		{0, 0, 30, 0, false},
		{1000, 0, 0, 50, false},
	} {
		require.Equal(t, c.low, CodeShare{Sent: c.sent, Used: c.used}.Low(c.least, c.from), "%+v", c)
	}
}
