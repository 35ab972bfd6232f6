package configs

import (
	"fmt"
	"strings"
	"time"
)

// leastSecret is the shortest shared secret production accepts.
const leastSecret = 16

// inProduction refuses every convenience of dev.
func (c Config) inProduction(found *Findings) {
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{c.Sandbox.Enabled, "sandbox.enabled", "must be false in production: nobody may log in as somebody else"},
		{c.Sandbox.URL != "", "sandbox.url", "must be empty in production: nobody may log in as somebody else"},
		{c.Sandbox.DemoAgent, "sandbox.demo_agent", "must be false in production: its passwords are public"},
		{c.Database.Driver != "postgres", "database.driver", "must be postgres in production; sqlite has one writer and no standby"},
		{c.Redis.Kind != "server", "redis.kind", "must be server in production; limits and platform tokens are shared by all replicas"},
		{!tls(c.HTTP.PublicURL), "http.public_url", "must be an https address in production: cookies and logins depend on it"},
		{len(c.Wechat.Apps)+len(c.Alipay.Apps) == 0, "wechat.apps", "and alipay.apps are both empty; nobody could log in"},
		{c.Site.Organiser == "", "site.organiser", "is empty; who runs the service stands at the foot of every page"},
		{c.Site.ICP == "", "site.icp", "is empty; the filing of the domain stands at the foot of every page"},
		{c.Registry.Cards.ClientID == "", "registry.cards.client_id", "is empty; the registry gave it to us"},
		{c.Registry.Payments.ClientID == "", "registry.payments.client_id", "is empty; the registry gave it to us"},
		{!c.asksCards() && shared(c.Registry.Cards.Secret, 32), "registry.cards.secret", "is missing or shorter than 32 characters"},
		{c.asksCards() && shared(c.Registry.Cards.Secret, 8), "registry.cards.secret", "is missing or shorter than 8 characters; it is the password that the registry gave us"},
		{shared(c.Registry.Payments.Secret, 32), "registry.payments.secret", "is missing or shorter than 32 characters"},
		{c.asksCards() && strings.HasPrefix(c.Registry.Cards.Lists, "http://"), "registry.cards.lists", "must be a file or an https address in production"},
		{c.asksCards() && c.Registry.Cards.Settle < 30*time.Second, "registry.cards.settle", "must be 30s or more in production; a release believed too early could undo a later loss"},
		{c.SMS.Aliyun.AccessKeyID == "", "sms.aliyun.access_key_id", "is empty; copy it from the vendor's console"},
		{shared(c.SMS.Aliyun.AccessSecret, leastSecret), "sms.aliyun.access_secret", "is missing or shorter than 16 characters"},
		{c.SMS.Aliyun.SignName == "", "sms.aliyun.sign_name", "is empty; write the approved signature"},
		{shared(c.SMS.Aliyun.CallbackToken, leastSecret), "sms.aliyun.callback_token", "is missing or shorter than 16 characters"},
		{c.Objects.Kind == "s3" && shared(c.Objects.S3.SecretKey, leastSecret), "objects.s3.secret_key", "is shorter than 16 characters"},
		{c.Telephone.ClientID != "" && shared(c.Telephone.Secret, 32), "telephone.secret", "is missing or shorter than 32 characters"},
		{c.OIDC.URL != "" && !c.OIDC.ClientSecret.IsSet(), "oidc.client_secret", "is empty"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
	for _, o := range c.outside() {
		if o.url != "" && !tls(o.url) {
			found.add(o.key, "must be an https address in production")
		}
	}
	if c.Alipay.SellerID != "" && c.Alipay.SellerID == Dev("").Alipay.SellerID {
		found.add("alipay.seller_id", "is the demo's; copy yours from the merchant platform")
	}
	if c.NonTax.UnitCode != "" && c.NonTax.UnitCode == Dev("").NonTax.UnitCode {
		found.add("non_tax.unit_code", "is the demo's; the finance bureau gave you yours")
	}
	c.SMS.Aliyun.Templates.filed(found, "sms.aliyun.templates", filedCode, "SMS_152550005")
	c.tencentInProduction(found)
	for i, a := range c.Wechat.Apps {
		if shared(a.Secret, leastSecret) {
			found.add(fmt.Sprintf("wechat.apps.%d.secret", i), "is missing or shorter than 16 characters")
		}
	}
	for i, a := range c.Alipay.Apps {
		if a.AppCertPath == "" || a.RootCertPath == "" || a.AlipayCertPath == "" {
			found.add(fmt.Sprintf("alipay.apps.%d.app_cert_path", i), "root_cert_path and alipay_cert_path must all be set: production uses certificates")
		}
		if a.PublicKey != "" {
			found.add(fmt.Sprintf("alipay.apps.%d.public_key", i), "must be empty in production, which uses certificates")
		}
	}
	c.messagesInProduction(found)
	c.drawnByNobodyElse(found)
}

// drawnByNobodyElse refuses every key and secret that stands in this program for everybody to read.
func (c Config) drawnByNobodyElse(found *Findings) {
	demo := map[any]bool{}
	for _, l := range leavesOf(ptr(Dev(""))) {
		if l.secret() {
			demo[l.value.Interface()] = true
		}
	}
	for _, l := range leavesOf(&c) {
		switch v := l.value.Interface().(type) {
		case Key:
			if v.IsSet() && (v.weak() || demo[v]) {
				found.add(l.key, "is weak or the demo's; make one with: openssl rand -base64 32")
			}
		case Secret:
			if v.IsSet() && demo[v] {
				found.add(l.key, "is the demo's; copy yours from the other side's console")
			}
		}
	}
}

func ptr(c Config) *Config { return &c }

func tls(address string) bool { return strings.HasPrefix(address, "https://") }

// shared reports a shared secret that is no secret: missing or short.
func shared(s Secret, least int) bool { return len(s.Reveal()) < least }
