package sms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models/notice"
)

func TestWhatSurelyNobodyHasGoesToTheNextVendorInTheSameCall(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"not_connected", "Throttling.User", "isv.AMOUNT_NOT_ENOUGH", "isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "template_not_set"} {
		x := newCrossing()
		x.a.set(&notice.SendError{Class: notice.NotAccepted, Code: refusal, After: time.Minute}, 0)
		handed, err := x.replica(t).Send(t.Context(), progress(t))
		require.NoError(t, err, refusal)
		require.Equal(t, notice.Handed{Vendor: "b", ID: "taken"}, handed)
	}
}

func TestWhatAVendorMayHaveOrRefusesForGoodGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	for _, class := range []notice.Class{notice.FateUnknown, notice.Refused, notice.AddressGone} {
		x := newCrossing()
		x.a.set(&notice.SendError{Class: class, Code: "word"}, 0)
		_, err := x.replica(t).Send(t.Context(), code(t))
		require.Equal(t, "a", requireClass(t, err, class, "word").Vendor, "the queue learns who may have it")
		require.Zero(t, x.b.count())
	}
	x := newCrossing()
	x.a.set(errors.New("anything else"), 0)
	_, err := x.replica(t).Send(t.Context(), code(t))
	requireClass(t, err, notice.FateUnknown, "no_answer")
	require.Zero(t, x.b.count())
}

func TestWhenNobodyTakesItTheNearestTimeCounts(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(&notice.SendError{Class: notice.NotAccepted, Code: "first", After: time.Hour}, 0)
	x.b.set(&notice.SendError{Class: notice.NotAccepted, Code: "second", After: time.Minute}, 0)
	_, err := x.replica(t).Send(t.Context(), progress(t))
	require.Equal(t, time.Minute, requireClass(t, err, notice.NotAccepted, "first").After)
}

func TestAVendorThatFailsIsLeftByAllReplicasInOneChange(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(silence, 0)
	one, two, three := x.replica(t), x.replica(t), x.replica(t)
	for range 3 {
		for _, r := range []*sms.Router{one, two} {
			_, _ = r.Send(t.Context(), progress(t))
		}
	}
	require.Len(t, x.list.rows, 1, "two replicas saw it, one wrote it")
	c := x.list.newest()
	require.Equal(t, []any{"a", "b", "a", notice.ChangedForErrors, 3, 3}, []any{c.From, c.To, c.Home, c.Reason, c.Failed, c.Calls})
	before := x.a.count()
	x.clock.Advance(2 * time.Second)
	for _, r := range []*sms.Router{one, two, three} {
		require.Equal(t, "b", r.Present(t.Context()))
		handed, err := r.Send(t.Context(), code(t))
		require.NoError(t, err)
		require.Equal(t, "b", handed.Vendor)
	}
	require.Equal(t, before, x.a.count(), "who never saw it fail does not ask it either")
}

func TestASlowVendorIsLeftToo(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(nil, 4*time.Second)
	r := x.replica(t)
	for range 3 {
		_, err := r.Send(t.Context(), progress(t))
		require.NoError(t, err)
	}
	require.Equal(t, notice.ChangedForSlowness, x.list.newest().Reason)
}

func TestOneNumberOrOneTextMovesNoVendor(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	r := x.replica(t)
	for _, refusal := range []*notice.SendError{
		{Class: notice.Refused, Code: "isv.MOBILE_NUMBER_ILLEGAL"},
		{Class: notice.NotAccepted, Code: "isv.BUSINESS_LIMIT_CONTROL"},
		{Class: notice.NotAccepted, Code: "template_not_set"},
		{Class: notice.NotAccepted, Code: "Throttling.User"},
	} {
		x.a.set(refusal, 0)
		for range 20 {
			_, _ = r.Send(t.Context(), progress(t))
		}
	}
	require.Empty(t, x.list.rows)
	require.Equal(t, "a", r.Present(t.Context()))
}

