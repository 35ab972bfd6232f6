package boottest

import (
	"net/http"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"onecard/models/hotline"
)

// Staff makes an account with these roles and logs it in with both factors; id is its own.
func (r *Rig) Staff(login string, roles ...string) (c *Caller, id string) {
	r.t.Helper()
	return r.StaffOf("", login, roles...)
}

// StaffOf is Staff for a member of a department.
func (r *Rig) StaffOf(department, login string, roles ...string) (c *Caller, id string) {
	r.t.Helper()
	return r.StaffIn(department, "", login, roles...)
}

// StaffIn is StaffOf for a member of a department's district.
func (r *Rig) StaffIn(department, district, login string, roles ...string) (c *Caller, id string) {
	r.t.Helper()
	e, err := r.App.Hotline.AddStaff(r.t.Context(), hotline.Operator(), hotline.AddStaffInput{Login: login, Name: "测试员", Roles: roles, Department: department, District: district})
	require.NoError(r.t, err)
	code, err := totp.GenerateCode(e.Secret, r.now())
	require.NoError(r.t, err)
	c = r.Nobody()
	c.Token = c.Post("/agent/v1/sessions", map[string]string{"login": login, "password": e.Password, "code": code}).Is(http.StatusCreated).Text("token")
	return c, string(e.Staff.ID)
}
