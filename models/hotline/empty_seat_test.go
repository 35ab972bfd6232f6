package hotline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// The agent went away for 25 minutes and the telephone is lifted: no call opens, and a log-in is asked for.
func TestR56_ATelephoneLiftedAtAnEmptySeatWakesNoSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	in, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()})
	require.NoError(t, err)
	by := r.auth(in.Token)
	r.clock.Advance(25 * time.Minute)
	require.Equal(t, "no_session", r.happens(hotline.CallAnswered, "in-1", r.extension(by), wangPhone, ""))
	require.Empty(t, r.m.rows.calls)
	_, err = r.Authenticate(t.Context(), in.Token)
	require.ErrorIs(t, err, hotline.ErrSessionIdle)
	require.Equal(t, "no_session", r.happens(hotline.CallAnswered, "in-2", r.extension(by), wangPhone, ""), "nobody is logged in")
	require.Empty(t, r.m.rows.calls)
}

// However a call came to be there after the limit, it pauses nothing; one opened before it does.
func TestR56_OnlyACallOpenedWithinTheIdleLimitPausesIt(t *testing.T) {
	t.Parallel()
	for opened, idle := range map[time.Duration]bool{14 * time.Minute: false, 15 * time.Minute: false, 16 * time.Minute: true} {
		t.Run(opened.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.member("zuoxi1", "agent")
			in, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()})
			require.NoError(t, err)
			by := r.auth(in.Token)
			r.clock.Advance(opened)
			require.NoError(t, r.m.CreateCall(t.Context(), hotline.Call{
				ID: models.NewID(), StaffID: by.ID, Source: hotline.SourceTelephone, OpenedAt: r.clock.Now(), UsedAt: r.clock.Now(), Version: 1,
			}))
			r.clock.Advance(10 * time.Minute)
			_, err = r.Authenticate(t.Context(), in.Token)
			if idle {
				require.ErrorIs(t, err, hotline.ErrSessionIdle)
				return
			}
			require.NoError(t, err)
		})
	}
}
