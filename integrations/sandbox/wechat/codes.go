package wechat

import (
	"fmt"
	"time"
)

type purpose string

const (
	forSession purpose = "session" // wx.login
	forPhone   purpose = "phone"   // open-type=getPhoneNumber
	forOAuth   purpose = "oauth"   // the authorize page
)

type code struct {
	app, citizen string
	purpose      purpose
	scope        string
	until        time.Time
	used         bool
}

// maxKept bounds codes and face checks; older ones are forgotten.
const maxKept = 10_000

// LoginCode is what wx.login gives the citizen's mini-program: once, five minutes.
func (p *Platform) LoginCode(appID, citizen string) (string, error) {
	return p.issue(appID, citizen, Mini, forSession, "")
}

// PhoneCode is what the phone-number button gives after the citizen agreed. It is not the log-in code.
func (p *Platform) PhoneCode(appID, citizen string) (string, error) {
	return p.issue(appID, citizen, Mini, forPhone, "")
}

// OAuthCode is what the authorize page gives, without the page.
func (p *Platform) OAuthCode(appID, citizen string) (string, error) {
	return p.issue(appID, citizen, Official, forOAuth, "snsapi_base")
}

func (p *Platform) issue(appID, citizen string, kind Kind, why purpose, scope string) (string, error) {
	who, ok := p.people.Find(citizen)
	if !ok {
		return "", fmt.Errorf("wechat sandbox: no citizen %q", citizen)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a, ok := p.apps[appID]; !ok || a.Kind != kind {
		return "", fmt.Errorf("wechat sandbox: no %s app %q", kind, appID)
	}
	text := "0" + random(31)
	p.codes[text] = &code{app: appID, citizen: who.Key, purpose: why, scope: scope, until: p.now().Add(codeLife)}
	p.order = append(p.order, text)
	if len(p.order) > maxKept {
		delete(p.codes, p.order[0])
		p.order = p.order[1:]
	}
	return text, nil
}

// redeem spends a code, or says with which errcode the vendor refuses it.
func (p *Platform) redeem(text, appID string, why purpose) (code, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.codes[text]
	switch {
	case text == "":
		return code{}, 41008
	case !ok || c.app != appID || c.purpose != why || !p.now().Before(c.until):
		return code{}, 40029
	case c.used:
		return code{}, 40163
	case p.blocked[c.citizen]:
		return code{}, 40226
	}
	c.used = true
	return *c, 0
}

// app checks an app id and its secret as the vendor does.
func (p *Platform) app(id, secret string, kinds ...Kind) (App, int) {
	p.mu.Lock()
	a, ok := p.apps[id]
	p.mu.Unlock()
	switch {
	case id == "":
		return App{}, 41002
	case !ok:
		return App{}, 40013
	case secret == "":
		return App{}, 41004
	case secret != a.Secret:
		return App{}, 40125
	}
	for _, k := range kinds {
		if a.Kind == k {
			return a, 0
		}
	}
	return App{}, 48001
}
