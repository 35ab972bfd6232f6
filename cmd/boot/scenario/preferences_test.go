package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/models"
)

const preferencesPath = "/v1/notices/preferences"

func wish(topic, channel string, wanted bool) map[string]any {
	return map[string]any{"changes": []map[string]any{{"topic": topic, "channel": channel, "wanted": wanted}}}
}

// switchOf is one switch of an answer; dependant is empty for her own.
func switchOf(t *testing.T, shown boottest.Reply, dependant, topic, channel string) map[string]any {
	t.Helper()
	for i := range shown.List("items") {
		if shown.Text("items", i, "topic") != topic || shown.Text("items", i, "dependant_id") != dependant {
			continue
		}
		for j := range shown.List("items", i, "ways") {
			if shown.Text("items", i, "ways", j, "channel") == channel {
				way, _ := shown.At("items", i, "ways", j).(map[string]any)
				return way
			}
		}
	}
	require.Fail(t, "no switch", topic+" "+channel)
	return nil
}

// toHour moves the clock to the next time it is that hour in the city.
func toHour(r *boottest.Rig, hour int) {
	now := r.Clock.Now().In(models.Shanghai)
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, 30, 0, 0, models.Shanghai)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	r.Later(at.Sub(now))
}

// R12, R62: the holder switches the arrival SMS off, what waits for the morning included; what protects her stays on.
func TestR12_TheHolderAloneSwitchesTheArrivalSMSOff(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.SMS.QuietFrom, c.SMS.QuietTo = 21, 8 }))
	toHour(r, 22)
	wang := r.Fresh("wechat_mini", "wang")
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
	require.Zero(t, r.Told("wang", "就业补助"), "it waits for the morning")
	story := wang.Get("/v1/notices").Is(http.StatusOK)
	require.Equal(t, "waiting", story.Text("items", 0, "sms"))

	shown := wang.Get(preferencesPath).Is(http.StatusOK)
	require.Contains(t, shown.Text("phone"), "****")
	require.Equal(t, true, switchOf(t, shown, "", "arrivals", "sms")["switchable"])
	for _, topic := range []string{"codes", "loss", "account"} {
		way := switchOf(t, shown, "", topic, "sms")
		require.Equal(t, false, way["switchable"])
		require.NotEmpty(t, way["why_not"])
		wang.Send(http.MethodPatch, preferencesPath, wish(topic, "sms", false)).Refused(http.StatusConflict, "PREFERENCE_LOCKED")
	}
	for range 2 {
		shown = wang.Send(http.MethodPatch, preferencesPath, wish("arrivals", "sms", false), "Idempotency-Key", "off-once").Is(http.StatusOK)
		require.Equal(t, "switched_off", switchOf(t, shown, "", "arrivals", "sms")["state"])
	}
	require.Equal(t, 1, r.Told("wang", "关闭了部分短信提醒"), "whoever switched it off, the phone learns of it")
	changed := r.Decisions("notice.preferences.changed")
	require.Len(t, changed, 1)
	require.Equal(t, "off", changed[0].Note("arrivals.sms"))
	story = wang.Get("/v1/notices").Is(http.StatusOK)
	require.Equal(t, "已关闭短信提醒", story.Text("items", 0, "title"))
	require.Equal(t, "not_sent", story.Text("items", 1, "sms"))
	require.Contains(t, story.Text("items", 1, "story", 0, "why"), "消息设置")
	toHour(r, 9)
	require.Zero(t, r.Told("wang", "就业补助"))

	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 10_000})
	require.Zero(t, r.Told("wang", "就业补助"))
	require.Equal(t, "none", wang.Get("/v1/notices").Is(http.StatusOK).Text("items", 0, "sms"), "it is in the inbox all the same")
	lose(wang).Is(http.StatusCreated)
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))

	wang.Send(http.MethodPatch, preferencesPath, wish("arrivals", "sms", true)).Is(http.StatusOK)
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 20_000})
	require.Equal(t, 1, r.Told("wang", "就业补助", "200.00"))
}

// R12: neither a helper nor an agent has a switch.
func TestR12_NobodySwitchesForTheHolder(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, chen, child := r.Fresh("wechat_mini", "wang"), r.Fresh("wechat_mini", "chen"), r.Person("child")
	relation := chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated).Text("relation_id")
	off := wish("arrivals", "sms", false)
	chen.Send(http.MethodPatch, preferencesPath, off, "Onecard-For", relation).Refused(http.StatusForbidden, "GUARDIAN_MAY_NOT")
	r.Agent().Send(http.MethodPatch, preferencesPath, off).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	r.LogIn("alipay_mini", "li").Send(http.MethodPatch, preferencesPath, off).Refused(http.StatusForbidden, "BINDING_REQUIRED")
	about := wish("dependants", "sms", false)
	about["dependant_id"] = relation
	wang.Send(http.MethodPatch, preferencesPath, about).Refused(http.StatusNotFound, "PREFERENCE_CHILD_UNKNOWN")
	wang.Send(http.MethodPatch, preferencesPath, wish("dependants", "sms", false)).Refused(http.StatusUnprocessableEntity, "PREFERENCE_UNKNOWN")
	require.Empty(t, r.Decisions("notice.preferences.changed"))
}

