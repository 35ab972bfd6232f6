package redis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestClaimIsHeldThenDoneThenForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		c := r.Claims()
		begin := func(scope string) models.Claim {
			got, err := c.Begin(t.Context(), scope, "n", 60*time.Millisecond)
			require.NoError(t, err)
			return got
		}
		require.Equal(t, models.ClaimFree, begin("a"))
		require.Equal(t, models.ClaimHeld, begin("a"))
		require.Equal(t, models.ClaimFree, begin("b"), "scopes do not share")
		require.NoError(t, c.Drop(t.Context(), "a", "n"))
		require.Equal(t, models.ClaimFree, begin("a"), "what was not done may come again")
		r.pass(80 * time.Millisecond)
		require.Equal(t, models.ClaimFree, begin("a"), "who died at it leaves it free")
		require.NoError(t, c.Done(t.Context(), "a", "n", 80*time.Millisecond))
		require.Equal(t, models.ClaimDone, begin("a"))
		r.pass(100 * time.Millisecond)
		require.Equal(t, models.ClaimFree, begin("a"))
	})
}

func TestWithoutRedisNothingIsClaimed(t *testing.T) {
	t.Parallel()
	c, _ := stopped(t)
	_, err := c.Claims().Begin(t.Context(), "wechat", "n", time.Minute)
	require.Error(t, err, "a message that cannot be remembered must not count as new")
	require.Error(t, c.Claims().Done(t.Context(), "wechat", "n", time.Minute))
}
