package card

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// ApplicationState is the state of a first application (申领, domain 2.4).
type ApplicationState string

// The states of an application. Those after accepted are stages the registry reports.
const (
	ApplicationSubmitted        ApplicationState = "submitted"         // written down; the registry does not have it yet
	ApplicationAccepted         ApplicationState = "accepted"          // the registry took it
	ApplicationBatched          ApplicationState = "batched"           // in a production batch
	ApplicationBankOpening      ApplicationState = "bank_opening"      // the bank opens the account
	ApplicationBankFailed       ApplicationState = "bank_failed"       //
	ApplicationProducing        ApplicationState = "producing"         //
	ApplicationProductionFailed ApplicationState = "production_failed" //
	ApplicationAtOutlet         ApplicationState = "at_outlet"         // made, waiting to be collected
	ApplicationCollected        ApplicationState = "collected"
	ApplicationRejected         ApplicationState = "rejected"
	ApplicationReturned         ApplicationState = "returned"    // sent back with every defect at once (R69)
	ApplicationWithdrawing      ApplicationState = "withdrawing" // the applicant takes it back; the registry has not said so yet
	ApplicationWithdrawn        ApplicationState = "withdrawn"
)

// ApplicationEvent is what happens to an application.
type ApplicationEvent string

// The events of an application; the stage events carry the registry's stage.
const (
	ApplicationTaken   ApplicationEvent = "registry_accepted"
	ApplicationNo      ApplicationEvent = "registry_refused"
	StageBatched       ApplicationEvent = "stage_batched"
	StageBankOpening   ApplicationEvent = "stage_bank_opening"
	StageBankFailed    ApplicationEvent = "stage_bank_failed"
	StageProducing     ApplicationEvent = "stage_producing"
	StageProductionBad ApplicationEvent = "stage_production_failed"
	StageAtOutlet      ApplicationEvent = "stage_at_outlet"
	StageCollected     ApplicationEvent = "stage_collected"

	ApplicationSentBack       ApplicationEvent = "registry_returned"
	ApplicationCorrected      ApplicationEvent = "corrected"
	ApplicationNotCorrected   ApplicationEvent = "registry_refused_correction"
	ApplicationWithdrawal     ApplicationEvent = "withdrawal_asked"
	ApplicationGone           ApplicationEvent = "withdrawal_done" // by us, at a window, or before it was ever sent
	ApplicationWithdrawalLate ApplicationEvent = "registry_refused_withdrawal"
)

// stageOrder is the road from acceptance to collection. The feed may skip a stage, never go back on the road.
var stageOrder = []struct {
	state ApplicationState
	on    ApplicationEvent
}{
	{ApplicationAccepted, ApplicationTaken}, {ApplicationBatched, StageBatched}, {ApplicationBankOpening, StageBankOpening},
	{ApplicationProducing, StageProducing}, {ApplicationAtOutlet, StageAtOutlet}, {ApplicationCollected, StageCollected},
}

// ApplicationFlow is the table of an application.
var ApplicationFlow = flow.New("application", ApplicationSubmitted, applicationEdges()...)

func applicationEdges() []flow.Edge[ApplicationState, ApplicationEvent] {
	type edge = flow.Edge[ApplicationState, ApplicationEvent]
	edges := []edge{{From: ApplicationSubmitted, On: ApplicationNo, To: ApplicationRejected}}
	for _, later := range stageOrder {
		edges = append(edges, edge{From: ApplicationSubmitted, On: later.on, To: later.state})
	}
	for i, from := range stageOrder {
		for _, later := range stageOrder[i+1:] {
			edges = append(edges, edge{From: from.state, On: later.on, To: later.state})
		}
		if from.state == ApplicationAtOutlet || from.state == ApplicationCollected {
			continue
		}
		edges = append(edges, edge{From: from.state, On: ApplicationNo, To: ApplicationRejected},
			edge{From: from.state, On: StageBankFailed, To: ApplicationBankFailed},
			edge{From: from.state, On: StageProductionBad, To: ApplicationProductionFailed})
	}
	for _, failed := range []ApplicationState{ApplicationBankFailed, ApplicationProductionFailed} {
		for _, later := range stageOrder[2:] { // repaired: the bank opens again, production starts again
			edges = append(edges, edge{From: failed, On: later.on, To: later.state})
		}
		edges = append(edges, edge{From: failed, On: ApplicationNo, To: ApplicationRejected})
	}
	return append(append(edges, returnEdges()...), withdrawEdges()...)
}

