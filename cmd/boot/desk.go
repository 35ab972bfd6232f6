package boot

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"onecard/configs"
	"onecard/integrations/sandbox"
	"onecard/integrations/sandbox/alipay"
	"onecard/integrations/sandbox/registry"
	"onecard/integrations/sandbox/sms"
	"onecard/integrations/sandbox/telephone"
	"onecard/integrations/sandbox/wechat"
	"onecard/models"
	"onecard/models/notice"
)

// Desk is the running pretend world with its listener.
type Desk struct {
	City     *sandbox.City
	listener net.Listener
	server   *http.Server
}

// OpenDesk starts the pretend platforms and the demo city that the settings describe. It knows of the product only the
// credentials and the filed texts, as the real platforms do.
func OpenDesk(ctx context.Context, cfg configs.Config, clock models.Clock) (*Desk, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Sandbox.Addr)
	if err != nil {
		return nil, err
	}
	o, err := deskOptions(cfg, clock)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	city, err := sandbox.New(o)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	d := &Desk{City: city, listener: l, server: &http.Server{Handler: city.Handler(), ReadHeaderTimeout: 5 * time.Second}}
	go func() { _ = d.server.Serve(l) }()
	return d, nil
}

// Addr is where the desk listens.
func (d *Desk) Addr() string { return d.listener.Addr().String() }

// URL is the desk's address for clients.
func (d *Desk) URL() string { return "http://" + d.Addr() }

// Close stops the pretend world; what it remembers stays in its folder.
func (d *Desk) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := d.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = d.server.Close()
	}
	return errors.Join(err, d.City.Close())
}

func deskOptions(cfg configs.Config, clock models.Clock) (sandbox.Options, error) {
	o := sandbox.Options{
		Dir: deskFolder(cfg), Seed: uint64(cfg.Sandbox.Seed), Now: clock.Now, Fence: cfg.Sandbox.Fence,
		Cards:    registry.Client{ID: cfg.Registry.Cards.ClientID, Secret: cfg.Registry.Cards.Secret.Reveal()},
		Payments: registry.Client{ID: cfg.Registry.Payments.ClientID, Secret: cfg.Registry.Payments.Secret.Reveal()},
		SMS: sms.Config{
			AccessKeyID: cfg.SMS.Aliyun.AccessKeyID, AccessKeySecret: cfg.SMS.Aliyun.AccessSecret.Reveal(),
			SignNames: []string{cfg.SMS.Aliyun.SignName}, Templates: filedTexts(),
		},
		SMSTencent: sms.TencentConfig{
			SecretID: cfg.SMS.Tencent.SecretID, SecretKey: cfg.SMS.Tencent.SecretKey.Reveal(), SDKAppID: cfg.SMS.Tencent.SDKAppID,
			SignNames: []string{cfg.SMS.Tencent.SignName}, Templates: filedNumbers(),
		},
		ReceiptEvery: time.Second,
		Telephone:    telephone.Options{ClientID: cfg.Telephone.ClientID, Secret: cfg.Telephone.Secret.Reveal()},
	}
	if cfg.Sandbox.StartMonth != "" {
		month, err := time.ParseInLocation("2006-01", cfg.Sandbox.StartMonth, models.Shanghai)
		if err != nil {
			return o, err
		}
		o.StartMonth = month
	}
	for _, app := range cfg.Wechat.Apps {
		kind := wechat.Mini
		if app.Kind == "oa" {
			kind = wechat.Official
		}
		o.WeChat = append(o.WeChat, wechat.App{ID: app.AppID, Secret: app.Secret.Reveal(), Kind: kind, Templates: filedTemplates(wechatChannel(app), app.Templates)})
	}
	o.WeChatPay = sandbox.Merchant{ID: cfg.WechatPay.MerchantID, Serial: cfg.WechatPay.Serial, APIv3Key: cfg.WechatPay.APIv3Key.Reveal(), KeyID: cfg.WechatPay.PublicKeyID}
	o.NonTax = sandbox.Unit{Code: cfg.NonTax.UnitCode, Item: cfg.NonTax.ItemCode}
	o.SignOn = sandbox.SignOn{ID: cfg.Staff.SignOn.ClientID, Secret: cfg.Staff.SignOn.Secret.Reveal()}
	o.AlipaySeller = cfg.Alipay.SellerID
	for _, app := range cfg.Alipay.Apps {
		o.Alipay = append(o.Alipay, sandbox.AlipayApp{ID: app.AppID, Life: app.Kind == "life", ContentKey: app.ContentKey.Reveal(), Templates: filedTemplates(alipayChannel(app), app.Templates)})
	}
	return o, nil
}

