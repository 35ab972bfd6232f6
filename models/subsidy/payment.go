package subsidy

import (
	"regexp"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// State is the state of a payment as the registry tells it (R14, R15).
type State string

// The states of a payment.
const (
	Planned    State = "planned"
	Publicised State = "publicised"
	Approved   State = "approved"
	Sent       State = "sent"
	Credited   State = "credited"
	Returned   State = "returned"
	Reissued   State = "reissued"
	Recovering State = "recovering"
	Recovered  State = "recovered"
	Unknown    State = "processing" // a line that came without a stage (R8)
)

// Event names the step to a state; the registry announces states, so each event carries one.
type Event string

// Flow draws how payments live. The registry owns it: a step it does not name is held, never refused.
var Flow = flow.New("payment", Planned,
	flow.Edge[State, Event]{From: Planned, On: "publicised", To: Publicised},
	flow.Edge[State, Event]{From: Planned, On: "approved", To: Approved},
	flow.Edge[State, Event]{From: Publicised, On: "approved", To: Approved},
	flow.Edge[State, Event]{From: Approved, On: "sent", To: Sent},
	flow.Edge[State, Event]{From: Sent, On: "credited", To: Credited},
	flow.Edge[State, Event]{From: Sent, On: "returned", To: Returned},
	flow.Edge[State, Event]{From: Returned, On: "reissued", To: Reissued},
	flow.Edge[State, Event]{From: Reissued, On: "credited", To: Credited},
	flow.Edge[State, Event]{From: Reissued, On: "returned", To: Returned},
	flow.Edge[State, Event]{From: Credited, On: "returned", To: Returned}, // the bank took it back
	flow.Edge[State, Event]{From: Credited, On: "recovering", To: Recovering},
	flow.Edge[State, Event]{From: Recovering, On: "recovered", To: Recovered},
)

// Key names a payment for ever: its ledger month never changes, whatever happens to it (design 7).
type Key struct {
	LedgerMonth string // 2021-11
	BatchID     string
	Line        int
}

// String is the form in which a payment is named outside: 2021-11~B00017~3.
func (k Key) String() string {
	return k.LedgerMonth + "~" + k.BatchID + "~" + strconv.Itoa(k.Line)
}

// keyForm is what a batch may be called: its name travels in addresses, in cursors and in the causes of notices.
var keyForm = regexp.MustCompile(`^([0-9]{4}-(?:0[1-9]|1[0-2]))~([A-Za-z0-9_.-]{1,64})~([1-9][0-9]{0,8})$`)

// ParseKey reads String's form, and only that: one payment has one name.
func ParseKey(s string) (Key, bool) {
	parts := keyForm.FindStringSubmatch(s)
	if parts == nil {
		return Key{}, false
	}
	line, err := strconv.Atoi(parts[3])
	return Key{parts[1], parts[2], line}, err == nil
}

// Proper reports whether the key can name a payment: a month of the calendar, a batch fit for an address, a line from 1.
func (k Key) Proper() bool { return keyForm.MatchString(k.String()) }

// Payment is one line of one batch.
type Payment struct {
	Key           Key
	Programme     string
	Edition       int
	District      string
	PersonID      models.ID // the payee
	BeneficiaryID models.ID // may be another for a household; empty when not known here
	PayeeKind     string
	HouseholdRef  string
	ExceptionWhy  string // R4: reason and approver of an exception
	ExceptionBy   string
	AmountFen     models.Fen
	Period        string
	State         State
	Hold          Hold
	PlannedAt     time.Time
	PublicisedAt  time.Time
	ApprovedAt    time.Time
	SentAt        time.Time
	CreditedAt    time.Time
	ReturnedAt    time.Time
	CreditNo      string
	PayingBank    string
	AccountBank   string
	AccountTail   string
	OldChannel    bool // R13
	ReturnReason  string
	ReissueOf     string // Key.String of the line it repeats
	ReissuedAs    string
	Version       int64
	ChangedAt     time.Time
	ReceivedAt    time.Time
	PaidRef       models.PersonRef // the payee as the registry names her in this line; empty where that is her own reference
}

// Line is what the registry says about one payment.
type Line struct {
	Payment        // PersonID, BeneficiaryID and Hold are ours to fill
	PayeeRef       models.PersonRef
	BeneficiaryRef models.PersonRef
	Raw            []byte // the line in the feed's form of a payment_line, to be parked; good only while the line is taken
	Bad            string // why a line of a batch cannot be read, as the feed says it; then only Key.Line counts
}

// paidTo makes the line a payment to a person we know.
func (l *Line) paidTo(payee, beneficiary PayeePerson, at time.Time) {
	l.PersonID, l.BeneficiaryID, l.ReceivedAt, l.PaidRef = payee.ID, beneficiary.ID, at, ""
	if payee.Ref != l.PayeeRef {
		l.PaidRef = l.PayeeRef
	}
}

// LinesBy says how a batch's lines come.
type LinesBy string

// The ways. A batch of which nothing was said comes by the feed.
const (
	ByFeed   LinesBy = "feed"   // each line is an event
	ByStream LinesBy = "stream" // fetched from the source as a whole
	ByFile   LinesBy = "file"   // brought by hand: onecard ingest
)

// Batch is one announced run of payments.
type Batch struct {
	ID          string
	LedgerMonth string
	Programme   string
	Edition     int
	District    string
	Department  string
	PayingUnit  string
	PayingBank  string
	Period      string
	Reissue     bool
	Count       int
	TotalFen    models.Fen
	Digest      string
	LinesBy     LinesBy
	Withdrawn   bool    // announced by mistake and taken back by the registry
	Posting     Posting // where its list was shown to everybody; Place is empty where the source tells none (R8)
	AnnouncedAt time.Time
	Version     int64
	ChangedAt   time.Time
}

// Payee is what the payments source says of a person (R5): in the one-card system or not.
type Payee struct {
	PersonRef    models.PersonRef
	InSystem     bool
	PhoneOnFile  bool
	RegisteredOn models.Date
	Version      int64
	ChangedAt    time.Time
}
