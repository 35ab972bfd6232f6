package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func eachFollows(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, open := range []func(*testing.T, ...storetest.Option) *store.DB{storetest.OpenSQLite, storetest.OpenPostgres} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			fn(t, open(t, storetest.WithClock(models.NewManualClock(noticeTime))))
		})
	}
}

// R62: an address is off when its owner leaves. The newer word counts, however late the older one comes.
func TestR62_WhoLeavesTheAccountIsOffAndTheNewerWordCounts(t *testing.T) {
	t.Parallel()
	eachFollows(t, func(t *testing.T, db *store.DB) {
		note := func(open string, follows bool, after time.Duration) (account models.ID, changed bool) {
			t.Helper()
			err := db.InTx(t.Context(), func(ctx context.Context) (err error) {
				account, _, changed, err = db.PlatformFollows().NoteFollower(ctx, notice.Follower{
					Channel: notice.WechatOA, App: "wx1", OpenID: open, Follows: follows, At: noticeTime.Add(after),
				})
				return err
			})
			require.NoError(t, err)
			return account, changed
		}
		account, changed := note("stranger", false, 0)
		require.False(t, changed)
		require.Empty(t, account, "who leaves without a row leaves none behind")

		account, changed = note("o1", true, 10*time.Second)
		require.True(t, changed)
		again, changed := note("o1", true, 10*time.Second)
		require.False(t, changed, "a copy")
		require.Equal(t, account, again)
		_, changed = note("o1", false, 5*time.Second)
		require.False(t, changed, "an older word that comes late")
		_, changed = note("o1", false, 20*time.Second)
		require.True(t, changed)
		_, changed = note("o1", true, 15*time.Second)
		require.False(t, changed)
		_, changed = note("o1", true, 20*time.Second)
		require.True(t, changed, "in one second the later to come counts")

		_, changed = note("o1", true, 40*time.Second)
		require.False(t, changed, "she follows already")
		_, changed = note("o1", false, 30*time.Second)
		require.False(t, changed, "older than what was said last, if it was the same")

		seen, err := db.PlatformAccounts().SeenAccount(t.Context(), citizen.Account{
			ID: models.NewID(), Platform: models.WechatOA, AppID: "wx1", OpenID: "o1", Handle: "h-other", MadeAt: noticeTime, SeenAt: noticeTime,
		})
		require.NoError(t, err)
		require.Equal(t, account, seen.ID, "her log-in finds the row that her following made")
		require.Len(t, seen.Handle, 32)
	})
}

func TestManyCopiesOfOneFollowMakeOneAccount(t *testing.T) {
	t.Parallel()
	eachFollows(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		accounts, changes := map[models.ID]bool{}, 0
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				err := db.InTx(t.Context(), func(ctx context.Context) error {
					a, _, changed, err := db.PlatformFollows().NoteFollower(ctx, notice.Follower{
						Channel: notice.AlipayLife, App: "2021", OpenID: "o1", UserID: "2088", Follows: true, At: noticeTime,
					})
					mu.Lock()
					defer mu.Unlock()
					if accounts[a] = true; changed {
						changes++
					}
					return err
				})
				if err != nil {
					t.Error(fmt.Sprint(i, err))
				}
			})
		}
		wg.Wait()
		require.Len(t, accounts, 1)
		require.Equal(t, 1, changes)
	})
}
