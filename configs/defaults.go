package configs

import (
	"path/filepath"
	"time"
)

// Default is what holds where nothing is set. It is meant for production, so everything that must be decided is empty.
func Default() Config {
	return Config{
		Mode:    ModeProduction,
		DataDir: ".data",
		HTTP: HTTP{
			Addr: "127.0.0.1:8080", MetricsAddr: "127.0.0.1:9090",
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
			DrainWait: 5 * time.Second, FinishTimeout: 15 * time.Second, JobStopTimeout: 10 * time.Second,
			Limits: Limits{Reads: 60, Writes: 10, GuestReads: 1200, GuestWrites: 300},
		},
		Site:     Site{Hotline: "12333"},
		Sandbox:  Sandbox{Addr: "127.0.0.1:8081", Seed: 1, Fence: true},
		Database: Database{Driver: "postgres", MaxConns: 20, ReadSlots: 8, LockTimeout: 2 * time.Second, StatementTimeout: 15 * time.Second},
		Redis:    Redis{Kind: "server", Prefix: "onecard:", DialTimeout: 300 * time.Millisecond, Timeout: 200 * time.Millisecond, PoolSize: 20},
		Wechat: Wechat{
			APIURL: "https://api.weixin.qq.com", AuthorizeURL: "https://open.weixin.qq.com/connect/oauth2/authorize", Timeout: 5 * time.Second,
			MessageFresh: 5 * time.Minute, MessageBudget: 2 * time.Second,
		},
		WechatPay: WechatPay{URL: "https://api.mch.weixin.qq.com", Timeout: 5 * time.Second},
		NonTax:    NonTax{CodeLife: 72 * time.Hour, Timeout: 5 * time.Second},
		Alipay: Alipay{
			GatewayURL: "https://openapi.alipay.com/gateway.do", AuthorizeURL: "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm",
			Timeout: 5 * time.Second, MessageFresh: 5 * time.Minute, MessageBudget: 2 * time.Second,
		},
		SMS: SMS{
			QuietFrom: 21, QuietTo: 8, Parallel: 32, Aliyun: Aliyun{Carrier: Carrier{PartPriceMilli: 45}, URL: "https://dysmsapi.aliyuncs.com", Timeout: 5 * time.Second},
			Tencent:           Tencent{Carrier: Carrier{PartPriceMilli: 45}, URL: "https://sms.tencentcloudapi.com", Region: "ap-guangzhou", Timeout: 5 * time.Second},
			Failover:          Failover{Failures: 5, Of: 10, Slow: 3 * time.Second, CoolDown: 5 * time.Minute, Probes: 3},
			ShareWithoutRedis: 25, CodesUsedLeast: 30, CodesJudgedFrom: 50, TemplatesMinutes: 10,
		},
		Registry: Registry{
			Cards: CardsSource{
				Source: Source{Timeout: 3 * time.Second}, Fence: true, Kind: "feed", Form: "xml", Charset: "utf-8", City: "410300", Settle: 2 * time.Minute, GiveUp: 720 * time.Hour,
				Poll: Poll{Open: 10 * time.Minute, Work: time.Hour, Bound: 72 * time.Hour, Fresh: 15 * time.Minute},
			}, Payments: Source{Timeout: 30 * time.Second}, BudgetPerSecond: 50, CompareHour: 2,
		},
		Telephone: Telephone{
			DialOut: true, Timeout: 3 * time.Second, AfterCall: 2 * time.Minute, CodeTries: 3, Opens: "08:30", Closes: "18:00",
			CallBackIn: 2 * time.Hour, CallBackAgain: 30 * time.Minute, CallBackTries: 3, TakenFor: 30 * time.Minute,
		},
		Objects:   Objects{Kind: "folder", S3: S3{Region: "us-east-1", PathStyle: true, Timeout: 10 * time.Second}, KeepAfterEnd: 30 * 24 * time.Hour},
		Pictures:  Pictures{Waiting: 8},
		Knowledge: Knowledge{LinkHosts: []string{"hrss.henan.gov.cn", "www.henan.gov.cn"}},
		Staff:     Staff{OneTimeLife: 24 * time.Hour, PasswordAge: 90 * 24 * time.Hour, SignOn: SignOn{Timeout: 5 * time.Second}},
		Calls:     defaultCalls(),
		Memory:    Memory{GCPercent: 400, LimitMiB: 512},
		Log:       Log{Level: "info", Format: "json", Sample: 1},
	}
}

