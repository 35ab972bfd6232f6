package registry

import "time"

// The facts the registry holds and publishes. A fact is never changed in place: a change is a new value with the next
// version, so that the log can keep what it said before.

// Person is one person known to the cards source.
type Person struct {
	Ref          string    `json:"ref"`
	Name         string    `json:"name"`
	DocumentType string    `json:"document_type"` // domain codes: 01 ID card, 04/05 HK and Macao, 06 Taiwan, 07 foreigner
	IDNumber     string    `json:"id_number"`
	BirthDate    string    `json:"birth_date"`
	Sex          string    `json:"sex"` // 1 male, 2 female
	Nationality  string    `json:"nationality"`
	Phone        string    `json:"phone,omitempty"`
	Address      string    `json:"address"`
	District     string    `json:"district"`
	Town         string    `json:"town"`
	TownName     string    `json:"town_name"`
	HouseholdRef string    `json:"household_ref"`
	IsHead       bool      `json:"is_head"`
	Relation     string    `json:"relation"` // to the head: head, spouse, child, parent, grandchild
	GuardianRefs []string  `json:"guardian_refs,omitempty"`
	LivingStatus string    `json:"living_status"` // AAC060: 1 alive, 2 dead, 3 imprisoned, 4 missing, 5 undefined
	MergedInto   string    `json:"merged_into,omitempty"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
}

// Card is one card with its two accounts.
type Card struct {
	Ref            string     `json:"ref"`
	PersonRef      string     `json:"person_ref"`
	CardNo         string     `json:"card_no"` // AAZ500, printed on the card
	IssuingArea    string     `json:"issuing_area"`
	BankCode       string     `json:"bank_code"`
	BankFaceName   string     `json:"bank_face_name"`
	AccountTail    string     `json:"account_tail,omitempty"`
	AAZ502         string     `json:"aaz502"`          // social-security side: 0 sealed 1 normal 2 formal loss 3 locked 4 temporary loss 9 ended
	PersonStatus   string     `json:"person_status"`   // 01 in production, 02 waiting, 03 collected, 04 activated, 05, 06, 09
	FinancialState string     `json:"financial_state"` // not_opened opened_inactive active loss frozen closed unknown
	IssuedOn       string     `json:"issued_on,omitempty"`
	ValidUntil     string     `json:"valid_until,omitempty"`
	OutletRef      string     `json:"outlet_ref,omitempty"`
	CollectedAt    *time.Time `json:"collected_at,omitempty"`
	ActivatedAt    *time.Time `json:"activated_at,omitempty"`
	Loss           *Loss      `json:"loss,omitempty"`
	LossEnd        *LossEnd   `json:"loss_end,omitempty"` // how the last loss ended, while none is on record
	End            *CardEnd   `json:"end,omitempty"`
	Replaces       string     `json:"replaces,omitempty"`
	Version        int64      `json:"version"`
	ChangedAt      time.Time  `json:"changed_at"`
}

// Loss is the loss on record for the social-security account, whoever reported it.
type Loss struct {
	Reference   string     `json:"reference"`
	RequestID   string     `json:"request_id,omitempty"` // of the command that made it; empty when made elsewhere
	Source      string     `json:"source"`               // the channel it came by: wechat_mini … phone, window, bank_window
	Kind        string     `json:"kind"`                 // temporary, formal
	ReportedAt  time.Time  `json:"reported_at"`
	EffectiveAt time.Time  `json:"effective_at"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	Before      string     `json:"before"` // AAZ502 and person status to go back to at release
}

// LossEnd tells how a loss ended: released, lapsed, or voided with the card.
type LossEnd struct {
	How       string    `json:"how"`
	Source    string    `json:"source"`
	RequestID string    `json:"request_id,omitempty"`
	At        time.Time `json:"at"`
}

