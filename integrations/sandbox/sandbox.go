// Package sandbox puts the pretend world together: the platforms, the carrier and the registry of one demo city behind
// one handler, and the desk in front. It knows nothing of the product.
package sandbox

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/fault"
	"onecard/integrations/sandbox/nontax"
	"onecard/integrations/sandbox/oidc"
	"onecard/integrations/sandbox/registry"
	"onecard/integrations/sandbox/sms"
	"onecard/integrations/sandbox/telephone"
	"onecard/integrations/sandbox/wechat"
	"onecard/integrations/sandbox/wechatpay"
)

// Options say which city, and which customers its platforms know.
type Options struct {
	Dir        string           // where the world keeps what it remembers; empty: in memory only
	Seed       uint64           // with StartMonth, what the city is
	StartMonth time.Time        // zero: the month of Now
	Now        func() time.Time // nil: the machine's clock
	Fence      bool             // the registry refuses a card_seq lower than one seen
	Cards      registry.Client  // who may call the cards source
	Payments   registry.Client  // who may call the payments source
	WeChat     []wechat.App
	WeChatPay  Merchant
	Alipay     []AlipayApp
	// AlipaySeller is the merchant account at Alipay that the apps take money for; empty: none may.
	AlipaySeller string
	NonTax       Unit
	SignOn       SignOn
	SMS          sms.Config // Now is filled in
	// SMSTencent is the customer at the second vendor, where it has a secret id; Now is filled in.
	SMSTencent sms.TencentConfig
	// Telephone is the client of the hotline's exchange, where it has an id; Now is filled in.
	Telephone telephone.Options
	// ReceiptEvery is how often waiting messages are delivered and their receipts pushed by themselves; 0: only when
	// the desk says so.
	ReceiptEvery time.Duration
}

// AlipayApp is an app whose requests are signed with the world's own demo key.
type AlipayApp struct {
	ID         string
	Life       bool                // a life account, otherwise a mini-program
	ContentKey string              // base64; empty: the app reads no phone
	Templates  map[string][]string // message templates: the id, and the keys of its fields
}

// Merchant is a customer of WeChat Pay whose requests are signed with the world's own demo key. Without an ID there is no
// WeChat Pay in this world.
type Merchant struct{ ID, Serial, APIv3Key, KeyID string }

// Unit is a collecting unit at the finance bureau whose requests are signed with the world's own demo key. Without a code
// there is no such bureau in this world.
type Unit struct{ Code, Item string }

// SignOn is a client of the bureau's single sign-on. Without an ID there is none in this world.
type SignOn struct{ ID, Secret string }