// deskFolder is where the pretend world keeps what it remembers.
func deskFolder(cfg configs.Config) string {
	if cfg.DataDir == "" {
		return ""
	}
	return filepath.Join(cfg.DataDir, "sandbox")
}

// filedTexts are our texts as the pretend carrier has them on file, whatever codes the settings name: a text sent under
// another code is refused there, as at a real one.
func filedTexts() map[string]sms.Template {
	out, filed := map[string]sms.Template{}, configs.DemoTemplates().ByKind()
	for _, spec := range notice.Templates() {
		out[filed[string(spec.Kind)]] = sms.Template{Text: spec.Text, Verification: spec.Secret}
	}
	return out
}

// openDesk starts the pretend world where the settings ask for it, and fills every outside address that is empty with
// its own. A process without a desk of its own may still name another's (sandbox.url).
func (a *App) openDesk(ctx context.Context) error {
	if a.cfg.Mode == configs.ModeProduction {
		return nil
	}
	url := a.cfg.Sandbox.URL
	if a.cfg.Sandbox.Enabled {
		d, err := OpenDesk(ctx, a.cfg, a.clock)
		if err != nil {
			return err
		}
		a.desk = d
		a.onClose(d.Close)
		url = d.URL()
	}
	if url == "" {
		return nil
	}
	a.cfg = a.cfg.AtDesk(strings.TrimSuffix(url, "/"))
	if err := a.takeDemoKeys(); err != nil {
		return err
	}
	if a.desk != nil && a.roles.API {
		a.desk.City.PushSMSTo(SMSAddresses(a.cfg, a.cfg.HTTP.PublicURL))
	}
	if a.desk != nil && a.roles.API {
		TellServers(a.desk.City, a.cfg, a.cfg.HTTP.PublicURL)
	}
	return nil
}

// TellServers enters our addresses below base in the pretend platforms' consoles.
func TellServers(city *sandbox.City, cfg configs.Config, base string) {
	if city.Telephone != nil {
		city.Telephone.TellTo(base + "/callbacks/telephone")
	}
	for _, app := range cfg.Wechat.Apps {
		if app.ServerToken.IsSet() {
			city.WeChat.SetServer(app.AppID, wechat.Server{
				URL: base + "/callbacks/wechat/" + app.Name, Token: app.ServerToken.Reveal(), AESKey: app.EncodingAESKey.Reveal(),
			})
		}
	}
	for _, app := range cfg.Alipay.Apps {
		if app.Kind == "life" {
			city.Alipay.SetGateway(app.AppID, base+"/callbacks/alipay/gateway")
		}
	}
}

// takeDemoKeys gives the Alipay apps, the WeChat Pay merchant and the collecting unit of dev the pretend platforms' keys,
// which are made once and kept beside their data.
func (a *App) takeDemoKeys() error {
	private, public, err := a.demoKeys()
	if err != nil {
		return err
	}
	for i := range a.cfg.Alipay.Apps {
		app := &a.cfg.Alipay.Apps[i]
		if !app.PrivateKey.IsSet() {
			app.PrivateKey, app.PublicKey = configs.NewSecret(private), public
		}
	}
	if pay := &a.cfg.WechatPay; !pay.PrivateKey.IsSet() {
		pay.PrivateKey, pay.PublicKey = configs.NewSecret(private), public
	}
	if unit := &a.cfg.NonTax; !unit.PrivateKey.IsSet() {
		unit.PrivateKey, unit.PublicKey = configs.NewSecret(private), public
	}
	return nil
}

func (a *App) demoKeys() (private, public string, err error) {
	if a.desk != nil {
		return a.desk.City.AlipayKeys()
	}
	keys, err := alipay.KeysIn(filepath.Join(deskFolder(a.cfg), "keys"))
	if err != nil {
		return "", "", err
	}
	public, err = alipay.PublicKeyText(&keys.Platform.PublicKey)
	return alipay.PrivateKeyText(keys.App), public, err
}
