package sms_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	gateway "onecard/integrations/sandbox/sms"
	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
)

const phone = "13800138000"

// filedCodes are what an account got for our texts: codes that say nothing of the kind.
func filedCodes() map[string]string {
	out := map[string]string{}
	for i, s := range notice.Templates() {
		out[string(s.Kind)] = fmt.Sprintf("SMS_%d", 152550000+i)
	}
	return out
}

type bench struct {
	gate  *gateway.Gateway
	url   string
	clock *models.ManualClock
}

// newBench serves the pretend vendor under a prefix, as the desk does, with every template of ours filed.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))}
	filed, codes := map[string]gateway.Template{}, filedCodes()
	for _, s := range notice.Templates() {
		filed[codes[string(s.Kind)]] = gateway.Template{Text: s.Text, Verification: s.Secret}
	}
	var err error
	b.gate, err = gateway.New(gateway.Config{
		AccessKeyID: "key", AccessKeySecret: "secret", SignNames: []string{notice.SignName}, Templates: filed, Now: b.clock.Now,
	})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/sms/", http.StripPrefix("/sms", b.gate.Handler()))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	b.url = srv.URL + "/sms"
	return b
}

func (b *bench) vendor(t *testing.T, change func(*sms.AliyunConfig)) *sms.Aliyun {
	t.Helper()
	cfg := sms.AliyunConfig{URL: b.url, AccessKeyID: "key", AccessSecret: "secret", SignName: notice.SignName, Templates: filedCodes(), Timeout: 2 * time.Second}
	if change != nil {
		change(&cfg)
	}
	v, err := sms.NewAliyun(cfg)
	require.NoError(t, err)
	return v
}

func message(t *testing.T, k notice.Kind, params map[string]string) notice.Message {
	t.Helper()
	p, err := models.ParsePhone(phone)
	require.NoError(t, err)
	return notice.Message{DeliveryID: models.NewID(), Kind: k, Phone: p, Params: params}
}

func requireClass(t *testing.T, err error, class notice.Class, code string) *notice.SendError {
	t.Helper()
	var e *notice.SendError
	require.ErrorAs(t, err, &e)
	require.Equal(t, class, e.Class)
	if code != "" {
		require.Equal(t, code, e.Code)
	}
	require.NotContains(t, err.Error(), phone)
	return e
}

func TestEveryTemplateGoesThroughTheVendorAndArrivesAsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v := b.vendor(t, nil)
	for _, s := range notice.Templates() {
		b.clock.Advance(time.Hour)
		d := notice.Draft{Cause: "test:1", Kind: s.Kind, PersonID: models.NewID()}
		params := map[string]string{"code": "862413"}
		if !s.Secret {
			clean, err := d.Checked(b.clock.Now())
			require.NoError(t, err)
			params = clean.Params
		}
		m := message(t, s.Kind, params)
		handed, err := v.Send(t.Context(), m)
		require.NoError(t, err, s.Kind)
		require.NotEmpty(t, handed.ID)
		got := b.gate.Messages(phone)
		last := got[len(got)-1]
		require.Equal(t, notice.Signed(s.Render(params)), last.Text)
		require.Equal(t, notice.Parts(notice.Length(last.Text)), last.Parts)
		require.Equal(t, string(m.DeliveryID), last.OutID)
		require.Equal(t, handed.ID, last.BizID)
	}
}

// A sweep sends with several workers at once; the race detector watches.
func TestMessagesGoSideBySide(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v := b.vendor(t, nil)
	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		m := message(t, notice.LossReleased, map[string]string{"time": "12月20日09时30分", "bank": "农业银行"})
		all.Go(func() { _, errs[i] = v.Send(t.Context(), m) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, b.gate.Messages(phone), len(errs))
}

func TestAWrongSecretIsRefusedAndTheMessageWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.vendor(t, func(c *sms.AliyunConfig) { c.AccessSecret = "wrong" }).Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	requireClass(t, err, notice.NotAccepted, "SignatureDoesNotMatch")
	_, err = b.vendor(t, func(c *sms.AliyunConfig) { c.AccessKeyID = "other" }).Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	requireClass(t, err, notice.NotAccepted, "InvalidAccessKeyId.NotFound")
	_, err = b.vendor(t, func(c *sms.AliyunConfig) { c.SignName = "别人" }).Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	requireClass(t, err, notice.NotAccepted, "isv.SMS_SIGNATURE_ILLEGAL")
	require.Empty(t, b.gate.Messages(""))
}

func TestATextGoesUnderTheCodeOfItsKindOrNotAtAll(t *testing.T) {
	t.Parallel()
	b, m := newBench(t), message(t, notice.LossLapsed, map[string]string{"date": "近日"})
	_, err := b.vendor(t, func(c *sms.AliyunConfig) { c.Templates = nil }).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "template_not_set")
	_, err = b.vendor(t, func(c *sms.AliyunConfig) { c.Templates[string(notice.LossLapsed)] = "SMS_1" }).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "isv.SMS_TEMPLATE_ILLEGAL")
	require.Empty(t, b.gate.Messages(""))
	_, err = b.vendor(t, nil).Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, filedCodes()[string(notice.LossLapsed)], b.gate.Messages(phone)[0].TemplateCode)
}

