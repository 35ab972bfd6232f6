package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/sms"
)

// SMSAddresses are where the vendors push to; an empty one takes nothing.
type SMSAddresses struct {
	Aliyun, AliyunReplies   string
	Tencent, TencentReplies string
}

// carrier is what both vendors can do.
type carrier interface {
	Messages(phone string) []sms.Message
	Settle(which func(sms.Message) bool, errCode string) int
	Push(ctx context.Context, client *http.Client, to string) (int, error)
	PushReplies(ctx context.Context, client *http.Client, to string) (int, error)
	Reply(phone, text string)
	Decide(code string, r sms.Review, reason string) error
}

// mailbox is the carriers as the desk sees them: one phone, whoever wrote to it.
type mailbox struct {
	city    *City
	gateway carrier
	second  carrier // nil: not a customer there
	client  *http.Client
	mu      sync.Mutex
	to      SMSAddresses
}

func (m *mailbox) sendTo(change func(*SMSAddresses)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.to)
}

func (m *mailbox) addresses() SMSAddresses {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.to
}

func (m *mailbox) carriers() []carrier {
	if m.second == nil {
		return []carrier{m.gateway}
	}
	return []carrier{m.gateway, m.second}
}

// Messages are those on one phone, or everyone's, oldest first. The verification code is the template's variable code.
func (m *mailbox) Messages(phone string) []desk.Message {
	out := []desk.Message{}
	for i, c := range m.carriers() {
		vendor := [...]string{"aliyun", "tencent"}[i]
		for _, s := range c.Messages(phone) {
			status := map[sms.Status]string{sms.Waiting: "waiting", sms.Delivered: "delivered", sms.Failed: "failed"}[s.Status]
			out = append(out, desk.Message{ID: s.BizID, Channel: "sms", Vendor: vendor, Phone: s.Phone, Template: s.TemplateCode, Text: s.Text, Code: s.Params["code"], Status: status, SentAt: s.SentAt})
		}
	}
	slices.SortStableFunc(out, func(a, b desk.Message) int { return a.SentAt.Compare(b.SentAt) })
	return out
}

// Deliver settles what waits on the phone, everyone's when empty, and pushes all receipts and replies not taken yet.
func (m *mailbox) Deliver(ctx context.Context, phone, errCode string) (settled, taken int, err error) {
	at := m.addresses()
	for i, c := range m.carriers() {
		receipts, replies := at.Aliyun, at.AliyunReplies
		if i > 0 {
			receipts, replies = at.Tencent, at.TencentReplies
		}
		settled += c.Settle(func(s sms.Message) bool { return phone == "" || s.Phone == phone }, errCode)
		if receipts != "" {
			n, failed := c.Push(ctx, m.client, receipts)
			taken, err = taken+n, errors.Join(err, failed)
		}
		if replies != "" {
			_, failed := c.PushReplies(ctx, m.client, replies)
			err = errors.Join(err, failed)
		}
	}
	return settled, taken, err
}

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

// reply lets a phone answer whoever wrote to it last: {phone, text}.
func (m *mailbox) reply(raw json.RawMessage) (any, error) {
	var e struct {
		Phone string `json:"phone"`
		Text  string `json:"text"`
	}
	if err := json.Unmarshal(raw, &e); err != nil || !mobile.MatchString(e.Phone) || e.Text == "" {
		return nil, errors.New("a reply needs a phone and a text")
	}
	to, last := m.gateway, time.Time{}
	for _, c := range m.carriers() {
		if got := c.Messages(e.Phone); len(got) > 0 && got[len(got)-1].SentAt.After(last) {
			to, last = c, got[len(got)-1].SentAt
		}
	}
	to.Reply(e.Phone, e.Text)
	return map[string]bool{"done": true}, nil
}

// decide is a reviewer's word on a template: approved, waits, rejected or stopped. The vendor is whoever has its code on file.
func (m *mailbox) decide(raw json.RawMessage) (any, error) {
	var e struct {
		Code   string `json:"code"`
		State  string `json:"state"`
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(raw, &e); err != nil || e.Code == "" || e.State == "" {
		return nil, errors.New("a decision needs a template's code and a state")
	}
	r := sms.Review(e.State)
	if e.State == "approved" {
		r = sms.Passed
	}
	var errs []error
	for _, c := range m.carriers() {
		err := c.Decide(e.Code, r, e.Reason)
		if err == nil {
			return map[string]bool{"done": true}, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// run delivers by itself until ctx ends; what is not taken comes again.
func (m *mailbox) run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_, _, _ = m.Deliver(ctx, "", "")
		case <-ctx.Done():
			return
		}
	}
}
