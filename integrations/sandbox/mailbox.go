package sandbox

import (
	"context"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/desk"
	"onecard/integrations/sandbox/sms"
)

// mailbox is the carrier as the desk sees it.
type mailbox struct {
	city    *City
	gateway *sms.Gateway
	client  *http.Client
	mu      sync.Mutex
	to      string
}

func (m *mailbox) sendTo(url string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.to = url
}

func (m *mailbox) address() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.to
}

// Messages are those on one phone, or everyone's, oldest first. The verification code is the template's variable code.
func (m *mailbox) Messages(phone string) []desk.Message {
	out := []desk.Message{}
	for _, s := range m.gateway.Messages(phone) {
		status := map[sms.Status]string{sms.Waiting: "waiting", sms.Delivered: "delivered", sms.Failed: "failed"}[s.Status]
		out = append(out, desk.Message{ID: s.BizID, Channel: "sms", Phone: s.Phone, Template: s.TemplateCode, Text: s.Text, Code: s.Params["code"], Status: status, SentAt: s.SentAt})
	}
	return out
}

// Deliver settles what waits on the phone, everyone's when empty, and pushes all receipts not taken yet.
func (m *mailbox) Deliver(ctx context.Context, phone, errCode string) (settled, taken int, err error) {
	settled = m.gateway.Settle(func(s sms.Message) bool { return phone == "" || s.Phone == phone }, errCode)
	to := m.address()
	if to == "" {
		return settled, 0, nil
	}
	taken, err = m.gateway.Push(ctx, m.client, to)
	return settled, taken, err
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
