package notice

import (
	"slices"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// CampaignState is where a campaign is.
type CampaignState string

// The states.
const (
	CampaignDraft     CampaignState = "draft"     // its people are being picked, nobody is told
	CampaignApproved  CampaignState = "approved"  // by a second person; it begins at its time
	CampaignRunning   CampaignState = "running"   // its people are told, one part after the other
	CampaignPaused    CampaignState = "paused"    // nothing of it is handed over
	CampaignDone      CampaignState = "done"      // everybody was told, or left out for a reason
	CampaignCancelled CampaignState = "cancelled" // the rest is told nothing
)

// CampaignEvent moves a campaign.
type CampaignEvent string

// The events.
const (
	onCampaignApprove CampaignEvent = "approve"
	onCampaignStart   CampaignEvent = "start"
	onCampaignPause   CampaignEvent = "pause"
	onCampaignResume  CampaignEvent = "resume"
	onCampaignFinish  CampaignEvent = "finish"
	onCampaignCancel  CampaignEvent = "cancel"
)

// CampaignFlow is the life of a campaign.
var CampaignFlow = flow.New("campaign", CampaignDraft,
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignDraft, On: onCampaignApprove, To: CampaignApproved},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignDraft, On: onCampaignCancel, To: CampaignCancelled},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignApproved, On: onCampaignStart, To: CampaignRunning},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignApproved, On: onCampaignPause, To: CampaignPaused},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignApproved, On: onCampaignCancel, To: CampaignCancelled},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignRunning, On: onCampaignPause, To: CampaignPaused},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignRunning, On: onCampaignFinish, To: CampaignDone},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignRunning, On: onCampaignCancel, To: CampaignCancelled},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignPaused, On: onCampaignResume, To: CampaignRunning},
	flow.Edge[CampaignState, CampaignEvent]{From: CampaignPaused, On: onCampaignCancel, To: CampaignCancelled},
)

// CampaignKinds are the kinds that may be sent to many: fixed texts, filed as any other.
func CampaignKinds() []Kind { return slices.Clone(topics[TopicCampaigns]) }

// CardFact is what must stand in the registry's copy about a person's card.
type CardFact string

// The facts.
const (
	AnyCard         CardFact = ""
	CardUncollected CardFact = "uncollected" // a card waits at an outlet
	CardInactive    CardFact = "inactive"    // collected, one of its accounts not activated
	CardInHand      CardFact = "in_hand"     // collected and valid
	NoCard          CardFact = "none"        // no card that is valid or on its way
)

// CardFacts lists them.
var CardFacts = []CardFact{AnyCard, CardUncollected, CardInactive, CardInHand, NoCard}

// CampaignRule says who is told. The living only, and only people of whom the kind's text is true; what is empty narrows
// nothing. Listed: besides, only those of a list that was brought.
type CampaignRule struct {
	District string // six digits, GB/T 2260
	Township string // of that district: who declared a subsidy there
	Card     CardFact
	Listed   bool
}

// Campaign is one fixed text, told once to each of many.
type Campaign struct {
	ID        models.ID
	Kind      Kind
	ByDate    models.Date // until when to do it, for a kind that says so
	Rule      CampaignRule
	PerMinute int // people told in a minute at most
	StartAt   time.Time
	Note      string // why, in the words of who drafted it
	State     CampaignState

	Gathered bool      // everybody of the rule is on the list
	After    models.ID // how far people were picked, then how far they were told
	Planned  int       // people on the list
	Queued   int       // people told, in the inbox at least
	Skipped  int       // people left out: the text was not true of them any more
	NextDue  time.Time // when the next person's message is due

	CreatedBy, ApprovedBy models.ID
	CreatedAt, ApprovedAt time.Time
	EndReason             string // code: why it was paused or cancelled
	ClosedAt              time.Time
}

// Reasons of deliveries that a campaign holds or gives up. They stand in the delivery's row.
const (
	ReasonCampaignPaused    = "campaign_paused"
	ReasonCampaignCancelled = "campaign_cancelled"
)

// ReasonCampaignNotApproved is why a draft ends that nobody approved in time. No person gives it.
const ReasonCampaignNotApproved = "not_approved_in_time"

// CampaignReasons are why a campaign is paused or cancelled.
var CampaignReasons = []string{"wrong_people", "wrong_text", "complaints", "vendor_trouble", "declined", "other"}

// draft is what a person is told.
func (c Campaign) draft(person models.ID, due time.Time) Draft {
	d := Draft{
		Cause: "campaign:" + string(c.ID) + ":" + string(person), Kind: c.Kind, PersonID: person, Campaign: c.ID, NotBefore: due,
		Expires: due.Add(progressLife), Params: map[string]string{},
	}
	if c.Kind.dated() {
		d.Params["date"] = Day(c.ByDate)
		if end := c.ByDate.Start(); end.Before(d.Expires) {
			d.Expires = end
		}
	}
	return d
}

// lateAt reports whether a message that is due then would name a day before which nothing can be done any more.
func (c Campaign) lateAt(due time.Time) bool { return c.ByDate != "" && models.DateOf(due) >= c.ByDate }

// dated reports whether the kind's text names a day.
func (k Kind) dated() bool {
	spec, _ := SpecOf(k)
	return slices.ContainsFunc(spec.Params, func(p Param) bool { return p.Name == "date" })
}

// every is the time between two people.
func (c Campaign) every() time.Duration { return time.Minute / time.Duration(max(c.PerMinute, 1)) }
