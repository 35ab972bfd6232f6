package notice

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// Store is the notices and the queue of their deliveries in SQL. Every method commits by itself unless ctx carries a
// transaction.
type Store interface {
	// DueDeliveries names the parts of the queue in which something is due, the most urgent first, in one question.
	DueDeliveries(ctx context.Context, lanes []Lane) ([]Due, error)
	// ClaimDeliveries takes at most limit due deliveries of a part, moves them to submitting under a lease and commits.
	// Of any number of callers exactly one gets each. vendor is written with the claim as the one that may have them.
	ClaimDeliveries(ctx context.Context, part Due, vendor string, lease time.Duration, limit int) ([]Delivery, error)
	// MoveDelivery names another vendor as the one that may have a claimed delivery, before that one is asked. false: the
	// claim is over, and nobody may be asked any more.
	MoveDelivery(ctx context.Context, id models.ID, attempt int, vendor string) (bool, error)
	// SettleDeliveries writes what became of attempts, in one commit, and gives how many counted: an outcome counts only
	// while its delivery is still submitting in this very attempt. Leaving the queue scrubs a code. A receipt that came
	// before a submitted outcome is applied with it; where FallsBack, the next way joins the queue in the same commit.
	SettleDeliveries(ctx context.Context, outcomes []Outcome) (int, error)
	// LapseDeliveries does what time does: leases that ran out, expired notices, receipts that never came. It gives how
	// many it changed.
	LapseDeliveries(ctx context.Context, repeatAfter, silentAfter time.Duration) (int, error)
	// UnknownDeliveries lists deliveries by SMS whose fate became unknown after since and which are due to be asked
	// about, the longest due first, and puts each one's next question off by again.
	UnknownDeliveries(ctx context.Context, since time.Time, again time.Duration, limit int) ([]Delivery, error)
	// QueueAgain puts a delivery of unknown fate back, of which its vendor surely never heard. false: it is not unknown
	// any more, or no longer worth sending.
	QueueAgain(ctx context.Context, id models.ID, attempt int) (bool, error)
	// TakeReceipt records a receipt once and moves the delivery by AfterReceipt. false: no such delivery.
	TakeReceipt(ctx context.Context, r Receipt) (bool, error)
	// NoticesOf lists a person's notices with what was tried, newest first, before the given id; one-time codes and
	// notices that a later one replaced are not among them.
	NoticesOf(ctx context.Context, person, before models.ID, limit int) ([]Notice, error)
	// NoticeOf reads one of a person's notices; models.ErrNotFound for any that NoticesOf would not list.
	NoticeOf(ctx context.Context, person, id models.ID) (Notice, error)
	// UseConsent takes one consent of an account to a message on the topic; a standing one is not used up. false: there
	// is none, and nothing may be sent.
	UseConsent(ctx context.Context, account models.ID, c Channel, t Topic) (bool, error)
	// ReturnConsent gives back what UseConsent took for a message that the platform surely did not take.
	ReturnConsent(ctx context.Context, account models.ID, c Channel, t Topic) error
}

// Carried says under which filing a template goes out at a vendor (Book). Its error is a *SendError.
type Carried interface {
	Carried(ctx context.Context, c Channel, vendor, template string) (Filing, error)
	// Bodies are the texts, each once, in which a kind was ever filed with an SMS vendor, whatever became of them.
	Bodies(ctx context.Context, k Kind) ([]string, error)
}

// Refusals notes that an account takes no more messages on a topic, or at all.
type Refusals interface {
	MessageRefused(ctx context.Context, account models.ID, topic Topic, e *SendError) error
}

// Sender hands one text message over. It never repeats by itself and returns *SendError for everything that went wrong;
// any other error counts as fate unknown. No error text holds a phone number.
type Sender interface {
	Send(ctx context.Context, m Message) (Handed, error)
}

// Chooser is a Sender over several vendors. Present names the one that would be asked first now: it stands in the row
// before anybody is asked, so that a message whose sender died has a vendor who can say what became of it.
type Chooser interface {
	Present(ctx context.Context) string
}

// Message is what an SMS vendor needs. DeliveryID travels with it and comes back in the receipt.
type Message struct {
	DeliveryID models.ID
	Attempt    int
	Vendor     string // who is written down as the one that may have it; empty: nobody, any may be asked
	Kind       Kind   // the vendor's adapter knows under which code its text is filed
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
	DeliveryID models.ID    // empty: the vendor names only its own id
	Phone      models.Phone // whose, where the vendor tells it whole; kept nowhere
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
	// RegistryPhones finds the numbers of many people at once. Who has none, or one that cannot be opened, is left out.
	RegistryPhones(ctx context.Context, people []models.ID) (map[models.ID]models.Phone, error)
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
