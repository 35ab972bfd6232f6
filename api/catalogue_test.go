package api

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// R48: every refusal message carries a way forward.
func TestR48_EveryRefusalSaysWhereToGo(t *testing.T) {
	t.Parallel()
	all, err := Catalogue()
	require.NoError(t, err)
	require.Greater(t, len(all), 20)
	code := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	statuses := map[string]int{}
	for _, e := range all {
		require.Regexp(t, code, e.Code)
		require.True(t, strings.Contains(e.Message, "12333") || strings.Contains(e.Message, "网点"), "%s: %s", e.Code, e.Message)
		if before, ok := statuses[e.Code]; ok {
			require.Equal(t, before, e.Status, "%s stands for two statuses", e.Code)
		}
		statuses[e.Code] = e.Status
	}
}

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, want := range map[models.Kind]int{
		models.Malformed: 400, models.Invalid: 422, models.Unauthenticated: 401, models.Forbidden: 403, models.NotFound: 404,
		models.Conflict: 409, models.Locked: 423, models.TooLarge: 413, models.RateLimited: 429, models.Unavailable: 503,
		models.Internal: 500, models.Kind(200): 500,
	} {
		require.Equal(t, want, statusOf(kind))
	}
}

func TestEveryFieldCodeHasItsText(t *testing.T) {
	t.Parallel()
	for _, f := range fieldCodes {
		require.NotEmpty(t, fieldTexts[f.code], f.code)
	}
	require.Equal(t, "INVALID", fieldCode("a sentence nobody knows"))
	require.NotEmpty(t, fieldTexts["INVALID"])
}
