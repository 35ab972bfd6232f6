package alipay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models/notice"
)

const (
	miniSend    = "alipay.open.app.mini.templatemessage.send"
	lifeSend    = "alipay.open.public.message.single.send"
	defaultPage = "pages/notice"
	mostData    = 2048
)

// messages sends an app's messages by the SDK's generic request: it has no types for them.
type messages struct {
	*app
	channel   notice.Channel
	templates map[notice.Topic]template
	page      string // of a mini-program
	home      string // our own pages, which a life account's message opens

	mu     sync.Mutex
	logged map[string]bool // mistakes of ours that were told already
}

type template struct {
	id     string
	fields []notice.PlatformField
	keys   []string
}

// Messages is the mini-program as a sender of template messages.
func (m *MiniProgram) Messages(settings configs.AlipayApp) (notice.Pusher, error) {
	return newMessages(m.app, notice.AlipayMini, settings, "")
}

// Messages is the life account as a sender of messages to followers. home is the address of our own pages.
func (l *LifeAccount) Messages(settings configs.AlipayApp, home string) (notice.Pusher, error) {
	return newMessages(l.app, notice.AlipayLife, settings, home)
}

func newMessages(a *app, c notice.Channel, s configs.AlipayApp, home string) (*messages, error) {
	m := &messages{app: a, channel: c, templates: map[notice.Topic]template{}, page: s.Page, home: strings.TrimSuffix(home, "/"), logged: map[string]bool{}}
	if m.page == "" {
		m.page = defaultPage
	}
	for topic, set := range s.Templates.ByTopic() {
		t, ok := notice.PlatformTemplateOf(c, notice.Topic(topic))
		if !ok || len(set.Keys) > 0 && len(set.Keys) != len(t.Fields) {
			return nil, fmt.Errorf("alipay: app %s: template of %s has other fields than ours", s.Name, topic)
		}
		keys := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			if keys[i] = f.Key; len(set.Keys) > 0 {
				keys[i] = set.Keys[i]
			}
			if slices.Contains(keys[:i], keys[i]) {
				return nil, fmt.Errorf("alipay: app %s: template of %s has a key twice", s.Name, topic)
			}
		}
		m.templates[t.Topic] = template{set.ID, t.Fields, keys}
	}
	return m, nil
}

// Channel is the app's channel.
func (m *messages) Channel() notice.Channel { return m.channel }

// App is the app's id at Alipay.
func (m *messages) App() string { return m.id }

// Push hands one message over, once. Every error is a *notice.SendError.
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
	payload, err := m.request(p, t, fields)
	if err != nil {
		m.mistake(ctx, p.Kind, "too_long")
		return notice.Handed{}, &notice.SendError{Class: notice.Refused, Code: "too_long"}
	}
	var rsp struct {
		sdk.Error
		MsgID string `json:"msg_id"`
	}
	var raw error
	told, err := m.call(ctx, payload.APIName(), func(ctx context.Context) (sdk.Error, error) {
		raw = m.client.Request(ctx, payload, &rsp)
		return rsp.Error, raw
	})
	switch {
	case err != nil:
		return notice.Handed{}, m.unanswered(ctx, payload.APIName(), err, raw)
	case !told.IsSuccess():
		return notice.Handed{}, m.classed(ctx, p.Kind, told)
	}
	return notice.Handed{Vendor: string(m.channel), ID: word(rsp.MsgID)}, nil
}

// request is the message in the gateway's fields. What it opens is named by a word of ours and an id.
func (m *messages) request(p notice.PushMessage, t template, fields map[string]string) (*sdk.Payload, error) {
	about := url.Values{}
	if p.Object != "" && p.ObjectID != "" {
		about.Set("object", p.Object)
		about.Set("id", string(p.ObjectID))
	}
	context := map[string]any{}
	for i, f := range t.fields {
		context[t.keys[i]] = map[string]string{"value": fields[f.Key]}
	}
	if m.channel == notice.AlipayMini {
		data, err := json.Marshal(context)
		if err != nil || len(data) > mostData {
			return nil, errors.New("alipay: the message is too long")
		}
		page := m.page
		if len(about) > 0 {
			page += "?" + about.Encode()
		}
		return sdk.NewPayload(miniSend).AddBizField("to_open_id", p.To).AddBizField("user_template_id", t.id).
			AddBizField("page", page).AddBizField("data", string(data)), nil
	}
	context["head_color"], context["action_name"] = "#1650a5", "查看详情"
	context["url"] = m.home + "/m/notice?" + about.Encode()
	return sdk.NewPayload(lifeSend).AddBizField("to_open_id", p.To).
		AddBizField("template", map[string]any{"template_id": t.id, "context": context}), nil
}

