package subsidy

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// longLines is a source of lines that are as long as they may be.
type longLines struct{ n, size int }

func (s longLines) BatchLines(_ context.Context, batch string, take func(Line) error) error {
	raw := make([]byte, s.size)
	for i := range s.n {
		if err := take(Line{Payment: Payment{Key: Key{"2021-12", batch, i + 1}}, Raw: raw}); err != nil {
			return err
		}
	}
	return nil
}

func TestChunksOfLongLinesStaySmall(t *testing.T) {
	t.Parallel()
	const longest = 1 << 20
	free, full, done := make(chan *chunk, 1), make(chan *chunk), make(chan error, 1)
	free <- &chunk{}
	go func() {
		done <- gather(t.Context(), Batch{ID: "b1", Count: 100}, longLines{100, longest}, free, full)
		close(full)
	}()
	lines := 0
	for c := range full {
		require.LessOrEqual(t, len(c.raw), chunkBytes+longest)
		require.Len(t, c.rawOf(len(c.lines)-1), longest)
		lines += len(c.lines)
		free <- &chunk{}
	}
	require.NoError(t, <-done)
	require.Equal(t, 100, lines)
}
