package hotline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestAddStaffRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ok := hotline.AddStaffInput{Login: "wangwu", Name: "王五", Password: "Abcdefgh-1", Roles: []string{"agent"}}
	_, err := r.AddStaff(t.Context(), hotline.Operator(), ok)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(*hotline.AddStaffInput)
		want   error
	}{
		"login in use": {func(*hotline.AddStaffInput) {}, hotline.ErrLoginTaken},
		"login form":   {func(in *hotline.AddStaffInput) { in.Login = "1a" }, hotline.ErrStaffNameForm},
		"auditor and administrator": {func(in *hotline.AddStaffInput) {
			in.Login, in.Roles = "zhaoliu", []string{"auditor", "administrator"}
		}, hotline.ErrRolesClash},
		"no role":            {func(in *hotline.AddStaffInput) { in.Login, in.Roles = "zhaoliu", nil }, hotline.ErrRoleUnknown},
		"unknown role":       {func(in *hotline.AddStaffInput) { in.Login, in.Roles = "zhaoliu", []string{"root"} }, hotline.ErrRoleUnknown},
		"name":               {func(in *hotline.AddStaffInput) { in.Login, in.Name = "zhaoliu", "x1" }, models.ErrNameForm},
		"liaison of nothing": {func(in *hotline.AddStaffInput) { in.Login, in.Roles = "zhaoliu", []string{"liaison"} }, hotline.ErrLiaisonDepartment},
		"district by name":   {func(in *hotline.AddStaffInput) { in.Login, in.District = "zhaoliu", "涧西区" }, hotline.ErrDistrictFormat},
		"nine characters":    {func(in *hotline.AddStaffInput) { in.Login, in.Password = "zhaoliu", "Abcdefg-1" }, hotline.ErrPasswordWeak},
		"two classes":        {func(in *hotline.AddStaffInput) { in.Login, in.Password = "zhaoliu", "abcdefgh12" }, hotline.ErrPasswordWeak},
		"login inside":       {func(in *hotline.AddStaffInput) { in.Login, in.Password = "zhaoliu", "Zhaoliu-2021" }, hotline.ErrPasswordWeak},
	} {
		in := ok
		c.change(&in)
		_, err := r.AddStaff(t.Context(), hotline.Operator(), in)
		require.ErrorIs(t, err, c.want, name)
	}
	require.Len(t, r.m.rows.staff, 1)
}

func TestOnlyAdministratorsManageStaff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	in := hotline.AddStaffInput{Login: "wangwu", Name: "王五", Roles: []string{"agent"}}
	for _, role := range []string{"agent", "supervisor", "auditor"} {
		_, err := r.AddStaff(t.Context(), r.agent(role+"1", role), in)
		require.ErrorIs(t, err, hotline.ErrNotPermitted, role)
	}
	_, err := r.AddStaff(t.Context(), models.Actor{Kind: models.CitizenActor, ID: models.NewID()}, in)
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	_, err = r.AddStaff(t.Context(), r.agent("admin1", "administrator"), in)
	require.NoError(t, err)
}

func TestProductionRefusesDemoStaff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("demo", "agent") // as if the database came over from a demo
	d := r.Service.Deps
	d.Production = true
	production := hotline.New(d)
	_, err := production.LogIn(t.Context(), hotline.LogInInput{Login: "demo", Password: goodPassword, Code: r.code()})
	require.ErrorIs(t, err, hotline.ErrLogInRefused)
	require.ErrorIs(t, production.EnsureStaff(t.Context(), hotline.DemoStaff{Login: "demo2"}), hotline.ErrDemoInUse)
	require.NoError(t, r.EnsureStaff(t.Context(), hotline.DemoStaff{Login: "demo"})) // the second start
}