// CardEnd tells why a card is no longer one: void (replaced) or cancelled (death, emigration).
type CardEnd struct {
	Kind       string    `json:"kind"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
	ReplacedBy string    `json:"replaced_by,omitempty"`
}

// Application is one request for a card, with the production times as the AZ03 record holds them.
type Application struct {
	Ref          string    `json:"ref"` // the acceptance number
	RequestID    string    `json:"request_id,omitempty"`
	PersonRef    string    `json:"person_ref"`
	ApplicantRef string    `json:"applicant_ref"`
	BusinessType string    `json:"business_type"` // 01 new, 05 lost replacement, 06 exchange
	Status       string    `json:"status"`        // 00 applied 01 withdrawn 02 success 03 failed 04 exception 05 in progress
	BankCode     string    `json:"bank_code"`
	OutletRef    string    `json:"outlet_ref"`
	CardRef      string    `json:"card_ref,omitempty"`
	Replaces     string    `json:"replaces,omitempty"` // the old card, of a replacement
	AccountTail  string    `json:"account_tail,omitempty"`
	ReasonCode   string    `json:"reason_code,omitempty"` // why it failed or was rejected
	AZ03         AZ03      `json:"az03"`
	Defects      []Defect  `json:"defects,omitempty"`
	PromisedDays int       `json:"promised_working_days"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
}

// AZ03 is the progress record of card production. Progress is which of the times are filled.
type AZ03 struct {
	BatchNo          string     `json:"BATCHNO,omitempty"`
	ApplyTime        time.Time  `json:"APPLYTIME"`
	BankTime0        *time.Time `json:"BANKTIME0,omitempty"`
	BankFinishTime0  *time.Time `json:"BANKFINISHTIME0,omitempty"`
	InsureTime       *time.Time `json:"INSURETIME,omitempty"`
	InsureFinishTime *time.Time `json:"INSUREFINISHTIME,omitempty"`
	ProvinceTime     *time.Time `json:"PROVINCETIME,omitempty"`
	CityTime         *time.Time `json:"CITYTIME,omitempty"`
	GetTime          *time.Time `json:"GETTIME,omitempty"`
	Remarks          string     `json:"REMARKS,omitempty"`
	ValidTag         string     `json:"VALIDTAG"` // 1 valid, 0 no longer
}

// Defect is one thing wrong with an application; all are named at once.
type Defect struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Wanted string `json:"wanted"`
}

// Outlet is a card service window of a bank or of the bureau, or a hospital or pharmacy that activates accounts.
type Outlet struct {
	Ref       string    `json:"ref"`
	Name      string    `json:"name"`
	Kind      string    `json:"kind"` // bank, hrss, hospital, pharmacy
	BankCode  string    `json:"bank_code,omitempty"`
	District  string    `json:"district"`
	Town      string    `json:"town"`
	Address   string    `json:"address"`
	Phone     string    `json:"phone"`
	Hours     string    `json:"hours"`
	Opening   []Opening `json:"opening,omitempty"`
	Services  []string  `json:"services"`
	Longitude float64   `json:"lon"`
	Latitude  float64   `json:"lat"`
	Open      bool      `json:"open"`
	Successor string    `json:"successor,omitempty"`
	Version   int64     `json:"version"`
	ChangedAt time.Time `json:"changed_at"`
}

// Opening is a time of day at which an outlet serves, on days of some kinds.
type Opening struct {
	On   []string `json:"on"` // workday, weekend, holiday
	From string   `json:"from"`
	To   string   `json:"to"`
}

// Bank is a bank with the times in which it is one, serves cards, and pays for districts.
type Bank struct {
	Code        string    `json:"code"`
	Name        string    `json:"name"`
	ShortName   string    `json:"short_name"`
	Phone       string    `json:"phone"`
	ValidFrom   string    `json:"valid_from"`
	ValidTo     string    `json:"valid_to,omitempty"` // last day
	Successor   string    `json:"successor,omitempty"`
	CardService []Period  `json:"card_service,omitempty"` // area = issuing city
	Paying      []Period  `json:"paying,omitempty"`       // area = district
	Version     int64     `json:"version"`
	ChangedAt   time.Time `json:"changed_at"`
}

// Period is a span of days in one area; an empty To has no end.
type Period struct {
	Area string `json:"area"`
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}
