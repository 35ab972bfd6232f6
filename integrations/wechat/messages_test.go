package wechat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/notice"
)

const sendMini, sendOA = "/cgi-bin/message/subscribe/send", "/cgi-bin/message/template/send"

// filed are our templates as the pretend platform has them.
func filed(c notice.Channel) map[string][]string {
	out := map[string][]string{}
	for _, t := range notice.PlatformTemplates(c) {
		keys := []string{}
		for _, f := range t.Fields {
			keys = append(keys, f.Key)
		}
		out["DEMO_"+strings.ToUpper(string(t.Topic))] = keys
	}
	return out
}

func (r rig) pushMini(t *testing.T, change ...func(*configs.WechatApp)) notice.Pusher {
	t.Helper()
	settings := configs.WechatApp{Name: "mini", Templates: configs.DemoMessageTemplates()}
	for _, f := range change {
		f(&settings)
	}
	p, err := r.mini(t).Messages(settings)
	require.NoError(t, err)
	return p
}

func (r rig) pushOA(t *testing.T, url string, change ...func(*configs.WechatApp)) notice.Pusher {
	t.Helper()
	settings := configs.WechatApp{Name: "oa", Templates: configs.DemoMessageTemplates()}
	for _, f := range change {
		f(&settings)
	}
	p, err := r.oa(t, url).Messages(settings, "https://card.test")
	require.NoError(t, err)
	return p
}

func arrivalTo(openID string) notice.PushMessage {
	return notice.PushMessage{
		DeliveryID: models.NewID(), Kind: notice.Arrival, To: openID, Title: "补贴到账", Object: "payment", ObjectID: "0190b5b0-0000-7000-8000-000000000001",
		Params: map[string]string{"programme": "住房补贴", "amount": "338.00", "date": "2021年12月15日", "tail": "1234"},
	}
}

func refusedWith(t *testing.T, err error) *notice.SendError {
	t.Helper()
	var e *notice.SendError
	require.ErrorAs(t, err, &e)
	return e
}

func TestR62_ASubscriptionMessageArrivesOnceForEachConsent(t *testing.T) {
	t.Parallel()
	r := start(t)
	p, openID := r.pushMini(t), r.OpenID(miniID, "wang")
	require.Equal(t, notice.WechatMini, p.Channel())
	require.Equal(t, miniID, p.App())
	_, err := p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeRefused}, refusedWith(t, err), "43101: nobody allowed it")

	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "accept"))
	got, err := p.Push(t.Context(), arrivalTo(openID))
	require.NoError(t, err)
	require.Equal(t, "wechat_mini", got.Vendor)
	sent := r.Sent("wang")
	require.Len(t, sent, 1)
	require.Equal(t, got.ID, sent[0].ID)
	require.Equal(t, "住房补贴 · 已到账 · 338.00元 · 2021年12月15日存入,尾号1234 · 如有疑问请拨打12333", sent[0].Text)
	require.Equal(t, "pages/notice?id=0190b5b0-0000-7000-8000-000000000001&object=payment", sent[0].Opens)

	_, err = p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, notice.AddressGone, refusedWith(t, err).Class, "the consent is used up")
	_, err = p.Push(t.Context(), arrivalTo("o-of-nobody"))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeUnknownUser}, refusedWith(t, err))
	require.NotContains(t, r.log.String(), openID)
	require.NotContains(t, r.log.String(), "o-of-nobody")
}

func TestATemplateMessageGoesToFollowersAndTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	p, openID := r.pushOA(t, r.url), r.OpenID(oaID, "wang")
	_, err := p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeNotFollowing}, refusedWith(t, err), "43004")
	require.NoError(t, r.Follow(oaID, "wang", true))
	m := arrivalTo(openID)
	first, err := p.Push(t.Context(), m)
	require.NoError(t, err)
	again, err := p.Push(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, first, again, "client_msg_id is the delivery's id")
	sent := r.Sent("wang")
	require.Len(t, sent, 1)
	require.Equal(t, "https://card.test/m/notice?id=0190b5b0-0000-7000-8000-000000000001&object=payment", sent[0].Opens)

	jumps := r.pushOA(t, r.url, func(s *configs.WechatApp) { s.Opens = miniID })
	_, err = jumps.Push(t.Context(), arrivalTo(openID))
	require.NoError(t, err)
	require.Equal(t, miniID+" pages/notice?id=0190b5b0-0000-7000-8000-000000000001&object=payment", r.Sent("wang")[1].Opens)
}

