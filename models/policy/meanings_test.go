package policy

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestEverySettingSaysInChineseWhatItDecides(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, s := range Catalogue() {
		require.NotEmpty(t, s.Meaning, s.Key)
		han := 0
		for _, r := range s.Meaning {
			if unicode.Is(unicode.Han, r) {
				han++
			}
		}
		require.GreaterOrEqual(t, han, 10, s.Key)
		require.NotContains(t, s.Meaning, "冻结", s.Key)
		require.NotContains(t, s.Meaning, "%", s.Key)
		require.Empty(t, said[s.Meaning], "%s is said as %s", s.Key, said[s.Meaning])
		said[s.Meaning] = s.Key
		if s.Type == Word { // whoever reads the words of a value finds what they mean, unless a topic's channels say it themselves
			for _, word := range s.OneOf {
				require.True(t, strings.Contains(s.Meaning, word) || strings.HasPrefix(s.Key, "notice.ladder."), "%s: %s", s.Key, word)
			}
		}
	}
	for key := range meanings {
		require.NotEmpty(t, byKey[key].Key, "%s is no setting", key)
	}
}
