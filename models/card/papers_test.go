package card

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR50_PapersFollowTheKindOfNumber(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]ApplicantKind{
		"41030319800101004x": Mainlander, "810000199408230021": HongKong, "820000199408230023": HongKong, "830000199201300022": HongKong,
		"911124198108030024": Foreigner, "ABC123456789012": Foreigner,
	} {
		n, err := models.ParseIDNumber(number, time.Date(2021, 12, 20, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err, number)
		require.Equal(t, want, kindOf(n), number)
	}
	require.Equal(t, Foreigner, kindOf(models.IDNumber{}))
	for kind, papers := range papersOf {
		seen := map[UploadPurpose]bool{}
		for _, p := range papers {
			seen[p.Purpose] = true
			require.NotEmpty(t, p.Label, kind)
		}
		require.Equal(t, map[UploadPurpose]bool{UploadPhoto: true, UploadIDFront: true, UploadIDBack: true}, seen, kind)
	}
}