func TestEveryKindIsTakenByThePlatformsOwnRules(t *testing.T) {
	t.Parallel()
	r := start(t)
	mini, oa := r.pushMini(t), r.pushOA(t, r.url)
	require.NoError(t, r.Follow(oaID, "li", true))
	for topic := range filed(notice.WechatMini) {
		require.NoError(t, r.Subscribe(miniID, "li", topic, "always"))
	}
	n := 0
	for _, s := range notice.Templates() {
		for p, app := range map[notice.Pusher]string{mini: miniID, oa: oaID} {
			_, err := p.Push(t.Context(), notice.PushMessage{DeliveryID: models.NewID(), Kind: s.Kind, To: r.OpenID(app, "li"), Title: s.Title})
			if s.Secret {
				require.Equal(t, &notice.SendError{Class: notice.Refused, Code: "template_not_set"}, refusedWith(t, err), "a code is never sent there")
				continue
			}
			require.NoError(t, err, s.Kind)
			n++
		}
	}
	require.Len(t, r.Sent("li"), n)
}

func TestVendorCodesOfMessagesAreClassed(t *testing.T) {
	t.Parallel()
	r := start(t)
	mini, oa := r.pushMini(t), r.pushOA(t, r.url)
	require.NoError(t, r.Follow(oaID, "wang", true))
	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "always"))
	for code, want := range map[string]*notice.SendError{
		"43101": {Class: notice.AddressGone, Code: notice.CodeRefused}, "43004": {Class: notice.AddressGone, Code: notice.CodeNotFollowing},
		"40003": {Class: notice.AddressGone, Code: notice.CodeUnknownUser}, "-1": {Class: notice.NotAccepted, Code: "wechat.-1", After: 30 * time.Second},
		"45009": {Class: notice.NotAccepted, Code: "wechat.45009", After: time.Hour}, "45011": {Class: notice.NotAccepted, Code: "wechat.45011", After: time.Minute},
		"48001": {Class: notice.NotAccepted, Code: "wechat.48001", After: 10 * time.Minute},
		"47003": {Class: notice.Refused, Code: "wechat.47003"}, "40037": {Class: notice.Refused, Code: "wechat.40037"}, "41030": {Class: notice.Refused, Code: "wechat.41030"},
		"99999": {Class: notice.Refused, Code: "wechat.99999"},
	} {
		for path, p := range map[string]notice.Pusher{sendMini: mini, sendOA: oa} {
			app := map[string]string{sendMini: miniID, sendOA: oaID}[path]
			require.NoError(t, r.FailNext(path, 2, fault.Failure{Mode: fault.Refuse, Code: code}))
			for range 2 {
				_, err := p.Push(t.Context(), arrivalTo(r.OpenID(app, "wang")))
				require.Equal(t, want, refusedWith(t, err), code)
			}
		}
	}
	require.Equal(t, 2, strings.Count(r.log.String(), "wechat.47003"), "a mistake of ours is told once by each app")
	require.NotContains(t, r.log.String(), r.OpenID(miniID, "wang"))
}

func TestADeadTokenIsReplacedOnceBeforeAMessage(t *testing.T) {
	t.Parallel()
	r := start(t)
	p, openID := r.pushMini(t), r.OpenID(miniID, "wang")
	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "always"))
	_, err := p.Push(t.Context(), arrivalTo(openID))
	require.NoError(t, err)
	r.KillTokens(miniID)
	_, err = p.Push(t.Context(), arrivalTo(openID))
	require.NoError(t, err)
	require.Equal(t, 2, r.TokensMade(miniID))
	require.NoError(t, r.FailNext(sendMini, 2, fault.Failure{Mode: fault.Refuse, Code: "42001"}))
	_, err = p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, notice.NotAccepted, refusedWith(t, err).Class)
	require.Len(t, r.Sent("wang"), 2)
}

