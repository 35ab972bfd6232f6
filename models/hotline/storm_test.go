package hotline_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// TestR56_AStormAtEveryDoorIsBounded sends log-ins, enrolments and changes of password at once, of callers who do not wait.
// All of them share the few hashes at a time: the memory of the others is never taken, and they are told to come again.
func TestR56_AStormAtEveryDoorIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, out := r.enrol("lina0")
	by := r.auth(out.Token)
	n := 30 * max(2, runtime.NumCPU())
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	var mu sync.Mutex
	var busy, answered int
	var most uint64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			var err error
			switch login := fmt.Sprintf("nobody%d", i); i % 3 {
			case 0:
				_, err = r.LogIn(ctx, hotline.LogInInput{Login: login, Password: ownPassword, Code: "000000"})
			case 1:
				_, err = r.BeginEnrolment(ctx, login, ownPassword)
			default:
				err = r.ChangePassword(ctx, by, ownPassword, "000000", "Mountain-81-elm")
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			mu.Lock()
			defer mu.Unlock()
			most = max(most, m.HeapInuse)
			switch {
			case errors.Is(err, hotline.ErrLogInBusy):
				busy++
			case errors.Is(err, hotline.ErrLogInRefused), errors.Is(err, hotline.ErrAccountLocked):
				answered++
			}
		})
	}
	wg.Wait()
	require.Equal(t, n, busy+answered, "each has one of the answers")
	require.NotZero(t, busy)
	require.Less(t, most, uint64(n*19<<20)/2, "far from one hash's memory each")
	_, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "lina0", Password: ownPassword, Code: out.RecoveryCodes[0]})
	if errors.Is(err, hotline.ErrAccountLocked) { // the storm was at her own door as well
		r.clock.Advance(31 * time.Minute)
		_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "lina0", Password: ownPassword, Code: out.RecoveryCodes[0]})
	}
	require.NoError(t, err, "who comes after it comes in")
}

// TestR56_AClockThatIsPutBackOpensNothingAgain: what was used stays used, what has ended stays ended.
func TestR56_AClockThatIsPutBackOpensNothingAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret, out := r.enrol("lina1")
	r.clock.Advance(time.Hour)
	code := r.codeOf(secret)
	in := hotline.LogInInput{Login: "lina1", Password: ownPassword, Code: code}
	_, err := r.LogIn(t.Context(), in)
	require.NoError(t, err)
	r.clock.Advance(-30 * time.Minute)
	for _, code := range []string{code, r.codeOf(secret)} {
		in.Code = code
		_, err = r.LogIn(t.Context(), in)
		require.ErrorIs(t, err, hotline.ErrLogInRefused, "a step below the last one used")
	}
	_, err = r.Authenticate(t.Context(), out.Token)
	require.ErrorIs(t, err, hotline.ErrSessionReplaced)
	r.clock.Advance(31 * time.Minute)
	in.Code = r.codeOf(secret)
	opened, err := r.LogIn(t.Context(), in)
	require.NoError(t, err)
	r.clock.Advance(-2 * time.Hour) // a session from the future is used, and idles from the clock's own return
	by := r.auth(opened.Token)
	require.Equal(t, models.AgentActor, by.Kind)
	r.clock.Advance(2*time.Hour + 15*time.Minute + time.Second)
	_, err = r.Authenticate(t.Context(), opened.Token)
	require.ErrorIs(t, err, hotline.ErrSessionIdle)
}

func TestPermissionsAreOneTable(t *testing.T) {
	t.Parallel()
	require.Contains(t, hotline.AllPermissions(), hotline.MayReadAudit)
	require.NotContains(t, hotline.AllPermissions(), hotline.AnyStaff)
	require.Equal(t, []hotline.Role{hotline.RoleAuditor}, hotline.RolesWith(hotline.MayReadAudit))
	require.Len(t, hotline.RolesWith(hotline.AnyStaff), len(hotline.Permissions))
	require.Empty(t, hotline.RolesWith("open_doors"))
	m := hotline.Staff{Roles: []hotline.Role{hotline.RoleLiaison, hotline.RoleKnowledgeEditor}}
	require.Equal(t, []hotline.Permission{hotline.MayAnswerOrders, hotline.MayEditArticles, hotline.MayReadArticles, hotline.MaySeeQueue, hotline.MayWorkOrders}, m.Permissions())
	m.DisabledAt = noon
	require.Empty(t, m.Permissions())
	require.False(t, m.Can(hotline.AnyStaff))
}
