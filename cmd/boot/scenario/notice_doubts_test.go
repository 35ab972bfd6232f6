package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
)

// atFull has her call, passes Basic and the call back to the phone on file.
func atFull(t *testing.T, r *boottest.Rig, agent *boottest.Caller, key string) string {
	t.Helper()
	call, who := verified(t, r, agent, key), r.Person(key)
	path := "/agent/v1/calls/" + call
	agent.Post(path+"/verification", map[string]string{"name": who.Name, "id_number": who.IDNumber}).Is(http.StatusOK)
	r.CalledBack(agent, call)
	return path
}

// itemOf is the place of the first notice of a kind.
func itemOf(t *testing.T, list boottest.Reply, kind string) int {
	t.Helper()
	for i := range list.List("items") {
		if list.Text("items", i, "kind") == kind {
			return i
		}
	}
	require.Fail(t, "no notice of kind "+kind)
	return -1
}

func TestAnAgentReadsTheSameStoryAsTheCallerAtFull(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, agent := r.Fresh("wechat_mini", "wang"), r.Agent()
	lose(wang).Is(http.StatusCreated)
	r.Happens("credit", "wang", map[string]any{"programme": "23", "amount_fen": 33_800})
	r.Work()
	basic := "/agent/v1/calls/" + verified(t, r, agent, "wang")
	agent.Get(basic+"/notices").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(basic+"/close", nil).Is(http.StatusOK)
	agent.Get(basic+"/notices").Refused(http.StatusForbidden, "NO_ACTIVE_CALL")

	path := atFull(t, r, agent, "wang")
	before := len(r.Decisions("hotline.notices.seen"))
	shown, own := agent.Get(path+"/notices").Is(http.StatusOK), wang.Get("/v1/notices").Is(http.StatusOK)
	require.Equal(t, own.List("items"), shown.List("items"), "the same facts and words")
	require.Contains(t, shown.Text("phone"), "****")
	require.NotContains(t, string(shown.Raw), wang.Phone)
	require.NotContains(t, string(shown.Raw), "艾滋", "R55")
	seen := r.Decisions("hotline.notices.seen")
	require.Len(t, seen, before+1)
	require.NotEmpty(t, seen[before].CallID)
	log := wang.Get("/v1/me/access-log").Is(http.StatusOK)
	require.NotEmpty(t, log.List("items"), "and she reads that somebody looked")

	first := agent.Get(path + "/notices?limit=1").Is(http.StatusOK)
	rest := agent.Get(path + "/notices?limit=1&cursor=" + first.Text("next_cursor")).Is(http.StatusOK)
	require.NotEqual(t, first.Text("items", 0, "notice_id"), rest.Text("items", 0, "notice_id"))
	wang.Get(path+"/notices").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
}

