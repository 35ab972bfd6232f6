package hotline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// staleDoor shows a request what stood before another log-in.
type staleDoor struct {
	hotline.SessionStore
	kept *hotline.Admission
}

func (d *staleDoor) Admission(ctx context.Context, handle string) (hotline.Admission, error) {
	if d.kept != nil {
		return *d.kept, nil
	}
	return d.SessionStore.Admission(ctx, handle)
}

func TestR56_AnOldTabEndsNoSessionButItsOwn(t *testing.T) {
	t.Parallel()
	door := &staleDoor{}
	r := newRig(t, func(d *hotline.Deps) { door.SessionStore, d.Sessions = d.Sessions, door })
	r.member("zuoxi", "agent")
	enter := func() string {
		in, err := r.LogIn(t.Context(), hotline.LogInInput{Login: "zuoxi", Password: goodPassword, Code: r.code()})
		require.NoError(t, err)
		return in.Token
	}
	old := enter()
	before, err := door.Admission(t.Context(), strings.Split(old, ".")[1])
	require.NoError(t, err)
	r.clock.Advance(15*time.Minute + time.Second)
	fresh := enter()
	door.kept = &before
	_, err = r.Authenticate(t.Context(), old)
	require.ErrorIs(t, err, hotline.ErrSessionIdle)
	door.kept = nil
	r.auth(fresh)
}

func TestR56_ASessionThatCannotBeEndedKeepsNoOtherOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := r.agent("zuoxi1")
	r.clock.Advance(time.Minute)
	second := r.agent("zuoxi2")
	r.clock.Advance(16 * time.Minute)
	r.m.failObject = string(first.ID)
	n, err := r.EndIdleSessions(t.Context(), 100)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Equal(t, 1, n)
	_, err = r.m.SessionOf(t.Context(), second.ID)
	require.ErrorIs(t, err, models.ErrNotFound)
	r.m.failObject = ""
	require.Equal(t, 1, r.endsIdle())
}

// What a look raises about whoever looked could not be written down: nothing rings, and asked again it does.
func TestADialThatWasNotMadeMayBeMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.line.dials = true
	by := r.agent("zuoxi1")
	_ = r.extension(by)
	r.line.losses = []hotline.PromisedLoss{{LossID: models.NewID(), PersonID: r.wang.ID, CallID: models.NewID()}}
	_, err := r.PromiseAfterOutage(t.Context(), 10)
	require.NoError(t, err)
	id := r.m.rows.tel.promises[0].ID
	_, err = r.TakeCallBack(t.Context(), by, id)
	require.NoError(t, err)
	r.Limits = hotline.Limits{LookUpsPerHour: 1, CallsWithoutAct: 99}
	r.m.failStep = "hotline.flag.raised"
	_, err = r.DialCallBack(t.Context(), by, id)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Empty(t, r.line.dialled)
	r.m.failStep = ""
	_, err = r.DialCallBack(t.Context(), by, id)
	require.NoError(t, err)
	require.Len(t, r.line.dialled, 1)
}
