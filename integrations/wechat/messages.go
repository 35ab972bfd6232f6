package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"onecard/configs"
	"onecard/models/notice"
)

const (
	subscribeSendPath = "/cgi-bin/message/subscribe/send"
	templateSendPath  = "/cgi-bin/message/template/send"
	defaultPage       = "pages/notice"
)

// messages sends an app's messages. The SDK's own send functions take no context, and one of them gives no id and the
// other its code in a text only; so the call is ours, with the SDK's types, through the SDK's HTTP client.
type messages struct {
	*app
	channel   notice.Channel
	templates map[notice.Topic]template
	page      string // of a mini-program
	opens     string // app id of the mini-program that an official account's message opens
	home      string // our own pages

	mu     sync.Mutex
	logged map[string]bool // mistakes of ours that were told already
}

type template struct {
	id     string
	fields []notice.PlatformField
	keys   []string // the platform's, in the order of fields
}

// Messages is the mini-program as a sender of subscription messages (订阅消息).
func (m *MiniProgram) Messages(settings configs.WechatApp) (notice.Pusher, error) {
	return newMessages(m.app, notice.WechatMini, settings, "")
}

// Messages is the official account as a sender of template messages (模板消息). home is the address of our own pages, which
// a message opens where no mini-program is set.
func (o *OfficialAccount) Messages(settings configs.WechatApp, home string) (notice.Pusher, error) {
	return newMessages(o.app, notice.WechatOA, settings, home)
}

func newMessages(a *app, c notice.Channel, s configs.WechatApp, home string) (*messages, error) {
	m := &messages{app: a, channel: c, templates: map[notice.Topic]template{}, page: s.Page, opens: s.Opens, home: home, logged: map[string]bool{}}
	if m.page == "" {
		m.page = defaultPage
	}
	for topic, set := range s.Templates.ByTopic() {
		t, ok := notice.PlatformTemplateOf(c, notice.Topic(topic))
		if !ok {
			return nil, fmt.Errorf("wechat: app %s: no template for topic %s", s.Name, topic)
		}
		keys, err := keysOf(t, set.Keys)
		if err != nil {
			return nil, fmt.Errorf("wechat: app %s: template of %s: %w", s.Name, topic, err)
		}
		m.templates[t.Topic] = template{set.ID, t.Fields, keys}
	}
	return m, nil
}

var keyForm = regexp.MustCompile(`^([a-z_]+)[0-9]+$`)

// keysOf are the platform's keys of a template's fields: ours, or as set, each of its field's own type.
func keysOf(t notice.PlatformTemplate, set []string) ([]string, error) {
	keys := make([]string, len(t.Fields))
	if len(set) > 0 && len(set) != len(t.Fields) {
		return nil, fmt.Errorf("%d keys for %d fields", len(set), len(t.Fields))
	}
	for i, f := range t.Fields {
		if keys[i] = f.Key; len(set) == 0 {
			continue
		}
		if m := keyForm.FindStringSubmatch(set[i]); m == nil || m[1] != string(f.Type) || slices.Contains(keys[:i], set[i]) {
			return nil, fmt.Errorf("key %d is not one of type %s, or stands twice", i+1, f.Type)
		}
		keys[i] = set[i]
	}
	return keys, nil
}

// Channel is the app's channel.
func (m *messages) Channel() notice.Channel { return m.channel }

// App is the app's id at WeChat.
func (m *messages) App() string { return m.id }

// Push hands one message over, once: only a refused access token, with which nothing was done, is replaced and the call
// made again. Every error is a *notice.SendError.
func (m *messages) Push(ctx context.Context, p notice.PushMessage) (notice.Handed, error) {
	t, ok := m.templates[p.Kind.Topic()]
	if !ok {
		return notice.Handed{}, &notice.SendError{Class: notice.Refused, Code: "template_not_set"}
	}
	fields, err := notice.PlatformFields(m.channel, p.Kind, p.Title, p.Params)
	if err != nil {
		m.mistake(ctx, p.Kind, "fields")
		return notice.Handed{}, &notice.SendError{Class: notice.Refused, Code: "fields_not_filled"}
	}
	if p.To == "" {
		return notice.Handed{}, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeUnknownUser}
	}
	path, body := m.request(p, t, fields)
	var told struct {
		util.CommonError
		MsgID json.Number `json:"msgid"`
	}
	r, err := m.tried(ctx, func(ctx context.Context, token string) reply {
		return post(ctx, path, token, body, &told, &told.CommonError)
	})
	switch {
	case err != nil: // no token: nothing was sent, and the log has why
		return notice.Handed{}, &notice.SendError{Class: notice.NotAccepted, Code: "no_token", After: time.Minute}
	case r.err != nil:
		return notice.Handed{}, unanswered(r.err)
	case r.code != 0:
		return notice.Handed{}, m.classed(ctx, p.Kind, r.code)
	}
	return notice.Handed{Vendor: string(m.channel), ID: idOf(told.MsgID)}, nil
}

