package configs

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the generated documents")

func key(purpose string) Key { return NewKey(sha256.Sum256([]byte("a test's own key: " + purpose))) }

// production is a set of settings that production accepts.
func production() Config {
	c := Default()
	long := NewSecret(strings.Repeat("0123456789abcdef", 3))
	c.HTTP.PublicURL = "https://card.example.cn"
	c.Site.Organiser, c.Site.ICP = "洛阳市人力资源和社会保障局", "豫ICP备00000000号-1"
	c.Database.DSN = NewSecret("postgres://onecard@db/onecard")
	c.Redis.Addr = "redis:6379"
	c.Keys = Keys{
		KEK: key("kek"), Index: []IndexKey{{1, key("i1")}, {2, key("i2")}}, Audit: key("audit"), Idempotency: key("idem"),
		Cursor: key("cursor"),
	}
	c.Wechat.Apps = []WechatApp{{Name: "mini", Kind: "mini", AppID: "wx1", Secret: long}}
	c.Alipay.Apps = []AlipayApp{{Name: "mini", Kind: "mini", AppID: "2021", PrivateKey: long, AppCertPath: "a", RootCertPath: "b", AlipayCertPath: "c"}}
	c.Registry.Cards.URL, c.Registry.Cards.ClientID, c.Registry.Cards.Secret = "https://cards.example.cn/registry", "us", long
	c.Registry.Payments.URL, c.Registry.Payments.ClientID, c.Registry.Payments.Secret = "https://pay.example.cn/registry", "us", long
	c.SMS.Aliyun.AccessKeyID, c.SMS.Aliyun.AccessSecret, c.SMS.Aliyun.SignName, c.SMS.Aliyun.CallbackToken = "id", long, "洛阳人社", long
	for i, l := range leavesOf(&c) {
		if strings.HasPrefix(l.key, "sms.aliyun.templates.") {
			l.value.SetString(fmt.Sprintf("SMS_%d", 152550000+i))
		}
	}
	return c
}

// merchant is a whole merchant account.
func merchant() WechatPay {
	return WechatPay{URL: "https://api.mch.weixin.qq.com", MerchantID: "19", Serial: "5157", PrivateKey: NewSecret("k"), APIv3Key: NewSecret(strings.Repeat("x", 32)),
		PublicKeyID: "PUB_KEY_ID_1", PublicKey: "p", Timeout: time.Second}
}

// carrier is a whole account at the second carrier.
func carrier() Tencent {
	t := Tencent{
		URL: "https://sms.tencentcloudapi.com", SecretID: "AKID", SecretKey: NewSecret("a-secret-of-the-carrier"), SDKAppID: "1400006666", SignName: "洛阳人社", Region: "ap-guangzhou",
		CallbackToken: NewSecret("a-token-of-ours-for-it"), Timeout: time.Second,
	}
	n := 1830000
	walk(reflect.ValueOf(&t.Templates).Elem(), "", "", func(l leaf) { n++; l.value.SetString(strconv.Itoa(n)) }, func(list) {})
	return t
}

// unit is a whole collecting unit.
func unit() NonTax {
	return NonTax{URL: "https://nontax.example.cn", UnitCode: "410300001", ItemCode: "103", PrivateKey: NewSecret("k"), PublicKey: "p", CodeLife: time.Hour, Timeout: time.Second}
}

// exchange is a whole telephone system.
func exchange() Telephone {
	t := Default().Telephone
	t.URL, t.ClientID, t.Secret = "https://pbx.example.cn", "onecard", NewSecret("a-secret-shared-with-the-exchange-0")
	return t
}

