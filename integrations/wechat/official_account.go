package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/silenceper/wechat/v2/officialaccount"
	oaconfig "github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/officialaccount/oauth"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// OfficialAccount is one of our official accounts, whose users come by a browser inside WeChat.
type OfficialAccount struct {
	*app
	oauth     *oauth.Oauth
	authorize *url.URL
	returnTo  string
}

var _ citizen.AuthorizePage = (*OfficialAccount)(nil)

// NewOfficialAccount makes the adapter of one official account. returnTo is our address to which the authorize page
// sends the browser back with code and state.
func NewOfficialAccount(cfg configs.Wechat, settings configs.WechatApp, returnTo string, d Deps) (*OfficialAccount, error) {
	page, err := url.Parse(cfg.AuthorizeURL)
	if err != nil || page.Host == "" {
		return nil, errors.New("wechat: the address of the authorize page is not an address")
	}
	if u, err := url.Parse(returnTo); err != nil || u.Host == "" {
		return nil, errors.New("wechat: the return address of the authorize page is not an address")
	}
	a, err := newApp(cfg, settings, "oa", d)
	if err != nil {
		return nil, err
	}
	sdk := officialaccount.NewOfficialAccount(&oaconfig.Config{AppID: a.id, AppSecret: a.secret, Cache: noCache{}, UseStableAK: true})
	sdk.SetAccessTokenHandle(handle{a})
	return &OfficialAccount{app: a, oauth: sdk.GetOauth(), authorize: page, returnTo: returnTo}, nil
}

// Platform is wechat_oa.
func (*OfficialAccount) Platform() models.Channel { return models.WechatOA }

// AuthorizeURL is WeChat's page for a silent log-in (snsapi_base: the open id and nothing else), at the address the
// settings name: the SDK knows only the real one, and writes the state as it is.
func (o *OfficialAccount) AuthorizeURL(state string) string {
	real, err := o.oauth.GetRedirectURL(o.returnTo, "snsapi_base", url.QueryEscape(state))
	if err != nil {
		return ""
	}
	u, err := url.Parse(real)
	if err != nil {
		return ""
	}
	u.Scheme, u.Host, u.Path = o.authorize.Scheme, o.authorize.Host, o.authorize.Path
	return u.String()
}

// Exchange turns the code of the authorize page into the user's open id in this account. The user's own token that
// comes with it is dropped. A user of the snapshot mode (快照页) gets an open id that is nobody's and is not logged in.
func (o *OfficialAccount) Exchange(ctx context.Context, code string) (citizen.PlatformIdentity, error) {
	safe, err := codeInAddress(code)
	if err != nil {
		return citizen.PlatformIdentity{}, err
	}
	const api = "/sns/oauth2/access_token"
	var res oauth.ResAccessToken
	r := patiently(ctx, func() reply {
		var err error
		res, err = o.oauth.GetUserAccessTokenContext(toward(ctx, o.target), safe)
		return of(res.CommonError, err)
	})
	if err := o.refusal(ctx, api, r); err != nil {
		return citizen.PlatformIdentity{}, err
	}
	if res.IsSnapShotUser == 1 {
		return citizen.PlatformIdentity{}, citizen.ErrLoginCodeInvalid.Because(fmt.Errorf("wechat %s: snapshot user", api))
	}
	return o.identity(res.OpenID, res.UnionID)
}