// request is the message in the SDK's types. What it opens is named by a word of ours and an id.
func (m *messages) request(p notice.PushMessage, t template, fields map[string]string) (path string, body any) {
	about := url.Values{}
	if p.Object != "" && p.ObjectID != "" {
		about.Set("object", p.Object)
		about.Set("id", string(p.ObjectID))
	}
	page := m.page
	if len(about) > 0 {
		page += "?" + about.Encode()
	}
	if m.channel == notice.WechatMini {
		data := map[string]*subscribe.DataItem{}
		for i, f := range t.fields {
			data[t.keys[i]] = &subscribe.DataItem{Value: fields[f.Key]}
		}
		return subscribeSendPath, &subscribe.Message{ToUser: p.To, TemplateID: t.id, Page: page, Data: data, MiniprogramState: "formal", Lang: "zh_CN"}
	}
	data := map[string]*message.TemplateDataItem{}
	for i, f := range t.fields {
		data[t.keys[i]] = &message.TemplateDataItem{Value: fields[f.Key]}
	}
	out := &message.TemplateMessage{ToUser: p.To, TemplateID: t.id, Data: data, ClientMsgID: string(p.DeliveryID)}
	if m.home != "" {
		out.URL = strings.TrimSuffix(m.home, "/") + "/m/notice?" + about.Encode()
	}
	if m.opens != "" {
		out.MiniProgram.AppID, out.MiniProgram.PagePath = m.opens, page
	}
	return templateSendPath, out
}

// idOf is the vendor's id of a message, empty where it gave none that looks like one.
func idOf(n json.Number) string {
	if v, err := strconv.ParseUint(n.String(), 10, 64); err != nil || v == 0 {
		return ""
	}
	return n.String()
}

// unanswered: without a connection the platform has nothing of the message; of everything else nobody knows.
func unanswered(err error) error {
	var call *callError
	if errors.As(err, &call) && call.unsent {
		return &notice.SendError{Class: notice.NotAccepted, Code: "not_connected", After: 5 * time.Second}
	}
	return &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
}

// Codes of both send calls (documents of subscribeMessage.send and of template messages; domain 4.1).
var (
	goneCodes = map[int64]string{
		43101: notice.CodeRefused,      // user refuse to accept the msg
		43004: notice.CodeNotFollowing, // require subscribe
		40003: notice.CodeUnknownUser,  // invalid openid
	}
	// laterCodes pass by themselves, or when an operator has acted; the message waits as long as it is worth sending.
	laterCodes = map[int64]time.Duration{
		codeBusy: 30 * time.Second, codeTooOften: time.Minute, 44990: 5 * time.Second, 45009: time.Hour, 50002: 10 * time.Minute,
	}
)

// classed is what the queue does about a refusal that the platform put into words.
func (m *messages) classed(ctx context.Context, kind notice.Kind, code int64) error {
	e := &notice.SendError{Class: notice.Refused, Code: "wechat." + strconv.FormatInt(code, 10)}
	gone, isGone := goneCodes[code]
	after, isLater := laterCodes[code]
	switch {
	case isGone:
		e.Class, e.Code = notice.AddressGone, gone
	case isLater:
		e.Class, e.After = notice.NotAccepted, after
	case ours[code] || deadToken(code):
		e.Class, e.After = notice.NotAccepted, 10*time.Minute
		m.mistake(ctx, kind, e.Code)
	default: // 47003 a field against its rule, 40037 a template, 41030 a page: mistakes of ours, which no repeat mends
		m.mistake(ctx, kind, e.Code)
	}
	return e
}

// mistake tells an operator once for each kind and code: a month's arrivals would say the same a hundred thousand times.
func (m *messages) mistake(ctx context.Context, kind notice.Kind, code string) {
	m.mu.Lock()
	told := m.logged[string(kind)+" "+code]
	m.logged[string(kind)+" "+code] = true
	m.mu.Unlock()
	if !told {
		m.log.LogAttrs(ctx, slog.LevelError, "wechat refuses a message of ours", slog.Bool("alarm", true), slog.String("app", m.name),
			slog.String("kind", string(kind)), slog.String("code", code))
	}
}
