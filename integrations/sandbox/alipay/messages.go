package alipay

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Sent is a message that arrived in a citizen's Alipay.
type Sent struct {
	ID       string
	App      string
	Citizen  string
	Template string
	Text     string
	Opens    string
	At       time.Time
}

// mail is what the platform remembers of messages and of who allowed them.
type mail struct {
	mu       sync.Mutex
	consents map[[3]string]*consent // app, citizen, template
	follows  map[[2]string]bool     // app, citizen
	sent     []Sent
}

type consent struct {
	once   int
	always bool
}

func newMail() *mail {
	return &mail{consents: map[[3]string]*consent{}, follows: map[[2]string]bool{}}
}

var (
	notSubscribed = refusal{"40004", "Business Failed", "USER_NOT_SUBSCRIBE", "用户未订阅该模板"}
	notFollowing  = refusal{"40004", "Business Failed", "USER_NOT_FOLLOW", "用户未关注生活号"}
	badOpenID     = refusal{"40004", "Business Failed", "INVALID_OPEN_ID", "open_id无效"}
	badTemplate   = refusal{"40004", "Business Failed", "TEMPLATE_NOT_EXIST", "模板不存在"}
)

// Subscribe is the citizen's answer to the pop-up of my.requestSubscribeMessage: accept allows one message more, always any
// number, reject takes back what there was.
func (p *Platform) Subscribe(appID, citizen, template, answer string) error {
	who, ok := p.people.Find(citizen)
	a, known := p.apps[appID]
	if !ok || !known || a.Life || a.Templates[template] == nil {
		return errors.New("alipay sandbox: no such citizen, mini-program or template")
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
		return errors.New("alipay sandbox: want accept, always or reject")
	}
	return nil
}

// Follow makes the citizen a follower of a life account, or no more.
func (p *Platform) Follow(appID, citizen string, follows bool) error {
	who, ok := p.people.Find(citizen)
	if a, known := p.apps[appID]; !ok || !known || !a.Life {
		return errors.New("alipay sandbox: no such citizen or life account")
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	p.mail.follows[[2]string{appID, who.Key}] = follows
	return nil
}

// Sent lists what arrived, everyone's where citizen is empty, oldest first.
func (p *Platform) Sent(citizen string) []Sent {
	if who, ok := p.people.Find(citizen); ok {
		citizen = who.Key
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

type sendReply struct {
	Code  string `json:"code"`
	Msg   string `json:"msg"`
	MsgID string `json:"msg_id"`
}

// miniMessage is alipay.open.app.mini.templatemessage.send.
func (p *Platform) miniMessage(c call) any {
	var in struct {
		To       string `json:"to_open_id"`
		Template string `json:"user_template_id"`
		Page     string `json:"page"`
		Data     string `json:"data"`
	}
	var data map[string]json.RawMessage
	if !c.content(&in) || len(in.Data) > 2048 || len(in.Page) == 0 || len(in.Page) > 128 || json.Unmarshal([]byte(in.Data), &data) != nil {
		return badParameter
	}
	if c.app.Life {
		return refusal{"40006", "Insufficient Permissions", "isv.insufficient-isv-permissions", "ISV权限不足"}
	}
	who, words, bad := p.addressed(c.app, in.To, in.Template, data)
	if bad != nil {
		return *bad
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	has := p.mail.consents[[3]string{c.app.ID, who, in.Template}]
	if has == nil || !has.always && has.once == 0 {
		return notSubscribed
	}
	if !has.always {
		has.once--
	}
	return sendReply{"10000", "Success", p.mail.deliver(Sent{"", c.app.ID, who, in.Template, words, in.Page, p.now()})}
}

// lifeMessage is alipay.open.public.message.single.send.
func (p *Platform) lifeMessage(c call) any {
	var in struct {
		To       string `json:"to_open_id"`
		Template struct {
			ID      string                     `json:"template_id"`
			Context map[string]json.RawMessage `json:"context"`
		} `json:"template"`
	}
	if !c.content(&in) {
		return badParameter
	}
	if !c.app.Life {
		return refusal{"40006", "Insufficient Permissions", "isv.insufficient-isv-permissions", "ISV权限不足"}
	}
	var opens, action, colour string
	_ = json.Unmarshal(in.Template.Context["url"], &opens)
	_ = json.Unmarshal(in.Template.Context["action_name"], &action)
	_ = json.Unmarshal(in.Template.Context["head_color"], &colour)
	if u, err := url.Parse(opens); err != nil || u.Host == "" || action == "" || colour == "" {
		return badParameter
	}
	who, words, bad := p.addressed(c.app, in.To, in.Template.ID, in.Template.Context)
	if bad != nil {
		return *bad
	}
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	if !p.mail.follows[[2]string{c.app.ID, who}] {
		return notFollowing
	}
	return sendReply{"10000", "Success", p.mail.deliver(Sent{"", c.app.ID, who, in.Template.ID, words, opens, p.now()})}
}

// addressed finds whom a message is for and reads its keywords: each of the template's must be there, 1 to 20 characters.
func (p *Platform) addressed(a App, openID, template string, data map[string]json.RawMessage) (citizen, words string, bad *refusal) {
	p.openIDsMu.Lock()
	citizen, known := p.openIDs[[2]string{a.ID, openID}]
	p.openIDsMu.Unlock()
	keys := a.Templates[template]
	switch {
	case !known:
		return "", "", &badOpenID
	case keys == nil:
		return "", "", &badTemplate
	}
	var all []string
	for _, key := range keys {
		var one struct {
			Value string `json:"value"`
		}
		if json.Unmarshal(data[key], &one) != nil || one.Value == "" || utf8.RuneCountInString(one.Value) > 20 || strings.ContainsAny(one.Value, "\r\n") {
			return "", "", &badParameter
		}
		all = append(all, one.Value)
	}
	return citizen, strings.Join(all, " · "), nil
}

// deliver puts a message into the citizen's Alipay. The caller holds the lock.
func (q *mail) deliver(s Sent) string {
	s.ID = "am" + strconv.FormatInt(s.At.UnixMilli(), 10) + random(6)
	q.sent = append(q.sent, s)
	if len(q.sent) > maxKept {
		q.sent = q.sent[1:]
	}
	return s.ID
}
