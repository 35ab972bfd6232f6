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

// Sender hands one message to a vendor. It never repeats by itself and returns *SendError for everything that went
// wrong; any other error counts as fate unknown. No error text holds a phone number.
type Sender interface {
	Send(ctx context.Context, m Message) (vendorID string, err error)
}

// Message is what a vendor needs. NoticeID travels with it and comes back in the receipt.
type Message struct {
	NoticeID models.ID
	Kind     Kind // the vendor's adapter knows under which code its text is filed
	Phone    models.Phone
	Params   map[string]string // holds the one-time code, where there is one: never log it
}

// Inquirer is a Sender that can also be asked what became of a message: by phone, the civil day it was sent, and our id.
// false: the vendor does not know, or not yet.
type Inquirer interface {
	Ask(ctx context.Context, phone models.Phone, day models.Date, id models.ID) (Receipt, bool, error)
}

// Class says what a vendor's error means for the queue.
type Class string

// The classes of errors.
const (
	NotAccepted Class = "not_accepted" // surely not taken: try again
	Refused     Class = "refused"      // never to be taken
	FateUnknown Class = "fate_unknown" // may have been taken
)

// SendError is a vendor's refusal or silence. Code is the vendor's or ours, of letters, digits, dots and underscores.
type SendError struct {
	Class Class
	Code  string
	After time.Duration // for NotAccepted: at least this long
}

func (e *SendError) Error() string { return "sms " + string(e.Class) + ": " + e.Code }

// Receipt is the carrier's answer as a vendor passes it on.
type Receipt struct {
	Vendor    string
	VendorID  string
	NoticeID  models.ID
	Delivered bool
	Code      string
	At        time.Time
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
