package sms_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	gateway "onecard/integrations/sandbox/sms"
	"onecard/integrations/sms"
	"onecard/integrations/sms/smstest"
	"onecard/models"
	"onecard/models/notice"
)

// other is the second pretend vendor under the prefix at which the desk serves it, with every text of ours filed.
type other struct {
	gate  *gateway.Tencent
	url   string
	clock *models.ManualClock
}

func filedNumbers() map[string]string {
	out := map[string]string{}
	for i, s := range notice.Templates() {
		out[string(s.Kind)] = fmt.Sprint(1830000 + i)
	}
	return out
}

func newOther(t *testing.T, change func(*gateway.TencentConfig)) *other {
	t.Helper()
	o := &other{clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))}
	filed, codes := map[string]gateway.Template{}, filedNumbers()
	for _, s := range notice.Templates() {
		filed[codes[string(s.Kind)]] = gateway.Template{Text: s.Numbered(), Verification: s.Secret}
	}
	cfg := gateway.TencentConfig{SecretID: "id", SecretKey: "key", SDKAppID: "1400006666", SignNames: []string{notice.SignName}, Templates: filed, Now: o.clock.Now}
	if change != nil {
		change(&cfg)
	}
	var err error
	o.gate, err = gateway.NewTencent(cfg)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/sms/tencent/", http.StripPrefix("/sms/tencent", o.gate.Handler()))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	o.url = srv.URL + "/sms/tencent"
	return o
}

func (o *other) vendor(t *testing.T, change func(*sms.TencentConfig)) *sms.Tencent {
	t.Helper()
	cfg := sms.TencentConfig{
		URL: o.url, SecretID: "id", SecretKey: "key", SDKAppID: "1400006666", SignName: notice.SignName, Region: "ap-guangzhou", Templates: filedNumbers(), Timeout: 2 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	v, err := sms.NewTencent(cfg)
	require.NoError(t, err)
	return v
}

func failing(p *fault.Plan) func(t *testing.T, mode, code string) {
	return func(t *testing.T, mode, code string) {
		t.Helper()
		require.NoError(t, p.Next("SendSms", 1, fault.Failure{Mode: fault.Mode(mode), Code: code}))
	}
}

func arrived(messages func(string) []gateway.Message) func(string) []smstest.Arrived {
	return func(phone string) (out []smstest.Arrived) {
		for _, m := range messages(phone) {
			out = append(out, smstest.Arrived{Text: m.Text, DeliveryID: m.OutID, VendorID: m.BizID, Parts: m.Parts})
		}
		return out
	}
}

func pushing(push func(context.Context, *http.Client, string) (int, error)) func(context.Context, string) (int, error) {
	return func(ctx context.Context, to string) (int, error) { return push(ctx, http.DefaultClient, to) }
}

func TestAliyunKeepsWhatEveryVendorKeeps(t *testing.T) {
	t.Parallel()
	smstest.Run(t, func(t *testing.T) *smstest.Vendor {
		b := newBench(t)
		return &smstest.Vendor{
			Name: "aliyun", Clock: b.clock,
			Adapter: func(t *testing.T, s smstest.Setting) smstest.Adapter {
				return b.vendor(t, func(c *sms.AliyunConfig) {
					setAliyun(c, s)
				})
			},
			Pushes: func(t *testing.T) smstest.Pushes { return newCallback(t) },
			Fail:   failing(b.gate.Faults()), Arrived: arrived(b.gate.Messages), Settle: func(code string) int { return b.gate.Settle(nil, code) },
			Reply: b.gate.Reply, Push: pushing(b.gate.Push), PushReplies: pushing(b.gate.PushReplies), Ack: `{"code":0,"msg":"ok"}`,
			Throttle: "Throttling.User", Refusal: "isv.BLACKLIST", NoMoney: "isv.AMOUNT_NOT_ENOUGH", DeadCode: "MOBILE_NOT_ON_SERVICE",
			Code: func(k notice.Kind) string { return filedCodes()[string(k)] }, Decide: deciding(b.gate.Decide),
			File: func(t *testing.T, f notice.Filing) string {
				code := fmt.Sprintf("SMS_%d", len(f.Body))
				b.gate.File(code, gateway.Template{Text: f.Body})
				return code
			},
		}
	})
}

func deciding(decide func(code string, r gateway.Review, reason string) error) func(t *testing.T, code, review, reason string) {
	return func(t *testing.T, code, review, reason string) {
		t.Helper()
		require.NoError(t, decide(code, gateway.Review(review), reason))
	}
}

func setAliyun(c *sms.AliyunConfig, s smstest.Setting) {
	if s.URL != "" {
		c.URL = s.URL
	}
	if s.WrongSecret {
		c.AccessSecret = "wrong"
	}
	if s.NoTemplates {
		c.Templates = nil
	}
	if s.Timeout > 0 {
		c.Timeout = s.Timeout
	}
	c.Filed = s.Filed
}

func TestTencentKeepsWhatEveryVendorKeeps(t *testing.T) {
	t.Parallel()
	smstest.Run(t, func(t *testing.T) *smstest.Vendor {
		o := newOther(t, nil)
		return &smstest.Vendor{
			Name: "tencent", Clock: o.clock,
			Adapter: func(t *testing.T, s smstest.Setting) smstest.Adapter {
				return o.vendor(t, func(c *sms.TencentConfig) {
					setTencent(c, s)
				})
			},
			Pushes: func(t *testing.T) smstest.Pushes { return newTencentCallback(t, o.clock) },
			Fail:   failing(o.gate.Faults()), Arrived: arrived(o.gate.Messages), Settle: func(code string) int { return o.gate.Settle(nil, code) },
			Reply: o.gate.Reply, Push: pushing(o.gate.Push), PushReplies: pushing(o.gate.PushReplies), Ack: `{"result":0,"errmsg":"OK"}`,
			Throttle: "RequestLimitExceeded", Refusal: "FailedOperation.PhoneNumberInBlacklist", NoMoney: "FailedOperation.InsufficientBalanceInSmsPackage",
			DeadCode: "MK:0001", BySerial: true,
			Code: func(k notice.Kind) string { return filedNumbers()[string(k)] }, Numbered: true, Decide: deciding(o.gate.Decide),
			File: func(t *testing.T, f notice.Filing) string {
				code := fmt.Sprint(len(f.Body))
				o.gate.File(code, gateway.Template{Text: f.Numbered()})
				return code
			},
		}
	})
}

func setTencent(c *sms.TencentConfig, s smstest.Setting) {
	if s.URL != "" {
		c.URL = s.URL
	}
	if s.WrongSecret {
		c.SecretKey = "wrong"
	}
	if s.NoTemplates {
		c.Templates = nil
	}
	if s.Timeout > 0 {
		c.Timeout = s.Timeout
	}
	c.Filed = s.Filed
}

func newTencentCallback(t *testing.T, clock models.Clock, sources ...string) *sms.TencentCallback {
	t.Helper()
	c, err := sms.NewTencentCallback(smstest.Token, sources, clock)
	require.NoError(t, err)
	return c
}
