package hotline_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestR56_DutiesAreChangedByAnotherAdministrator(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	admin, agent := r.agent("admin1", "administrator"), r.agent("zuoxi1")
	to := hotline.Duties{Roles: []string{"supervisor", "liaison"}, District: "410303", Department: "民政局"}
	_, err := r.ChangeDuties(t.Context(), agent, "zuoxi1", to)
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
	_, err = r.ChangeDuties(t.Context(), admin, string(admin.ID), hotline.Duties{Roles: []string{"agent"}})
	require.ErrorIs(t, err, hotline.ErrOwnRoles)
	for name, c := range map[string]struct {
		in   hotline.Duties
		want error
	}{
		"both":      {hotline.Duties{Roles: []string{"auditor", "administrator"}}, hotline.ErrRolesClash},
		"none":      {hotline.Duties{}, hotline.ErrRoleUnknown},
		"liaison":   {hotline.Duties{Roles: []string{"liaison"}, Department: "  "}, hotline.ErrLiaisonDepartment},
		"district":  {hotline.Duties{Roles: []string{"agent"}, District: "4103"}, hotline.ErrDistrictFormat},
		"not there": {to, models.ErrNotFound},
	} {
		who := string(agent.ID)
		if name == "not there" {
			who = string(models.NewID())
		}
		_, err = r.ChangeDuties(t.Context(), admin, who, c.in)
		require.ErrorIs(t, err, c.want, name)
	}
	m, err := r.ChangeDuties(t.Context(), admin, string(agent.ID), to)
	require.NoError(t, err)
	require.Equal(t, "民政局", m.Department)
	e := r.entries("hotline.staff.duties_changed")[0]
	require.Equal(t, []string{"agent", "liaison+supervisor"}, []string{e.Detail["before"], e.Detail["roles"]})
	_, _, err = r.Admit(t.Context(), "oa1.x")
	require.Error(t, err)
	require.NoError(t, r.DisableStaff(t.Context(), admin, "zuoxi1"))
	_, err = r.ChangeDuties(t.Context(), admin, "zuoxi1", to)
	require.ErrorIs(t, err, hotline.ErrStaffUnchanged)
}

func TestR56_TheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("admin1", "administrator")
	require.ErrorIs(t, r.DisableStaff(t.Context(), hotline.Operator(), "admin1"), hotline.ErrLastAdministrator)
	_, err := r.ChangeDuties(t.Context(), hotline.Operator(), "admin1", hotline.Duties{Roles: []string{"agent"}})
	require.ErrorIs(t, err, hotline.ErrLastAdministrator)
	_, err = r.ChangeDuties(t.Context(), hotline.Operator(), "admin1", hotline.Duties{Roles: []string{"agent", "administrator"}})
	require.NoError(t, err)
	require.Empty(t, r.entries("hotline.staff.disabled"))
}

func TestR56_TwoAdministratorsCannotDisableEachOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := [2]models.Actor{r.agent("admin1", "administrator"), r.agent("admin2", "administrator")}
	var errs [2]error
	var wg sync.WaitGroup
	for i := range by {
		wg.Go(func() { errs[i] = r.DisableStaff(t.Context(), by[i], string(by[1-i].ID)) })
	}
	wg.Wait()
	require.NotEqual(t, errs[0] == nil, errs[1] == nil, "one of them: %v", errs)
	require.Len(t, r.entries("hotline.staff.disabled"), 1)
}

func TestR56_ASubjectOpensOneAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	admin, agent := r.agent("admin1", "administrator"), r.agent("zuoxi1")
	m, err := r.LinkSignOn(t.Context(), admin, string(agent.ID), " 7f3a ")
	require.NoError(t, err)
	require.Equal(t, "7f3a", m.Subject)
	_, err = r.LinkSignOn(t.Context(), admin, string(admin.ID), "other")
	require.ErrorIs(t, err, hotline.ErrOwnRoles)
	_, err = r.LinkSignOn(t.Context(), admin, string(agent.ID), "")
	require.NoError(t, err)
	require.Len(t, r.entries("hotline.staff.sign_on_linked"), 2)
}

func TestAnAdministratorsRequestIsRememberedByItsKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	admin := r.agent("admin1", "administrator")
	ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "addStaff", Key: "k-12345678"})
	in := hotline.AddStaffInput{Login: "lina1", Name: "李娜", Roles: []string{"agent"}}
	first, err := r.AddStaff(ctx, admin, in)
	require.NoError(t, err)
	again, err := r.AddStaff(ctx, admin, in)
	require.NoError(t, err)
	require.Equal(t, first.Staff.ID, again.Staff.ID)
	require.Empty(t, again.Password, "it was shown once")
	require.Len(t, r.entries("hotline.staff.added"), 2, "admin1 and lina1")
}
