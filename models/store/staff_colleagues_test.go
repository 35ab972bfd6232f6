package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestAnOrderIsGivenToThoseOfItsQueueOnly(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		o := d.subsidyOrder() // at the civil affairs of 410303
		own := d.member("lao-wang", "民政局", "410303", hotline.RoleLiaison)
		city := d.member("lao-zhao", "民政局", "", hotline.RoleLiaison)
		away := d.member("lao-sun", "民政局", "410304", hotline.RoleLiaison)
		d.member("lao-li", "残联", "410303", hotline.RoleLiaison)
		d.member("ke-zhang", "民政局", "410303", hotline.RoleReviewer)
		gone := staffMember(t, "lao-zou", hotline.RoleLiaison)
		gone.Department, gone.DisabledAt = "民政局", start
		require.NoError(t, d.db.Staff().CreateStaff(t.Context(), gone))
		coming := staffMember(t, "lao-xin", hotline.RoleLiaison)
		coming.Department, coming.OneTimeUntil = "民政局", start.Add(time.Hour)
		require.NoError(t, d.db.Staff().CreateStaff(t.Context(), coming))
		boss := d.member("banzhang", "", "", hotline.RoleSupervisor)
		require.NoError(t, d.db.StaffSessions().CreateSession(t.Context(), hotline.Session{
			ID: models.NewID(), StaffID: own.ID, Handle: "h-own", SecretHash: []byte("x"), OpenedAt: start, SeenAt: start,
		}))
		require.NoError(t, d.db.StaffSessions().CreateSession(t.Context(), hotline.Session{
			ID: models.NewID(), StaffID: city.ID, Handle: "h-city", SecretHash: []byte("x"), OpenedAt: start.Add(-3 * time.Hour), SeenAt: start.Add(-2 * time.Hour),
		}))

		found, err := d.ColleaguesFor(t.Context(), boss, o.ID)
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, []models.ID{own.ID, city.ID}, []models.ID{found[0].ID, found[1].ID})
		require.Equal(t, "坐席甲", found[0].Name.Reveal())
		require.True(t, found[0].OnDuty)
		require.False(t, found[1].OnDuty, "a session that nobody uses is nobody at work")
		for _, c := range found {
			_, err := d.AssignOrder(t.Context(), boss, o.ID, c.ID)
			require.NoError(t, err, "whoever is listed can be given the order")
		}
		for name, by := range map[string]models.Actor{"her liaison": own, "another of the queue": city} {
			list, err := d.ColleaguesFor(t.Context(), by, o.ID)
			require.NoError(t, err, name)
			require.Equal(t, found, list, name)
		}
		_, err = d.ColleaguesFor(t.Context(), away, o.ID)
		require.ErrorIs(t, err, models.ErrNotFound, "an order one does not see")
		_, err = d.ColleaguesFor(t.Context(), d.agent, o.ID)
		require.ErrorIs(t, err, hotline.ErrOrderNotYours, "an agent assigns nothing")
		_, err = d.ColleaguesFor(t.Context(), d.member("kan", "", "", hotline.RoleAuditor), o.ID)
		require.ErrorIs(t, err, hotline.ErrNotPermitted)

		_, err = d.TransferOrder(t.Context(), boss, o.ID, hotline.TransferInput{Reason: "other", Note: "先由热线核实"})
		require.NoError(t, err)
		found, err = d.ColleaguesFor(t.Context(), boss, o.ID)
		require.NoError(t, err)
		logins := map[string]bool{}
		for _, c := range found {
			logins[c.Login] = true
		}
		require.True(t, logins["agent-one"] && logins["banzhang"], "the hotline's queue is the desk's")
		require.False(t, logins["lao-wang"])
	})
}
