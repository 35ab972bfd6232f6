package notice

import "onecard/models/flow"

// State is where a delivery is.
type State string

// The states.
const (
	Queued     State = "queued"     // waiting for its turn, or to be tried again
	Submitting State = "submitting" // claimed under a lease; committed before the vendor is called
	Submitted  State = "submitted"  // the vendor has it; that is not delivery
	Delivered  State = "delivered"  // the carrier's receipt says so
	Failed     State = "failed"     // the vendor or the carrier says no
	Unknown    State = "unknown"    // nobody can say; not sent again by us
	Expired    State = "expired"    // not sent, and no longer worth sending
	Held       State = "held"       // waits until a person lets it go: its campaign is paused, or the database was restored
	Suppressed State = "suppressed" // not to be sent: no phone, the bank sends it, or a later notice took its place
)

// Event moves a delivery.
type Event string

// The events.
const (
	onClaim    Event = "claim"
	onAccept   Event = "accept"   // the vendor took it
	onDefer    Event = "defer"    // surely not taken; tried again later
	onRefuse   Event = "refuse"   // the vendor will never take it
	onLose     Event = "lose"     // fate unknown and of a kind never sent again, or lost three times
	onRepeat   Event = "repeat"   // fate unknown and of a kind that is sent again with the same id
	onWithhold Event = "withhold" // not ours to send
	onExpire   Event = "expire"
	onDeliver  Event = "deliver" // receipt: arrived
	onBounce   Event = "bounce"  // receipt: did not arrive
	onSilence  Event = "silence" // no receipt within 72 hours
	onDeny     Event = "deny"    // asked, the vendor never heard of it
	onHold     Event = "hold"
	onRelease  Event = "release"
)

// Flow is the life of a delivery. A receipt of delivery counts in every state in which the vendor may have the message:
// it may come before our own record of the hand-over, or after we had given up.
var Flow = flow.New("delivery", Queued,
	flow.Edge[State, Event]{From: Queued, On: onClaim, To: Submitting},
	flow.Edge[State, Event]{From: Queued, On: onExpire, To: Expired},
	flow.Edge[State, Event]{From: Queued, On: onWithhold, To: Suppressed},
	flow.Edge[State, Event]{From: Queued, On: onLose, To: Unknown},
	flow.Edge[State, Event]{From: Queued, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Queued, On: onHold, To: Held},
	flow.Edge[State, Event]{From: Held, On: onRelease, To: Queued},
	flow.Edge[State, Event]{From: Held, On: onExpire, To: Expired},
	flow.Edge[State, Event]{From: Held, On: onLose, To: Unknown},
	flow.Edge[State, Event]{From: Held, On: onWithhold, To: Suppressed},
	flow.Edge[State, Event]{From: Held, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Submitting, On: onAccept, To: Submitted},
	flow.Edge[State, Event]{From: Submitting, On: onDefer, To: Queued},
	flow.Edge[State, Event]{From: Submitting, On: onRepeat, To: Queued},
	flow.Edge[State, Event]{From: Submitting, On: onLose, To: Unknown},
	flow.Edge[State, Event]{From: Submitting, On: onRefuse, To: Failed},
	flow.Edge[State, Event]{From: Submitting, On: onWithhold, To: Suppressed},
	flow.Edge[State, Event]{From: Submitting, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Submitted, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Submitted, On: onBounce, To: Failed},
	flow.Edge[State, Event]{From: Submitted, On: onSilence, To: Unknown},
	flow.Edge[State, Event]{From: Unknown, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Unknown, On: onBounce, To: Failed},
	flow.Edge[State, Event]{From: Unknown, On: onDeny, To: Queued},
	flow.Edge[State, Event]{From: Failed, On: onDeliver, To: Delivered},
	flow.Edge[State, Event]{From: Expired, On: onDeliver, To: Delivered},
)

// AfterReceipt is the state of a notice once a receipt has come, and whether it changes at all. A failure counts only
// for the hand-over we know of: while a repeat is under way, an earlier attempt's failure says nothing about it.
func AfterReceipt(now State, vendorID string, r Receipt) (State, bool) {
	on := onBounce
	if r.Delivered {
		on = onDeliver
	} else if vendorID != "" && r.VendorID != "" && vendorID != r.VendorID {
		return now, false
	}
	to, err := Flow.Next(now, on)
	return to, err == nil
}

// AfterLoss is the state of a notice whose fate is unknown for the n-th time: kinds that are repeated go back to the
// queue, at most twice, so that a silent vendor does not turn into a flood.
func AfterLoss(repeatable bool, n int) State {
	on := onLose
	if repeatable && n < MaxLosses {
		on = onRepeat
	}
	to, _ := Flow.Next(Submitting, on)
	return to
}

// MaxLosses is how often a message may be lost before it is let be.
const MaxLosses = 3