// unanswered: without a connection the platform has nothing of the message; of everything else nobody knows. An answer that
// is not signed by the platform is nobody's word.
func (m *messages) unanswered(ctx context.Context, method string, err, raw error) error {
	var op *net.OpError
	if errors.As(raw, &op) && op.Op == "dial" {
		return &notice.SendError{Class: notice.NotAccepted, Code: "not_connected", After: 5 * time.Second}
	}
	if raw == nil { // no turn to sign: nothing was sent
		return &notice.SendError{Class: notice.NotAccepted, Code: "not_sent", After: time.Second}
	}
	if cause := clean(method, err); cause.forged {
		m.alarm(ctx, method, cause.cause)
	}
	return &notice.SendError{Class: notice.FateUnknown, Code: "no_answer"}
}

// Codes of both calls. The platform writes one code in several ways, so they are compared without prefix and in capitals.
// Its public pages name few of them: one that is not here is a refusal, told to an operator by its name.
var (
	goneCodes = map[string]string{
		"USER_NOT_SUBSCRIBE": notice.CodeRefused, "USER_UNSUBSCRIBE": notice.CodeRefused, "NOT_SUBSCRIBED": notice.CodeRefused,
		"SUBSCRIBE_RELATION_NOT_EXIST": notice.CodeRefused, "USER_REJECT": notice.CodeRefused, "USER_REFUSED": notice.CodeRefused,
		"USER_NOT_FOLLOW": notice.CodeNotFollowing, "NOT_FOLLOW": notice.CodeNotFollowing, "FOLLOW_RELATION_NOT_EXIST": notice.CodeNotFollowing,
		"USER_NOT_EXIST": notice.CodeUnknownUser, "INVALID_OPEN_ID": notice.CodeUnknownUser, "OPEN_ID_INVALID": notice.CodeUnknownUser,
	}
	laterCodes = map[string]time.Duration{
		"SYSTEM_ERROR": 30 * time.Second, "APP_CALL_LIMITED": time.Minute, "METHOD_CALL_LIMITED": time.Minute, "CALL_LIMITED": time.Minute,
		"QUOTA_EXCEEDED": time.Hour, "MESSAGE_QUOTA_LIMIT": time.Hour, "USER_MESSAGE_LIMIT": time.Hour,
	}
	settingCodes = map[string]bool{
		"INVALID_SIGNATURE": true, "INVALID_APP_ID": true, "MISSING_SIGNATURE": true, "INSUFFICIENT_ISV_PERMISSIONS": true, "INVALID_TIMESTAMP": true,
	}
)

func bareCode(sub string) string {
	for _, prefix := range []string{"isv.", "isp.", "aop.", "ACQ.", "PUBLIC."} {
		sub = strings.TrimPrefix(sub, prefix)
	}
	return strings.ToUpper(strings.ReplaceAll(word(sub), "-", "_"))
}

// classed is what the queue does about a refusal that the platform put into words.
func (m *messages) classed(ctx context.Context, kind notice.Kind, told sdk.Error) error {
	sub := bareCode(told.SubCode)
	e := &notice.SendError{Class: notice.Refused, Code: "alipay." + word(string(told.Code))}
	if sub != "" {
		e.Code = "alipay." + sub
	}
	gone, isGone := goneCodes[sub]
	after, isLater := laterCodes[sub]
	switch {
	case isGone:
		e.Class, e.Code = notice.AddressGone, gone
	case isLater:
		e.Class, e.After = notice.NotAccepted, after
	case told.Code == sdk.CodeUnknowError: // 20000: not available
		e.Class, e.After = notice.NotAccepted, 30*time.Second
	case settingCodes[sub] || told.Code == sdk.CodePermissionDenied:
		e.Class, e.After = notice.NotAccepted, 10*time.Minute
		m.mistake(ctx, kind, e.Code)
	default: // a field, a template, a page: mistakes of ours, which no repeat mends
		m.mistake(ctx, kind, e.Code)
	}
	return e
}

// mistake tells an operator once for each kind and code.
func (m *messages) mistake(ctx context.Context, kind notice.Kind, code string) {
	m.mu.Lock()
	told := m.logged[string(kind)+" "+code]
	m.logged[string(kind)+" "+code] = true
	m.mu.Unlock()
	if !told {
		m.log.LogAttrs(ctx, slog.LevelError, "alipay refuses a message of ours", slog.Bool("alarm", true), slog.String("app", m.name),
			slog.String("kind", string(kind)), slog.String("code", code))
	}
}
