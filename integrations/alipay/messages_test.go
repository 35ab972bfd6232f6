package alipay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/sandbox/fault"
	"onecard/models"
	"onecard/models/notice"
)

const sendMini, sendLife = "alipay.open.app.mini.templatemessage.send", "alipay.open.public.message.single.send"

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

func (r rig) pushers(t *testing.T) (mini, life notice.Pusher) {
	t.Helper()
	settings := configs.AlipayApp{Name: "app", Templates: configs.DemoMessageTemplates()}
	mini, err := r.mini(t).Messages(settings)
	require.NoError(t, err)
	life, err = r.life(t).Messages(settings, "https://card.test")
	require.NoError(t, err)
	return mini, life
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

func TestR62_AnAlipayMessageArrivesOnceForEachConsentAndAtFollowers(t *testing.T) {
	t.Parallel()
	r := start(t)
	mini, life := r.pushers(t)
	require.Equal(t, notice.AlipayMini, mini.Channel())
	require.Equal(t, lifeID, life.App())
	_, err := mini.Push(t.Context(), arrivalTo(r.OpenID(miniID, "wang")))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeRefused}, refusedWith(t, err))
	_, err = life.Push(t.Context(), arrivalTo(r.OpenID(lifeID, "wang")))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeNotFollowing}, refusedWith(t, err))
	_, err = life.Push(t.Context(), arrivalTo("0-of-nobody"))
	require.Equal(t, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeUnknownUser}, refusedWith(t, err))

	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "accept"))
	require.NoError(t, r.Follow(lifeID, "wang", true))
	got, err := mini.Push(t.Context(), arrivalTo(r.OpenID(miniID, "wang")))
	require.NoError(t, err)
	require.Equal(t, "alipay_mini", got.Vendor)
	_, err = mini.Push(t.Context(), arrivalTo(r.OpenID(miniID, "wang")))
	require.Equal(t, notice.AddressGone, refusedWith(t, err).Class, "the consent is used up")
	_, err = life.Push(t.Context(), arrivalTo(r.OpenID(lifeID, "wang")))
	require.NoError(t, err)
	sent := r.Sent("wang")
	require.Len(t, sent, 2)
	require.Equal(t, got.ID, sent[0].ID)
	require.Equal(t, "住房补贴 · 已到账 · 338.00元 · 2021年12月15日存入,尾号1234 · 如有疑问请拨打12333", sent[0].Text)
	require.Equal(t, "pages/notice?id=0190b5b0-0000-7000-8000-000000000001&object=payment", sent[0].Opens)
	require.Equal(t, "https://card.test/m/notice?id=0190b5b0-0000-7000-8000-000000000001&object=payment", sent[1].Opens)
	require.NotContains(t, r.log.String(), "0-of-nobody")
}

func TestEveryKindIsTakenByAlipaysRules(t *testing.T) {
	t.Parallel()
	r := start(t)
	mini, life := r.pushers(t)
	require.NoError(t, r.Follow(lifeID, "li", true))
	for id := range filed(notice.AlipayMini) {
		require.NoError(t, r.Subscribe(miniID, "li", id, "always"))
	}
	for _, s := range notice.Templates() {
		for p, app := range map[notice.Pusher]string{mini: miniID, life: lifeID} {
			_, err := p.Push(t.Context(), notice.PushMessage{DeliveryID: models.NewID(), Kind: s.Kind, To: r.OpenID(app, "li"), Title: s.Title})
			if s.Secret {
				require.Equal(t, "template_not_set", refusedWith(t, err).Code)
				continue
			}
			require.NoError(t, err, s.Kind)
		}
	}
}