func TestWithoutAnAnswerTheFateOfAMessageIsUnknown(t *testing.T) {
	t.Parallel()
	r := start(t)
	openID := r.OpenID(miniID, "wang")
	m := r.mini(t, quick(300*time.Millisecond))
	p, err := m.Messages(configs.WechatApp{Templates: configs.DemoMessageTemplates()})
	require.NoError(t, err)
	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "always"))
	for _, how := range []fault.Failure{{Mode: fault.Hang}, {Mode: fault.LoseReply}, {Mode: fault.Cut}, {Mode: fault.Status, Status: 502}, {Mode: fault.Garbage}} {
		require.NoError(t, r.FailNext(sendMini, 1, how))
		_, err := p.Push(t.Context(), arrivalTo(openID))
		require.Equal(t, &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}, refusedWith(t, err), how.Mode)
		require.NotContains(t, err.Error(), openID)
		require.NotContains(t, err.Error(), miniSecret)
	}
	require.NoError(t, r.FailNext("/cgi-bin/stable_token", fault.Forever, fault.Failure{Mode: fault.Refuse, Code: "40164"}))
	r.store.Forget(t.Context(), "", "")
	r.KillTokens(miniID)
	_, err = p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, notice.NotAccepted, refusedWith(t, err).Class, "without a token nothing was sent")

	var token atomic.Bool
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		token.Store(true)
		w.Header().Set("Connection", "close") // the next call makes a connection of its own
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":7200}`)
	}))
	alone := start(t)
	q, err := alone.mini(t, func(c *configs.Wechat, _ *configs.WechatApp) { c.APIURL = half.URL }).Messages(configs.WechatApp{Templates: configs.DemoMessageTemplates()})
	require.NoError(t, err)
	_, _ = q.Push(t.Context(), arrivalTo(openID))
	require.True(t, token.Load())
	half.Close()
	_, err = q.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, notice.NotAccepted, refusedWith(t, err).Class, "no connection, no message")
}

func TestAMessageIsWrittenAsTheDocumentsAsk(t *testing.T) {
	t.Parallel()
	// Source: developers.weixin.qq.com, subscribeMessage.send and 模板消息接口: names of fields, and their answers.
	var got map[string]any
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cgi-bin/stable_token" {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":7200}`)
			return
		}
		got = map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&got)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","msgid":200228332}`)
	}))
	t.Cleanup(srv.Close)
	r := start(t)
	m, err := r.mini(t, func(c *configs.Wechat, _ *configs.WechatApp) { c.APIURL = srv.URL }).Messages(configs.WechatApp{
		Page: "pages/my/notice", Templates: configs.MessageTemplates{Arrivals: "TPL thing4 phrase9 thing5 thing6 thing7"},
	})
	require.NoError(t, err)
	handed, err := m.Push(t.Context(), arrivalTo("OPENID"))
	require.NoError(t, err)
	require.Equal(t, "200228332", handed.ID)
	require.Equal(t, "OPENID", got["touser"])
	require.Equal(t, "TPL", got["template_id"])
	require.Equal(t, "formal", got["miniprogram_state"])
	require.Equal(t, "zh_CN", got["lang"])
	require.True(t, strings.HasPrefix(got["page"].(string), "pages/my/notice?"))
	require.Equal(t, "已到账", got["data"].(map[string]any)["phrase9"].(map[string]any)["value"], "the platform's own numbers of the fields")

	for _, bad := range []string{"TPL thing4", "TPL phrase1 thing2 thing3 thing4 thing5", "TPL thing4 phrase9 thing4 thing6 thing7"} {
		_, err := r.mini(t).Messages(configs.WechatApp{Templates: configs.MessageTemplates{Arrivals: bad}})
		require.Error(t, err)
	}
	none, err := r.mini(t).Messages(configs.WechatApp{})
	require.NoError(t, err)
	_, err = none.Push(t.Context(), arrivalTo("OPENID"))
	require.Equal(t, &notice.SendError{Class: notice.Refused, Code: "template_not_set"}, refusedWith(t, err))
}
