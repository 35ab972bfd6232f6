package hotline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// told is an event that happened at an instant and is told now; it gives what came of it, empty while it waits.
func (r *rig) told(e hotline.TelephoneEvent) string {
	r.Helper()
	e.EventID = "ev-" + string(models.NewID())
	e, err := hotline.ParseEvent(e, "")
	require.NoError(r, err)
	require.NoError(r, r.TakeEvent(r.Context(), e))
	_, err = r.WorkTelephone(r.Context(), 10)
	require.NoError(r, err)
	return r.outcome(e.EventID)
}

func (r *rig) outcome(eventID string) string {
	for _, e := range r.m.rows.tel.events {
		if e.EventID == eventID {
			return e.Outcome
		}
	}
	return ""
}

// What the exchange tells late closes no call that was opened since.
func TestALateAnswerOfADialledCallLeavesTheLiveCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	ref := r.dials(by, r.promise(by))
	r.clock.Advance(20 * time.Second)
	picked := r.clock.Now()
	r.clock.Advance(20 * time.Second)
	live, _ := r.call(by, "13700000000")
	r.clock.Advance(20 * time.Second)
	require.Equal(t, "overtaken", r.told(hotline.TelephoneEvent{Kind: hotline.CallBackAnswered, CallRef: ref, At: picked}))
	now, err := r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, live.ID, now.ID)
}

func TestAnAnswerAfterTheTimeToRingOpensNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	ref := r.dials(by, r.promise(by))
	before := len(r.m.rows.calls)
	r.clock.Advance(2*time.Minute + time.Second)
	require.Equal(t, "too_late", r.happens(hotline.CallBackAnswered, ref, "", "", ""))
	require.Len(t, r.m.rows.calls, before)
}

// Who dialled may take no calls any more by the time somebody answers.
func TestADialledCallOpensForNobodyWhoMayNotTakeCallsByNow(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*rig, *hotline.Staff){
		"disabled":         func(r *rig, m *hotline.Staff) { m.DisabledAt = r.clock.Now() },
		"without the role": func(_ *rig, m *hotline.Staff) { m.Roles = []hotline.Role{hotline.RoleAuditor} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			by := r.agent("zuoxi1")
			ref := r.dials(by, r.promise(by))
			before := len(r.m.rows.calls)
			m := r.m.rows.staff[by.ID]
			change(r, &m)
			r.m.rows.staff[by.ID] = m
			require.Equal(t, "overtaken", r.happens(hotline.CallBackAnswered, ref, "", "", ""))
			require.Len(t, r.m.rows.calls, before)
		})
	}
}

// Where the exchange dials, its word decides whether a promise was kept.
func TestAPromiseIsNotSettledBeforeSomebodyAnswered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	p := r.promise(by)
	_, err := r.FinishCallBack(t.Context(), by, p.ID, "settled")
	require.ErrorIs(t, err, hotline.ErrCallBackNotReached, "nobody dialled")
	ref := r.dials(by, p)
	_, err = r.FinishCallBack(t.Context(), by, p.ID, "settled")
	require.ErrorIs(t, err, hotline.ErrCallBackNotReached, "it rings")
	require.Equal(t, "opened", r.happens(hotline.CallBackAnswered, ref, "", "", ""))
	done, err := r.FinishCallBack(t.Context(), by, p.ID, "settled")
	require.NoError(t, err)
	require.Equal(t, hotline.CallBackDone, done.State)

	other := r.agent("zuoxi2")
	p = r.promise(other)
	_, err = r.FinishCallBack(t.Context(), other, p.ID, "not_wanted")
	require.NoError(t, err, "the caller rang again meanwhile")
}

// A rating may overtake the answer of its own call: it waits, and one of a call that never was is passed over in the end.
func TestR64_ARatingWaitsForTheCallItRates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	rate := func(ref string) string {
		require.Empty(t, r.told(hotline.TelephoneEvent{Kind: hotline.RatingKeyed, CallRef: ref, At: r.clock.Now(), Digits: hotline.NewKeyed("2")}))
		return r.m.rows.tel.events[len(r.m.rows.tel.events)-1].EventID
	}
	first := rate("in-1")
	require.Equal(t, "opened", r.happens(hotline.CallAnswered, "in-1", r.extension(by), wangPhone, ""))
	r.clock.Advance(2 * time.Second)
	_, err := r.WorkTelephone(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, "taken", r.outcome(first))
	require.Equal(t, []int{2}, r.line.rated)

	never := rate("in-never")
	for range 10 {
		r.clock.Advance(2 * time.Minute)
		_, err = r.WorkTelephone(t.Context(), 10)
		require.NoError(t, err)
	}
	require.Equal(t, "unknown_call", r.outcome(never))
	require.Zero(t, r.line.counted["gave up"], "no alarm")
}
