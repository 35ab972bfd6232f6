package notice

import (
	"strings"
	"time"

	"onecard/models"
)

// Notice is a fact that a person is told, once. It is in her inbox whatever became of its deliveries.
type Notice struct {
	ID        models.ID
	Kind      Kind
	PersonID  models.ID
	About     models.ID // the child whose matter a guardian is told; empty: the person's own
	Params    map[string]string
	Secret    Secret // only with a delivery that was claimed, and only until the vendor has it
	To        Destination
	ToRef     models.ID
	Scope     string
	Object    string
	ObjectID  models.ID
	At        time.Time
	Expires   time.Time
	CreatedAt time.Time
	Tried     []Delivery // where it was or will be sent, in that order; only in the inbox
}

// Delivery is an attempt to bring a notice over one channel: a row of the queue.
type Delivery struct {
	ID          models.ID
	Notice      Notice
	Channel     Channel
	AccountID   models.ID // of a platform's channel
	App, OpenID string    // only after a claim, and while the account is still the person's; the open id is never logged
	Broken      bool      // only after a claim: its notice or its code cannot be read
	Fallback    []Hop     // what is tried when this comes to nothing
	State       State
	Attempt     int
	Reason      string // a code: why it was deferred, refused or withheld
	Vendor      string
	VendorID    string
	SubmittedAt time.Time
	SettledAt   time.Time
}

// Hop is one way to a person: a channel, and the account at a platform.
type Hop struct {
	Channel   Channel
	AccountID models.ID
}

// Hops writes ways as a row keeps them: "wechat_mini:<account> sms".
func Hops(list []Hop) string {
	words := make([]string, len(list))
	for i, h := range list {
		if words[i] = string(h.Channel); h.AccountID != "" {
			words[i] += ":" + string(h.AccountID)
		}
	}
	return strings.Join(words, " ")
}

// ParseHops reads them back. A channel of a newer release is left out.
func ParseHops(s string) []Hop {
	var out []Hop
	for _, word := range strings.Fields(s) {
		channel, account, _ := strings.Cut(word, ":")
		if h := (Hop{Channel(channel), models.ID(account)}); h.Channel.Known() {
			out = append(out, h)
		}
	}
	return out
}

// Due is a part of the queue in which something waits to be sent now.
type Due struct {
	Channel Channel
	Lane    Lane
}

// Outcome is what an attempt of a delivery came to.
type Outcome struct {
	ID      models.ID
	Attempt int
	Settlement
}

// Settlement is what became of a delivery.
type Settlement struct {
	State    State
	Reason   string
	Vendor   string
	VendorID string
	After    time.Duration // for queued: not before this long from now
	Lost     bool          // the vendor may have it: counts towards the limit of repeats
}

// FallsBack reports whether another way is tried once a delivery has come to this: it surely did not reach her. A
// message whose fate is unknown is not sent again by another way, and one that a later notice replaced by none.
func FallsBack(to State, reason string) bool {
	return to == Failed || to == Suppressed && reason != Replaced
}

// Replaced is the reason of a delivery whose place a later notice took.
const Replaced = "replaced"
