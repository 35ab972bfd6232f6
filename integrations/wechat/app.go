// Package wechat speaks to WeChat through silenceper/wechat: log-in of mini-program and official account, phone
// numbers, and the face check, which the SDK does not know and which goes through the SDK's own HTTP functions.
// Only the SDK's miniprogram and officialaccount halves are imported: its root package sets up a logger in init.
package wechat

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// Deps are what every app needs.
type Deps struct {
	Tokens TokenStore
	Clock  models.Clock
	Log    *slog.Logger
}

// app is what mini-programs and official accounts have in common.
type app struct {
	name, id, secret string
	target           *target
	tokens           TokenStore
	clock            models.Clock
	log              *slog.Logger
	close            func()
}

func newApp(cfg configs.Wechat, settings configs.WechatApp, kind string, d Deps) (*app, error) {
	switch {
	case settings.Kind != kind:
		return nil, fmt.Errorf("wechat: app %s is of kind %q, not %q", settings.Name, settings.Kind, kind)
	case settings.AppID == "" || !settings.Secret.IsSet():
		return nil, fmt.Errorf("wechat: app %s has no app id or no secret", settings.Name)
	case cfg.Timeout <= 0:
		return nil, errors.New("wechat: calls need a timeout")
	case d.Tokens == nil || d.Clock == nil || d.Log == nil:
		return nil, errors.New("wechat: token store, clock and log are needed")
	}
	a := &app{name: settings.Name, id: settings.AppID, secret: settings.Secret.Reveal(), tokens: d.Tokens, clock: d.Clock, log: d.Log}
	var err error
	a.target, a.close, err = register(a.id, a.secret, cfg.APIURL, cfg.Timeout)
	return a, err
}

// AppID is the app's id on the platform; an open id means nothing without it.
func (a *app) AppID() string { return a.id }

// Close takes the app's address out of the process-wide transport.
func (a *app) Close() error {
	a.close()
	return nil
}

// maxCode is more than any code of the vendor's is long.
const maxCode = 512

// codeInAddress makes a client's code safe for the SDK, which writes it into the address as it is: an unescaped
// "&appid=" in it would speak for another app.
func codeInAddress(code string) (string, error) {
	if code == "" || len(code) > maxCode {
		return "", citizen.ErrLoginCodeInvalid
	}
	return url.QueryEscape(code), nil
}

// identity checks what the platform told before it becomes a key of ours.
func (a *app) identity(openID, unionID string) (citizen.PlatformIdentity, error) {
	if openID == "" || len(openID) > citizen.MaxOpenID || len(unionID) > citizen.MaxOpenID {
		return citizen.PlatformIdentity{}, models.ErrUnavailable.Because(errNoField)
	}
	return citizen.PlatformIdentity{OpenID: openID, UnionID: unionID}, nil
}
