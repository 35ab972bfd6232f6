package scenario

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// checkOf is one line of the checklist.
func checkOf(r boottest.Reply, check string) map[string]any {
	for _, c := range r.List("checks") {
		if m, _ := c.(map[string]any); m["check"] == check {
			return m
		}
	}
	return nil
}

func TestR05_ReadinessOverHTTP(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)

	li := r.AtPhone("wechat_mini", "li")
	got := li.Get("/v1/readiness").Is(http.StatusOK)
	require.Equal(t, "not_ready", got.Text("state"))
	require.Equal(t, "NO_CARD", got.Text("code"))
	step, _ := checkOf(got, "card_issued")["next_step"].(map[string]any)
	require.Equal(t, "apply", step["code"])

	wang := r.AtPhone("alipay_mini", "wang")
	got = wang.Get("/v1/readiness").Is(http.StatusOK)
	require.Equal(t, "ready", got.Text("state"))
	require.NotEmpty(t, got.Text("as_of"))
	require.Equal(t, "洛阳银行", got.Text("bank", "name"))
	require.NotEmpty(t, got.Text("bank", "phone"))
	require.NotEmpty(t, got.List("places"))
	require.True(t, strings.HasPrefix(got.Text("places", 0, "name"), "洛阳银行"), "R30")

	r.Happens("replace", "wang", nil)
	got = wang.Get("/v1/readiness").Is(http.StatusOK)
	require.Equal(t, "not_ready", got.Text("state"))
	require.Equal(t, "NEW_CARD_NOT_ACTIVATED", got.Text("code"))
	require.Equal(t, "advice", checkOf(got, "social_account")["verdict"])

	zhang := r.AtPhone("wechat_mini", "zhang")
	r.Happens("payee", "zhang", map[string]any{"in_system": false})
	require.Equal(t, "NOT_IN_SYSTEM", zhang.Get("/v1/readiness").Is(http.StatusOK).Text("code"))

	chen := r.AtPhone("wechat_mini", "chen")
	for state, code := range map[string]string{"loss": "MONEY_ACCOUNT_LOST", "frozen": "MONEY_ACCOUNT_RESTRICTED", "closed": "MONEY_ACCOUNT_CLOSED", "opened_inactive": "MONEY_ACCOUNT_INACTIVE"} {
		r.Happens("financial", "chen", map[string]any{"financial": state})
		require.Equal(t, code, chen.Get("/v1/readiness").Is(http.StatusOK).Text("code"))
	}
	r.Nobody().Get("/v1/readiness").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
}

func TestR05_R58_AnAgentReadsTheSameChecklistAtFullOnly(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.Person("wang")
	call := r.CallIn(agent, "wang")
	path := "/agent/v1/calls/" + call
	agent.Get(path+"/readiness").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/verification", map[string]string{"name": wang.Name, "id_last6": wang.IDNumber[12:]}).Is(http.StatusOK)
	agent.Get(path+"/readiness").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	r.CalledBack(agent, call)
	agent.Post(path+"/verification", map[string]string{"name": wang.Name, "id_number": wang.IDNumber}).Is(http.StatusOK)
	looks := len(r.Decisions("hotline.readiness.seen"))
	got := agent.Get(path + "/readiness").Is(http.StatusOK)
	require.Equal(t, "ready", got.Text("state"))
	require.Len(t, r.Decisions("hotline.readiness.seen"), looks+1, "every look is written down (R59)")
}
