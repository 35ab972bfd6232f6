// Package card knows the card and its two accounts, and decides what happens to the social-security one:
// loss, release, application. The registry owns the card; what stands here is a dated copy and our intent beside it.
package card

import (
	"time"

	"onecard/models"
)

// SocialState is the state of the social-security account as the registry last told it (domain 2.4, AAZ502).
type SocialState string

// The states of the social-security account.
const (
	SocialNone      SocialState = "none"       // no card yet, or not collected
	SocialInactive  SocialState = "inactive"   // collected, initial PIN never changed (R29)
	SocialNormal    SocialState = "normal"     // AAZ502 = 1
	SocialLossTemp  SocialState = "loss_temp"  // AAZ502 = 4
	SocialLoss      SocialState = "loss"       // AAZ502 = 2, formal
	SocialLocked    SocialState = "locked"     // AAZ502 = 3
	SocialSealed    SocialState = "sealed"     // AAZ502 = 0
	SocialVoid      SocialState = "void"       // replaced (R42)
	SocialCancelled SocialState = "cancelled"  // AAZ502 = 9
	SocialUnknown   SocialState = "processing" // a state this release does not know
)

// Lost reports whether the account is stopped by a loss report.
func (s SocialState) Lost() bool { return s == SocialLossTemp || s == SocialLoss }

// Free reports whether the account surely is not stopped by a loss report. A state we cannot read says nothing.
func (s SocialState) Free() bool { return !s.Lost() && s != SocialUnknown && s != "" }

// FinancialState mirrors what the bank told the registry. We never change it (R39).
type FinancialState string

// The states of the financial account.
const (
	FinancialNotOpened FinancialState = "not_opened"
	FinancialInactive  FinancialState = "opened_inactive"
	FinancialActive    FinancialState = "active"
	FinancialLoss      FinancialState = "loss"
	FinancialFrozen    FinancialState = "frozen"
	FinancialClosed    FinancialState = "closed"
	FinancialUnknown   FinancialState = "unknown"
)

// Holding says where the plastic is.
type Holding string

// Where the plastic is.
const (
	InProduction Holding = "in_production"
	AtOutlet     Holding = "at_outlet"
	Collected    Holding = "collected"
)

// Card is the dated copy of one card.
type Card struct {
	ID          models.ID
	Ref         models.CardRef
	PersonID    models.ID
	NumberMask  string // first character and last three, A*****123: all that we keep of the printed number
	Area        string // issuing area, GB/T 2260
	BankCode    string // the bank named on the card face
	AccountTail string // last four of the bank account; empty where the registry gave none
	OutletRef   string // where it waits, while AtOutlet
	Social      SocialState
	Financial   FinancialState
	Holding     Holding
	Version     int64     // the registry's, grows with every change
	ChangedAt   time.Time // the registry's instant of that change
	ReceivedAt  time.Time // ours
	// AnsweredVersion is the highest version an answer to one of our commands carried. A fact older than it says
	// nothing new about loss or release, however late it comes.
	AnsweredVersion int64
	NextSeq         int64 // card_seq of the next loss or release command
}

// Live reports whether the card is one that a person holds or waits for.
func (c Card) Live() bool { return c.Social != SocialVoid && c.Social != SocialCancelled }

// Fact is what the registry says about one card, by feed or by query.
type Fact struct {
	Ref         models.CardRef
	PersonRef   models.PersonRef
	NumberMask  string
	Area        string
	BankCode    string
	AccountTail string
	OutletRef   string
	Social      SocialState
	Financial   FinancialState
	Holding     Holding
	Loss        *LossFact // present while a loss is on record
	Ended       *EndFact  // how the last loss ended, where the registry says
	Version     int64
	ChangedAt   time.Time
	// AskedAt is when a source that is only asked was asked; zero of a feed. Such a source does not say when a thing changed:
	// ChangedAt is then when it was seen.
	AskedAt time.Time
	// HandedOver: such a source says that the holder has this card in hand, so that one before it is void (R42).
	HandedOver bool
}

// LossFact is a loss on the registry's record.
type LossFact struct {
	Source     string // wechat_mini … phone | window | bank_window
	Kind       LossKind
	RequestID  string // ours, where it came from us
	Reference  string
	ReportedAt time.Time
	ExpiresAt  time.Time // zero where the registry gives none (R43)
}

// EndFact says how a loss ended.
type EndFact struct {
	How       string // released | lapsed | voided
	Source    string
	RequestID string
	At        time.Time
}
