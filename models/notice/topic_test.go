package notice

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachKindIsOfOneTopic(t *testing.T) {
	t.Parallel()
	n := 0
	for topic, kinds := range topics {
		require.True(t, slices.Contains(Topics, topic), topic)
		n += len(kinds)
	}
	require.Len(t, specs, n)
	for _, s := range specs {
		require.NotEmpty(t, s.Kind.Topic(), s.Kind)
		require.Equal(t, s.Secret, s.Kind.Topic() == TopicCodes, s.Kind)
	}
	require.Empty(t, Kind("of_a_newer_release").Topic())
}
