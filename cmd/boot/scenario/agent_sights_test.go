package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

func TestR59_WhatACallOpensIsSeenByTheCitizenInWords(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.AtPhone("wechat_mini", "wang")
	path := atFull(t, r, agent, "wang")
	sights := map[string]string{
		"/person": "查看了您的基本信息(已遮挡)", "/cards": "查看了您的社保卡状态", "/applications": "查看了您的申领进度", "/replacements": "查看了您的补换卡进度",
		"/loss-reports": "查看了您的挂失记录", "/arrivals": "查看了您的补贴到账记录", "/contacts": "查看了您最近的来电和办理记录",
		"/readiness": "查看了您能否领到补贴的检查结果", "/notices": "查看了发给您的通知", "/loss-preview": "为挂失查看了您的社保卡状态",
	}
	for sight := range sights {
		agent.Get(path + sight).Is(http.StatusOK)
	}
	log := wang.Get("/v1/me/access-log?limit=50").Is(http.StatusOK)
	said := map[string]int{}
	for i := range log.List("items") {
		said[log.Text("items", i, "text")]++
	}
	for sight, words := range sights {
		require.Equal(t, 1, said["12333坐席"+words], "%s: %v", sight, said)
	}
	require.Equal(t, 1, said["12333坐席因核验身份经话务系统回拨了您的登记手机"])

	agent.Post(path+"/close", nil).Is(http.StatusOK)
	for sight := range sights {
		agent.Get(path+sight).Refused(http.StatusForbidden, "NO_ACTIVE_CALL")
	}
	again := wang.Get("/v1/me/access-log?limit=50").Is(http.StatusOK)
	require.Len(t, again.List("items"), len(log.List("items"))+1, "the close, and no look")
}

func TestR58_BelowFullACallNamesNoAnswerToAQuestion(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.Person("wang")
	path := "/agent/v1/calls/" + agent.Post("/agent/v1/calls", map[string]string{}).Is(http.StatusCreated).Text("call_id")
	for _, sight := range []string{"/cards", "/applications", "/replacements", "/loss-reports", "/arrivals", "/contacts", "/loss-preview"} {
		agent.Get(path+sight).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	}
	agent.Post(path+"/verification", map[string]string{"name": wang.Name, "id_last6": wang.IDNumber[12:]}).Is(http.StatusOK)
	agent.Get(path+"/arrivals").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")

	cards := agent.Get(path + "/cards").Is(http.StatusOK)
	require.Equal(t, false, cards.At("named"))
	require.Len(t, cards.List("cards", 0, "accounts"), 2, "two accounts (R28)")
	require.NotContains(t, string(cards.Raw), "洛阳银行")
	require.Empty(t, cards.Text("cards", 0, "number"))
	preview := agent.Get(path + "/loss-preview").Is(http.StatusOK)
	require.Equal(t, false, preview.At("may_report"))
	require.NotContains(t, string(preview.Raw), "洛阳银行")
	require.Contains(t, preview.Text("read_back"), "银行账户不会停用,请马上拨打卡面银行客服电话")

	known := freeAgent(t, r) // from the phone on file: enough for a loss, and so for the bank
	cards = known.Get("/agent/v1/calls/" + verified(t, r, known, "wang") + "/cards").Is(http.StatusOK)
	require.Equal(t, "洛阳银行", cards.Text("cards", 0, "bank", "name"))
}

// freeAgent is another agent, with no call.
func freeAgent(t *testing.T, r *boottest.Rig) *boottest.Caller {
	t.Helper()
	c, _ := r.Staff("zuoxi-"+string(rune('a'+len(r.Decisions("hotline.staff.added")))), "agent")
	return c
}

func TestR40_ALossTakesThreeStepsAndTheSentenceIsReadBackFirst(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	path := "/agent/v1/calls/" + verified(t, r, agent, "wang")
	preview := agent.Get(path + "/loss-preview").Is(http.StatusOK) // one
	require.Equal(t, true, preview.At("may_report"))
	require.Equal(t, []any{"social"}, preview.List("will_stop"))
	require.Equal(t, []any{"financial"}, preview.List("will_not_stop"))
	require.Regexp(t, "^银行账户不会停用,请马上拨打洛阳银行[0-9-]+询问临时挂失", preview.Text("read_back"))
	require.Equal(t, "洛阳银行", preview.Text("bank", "name"))
	require.NotEmpty(t, preview.Text("bank", "phone"))

	agent.Post(path+"/loss-reports", map[string]any{}).Refused(http.StatusUnprocessableEntity, "READ_BACK_REQUIRED")
	require.Empty(t, r.Decisions("card.loss.reported"))
	made := agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated) // two
	require.Contains(t, made.Text("statement", "text"), "银行账户没有停用", "the panel to be read (R40): three")
	d := r.Decisions("card.loss.reported")
	require.Len(t, d, 1)
	require.Equal(t, "holder", d[0].Note("speaker"))
	require.Equal(t, "basic_number_match", d[0].Note("strength"))

	seen := agent.Get(path + "/loss-reports").Is(http.StatusOK)
	require.Regexp(t, "通过12333电话已挂失$", seen.Text("items", 0, "text"))
	require.Regexp(t, "^[0-9]{2}:[0-9]{2} ", seen.Text("items", 0, "text"), "reported today: the time alone")
	after := agent.Get(path + "/loss-preview").Is(http.StatusOK)
	require.Empty(t, after.List("will_stop"))
	require.Equal(t, made.Text("loss_id"), after.Text("reported", "loss_id"))
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusOK)
	require.Len(t, r.Decisions("card.loss.reported"), 1)
}

