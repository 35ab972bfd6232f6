package notice

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// Notice is a row of the queue.
type Notice struct {
	ID          models.ID
	Kind        Kind
	PersonID    models.ID
	Params      map[string]string
	Secret      Secret // only after a claim, and only until the vendor has it
	To          Destination
	ToRef       models.ID
	Scope       string
	Object      string
	ObjectID    models.ID
	At          time.Time
	Expires     time.Time
	CreatedAt   time.Time
	State       State
	Attempt     int
	Reason      string // a code: why it was deferred, refused or withheld
	VendorID    string
	SubmittedAt time.Time
	SettledAt   time.Time
}

// Store is the queue in SQL. Every method commits by itself unless ctx carries a transaction.
type Store interface {
	// ClaimNotice takes the most urgent due notice of the lanes, moves it to submitting under a lease and commits. Of
	// any number of callers exactly one gets it. false: none is due.
	ClaimNotice(ctx context.Context, lanes []Lane, lease time.Duration) (Notice, bool, error)
	// SettleNotice writes what became of the attempt. It counts only while the notice is still submitting in this very
	// attempt; otherwise it changes nothing and gives false. Leaving the queue scrubs the secret. A receipt that came
	// before a submitted settlement is applied with it.
	SettleNotice(ctx context.Context, id models.ID, attempt int, s Settlement) (bool, error)
	// LapseNotices does what time does: leases that ran out, expired notices, receipts that never came. It gives how
	// many it changed.
	LapseNotices(ctx context.Context, repeatAfter, silentAfter time.Duration) (int, error)
	// UnknownNotices lists notices whose fate became unknown after since and which are due to be asked about, oldest
	// first, and puts each one's next question off by again.
	UnknownNotices(ctx context.Context, since time.Time, again time.Duration, limit int) ([]Notice, error)
	// TakeNoticeReceipt records a receipt once and moves the notice by AfterReceipt. false: no such notice.
	TakeNoticeReceipt(ctx context.Context, r Receipt) (bool, error)
	// NoticesOf lists a person's notices, newest first, before the given id; one-time codes are not among them.
	NoticesOf(ctx context.Context, person, before models.ID, limit int) ([]Notice, error)
}

// Settlement is what an attempt came to.
type Settlement struct {
	State    State
	Reason   string
	VendorID string
	After    time.Duration // for queued: not before this long from now
	Lost     bool          // the vendor may have it: counts towards the limit of repeats
}

// Sender hands one text message over. It never repeats by itself and returns *SendError for everything that went wrong;
// any other error counts as fate unknown. No error text holds a phone number.
type Sender interface {
	Send(ctx context.Context, m Message) (Handed, error)
}

// Message is what an SMS vendor needs. DeliveryID travels with it and comes back in the receipt.
type Message struct {
	DeliveryID models.ID
	Kind       Kind // the vendor's adapter knows under which code its text is filed
	Phone      models.Phone
	Params     map[string]string // holds the one-time code, where there is one: never log it
}

// Handed says who took a message, and under which id of theirs. A platform that gives no id leaves it empty.
type Handed struct {
	Vendor string
	ID     string
}

// Pusher hands one message over to an app of a platform (domain 4.1, 4.2). Its promise is a Sender's; besides, an
// AddressGone error says that this address takes none any more. No error text holds an open id.
type Pusher interface {
	Channel() Channel
	App() string // the app's id at its platform: an address belongs to one app
	Push(ctx context.Context, m PushMessage) (Handed, error)
}

// PushMessage is what a platform needs.
type PushMessage struct {
	DeliveryID models.ID
	Kind       Kind   // the adapter knows the template's id and fields
	To         string // the open id: never logged
	Title      string
	Params     map[string]string
	Object     string // what it is about, for the page it opens: a word of ours and an id, no personal data
	ObjectID   models.ID
}

// Inquirer is a Sender that can also be asked what became of a message.
type Inquirer interface {
	Ask(ctx context.Context, q Question) (Answer, error)
}

// Question names a message as exactly as we know it. VendorID is empty where the answer to the hand-over was lost.
type Question struct {
	Vendor     string // empty: not known who was asked to take it
	VendorID   string
	DeliveryID models.ID
	Phone      models.Phone
	Day        models.Date // the civil day of the hand-over
}

// Answer is what a vendor knows. Only NeverHeard allows sending again, and only once the vendor has had time to know.
type Answer struct {
	Fate    Fate
	Receipt Receipt // with Settled
}

// Fate says how much a vendor knows of a message.
type Fate string

// The fates.
const (
	NotKnown   Fate = "not_known"   // the vendor cannot say: its lists do not name messages by our id
	NeverHeard Fate = "never_heard" // the vendor lists what it took, and this is not among it
	OnItsWay   Fate = "on_its_way"  // taken, no receipt yet
	Settled    Fate = "settled"
)

// Class says what a vendor's error means for the queue.
type Class string

// The classes of errors.
const (
	NotAccepted Class = "not_accepted" // surely not taken: try again
	Refused     Class = "refused"      // never to be taken
	FateUnknown Class = "fate_unknown" // may have been taken
	AddressGone Class = "address_gone" // never to be taken at this address: refused subscription, not a follower
)

// SendError is a vendor's refusal or silence. Code is the vendor's or ours, of letters, digits, dots and underscores.
type SendError struct {
	Class  Class
	Code   string
	After  time.Duration // for NotAccepted: at least this long
	Vendor string        // who said it, or may have the message; empty: not known
}

func (e *SendError) Error() string { return "message " + string(e.Class) + ": " + e.Code }

// Receipt is the carrier's answer as a vendor passes it on.
type Receipt struct {
	Vendor     string
	VendorID   string
	DeliveryID models.ID
	Delivered  bool
	Code       string
	At         time.Time
}

// ErrNoPhone says that there is no number to send to.
var ErrNoPhone = errors.New("notice: no phone on file")

// Phones finds the number at the moment of sending. ref is the row that holds it for explicit destinations. It returns
// ErrNoPhone where there is none.
type Phones interface {
	NoticePhone(ctx context.Context, person models.ID, to Destination, ref models.ID) (models.Phone, error)
}

// The values of policy `arrival_sms.sender`.
const (
	SenderPlatform = "platform"
	SenderBank     = "bank"
)

// Settings is the policy the queue asks for: who sends arrival messages for a paying bank at an instant (R12).
type Settings interface {
	ArrivalSender(ctx context.Context, bank string, at time.Time) (string, error)
}

// Gate decides whether an actor may do an act now.
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}
