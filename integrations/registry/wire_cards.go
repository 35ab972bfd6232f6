package registry

import "time"

// The shapes of the contract, as the cards source writes them. They hold personal data in the clear: they live only
// between the wire and the words of a capability, and are never printed.

type wirePerson struct {
	Ref          string    `json:"ref"`
	Name         string    `json:"name"`
	IDNumber     string    `json:"id_number"`
	BirthDate    string    `json:"birth_date"`
	Phone        string    `json:"phone"`
	District     string    `json:"district"`
	HouseholdRef string    `json:"household_ref"`
	IsHead       bool      `json:"is_head"`
	LivingStatus string    `json:"living_status"`
	GuardianRefs []string  `json:"guardian_refs"`
	MergedInto   string    `json:"merged_into"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
}

type wireCard struct {
	Ref            string       `json:"ref"`
	PersonRef      string       `json:"person_ref"`
	CardNo         string       `json:"card_no"`
	IssuingArea    string       `json:"issuing_area"`
	BankCode       string       `json:"bank_code"`
	OutletRef      string       `json:"outlet_ref"`
	AccountTail    string       `json:"account_tail"`
	AAZ502         string       `json:"aaz502"`
	PersonStatus   string       `json:"person_status"`
	FinancialState string       `json:"financial_state"`
	Loss           *wireLoss    `json:"loss"`
	LossEnd        *wireLossEnd `json:"loss_end"`
	End            *struct {
		Kind string    `json:"kind"`
		At   time.Time `json:"at"`
	} `json:"end"`
	Version   int64     `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
}

type wireLoss struct {
	Reference  string    `json:"reference"`
	RequestID  string    `json:"request_id"`
	Source     string    `json:"source"`
	Kind       string    `json:"kind"`
	ReportedAt time.Time `json:"reported_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

type wireLossEnd struct {
	How       string    `json:"how"`
	Source    string    `json:"source"`
	RequestID string    `json:"request_id"`
	At        time.Time `json:"at"`
}

type wireApplication struct {
	Ref         string       `json:"ref"`
	RequestID   string       `json:"request_id"`
	PersonRef   string       `json:"person_ref"`
	Status      string       `json:"status"`
	OutletRef   string       `json:"outlet_ref"`
	AccountTail string       `json:"account_tail"`
	ReasonCode  string       `json:"reason_code"`
	AZ03        wireAZ03     `json:"az03"`
	Defects     []wireDefect `json:"defects"`
	Version     int64        `json:"version"`
	ChangedAt   time.Time    `json:"changed_at"`
}

type wireDefect struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Wanted string `json:"wanted"`
}

// wireAZ03 is the production record: how far an application is, is which of its times are filled.
type wireAZ03 struct {
	BatchNo          string    `json:"BATCHNO"`
	BankTime0        time.Time `json:"BANKTIME0"`
	BankFinishTime0  time.Time `json:"BANKFINISHTIME0"`
	InsureTime       time.Time `json:"INSURETIME"`
	InsureFinishTime time.Time `json:"INSUREFINISHTIME"`
	CityTime         time.Time `json:"CITYTIME"`
	GetTime          time.Time `json:"GETTIME"`
	ValidTag         string    `json:"VALIDTAG"`
}

type wireOutlet struct {
	Ref       string        `json:"ref"`
	Name      string        `json:"name"`
	Kind      string        `json:"kind"`
	BankCode  string        `json:"bank_code"`
	District  string        `json:"district"`
	Town      string        `json:"town"`
	Address   string        `json:"address"`
	Phone     string        `json:"phone"`
	Hours     string        `json:"hours"`
	Opening   []wireOpening `json:"opening"`
	Services  []string      `json:"services"`
	Longitude float64       `json:"lon"`
	Latitude  float64       `json:"lat"`
	Open      bool          `json:"open"`
	Successor string        `json:"successor"`
	Version   int64         `json:"version"`
	ChangedAt time.Time     `json:"changed_at"`
}

type wireOpening struct {
	On   []string `json:"on"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

type wireBank struct {
	Code        string       `json:"code"`
	Name        string       `json:"name"`
	ShortName   string       `json:"short_name"`
	Phone       string       `json:"phone"`
	ValidFrom   string       `json:"valid_from"`
	ValidTo     string       `json:"valid_to"`
	Successor   string       `json:"successor"`
	CardService []wirePeriod `json:"card_service"`
	Paying      []wirePeriod `json:"paying"`
	Version     int64        `json:"version"`
	ChangedAt   time.Time    `json:"changed_at"`
}

type wirePeriod struct {
	Area string `json:"area"`
	From string `json:"from"`
	To   string `json:"to"`
}

type wireCommand struct {
	RequestID string    `json:"request_id"`
	Kind      string    `json:"kind"`
	PersonRef string    `json:"person_ref"`
	CardRef   string    `json:"card_ref,omitempty"`
	CardSeq   int64     `json:"card_seq,omitempty"`
	NotAfter  time.Time `json:"not_after"`
	Channel   string    `json:"channel"`
	LossKind  string    `json:"loss_kind,omitempty"`
	// ApplicationRef is the acceptance number that a correction or withdrawal is about, of a replacement too.
	ApplicationRef string          `json:"application_ref,omitempty"`
	Application    *wireSubmission `json:"application,omitempty"`
}

type wireSubmission struct {
	BusinessType string `json:"business_type"`
	ApplicantRef string `json:"applicant_ref"`
	// ReplaceReason is why a card is replaced; empty for a first application.
	ReplaceReason string            `json:"replace_reason,omitempty"`
	BankCode      string            `json:"bank_code"`
	OutletRef     string            `json:"outlet_ref"`
	Attachments   map[string]string `json:"attachments"`
}

type wireAnswer struct {
	Kind        string    `json:"kind"`
	Outcome     string    `json:"outcome"`
	Code        string    `json:"code"`
	ReasonCode  string    `json:"reason_code"`
	Reference   string    `json:"reference"`
	EffectiveAt time.Time `json:"effective_at"`
	ExpiresAt   time.Time `json:"expires_at"`
	CardVersion int64     `json:"card_version"`

	ApplicationVersion int64 `json:"application_version"`
}
