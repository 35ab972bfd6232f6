package configs

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validate checks the settings against each other and against the mode, and tells every finding at once.
// What only the open database can tell (a named arrival sender, a fee route) is checked by policy at start.
func (c Config) Validate() error {
	found := Findings{}
	for _, l := range leavesOf(&c) {
		if l.oneOf != nil && !slices.Contains(l.oneOf, fmt.Sprint(l.value.Interface())) {
			found.add(l.key, "must be one of %s", strings.Join(l.oneOf, ", "))
		}
		if d, ok := l.value.Interface().(time.Duration); ok && (d < 0 || d == 0 && l.key != "http.drain_wait") {
			found.add(l.key, "must be longer than nothing; an endless wait is never wanted")
		}
	}
	c.always(&found)
	for _, host := range c.Knowledge.LinkHosts {
		if !hostForm.MatchString(host) {
			found.add("knowledge.link_hosts", "has an entry that is no host name; write www.example.gov.cn, without https:// and without a port")
		}
	}
	c.messages(&found)
	c.staff(&found)
	if c.Mode == ModeProduction {
		c.inProduction(&found)
	}
	return found.err()
}

// longestCardsCall stays below the lease of one attempt of a command (models/card).
const longestCardsCall = 3 * time.Second

var bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// asksCards reports whether the cards source is asked person by person.
func (c Config) asksCards() bool { return c.Registry.Cards.Kind == "query" }

var hostForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)

var cityForm = regexp.MustCompile(`^[0-9]{6}$`)

var monthForm = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)

// always holds in every mode.
func (c Config) always(found *Findings) {
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{c.DataDir == "", "data_dir", "is empty; name a folder"},
		{c.SpoolDir != "" && filepath.Clean(c.SpoolDir) == filepath.Clean(c.DataDir), "spool_dir", "is data_dir itself; name a folder of its own, old files in it are dropped"},
		{!listens(c.HTTP.Addr), "http.addr", "is not host:port; write 127.0.0.1:8080"},
		{c.HTTP.PublicURL != "" && !anOrigin(c.HTTP.PublicURL), "http.public_url", "is not an address like https://host, with nothing behind it; pages and callbacks are put behind it"},
		{c.HTTP.MetricsAddr != "" && !listens(c.HTTP.MetricsAddr), "http.metrics_addr", "is not host:port; write 127.0.0.1:9090, or leave it empty"},
		{c.Sandbox.Enabled && !listens(c.Sandbox.Addr), "sandbox.addr", "is not host:port; write 127.0.0.1:8081"},
		{c.Sandbox.StartMonth != "" && !monthForm.MatchString(c.Sandbox.StartMonth), "sandbox.start_month", "is not a month; write 2021-12"},
		{c.HTTP.Limits.Reads < 1, "http.limits.reads", "must be 1 or more"},
		{c.HTTP.Limits.Writes < 1, "http.limits.writes", "must be 1 or more"},
		{c.HTTP.Limits.GuestReads < 1, "http.limits.guest_reads", "must be 1 or more"},
		{c.HTTP.Limits.GuestWrites < 1, "http.limits.guest_writes", "must be 1 or more"},
		{c.Database.Driver == "postgres" && !c.Database.DSN.IsSet(), "database.dsn", "is empty; write postgres://user:password@host/database"},
		{c.Database.MaxConns < 2, "database.max_conns", "must be 2 or more"},
		{c.Database.ReadSlots < 1, "database.read_slots", "must be 1 or more"},
		{c.Redis.Kind == "server" && !listens(c.Redis.Addr), "redis.addr", "is not host:port of the Redis server"},
		{c.Redis.Kind == "server" && c.Redis.Prefix == "", "redis.prefix", "is empty; two installations on one server would mix"},
		{strings.ContainsAny(c.Redis.Prefix, "{}"), "redis.prefix", "must not contain braces; they decide on which node a key lives"},
		{c.Redis.PoolSize < 1, "redis.pool_size", "must be 1 or more"},
		{c.Registry.Cards.Timeout > longestCardsCall, "registry.cards.timeout", "must be 3s or less; an attempt holds its command for 4s, and a later answer would count for nobody"},
		{c.asksCards() && c.Registry.Cards.Lists == "" && !c.hasDesk(), "registry.cards.lists", "is empty; a source that is asked tells no banks and outlets, and a loss report names the bank"},
		{c.asksCards() && !cityForm.MatchString(c.Registry.Cards.City), "registry.cards.city", "is not a code of GB/T 2260; write 410300"},
		{c.asksCards() && c.Registry.Cards.Settle < 2*c.Registry.Cards.Timeout, "registry.cards.settle", "must be at least twice registry.cards.timeout: a copy of a command may be on its way so long"},
		{c.asksCards() && c.Registry.Cards.GiveUp < 72*time.Hour, "registry.cards.give_up", "must be 72h or more; a registry may be mended within that"},
		{c.asksCards() && c.Registry.Cards.Settle > time.Hour, "registry.cards.settle", "must be 1h or less; a release without an answer waits so long"},
		{c.Registry.BudgetPerSecond < 1, "registry.budget_per_second", "must be 1 or more"},
		{c.Registry.CompareHour < 0 || c.Registry.CompareHour > 23, "registry.compare_hour", "is not an hour from 0 to 23"},
		{c.SMS.Parallel < 1 || c.SMS.Parallel > 256, "sms.parallel", "is not a number from 1 to 256"},
		{c.SMS.QuietFrom < 0 || c.SMS.QuietFrom > 23, "sms.quiet_from", "is not an hour from 0 to 23"},
		{c.SMS.QuietTo < 0 || c.SMS.QuietTo > 23, "sms.quiet_to", "is not an hour from 0 to 23"},
		{c.Pictures.AtOnce < 0, "pictures.at_once", "must be 0 or more; 0 is half of the processors"},
		{c.Pictures.Waiting < 0, "pictures.waiting", "must be 0 or more"},
		{c.Objects.Kind == "s3" && !bucketForm.MatchString(c.Objects.S3.Bucket), "objects.s3.bucket", "is not the name of a bucket; 3 to 63 lower-case letters, digits and dashes"},
		{c.Objects.Kind == "s3" && c.Objects.S3.Region == "", "objects.s3.region", "is empty; stores without regions take us-east-1"},
		{c.Objects.Kind == "s3" && c.Objects.S3.AccessKey == "", "objects.s3.access_key", "is empty; the store gave it to us"},
		{c.Objects.Kind == "s3" && !c.Objects.S3.SecretKey.IsSet(), "objects.s3.secret_key", "is empty; it belongs to access_key"},
		{c.Objects.Kind == "s3" && c.Objects.S3.URL != "" && !anOrigin(c.Objects.S3.URL), "objects.s3.url", "is not an address like https://host, with nothing behind it; bucket has its own setting"},
		{c.Memory.GCPercent < 50, "memory.gc_percent", "must be 50 or more; Go's own figure is 100"},
		{c.Memory.LimitMiB < 64, "memory.limit_mib", "must be 64 or more"},
		{c.Log.Sample < 1, "log.sample", "must be 1 or more; 1 logs every request"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
	c.Calls.check(found)
	for _, l := range []struct {
		key      string
		networks []string
	}{{"http.trusted_proxies", c.HTTP.TrustedProxies}, {"sms.aliyun.callback_sources", c.SMS.Aliyun.CallbackSources}, {"sms.tencent.callback_sources", c.SMS.Tencent.CallbackSources}} {
		if slices.ContainsFunc(l.networks, func(n string) bool { return !aNetwork(n) }) {
			found.add(l.key, "holds an entry that is neither an address nor a network like 10.0.0.0/8, or that trusts everybody")
		}
	}
	for _, o := range c.outside() {
		if u, err := url.Parse(o.url); o.url != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil) {
			found.add(o.key, "is not an address like https://host/path without name and password")
		} else if o.url == "" && o.needed && !c.hasDesk() {
			found.add(o.key, "is empty; write the address, or enable the sandbox in dev")
		}
	}
	c.SMS.valid(found)
	c.apps(found)
	c.serverMessages(found)
	c.wechatPay(found)
	c.alipaySeller(found)
	c.nonTax(found)
	c.tencent(found)
	c.Telephone.valid(found, c.hasDesk())
	c.keys(found)
}

