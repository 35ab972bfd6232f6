package wechat

import (
	"context"

	"github.com/silenceper/wechat/v2/miniprogram"
	"github.com/silenceper/wechat/v2/miniprogram/auth"
	mpconfig "github.com/silenceper/wechat/v2/miniprogram/config"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// MiniProgram is one of our mini-programs.
type MiniProgram struct {
	*app
	auth *auth.Auth
}

var (
	_ citizen.LoginProvider = (*MiniProgram)(nil)
	_ citizen.PhoneProvider = (*MiniProgram)(nil)
)

// NewMiniProgram makes the adapter of one mini-program. Close it when it is no longer used.
func NewMiniProgram(cfg configs.Wechat, settings configs.WechatApp, d Deps) (*MiniProgram, error) {
	a, err := newApp(cfg, settings, "mini", d)
	if err != nil {
		return nil, err
	}
	sdk := miniprogram.NewMiniProgram(&mpconfig.Config{AppID: a.id, AppSecret: a.secret, Cache: noCache{}, UseStableAK: true})
	sdk.SetAccessTokenContextHandle(handle{a})
	return &MiniProgram{app: a, auth: sdk.GetAuth()}, nil
}

// Platform is wechat_mini.
func (*MiniProgram) Platform() models.Channel { return models.WechatMini }

// Exchange turns the code of wx.login into the user's open id in this mini-program. The session key that comes with it
// is dropped: nothing here needs it.
func (m *MiniProgram) Exchange(ctx context.Context, code string) (citizen.PlatformIdentity, error) {
	safe, err := codeInAddress(code)
	if err != nil {
		return citizen.PlatformIdentity{}, err
	}
	var res auth.ResCode2Session
	r := patiently(ctx, func() reply {
		var err error
		res, err = m.auth.Code2SessionContext(toward(ctx, m.target), safe)
		return of(res.CommonError, err)
	})
	if err := m.refusal(ctx, "/sns/jscode2session", r); err != nil {
		return citizen.PlatformIdentity{}, err
	}
	return m.identity(res.OpenID, res.UnionID)
}

// PhoneNumber turns the code of the phone-number button into the number. An answer made for another app is not
// believed. A number from abroad cannot get our messages and is refused as such.
func (m *MiniProgram) PhoneNumber(ctx context.Context, proof string) (models.Phone, error) {
	if proof == "" || len(proof) > maxCode {
		return models.Phone{}, citizen.ErrLoginCodeInvalid
	}
	const api = "/wxa/business/getuserphonenumber"
	var info auth.PhoneInfo
	err := m.withToken(ctx, api, func(ctx context.Context, _ string) reply {
		return patiently(ctx, func() reply {
			res, err := m.auth.GetPhoneNumberContext(ctx, proof)
			if res == nil {
				return reply{err: err}
			}
			info = res.PhoneInfo
			return of(res.CommonError, err)
		})
	})
	if err != nil {
		return models.Phone{}, err
	}
	if info.WaterMark.AppID != m.id {
		return models.Phone{}, models.ErrUnavailable.Because(&callError{path: api, cause: "the answer is another app's"})
	}
	if info.CountryCode != "86" {
		return models.Phone{}, models.ErrPhoneForm
	}
	return models.ParsePhone(info.PurePhoneNumber)
}
