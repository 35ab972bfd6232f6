package alipay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the vendor's own rule for naming a certificate
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// Claims remembers which messages were taken; integrations/redis keeps it. An error means that it cannot be asked.
type Claims interface {
	Begin(ctx context.Context, scope, name string, lease time.Duration) (models.Claim, error)
	Done(ctx context.Context, scope, name string, ttl time.Duration) error
	Drop(ctx context.Context, scope, name string) error
}

// Gateway verifies and reads what Alipay's servers send to our life accounts (应用网关). It checks signatures by itself:
// here the platform signs sign_type too, which the SDK leaves out, and the SDK trims values and may fetch certificates.
// Nothing is fetched: a message is believed by the key in our settings, and a certificate's number must be that key's.
type Gateway struct {
	apps   []*gatewayApp
	claims Claims
	clock  models.Clock
	fresh  time.Duration
}

type gatewayApp struct {
	*LifeAccount
	theirs *rsa.PublicKey
	certSN string // of the certificate that theirs came from; empty with a bare key
	own    *rsa.PrivateKey
}

// NewGateway takes the life accounts among the settings' apps.
func NewGateway(cfg configs.Alipay, lives []*LifeAccount, claims Claims, clock models.Clock) (*Gateway, error) {
	g := &Gateway{claims: claims, clock: clock, fresh: cfg.MessageFresh}
	if claims == nil || clock == nil || g.fresh <= 0 {
		return nil, errors.New("alipay: the gateway needs claims, a clock and a limit of age")
	}
	for _, life := range lives {
		i := slices.IndexFunc(cfg.Apps, func(s configs.AlipayApp) bool { return s.AppID == life.id })
		if i < 0 {
			return nil, fmt.Errorf("alipay: life account %s is not in the settings", life.name)
		}
		a := &gatewayApp{LifeAccount: life}
		var err error
		if a.own, err = privateKey(cfg.Apps[i].PrivateKey.Reveal()); err == nil {
			a.theirs, a.certSN, err = platformKey(cfg.Apps[i])
		}
		if err != nil {
			return nil, fmt.Errorf("alipay: app %s: %w", life.name, err)
		}
		g.apps = append(g.apps, a)
	}
	return g, nil
}