func TestProductionAcceptsWhatIsComplete(t *testing.T) {
	t.Parallel()
	require.NoError(t, production().Validate())
	c := production()
	c.WechatPay = merchant()
	c.Alipay.SellerID, c.NonTax = "2088102146225135", unit()
	require.NoError(t, c.Validate())
	c.SMS.Tencent = carrier()
	require.NoError(t, c.Validate())
	c.Telephone = exchange()
	require.NoError(t, c.Validate())
	c.SMS.Tencent.CallbackToken, c.SMS.Tencent.PullReceipts = Secret{}, true
	require.NoError(t, c.Validate())
	c.WechatPay.PublicKey, c.WechatPay.PublicKeyID, c.WechatPay.PlatformCerts = "", "", []string{"platform.pem"}
	require.NoError(t, c.Validate())
}

func TestAnObjectStoreIsNamedWhole(t *testing.T) {
	t.Parallel()
	store := func() Config {
		c := production()
		c.Objects.Kind, c.Objects.S3.URL, c.Objects.S3.Bucket, c.Objects.S3.AccessKey = "s3", "https://s3.example.cn", "onecard-pictures", "onecard"
		c.Objects.S3.SecretKey = NewSecret("a-secret-of-the-store")
		return c
	}
	require.NoError(t, store().Validate())
	for want, change := range map[string]func(*S3){
		"objects.s3.url: is empty":           func(s *S3) { s.URL = "" },
		"objects.s3.url: must be an https":   func(s *S3) { s.URL = "http://s3.example.cn" },
		"objects.s3.url: is not an address":  func(s *S3) { s.URL = "https://s3.example.cn/onecard-pictures" },
		"objects.s3.region: is empty":        func(s *S3) { s.Region = "" },
		"objects.s3.bucket: is not the name": func(s *S3) { s.Bucket = "One_Card" },
		"objects.s3.access_key: is empty":    func(s *S3) { s.AccessKey = "" },
		"objects.s3.secret_key: is empty":    func(s *S3) { s.SecretKey = Secret{} },
		"objects.s3.secret_key: is shorter":  func(s *S3) { s.SecretKey = NewSecret("short") },
		"objects.s3.timeout: must be longer": func(s *S3) { s.Timeout = 0 },
	} {
		c := store()
		change(&c.Objects.S3)
		require.ErrorContains(t, c.Validate(), want)
	}
	c := store()
	c.Objects.KeepAfterEnd = 0
	require.ErrorContains(t, c.Validate(), "objects.keep_after_end:")
}

// asked is production with a cards source that is only asked.
func asked() Config {
	c := production()
	c.Registry.Cards.Kind, c.Registry.Cards.Form, c.Registry.Cards.Charset, c.Registry.Cards.Lists = "query", "pipe", "gb18030", "/etc/onecard/lists.json"
	c.Registry.Cards.Secret = NewSecret("of-the-bureau")
	return c
}

func TestASourceThatIsOnlyAskedIsNamedWhole(t *testing.T) {
	t.Parallel()
	require.NoError(t, asked().Validate())
	for want, change := range map[string]func(*CardsSource){
		"registry.cards.kind: must be one of":                 func(s *CardsSource) { s.Kind = "ftp" },
		"registry.cards.form: must be one of":                 func(s *CardsSource) { s.Form = "json" },
		"registry.cards.charset: must be one of":              func(s *CardsSource) { s.Charset = "big5" },
		"registry.cards.lists: is empty":                      func(s *CardsSource) { s.Lists = "" },
		"registry.cards.lists: must be a file or an https":    func(s *CardsSource) { s.Lists = "http://lists.example.cn" },
		"registry.cards.city: is not a code":                  func(s *CardsSource) { s.City = "洛阳" },
		"registry.cards.settle: must be at least twice":       func(s *CardsSource) { s.Settle = 4 * time.Second },
		"registry.cards.settle: must be 30s or more":          func(s *CardsSource) { s.Settle = 20 * time.Second },
		"registry.cards.settle: must be 1h or less":           func(s *CardsSource) { s.Settle = 2 * time.Hour },
		"registry.cards.give_up: must be 72h or more":         func(s *CardsSource) { s.GiveUp = 71 * time.Hour },
		"registry.cards.poll.bound: must be longer":           func(s *CardsSource) { s.Poll.Bound = 0 },
		"registry.cards.secret: is missing or shorter than 8": func(s *CardsSource) { s.Secret = NewSecret("short") },
		"registry.cards.url: must be an https":                func(s *CardsSource) { s.URL = "http://cards" },
	} {
		c := asked()
		change(&c.Registry.Cards)
		require.ErrorContains(t, c.Validate(), want)
	}
	dev := Dev(".data")
	dev.Registry.Cards.Kind = "query"
	require.NoError(t, dev.Validate())
	at := dev.AtDesk("http://desk")
	require.Equal(t, "http://desk/registry/query", at.Registry.Cards.URL)
	require.Equal(t, "http://desk/desk/registry/lists", at.Registry.Cards.Lists)
}

func TestProductionRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"sandboxes":                   {func(c *Config) { c.Sandbox.Enabled = true }, "sandbox.enabled:"},
		"a desk elsewhere":            {func(c *Config) { c.Sandbox.URL = "http://desk:8081" }, "sandbox.url:"},
		"no call at once":             {func(c *Config) { c.SMS.Parallel = 0 }, "sms.parallel:"},
		"a sender by name":            {func(c *Config) { c.SMS.Senders = []string{"洛阳人社"} }, "sms.senders:"},
		"an hour of 25":               {func(c *Config) { c.SMS.QuietFrom = 25 }, "sms.quiet_from:"},
		"the demo agent":              {func(c *Config) { c.Sandbox.DemoAgent = true }, "sandbox.demo_agent:"},
		"sqlite":                      {func(c *Config) { c.Database.Driver = "sqlite" }, "database.driver:"},
		"in-process redis":            {func(c *Config) { c.Redis.Kind = "in_process" }, "redis.kind:"},
		"a missing key":               {func(c *Config) { c.Keys.Audit = Key{} }, "keys.audit: is empty"},
		"a weak key":                  {func(c *Config) { c.Keys.Audit = NewKey([32]byte{1, 2, 3}) }, "keys.audit: is weak"},
		"a demo key":                  {func(c *Config) { c.Keys.KEK = Dev("").Keys.KEK }, "keys.kek: is weak or the demo's"},
		"one key twice":               {func(c *Config) { c.Keys.Cursor = c.Keys.Audit }, "keys.cursor: is the same as keys.audit"},
		"no index key":                {func(c *Config) { c.Keys.Index = nil }, "keys.index: has no entry"},
		"an index version 0":          {func(c *Config) { c.Keys.Index[0].Version = 0 }, "keys.index.0.version:"},
		"plain http registry":         {func(c *Config) { c.Registry.Cards.URL = "http://cards/registry" }, "registry.cards.url: must be an https"},
		"plain http wechat":           {func(c *Config) { c.Wechat.APIURL = "http://api" }, "wechat.api_url: must be an https"},
		"plain http sms":              {func(c *Config) { c.SMS.Aliyun.URL = "http://sms" }, "sms.aliyun.url: must be an https"},
		"plain http for us":           {func(c *Config) { c.HTTP.PublicURL = "http://card" }, "http.public_url:"},
		"a path behind us":            {func(c *Config) { c.HTTP.PublicURL = "https://card.example.cn/" }, "http.public_url: is not an address"},
		"nothing for us":              {func(c *Config) { c.HTTP.PublicURL = "https://" }, "http.public_url: is not an address"},
		"the demo's secret":           {func(c *Config) { c.Wechat.Apps[0].Secret = Dev("").Wechat.Apps[1].Secret }, "wechat.apps.0.secret: is the demo's"},
		"the demo's AES key":          {func(c *Config) { c.Alipay.Apps[0].ContentKey = Dev("").Alipay.Apps[0].ContentKey }, "alipay.apps.0.content_key: is the demo's"},
		"no registry address":         {func(c *Config) { c.Registry.Payments.URL = "" }, "registry.payments.url: is empty"},
		"a demo secret":               {func(c *Config) { c.Registry.Cards.Secret = Dev("").Registry.Cards.Secret }, "registry.cards.secret:"},
		"a short app secret":          {func(c *Config) { c.Wechat.Apps[0].Secret = NewSecret("x") }, "wechat.apps.0.secret:"},
		"nobody to log in":            {func(c *Config) { c.Wechat.Apps, c.Alipay.Apps = nil, nil }, "wechat.apps:"},
		"an app twice":                {func(c *Config) { c.Wechat.Apps = append(c.Wechat.Apps, c.Wechat.Apps[0]) }, "wechat.apps.1.app_id: stands twice"},
		"a merchant without serial":   {func(c *Config) { c.WechatPay = merchant(); c.WechatPay.Serial = "" }, "wechat_pay.serial:"},
		"a merchant without its key":  {func(c *Config) { c.WechatPay = merchant(); c.WechatPay.PrivateKey = Secret{} }, "wechat_pay.private_key:"},
		"a short APIv3 key":           {func(c *Config) { c.WechatPay = merchant(); c.WechatPay.APIv3Key = NewSecret("short") }, "wechat_pay.apiv3_key:"},
		"the demo's APIv3 key":        {func(c *Config) { c.WechatPay = merchant(); c.WechatPay.APIv3Key = Dev("").WechatPay.APIv3Key }, "wechat_pay.apiv3_key: is the demo's"},
		"nobody to believe":           {func(c *Config) { c.WechatPay = merchant(); c.WechatPay.PublicKey = "" }, "wechat_pay.public_key:"},
		"alipay without certificates": {func(c *Config) { c.Alipay.Apps[0].RootCertPath = "" }, "alipay.apps.0.app_cert_path:"},
		"no merchant account":         {func(c *Config) { c.Alipay.SellerID = "19000001" }, "alipay.seller_id: is not a merchant account"},
		"the demo's merchant account": {func(c *Config) { c.Alipay.SellerID = Dev("").Alipay.SellerID }, "alipay.seller_id: is the demo's"},
		"a merchant without an app":   {func(c *Config) { c.Alipay.SellerID, c.Alipay.Apps = "2088102146225135", nil }, "alipay.seller_id: takes fees for nobody"},
		"a unit without an item":      {func(c *Config) { c.NonTax = unit(); c.NonTax.ItemCode = "" }, "non_tax.item_code:"},
		"a unit without its key":      {func(c *Config) { c.NonTax = unit(); c.NonTax.PrivateKey = Secret{} }, "non_tax.private_key:"},
		"a unit that believes nobody": {func(c *Config) { c.NonTax = unit(); c.NonTax.PublicKey = "" }, "non_tax.public_key:"},
		"a unit without an address":   {func(c *Config) { c.NonTax = unit(); c.NonTax.URL = "" }, "non_tax.url:"},
		"a code for a moment":         {func(c *Config) { c.NonTax = unit(); c.NonTax.CodeLife = time.Minute }, "non_tax.code_life:"},
		"the demo's unit":             {func(c *Config) { c.NonTax = unit(); c.NonTax.UnitCode = Dev("").NonTax.UnitCode }, "non_tax.unit_code: is the demo's"},
		"a text without a code":       {func(c *Config) { c.SMS.Aliyun.Templates.Arrival = "" }, "sms.aliyun.templates.arrival: is empty"},
		"a code of the demo's":        {func(c *Config) { c.SMS.Aliyun.Templates.Bound = DemoTemplates().Bound }, "sms.aliyun.templates.bound: is not a code"},
		"a code twice":                {func(c *Config) { c.SMS.Aliyun.Templates.Unbound = c.SMS.Aliyun.Templates.Bound }, "sms.aliyun.templates.unbound: is the same as sms.aliyun.templates.bound"},
		"half a second carrier":       {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.SecretKey = Secret{} }, "sms.tencent.secret_key:"},
		"a second carrier's app":      {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.SDKAppID = "x" }, "sms.tencent.sdk_app_id:"},
		"no receipts from it":         {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.CallbackToken = Secret{} }, "sms.tencent.callback_token: is empty and"},
		"a text not filed there":      {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.Templates.Arrival = "" }, "sms.tencent.templates.arrival: is empty"},
		"the other carrier's code":    {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.Templates.Arrival = "SMS_152550005" }, "sms.tencent.templates.arrival: is not a code"},
		"a number of the demo's":      {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.Templates.Bound = DemoNumbers().Bound }, "sms.tencent.templates.bound: is not a code"},
		"its demo key":                {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.SecretKey = Dev("").SMS.Tencent.SecretKey }, "sms.tencent.secret_key: is the demo's"},
		"its plain address":           {func(c *Config) { c.SMS.Tencent = carrier(); c.SMS.Tencent.URL = "http://sms" }, "sms.tencent.url: must be an https"},
		"receipts from everybody":     {func(c *Config) { c.SMS.Aliyun.CallbackSources = []string{"::/0"} }, "sms.aliyun.callback_sources:"},
		"a share above all":           {func(c *Config) { c.SMS.ShareWithoutRedis = 101 }, "sms.share_without_redis:"},
		"texts asked for before now":  {func(c *Config) { c.SMS.TemplatesMinutes = -1 }, "sms.templates_minutes:"},
		"a budget below nothing":      {func(c *Config) { c.SMS.DailyBudgetFen = -1 }, "sms.daily_budget_fen:"},
		"more failures than calls":    {func(c *Config) { c.SMS.Failover.Of = 4 }, "sms.failover.of:"},
		"no probe":                    {func(c *Config) { c.SMS.Failover.Probes = 0 }, "sms.failover.probes:"},
		"a cap below nothing":         {func(c *Config) { c.SMS.Aliyun.PerSecond = -1 }, "sms.aliyun.per_second:"},
		"a telephone without secret":  {func(c *Config) { c.Telephone.ClientID, c.Telephone.URL = "x", "https://pbx.example.cn" }, "telephone.secret: is empty"},
		"a telephone's short secret":  {func(c *Config) { c.Telephone = exchange(); c.Telephone.Secret = NewSecret("short") }, "telephone.secret: is missing or shorter"},
		"the demo's telephone":        {func(c *Config) { c.Telephone = exchange(); c.Telephone.Secret = Dev("").Telephone.Secret }, "telephone.secret: is the demo's"},
		"nobody to dial":              {func(c *Config) { c.Telephone = exchange(); c.Telephone.URL = "" }, "telephone.dial_out: needs telephone.url"},
		"a plain exchange":            {func(c *Config) { c.Telephone = exchange(); c.Telephone.URL = "http://pbx" }, "telephone.url: must be an https"},
		"an exchange without a name":  {func(c *Config) { c.Telephone = exchange(); c.Telephone.ClientID = "" }, "telephone.client_id: is empty"},
		"a day that never ends":       {func(c *Config) { c.Telephone.Closes = "08:00" }, "telephone.closes:"},
		"no time of day":              {func(c *Config) { c.Telephone.Opens = "8:30" }, "telephone.opens:"},
		"codes without end":           {func(c *Config) { c.Telephone.CodeTries = 9 }, "telephone.code_tries:"},
		"notes for a day":             {func(c *Config) { c.Telephone.AfterCall = 24 * time.Hour }, "telephone.after_call:"},
		"a call back at once":         {func(c *Config) { c.Telephone.CallBackIn = 0 }, "telephone.call_back_in:"},
		"everybody's proxy":           {func(c *Config) { c.HTTP.TrustedProxies = []string{"0.0.0.0/0"} }, "http.trusted_proxies:"},
		"a district without a key":    {func(c *Config) { c.Orders.Districts = []OrderDistrict{{"民政局", "410303", Key{}}} }, "orders.districts.0.key: is empty"},
		"a district with our key":     {func(c *Config) { c.Orders.Districts = []OrderDistrict{{"民政局", "410303", c.Keys.Audit}} }, "is the same as"},
		"a district by name":          {func(c *Config) { c.Orders.Districts = []OrderDistrict{{"民政局", "西工区", key("d")}} }, "orders.districts.0: needs"},
		"a district twice": {func(c *Config) {
			d := OrderDistrict{"民政局", "410303", key("d")}
			c.Orders.Districts = []OrderDistrict{d, d}
		}, "orders.districts.1: stands twice"},
		"an endless wait":          {func(c *Config) { c.Registry.Cards.Timeout = 0 }, "registry.cards.timeout:"},
		"an unknown word":          {func(c *Config) { c.Log.Level = "loud" }, "log.level: must be one of"},
		"a password in an address": {func(c *Config) { c.OIDC.URL = "https://u:p@h" }, "oidc.url:"},
		"braces in the prefix":     {func(c *Config) { c.Redis.Prefix = "{x}" }, "redis.prefix:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := production()
			tc.change(&c)
			require.ErrorContains(t, c.Validate(), tc.want)
		})
	}
}

