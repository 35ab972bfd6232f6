package registry

import "time"

// The shapes of the contract, as the payments source writes them.

type wireProgramme struct {
	Code         string    `json:"code"`
	Edition      int       `json:"programme_version"`
	Number       int       `json:"number"`
	Name         string    `json:"name"`
	ShortName    string    `json:"short_name"`
	SMSName      string    `json:"sms_name"`
	Domain       string    `json:"domain"`
	Department   string    `json:"department"`
	PayeeKind    string    `json:"payee_kind"`
	Cadence      string    `json:"cadence"`
	Sensitivity  string    `json:"sensitivity"`
	Local        string    `json:"local"`
	PolicyDoc    string    `json:"policy_doc"`
	OfficialLink string    `json:"official_link"`
	PublishedOn  string    `json:"published_on"`
	ValidFrom    string    `json:"valid_from"`
	ValidTo      string    `json:"valid_to"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
	Onboarded    []struct {
		District string `json:"district"`
		From     string `json:"from"`
	} `json:"onboarded"`
}

type wirePayee struct {
	PersonRef    string    `json:"person_ref"`
	InSystem     bool      `json:"in_system"`
	PhoneOnFile  bool      `json:"phone_on_file"`
	RegisteredOn string    `json:"registered_on"`
	Version      int64     `json:"version"`
	ChangedAt    time.Time `json:"changed_at"`
}

type wireBatch struct {
	ID          string `json:"id"`
	LedgerMonth string `json:"ledger_month"`
	Programme   string `json:"programme_code"`
	Edition     int    `json:"programme_version"`
	District    string `json:"district"`
	Department  string `json:"department"`
	PayingUnit  string `json:"paying_unit"`
	PayingBank  string `json:"paying_bank"`
	Period      string `json:"period"`
	Reissue     bool   `json:"reissue"`
	Count       int    `json:"count"`
	TotalFen    int64  `json:"total_fen"`
	DigestSM3   string `json:"digest_sm3"`
	LinesBy     string `json:"lines_by"`
	State       string `json:"state"`
	Posting     struct {
		Place  string `json:"place"`
		From   string `json:"from"`
		To     string `json:"to"`
		Office string `json:"office"`
		Phone  string `json:"phone"`
	} `json:"posting"`
	AnnouncedAt time.Time `json:"announced_at"`
	Version     int64     `json:"version"`
	ChangedAt   time.Time `json:"changed_at"`
}

type wireLineKey struct {
	LedgerMonth string `json:"ledger_month"`
	BatchID     string `json:"batch_id"`
	LineNo      int    `json:"line_no"`
}

type wireLine struct {
	wireLineKey
	Programme      string `json:"programme_code"`
	Edition        int    `json:"programme_version"`
	District       string `json:"district"`
	BeneficiaryRef string `json:"beneficiary_ref"`
	PayeeRef       string `json:"payee_ref"`
	PayeeKind      string `json:"payee_kind"`
	HouseholdRef   string `json:"household_ref"`
	Exception      struct {
		Reason   string `json:"reason"`
		Approver string `json:"approver"`
	} `json:"exception"`
	AmountFen    int64        `json:"amount_fen"`
	Period       string       `json:"period"`
	State        string       `json:"state"`
	PlannedAt    time.Time    `json:"planned_at"`
	PublicisedAt time.Time    `json:"publicised_at"`
	ApprovedAt   time.Time    `json:"approved_at"`
	SentAt       time.Time    `json:"sent_at"`
	CreditedAt   time.Time    `json:"credited_at"`
	ReturnedAt   time.Time    `json:"returned_at"`
	CreditNo     string       `json:"credit_no"`
	PayingBank   string       `json:"paying_bank"`
	AccountBank  string       `json:"account_bank"`
	AccountTail  string       `json:"account_tail"`
	OldChannel   bool         `json:"old_channel"`
	ReturnReason string       `json:"return_reason"`
	ReissueOf    *wireLineKey `json:"reissue_of"`
	ReissuedAs   *wireLineKey `json:"reissued_as"`
	Version      int64        `json:"version"`
	ChangedAt    time.Time    `json:"changed_at"`
}
