package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// A caller says that the village accountant keeps her cards. She need not say who she is; what she gets opens the answer.
func TestR68_AReportOfMisuseIsTakenByTelephone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	path := "/agent/v1/calls/" + agent.Post("/agent/v1/calls", map[string]string{}).Is(http.StatusCreated).Text("call_id")
	require.Contains(t, agent.Get("/agent/v1/misuse-reports/departments").Is(http.StatusOK).List("items"), "民政局")
	body := map[string]any{"kind": "held_card", "department": "民政局", "text": "村会计扣着我家三张卡不还,要了三次"}
	agent.Post("/agent/v1/calls/7f0c1f0e-0000-4000-8000-000000000011/misuse-reports", body).Refused(http.StatusNotFound, "NOT_FOUND")
	agent.Post(path+"/misuse-reports", map[string]any{"kind": "held_card", "department": "民政局", "text": "扣卡"}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	named := map[string]any{"kind": "cut_money", "department": "民政局", "text": "发下来的补贴被截留了一半", "named": true}
	agent.Post(path+"/misuse-reports", named).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")

	key := []string{"Idempotency-Key", "7f0c1f0e-0000-4000-8000-000000000012"}
	taken := agent.Post(path+"/misuse-reports", body, key...).Is(http.StatusCreated)
	require.Equal(t, false, taken.At("named"))
	require.Contains(t, taken.Text("read_back"), taken.Text("number"))
	require.Contains(t, taken.Text("read_back"), taken.Text("code"))
	again := agent.Post(path+"/misuse-reports", body, key...).Is(http.StatusCreated)
	require.Equal(t, []string{taken.Text("number"), ""}, []string{again.Text("number"), again.Text("code")}, "the same report, and its code is not said twice")
	agent.Post(path+"/close", nil).Is(http.StatusOK)
	require.Equal(t, taken.Text("number"), agent.Post(path+"/misuse-reports", body, key...).Is(http.StatusCreated).Text("number"), "closed by now")
	agent.Post(path+"/misuse-reports", body).Refused(http.StatusForbidden, "NO_ACTIVE_CALL")

	path = "/agent/v1/calls/" + verified(t, r, agent, "wang") // one who wants her name to it
	mine := agent.Post(path+"/misuse-reports", named).Is(http.StatusCreated)
	require.Equal(t, true, mine.At("named"))
	wang := r.AtPhone("wechat_mini", "wang")
	require.Equal(t, mine.Text("number"), wang.Get("/v1/misuse-reports").Is(http.StatusOK).Text("items", 0, "number"))
	require.Len(t, wang.Get("/v1/misuse-reports").Is(http.StatusOK).List("items"), 1)

	reviewer, _ := r.Staff("reviewer-one", "reviewer")
	queue := reviewer.Get("/agent/v1/misuse-reports").Is(http.StatusOK)
	require.Len(t, queue.List("items"), 2)
	for i := range 2 {
		reviewer.Post("/agent/v1/misuse-reports/"+queue.Text("items", i, "report_id")+"/answer", map[string]any{"answer": "卡已退还"}).Is(http.StatusOK)
	}
	ask := map[string]any{"number": taken.Text("number"), "code": taken.Text("code")}
	require.Equal(t, "卡已退还", r.Nobody().Post("/v1/misuse-reports/answers", ask).Is(http.StatusOK).Text("answer"))
	r.Work()
	require.Equal(t, 1, r.Told("wang", "已有答复"))

	decisions := r.Decisions("hotline.misuse.reported")
	require.Len(t, decisions, 2)
	for _, e := range decisions {
		require.Equal(t, "agent", e.ActorKind)
		require.NotEmpty(t, e.CallID)
		require.Empty(t, e.SubjectID, "nobody reads in the audit who reported")
	}
	require.NotContains(t, r.Log.String(), "三张卡")
	require.NotContains(t, r.Log.String(), taken.Text("code"))
	liaison, _ := r.StaffOf("西工区民政局", "minzheng-one", "reviewer")
	require.Empty(t, liaison.Get("/agent/v1/misuse-reports?state=answered").Is(http.StatusOK).List("items"), "never the reported")
}
