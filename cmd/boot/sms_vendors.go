package boot

import (
	"context"
	"time"

	"onecard/configs"
	"onecard/integrations/redis"
	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/store"
)

// carrier is one SMS vendor of the settings, under the name that its settings, receipts and rows have.
type carrier struct {
	name string
	configs.Carrier
	open func() (notice.Sender, error)
}

// carriers lists the SMS vendors that are set up, the first at home. A further one is a line here.
func (a *App) carriers() []carrier {
	c := a.cfg.SMS.Aliyun
	list := []carrier{{"aliyun", c.Carrier, func() (notice.Sender, error) {
		return sms.NewAliyun(sms.AliyunConfig{
			URL: c.URL, AccessKeyID: c.AccessKeyID, AccessSecret: c.AccessSecret.Reveal(), SignName: c.SignName,
			Templates: c.Templates.ByKind(), Filed: a.filed("aliyun"), Timeout: c.Timeout,
		})
	}}}
	if second := a.cfg.SMS.Tencent; second.SecretID != "" {
		list = append(list, carrier{"tencent", second.Carrier, func() (notice.Sender, error) { return a.openTencent() }})
	}
	return list
}

func (a *App) smsVendors() ([]sms.Vendor, error) {
	var out []sms.Vendor
	for _, c := range a.carriers() {
		sender, err := c.open()
		if err != nil {
			return nil, err
		}
		out = append(out, sms.Vendor{Name: c.name, Sender: sender})
	}
	return out, nil
}

// openSMS joins the vendors to one sender, and the caps of them to one pace.
func (a *App) openSMS() (*sms.Router, error) {
	a.book = notice.NewBook(a.db.TemplateFilings(), a.clock, filingPlaces(a.cfg))
	vendors, err := a.smsVendors()
	if err != nil {
		return nil, err
	}
	a.prices = notice.Prices{}
	a.pace = &redis.Pace{Buckets: a.redis.Buckets(float64(a.cfg.SMS.ShareWithoutRedis) / 100), PerSecond: map[string]int{}}
	for _, c := range a.carriers() {
		a.pace.PerSecond[c.name], a.prices[c.name] = c.PerSecond, c.PartPriceMilli
	}
	f := a.cfg.SMS.Failover
	router, err := sms.NewRouter(vendors, sms.Failover{Failures: f.Failures, Of: f.Of, Slow: f.Slow, CoolDown: f.CoolDown, Probes: f.Probes}, sms.RouterPorts{
		Moving: func(ctx context.Context, m notice.Message, vendor string) (bool, error) {
			return a.db.Notices().MoveDelivery(ctx, m.DeliveryID, m.Attempt, vendor)
		},
		Clock: a.clock, Log: notice.NewVendors(a.db.SMSVendors()), Room: a.pace.Room, Filed: a.barred, Watch: a.watch, Logger: a.log,
	})
	if err != nil {
		return nil, err
	}
	a.pace.Present = router.Present
	return router, nil
}

// watchingMessages are the looks at what messages cost and whether codes are used.
func (a *App) watchingMessages() []loop {
	return []loop{
		{"message costs", "", time.Minute, func(ctx context.Context) (bool, error) { return false, a.watchCosts(ctx) }},
		{"templates", "", time.Minute, func(ctx context.Context) (bool, error) { return false, a.watchTemplates(ctx) }},
		{"codes used", "", 5 * time.Minute, func(ctx context.Context) (bool, error) { return false, a.watchCodes(ctx) }},
	}
}

// dayLimits are policy's figures and the queue's own rows.
type dayLimits struct {
	*policy.Service
	sent *store.Notices
}

func (d dayLimits) SMSSince(ctx context.Context, people []models.ID, since time.Time) ([]notice.DaySMS, error) {
	return d.sent.SMSSince(ctx, people, since)
}