// left is a crossing whose replicas have just left vendor a.
func leftA(t *testing.T, x *crossing) (one, two *sms.Router) {
	t.Helper()
	one, two = x.replica(t), x.replica(t)
	x.a.set(silence, 0)
	for range 3 {
		_, _ = one.Send(t.Context(), progress(t))
	}
	require.Equal(t, "b", x.list.newest().To)
	return one, two
}

func TestTheWayBackIsAProbeAfterTheCoolDown(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	one, two := leftA(t, x)
	x.a.set(nil, 0)
	before := x.a.count()
	x.clock.Advance(4 * time.Minute)
	_, err := one.Send(t.Context(), progress(t))
	require.NoError(t, err)
	require.Equal(t, before, x.a.count(), "no probe before the cool-down is over")

	x.clock.Advance(time.Minute)
	handed, err := one.Send(t.Context(), code(t))
	require.NoError(t, err)
	require.Equal(t, "b", handed.Vendor, "nothing is tried on who waits for a code")
	for range 2 {
		handed, err = one.Send(t.Context(), progress(t))
		require.NoError(t, err)
		require.Equal(t, "a", handed.Vendor)
	}
	c := x.list.newest()
	require.Equal(t, []any{"b", "a", notice.ChangedBack}, []any{c.From, c.To, c.Reason})
	x.clock.Advance(2 * time.Second)
	handed, err = two.Send(t.Context(), code(t))
	require.NoError(t, err)
	require.Equal(t, "a", handed.Vendor, "one replica's probes count for all")
	require.Len(t, x.list.rows, 2)
}

func TestAFailedProbeCostsOneMessageAndWaitsAgain(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	one, _ := leftA(t, x)
	before := x.a.count()
	x.clock.Advance(5 * time.Minute)
	for range 10 {
		_, _ = one.Send(t.Context(), progress(t))
	}
	require.Equal(t, before+1, x.a.count())
	require.Len(t, x.list.rows, 1)
}

func TestAVendorThatIsLeftAgainAndAgainRestsLonger(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	one, _ := leftA(t, x)
	x.clock.Advance(5 * time.Minute)
	x.a.set(nil, 0)
	for range 2 {
		_, _ = one.Send(t.Context(), progress(t))
	}
	require.Equal(t, "a", x.list.newest().To)
	x.a.set(silence, 0)
	for range 6 { // it fails at once again: this replica goes by, the list waits for the cool-down
		_, _ = one.Send(t.Context(), progress(t))
	}
	require.Len(t, x.list.rows, 2, "no second change within a cool-down")
	x.clock.Advance(5 * time.Minute)
	for range 4 {
		_, _ = one.Send(t.Context(), progress(t))
	}
	require.Len(t, x.list.rows, 3)
	before := x.a.count()
	x.clock.Advance(9 * time.Minute)
	_, _ = one.Send(t.Context(), progress(t))
	require.Equal(t, before, x.a.count(), "twice as long as the first time")
	x.clock.Advance(time.Minute)
	_, _ = one.Send(t.Context(), progress(t))
	require.Equal(t, before+1, x.a.count())
}

func TestWhenAllRestCodesAndLossesAreTriedAllTheSame(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.b.set(silence, 0)
	one, _ := leftA(t, x)
	for range 3 {
		_, _ = one.Send(t.Context(), progress(t))
	}
	a, b := x.a.count(), x.b.count()
	_, err := one.Send(t.Context(), progress(t))
	require.Positive(t, requireClass(t, err, notice.NotAccepted, "vendor_rests").After)
	require.Equal(t, []int{a, b}, []int{x.a.count(), x.b.count()}, "the rest waits")
	x.a.set(notTaken, 0)
	x.b.set(nil, 0)
	handed, err := one.Send(t.Context(), code(t))
	require.NoError(t, err)
	require.Equal(t, "b", handed.Vendor)
}