func TestR33_AWechatLossIsToldToTheNextCallerInOneLine(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	zhang := r.AtPhone("wechat_mini", "zhang")
	lose(zhang).Is(http.StatusCreated)
	agent := r.Agent()
	path := "/agent/v1/calls/" + verified(t, r, agent, "zhang")
	require.Regexp(t, "^[0-9]{2}:[0-9]{2} 通过微信小程序已挂失$", agent.Get(path+"/loss-reports").Is(http.StatusOK).Text("items", 0, "text"))
	contacts := agent.Get(path + "/contacts").Is(http.StatusOK)
	require.Equal(t, "报告了社保账户挂失", contacts.Text("items", 0, "text"))
	require.Equal(t, "wechat_mini", contacts.Text("items", 0, "channel"))
	require.LessOrEqual(t, len(contacts.List("items")), 3)
}

func TestR33_ARelativeOnTheLineNeedsTheHolder(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	path := "/agent/v1/calls/" + verified(t, r, agent, "wang")
	relative := func(reached string) boottest.Reply {
		return agent.Post(path+"/loss-reports", map[string]any{"read_back": true, "speaker": "relative", "holder_reached": reached})
	}
	relative("").Refused(http.StatusConflict, "HOLDER_NOT_REACHED")
	relative("called_back").Refused(http.StatusConflict, "HOLDER_NOT_REACHED")
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true, "speaker": "neighbour"}).Refused(http.StatusUnprocessableEntity, "SPEAKER_UNKNOWN")
	agent.Post(path+"/call-back", map[string]string{"reason": "relative_speaks"}).Is(http.StatusOK)
	r.Phones("call_answer", "", nil) // the newest conversation: what was dialled
	relative("called_back").Is(http.StatusCreated)
	d := r.Decisions("card.loss.reported")
	require.Len(t, d, 1)
	require.Equal(t, []string{"relative", "called_back", "basic_call_back"}, []string{d[0].Note("speaker"), d[0].Note("holder_reached"), d[0].Note("strength")})
	wang := r.AtPhone("wechat_mini", "wang")
	log := wang.Get("/v1/me/access-log?limit=50").Is(http.StatusOK)
	require.Contains(t, string(log.Raw), "12333坐席应您亲属来电、经您本人同意报告了社保账户挂失")
}

func TestR54_AWholeValueIsShownForAMinuteWithItsReason(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.AtPhone("wechat_mini", "wang")
	basic := "/agent/v1/calls/" + verified(t, r, agent, "wang")
	ask := map[string]string{"field": "id_number", "reason": "check_identity"}
	agent.Post(basic+"/unmask", ask).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(basic+"/close", nil).Is(http.StatusOK)
	path := atFull(t, r, agent, "wang")
	agent.Post(path+"/unmask", map[string]string{"field": "id_number"}).Refused(http.StatusUnprocessableEntity, "REASON_REQUIRED")
	agent.Post(path+"/unmask", map[string]string{"field": "pin_code", "reason": "check_identity"}).Refused(http.StatusUnprocessableEntity, "FIELD_UNKNOWN")
	shown := agent.Post(path+"/unmask", ask).Is(http.StatusOK)
	require.Equal(t, wang.IDNumber, shown.Text("value"))
	require.NotEmpty(t, shown.Text("expires_at"))
	require.Equal(t, "no-store", shown.Header.Get("Cache-Control"))
	log := wang.Get("/v1/me/access-log").Is(http.StatusOK)
	require.Equal(t, "12333坐席因核对身份查看了您的证件号码", log.Text("items", 0, "text"))
	require.NotContains(t, r.Log.String(), wang.IDNumber)
}

func TestANoteIsKeptAsTextAndHoldsNoNumbers(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.Person("wang")
	call := verified(t, r, agent, "wang")
	path := "/agent/v1/calls/" + call + "/note"
	put := func(text, result string) boottest.Reply {
		return agent.Send(http.MethodPut, path, map[string]string{"text": text, "result": result})
	}
	put("身份证"+wang.IDNumber, "answered").Refused(http.StatusUnprocessableEntity, "NOTE_HAS_NUMBER")
	put("好", "").Refused(http.StatusUnprocessableEntity, "CALL_RESULT_UNKNOWN")
	script := `<script>alert("1")</script>已说明`
	require.Equal(t, script, put(script, "answered").Is(http.StatusOK).Text("text"))
	require.Equal(t, script, agent.Get(path).Is(http.StatusOK).Text("text"))
	other := freeAgent(t, r)
	other.Get(path).Refused(http.StatusNotFound, "NOT_FOUND")
	var cell []byte
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT note_sealed FROM calls WHERE id = ?", call).Scan(&cell))
	require.NotEmpty(t, cell)
	require.NotContains(t, string(cell), "script", "sealed at rest")
	require.Len(t, r.Decisions("hotline.call.noted"), 1)
}
