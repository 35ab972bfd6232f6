package wechat

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Sent is a message that arrived in a citizen's WeChat.
type Sent struct {
	ID       string
	App      string
	Citizen  string
	Template string
	Text     string // the fields' values in the template's order
	Opens    string // the page or address it opens
	At       time.Time
}

// mail is what the platform remembers of messages and of who allowed them.
type mail struct {
	mu       sync.Mutex
	consents map[[3]string]*consent // app, citizen, template
	follows  map[[2]string]bool     // app, citizen
	sent     []Sent
	byOwn    map[[2]string]string // openid and client_msg_id -> msgid
	serial   int64
}

type consent struct {
	once   int
	always bool
}

func newMail() *mail {
	return &mail{consents: map[[3]string]*consent{}, follows: map[[2]string]bool{}, byOwn: map[[2]string]string{}, serial: 1700827132819554304}
}

// Subscribe is the citizen's answer to the pop-up of wx.requestSubscribeMessage: accept allows one message more, always any
// number (long-term templates), reject takes back what there was.
func (p *Platform) Subscribe(appID, citizen, template, answer string) error {
	who, ok := p.people.Find(citizen)
	a, known := p.apps[appID]
	if !ok || !known || a.Kind != Mini || a.Templates[template] == nil {
		return fmt.Errorf("wechat sandbox: no such citizen, mini-program or template")
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	key := [3]string{appID, who.Key, template}
	c := p.mail.consents[key]
	if c == nil {
		c = &consent{}
		p.mail.consents[key] = c
	}
	switch answer {
	case "accept":
		c.once++
	case "always":
		c.always = true
	case "reject":
		*c = consent{}
	default:
		return fmt.Errorf("wechat sandbox: want accept, always or reject")
	}
	return nil
}

// Follow makes the citizen a follower of an official account, or no more.
func (p *Platform) Follow(appID, citizen string, follows bool) error {
	who, ok := p.people.Find(citizen)
	if a, known := p.apps[appID]; !ok || !known || a.Kind != Official {
		return fmt.Errorf("wechat sandbox: no such citizen or official account")
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	p.mail.follows[[2]string{appID, who.Key}] = follows
	return nil
}

// Sent lists what arrived, everyone's where citizen is empty, oldest first.
func (p *Platform) Sent(citizen string) []Sent {
	if citizen != "" {
		citizen = p.key(citizen)
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	out := []Sent{}
	for _, s := range p.mail.sent {
		if citizen == "" || s.Citizen == citizen {
			out = append(out, s)
		}
	}
	return out
}

type field struct {
	Value json.RawMessage `json:"value"`
}

type messageIn struct {
	ToUser      string           `json:"touser"`
	Template    string           `json:"template_id"`
	Page        string           `json:"page"`
	State       string           `json:"miniprogram_state"`
	Lang        string           `json:"lang"`
	URL         string           `json:"url"`
	Own         string           `json:"client_msg_id"`
	Data        map[string]field `json:"data"`
	Miniprogram struct {
		AppID string `json:"appid"`
		Page  string `json:"pagepath"`
	} `json:"miniprogram"`
}

type messageOut struct {
	problem
	MsgID json.Number `json:"msgid"`
}

// subscribeSend is the mini-program's message to somebody who allowed it.
func (p *Platform) subscribeSend(w http.ResponseWriter, r *http.Request) {
	a, in, to, ok := p.message(w, r, Mini)
	if !ok {
		return
	}
	page, _, _ := strings.Cut(in.Page, "?")
	switch {
	case in.Page != "" && !slices.Contains(a.pages(), page):
		refuseWith(w, 41030)
		return
	case in.State != "" && in.State != "formal" && in.State != "trial" && in.State != "developer":
		refuse(w, 47003, "argument invalid! miniprogram_state invalid")
		return
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	c := p.mail.consents[[3]string{a.ID, to, in.Template}]
	if c == nil || !c.always && c.once == 0 {
		refuseWith(w, 43101)
		return
	}
	if !c.always {
		c.once--
	}
	answer(w, messageOut{problem{0, "ok"}, json.Number(p.mail.deliver(p.now(), a, in, to, in.Page))})
}

// templateSend is the official account's message to a follower. The same client_msg_id for the same user is one message.
func (p *Platform) templateSend(w http.ResponseWriter, r *http.Request) {
	a, in, to, ok := p.message(w, r, Official)
	if !ok {
		return
	}
	opens := in.URL
	if in.Miniprogram.AppID != "" {
		if m, known := p.apps[in.Miniprogram.AppID]; !known || m.Kind != Mini {
			refuseWith(w, 40013)
			return
		}
		opens = in.Miniprogram.AppID + " " + in.Miniprogram.Page
	}
	if u, err := url.Parse(in.URL); err != nil || in.URL != "" && u.Host == "" {
		refuseWith(w, 40066)
		return
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	if !p.mail.follows[[2]string{a.ID, to}] {
		refuseWith(w, 43004)
		return
	}
	own := [2]string{in.ToUser, in.Own}
	id := p.mail.byOwn[own]
	if id == "" || in.Own == "" {
		id = p.mail.deliver(p.now(), a, in, to, opens)
		p.mail.byOwn[own] = id
	}
	answer(w, messageOut{problem{0, "ok"}, json.Number(id)})
}

// message reads a call and checks what both kinds have in common, in the vendor's order.
func (p *Platform) message(w http.ResponseWriter, r *http.Request, kind Kind) (a App, in messageIn, to string, ok bool) {
	a, bad := p.caller(r)
	if bad != 0 {
		refuseWith(w, bad)
		return a, in, "", false
	}
	if !decode(w, r, &in) {
		return a, in, "", false
	}
	p.mu.Lock()
	who, known := p.openids[in.ToUser]
	p.mu.Unlock()
	keys := p.keysOf(a, in.Template)
	switch {
	case a.Kind != kind:
		refuseWith(w, 48001)
	case !known || who.app != a.ID:
		refuseWith(w, 40003)
	case keys == nil:
		refuseWith(w, 40037)
	default:
		if wrong := wrongField(keys, in.Data); wrong != "" {
			refuse(w, 47003, "argument invalid! "+wrong)
			return a, in, "", false
		}
		return a, in, who.citizen, true
	}
	return a, in, "", false
}

// deliver puts a message into the citizen's WeChat. The caller holds the lock.
func (q *mail) deliver(at time.Time, a App, in messageIn, to, opens string) string {
	q.serial++
	id := strconv.FormatInt(q.serial, 10)
	var words []string
	for _, key := range a.Templates[in.Template] {
		v, _ := text(in.Data[key].Value)
		words = append(words, v)
	}
	q.sent = append(q.sent, Sent{id, a.ID, to, in.Template, strings.Join(words, " · "), opens, at})
	if len(q.sent) > maxKept {
		q.sent = q.sent[1:]
	}
	return id
}

// pages are those of the released version.
func (a App) pages() []string {
	if len(a.Pages) > 0 {
		return a.Pages
	}
	return []string{"pages/notice"}
}

var fieldRules = map[string]*regexp.Regexp{
	"thing": regexp.MustCompile(`^[^\r\n]{1,20}$`), "phrase": regexp.MustCompile(`^\p{Han}{1,5}$`), "number": regexp.MustCompile(`^[\d.]{1,32}$`),
	"letter": regexp.MustCompile(`^[A-Za-z]{1,32}$`), "symbol": regexp.MustCompile(`^[^\p{L}\p{N}\s]{1,5}$`),
	"character_string": regexp.MustCompile(`^[!-~]{1,32}$`), "amount": regexp.MustCompile(`^[¥$]?\d{1,10}(\.\d{1,2})?元?$`),
	"time": regexp.MustCompile(`^(\d{4}年\d{1,2}月\d{1,2}日 ?)?\d{1,2}:\d{2}(:\d{2})?$`), "date": regexp.MustCompile(`^\d{4}年\d{1,2}月\d{1,2}日$`),
	"name": regexp.MustCompile(`^(\p{Han}{1,10}|[A-Za-z ]{1,20})$`), "phone_number": regexp.MustCompile(`^[\d+-]{1,17}$`),
	"car_number": regexp.MustCompile(`^[\p{Han}A-Z0-9]{1,8}$`),
}

// wrongField names the first field that breaks its rule in the vendor's words; empty: none does. Every field of the
// template must be there with a value.
func wrongField(keys []string, data map[string]field) string {
	for _, key := range keys {
		v, isText := text(data[key].Value)
		switch rule := fieldRules[strings.TrimRight(key, "0123456789")]; {
		case !isText || v == "":
			return "data." + key + ".value is empty"
		case rule == nil || !utf8.ValidString(v) || !rule.MatchString(v):
			return "data." + key + ".value invalid"
		}
	}
	return ""
}

func text(raw json.RawMessage) (string, bool) {
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
