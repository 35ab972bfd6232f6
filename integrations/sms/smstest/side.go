// Package smstest is what every SMS vendor's adapter must keep, whatever protocol it speaks.
package smstest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

// Adapter is our side of a vendor.
type Adapter interface {
	notice.Sender
	notice.Inquirer
	notice.Asker
}

// Pushes reads what a vendor pushes.
type Pushes interface {
	Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error)
	Replies(token string, from netip.Addr, body []byte) ([]notice.Reply, error)
}

// Setting is how an adapter differs from the usual one; the zero value is the usual.
type Setting struct {
	URL         string // another address
	WrongSecret bool
	NoTemplates bool
	Timeout     time.Duration
	Filed       func(ctx context.Context, k notice.Kind) (notice.Filing, error)
}

// Arrived is one message as a phone got it.
type Arrived struct {
	Text, DeliveryID, VendorID string
	Parts                      int
}

// Vendor is one pretend vendor with every text of ours filed.
type Vendor struct {
	Name    string
	Clock   *models.ManualClock
	Adapter func(t *testing.T, s Setting) Adapter
	Pushes  func(t *testing.T) Pushes // with the token Token
	// Fail makes the next call of sending fail: refuse (with a code of the vendor's), hang, garbage, lose_reply, down.
	Fail    func(t *testing.T, mode, code string)
	Arrived func(phone string) []Arrived
	Settle  func(code string) int // empty: delivered
	Reply   func(phone, text string)
	// Push and PushReplies post to an address what was not taken yet.
	Push, PushReplies func(ctx context.Context, to string) (int, error)
	Ack               string // what it wants to read in the answer to a push

	Code     func(k notice.Kind) string // under which its text is filed
	Numbered bool                       // its variables have numbers
	Decide   func(t *testing.T, code, review, reason string)
	File     func(t *testing.T, f notice.Filing) (code string) // a further text, approved

	Throttle string // its code for too many calls
	Refusal  string // its code for what it will never take
	NoMoney  string // its code for an empty account
	DeadCode string // the carrier's code for no such number
	BySerial bool   // its receipts and lists name only its own id
}

// Token is in the address of every push.
const Token = "sixteen-letters-or-more"

const phone = "13800138000"

func message(t *testing.T, k notice.Kind, params map[string]string) notice.Message {
	t.Helper()
	p, err := models.ParsePhone(phone)
	require.NoError(t, err)
	return notice.Message{DeliveryID: models.NewID(), Kind: k, Phone: p, Params: params}
}

func lapsed(t *testing.T) notice.Message {
	t.Helper()
	return message(t, notice.LossLapsed, map[string]string{"date": "近日"})
}

// requireClass checks what went wrong and gives how long it takes to pass.
func requireClass(t *testing.T, err error, class notice.Class, code string) time.Duration {
	t.Helper()
	var e *notice.SendError
	require.ErrorAs(t, err, &e)
	require.Equal(t, class, e.Class, e.Code)
	if code != "" {
		require.Equal(t, code, e.Code)
	}
	require.NotContains(t, err.Error(), phone)
	return e.After
}