// Field idea 22: by its text, its day, or the number it came from. Nothing is learnt of anybody else.
func TestR55_IsThisMessageReallyFromYou(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.SMS.Senders = []string{"106900123"} }))
	wang, li, agent := r.Fresh("wechat_mini", "wang"), r.Fresh("alipay_mini", "li"), r.Agent()
	lose(wang).Is(http.StatusCreated)
	text := ""
	for _, m := range r.Messages("wang") {
		if strings.Contains(m.Text, "社保账户已挂失") {
			text = m.Text
		}
	}
	require.NotEmpty(t, text)
	check := func(c *boottest.Caller, path string, body map[string]string) boottest.Reply {
		return c.Post(path, body).Is(http.StatusOK)
	}
	own := "/v1/notices/checks"
	got := check(wang.Caller, own, map[string]string{"text": " " + strings.ReplaceAll(text, ",", ", ") + "\n"})
	require.Equal(t, "ours", got.Text("verdict"))
	require.Equal(t, "loss_effective", got.Text("match", "kind"))
	require.Equal(t, "not_found", check(li.Caller, own, map[string]string{"text": text}).Text("verdict"), "another's message is nobody's business")
	require.Equal(t, "not_found", check(wang.Caller, own, map[string]string{"text": text + "详情 http://evil.test"}).Text("verdict"))
	wang.Post("/v1/me/phone", map[string]string{"phone": r.Person("chen").Phone}).Is(http.StatusAccepted)
	code := r.Messages("chen")[0]
	require.NotEmpty(t, code.Code)
	require.Equal(t, "code", check(wang.Caller, own, map[string]string{"text": code.Text}).Text("verdict"))
	today := r.Clock.Now().Add(8 * time.Hour).UTC().Format(time.DateOnly)
	compare := check(wang.Caller, own, map[string]string{"received_on": today})
	require.Equal(t, "compare", compare.Text("verdict"))
	require.Equal(t, "loss_effective", compare.Text("sent_on", itemIn(t, compare, "sent_on", "loss_effective"), "kind"))
	require.Empty(t, check(wang.Caller, own, map[string]string{"received_on": "2020-01-01"}).List("sent_on"))
	wang.Post(own, map[string]string{}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	r.Nobody().Post(own, map[string]string{"text": text}).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")

	path := atFull(t, r, agent, "wang")
	require.Equal(t, "ours", check(agent, path+"/notices/checks", map[string]string{"text": text}).Text("verdict"))

	for number, verdict := range map[string]string{"106900123": "listed", "+86 1069-0012 3888": "listed", "13800001234": "not_listed", "95588": "not_listed"} {
		answer := check(r.Nobody(), "/v1/notices/sender-checks", map[string]string{"sender": number})
		require.Equal(t, verdict, answer.Text("verdict"), number)
		require.Contains(t, answer.Text("say"), "12333")
		require.Equal(t, "【洛阳人社】", answer.Text("signature"))
	}
	r.Nobody().Post("/v1/notices/sender-checks", map[string]string{"sender": "luoyang"}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	require.NotContains(t, r.Log.String(), "社保账户已挂失", "what was asked is kept nowhere")
}

func itemIn(t *testing.T, reply boottest.Reply, list, kind string) int {
	t.Helper()
	for i := range reply.List(list) {
		if reply.Text(list, i, "kind") == kind {
			return i
		}
	}
	require.Fail(t, "no "+kind)
	return -1
}

// Field idea 13: "this was not me" opens one enquiry and says how to undo; it undoes nothing by itself.
func TestThisWasNotMeOpensOneEnquiryAndSaysHowToUndo(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, li, agent := r.Fresh("wechat_mini", "wang"), r.Fresh("alipay_mini", "li"), r.Agent()
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
	r.Work()
	list := wang.Get("/v1/notices").Is(http.StatusOK)
	lost, bound, paid := itemOf(t, list, "loss_effective"), itemOf(t, list, "bound"), itemOf(t, list, "arrival")
	require.Equal(t, true, list.At("items", lost, "not_me"))
	require.Equal(t, false, list.At("items", paid, "not_me"))
	say := func(i int) string { return "/v1/notices/" + list.Text("items", i, "notice_id") + "/not-me" }

	first := wang.Post(say(lost), nil).Is(http.StatusOK)
	require.Equal(t, "release", first.Text("undo", 0, "act"))
	require.Equal(t, "window", first.Text("undo", 1, "act"))
	require.Contains(t, first.Text("say"), "12333")
	require.Equal(t, first.Text("number"), wang.Post(say(lost), nil).Is(http.StatusOK).Text("number"), "one enquiry, however often it is said")
	require.Equal(t, "end_session", wang.Post(say(bound), nil).Is(http.StatusOK).Text("undo", 0, "act"))
	wang.Post(say(paid), nil).Refused(http.StatusConflict, "NOTICE_NOT_DISPUTABLE")
	li.Post(say(lost), nil).Refused(http.StatusNotFound, "NOT_FOUND")
	require.Equal(t, "effective", state(wang, loss), "nothing is undone by it")

	own := wang.Get("/v1/enquiries").Is(http.StatusOK)
	require.Len(t, own.List("items"), 2)
	require.Equal(t, first.Text("number"), own.Text("items", 1, "number"))
	require.Equal(t, "not_me_loss_effective", own.Text("items", 1, "kind"))
	require.Len(t, r.Decisions("notice.disputed"), 2)

	path := atFull(t, r, agent, "wang")
	byPhone := path + strings.TrimPrefix(say(lost), "/v1")
	require.Equal(t, first.Text("number"), agent.Post(byPhone, nil).Is(http.StatusOK).Text("number"))
	release := itemOf(t, func() boottest.Reply {
		r.Recheck(wang)
		release(wang, loss).Is(http.StatusOK)
		r.Work()
		list = wang.Get("/v1/notices").Is(http.StatusOK)
		return list
	}(), "loss_released")
	require.Equal(t, "report_loss", agent.Post(path+strings.TrimPrefix(say(release), "/v1"), nil).Is(http.StatusOK).Text("undo", 0, "act"))
	disputed := r.Decisions("notice.disputed")
	require.Len(t, disputed, 3)
	require.Equal(t, "agent", disputed[2].ActorKind)
	require.NotEmpty(t, disputed[2].CallID)
	require.Equal(t, disputed[0].SubjectID, disputed[2].SubjectID)
	supervisor, _ := r.Staff("zhang.ban", "supervisor")
	require.NotEmpty(t, supervisor.Get("/agent/v1/enquiries").Is(http.StatusOK).List("items"))
}

// What "not me" on a binding says can be done: another's account is taken off, and its sessions end.
func TestAHolderTakesOffAnAccountThatSomebodyElseBound(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, thief, li := r.Fresh("wechat_mini", "wang"), r.AtPhone("alipay_mini", "wang"), r.Fresh("wechat_mini", "li")
	list := wang.Get("/v1/me/bindings").Is(http.StatusOK)
	require.Len(t, list.List("items"), 2)
	require.NotContains(t, string(list.Raw), "open")
	other := ""
	for i := range list.List("items") {
		require.Equal(t, list.Text("items", i, "platform") == "wechat_mini", list.At("items", i, "current"))
		if list.Text("items", i, "platform") == "alipay_mini" {
			other = "/v1/me/bindings/" + list.Text("items", i, "account_id")
		}
	}
	thief.Send(http.MethodDelete, "/v1/me/bindings/"+list.Text("items", 0, "account_id"), nil).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	li.Send(http.MethodDelete, other, nil).Refused(http.StatusNotFound, "NOT_FOUND")
	wang.Send(http.MethodDelete, other, nil).Is(http.StatusNoContent)
	thief.Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	r.LogIn("alipay_mini", "wang").Get("/v1/cards").Refused(http.StatusForbidden, "BINDING_REQUIRED")
	wang.Get("/v1/cards").Is(http.StatusOK)
	require.Equal(t, 1, r.Told("wang", "支付宝解除绑定"))
	wang.Send(http.MethodDelete, other, nil).Refused(http.StatusNotFound, "NOT_FOUND")
	require.Len(t, r.Decisions("citizen.account.unbound"), 1)
}

// The old number is told before a change counts, "not me" names the way to stop it, and the change stays stopped.
func TestR61_TheOldNumberIsToldAndNotMeNamesHowToStopIt(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, li := r.Fresh("wechat_mini", "wang"), r.Person("li")
	change := func() {
		wang.Post("/v1/me/phone", map[string]string{"phone": li.Phone}).Is(http.StatusAccepted)
		r.Work()
		wang.Post("/v1/me/phone/confirmation", map[string]string{"code": r.CodeOf("li")}).Is(http.StatusOK)
	}
	change()
	require.Equal(t, 1, r.Told("wang", "手机号将", "后更换"))
	require.Zero(t, r.Told("li", "手机号将"), "the old number alone")
	list := wang.Get("/v1/notices").Is(http.StatusOK)
	old := list.Text("items", itemOf(t, list, "phone_change_old"), "notice_id")
	require.Equal(t, "cancel_phone_change", wang.Post("/v1/notices/"+old+"/not-me", nil).Is(http.StatusOK).Text("undo", 0, "act"))
	wang.Send(http.MethodDelete, "/v1/me/phone", nil).Is(http.StatusNoContent)
	r.Later(25 * time.Hour)
	require.Zero(t, r.Told("li", "今后发到本号码"))

	r.Recheck(wang)
	change()
	require.Equal(t, 2, r.Told("wang", "手机号将"), "each change is told")
	r.Later(25 * time.Hour)
	require.Equal(t, 1, r.Told("li", "今后发到本号码"))
	list = wang.Get("/v1/notices").Is(http.StatusOK)
	changed := list.Text("items", itemOf(t, list, "phone_changed"), "notice_id")
	require.Equal(t, "change_phone", wang.Post("/v1/notices/"+changed+"/not-me", nil).Is(http.StatusOK).Text("undo", 0, "act"))
}
