package notice

import (
	"slices"
	"time"
)

// Kind names one sort of notice. It is the key of its template, of its line in docs/texts.md and of its vendor template.
type Kind string

// The kinds. Each is sent by somebody (cmd/laws): its text has to be filed with the carrier first.
const (
	Code            Kind = "code"              // one-time code for binding
	CodePhoneChange Kind = "code_phone_change" // one-time code to a new phone
	CodeCall        Kind = "code_call"         // one-time code that a caller keys in on her telephone (R58)

	LossEffective Kind = "loss_effective" // confirmed
	LossElsewhere Kind = "loss_elsewhere" // made at a window or another channel, learnt from the feed (R34)
	LossRefused   Kind = "loss_refused"
	LossReleased  Kind = "loss_released"
	LossRenewed   Kind = "loss_renewed"
	LossLapsed    Kind = "loss_lapsed"
	LossExpiring  Kind = "loss_expiring"

	ReleaseRefused Kind = "release_refused"
	ReleaseExpired Kind = "release_expired"
	CardVoided     Kind = "card_voided" // the old card after a replacement (R42)

	Arrival         Kind = "arrival"
	ArrivalReversed Kind = "arrival_reversed"
	ArrivalReturned Kind = "arrival_returned"
	PaydayAccount   Kind = "payday_account" // a subsidy is coming, and the money account cannot take it (R5)
	PaydayCard      Kind = "payday_card"    // a subsidy is coming, and there is no card in hand (R5)
	// ArrivalWithdrawn corrects what was told of a batch that the registry took back.
	ArrivalWithdrawn Kind = "arrival_withdrawn"

	ApplicationAccepted   Kind = "application_accepted"
	ApplicationRefused    Kind = "application_refused"
	ApplicationBankFailed Kind = "application_bank_failed" // the bank did not open the account: she goes to its window
	ApplicationProducing  Kind = "application_producing"
	ApplicationReady      Kind = "application_ready"
	ApplicationCollected  Kind = "application_collected"

	ApplicationReturned     Kind = "application_returned"      // sent back with all its defects (R69)
	ApplicationUncollected  Kind = "application_uncollected"   // the card still waits at its outlet
	ApplicationWithdrawn    Kind = "application_withdrawn"     // the registry took it out
	ApplicationNotWithdrawn Kind = "application_not_withdrawn" // the production batch was faster
	FeePaid                 Kind = "fee_paid"                  // the fee of a replacement, to who paid it (R21)
	FeeRefunded             Kind = "fee_refunded"              // its money is back (R49)
	FeeReceipt              Kind = "fee_receipt"               // its fiscal e-receipt (财政电子票据) is there, to whom it names (R21)

	ReplacementAccepted     Kind = "replacement_accepted"      // the registry has it
	ReplacementRefused      Kind = "replacement_refused"       // the registry refused; the fee goes back by itself (R49)
	ReplacementBankFailed   Kind = "replacement_bank_failed"   // the bank did not open the account
	ReplacementReady        Kind = "replacement_ready"         // the new card waits at its outlet
	ReplacementUncollected  Kind = "replacement_uncollected"   // it still waits there
	ReplacementCompleted    Kind = "replacement_completed"     // the new card is in hand, the old one void (R42)
	ReplacementActivate     Kind = "replacement_activate"      // the new card is not activated yet
	ReplacementReturned     Kind = "replacement_returned"      // sent back with all its defects (R69)
	ReplacementWithdrawn    Kind = "replacement_withdrawn"     // the registry took it out
	ReplacementNotWithdrawn Kind = "replacement_not_withdrawn" // the production batch was faster
	ReplacementLapsed       Kind = "replacement_lapsed"        // nobody paid in time

	PhoneChangeOld Kind = "phone_change_old" // to the old number, before the change counts
	PhoneChanged   Kind = "phone_changed"
	// PhoneChangeCancelled tells the phone that stays: an agent stopped the change for a caller.
	PhoneChangeCancelled Kind = "phone_change_cancelled"

	// ReportAnswered tells who asked or reported something that there is an answer, and nothing of what it was.
	ReportAnswered Kind = "report_answered"

	// What becomes of an enquiry of hers; what it is about is never said.
	EnquiryAnswered Kind = "enquiry_answered"
	EnquiryExtended Kind = "enquiry_extended" // a later date
	EnquiryClosed   Kind = "enquiry_closed"   // over; may be rated (R64)

	// GuideSlip is what to bring and where to go, to a caller who asked for it (R19).
	GuideSlip Kind = "guide_slip"
	// OutletSlip is where an act is served, to the same.
	OutletSlip Kind = "outlet_slip"
	// AgentTask is what the holder does herself after a call: picked by the agent from a list, with its place inside the app.
	AgentTask        Kind = "agent_task"
	GuardianProved   Kind = "guardian_proved"    // the guardian may act for the child (R23)
	GuardianRefused  Kind = "guardian_refused"   // the household book proves it not
	GuardianAdded    Kind = "guardian_added"     // to who is guardian of the child already
	GuardianForYou   Kind = "guardian_for_you"   // to the child, from 14 on: somebody may act for her
	GuardianOver     Kind = "guardian_over"      // the child is 16: to the guardian
	OfAge            Kind = "of_age"             // the same, to the child
	GuardianProgress Kind = "guardian_progress"  // a step of the child's card matters
	GuardianLoss     Kind = "guardian_loss"      // the child's social-security account is stopped
	GuardianLossStep Kind = "guardian_loss_step" // what else became of that loss
	HelperNamed      Kind = "helper_named"       // to who is asked to help
	HelperActive     Kind = "helper_active"      // to the holder: the helper accepted
	HelperActed      Kind = "helper_acted"       // to the holder, at each act of her helper
	RelationEnded    Kind = "relation_ended"     // a right to act for another is over

	Bound   Kind = "bound"
	Unbound Kind = "unbound"
	// TextsOff tells the phone that text messages were switched off: once a day, whoever held the phone.
	TextsOff Kind = "texts_off"

	CampaignRenewal       Kind = "campaign_renewal"       // look at the date on the card
	CampaignCertification Kind = "campaign_certification" // the yearly check of who draws social insurance
)