func TestAlipaysCodesOfMessagesAreClassed(t *testing.T) {
	t.Parallel()
	r := start(t)
	mini, life := r.pushers(t)
	for code, want := range map[string]*notice.SendError{
		"USER_NOT_SUBSCRIBE": {Class: notice.AddressGone, Code: notice.CodeRefused}, "isv.user-not-follow": {Class: notice.AddressGone, Code: notice.CodeNotFollowing},
		"INVALID_OPEN_ID":            {Class: notice.AddressGone, Code: notice.CodeUnknownUser},
		"20000":                      {Class: notice.NotAccepted, Code: "alipay.UNKNOW_ERROR", After: 30 * time.Second},
		"isv.app-call-limited":       {Class: notice.NotAccepted, Code: "alipay.APP_CALL_LIMITED", After: time.Minute},
		"QUOTA_EXCEEDED":             {Class: notice.NotAccepted, Code: "alipay.QUOTA_EXCEEDED", After: time.Hour},
		"isv.invalid-signature":      {Class: notice.NotAccepted, Code: "alipay.INVALID_SIGNATURE", After: 10 * time.Minute},
		"TEMPLATE_NOT_EXIST":         {Class: notice.Refused, Code: "alipay.TEMPLATE_NOT_EXIST"},
		"INVALID_PARAMETER":          {Class: notice.Refused, Code: "alipay.INVALID_PARAMETER"},
		"A_CODE_OF_A_NEWER_PLATFORM": {Class: notice.Refused, Code: "alipay.A_CODE_OF_A_NEWER_PLATFORM"},
	} {
		for method, p := range map[string]notice.Pusher{sendMini: mini, sendLife: life} {
			require.NoError(t, r.FailNext(method, 2, fault.Failure{Mode: fault.Refuse, Code: code}))
			for range 2 {
				_, err := p.Push(t.Context(), arrivalTo("0-open-id"))
				require.Equal(t, want, refusedWith(t, err), code)
			}
		}
	}
	require.Equal(t, 2, strings.Count(r.log.String(), "TEMPLATE_NOT_EXIST"), "told once by each app")
	require.NotContains(t, r.log.String(), "0-open-id")
}

func TestWithoutAlipaysAnswerTheFateOfAMessageIsUnknown(t *testing.T) {
	t.Parallel()
	r := start(t)
	cfg, app := r.settings(t, miniID, "mini")
	cfg.Timeout, app.Templates = 300*time.Millisecond, configs.DemoMessageTemplates()
	m, err := alipay.NewMiniProgram(cfg, app, r.deps())
	require.NoError(t, err)
	p, err := m.Messages(app)
	require.NoError(t, err)
	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "always"))
	openID := r.OpenID(miniID, "wang")
	for _, how := range []fault.Failure{{Mode: fault.Hang}, {Mode: fault.LoseReply}, {Mode: fault.Cut}, {Mode: fault.Status, Status: 502}, {Mode: fault.Garbage}} {
		require.NoError(t, r.FailNext(sendMini, 1, how))
		_, err := p.Push(t.Context(), arrivalTo(openID))
		require.Equal(t, &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}, refusedWith(t, err), how.Mode)
		require.NotContains(t, err.Error(), openID)
	}
	require.Len(t, r.Sent("wang"), 1, "the lost reply was of a message that arrived")

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cfg.GatewayURL = gone.URL
	m, err = alipay.NewMiniProgram(cfg, app, r.deps())
	require.NoError(t, err)
	p, err = m.Messages(app)
	require.NoError(t, err)
	_, err = p.Push(t.Context(), arrivalTo(openID))
	require.Equal(t, notice.NotAccepted, refusedWith(t, err).Class, "no connection, no message")
}

func TestAnAnswerThatAlipayDidNotSignIsNobodysWord(t *testing.T) {
	t.Parallel()
	r := start(t, altered(func(b []byte) []byte { return []byte(strings.Replace(string(b), "Success", "Succes5", 1)) }))
	mini, _ := r.pushers(t)
	require.NoError(t, r.Subscribe(miniID, "wang", "DEMO_ARRIVALS", "always"))
	_, err := mini.Push(t.Context(), arrivalTo(r.OpenID(miniID, "wang")))
	require.Equal(t, notice.FateUnknown, refusedWith(t, err).Class)
	require.Contains(t, r.log.String(), "signature")
}

func TestAnAlipayMessageIsWrittenAsTheDocumentsAsk(t *testing.T) {
	t.Parallel()
	// Source: opendocs.alipay.com, alipay.open.app.mini.templatemessage.send: names and sizes of the fields; data is a text.
	seen := make(chan string, 1)
	r := start(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			_ = q.ParseForm()
			seen <- q.Form.Get("biz_content")
			_, _ = io.WriteString(w, "{}")
		})
	})
	mini, _ := r.pushers(t)
	_, err := mini.Push(t.Context(), arrivalTo("0OPENID"))
	require.Error(t, err)
	content := <-seen
	for _, want := range []string{`"to_open_id":"0OPENID"`, `"user_template_id":"DEMO_ARRIVALS"`, `"page":"pages/notice?`, `"data":"{\"keyword1\":{\"value\":\"住房补贴\"}`} {
		require.Contains(t, content, want)
	}
}
