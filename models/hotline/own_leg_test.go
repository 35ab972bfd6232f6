package hotline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// promise is a call back to the caller's number that the agent has taken, after the caller hung up; the exchange dials.
func (r *rig) promise(by models.Actor) hotline.CallBack {
	r.Helper()
	r.line.dials = true
	call, by := r.call(by, wangPhone)
	p, err := r.PromiseCallBack(r.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
	require.NoError(r, err)
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	p, err = r.TakeCallBack(r.Context(), by, p.ID)
	require.NoError(r, err)
	return p
}

// dials has the exchange make the promised call, and gives its reference.
func (r *rig) dials(by models.Actor, p hotline.CallBack) string {
	r.Helper()
	_, err := r.DialCallBack(r.Context(), by, p.ID)
	require.NoError(r, err)
	return r.line.dialled[len(r.line.dialled)-1].Ref
}

// The agent lifts the receiver first, then the number rings: an exchange that tells of the first as well has told of nobody.
func TestR33_TheAgentsOwnLegOfADialledCallReachesNobody(t *testing.T) {
	t.Parallel()
	t.Run("of a promise", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		by := r.agent("zuoxi1")
		p := r.promise(by)
		ref, before := r.dials(by, p), len(r.m.rows.calls)
		require.Equal(t, "own_leg", r.happens(hotline.CallRinging, ref, r.extension(by), wangPhone, ""))
		require.Equal(t, "own_leg", r.happens(hotline.CallAnswered, ref, r.extension(by), wangPhone, ""))
		require.Len(t, r.m.rows.calls, before, "no call, and no number that counts")
		require.Equal(t, "not_answered", r.happens(hotline.CallBackNotAnswered, ref, "", "", ""))
		c, err := r.line.deps().CallBackQueue.CallBackByID(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, 1, c.Tries)
		require.Equal(t, hotline.CallBackDue, c.State)
	})
	t.Run("of a phone check", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.line.dials = true
		call, by := r.byHand(r.agent("zuoxi1"), wangPhone)
		r.extension(by)
		_, err := r.Verify(t.Context(), by, call.ID, basic)
		require.NoError(t, err)
		_, err = r.AskCallBack(t.Context(), by, call.ID, "loss_report")
		require.NoError(t, err)
		ref := r.line.dialled[0].Ref
		require.Equal(t, "own_leg", r.happens(hotline.CallAnswered, ref, r.line.dialled[0].Extension, wangPhone, ""))
		now, err := r.CurrentCall(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, call.ID, now.ID, "the live call stays")
		require.Equal(t, hotline.StrengthBasic, now.Strength)
		require.Equal(t, "answered", r.happens(hotline.CallBackAnswered, ref, "", "", ""))
	})
}