func TestALoneVendorIsNeverChanged(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	r, err := sms.NewRouter([]sms.Vendor{{Name: "a", Sender: x.a}}, x.cfg, sms.RouterPorts{Clock: x.clock, Log: x.list})
	require.NoError(t, err)
	x.a.set(silence, 0)
	for range 5 {
		_, _ = r.Send(t.Context(), progress(t))
	}
	require.Equal(t, 3, x.a.count())
	x.a.set(nil, 0)
	_, err = r.Send(t.Context(), code(t))
	require.NoError(t, err)
	x.clock.Advance(5 * time.Minute)
	for range 2 {
		_, err = r.Send(t.Context(), progress(t))
		require.NoError(t, err)
	}
	require.Empty(t, x.list.rows)
	answer, err := r.Ask(t.Context(), notice.Question{})
	require.NoError(t, err)
	require.Equal(t, notice.OnItsWay, answer.Fate, "it can have been nobody else")
}

func TestTheOperatorsWordIsHome(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	r := x.replica(t)
	x.list.byHand("b")
	require.Equal(t, "b", r.Present(t.Context()))
	x.clock.Advance(time.Hour)
	handed, err := r.Send(t.Context(), progress(t))
	require.NoError(t, err)
	require.Equal(t, "b", handed.Vendor, "nothing leads back by itself")
	require.Len(t, x.list.rows, 1)
}

func TestWithoutItsListAReplicaIsOnItsOwn(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.list.down = true
	x.a.set(silence, 0)
	r := x.replica(t)
	for range 3 {
		_, _ = r.Send(t.Context(), progress(t))
	}
	handed, err := r.Send(t.Context(), progress(t))
	require.NoError(t, err)
	require.Equal(t, "b", handed.Vendor)
	x.list.down = false
	x.clock.Advance(2 * time.Second)
	_, err = r.Send(t.Context(), progress(t))
	require.NoError(t, err)
	require.Len(t, x.list.rows, 1, "written once it can be")
}

func TestOnlyWhoTookAMessageIsAsked(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	r := x.replica(t)
	for vendor, fate := range map[string]notice.Fate{"b": notice.OnItsWay, "": notice.NotKnown, "gone": notice.NotKnown} {
		answer, err := r.Ask(t.Context(), notice.Question{Vendor: vendor})
		require.NoError(t, err)
		require.Equal(t, fate, answer.Fate, vendor)
	}
	require.Equal(t, []int{0, 1}, []int{x.a.asked, x.b.asked})
}

func TestTheCapOfTheOtherVendorHoldsForWhatFallsToIt(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(notTaken, 0)
	r, err := sms.NewRouter([]sms.Vendor{{Name: "a", Sender: x.a}, {Name: "b", Sender: x.b}}, x.cfg, sms.RouterPorts{
		Clock: x.clock, Log: x.list,
		Room: func(_ context.Context, vendor string, _ notice.Lane) (time.Duration, bool) {
			return 300 * time.Millisecond, vendor != "b"
		},
	})
	require.NoError(t, err)
	_, err = r.Send(t.Context(), progress(t))
	require.Equal(t, 300*time.Millisecond, requireClass(t, err, notice.NotAccepted, "not_connected").After)
	require.Zero(t, x.b.count())
}

func TestAMessageIsNotBegunWithoutTimeForIt(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(notTaken, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := x.replica(t).Send(ctx, progress(t))
	requireClass(t, err, notice.NotAccepted, "not_connected")
	require.Zero(t, x.b.count(), "cut off in the middle, its fate would not be known")
}

func TestManyAtOnceLeaveAVendorOnce(t *testing.T) {
	t.Parallel()
	x := newCrossing()
	x.a.set(silence, 0)
	replicas := []*sms.Router{x.replica(t), x.replica(t), x.replica(t), x.replica(t)}
	m := progress(t)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for range 20 {
				_, _ = replicas[i%len(replicas)].Send(t.Context(), m)
			}
		})
	}
	wg.Wait()
	require.Len(t, x.list.rows, 1)
	require.Less(t, x.a.count(), 200, "most went to the other one")
	require.Greater(t, x.b.count(), 1000)
}
