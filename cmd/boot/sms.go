package boot

import (
	"context"
	"time"

	"onecard/api"
	"onecard/configs"
	"onecard/integrations/sandbox"
	gateway "onecard/integrations/sandbox/sms"
	"onecard/integrations/sms"
	"onecard/models/notice"
)

// openTencent makes the second vendor's adapter, nil where it is not set up.
func (a *App) openTencent() (*sms.Tencent, error) {
	c := a.cfg.SMS.Tencent
	if c.SecretID == "" {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return sms.NewTencent(sms.TencentConfig{
		URL: c.URL, SecretID: c.SecretID, SecretKey: c.SecretKey.Reveal(), SDKAppID: c.SDKAppID, SignName: c.SignName, Region: c.Region,
		Templates: c.Templates.ByKind(), Filed: a.filed("tencent"), Timeout: c.Timeout,
	})
}

// reception takes what vendors bring, and learns from it which numbers are written to no more.
func (a *App) reception() *notice.Reception {
	return &notice.Reception{Taker: a.Notices, Handed: a.db.Notices(), Stops: a.db.SMSStops(), Journal: a.db, Clock: a.clock}
}

func (a *App) smsCallback() (*sms.Callback, error) {
	return sms.NewCallback(a.cfg.SMS.Aliyun.CallbackToken.Reveal(), a.cfg.SMS.Aliyun.CallbackSources, a.clock)
}

// tencentCallback is nil where that vendor pushes nothing to us.
func (a *App) tencentCallback() (api.SMSPushes, error) {
	c := a.cfg.SMS.Tencent
	if c.SecretID == "" || !c.CallbackToken.IsSet() {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return sms.NewTencentCallback(c.CallbackToken.Reveal(), c.CallbackSources, a.clock)
}

const (
	smsPullEvery = 10 * time.Second
	smsPullMost  = 100
)

// pullingSMS are the loops that fetch receipts and replies, where the settings say that they are not pushed.
func (a *App) pullingSMS() []loop {
	if !a.cfg.SMS.Tencent.PullReceipts {
		return nil
	}
	vendor, err := a.openTencent()
	if err != nil || vendor == nil {
		return nil // the settings were refused before
	}
	r := a.reception()
	return []loop{
		{"sms receipts", "", smsPullEvery, func(ctx context.Context) (bool, error) { return r.PullReceipts(ctx, vendor, smsPullMost) }},
		{"sms replies", "", smsPullEvery, func(ctx context.Context) (bool, error) { return r.PullReplies(ctx, vendor, smsPullMost) }},
	}
}

// SMSAddresses are where the pretend vendors push to, under our public address.
func SMSAddresses(cfg configs.Config, base string) sandbox.SMSAddresses {
	var to sandbox.SMSAddresses
	if t := cfg.SMS.Aliyun.CallbackToken; t.IsSet() {
		to.Aliyun, to.AliyunReplies = base+"/callbacks/sms/aliyun/"+t.Reveal(), base+"/callbacks/sms/aliyun/replies/"+t.Reveal()
	}
	if t := cfg.SMS.Tencent.CallbackToken; t.IsSet() {
		to.Tencent, to.TencentReplies = base+"/callbacks/sms/tencent/"+t.Reveal(), base+"/callbacks/sms/tencent/replies/"+t.Reveal()
	}
	return to
}

// filedNumbers are our texts as the second pretend carrier has them on file.
func filedNumbers() map[string]gateway.Template {
	out, filed := map[string]gateway.Template{}, configs.DemoNumbers().ByKind()
	for _, spec := range notice.Templates() {
		out[filed[string(spec.Kind)]] = gateway.Template{Text: spec.Numbered(), Verification: spec.Secret}
	}
	return out
}
