package card

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// LossState is the state of a loss report (挂失). A request is not its effect: only LossEffective means stopped.
type LossState string

// The states of a loss report (design 7).
const (
	LossReceived         LossState = "received"          // written down; the registry does not know yet
	LossUnconfirmed      LossState = "unconfirmed"       // asked, no answer: it may or may not be in force
	LossEffective        LossState = "effective"         // the registry has stopped the social-security account
	LossRefused          LossState = "refused"           // the registry said no
	LossWithdrawn        LossState = "withdrawn"         // taken back before anything was sent
	LossReleaseRequested LossState = "release_requested" // still in force; a release is on its way
	LossReleased         LossState = "released"
	LossLapsed           LossState = "lapsed"     // the registry's own date passed (R43)
	LossVoided           LossState = "voided"     // the card was replaced or cancelled (R42)
	LossUnresolved       LossState = "unresolved" // the registry shows the card no more: whether it is stopped nobody could find out
)

// LossEvent is what happens to a loss report.
type LossEvent string

// The events of a loss report.
const (
	LossAnswerMissing    LossEvent = "answer_missing"
	LossConfirmed        LossEvent = "registry_confirmed"
	LossRefusedByReg     LossEvent = "registry_refused"
	LossTakenBack        LossEvent = "taken_back"
	LossReleaseAsked     LossEvent = "release_asked"
	LossReleaseConfirmed LossEvent = "release_confirmed"
	LossReleaseFailed    LossEvent = "release_failed"
	LossReportedAgain    LossEvent = "reported_again"
	LossUndone           LossEvent = "feed_shows_undone" // ended at the registry by what came before our loss: a late release, another's loss
	LossSeenEffective    LossEvent = "feed_shows_loss"
	LossSeenReleased     LossEvent = "feed_shows_release"
	LossSeenLapsed       LossEvent = "feed_shows_lapse"
	LossSeenVoided       LossEvent = "feed_shows_void"
	LossGivenUp          LossEvent = "not_shown_any_more"
)

// LossFlow is the table of design 7.
var LossFlow = flow.New("loss report", LossReceived,
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossAnswerMissing, To: LossUnconfirmed},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossConfirmed, To: LossEffective},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossRefusedByReg, To: LossRefused},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossTakenBack, To: LossWithdrawn},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossConfirmed, To: LossEffective},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossRefusedByReg, To: LossRefused},
	flow.Edge[LossState, LossEvent]{From: LossEffective, On: LossReleaseAsked, To: LossReleaseRequested},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossReleaseConfirmed, To: LossReleased},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossReleaseFailed, To: LossEffective},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossReportedAgain, To: LossUnconfirmed},
	flow.Edge[LossState, LossEvent]{From: LossEffective, On: LossUndone, To: LossUnconfirmed},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossSeenEffective, To: LossEffective},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossSeenReleased, To: LossReleased},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossSeenLapsed, To: LossLapsed},
	flow.Edge[LossState, LossEvent]{From: LossReceived, On: LossSeenVoided, To: LossVoided},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossSeenEffective, To: LossEffective},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossSeenReleased, To: LossReleased},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossSeenLapsed, To: LossLapsed},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossSeenVoided, To: LossVoided},
	flow.Edge[LossState, LossEvent]{From: LossUnconfirmed, On: LossGivenUp, To: LossUnresolved},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossGivenUp, To: LossUnresolved},
	flow.Edge[LossState, LossEvent]{From: LossEffective, On: LossSeenReleased, To: LossReleased},
	flow.Edge[LossState, LossEvent]{From: LossEffective, On: LossSeenLapsed, To: LossLapsed},
	flow.Edge[LossState, LossEvent]{From: LossEffective, On: LossSeenVoided, To: LossVoided},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossSeenReleased, To: LossReleased},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossSeenLapsed, To: LossLapsed},
	flow.Edge[LossState, LossEvent]{From: LossReleaseRequested, On: LossSeenVoided, To: LossVoided},
)

// LossKind says which loss is written at the registry: temporary (4) or formal (2); policy `loss.kind.<channel>`.
type LossKind string

// The kinds of loss.
const (
	LossTemporary  LossKind = "temporary"
	LossFormal     LossKind = "formal"
	LossAsRegistry LossKind = "registry" // the registry decides
)

// LossReport is one report about one card. A card has at most one open report; the database enforces it.
type LossReport struct {
	ID           models.ID
	Receipt      string // what people read aloud
	PersonID     models.ID
	CardID       models.ID
	State        LossState
	Version      int
	Source       string // channel, or window | bank_window for a loss made elsewhere
	ReportedBy   models.ActorKind
	ReporterID   models.ID // the person or agent who reported it; empty for a loss made elsewhere
	CallID       models.ID // R33
	Strength     string    // how surely the caller was known (R33)
	ByPhone                // what was said before an agent reported it
	Kind         LossKind
	RegistryRef  string
	RefusedCode  string
	EndedBy      string    // channel or source that ended it
	ReportedAt   time.Time //
	EffectiveAt  time.Time
	EndedAt      time.Time
	ExpiresAt    time.Time   // the registry's date, zero where it gave none (R43)
	WaitingSince time.Time   // since when the registry's word is missing; zero while it is not
	AlarmedAt    time.Time   // R66: not confirmed in time, a case was opened
	ReassertAt   time.Time   // without the fence: when to see that a superseded release did not come after us
	LostSightAt  time.Time   // since when the registry does not show the card of an unanswered loss or release; zero: it does
	WarnedOn     models.Date // R43: the last day on which the coming end was told
	UpdatedAt    time.Time
}

// Open reports whether the report still speaks for the card.
func (r LossReport) Open() bool { return r.ID != "" && !LossFlow.Final(r.State) }

// InForce reports whether the registry confirmed it and nothing ended it since.
func (r LossReport) InForce() bool {
	return r.State == LossEffective || r.State == LossReleaseRequested
}

// Waiting reports whether the registry's word on the loss is missing.
func (r LossReport) Waiting() bool { return r.State == LossReceived || r.State == LossUnconfirmed }

// After is the report after an event. The state table refuses what may not be. Its version grows when it is written.
func (r LossReport) After(on LossEvent, at time.Time) (LossReport, error) {
	next, err := LossFlow.Next(r.State, on)
	if err != nil {
		return r, err
	}
	waited := r.Waiting()
	r.State, r.UpdatedAt = next, at
	switch {
	case !r.Waiting():
		r.WaitingSince = time.Time{}
	case !waited: // a new wait, with an alarm of its own
		r.WaitingSince, r.AlarmedAt = at, time.Time{}
	}
	if !r.Waiting() && next != LossReleaseRequested && next != LossUnresolved {
		r.LostSightAt = time.Time{}
	}
	switch {
	case next == LossEffective && r.EffectiveAt.IsZero():
		r.EffectiveAt = at
	case LossFlow.Final(next):
		r.EndedAt = at
	}
	return r, nil
}
