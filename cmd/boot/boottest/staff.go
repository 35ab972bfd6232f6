package boottest

import (
	"net/http"
	"strconv"

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

// StaffIn is StaffOf for a member of a department's district. Who may take calls has a telephone.
func (r *Rig) StaffIn(department, district, login string, roles ...string) (c *Caller, id string) {
	r.t.Helper()
	e, err := r.App.Hotline.AddStaff(r.t.Context(), hotline.Operator(), hotline.AddStaffInput{Login: login, Name: "测试员", Roles: roles, Department: department, District: district})
	require.NoError(r.t, err)
	c, _ = r.Enrol(login, e.Password)
	if e.Staff.Can(hotline.MayTakeCalls) {
		r.seats++
		c.seat = strconv.Itoa(8100 + r.seats)
		require.NoError(r.t, r.App.Hotline.SetExtension(r.t.Context(), hotline.Operator(), login, c.seat))
	}
	return c, string(e.Staff.ID)
}

// StaffPassword is what everybody chooses who enrols in a test.
const StaffPassword = "Riverside-74-oak" //nolint:gosec // of a test

// Enrolled is what a newcomer has after her enrolment.
type Enrolled struct {
	Secret        string
	RecoveryCodes []string
}

// Enrol has a newcomer go the whole way with her one-time password, up to her first session.
func (r *Rig) Enrol(login, oneTime string) (*Caller, Enrolled) {
	r.t.Helper()
	c := r.Nobody()
	begun := c.Post("/agent/v1/enrolments", map[string]string{"login": login, "password": oneTime}).Is(http.StatusCreated)
	done := c.Post("/agent/v1/enrolments/confirmation", map[string]string{
		"login": login, "password": oneTime, "new_password": StaffPassword, "code": r.CodeFor(begun.Text("secret")),
	}).Is(http.StatusCreated)
	c.Token = done.Text("session", "token")
	out := Enrolled{Secret: begun.Text("secret")}
	for _, code := range done.List("recovery_codes") {
		out.RecoveryCodes = append(out.RecoveryCodes, code.(string))
	}
	return c, out
}

// CodeFor is what an authenticator program shows now.
func (r *Rig) CodeFor(secret string) string {
	r.t.Helper()
	code, err := totp.GenerateCode(secret, r.now())
	require.NoError(r.t, err)
	return code
}
