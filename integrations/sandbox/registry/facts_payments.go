package registry

import "time"

// Programme is one version of one item of the list.
type Programme struct {
	ID           string       `json:"id"` // code@programme_version
	Code         string       `json:"code"`
	ProgVersion  int          `json:"programme_version"`
	Number       int          `json:"number,omitempty"` // 1–45 in the provincial list; 0 for a local item
	Name         string       `json:"name"`
	ShortName    string       `json:"short_name"`
	SMSName      string       `json:"sms_name"`
	Level        int          `json:"level"`
	Parent       string       `json:"parent,omitempty"`
	Domain       string       `json:"domain"`
	Department   string       `json:"department"`
	PayeeKind    string       `json:"payee_kind"` // individual, household, either
	ForMinors    bool         `json:"for_minors"`
	Cadence      string       `json:"cadence"`               // monthly, quarterly, termly, yearly, once
	Sensitivity  string       `json:"sensitivity,omitempty"` // high, medium, normal; empty: not classified yet
	Local        string       `json:"local,omitempty"`       // the district of a local item
	PolicyDoc    string       `json:"policy_doc"`
	OfficialLink string       `json:"official_link"`
	PublishedOn  string       `json:"published_on"`
	ValidFrom    string       `json:"valid_from"`
	ValidTo      string       `json:"valid_to,omitempty"`
	Onboarded    []Onboarding `json:"onboarded"` // since when a district pays it through the card
	Version      int64        `json:"version"`
	ChangedAt    time.Time    `json:"changed_at"`
}

// Onboarding is the day from which a district pays an item through the card.
type Onboarding struct {
	District string `json:"district"`
	From     string `json:"from"`
}

// Payee tells whether a person is in the one-card payment platform.
type Payee struct {
	PersonRef    string    `json:"person_ref"`
	InSystem     bool      `json:"in_system"`
	PhoneOnFile  bool      `json:"phone_on_file"`
	RegisteredOn string    `json:"registered_on,omitempty"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
}

// Batch is the announcement of a batch of payment lines. Count, total and digest do not change any more.
type Batch struct {
	ID          string    `json:"id"`
	LedgerMonth string    `json:"ledger_month"` // 2021-11; fixed for ever
	Programme   string    `json:"programme_code"`
	ProgVersion int       `json:"programme_version"`
	District    string    `json:"district"`
	Department  string    `json:"department"`
	PayingUnit  string    `json:"paying_unit"`
	PayingBank  string    `json:"paying_bank,omitempty"`
	PeriodName  string    `json:"period"`
	Reissue     bool      `json:"reissue"`
	Count       int       `json:"count"`
	TotalFen    int64     `json:"total_fen"`
	DigestSM3   string    `json:"digest_sm3"`
	LinesBy     string    `json:"lines_by"`        // feed: every line is also a feed event; stream: fetch the lines
	State       string    `json:"state,omitempty"` // announced (also where it is missing), withdrawn
	Posting     *Posting  `json:"posting,omitempty"`
	Announced   time.Time `json:"announced_at"`
	Version     int64     `json:"version"`
	ChangedAt   time.Time `json:"changed_at"`
}

// Posting is where a batch was posted publicly and who takes objections.
type Posting struct {
	Place  string `json:"place"`
	From   string `json:"from"`
	To     string `json:"to"`
	Office string `json:"office"`
	Phone  string `json:"phone"`
}

// LineKey names a payment for ever.
type LineKey struct {
	LedgerMonth string `json:"ledger_month"`
	BatchID     string `json:"batch_id"`
	LineNo      int    `json:"line_no"`
}

// PaymentLine is one payment to one payee.
type PaymentLine struct {
	ID string `json:"id"` // batch_id/line_no
	LineKey
	Programme      string     `json:"programme_code"`
	ProgVersion    int        `json:"programme_version"`
	District       string     `json:"district"`
	BeneficiaryRef string     `json:"beneficiary_ref"`
	PayeeRef       string     `json:"payee_ref"`
	PayeeKind      string     `json:"payee_kind"` // individual, household
	HouseholdRef   string     `json:"household_ref,omitempty"`
	Exception      *Exception `json:"exception,omitempty"`
	AmountFen      int64      `json:"amount_fen"`
	PeriodName     string     `json:"period"`
	State          string     `json:"state"` // planned publicised approved sent credited returned reissued
	PlannedAt      *time.Time `json:"planned_at,omitempty"`
	PublicisedAt   *time.Time `json:"publicised_at,omitempty"`
	ApprovedAt     *time.Time `json:"approved_at,omitempty"`
	SentAt         *time.Time `json:"sent_at,omitempty"`
	CreditedAt     *time.Time `json:"credited_at,omitempty"`
	ReturnedAt     *time.Time `json:"returned_at,omitempty"`
	CreditNo       string     `json:"credit_no,omitempty"`
	PayingBank     string     `json:"paying_bank,omitempty"`
	AccountBank    string     `json:"account_bank,omitempty"`
	AccountTail    string     `json:"account_tail,omitempty"`
	OldChannel     bool       `json:"old_channel"`
	ReturnReason   string     `json:"return_reason,omitempty"`
	ReissueOf      *LineKey   `json:"reissue_of,omitempty"`
	ReissuedAs     *LineKey   `json:"reissued_as,omitempty"`
	Version        int64      `json:"version"`
	ChangedAt      time.Time  `json:"changed_at"`
}

// Exception records why a household payment went to someone other than the head, and who allowed it.
type Exception struct {
	Reason   string `json:"reason"`
	Approver string `json:"approver"`
}
