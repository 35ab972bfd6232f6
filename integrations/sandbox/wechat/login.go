package wechat

import (
	"encoding/base64"
	"net/http"
	"time"
)

// perMinute is how many log-ins one user may do in one app (45011).
const perMinute = 100

type minute struct {
	start time.Time
	count int
}

type sessionReply struct {
	OpenID     string `json:"openid"`
	SessionKey string `json:"session_key"`
	UnionID    string `json:"unionid,omitempty"`
}

// codeToSession is code2session of a mini-program.
func (p *Platform) codeToSession(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a, bad := p.app(q.Get("appid"), q.Get("secret"), Mini)
	if bad == 0 && q.Get("grant_type") != "authorization_code" {
		bad = 40002
	}
	var c code
	if bad == 0 {
		c, bad = p.redeem(q.Get("js_code"), a.ID, forSession)
	}
	if bad == 0 && p.tooOften(a.ID+" "+c.citizen) {
		bad = 45011
	}
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	answer(w, sessionReply{
		OpenID:     p.OpenID(a.ID, c.citizen),
		SessionKey: base64.StdEncoding.EncodeToString([]byte(random(16))),
		UnionID:    p.unionID(a, c.citizen),
	})
}

func (p *Platform) tooOften(who string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.logins[who]
	if now := p.now(); now.Sub(m.start) >= time.Minute || now.Before(m.start) {
		m = minute{start: now}
	}
	m.count++
	p.logins[who] = m
	return m.count > perMinute
}

type phoneInfo struct {
	PhoneNumber     string `json:"phoneNumber"`
	PurePhoneNumber string `json:"purePhoneNumber"`
	CountryCode     string `json:"countryCode"`
	Watermark       struct {
		Timestamp int64  `json:"timestamp"`
		AppID     string `json:"appid"`
	} `json:"watermark"`
}

type phoneReply struct {
	problem
	Info phoneInfo `json:"phone_info"`
}

// phoneNumber turns the code of the phone-number button into the number WeChat has on record.
func (p *Platform) phoneNumber(w http.ResponseWriter, r *http.Request) {
	a, bad := p.caller(r)
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	var in struct {
		Code string `json:"code"`
	}
	if !decode(w, r, &in) {
		return
	}
	if a.Kind != Mini {
		refuseWith(w, 48001)
		return
	}
	c, bad := p.redeem(in.Code, a.ID, forPhone)
	if bad == 40163 {
		bad = 40029 // the phone number call knows only "invalid code"
	}
	if bad != 0 {
		refuseWith(w, bad)
		return
	}
	who, _ := p.people.Find(c.citizen)
	out := phoneReply{problem: problem{0, "ok"}, Info: phoneInfo{PhoneNumber: who.Phone, PurePhoneNumber: who.Phone, CountryCode: "86"}}
	out.Info.Watermark.Timestamp, out.Info.Watermark.AppID = p.now().Unix(), a.ID
	answer(w, out)
}