// Lane orders the queue: a lower lane is always taken first, and boot sweeps urgent and bulk lanes apart.
type Lane int

// The lanes, most urgent first.
const (
	LaneCodes Lane = iota
	LaneLoss
	LaneProgress
	LaneArrivals
	LaneCampaigns
)

// The two groups of lanes that are swept apart, so that a month's arrivals never delay a code.
var (
	UrgentLanes = []Lane{LaneCodes, LaneLoss}
	BulkLanes   = []Lane{LaneProgress, LaneArrivals, LaneCampaigns}
)

func (l Lane) String() string {
	if l < 0 || int(l) >= len(laneWords) {
		return "unknown"
	}
	return laneWords[l]
}

var laneWords = [...]string{"codes", "loss", "progress", "arrivals", "campaigns"}

// Spec is everything the queue must know of a kind.
type Spec struct {
	Kind   Kind
	Title  string        // the inbox's headline
	Lane   Lane          //
	Life   time.Duration // default time after which it is no longer worth sending
	Resend bool          // fate unknown: send again with the same id (codes, loss confirmations) or never (the rest)
	Secret bool          // carries a one-time code; not shown in the inbox
	Text   string        // without signature; variables as ${name}
	Params []Param       //
}

// SpecOf is the spec of a kind.
func SpecOf(k Kind) (Spec, bool) {
	i := slices.IndexFunc(specs, func(s Spec) bool { return s.Kind == k })
	if i < 0 {
		return Spec{}, false
	}
	return specs[i], true
}

// Templates lists every kind in the order of the catalogue: for docs/texts.md, for filing with the vendor, and for the
// sandbox to know the texts.
func Templates() []Spec { return slices.Clone(specs) }
