package wechat

import (
	"net/http"
	"net/url"
	"slices"
)

// authorize shows the page on which one picks who taps the link. With citizen= it is the tap itself: 302 to the
// return address with a single-use code and the state. deny=1 is a refusal, and then no code comes back.
func (p *Platform) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	a, ok := p.apps[q.Get("appid")]
	p.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	scope := q.Get("scope")
	switch {
	case !ok || a.Kind != Official:
		errorPage(w, "appid 参数错误", "40013")
		return
	case err != nil || back.Host == "" || back.Scheme != "http" && back.Scheme != "https" || !returnsTo(a, back.Hostname()):
		errorPage(w, "redirect_uri 域名与后台配置不一致", "10003")
		return
	case q.Get("response_type") != "code":
		errorPage(w, "response_type 参数错误", "10004")
		return
	case scope != "snsapi_base" && scope != "snsapi_userinfo":
		errorPage(w, "Scope 参数错误或没有 Scope 权限", "10005")
		return
	case !wellFormedState(q.Get("state")):
		errorPage(w, "state 参数错误", "10006")
		return
	}
	if q.Get("deny") != "" {
		redirect(w, r, back, url.Values{"state": {q.Get("state")}})
		return
	}
	citizen := q.Get("citizen")
	if citizen == "" {
		p.pickPage(w, a, r.URL)
		return
	}
	text, err := p.issue(a.ID, citizen, Official, forOAuth, scope)
	if err != nil {
		errorPage(w, "没有这位用户", "10019")
		return
	}
	redirect(w, r, back, url.Values{"code": {text}, "state": {q.Get("state")}})
}

func returnsTo(a App, host string) bool {
	return len(a.RedirectHosts) == 0 || slices.Contains(a.RedirectHosts, host)
}

// wellFormedState: up to 128 bytes; the documents name a-zA-Z0-9, and the platform also takes - and _.
func wellFormedState(s string) bool {
	if len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func redirect(w http.ResponseWriter, r *http.Request, back *url.URL, add url.Values) {
	q := back.Query()
	for k, v := range add {
		q[k] = v
	}
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

type oauthReply struct {
	Token        string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"openid"`
	Scope        string `json:"scope"`
	UnionID      string `json:"unionid,omitempty"`
}

// oauthToken turns the authorize page's code into the user's openid in the official account.
func (p *Platform) oauthToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a, bad := p.app(q.Get("appid"), q.Get("secret"), Official)
	if bad == 0 && q.Get("grant_type") != "authorization_code" {
		bad = 40002
	}
	var c code
	if bad == 0 {
		c, bad = p.redeem(q.Get("code"), a.ID, forOAuth)
	}
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	answer(w, oauthReply{
		Token: "91_" + random(80), ExpiresIn: int(tokenLife.Seconds()), RefreshToken: "92_" + random(80),
		OpenID: p.OpenID(a.ID, c.citizen), Scope: c.scope, UnionID: p.unionID(a, c.citizen),
	})
}
