package hotline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func (r *rig) endsIdle() int {
	r.Helper()
	n, err := r.EndIdleSessions(r.Context(), 100)
	require.NoError(r, err)
	return n
}

func TestR56_TheSweepEndsAnIdleSessionAndWritesItDown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi")
	r.clock.Advance(15 * time.Minute)
	require.Zero(t, r.endsIdle(), "to the minute")
	r.clock.Advance(time.Second)
	require.Equal(t, 1, r.endsIdle())
	require.Zero(t, r.endsIdle(), "once")
	ended := r.entries("hotline.session.ended")
	require.Len(t, ended, 1)
	require.Equal(t, []any{models.SystemActor, string(by.ID)}, []any{ended[0].ActorKind, ended[0].ObjectID})
	require.Equal(t, "idle", ended[0].Detail["reason"])
	_, err := r.m.SessionOf(t.Context(), by.ID)
	require.ErrorIs(t, err, models.ErrNotFound)
}

func TestR56_ACallPausesTheSweepAtMostAnHour(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi")
	r.clock.Advance(10 * time.Minute)
	call, _ := r.call(by, wangPhone)
	r.clock.Advance(40 * time.Minute)
	require.Zero(t, r.endsIdle(), "a long call")
	r.clock.Advance(21 * time.Minute)
	require.Equal(t, 1, r.endsIdle())
	closed, err := r.m.CallByID(t.Context(), call.ID)
	require.NoError(t, err)
	require.False(t, closed.ClosedAt.IsZero(), "and with it the call that was left")
}

func TestR56_ASessionUsedAtThatMomentGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi")
	session, err := r.m.SessionOf(t.Context(), by.ID)
	require.NoError(t, err)
	r.clock.Advance(16 * time.Minute)
	require.NoError(t, r.m.TouchSession(t.Context(), session.ID, r.clock.Now()))
	require.ErrorIs(t, r.m.EndUnseen(t.Context(), session, r.clock.Now(), "idle"), models.ErrConflict)
	require.Zero(t, r.endsIdle())
	r.clock.Advance(13 * time.Hour)
	require.NoError(t, r.m.TouchSession(t.Context(), session.ID, r.clock.Now()))
	require.Equal(t, 1, r.endsIdle(), "a shift ends, used or not")
	require.Equal(t, "shift_over", r.entries("hotline.session.ended")[0].Detail["reason"])
}