func TestProductionAsksForNothingThatNobodyReads(t *testing.T) {
	t.Parallel()
	c := production()
	c.Wechat.Apps[0].Kind = "oa"
	require.ErrorContains(t, c.Validate(), "wechat.apps.0.server_token", "an official account hears who follows it")
	c.Wechat.Apps[0].Kind = "mini"
	c.WechatPay.URL = ""
	require.NoError(t, c.Validate(), "an address that nothing asks yet")
	_, err := Load(Dev(".data"), "", []string{"ONECARD_WECHAT_APPS_1_TOKEN=x", "ONECARD_REGISTRY_PAYMENTS_FENCE=true"})
	for _, gone := range []string{"ONECARD_WECHAT_APPS_1_TOKEN", "ONECARD_REGISTRY_PAYMENTS_FENCE"} {
		require.ErrorContains(t, err, gone+": is no setting")
	}
	c, err = Load(Dev(".data"), write(t, "registry:\n  cards: {fence: false, timeout: 2s}\n"), nil)
	require.NoError(t, err)
	require.False(t, c.Registry.Cards.Fence, "commands go to the cards source alone")
	require.Equal(t, 2*time.Second, c.Registry.Cards.Timeout)
	_, err = Load(Dev(".data"), write(t, "registry:\n  payments: {fence: true}\n"), nil)
	require.ErrorContains(t, err, "registry.payments.fence: is no setting")
}

func TestServeWithoutSettingsListsWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := Load(Default(), "", nil)
	for _, want := range []string{"database.dsn", "redis.addr", "keys.kek", "http.public_url", "registry.cards.url", "wechat.apps", "sms.aliyun.templates.code", "sms.aliyun.templates.unbound"} {
		require.ErrorContains(t, err, want)
	}
}

func TestDevMeansTheDesk(t *testing.T) {
	t.Parallel()
	c := Dev(".data").AtDesk("http://127.0.0.1:4321")
	require.Equal(t, "http://127.0.0.1:4321/registry/cards", c.Registry.Cards.URL)
	require.Equal(t, "http://127.0.0.1:4321/wechat", c.Wechat.APIURL)
	c = Dev(".data")
	c.Sandbox.Enabled, c.Sandbox.URL = false, "http://127.0.0.1:8081"
	require.NoError(t, c.Validate(), "a worker may use the desk of another process")
	c.Sandbox.URL = ""
	require.ErrorContains(t, c.Validate(), "registry.cards.url: is empty")
	c = Dev(".data")
	c.Registry.Cards.URL = "http://other"
	require.Equal(t, "http://other", c.AtDesk("http://desk").Registry.Cards.URL, "what is set stays")
}

func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "configuration.md")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(Document()), 0o644))
	}
	onDisk, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(onDisk), Document(), "run make golden")
}
