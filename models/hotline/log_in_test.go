package hotline_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestR56_BothFactorsOrOneAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	for name, in := range map[string]hotline.LogInInput{
		"no second factor":    {Login: "zuoxi1", Password: goodPassword},
		"wrong second factor": {Login: "zuoxi1", Password: goodPassword, Code: "000000"},
		"wrong password":      {Login: "zuoxi1", Password: "wrong", Code: r.code()},
		"no password":         {Login: "zuoxi1", Code: r.code()},
		"unknown login":       {Login: "nobody", Password: goodPassword, Code: r.code()},
		"huge password":       {Login: "huge", Password: strings.Repeat("a", 1<<16), Code: r.code()},
	} {
		_, err := r.LogIn(t.Context(), in)
		require.Equal(t, hotline.ErrLogInRefused, err, name)
	}
	require.Len(t, r.entries("hotline.session.refused"), 6)
	in, err := r.LogIn(t.Context(), hotline.LogInInput{Login: " ZUOXI1 ", Password: goodPassword, Code: r.code()})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(in.Token, "oa1."))
	by := r.auth(in.Token)
	require.Equal(t, models.AgentActor, by.Kind)
	require.Equal(t, models.Phone12333, by.Channel)
	require.Equal(t, models.LevelPlatform, by.LevelAt(r.clock.Now()))
}

func TestR56_FifthFailureLocksForHalfAnHour(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"zuoxi1", "nobody"} { // a lock tells nothing about who exists
		r := newRig(t)
		r.member("zuoxi1", "agent")
		wrong := hotline.LogInInput{Login: login, Password: "wrong", Code: "000000"}
		for range 4 {
			_, err := r.LogIn(t.Context(), wrong)
			require.ErrorIs(t, err, hotline.ErrLogInRefused)
		}
		_, err := r.LogIn(t.Context(), wrong)
		require.ErrorIs(t, err, hotline.ErrAccountLocked)
		require.Equal(t, models.Locked, models.KindOf(err))
		entries := r.entries("hotline.session.refused")
		require.Equal(t, "locked", entries[4].Result)
		right := hotline.LogInInput{Login: "zuoxi1", Password: goodPassword}
		if login == "zuoxi1" {
			r.clock.Advance(29 * time.Minute)
			right.Code = r.code()
			_, err = r.LogIn(t.Context(), right)
			require.ErrorIs(t, err, hotline.ErrAccountLocked)
			r.clock.Advance(time.Minute)
		}
		right.Code = r.code()
		_, err = r.LogIn(t.Context(), right)
		require.NoError(t, err)
	}
}

func TestR56_ParallelGuessesShareOneBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	var mu sync.Mutex
	refused, locked := 0, 0
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			_, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi1", Password: "wrong", Code: "000000"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, hotline.ErrLogInRefused):
				refused++
			case errors.Is(err, hotline.ErrAccountLocked):
				locked++
			}
		})
	}
	wg.Wait()
	require.Equal(t, 4, refused)
	require.Equal(t, 8, locked)
}

func TestR56_CodeOpensOneSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	in := hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()}
	first, err := r.LogIn(t.Context(), in)
	require.NoError(t, err)
	_, err = r.LogIn(t.Context(), in) // looked at over a shoulder
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	r.auth(first.Token)
	r.clock.Advance(30 * time.Second)
	in.Code = r.code()
	second, err := r.LogIn(t.Context(), in)
	require.NoError(t, err)
	for range 2 { // one session per agent; whoever was there is told so, whenever she asks
		_, err = r.Authenticate(t.Context(), first.Token)
		require.ErrorIs(t, err, hotline.ErrSessionReplaced)
	}
	_, err = r.Authenticate(t.Context(), first.Token[:len(first.Token)-2]+"aa") // a stranger is told nothing
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	r.auth(second.Token)
}

func TestR56_SameCodeInParallelOpensOneSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	in := hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()}
	opened := make(chan string, 4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if out, err := r.LogIn(t.Context(), in); err == nil {
				opened <- out.Token
			}
		})
	}
	wg.Wait()
	require.Len(t, opened, 1)
}

func TestR56_IdleEndsSessionUnlessACallIsOpen(t *testing.T) {
	t.Parallel()
	token := func(r *rig) string {
		r.member("zuoxi1", "agent")
		in, err := r.LogIn(r.Context(), hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()})
		require.NoError(r, err)
		return in.Token
	}
	t.Run("without a call", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		tok := token(r)
		r.clock.Advance(15 * time.Minute)
		r.auth(tok)
		r.clock.Advance(15*time.Minute + time.Second)
		_, err := r.Authenticate(t.Context(), tok)
		require.ErrorIs(t, err, hotline.ErrSessionIdle)
		require.Equal(t, "idle", r.entries("hotline.session.ended")[0].Detail["reason"])
	})
	t.Run("in a call", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		tok := token(r)
		r.call(r.auth(tok), "")
		r.clock.Advance(60 * time.Minute)
		require.NotEmpty(t, r.auth(tok).CallID)
		r.clock.Advance(time.Second) // nobody works in the call any more
		require.Empty(t, r.auth(tok).CallID)
		r.clock.Advance(15*time.Minute + time.Second)
		_, err := r.Authenticate(t.Context(), tok)
		require.ErrorIs(t, err, hotline.ErrSessionIdle)
		require.Equal(t, "session_idle", r.entries("hotline.call.closed")[0].Result)
	})
}

func TestAuthenticateRefusesWhatIsNoToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("zuoxi1", "agent")
	in, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()})
	require.NoError(t, err)
	require.NotEmpty(t, in.Token)
	for _, token := range []string{
		"", "oa1.", "oa1.a.b", "oc1" + in.Token[3:], in.Token + "x", in.Token[:len(in.Token)-2] + "aa", strings.Repeat("a", 5000),
	} {
		_, err := r.Authenticate(t.Context(), token)
		require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	}
	by := r.auth(in.Token)
	require.NoError(t, r.LogOut(t.Context(), by))
	_, err = r.Authenticate(t.Context(), in.Token)
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
}

func TestDisabledStaffIsOutAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	require.NoError(t, r.DisableStaff(t.Context(), hotline.Operator(), "zuoxi1"))
	_, err := r.OpenCall(t.Context(), by, "")
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
	r.clock.Advance(time.Minute)
	_, err = r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi1", Password: goodPassword, Code: r.code()})
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	require.ErrorIs(t, r.DisableStaff(t.Context(), hotline.Operator(), "zuoxi1"), hotline.ErrStaffUnchanged)
}
