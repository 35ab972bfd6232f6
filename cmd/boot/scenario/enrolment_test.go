package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
)

// TestR56_ANewAgentIsAddedEnrolledAndTakesACall goes the way of a newcomer over HTTP: an administrator adds her, she
// enrols with the one-time password, takes a call, loses her telephone and comes in with a recovery code.
func TestR56_ANewAgentIsAddedEnrolledAndTakesACall(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	admin := r.DemoStaff(boot.DemoOffice[0])
	added := admin.Post("/agent/v1/staff", map[string]any{"login": "zhang.hua", "name": "张华", "roles": []string{"agent"}, "district": "410303"}).Is(http.StatusCreated)
	require.Equal(t, "enrolling", added.Text("staff", "state"))
	oneTime, id := added.Text("one_time_password"), added.Text("staff", "staff_id")
	seat := "/agent/v1/staff/" + id + "/extension"
	admin.Post(seat, map[string]any{"extension": "9"}).Refused(http.StatusUnprocessableEntity, "EXTENSION_FORMAT")
	admin.Post(seat, map[string]any{"extension": "8001"}).Refused(http.StatusConflict, "EXTENSION_TAKEN")
	admin.Post(seat, map[string]any{"extension": "8077"}).Is(http.StatusNoContent)
	nobody := r.Nobody()
	login := func(body map[string]any) boottest.Reply {
		body["login"] = "zhang.hua"
		return nobody.Post("/agent/v1/sessions", body)
	}
	login(map[string]any{"password": oneTime}).Refused(http.StatusForbidden, "ENROLMENT_REQUIRED")
	nobody.Post("/agent/v1/enrolments", map[string]any{"login": "zhang.hua", "password": "Wrong-password-1"}).Refused(http.StatusUnauthorized, "LOGIN_FAILED")
	agent, factors := r.Enrol("zhang.hua", oneTime)
	require.Len(t, factors.RecoveryCodes, 10)

	who := agent.Get("/agent/v1/sessions/current").Is(http.StatusOK)
	require.Equal(t, []any{"read_articles", "see_cases", "take_calls", "work_orders"}, who.List("permissions"))
	require.Empty(t, who.Text("call_id"))
	call := agent.Post("/agent/v1/calls", map[string]any{"caller_number": "13800001234"}).Is(http.StatusCreated).Text("call_id")
	busy := agent.Get("/agent/v1/sessions/current").Is(http.StatusOK)
	require.Equal(t, call, busy.Text("call_id"))
	require.Greater(t, busy.Text("idle_ends_at"), who.Text("idle_ends_at"), "an open call pauses the idle clock")
	agent.Get("/agent/v1/staff").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")

	lost := map[string]any{"password": boottest.StaffPassword, "code": strings.ToLower(factors.RecoveryCodes[0])}
	in := login(lost).Is(http.StatusCreated)
	require.EqualValues(t, 9, in.At("recovery_codes_left"))
	login(lost).Refused(http.StatusUnauthorized, "LOGIN_FAILED")
	agent.Get("/agent/v1/sessions/current").Refused(http.StatusUnauthorized, "SESSION_REPLACED")
	agent.Token = in.Text("token")
	r.Later(16 * time.Minute)
	agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	r.Later(16 * time.Minute)
	agent.Get("/agent/v1/sessions/current").Refused(http.StatusUnauthorized, "SESSION_IDLE")

	in = login(map[string]any{"password": boottest.StaffPassword, "code": r.CodeFor(factors.Secret)}).Is(http.StatusCreated)
	agent.Token = in.Text("token")
	agent.Post("/agent/v1/sessions/current/password", map[string]any{"password": boottest.StaffPassword, "code": factors.RecoveryCodes[1], "new_password": "Mountain-81-elm"}).Is(http.StatusNoContent)
	fresh := agent.Post("/agent/v1/sessions/current/recovery-codes", map[string]any{"password": "Mountain-81-elm", "code": factors.RecoveryCodes[2]}).Is(http.StatusCreated)
	require.Len(t, fresh.List("recovery_codes"), 10)

	administers(t, r, admin, agent, id)
}

// administers changes, locks, unlocks, resets and disables the newcomer, and is stopped before herself.
func administers(t *testing.T, r *boottest.Rig, admin, agent *boottest.Caller, id string) {
	t.Helper()
	path := "/agent/v1/staff/" + id
	admin.Get("/agent/v1/staff").Refused(http.StatusUnauthorized, "SESSION_IDLE") // half an hour has gone by
	admin, adminID := r.Staff("admin-two", "administrator")
	admin.Post(path+"/duties", map[string]any{"roles": []string{"liaison"}}).Refused(http.StatusUnprocessableEntity, "LIAISON_DEPARTMENT")
	changed := admin.Post(path+"/duties", map[string]any{"roles": []string{"liaison"}, "department": "民政局", "district": "410303"}).Is(http.StatusOK)
	require.Equal(t, []any{"liaison"}, changed.List("roles"))
	agent.Post("/agent/v1/calls", map[string]any{}).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	require.Equal(t, []any{"answer_orders", "read_articles", "work_orders"}, agent.Get("/agent/v1/sessions/current").Is(http.StatusOK).List("permissions"), "with the next request")
	admin.Post("/agent/v1/staff/zhang.hua/unlock", nil).Refused(http.StatusNotFound, "NOT_FOUND")

	for range 5 {
		r.Nobody().Post("/agent/v1/sessions", map[string]any{"login": "zhang.hua", "password": "Wrong-password-1"})
	}
	locked := map[string]bool{}
	for i := range admin.Get("/agent/v1/staff").Is(http.StatusOK).List("items") {
		item := admin.Get("/agent/v1/staff")
		locked[item.Text("items", i, "login")], _ = item.At("items", i, "locked").(bool)
		require.NotContains(t, string(item.Raw), "张华", "names are masked")
	}
	require.True(t, locked["zhang.hua"])
	require.False(t, locked["admin-two"])
	admin.Post(path+"/unlock", nil).Is(http.StatusOK)
	admin.Post(path+"/sign-on", map[string]any{"subject": "7f3a"}).Is(http.StatusOK)
	reset := admin.Post(path+"/reset", nil).Is(http.StatusOK)
	require.NotEmpty(t, reset.Text("one_time_password"))
	agent.Get("/agent/v1/sessions/current").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	admin.Post(path+"/disable", nil).Is(http.StatusNoContent)
	admin.Post(path+"/reset", nil).Refused(http.StatusConflict, "STAFF_DISABLED")
	admin.Post("/agent/v1/staff/"+adminID+"/duties", map[string]any{"roles": []string{"auditor"}}).Refused(http.StatusForbidden, "OWN_ROLES")
	for _, action := range []string{"added", "enrolled", "duties_changed", "unlocked", "sign_on_linked", "reset", "disabled"} {
		require.NotEmpty(t, r.Decisions("hotline.staff."+action), action)
	}
}