// City is the running pretend world.
type City struct {
	Registry  *registry.Registry
	WeChat    *wechat.Platform
	WeChatPay *wechatpay.Platform // nil without a merchant
	Alipay    *alipay.Platform
	NonTax    *nontax.Platform // nil without a unit
	SMS       *sms.Gateway
	Tencent   *sms.Tencent        // nil without a customer
	Telephone *telephone.Exchange // nil without a client
	SignOn    *oidc.Provider      // nil without a client

	keys     alipay.Keys
	channels map[string]string // of each app
	handler  http.Handler
	mail     *mailbox
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// New builds the world. Close it to let go of its files.
func New(o Options) (*City, error) {
	c := &City{}
	var keysErr error
	var keys sync.WaitGroup
	keys.Go(func() { c.keys, keysErr = alipay.KeysIn(within(o.Dir, "keys")) }) // beside the building of the city
	var err error
	c.Registry, err = registry.New(registry.Options{
		Seed: o.Seed, StartMonth: o.StartMonth, Now: o.Now, Dir: within(o.Dir, "registry"), Cards: o.Cards, Payments: o.Payments, Fence: o.Fence,
	})
	keys.Wait()
	if err == nil {
		err = errors.Join(keysErr, c.open(o))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: %w", err), c.Close())
	}
	return c, nil
}

func within(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

func (c *City) open(o Options) error {
	seed := strconv.FormatUint(o.Seed, 10)
	c.WeChat = wechat.New(wechat.Options{Apps: o.WeChat, People: wechatPeople{c.Registry}, Now: o.Now, Seed: seed})
	apps := make([]alipay.App, 0, len(o.Alipay))
	for _, a := range o.Alipay {
		apps = append(apps, alipay.App{ID: a.ID, PublicKey: c.publicKey(), AESKey: a.ContentKey, Life: a.Life, Templates: a.Templates})
	}
	var err error
	if m := o.WeChatPay; m.ID != "" {
		ids := make([]string, 0, len(o.WeChat))
		for _, a := range o.WeChat {
			ids = append(ids, a.ID)
		}
		c.WeChatPay, err = wechatpay.New(wechatpay.Options{MchID: m.ID, Serial: m.Serial, APIv3Key: m.APIv3Key, KeyID: m.KeyID, MerchantKey: c.publicKey(),
			Key: c.keys.Platform, AppIDs: ids, Now: o.Now})
		if err != nil {
			return err
		}
	}
	if c.Alipay, err = alipay.New(alipay.Options{Apps: apps, People: alipayPeople{c.Registry}, Key: c.keys.Platform, Seller: o.AlipaySeller, Now: o.Now, Seed: seed}); err != nil {
		return err
	}
	if u := o.NonTax; u.Code != "" {
		if c.NonTax, err = nontax.New(nontax.Options{Unit: u.Code, Items: []string{u.Item}, UnitKey: c.publicKey(), Key: c.keys.Platform, Now: o.Now}); err != nil {
			return err
		}
	}
	if u := o.SignOn; u.ID != "" {
		if c.SignOn, err = oidc.New(oidc.Options{ClientID: u.ID, Secret: u.Secret, Prefix: "/oidc", Now: o.Now}); err != nil {
			return err
		}
	}
	o.SMS.Now = o.Now
	if c.SMS, err = sms.New(o.SMS); err != nil {
		return err
	}
	c.channels = channelsOf(o)
	c.mail = &mailbox{city: c, gateway: c.SMS, client: &http.Client{Timeout: 5 * time.Second}}
	if o.SMSTencent.SecretID != "" {
		o.SMSTencent.Now = o.Now
		if c.Tencent, err = sms.NewTencent(o.SMSTencent); err != nil {
			return err
		}
		c.mail.second = c.Tencent
	}
	if o.Telephone.ClientID != "" {
		o.Telephone.Now = o.Now
		if c.Telephone, err = telephone.New(o.Telephone); err != nil {
			return err
		}
	}
	c.handler = c.routes(o)
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	if o.ReceiptEvery > 0 {
		c.done.Go(func() { c.mail.run(ctx, o.ReceiptEvery) })
	}
	return nil
}

func (c *City) publicKey() *rsa.PublicKey {
	if c.keys.App == nil {
		return nil
	}
	return &c.keys.App.PublicKey
}

func (c *City) routes(o Options) http.Handler {
	plans := map[string]*fault.Plan{"wechat": c.WeChat.Faults(), "alipay": c.Alipay.Faults(), "sms": c.SMS.Faults()}
	if c.WeChatPay != nil {
		plans["wechat_pay"] = c.WeChatPay.Faults()
	}
	if c.NonTax != nil {
		plans["non_tax"] = c.NonTax.Faults()
	}
	if c.SignOn != nil {
		plans["sign_on"] = c.SignOn.Faults()
	}
	if c.Tencent != nil {
		plans["sms_tencent"] = c.Tencent.Faults()
	}
	if c.Telephone != nil {
		plans["telephone"] = c.Telephone.Faults()
	}
	tills := []desk.Till{{Title: "支付宝收银台", Path: "/alipay/cashier", Field: "trade_no", Label: "tradeNO"}}
	if c.WeChatPay != nil {
		tills = append(tills, desk.Till{Title: "微信支付收银台", Path: "/wechatpay/cashier", Field: "prepay_id", Label: "prepay_id"})
	}
	if c.NonTax != nil {
		tills = append(tills, desk.Till{Title: "非税缴款", Path: "/nontax/cashier", Field: "code", Label: "缴款码"})
	}
	front := desk.New(desk.Deps{
		City: registrySide{c.Registry}, Doors: c.doors(o), Mail: c.mail,
		Cameras: []desk.Camera{{Platform: "wechat", Face: c.WeChat.Face}, {Platform: "alipay", Face: c.Alipay.Face}},
		Plans:   plans,
		Tills:   tills,
		Events:  c.platformEvents(),
		Calls:   c.calls(),
	}).Handler()
	mux := http.NewServeMux()
	mux.Handle("/wechat/", http.StripPrefix("/wechat", c.WeChat.Handler()))
	if c.WeChatPay != nil {
		mux.Handle("/wechatpay/", http.StripPrefix("/wechatpay", c.WeChatPay.Handler()))
	}
	if c.NonTax != nil {
		mux.Handle("/nontax/", http.StripPrefix("/nontax", c.NonTax.Handler()))
	}
	if c.Telephone != nil {
		mux.Handle("/telephone/", http.StripPrefix("/telephone", c.Telephone.Handler()))
	}
	if c.SignOn != nil {
		mux.Handle("/oidc/", http.StripPrefix("/oidc", c.SignOn.Handler()))
	}
	mux.Handle("/alipay/", http.StripPrefix("/alipay", c.Alipay.Handler()))
	mux.Handle("/sms/", http.StripPrefix("/sms", c.SMS.Handler()))
	if c.Tencent != nil {
		mux.Handle("/sms/tencent/", http.StripPrefix("/sms/tencent", c.Tencent.Handler()))
	}
	mux.Handle("/registry/", c.Registry.Handler()) // its paths are signed as they are
	mux.Handle("/", front)
	return mux
}

// Handler serves /wechat /wechatpay /alipay /nontax /oidc /sms /sms/tencent /registry /telephone, the desk under /desk and its page at /.
func (c *City) Handler() http.Handler { return c.handler }

// AlipayKeys are what an app needs to speak to this Alipay: its own private key and the platform's public one, in the
// vendor's bare base64.
func (c *City) AlipayKeys() (appPrivate, platformPublic string, err error) {
	platformPublic, err = alipay.PublicKeyText(&c.keys.Platform.PublicKey)
	return alipay.PrivateKeyText(c.keys.App), platformPublic, err
}

// SendReceiptsTo names the address that takes the first vendor's delivery receipts; empty: nobody does.
func (c *City) SendReceiptsTo(url string) { c.mail.sendTo(func(to *SMSAddresses) { to.Aliyun = url }) }

// PushSMSTo names the addresses for everything that SMS vendors push.
func (c *City) PushSMSTo(all SMSAddresses) { c.mail.sendTo(func(to *SMSAddresses) { *to = all }) }

// Close ends the world's own work and lets go of its files.
func (c *City) Close() error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	if c.Registry == nil {
		return nil
	}
	return c.Registry.Close()
}
