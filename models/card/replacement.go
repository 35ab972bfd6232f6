package card

import (
	"maps"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// ReplacementReason is why a card is to be replaced (补换卡).
type ReplacementReason string

// The reasons. The last two make no order: a quality fault is a window's and free, and a move within the province needs
// no new card (R47).
const (
	ReasonLost      ReplacementReason = "lost"
	ReasonDamaged   ReplacementReason = "damaged"
	ReasonExpired   ReplacementReason = "expired"
	ReasonDataWrong ReplacementReason = "data_wrong"
	ReasonQuality   ReplacementReason = "quality"
	ReasonMoved     ReplacementReason = "moved_in_province"
)

// orderedReasons are the reasons that lead to an order, where policy lets them in.
var orderedReasons = []ReplacementReason{ReasonLost, ReasonDamaged, ReasonExpired, ReasonDataWrong}

// ReplacementState is the state of a replacement.
type ReplacementState string

// The states of a replacement. Those from accepted to at_outlet are stages the registry reports.
const (
	ReplacementAwaitingFee      ReplacementState = "awaiting_fee"      // written down; its fee is not paid (R21)
	ReplacementSubmitted        ReplacementState = "submitted"         // paid, or free of charge (免收); the registry does not have it yet
	ReplacementAccepted         ReplacementState = "accepted"          // the registry took it
	ReplacementBatched          ReplacementState = "batched"           // in a production batch
	ReplacementBankOpening      ReplacementState = "bank_opening"      // the bank opens the account
	ReplacementBankFailed       ReplacementState = "bank_failed"       //
	ReplacementProducing        ReplacementState = "producing"         //
	ReplacementProductionFailed ReplacementState = "production_failed" //
	ReplacementAtOutlet         ReplacementState = "at_outlet"         // made, waiting to be collected
	ReplacementCompleted        ReplacementState = "completed"         // the new card is in hand, the old one is void (R42)
	ReplacementReturned         ReplacementState = "returned"          // sent back with every defect at once (R69)
	ReplacementRejected         ReplacementState = "rejected"          // the fee goes back by itself (R49)
	ReplacementWithdrawing      ReplacementState = "withdrawing"       // the holder takes it back; the registry has not said so yet
	ReplacementWithdrawn        ReplacementState = "withdrawn"         // the fee goes back by itself (R49)
	ReplacementLapsed           ReplacementState = "lapsed"            // nobody paid in time
)

// ReplacementEvent is what happens to a replacement.
type ReplacementEvent string

// The events of a replacement; those of the registry have the words of an application's.
const (
	ReplacementPaid   ReplacementEvent = "fee_paid"
	ReplacementWaived ReplacementEvent = "fee_waived" // policy asks for no fee: nothing is waited for
	ReplacementUnpaid ReplacementEvent = "not_paid_in_time"

	ReplacementTaken          = ReplacementEvent(ApplicationTaken)
	ReplacementNo             = ReplacementEvent(ApplicationNo)
	ReplacementSentBack       = ReplacementEvent(ApplicationSentBack)
	ReplacementCorrected      = ReplacementEvent(ApplicationCorrected)
	ReplacementNotCorrected   = ReplacementEvent(ApplicationNotCorrected)
	ReplacementWithdrawal     = ReplacementEvent(ApplicationWithdrawal)
	ReplacementGone           = ReplacementEvent(ApplicationGone)
	ReplacementWithdrawalLate = ReplacementEvent(ApplicationWithdrawalLate)
)

// replacementRoad is the road from acceptance to the new card. The feed may skip a stage, never go back on the road.
var replacementRoad = []struct {
	state ReplacementState
	on    ReplacementEvent
}{
	{ReplacementAccepted, ReplacementTaken}, {ReplacementBatched, ReplacementEvent(StageBatched)},
	{ReplacementBankOpening, ReplacementEvent(StageBankOpening)}, {ReplacementProducing, ReplacementEvent(StageProducing)},
	{ReplacementAtOutlet, ReplacementEvent(StageAtOutlet)}, {ReplacementCompleted, ReplacementEvent(StageCollected)},
}

// ReplacementFlow is the table of a replacement.
var ReplacementFlow = flow.New("replacement", ReplacementAwaitingFee, replacementEdges()...)

type replacementEdge = flow.Edge[ReplacementState, ReplacementEvent]

func replacementEdges() []replacementEdge {
	bankFailed, badProduction := ReplacementEvent(StageBankFailed), ReplacementEvent(StageProductionBad)
	edges := []replacementEdge{
		{From: ReplacementAwaitingFee, On: ReplacementPaid, To: ReplacementSubmitted},
		{From: ReplacementAwaitingFee, On: ReplacementWaived, To: ReplacementSubmitted},
		{From: ReplacementAwaitingFee, On: ReplacementUnpaid, To: ReplacementLapsed},
		{From: ReplacementAwaitingFee, On: ReplacementGone, To: ReplacementWithdrawn},
		{From: ReplacementAwaitingFee, On: ReplacementNo, To: ReplacementRejected}, // its card has ended meanwhile
	}
	// What the registry has, from where it may go to every later stage.
	from := []ReplacementState{ReplacementSubmitted}
	for _, at := range replacementRoad[:len(replacementRoad)-1] {
		from = append(from, at.state)
	}
	for i, s := range from {
		for _, later := range replacementRoad[i:] {
			edges = append(edges, replacementEdge{From: s, On: later.on, To: later.state})
		}
	}
	for _, s := range append(slices.Clone(from[:len(from)-1]), ReplacementReturned, ReplacementWithdrawing) {
		edges = append(edges, replacementEdge{From: s, On: ReplacementNo, To: ReplacementRejected},
			replacementEdge{From: s, On: bankFailed, To: ReplacementBankFailed}, replacementEdge{From: s, On: badProduction, To: ReplacementProductionFailed})
	}
	for _, s := range []ReplacementState{ReplacementBankFailed, ReplacementProductionFailed} {
		for _, later := range replacementRoad[2:] { // repaired: the bank opens again, production starts again
			edges = append(edges, replacementEdge{From: s, On: later.on, To: later.state})
		}
		edges = append(edges, replacementEdge{From: s, On: ReplacementNo, To: ReplacementRejected})
	}
	return append(edges, replacementBackEdges(from)...)
}

// replacementBackEdges: sent back and put right under the same number, here or at a window, and taken back before the
// production batch. Where the batch was faster, the feed says so and the replacement goes its way.
func replacementBackEdges(from []ReplacementState) []replacementEdge {
	edges := []replacementEdge{
		{From: ReplacementReturned, On: ReplacementCorrected, To: ReplacementSubmitted},
		{From: ReplacementSubmitted, On: ReplacementNotCorrected, To: ReplacementReturned},
	}
	made := slices.Index(from, ReplacementAtOutlet)
	for _, s := range append(slices.Clone(from[:made]), ReplacementBankFailed, ReplacementProductionFailed, ReplacementReturned) {
		edges = append(edges, replacementEdge{From: s, On: ReplacementSentBack, To: ReplacementReturned}, replacementEdge{From: s, On: ReplacementGone, To: ReplacementWithdrawn})
	}
	for _, s := range []ReplacementState{ReplacementSubmitted, ReplacementAccepted, ReplacementReturned} {
		edges = append(edges, replacementEdge{From: s, On: ReplacementWithdrawal, To: ReplacementWithdrawing})
	}
	edges = append(edges, replacementEdge{From: ReplacementWithdrawing, On: ReplacementGone, To: ReplacementWithdrawn},
		replacementEdge{From: ReplacementWithdrawing, On: ReplacementWithdrawalLate, To: ReplacementAccepted})
	for i, later := range replacementRoad {
		edges = append(edges, replacementEdge{From: ReplacementReturned, On: later.on, To: later.state})
		if i > 0 {
			edges = append(edges, replacementEdge{From: ReplacementWithdrawing, On: later.on, To: later.state})
		}
	}
	return edges
}

// Replacement is one new card for an old one. A card has at most one that is not over; the database enforces it.
type Replacement struct {
	ID          models.ID
	Receipt     string // what people read aloud
	PersonID    models.ID
	ApplicantID models.ID // who asked
	CardID      models.ID // the old card
	Reason      ReplacementReason
	State       ReplacementState
	Version     int
	BankCode    string
	OutletRef   string // where the new card is to be collected
	Channel     models.Channel
	LossID      models.ID // the loss that stood or was set when it was asked for
	RegistryRef string
	ReasonCode  string                      // of the registry, where it refused
	Defects     []string                    // codes of the last return
	Corrected   []string                    // the fields that the last correction changed
	Corrections int                         // how often it was put right and submitted again
	LateDefects int                         // named in a later return though nothing had changed there since the first (R69)
	Uploads     map[UploadPurpose]models.ID // pictures that go with it; where there is no photo, the one on file serves
	Archived    bool                        // the bureau's archive has it
	FactVersion int64                       // the registry's version of the last fact taken
	PayBy       time.Time                   // unpaid until then, it closes by itself
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CompletedAt time.Time
	Reminders   int // how often its holder was reminded to collect the card
	Activations int // how often to activate it; activationsDone once there is nothing left to remind of
	// PaymentsSeenAt is when it was looked whether money is on its way to the new card; zero: not yet.
	PaymentsSeenAt time.Time
	Steps          []ReplacementStep
}

// ReplacementStep is one line of the timeline.
type ReplacementStep struct {
	State ReplacementState
	At    time.Time
}

// Unfinished reports whether the replacement is still on its way.
func (r Replacement) Unfinished() bool { return r.ID != "" && !ReplacementFlow.Final(r.State) }

// Cause names the fee of a replacement.
func (r Replacement) Cause() string { return causeOfReplacement + string(r.ID) }

const causeOfReplacement = "replacement:"

// After is the replacement after an event, its timeline one line longer.
func (r Replacement) After(on ReplacementEvent, at time.Time) (Replacement, error) {
	next, err := ReplacementFlow.Next(r.State, on)
	if err != nil {
		return r, err
	}
	r.State, r.UpdatedAt = next, at
	if next == ReplacementCompleted {
		r.CompletedAt = at
	}
	r.Steps = append(slices.Clone(r.Steps), ReplacementStep{next, at})
	return r, nil
}

// asApplication is the form in which the registry is told: bank, outlet, pictures, why, and its number once there is one.
func (r Replacement) asApplication() *Application {
	a := &Application{ID: r.ID, Receipt: r.Receipt, PersonID: r.PersonID, ApplicantID: r.ApplicantID, State: ApplicationState(r.State), BankCode: r.BankCode,
		OutletRef: r.OutletRef, RegistryRef: r.RegistryRef, Replaces: r.Reason, Uploads: map[UploadPurpose]models.ID{}}
	maps.Copy(a.Uploads, r.Uploads)
	for _, code := range r.Defects {
		a.Defects = append(a.Defects, Defect{Code: code})
	}
	return a
}