// platformKey is the key by which an app's settings believe the platform.
func platformKey(s configs.AlipayApp) (*rsa.PublicKey, string, error) {
	if s.AlipayCertPath != "" {
		text, err := os.ReadFile(s.AlipayCertPath)
		if err != nil {
			return nil, "", err
		}
		c, err := certificate(string(text))
		if err != nil {
			return nil, "", err
		}
		key, ok := c.PublicKey.(*rsa.PublicKey)
		if !ok {
			return nil, "", errors.New("alipay_cert_path: not an RSA certificate")
		}
		sum := md5.Sum([]byte(c.Issuer.String() + c.SerialNumber.String())) //nolint:gosec // the vendor's own rule
		return key, hex.EncodeToString(sum[:]), nil
	}
	text := s.PublicKey
	if block, _ := pem.Decode([]byte(text)); block != nil {
		text = base64.StdEncoding.EncodeToString(block.Bytes)
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, "", errors.New("the platform's public key is not base64")
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if theirs, ok := key.(*rsa.PublicKey); err == nil && ok {
		return theirs, "", nil
	}
	return nil, "", errors.New("the platform's public key is not RSA")
}

const (
	claimLease = 5 * time.Second // longer than the work on one message, and over when the platform repeats
	claimScope = "alipay-message"

	serviceCheck  = "alipay.service.check"
	serviceNotify = "alipay.mobile.public.message.notify"
)

var errSignature = errors.New("alipay message: the signature is not believed")

// Read believes a message only if it is signed with RSA2 over the form as it came, by the platform of one of our life
// accounts, for that account, of these minutes, and not taken before. What refuses it quotes nothing of it.
func (g *Gateway) Read(ctx context.Context, body []byte) (notice.Received, error) {
	if bytes.Count(body, []byte("&")) >= maxFields {
		return notice.Received{}, notice.ErrMessageMalformed
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return notice.Received{}, notice.ErrMessageMalformed
	}
	for name, values := range form {
		if len(values) != 1 || strings.ContainsAny(name, "&=") {
			return notice.Received{}, notice.ErrMessageForged.Because(errors.New("alipay message: a field stands twice, or hides another"))
		}
	}
	a := g.signer(form)
	if a == nil {
		return notice.Received{}, notice.ErrMessageForged.Because(errSignature)
	}
	in, err := readContent(form.Get("charset"), form.Get("biz_content"))
	if err != nil {
		return notice.Received{}, err
	}
	if in.AppID != a.id {
		return notice.Received{}, notice.ErrMessageForged.Because(errors.New("alipay message: for another app"))
	}
	if at := in.at(); g.clock.Now().Sub(at).Abs() > g.fresh {
		return notice.Received{}, notice.ErrMessageStale
	}
	if form.Get("service") == serviceCheck {
		return a.checked(in), nil
	}
	if form.Get("service") != serviceNotify || in.from() == "" || len(in.from()) > maxSender {
		return notice.Received{}, notice.ErrMessageMalformed
	}
	return g.claimed(ctx, a, in)
}

const (
	maxSender = 128
	maxFields = 32
)

// claimed hands a message over once: the platform sends no number of its own, so who, when and what is its name.
func (g *Gateway) claimed(ctx context.Context, a *gatewayApp, in content) (notice.Received, error) {
	name := a.mac(in.key()...)
	state, err := g.claims.Begin(ctx, claimScope, name, claimLease)
	switch {
	case err != nil: // it may be ours all the same
		_ = g.claims.Drop(context.WithoutCancel(ctx), claimScope, name)
		return notice.Received{}, models.ErrUnavailable.Because(err)
	case state == models.ClaimHeld:
		return notice.Received{}, notice.ErrMessageBusy.After(5 * time.Second)
	}
	r := notice.Received{PlatformMessage: in.message(a.id), Again: state == models.ClaimDone, Answer: func(string) (string, []byte) { return a.signedAnswer(in.ack()) }}
	r.Settle = func(ctx context.Context, taken bool) {
		if taken {
			_ = g.claims.Done(context.WithoutCancel(ctx), claimScope, name, 2*g.fresh+time.Minute)
			return
		}
		_ = g.claims.Drop(context.WithoutCancel(ctx), claimScope, name)
	}
	r.Say = func(ctx context.Context, text string) error { return a.say(ctx, in, text) }
	return r, nil
}

// signer is the life account whose platform signed the form. One key may serve several accounts: the content names it.
func (g *Gateway) signer(form url.Values) *gatewayApp {
	sign, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	if err != nil || len(sign) == 0 || form.Get("sign_type") != "RSA2" {
		return nil
	}
	sum := sha256.Sum256([]byte(signedText(form)))
	var believed *gatewayApp
	for _, a := range g.apps {
		if sn := form.Get("alipay_cert_sn"); sn != "" && sn != a.certSN {
			continue
		}
		if id := form.Get("app_id"); id != "" && id != a.id || rsa.VerifyPKCS1v15(a.theirs, crypto.SHA256, sum[:], sign) != nil {
			continue
		}
		if believed == nil || strings.Contains(form.Get("biz_content"), a.id) {
			believed = a
		}
	}
	return believed
}

// signedText joins the sorted fields as the platform does for its gateway: all but the signature itself and the
// certificate's number; sign_type is among them, as it is not in notices of payments.
func signedText(form url.Values) string {
	pairs := make([]string, 0, len(form))
	for k := range form {
		if v := form.Get(k); k != "sign" && k != "alipay_cert_sn" && v != "" {
			pairs = append(pairs, k+"="+v)
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// checked answers the console's check of our address with our public key.
func (a *gatewayApp) checked(in content) notice.Received {
	der, err := x509.MarshalPKIXPublicKey(&a.own.PublicKey)
	own := base64.StdEncoding.EncodeToString(der)
	return notice.Received{
		PlatformMessage: notice.PlatformMessage{Kind: notice.MessageIgnored, Channel: notice.AlipayLife, App: a.id, At: in.at()},
		Again:           true, Settle: func(context.Context, bool) {},
		Answer: func(string) (string, []byte) {
			ok := err == nil && in.EventType == "verifygw"
			return a.signedAnswer(fmt.Sprintf("<biz_content>%s</biz_content><success>%t</success>", own, ok))
		},
	}
}

// signedAnswer wraps what we say with our signature over its very bytes.
func (a *gatewayApp) signedAnswer(inner string) (string, []byte) {
	sum := sha256.Sum256([]byte(inner))
	sign, err := rsa.SignPKCS1v15(rand.Reader, a.own, crypto.SHA256, sum[:])
	if err != nil {
		return "text/plain; charset=utf-8", []byte("fail")
	}
	return "text/xml; charset=GBK", []byte(`<?xml version="1.0" encoding="GBK"?><alipay><response>` + inner + "</response><sign>" +
		base64.StdEncoding.EncodeToString(sign) + "</sign><sign_type>RSA2</sign_type></alipay>") // plain ASCII, so GBK as it is
}

// say sends an answer to whoever wrote (alipay.open.public.message.custom.send). It is sent once: without an answer
// nobody knows whether it arrived, and two are worse than none.
func (a *gatewayApp) say(ctx context.Context, in content, text string) error {
	payload := sdk.NewPayload("alipay.open.public.message.custom.send").AddBizField("msg_type", "text").
		AddBizField("text", map[string]string{"content": text}).AddBizField("chat", "0")
	if in.FromOpenID != "" {
		payload.AddBizField("to_open_id", in.FromOpenID)
	} else {
		payload.AddBizField("to_user_id", in.FromUserID)
	}
	return a.request(ctx, payload, nil)
}

// request is one call of a method that the SDK does not know. menu, where it is not nil, gets the menu in the answer.
func (a *app) request(ctx context.Context, payload *sdk.Payload, menu *string) error {
	return a.ask(ctx, payload.APIName(), func(ctx context.Context) (sdk.Error, error) {
		var rsp struct {
			sdk.Error
			MenuContent string `json:"menu_content"`
		}
		err := a.client.Request(ctx, payload, &rsp)
		if menu != nil {
			*menu = rsp.MenuContent
		}
		return rsp.Error, err
	})
}

// mac names something in Redis without telling it. The key is ours alone.
func (a *gatewayApp) mac(parts ...string) string {
	m := hmac.New(sha256.New, x509.MarshalPKCS1PrivateKey(a.own))
	for _, p := range append([]string{a.id}, parts...) {
		_, _ = fmt.Fprintf(m, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}
