package alipay

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// lives is what the platform knows of life accounts: where their servers are, what they answered, their menus.
type lives struct {
	mu     sync.Mutex
	to     map[string]string
	last   map[string]url.Values
	said   map[string][]Said
	menus  map[string]string
	client *http.Client
}

func newLives() *lives {
	return &lives{to: map[string]string{}, last: map[string]url.Values{}, said: map[string][]Said{}, menus: map[string]string{}, client: &http.Client{Timeout: 6 * time.Second}}
}

// Said is an answer that an account sent to one user.
type Said struct{ To, Text string }

// SetGateway enters a life account's gateway (应用网关); empty: it is told nothing.
func (p *Platform) SetGateway(appID, to string) {
	p.lives.mu.Lock()
	defer p.lives.mu.Unlock()
	p.lives.to[appID] = to
}

// Said are the answers that a citizen got from an account, oldest first.
func (p *Platform) Said(appID, citizen string) []string {
	id := p.OpenID(appID, citizen)
	p.lives.mu.Lock()
	defer p.lives.mu.Unlock()
	out := []string{}
	for _, s := range p.lives.said[appID] {
		if s.To == id {
			out = append(out, s.Text)
		}
	}
	return out
}

// Happening is something a citizen does at a life account: follow, unfollow, enter, click, scan, text, image; check is
// the console's check of the gateway.
type Happening struct {
	App, Citizen, What string
	Text               string
	Key                string
	Charset            string // utf-8 or GBK; empty: GBK, the vendor's own, in which only ASCII and a bill's words can be written
	At                 time.Time
}

// Answered is what the account's server said.
type Answered struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	Taken  bool   `json:"taken"` // the acknowledgement is there and signed by the app
}