// Dev is what makes `onecard dev` run with no settings at all: embedded database and Redis, the pretend platforms,
// keys that are no secret. Outside addresses are empty, which means the desk (see AtDesk).
func Dev(dataDir string) Config {
	c := Default()
	c.Mode, c.DataDir = ModeDev, dataDir
	c.Site.Organiser, c.Site.ICP = "洛阳市人力资源和社会保障局(演示)", "演示环境,未备案"
	c.HTTP.DrainWait, c.HTTP.MetricsAddr = 0, ""
	c.Sandbox.Enabled, c.Sandbox.DemoAgent = true, true
	c.Database.Driver, c.Redis.Kind = "sqlite", "in_process"
	c.Keys = Keys{
		KEK: devKey("kek"), Index: []IndexKey{{1, devKey("index 1")}}, Audit: devKey("audit"), Idempotency: devKey("idempotency"),
		Cursor: devKey("cursor"),
	}
	c.Wechat.APIURL, c.Wechat.AuthorizeURL, c.WechatPay.URL = "", "", ""
	c.Wechat.Apps = []WechatApp{
		{Name: "mini", Kind: "mini", AppID: "wxde3000000000mini", Secret: NewSecret("desk-wechat-mini-secret"), RealPerson: true,
			ServerToken: NewSecret("deskWechatMiniToken"), EncodingAESKey: NewSecret("ZGVza1dlY2hhdE1pbmlNZXNzYWdlS2V5MDAwMDAwMDA"), Templates: DemoMessageTemplates()},
		{Name: "oa", Kind: "oa", AppID: "wxde30000000000oa1", Secret: NewSecret("desk-wechat-oa-secret"),
			ServerToken: NewSecret("deskWechatOAToken"), EncodingAESKey: NewSecret("ZGVza1dlY2hhdE9mZmljaWFsTWVzc2FnZUtleTAwMDA"), Templates: DemoMessageTemplates()},
	}
	c.WechatPay.MerchantID, c.WechatPay.Serial = "1900000109", "5157F09EFDC096DE15EBE81A47057A72"
	c.WechatPay.APIv3Key, c.WechatPay.PublicKeyID = NewSecret("desk-wechat-pay-apiv3-key-32-byt"), "PUB_KEY_ID_0119000001092021122000"
	c.NonTax.UnitCode, c.NonTax.ItemCode = "410300017001", "103044733"
	c.Staff.SignOn.ClientID, c.Staff.SignOn.Secret, c.Staff.SignOn.ACR = "onecard-console", NewSecret("desk-sign-on-secret"), []string{"urn:desk:two-factors"}
	c.Alipay.GatewayURL, c.Alipay.AuthorizeURL = "", ""
	c.Alipay.SellerID = "2088000000000109"
	c.Alipay.Apps = []AlipayApp{
		{Name: "mini", Kind: "mini", AppID: "2021000000000001", ContentKey: NewSecret("ZGVzayBhbGlwYXkga2V5IQ=="), RealPerson: true, Templates: DemoMessageTemplates()},
		{Name: "life", Kind: "life", AppID: "2021000000000002", RealPerson: true, Templates: DemoMessageTemplates()},
	}
	c.SMS.QuietFrom, c.SMS.QuietTo = 0, 0 // whoever tries things out at night sees every message at once
	c.SMS.TemplatesMinutes = 0            // the pretend vendors have every text on file, and say so when they are asked by hand
	c.SMS.Aliyun = Aliyun{
		Carrier: c.SMS.Aliyun.Carrier, AccessKeyID: "demo-sms", AccessSecret: NewSecret("desk-sms-secret"), SignName: "洛阳人社",
		CallbackToken: NewSecret("desk-sms-callback"), Templates: DemoTemplates(), Timeout: 5 * time.Second,
	}
	c.SMS.Tencent = Tencent{ //nolint:gosec // the desk's own
		SecretID: "demo-sms-tencent", SecretKey: NewSecret("desk-sms-tencent-key"), SDKAppID: "1400000001", SignName: "洛阳人社", Region: "ap-guangzhou",
		CallbackToken: NewSecret("desk-sms-tencent-callback"), Templates: DemoNumbers(), Timeout: 5 * time.Second,
	}
	c.Registry.Cards.ClientID, c.Registry.Cards.Secret = "onecard", NewSecret("desk-registry-cards-secret-not-for-use")
	c.Registry.Payments.ClientID, c.Registry.Payments.Secret = "onecard", NewSecret("desk-registry-payments-secret-not-for-use")
	c.Telephone.ClientID, c.Telephone.Secret = "onecard-12333", NewSecret("desk-telephone-secret-not-for-use")
	c.Log.Format = "text"
	return c
}

// AtDesk is a copy of c in which every empty outside address is that of the pretend platforms under desk,
// e.g. http://127.0.0.1:8081. Call it once the desk's listener is open, so that port 0 works.
func (c Config) AtDesk(desk string) Config {
	fill := func(at *string, path string) {
		if *at == "" {
			*at = desk + path
		}
	}
	fill(&c.Wechat.APIURL, "/wechat")
	fill(&c.Wechat.AuthorizeURL, "/wechat/connect/oauth2/authorize")
	fill(&c.WechatPay.URL, "/wechatpay")
	fill(&c.NonTax.URL, "/nontax")
	fill(&c.Alipay.GatewayURL, "/alipay/gateway.do")
	fill(&c.Alipay.AuthorizeURL, "/alipay/oauth2/publicAppAuthorize.htm")
	fill(&c.SMS.Aliyun.URL, "/sms")
	fill(&c.SMS.Tencent.URL, "/sms/tencent")
	if c.Registry.Cards.Kind == "query" {
		fill(&c.Registry.Cards.URL, "/registry/query")
		fill(&c.Registry.Cards.Lists, "/desk/registry/lists")
	}
	if c.Staff.SignOn.ClientID != "" {
		fill(&c.Staff.SignOn.Issuer, "/oidc")
	}
	fill(&c.Registry.Cards.URL, "/registry/cards")
	fill(&c.Registry.Payments.URL, "/registry/payments")
	if c.Telephone.ClientID != "" {
		fill(&c.Telephone.URL, "/telephone")
	}
	return c
}

// SQLiteFile is the database file of the embedded default.
func (c Config) SQLiteFile() string {
	if c.Database.DSN.IsSet() {
		return c.Database.DSN.Reveal()
	}
	return filepath.Join(c.DataDir, "onecard.db")
}

// SpoolFolder is where batches of payments are sorted.
func (c Config) SpoolFolder() string {
	if c.SpoolDir != "" {
		return c.SpoolDir
	}
	return filepath.Join(c.DataDir, "spool")
}

// ObjectsFolder is where uploads are kept when no object store is set.
func (c Config) ObjectsFolder() string {
	if c.Objects.Folder != "" {
		return c.Objects.Folder
	}
	return filepath.Join(c.DataDir, "objects")
}