func TestRefusalsAreClassed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v := b.vendor(t, nil)
	_, err := v.Send(t.Context(), message(t, notice.LossLapsed, nil))
	requireClass(t, err, notice.Refused, "isv.TEMPLATE_MISSING_PARAMETERS")

	_, err = v.Send(t.Context(), message(t, notice.Code, map[string]string{"code": "862413"}))
	require.NoError(t, err)
	_, err = v.Send(t.Context(), message(t, notice.Code, map[string]string{"code": "862414"}))
	require.Equal(t, time.Minute, requireClass(t, err, notice.NotAccepted, "isv.BUSINESS_LIMIT_CONTROL").After)
	for range 4 {
		b.clock.Advance(61 * time.Second)
		_, err = v.Send(t.Context(), message(t, notice.CodePhoneChange, map[string]string{"code": "862414"}))
		require.NoError(t, err)
	}
	b.clock.Advance(61 * time.Second)
	_, err = v.Send(t.Context(), message(t, notice.Code, map[string]string{"code": "862414"}))
	require.Equal(t, 10*time.Minute, requireClass(t, err, notice.NotAccepted, "isv.BUSINESS_LIMIT_CONTROL").After)

	for code, class := range map[string]notice.Class{
		"isv.MOBILE_NUMBER_ILLEGAL": notice.Refused, "isv.AMOUNT_NOT_ENOUGH": notice.NotAccepted, "Throttling.User": notice.NotAccepted,
		"isp.SYSTEM_ERROR": notice.NotAccepted, "ServiceUnavailable": notice.FateUnknown,
	} {
		require.NoError(t, b.gate.Faults().Next("SendSms", 1, fault.Failure{Mode: fault.Refuse, Code: code}))
		_, err = v.Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
		requireClass(t, err, class, "")
	}
}

func TestSilenceIsUnknownAndADeafVendorIsSurelyNotReached(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v := b.vendor(t, func(c *sms.AliyunConfig) { c.Timeout = 300 * time.Millisecond })
	m := message(t, notice.LossLapsed, map[string]string{"date": "近日"})
	for mode, reached := range map[fault.Mode]int{fault.Hang: 0, fault.LoseReply: 1, fault.Cut: 0, fault.Garbage: 0, fault.Status: 0} {
		before := len(b.gate.Messages(phone))
		require.NoError(t, b.gate.Faults().Next("SendSms", 1, fault.Failure{Mode: mode, Status: 502}))
		_, err := v.Send(t.Context(), m)
		requireClass(t, err, notice.FateUnknown, "")
		require.Len(t, b.gate.Messages(phone), before+reached, "%s: the adapter itself never repeats", mode)
	}

	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := deaf.Addr().String()
	require.NoError(t, deaf.Close())
	_, err = b.vendor(t, func(c *sms.AliyunConfig) { c.URL = "http://" + addr }).Send(t.Context(), m)
	requireClass(t, err, notice.NotAccepted, "not_connected")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = v.Send(gone, m)
	requireClass(t, err, notice.NotAccepted, "not_connected")
}

func TestOddAnswersAreUnknownAndRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	hit := false
	for _, body := range []string{`[]`, `{}`, `"OK"`, `null`, ``, `{"Code":{"a":1}}`, `{"Code":null}`, strings.Repeat("x", 2<<20)} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }))
		t.Cleanup(srv.Close)
		_, err := newBench(t).vendor(t, func(c *sms.AliyunConfig) { c.URL = srv.URL }).Send(t.Context(), message(t, notice.LossLapsed, nil))
		requireClass(t, err, notice.FateUnknown, "")
	}
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	t.Cleanup(other.Close)
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(srv.Close)
	_, err := newBench(t).vendor(t, func(c *sms.AliyunConfig) { c.URL = srv.URL }).Send(t.Context(), message(t, notice.LossLapsed, nil))
	requireClass(t, err, notice.FateUnknown, "")
	require.False(t, hit)
}

func TestAskFindsWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v := b.vendor(t, nil)
	m := message(t, notice.LossLapsed, map[string]string{"date": "近日"})
	day := models.DateOf(b.clock.Now())
	ask := func() notice.Answer {
		answer, err := v.Ask(t.Context(), notice.Question{DeliveryID: m.DeliveryID, Phone: m.Phone, Day: day})
		require.NoError(t, err)
		return answer
	}
	require.Equal(t, notice.NeverHeard, ask().Fate)
	_, err := v.Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, notice.OnItsWay, ask().Fate, "sent, but the carrier has not answered")
	require.Equal(t, 1, b.gate.Settle(nil, "MOBILE_NOT_ON_SERVICE"))
	require.Equal(t, notice.Answer{Fate: notice.Settled, Receipt: notice.Receipt{
		Vendor: "aliyun", DeliveryID: m.DeliveryID, Phone: m.Phone, Code: "MOBILE_NOT_ON_SERVICE", At: b.clock.Now(),
	}}, ask())
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, spoil := range []func(*sms.AliyunConfig){
		func(c *sms.AliyunConfig) { c.URL = "dysmsapi.aliyuncs.com" }, func(c *sms.AliyunConfig) { c.URL = "ftp://x" },
		func(c *sms.AliyunConfig) { c.AccessSecret = "" }, func(c *sms.AliyunConfig) { c.SignName = "" },
	} {
		cfg := sms.AliyunConfig{URL: b.url, AccessKeyID: "key", AccessSecret: "secret", SignName: notice.SignName}
		spoil(&cfg)
		_, err := sms.NewAliyun(cfg)
		require.Error(t, err)
	}
}