// Tell sends it to the account's gateway; how is empty, forged, replayed, stale, unsigned, oversized, other_app or
// foreign_cert.
func (p *Platform) Tell(ctx context.Context, h Happening, how string) (Answered, error) {
	p.lives.mu.Lock()
	to, last := p.lives.to[h.App], p.lives.last[h.App]
	p.lives.mu.Unlock()
	if to == "" {
		return Answered{}, errors.New("the account has no gateway")
	}
	form := last
	if how != "replayed" {
		form = p.happening(h, how)
	}
	if form == nil {
		return Answered{}, errors.New("nothing was sent yet")
	}
	p.lives.mu.Lock()
	p.lives.last[h.App] = form
	p.lives.mu.Unlock()
	body := form.Encode()
	if how == "oversized" {
		body += "&padding=" + strings.Repeat("x", 70<<10)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return Answered{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.lives.client.Do(req)
	if err != nil {
		return Answered{}, errors.New("the gateway did not answer")
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	return Answered{res.StatusCode, string(text), res.StatusCode == http.StatusOK && p.acknowledged(h.App, string(text))}, err
}

func (p *Platform) happening(h Happening, how string) url.Values {
	at := h.At
	if at.IsZero() {
		at = p.now()
	}
	if how == "stale" {
		at = at.Add(-10 * time.Minute)
	}
	app := h.App
	if how == "other_app" {
		app = "2099000000000000"
	}
	kind, event := "event", h.What
	switch h.What {
	case "text", "image":
		kind, event = h.What, ""
	case "check":
		event = "verifygw"
	}
	el := func(name, text string) string { return "<" + name + "><![CDATA[" + text + "]]></" + name + ">" }
	content := "<XML>" + el("AppId", app) + el("FromOpenId", p.OpenID(h.App, h.Citizen)) + el("FromUserId", p.userID(h.Citizen)) +
		"<CreateTime>" + strconv.FormatInt(at.UnixMilli(), 10) + "</CreateTime>" + el("MsgType", kind)
	if event != "" {
		content += el("EventType", event) + el("ActionParam", h.Key)
	}
	if kind == "text" {
		content += "<Text>" + el("Content", h.Text) + "</Text>"
	}
	content += "</XML>"
	charset := h.Charset
	if charset == "" {
		charset = "GBK"
	}
	if charset == "GBK" {
		content = string(gbk(content))
	}
	form := url.Values{"service": {"alipay.mobile.public.message.notify"}, "charset": {charset}, "sign_type": {"RSA2"}, "biz_content": {content}}
	if h.What == "check" {
		form.Set("service", "alipay.service.check")
	}
	form.Set("sign", p.sign([]byte(gatewayText(form))))
	if p.certSN != "" {
		form.Set("alipay_cert_sn", p.certSN)
	}
	switch how {
	case "forged":
		form.Set("biz_content", strings.Replace(content, "FromOpenId", "FromOpenID", 2))
	case "unsigned":
		form.Del("sign")
	case "foreign_cert":
		form.Set("alipay_cert_sn", strings.Repeat("0", 32))
	}
	return form
}

// gatewayText is what is signed here: sorted, without the signature, with sign_type.
func gatewayText(form url.Values) string {
	var pairs []string
	for k := range form {
		if k != "sign" && k != "alipay_cert_sn" {
			pairs = append(pairs, k+"="+form.Get(k))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// acknowledged checks the app's signature over its answer.
func (p *Platform) acknowledged(app, body string) bool {
	_, rest, ok := strings.Cut(body, "<response>")
	inner, after, closed := strings.Cut(rest, "</response>")
	var in struct {
		XMLName xml.Name `xml:"alipay"`
		Sign    string   `xml:"sign"`
	}
	if !ok || !closed || xml.Unmarshal([]byte("<alipay>"+strings.TrimSuffix(after, "</alipay>")+"</alipay>"), &in) != nil {
		return false
	}
	sign, err := base64.StdEncoding.DecodeString(in.Sign)
	sum := sha256.Sum256([]byte(inner))
	a, known := p.apps[app]
	fits := strings.Contains(inner, "<MsgType>ack</MsgType>") || strings.Contains(inner, "<success>true</success>")
	return err == nil && known && fits && rsa.VerifyPKCS1v15(a.PublicKey, crypto.SHA256, sum[:], sign) == nil
}

// life answers the methods of life accounts.
func (p *Platform) life(c call) any {
	p.lives.mu.Lock()
	defer p.lives.mu.Unlock()
	good := map[string]string{"code": "10000", "msg": "Success"}
	switch c.method {
	case "alipay.open.public.menu.query":
		text, there := p.lives.menus[c.app.ID]
		if !there {
			return refusal{"40004", "Business Failed", "MENU_NOT_EXIST", "菜单不存在"}
		}
		good["menu_content"] = text
	case "alipay.open.public.menu.create", "alipay.open.public.menu.modify":
		_, there := p.lives.menus[c.app.ID]
		if there == (c.method == "alipay.open.public.menu.create") {
			return refusal{"40004", "Business Failed", map[bool]string{true: "MENU_ALREADY_EXIST", false: "MENU_NOT_EXIST"}[there], "菜单状态不符"}
		}
		text, bad := lifeMenuOf(c)
		if bad != nil {
			return bad
		}
		p.lives.menus[c.app.ID] = text
		good["menu_key"] = "default"
	default:
		var in struct {
			To   string `json:"to_open_id"`
			Kind string `json:"msg_type"`
			Text struct {
				Content string `json:"content"`
			} `json:"text"`
		}
		if !c.content(&in) || in.To == "" || in.Kind != "text" || in.Text.Content == "" || len(in.Text.Content) > 2048 {
			return badParameter
		}
		p.lives.said[c.app.ID] = append(p.lives.said[c.app.ID], Said{in.To, in.Text.Content})
	}
	return good
}

type lifeButton struct {
	Name        string       `json:"name"`
	ActionType  string       `json:"action_type,omitempty"`
	ActionParam string       `json:"action_param,omitempty"`
	SubButton   []lifeButton `json:"sub_button,omitempty"`
}

// lifeMenuOf holds a menu to the vendor's figures: four buttons, five below each, nine characters for a name.
func lifeMenuOf(c call) (string, any) {
	var in struct {
		Button []lifeButton `json:"button"`
	}
	if !c.content(&in) || len(in.Button) == 0 || len(in.Button) > 4 {
		return "", badParameter
	}
	for _, b := range in.Button {
		leaves := b.SubButton
		if len(leaves) == 0 {
			leaves = []lifeButton{b}
		}
		for _, l := range append([]lifeButton{{Name: b.Name, ActionType: "link", ActionParam: "https://h"}}, leaves...) {
			if len(leaves) > 5 || l.Name == "" || utf8.RuneCountInString(l.Name) > 9 || l.ActionParam == "" || l.ActionType != "link" && l.ActionType != "out" && l.ActionType != "tel" {
				return "", refusal{"40004", "Business Failed", "INVALID_PARAMETER", fmt.Sprintf("菜单参数有误:%d", len(leaves))}
			}
		}
	}
	text, err := json.Marshal(in)
	if err != nil {
		return "", serviceDown
	}
	return string(text), nil
}