// returnEdges: sent back and put right under the same number. The registry may send back at any time before the card is
// made, and may go on without us: a defect can be settled at a window.
func returnEdges() []flow.Edge[ApplicationState, ApplicationEvent] {
	type edge = flow.Edge[ApplicationState, ApplicationEvent]
	edges := []edge{
		{From: ApplicationReturned, On: ApplicationSentBack, To: ApplicationReturned}, // with other defects
		{From: ApplicationReturned, On: ApplicationCorrected, To: ApplicationSubmitted},
		{From: ApplicationSubmitted, On: ApplicationNotCorrected, To: ApplicationReturned},
		{From: ApplicationReturned, On: ApplicationNo, To: ApplicationRejected},
		{From: ApplicationReturned, On: StageBankFailed, To: ApplicationBankFailed},
	}
	for _, from := range beforeMade {
		edges = append(edges, edge{From: from, On: ApplicationSentBack, To: ApplicationReturned})
	}
	for _, later := range stageOrder {
		edges = append(edges, edge{From: ApplicationReturned, On: later.on, To: later.state})
	}
	return edges
}

// withdrawEdges: taken back before the production batch. Where the batch was faster, the feed says so and the
// application goes its way; where the registry withdrew, nothing leads on.
func withdrawEdges() []flow.Edge[ApplicationState, ApplicationEvent] {
	type edge = flow.Edge[ApplicationState, ApplicationEvent]
	edges := []edge{
		{From: ApplicationWithdrawing, On: ApplicationGone, To: ApplicationWithdrawn},
		{From: ApplicationWithdrawing, On: ApplicationWithdrawalLate, To: ApplicationAccepted},
		{From: ApplicationWithdrawing, On: ApplicationNo, To: ApplicationRejected},
		{From: ApplicationWithdrawing, On: StageBankFailed, To: ApplicationBankFailed},
		{From: ApplicationWithdrawing, On: StageProductionBad, To: ApplicationProductionFailed},
		{From: ApplicationReturned, On: ApplicationGone, To: ApplicationWithdrawn},
	}
	for _, from := range []ApplicationState{ApplicationSubmitted, ApplicationAccepted, ApplicationReturned} {
		edges = append(edges, edge{From: from, On: ApplicationWithdrawal, To: ApplicationWithdrawing})
	}
	for _, from := range beforeMade {
		edges = append(edges, edge{From: from, On: ApplicationGone, To: ApplicationWithdrawn})
	}
	for _, later := range stageOrder[1:] {
		edges = append(edges, edge{From: ApplicationWithdrawing, On: later.on, To: later.state})
	}
	return edges
}

// beforeMade are the states of an application whose card is not made yet.
var beforeMade = []ApplicationState{
	ApplicationSubmitted, ApplicationAccepted, ApplicationBatched, ApplicationBankOpening, ApplicationBankFailed, ApplicationProducing,
	ApplicationProductionFailed,
}

// Application is one first application of one person.
type Application struct {
	ID          models.ID
	Receipt     string
	PersonID    models.ID // who gets the card
	ApplicantID models.ID // who asked
	State       ApplicationState
	Version     int
	BankCode    string
	OutletRef   string
	Uploads     map[UploadPurpose]models.ID
	RegistryRef string
	ReasonCode  string
	FactVersion int64 // the registry's version of the last fact taken
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Archived    bool   // the bureau's archive has it
	Steps       []Step // oldest first

	Defects     []Defect // of the last return
	Corrected   []string // the fields that the last correction changed
	Corrections int      // how often it was put right and submitted again
	Reminders   int      // how often its applicant was reminded to collect the card
	// Replaces is why a card is replaced, where this is the form in which a replacement is carried; empty otherwise.
	Replaces ReplacementReason

	LateDefects int // named in a later return though nothing had changed there since the first (R69)
}

// Step is one line of the timeline (R27).
type Step struct {
	State ApplicationState
	At    time.Time
}

// Unfinished reports whether the application is still on its way.
func (a Application) Unfinished() bool {
	return a.State != ApplicationCollected && a.State != ApplicationRejected && a.State != ApplicationWithdrawn
}

// After is the application after an event, its timeline one line longer.
func (a Application) After(on ApplicationEvent, at time.Time) (Application, error) {
	next, err := ApplicationFlow.Next(a.State, on)
	if err != nil {
		return a, err
	}
	a.State, a.UpdatedAt = next, at
	a.Steps = append(append([]Step(nil), a.Steps...), Step{next, at})
	return a, nil
}

// ApplicationFact is what the registry says about one application.
type ApplicationFact struct {
	RequestID  models.ID // ours
	Reference  string
	PersonRef  models.PersonRef
	Event      ApplicationEvent
	OutletRef  string
	ReasonCode string
	Defects    []Defect // of a return
	Version    int64
	ChangedAt  time.Time
	AppliedAt  time.Time // when its production record begins; of a source that names no application
}

// UploadPurpose says what an uploaded picture is for.
type UploadPurpose string

// The pictures of a first application (R17).
const (
	UploadIDFront UploadPurpose = "id_front"
	UploadIDBack  UploadPurpose = "id_back"
	UploadPhoto   UploadPurpose = "photo"

	// Of a guardian's own household book (户口簿), where the registry does not know of the child.
	UploadBookFront UploadPurpose = "household_front"
	UploadBookChild UploadPurpose = "household_page"
)
