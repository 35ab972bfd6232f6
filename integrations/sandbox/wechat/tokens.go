package wechat

import (
	"net/http"
	"time"
)

type token struct {
	app   string
	until time.Time
}

// Flavours of access token: the vendor keeps plain and stable ones apart.
const (
	plain  = "plain"
	stable = "stable"
)

type tokenReply struct {
	Token     string `json:"access_token"`
	ExpiresIn int    `json:"expires_in"`
}

// plainToken gives a new token at each call, and the one before dies.
func (p *Platform) plainToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("grant_type") != "client_credential" {
		refuseWith(w, 40002)
		return
	}
	a, bad := p.app(q.Get("appid"), q.Get("secret"), Mini, Official)
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	answer(w, p.give(a.ID, plain, true))
}

// stableToken gives the same token to all until it dies; force_refresh kills it.
func (p *Platform) stableToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Grant  string `json:"grant_type"`
		App    string `json:"appid"`
		Secret string `json:"secret"`
		Force  bool   `json:"force_refresh"`
	}
	if !decode(w, r, &in) {
		return
	}
	if in.Grant != "client_credential" {
		refuseWith(w, 40002)
		return
	}
	a, bad := p.app(in.App, in.Secret, Mini, Official)
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	answer(w, p.give(a.ID, stable, in.Force))
}

func (p *Platform) give(app, flavour string, fresh bool) tokenReply {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := app + " " + flavour
	now := p.now()
	if t, ok := p.tokens[p.latest[slot]]; ok && !fresh && now.Before(t.until) {
		return tokenReply{p.latest[slot], int(t.until.Sub(now) / time.Second)}
	}
	delete(p.tokens, p.latest[slot])
	text := "90_" + random(130)
	p.tokens[text] = &token{app: app, until: now.Add(tokenLife)}
	p.latest[slot] = text
	p.fetched[app]++
	return tokenReply{text, int(tokenLife / time.Second)}
}

// caller is the app an access token belongs to, or the vendor's refusal: 40001 for a dead one, 42001 for an old one.
func (p *Platform) caller(r *http.Request) (App, int) {
	text := r.URL.Query().Get("access_token")
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.tokens[text]
	switch {
	case text == "":
		return App{}, 41001
	case !ok:
		return App{}, 40001
	case !p.now().Before(t.until):
		return App{}, 42001
	}
	return p.apps[t.app], 0
}

// TokensMade is how often a new token was made for the app.
func (p *Platform) TokensMade(appID string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetched[appID]
}

// KillTokens makes every token of the app invalid at once, as a reset of the secret in the vendor's console does (40001).
func (p *Platform) KillTokens(appID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for text, t := range p.tokens {
		if t.app == appID {
			delete(p.tokens, text)
		}
	}
}

// ExpireTokens makes every token of the app too old at once (42001).
func (p *Platform) ExpireTokens(appID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tokens {
		if t.app == appID {
			t.until = p.now()
		}
	}
}
