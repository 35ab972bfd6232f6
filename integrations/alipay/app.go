// Package alipay speaks to Alipay through smartwalle/alipay: log-in of mini-program and life account, phone numbers,
// and the identity certification. What the SDK leaves open is closed here: business failures without an error, panics
// on a client's input, errors that are nil inside, answers of any size and status.
package alipay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// Deps are what every app needs.
type Deps struct {
	Log *slog.Logger
	// KeysAllowed lets an app work with bare keys instead of certificates. The pretend platform has no certificates;
	// the real one is spoken to with certificates only.
	KeysAllowed bool
}

// app is what mini-programs and life accounts have in common. It is the whole adapter but for the name of the channel
// and the authorize page.
type app struct {
	name, id string
	channel  models.Channel
	client   *sdk.Client
	phones   *sdk.Client // knows the content key; nil without one
	log      *slog.Logger
}

func newApp(cfg configs.Alipay, settings configs.AlipayApp, kind string, channel models.Channel, d Deps) (*app, error) {
	gateway, err := url.Parse(cfg.GatewayURL)
	switch {
	case settings.Kind != kind:
		return nil, fmt.Errorf("alipay: app %s is of kind %q, not %q", settings.Name, settings.Kind, kind)
	case settings.AppID == "" || !settings.PrivateKey.IsSet():
		return nil, fmt.Errorf("alipay: app %s has no app id or no private key", settings.Name)
	case err != nil || gateway.Host == "" || gateway.Scheme != "https" && gateway.Scheme != "http":
		return nil, errors.New("alipay: the gateway's address is not an http address")
	case cfg.Timeout <= 0 || d.Log == nil:
		return nil, errors.New("alipay: a timeout and a log are needed")
	}
	a := &app{name: settings.Name, id: settings.AppID, channel: channel, log: d.Log}
	if a.client, err = newClient(cfg, settings, d); err != nil {
		return nil, err
	}
	if settings.ContentKey.IsSet() {
		// A client of its own: on the other one the SDK would encrypt every request with this key too.
		if a.phones, err = newClient(cfg, settings, d); err != nil {
			return nil, err
		}
		if err := a.phones.SetEncryptKey(settings.ContentKey.Reveal()); err != nil {
			return nil, fmt.Errorf("alipay: app %s: the content key is not base64", settings.Name)
		}
	}
	return a, nil
}

// AppID is the app's id on the platform; an open id means nothing without it.
func (a *app) AppID() string { return a.id }

// Platform is the channel of this app.
func (a *app) Platform() models.Channel { return a.channel }

// maxCode is more than any code of the vendor's is long.
const maxCode = 512

// Exchange turns an authorization code into the user's open id in this app; the vendor's token that comes with it is
// dropped. New apps are told no user_id, so the SDK's own IsSuccess, which wants one, would refuse every one of their
// users: success here is an open id.
func (a *app) Exchange(ctx context.Context, code string) (citizen.PlatformIdentity, error) {
	if code == "" || len(code) > maxCode {
		return citizen.PlatformIdentity{}, citizen.ErrLoginCodeInvalid
	}
	const method = "alipay.system.oauth.token"
	var rsp *sdk.SystemOauthTokenRsp
	err := a.patiently(ctx, method, func(ctx context.Context) (sdk.Error, error) {
		var err error
		rsp, err = a.client.SystemOauthToken(ctx, sdk.SystemOauthToken{GrantType: "authorization_code", Code: code})
		if rsp == nil {
			return sdk.Error{}, err
		}
		if rsp.Code == "" && rsp.AccessToken != "" { // this answer alone carries no code when it is good
			rsp.Code = sdk.CodeSuccess
		}
		return rsp.Error, err
	})
	switch {
	case err != nil:
		return citizen.PlatformIdentity{}, err
	case rsp.OpenId == "" || len(rsp.OpenId) > citizen.MaxOpenID || len(rsp.UnionId) > citizen.MaxOpenID || len(rsp.UserId) > citizen.MaxOpenID:
		return citizen.PlatformIdentity{}, models.ErrUnavailable.Because(&callError{method: method, cause: "the answer has no usable open id"})
	}
	return citizen.PlatformIdentity{OpenID: rsp.OpenId, UnionID: rsp.UnionId, UserID: rsp.UserId}, nil
}

// MiniProgram is one of our mini-programs.
type MiniProgram struct{ *app }

var (
	_ citizen.LoginProvider = (*MiniProgram)(nil)
	_ citizen.PhoneProvider = (*MiniProgram)(nil)
)

// NewMiniProgram makes the adapter of one mini-program.
func NewMiniProgram(cfg configs.Alipay, settings configs.AlipayApp, d Deps) (*MiniProgram, error) {
	a, err := newApp(cfg, settings, "mini", models.AlipayMini, d)
	if err != nil {
		return nil, err
	}
	return &MiniProgram{a}, nil
}

// LifeAccount is one of our life accounts, whose users come by a browser inside Alipay.
type LifeAccount struct {
	*app
	authorize *url.URL
	returnTo  string
}

var _ citizen.AuthorizePage = (*LifeAccount)(nil)

// NewLifeAccount makes the adapter of one life account. returnTo is our address to which the authorize page sends the
// browser back with auth_code and state.
func NewLifeAccount(cfg configs.Alipay, settings configs.AlipayApp, returnTo string, d Deps) (*LifeAccount, error) {
	page, err := url.Parse(cfg.AuthorizeURL)
	if err != nil || page.Host == "" {
		return nil, errors.New("alipay: the address of the authorize page is not an address")
	}
	if u, err := url.Parse(returnTo); err != nil || u.Host == "" {
		return nil, errors.New("alipay: the return address of the authorize page is not an address")
	}
	a, err := newApp(cfg, settings, "life", models.AlipayLife, d)
	if err != nil {
		return nil, err
	}
	return &LifeAccount{a, page, returnTo}, nil
}

// AuthorizeURL is Alipay's page for a silent log-in (auth_base: the open id and nothing else), at the address the
// settings name: the SDK knows only the vendor's two.
func (l *LifeAccount) AuthorizeURL(state string) string {
	u, err := l.client.PublicAppAuthorize([]string{"auth_base"}, l.returnTo, state)
	if err != nil {
		return ""
	}
	u.Scheme, u.Host, u.Path = l.authorize.Scheme, l.authorize.Host, l.authorize.Path
	return u.String()
}
