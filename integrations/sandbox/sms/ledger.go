package sms

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// ledger is what a vendor carried and what came back from phones.
type ledger struct {
	keep      int
	now       func() time.Time
	delivered string // the vendor's word for it; empty: DELIVERED

	mu      sync.Mutex
	sent    []*Message
	replies []*Reply
}

// Reply is a text that somebody sent back to a vendor's number.
type Reply struct {
	Phone    string
	Text     string
	At       time.Time
	reported bool
	pulled   bool
}

func (g *ledger) good() string { return cmp.Or(g.delivered, "DELIVERED") }

// Reply lets a phone answer the vendor's number.
func (g *ledger) Reply(phone, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replies = append(g.replies, &Reply{Phone: phone, Text: text, At: g.now()})
	if over := len(g.replies) - g.keep; over > 0 {
		g.replies = slices.Delete(g.replies, 0, over)
	}
}

// unsaid are the oldest replies that the customer has not taken.
func (g *ledger) unsaid(limit int) []*Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []*Reply
	for _, r := range g.replies {
		if !r.reported && len(out) < limit {
			out = append(out, r)
		}
	}
	return out
}

func (g *ledger) said(batch []*Reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range batch {
		r.reported = true
	}
}

// Messages is what was sent to a phone, oldest first; an empty phone means everyone.
func (g *ledger) Messages(phone string) []Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []Message
	for _, m := range g.sent {
		if phone == "" || m.Phone == phone {
			out = append(out, *m)
		}
	}
	return out
}

func (g *ledger) remember(m *Message) {
	g.sent = append(g.sent, m)
	if over := len(g.sent) - g.keep; over > 0 {
		g.sent = slices.Delete(g.sent, 0, over)
	}
}

// Settle lets the carrier's answer arrive for every waiting message that which accepts (nil accepts all): delivered
// where errCode is empty, else failed with that code, e.g. MOBILE_NOT_ON_SERVICE. It gives how many.
func (g *ledger) Settle(which func(Message) bool, errCode string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, m := range g.sent {
		if m.Status != Waiting || which != nil && !which(*m) {
			continue
		}
		m.Status, m.ErrCode, m.ReceivedAt = Delivered, g.good(), g.now()
		if errCode != "" {
			m.Status, m.ErrCode = Failed, errCode
		}
		n++
	}
	return n
}