// wechatPay checks that a merchant account, where there is one, can sign, and can believe the platform.
func (c Config) wechatPay(found *Findings) {
	w := c.WechatPay
	if w.MerchantID == "" {
		return
	}
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{w.Serial == "", "wechat_pay.serial", "is empty; it is the serial number of the merchant certificate"},
		{len(w.APIv3Key.Reveal()) != 32, "wechat_pay.apiv3_key", "must have 32 characters; it is set in the merchant platform"},
		{!w.PrivateKey.IsSet() && !c.hasDesk(), "wechat_pay.private_key", "is empty; it belongs to the merchant certificate"},
		{(w.PublicKeyID == "" || w.PublicKey == "") && len(w.PlatformCerts) == 0 && !c.hasDesk(), "wechat_pay.public_key", "and public_key_id, or platform_certs, must be set: without them nobody's word can be believed"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
}

var sellerForm = regexp.MustCompile(`^2088[0-9]{12}$`)

// alipaySeller checks that a merchant account at Alipay, where there is one, is one, and has an app that takes the money.
func (c Config) alipaySeller(found *Findings) {
	switch {
	case c.Alipay.SellerID == "":
	case !sellerForm.MatchString(c.Alipay.SellerID):
		found.add("alipay.seller_id", "is not a merchant account; it has 16 digits and begins with 2088")
	case len(c.Alipay.Apps) == 0:
		found.add("alipay.seller_id", "takes fees for nobody: alipay.apps is empty")
	}
}

// nonTax checks that a collecting unit, where there is one, can sign, and can believe the platform.
func (c Config) nonTax(found *Findings) {
	n := c.NonTax
	if n.UnitCode == "" {
		return
	}
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{n.ItemCode == "", "non_tax.item_code", "is empty; it is the item's code in the published list of charges"},
		{!n.PrivateKey.IsSet() && !c.hasDesk(), "non_tax.private_key", "is empty; its public half is known to the platform"},
		{n.PublicKey == "" && !c.hasDesk(), "non_tax.public_key", "is empty: without it nobody's word can be believed"},
		{n.CodeLife < 30*time.Minute, "non_tax.code_life", "must be half an hour or more: people go to a bank with the code"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
}

// apps checks that every app on a platform can be told from the others.
func (c Config) apps(found *Findings) {
	seen := map[string]bool{}
	once := func(key, value string) {
		if value == "" {
			found.add(key, "is empty")
		} else if seen[value] {
			found.add(key, "stands twice; each app has its own")
		}
		seen[value] = true
	}
	for i, a := range c.Wechat.Apps {
		at := fmt.Sprintf("wechat.apps.%d.", i)
		once(at+"name", "wechat "+a.Name)
		once(at+"app_id", a.AppID)
		if !a.Secret.IsSet() {
			found.add(at+"secret", "is empty; copy it from the platform's console")
		}
	}
	for i, a := range c.Alipay.Apps {
		at := fmt.Sprintf("alipay.apps.%d.", i)
		once(at+"name", "alipay "+a.Name)
		once(at+"app_id", a.AppID)
		if !a.PrivateKey.IsSet() && !c.hasDesk() {
			found.add(at+"private_key", "is empty; it is the key whose public half the platform knows")
		}
	}
}

// keys checks that every key is there and that no two are the same.
func (c Config) keys(found *Findings) {
	byValue, versions := map[string]string{}, map[int]bool{}
	for _, l := range leavesOf(&c) {
		k, ok := l.value.Interface().(Key)
		if !ok {
			continue
		}
		if !k.IsSet() && l.key == "keys.kek_previous" {
			continue
		}
		if !k.IsSet() {
			found.add(l.key, "is empty; make one with: openssl rand -base64 32")
			continue
		}
		if other := byValue[string(k.Bytes())]; other != "" {
			found.add(l.key, "is the same as %s; each purpose has its own key", other)
		}
		byValue[string(k.Bytes())] = l.key
	}
	c.Orders.check(found)
	if len(c.Keys.Index) == 0 {
		found.add("keys.index", "has no entry; add one with version 1")
	}
	for i, k := range c.Keys.Index {
		if k.Version < 1 || versions[k.Version] {
			found.add(fmt.Sprintf("keys.index.%d.version", i), "must be 1 or more, and each version once")
		}
		versions[k.Version] = true
	}
}

// check names each department's district once; its key is held against all others with them.
func (o Orders) check(found *Findings) {
	pairs := map[string]bool{}
	for i, d := range o.Districts {
		key := fmt.Sprintf("orders.districts.%d", i)
		if d.Department == "" || len(d.District) != 6 || strings.Trim(d.District, "0123456789") != "" {
			found.add(key, "needs a department and the six digits of a district")
		}
		if pairs[d.Department+"/"+d.District] {
			found.add(key, "stands twice")
		}
		pairs[d.Department+"/"+d.District] = true
	}
}

// outside lists the addresses of everyone we speak to.
func (c Config) outside() []struct {
	key, url string
	needed   bool
} {
	return []struct {
		key, url string
		needed   bool
	}{
		{"wechat.api_url", c.Wechat.APIURL, true},
		{"wechat.authorize_url", c.Wechat.AuthorizeURL, true},
		{"wechat_pay.url", c.WechatPay.URL, false},
		{"non_tax.url", c.NonTax.URL, c.NonTax.UnitCode != ""},
		{"alipay.gateway_url", c.Alipay.GatewayURL, true},
		{"alipay.authorize_url", c.Alipay.AuthorizeURL, true},
		{"sms.aliyun.url", c.SMS.Aliyun.URL, true},
		{"sms.tencent.url", c.SMS.Tencent.URL, c.SMS.Tencent.SecretID != ""},
		{"registry.cards.url", c.Registry.Cards.URL, true},
		{"registry.payments.url", c.Registry.Payments.URL, true},
		{"telephone.url", c.Telephone.URL, false},
		{"sandbox.url", c.Sandbox.URL, false},
		{"objects.s3.url", c.Objects.S3.URL, c.Objects.Kind == "s3"},
		{"oidc.url", c.OIDC.URL, false},
		{"staff.sign_on.issuer", c.Staff.SignOn.Issuer, false},
	}
}

// hasDesk reports whether the pretend platforms are there to speak to, in this process or in another.
func (c Config) hasDesk() bool { return c.Sandbox.Enabled || c.Sandbox.URL != "" }

func listens(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	return err == nil && port != ""
}

// anOrigin accepts scheme and host, and nothing else.
func anOrigin(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && address == u.Scheme+"://"+u.Host
}

// aNetwork accepts an address or a network, but not one that is everybody.
func aNetwork(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	p, err := netip.ParsePrefix(s)
	return err == nil && p.Bits() >= 8
}

// LogValue lists every setting; secrets show as set or unset.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, l := range leavesOf(&c) {
		attrs = append(attrs, slog.Any(l.key, l.value.Interface()))
	}
	return slog.GroupValue(attrs...)
}