// A guardian switches a child's routine steps off, and her own stay; a loss of the child's is told all the same.
func TestAGuardianSwitchesAChildsNoticesApartFromHerOwn(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	chen, child := r.Fresh("wechat_mini", "chen"), r.Person("child")
	relation := chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated).Text("relation_id")
	shown := chen.Get(preferencesPath).Is(http.StatusOK)
	require.Equal(t, "on", switchOf(t, shown, relation, "dependants", "sms")["state"])
	require.NotContains(t, string(shown.Raw), child.Name)
	about := func(topic string) map[string]any {
		w := wish(topic, "sms", false)
		w["dependant_id"] = relation
		return w
	}
	chen.Send(http.MethodPatch, preferencesPath, about("loss")).Refused(http.StatusConflict, "PREFERENCE_LOCKED")
	chen.Send(http.MethodPatch, preferencesPath, about("progress")).Refused(http.StatusUnprocessableEntity, "PREFERENCE_UNKNOWN")
	shown = chen.Send(http.MethodPatch, preferencesPath, about("dependants")).Is(http.StatusOK)
	require.Equal(t, "switched_off", switchOf(t, shown, relation, "dependants", "sms")["state"])
	require.Equal(t, "on", switchOf(t, shown, "", "progress", "sms")["state"])
	changed := r.Decisions("notice.preferences.changed")
	require.Len(t, changed, 1)
	require.NotEqual(t, changed[0].ActorID, changed[0].SubjectID)

	mother := acting{chen, relation}
	mother.consent(t, "id_images")
	mother.consent(t, "bank_data")
	uploads := map[string]string{}
	for _, purpose := range []string{"photo", "id_front", "id_back"} {
		uploads[purpose] = mother.post("/v1/uploads?purpose="+purpose, portrait(), "Content-Type", "image/jpeg").Is(http.StatusCreated).Text("upload_id")
	}
	mother.post("/v1/applications", map[string]any{
		"bank_code":  chen.Get("/v1/policies/banks?district=410303").Is(http.StatusOK).Text("card_service", 0, "code"),
		"outlet_ref": chen.Get("/v1/outlets?kind=hrss&limit=1").Is(http.StatusOK).Text("items", 0, "ref"), "uploads": uploads,
	}).Is(http.StatusCreated)
	require.Zero(t, r.Told("chen", "您监护的孩子", "申领已受理"))
}

// ADR 0035: who answered 退订 has her messages back by a tap of hers, too.
func TestAStopByReplyIsShownAndLiftedByTheHolder(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	phone := r.Messages("wang")[0].Phone
	r.Happens("sms_reply", "wang", map[string]any{"phone": phone, "text": "TD"})
	r.Eventually(func() bool { return len(r.Decisions("notice.sms.stopped")) == 1 })
	shown := wang.Get(preferencesPath).Is(http.StatusOK)
	require.Equal(t, "asked", shown.Text("stops", 0, "reason"))
	require.Equal(t, true, shown.At("stops", 0, "can_lift"))
	require.Contains(t, shown.Text("stops", 0, "repair"), "运营商")
	require.Equal(t, "stopped", switchOf(t, shown, "", "arrivals", "sms")["state"])
	require.Equal(t, "on", switchOf(t, shown, "", "loss", "sms")["state"])
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
	require.Zero(t, r.Told("wang", "就业补助"))

	r.LogIn("alipay_mini", "li").Post("/v1/notices/sms-stop/lift", nil).Refused(http.StatusForbidden, "BINDING_REQUIRED")
	r.Later(time.Second)
	for range 2 {
		shown = wang.Post("/v1/notices/sms-stop/lift", nil).Is(http.StatusOK)
		require.Empty(t, shown.List("stops"))
	}
	lifted := r.Decisions("notice.sms.lifted")
	require.Len(t, lifted, 1)
	require.Equal(t, "citizen", lifted[0].ActorKind)
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 44_400})
	require.Equal(t, 1, r.Told("wang", "就业补助", "444.00"))
}

// R62: whatever is shown as a switch can be switched, and back.
func TestR62_EverySwitchThatIsShownSwitches(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	shown := wang.Get(preferencesPath).Is(http.StatusOK)
	switched := 0
	for i := range shown.List("items") {
		for j := range shown.List("items", i, "ways") {
			if on, _ := shown.At("items", i, "ways", j, "switchable").(bool); !on || shown.Text("items", i, "dependant_id") != "" {
				continue
			}
			topic, channel := shown.Text("items", i, "topic"), shown.Text("items", i, "ways", j, "channel")
			for _, wanted := range []bool{false, true} {
				after := wang.Send(http.MethodPatch, preferencesPath, wish(topic, channel, wanted)).Is(http.StatusOK)
				require.Equal(t, wanted, switchOf(t, after, "", topic, channel)["wanted"], topic)
			}
			switched++
		}
	}
	require.GreaterOrEqual(t, switched, 6, "arrivals, payday, progress, fees, answers, campaigns at least")
}
