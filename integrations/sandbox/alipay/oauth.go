package alipay

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

type authCode struct {
	app, citizen, scope string
	until               time.Time
	used                bool
}

type grant struct {
	app, citizen, scope string
	until               time.Time
}

// AuthCode is what my.getAuthCode gives the citizen's mini-program, or the authorize page without the page: once,
// five minutes.
func (p *Platform) AuthCode(appID, citizen string) (string, error) {
	return p.issue(appID, citizen, "auth_base")
}

func (p *Platform) issue(appID, citizen, scope string) (string, error) {
	who, ok := p.people.Find(citizen)
	if !ok {
		return "", fmt.Errorf("alipay sandbox: no citizen %q", citizen)
	}
	if _, ok := p.apps[appID]; !ok {
		return "", fmt.Errorf("alipay sandbox: no app %q", appID)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text := random(32)
	p.codes[text] = &authCode{app: appID, citizen: who.Key, scope: scope, until: p.now().Add(codeLife)}
	p.order = append(p.order, text)
	if len(p.order) > maxKept {
		delete(p.codes, p.order[0])
		p.order = p.order[1:]
	}
	return text, nil
}

type tokenReply struct {
	Token        string `json:"access_token"`
	AuthStart    string `json:"auth_start"`
	ExpiresIn    int    `json:"expires_in"`
	ReExpiresIn  int    `json:"re_expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"open_id"`
	UserID       string `json:"user_id,omitempty"`
}

// oauthToken is alipay.system.oauth.token: an authorization code becomes the open_id in this app. A used, old or
// foreign code has one refusal.
func (p *Platform) oauthToken(c call) (*tokenReply, *refusal) {
	if c.form.Get("grant_type") != "authorization_code" {
		return nil, &refusal{"40002", "Invalid Arguments", "isv.grant-type-invalid", "授权类型无效"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code, ok := p.codes[c.form.Get("code")]
	if !ok || code.app != c.app.ID || code.used || !p.now().Before(code.until) {
		return nil, &refusal{"40002", "Invalid Arguments", "isv.code-invalid", "授权码code无效"}
	}
	code.used = true
	token := "auth" + random(36)
	now := p.now()
	p.tokens[token] = grant{c.app.ID, code.citizen, code.scope, now.Add(tokenLife)}
	out := &tokenReply{
		Token: token, AuthStart: now.In(time.FixedZone("CST", 8*3600)).Format(time.DateTime), ExpiresIn: int(tokenLife.Seconds()),
		ReExpiresIn: int(2 * tokenLife.Seconds()), RefreshToken: "auth" + random(36), OpenID: p.OpenID(c.app.ID, code.citizen),
	}
	if c.app.UserIDs {
		out.UserID = p.userID(code.citizen)
	}
	return out, nil
}

// userInfo is alipay.user.info.share; it needs a token of scope auth_user.
func (p *Platform) userInfo(c call) any {
	p.mu.Lock()
	g, ok := p.tokens[c.form.Get("auth_token")]
	alive := ok && p.now().Before(g.until)
	p.mu.Unlock()
	switch {
	case !alive || g.app != c.app.ID:
		return refusal{"20001", "Insufficient Token Permissions", "aop.invalid-auth-token", "无效的访问令牌"}
	case g.scope != "auth_user":
		return refusal{"40006", "Insufficient Permissions", "isv.insufficient-user-permissions", "用户权限不足"}
	}
	return struct {
		Code     string `json:"code"`
		Msg      string `json:"msg"`
		OpenID   string `json:"open_id"`
		NickName string `json:"nick_name"`
	}{"10000", "Success", p.OpenID(c.app.ID, g.citizen), "洛阳市民"}
}

// authorize shows the page on which one picks who taps the link. With citizen= it is the tap itself: 302 to the
// return address with a single-use auth_code and the state. deny=1 is a refusal: no code comes back.
func (p *Platform) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a, ok := p.apps[q.Get("app_id")]
	back, err := url.Parse(q.Get("redirect_uri"))
	scope := q.Get("scope")
	switch {
	case !ok:
		errorPage(w, "应用不存在", "INVALID_APP_ID")
		return
	case err != nil || back.Host == "" || back.Scheme != "http" && back.Scheme != "https" || !returnsTo(a, back.Hostname()):
		errorPage(w, "回调地址与应用设置不一致", "INVALID_REDIRECT_URI")
		return
	case scope != "auth_base" && scope != "auth_user":
		errorPage(w, "授权范围有误", "INVALID_SCOPE")
		return
	case len(q.Get("state")) > 100:
		errorPage(w, "state 参数过长", "INVALID_STATE")
		return
	}
	add := url.Values{"app_id": {a.ID}, "source": {"alipay_wallet"}, "scope": {scope}}
	if s := q.Get("state"); s != "" {
		add.Set("state", s)
	}
	citizen := q.Get("citizen")
	switch {
	case q.Get("deny") != "":
		add.Set("error_code", "USER_REFUSED")
	case citizen == "":
		p.pickPage(w, a, r.URL)
		return
	default:
		code, err := p.issue(a.ID, citizen, scope)
		if err != nil {
			errorPage(w, "没有这位用户", "USER_NOT_EXIST")
			return
		}
		add.Set("auth_code", code)
	}
	to := back.Query()
	for k, v := range add {
		to[k] = v
	}
	back.RawQuery = to.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func returnsTo(a App, host string) bool {
	return len(a.RedirectHosts) == 0 || slices.Contains(a.RedirectHosts, host)
}
