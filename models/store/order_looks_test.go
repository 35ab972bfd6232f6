package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func (d *orderDesk) flags() (kinds []hotline.FlagKind) {
	d.t.Helper()
	open, err := d.db.CallFlags().OpenFlags(d.t.Context(), 100)
	require.NoError(d.t, err)
	for _, f := range open {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// aboutWang opens n orders about Wang, in one call.
func (d *orderDesk) aboutWang(n int) (ids []models.ID) {
	d.t.Helper()
	call := d.inCall(d.agent)
	for i := range n {
		o, opened, err := d.OpenOrder(d.t.Context(), d.agent, call, hotline.OpenOrderInput{
			Type: hotline.OrderSubsidy, Programme: "P28", Object: "payments", ObjectID: "p-" + string(rune('a'+i)), Text: "高龄津贴没有到账",
		})
		require.NoError(d.t, err)
		require.True(d.t, opened)
		ids = append(ids, o.ID)
	}
	return ids
}

// Who opens one order after another and does nothing about any is flagged like who does so in calls (R59).
func TestR59_ReadingAnOrderIsALook(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ids := d.aboutWang(8)
		reader := d.member("liaison-a", "民政局", "410303", hotline.RoleLiaison)
		for i, id := range ids[:6] {
			v, err := d.ReadOrder(t.Context(), reader, id)
			require.NoError(t, err)
			require.Equal(t, d.wang, v.Person.ID)
			looks, err := d.db.CallChecks().LookUpsSince(t.Context(), reader.ID, start.Add(-1))
			require.NoError(t, err)
			require.Equal(t, i+1, looks)
			require.Empty(t, d.flags(), "five in a row may be")
		}
		_, err := d.ReadOrder(t.Context(), reader, ids[6])
		require.NoError(t, err)
		require.Equal(t, []hotline.FlagKind{hotline.FlagLooksNoAct}, d.flags())

		worker := d.member("liaison-b", "民政局", "410303", hotline.RoleLiaison)
		for i, id := range ids {
			_, err := d.ReadOrder(t.Context(), worker, id)
			require.NoError(t, err)
			if i == 3 {
				_, err = d.AcceptOrder(t.Context(), worker, id)
				require.NoError(t, err)
			}
		}
		require.Len(t, d.flags(), 1, "she works on them")

		stranger := d.member("liaison-c", "民政局", "410304", hotline.RoleLiaison)
		_, err = d.ReadOrder(t.Context(), stranger, ids[0])
		require.ErrorIs(t, err, models.ErrNotFound)
		looks, err := d.db.CallChecks().LookUpsSince(t.Context(), stranger.ID, start.Add(-1))
		require.NoError(t, err)
		require.Zero(t, looks, "nothing was looked at")
	})
}

func TestR59_LooksAtOrdersCountTowardTheHour(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		d.s.Limits = hotline.Limits{LookUpsPerHour: 3, CallsWithoutAct: 99}
		id := d.aboutWang(1)[0]
		for range 3 {
			_, err := d.ReadOrder(t.Context(), d.agent, id)
			require.NoError(t, err)
		}
		require.Empty(t, d.flags())
		_, err := d.ReadOrder(t.Context(), d.agent, id)
		require.NoError(t, err)
		require.Equal(t, []hotline.FlagKind{hotline.FlagManyLooks}, d.flags())
	})
}

// A promised call that is taken or made is a look at whom it goes to, and so is the promise.
func TestR59_CallBacksAreLooks(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		id := d.aboutWang(1)[0]
		taker := d.member("agent-two", "", "", hotline.RoleAgent)
		looks := func(by models.Actor) int {
			n, err := d.db.CallChecks().LookUpsSince(t.Context(), by.ID, start.Add(-1))
			require.NoError(t, err)
			return n
		}
		c, err := d.s.PromiseForEnquiry(t.Context(), taker, id, hotline.PromiseInput{Reason: hotline.ReasonAskedLater})
		require.NoError(t, err)
		require.Equal(t, 1, looks(taker))
		_, err = d.s.PromiseForEnquiry(t.Context(), taker, id, hotline.PromiseInput{Reason: hotline.ReasonAskedLater})
		require.ErrorIs(t, err, hotline.ErrCallBackKnown)
		require.Equal(t, 1, looks(taker))
		for range 2 { // taking one's own again shows nothing more
			_, err = d.s.TakeCallBack(t.Context(), taker, c.ID)
			require.NoError(t, err)
		}
		require.Equal(t, 2, looks(taker))
		dialled, err := d.s.DialCallBack(t.Context(), taker, c.ID)
		require.NoError(t, err)
		require.Equal(t, "13800001234", dialled.Dial.Reveal())
		require.Equal(t, 3, looks(taker))
	})
}
