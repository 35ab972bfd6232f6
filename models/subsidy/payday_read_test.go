package subsidy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChunksOfLongLinesStaySmall(t *testing.T) {
	t.Parallel()
	const longest = 1 << 20
	c := newChunk()
	for !c.full() {
		c.add(Line{Raw: make([]byte, longest)})
	}
	require.LessOrEqual(t, len(c.raw), chunkBytes+longest)
	require.Len(t, c.rawOf(len(c.lines)-1), longest)
	for c = newChunk(); !c.full(); {
		c.add(Line{Raw: []byte("x")})
	}
	require.Len(t, c.lines, chunkLines)
}
