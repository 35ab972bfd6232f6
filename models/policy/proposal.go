package policy

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// ProposalState is where a proposal is.
type ProposalState string

// ProposalEvent moves a proposal.
type ProposalEvent string

// The states and events of a proposal.
const (
	ProposalOpen      ProposalState = "open"      // waits for a second person
	ProposalApproved  ProposalState = "approved"  // it is a decision now
	ProposalDeclined  ProposalState = "declined"  // by a second person
	ProposalWithdrawn ProposalState = "withdrawn" // by who proposed it
	ProposalLapsed    ProposalState = "lapsed"    // a stop that nobody approved in time

	onApprove  ProposalEvent = "approve"
	onDecline  ProposalEvent = "decline"
	onTakeBack ProposalEvent = "withdraw"
	onLapse    ProposalEvent = "lapse"
)

// ProposalFlow is the life of a proposal.
var ProposalFlow = flow.New("policy proposal", ProposalOpen,
	flow.Edge[ProposalState, ProposalEvent]{From: ProposalOpen, On: onApprove, To: ProposalApproved},
	flow.Edge[ProposalState, ProposalEvent]{From: ProposalOpen, On: onDecline, To: ProposalDeclined},
	flow.Edge[ProposalState, ProposalEvent]{From: ProposalOpen, On: onTakeBack, To: ProposalWithdrawn},
	flow.Edge[ProposalState, ProposalEvent]{From: ProposalOpen, On: onLapse, To: ProposalLapsed},
)

// ProposalKind says what a proposal asks for.
type ProposalKind string

// The kinds.
const (
	ProposeSetting ProposalKind = "setting" // counts from its date on, once a second person approved
	ProposeStop    ProposalKind = "stop"    // an act is stopped on a channel at once, by one person, for some hours; approved it stays so
)

// Proposal is one person's wish about one setting.
type Proposal struct {
	ID         models.ID
	Kind       ProposalKind
	Key        string
	Scope      Scope
	Value      string
	ValidFrom  time.Time // zero: from its approval on
	Basis      string
	Seen       models.ID // the newest decision about key and scope when it was proposed
	State      ProposalState
	LapsesAt   time.Time // of a stop
	EndedAt    time.Time // of a stop: when a person ended it
	ProposedBy models.ID
	ProposedAt time.Time
	DecidedBy  models.ID
	DecidedAt  time.Time
	Reason     string    // code of a refusal
	SettingID  models.ID // the decision that it became
}

// stops reports whether the stop holds at t. It needs nobody to end it.
func (p Proposal) stops(t time.Time) bool {
	return p.Kind == ProposeStop && !p.ValidFrom.After(t) && p.LapsesAt.After(t) && (p.EndedAt.IsZero() || p.EndedAt.After(t))
}

// ProposalStore keeps proposals.
type ProposalStore interface {
	// HoldSettings is the first statement of a decision: until it commits nobody else decides about a setting.
	HoldSettings(ctx context.Context) error
	AddProposal(ctx context.Context, p Proposal) error // ErrStopOpen where the act is stopped there already
	Proposal(ctx context.Context, id models.ID) (Proposal, error)
	// SaveProposal writes the end of a proposal that is open; models.ErrConflict where somebody was first.
	SaveProposal(ctx context.Context, p Proposal) error
	// Proposals lists those of one state (empty: all), the newest first, before the id.
	Proposals(ctx context.Context, state ProposalState, before models.ID, limit int) ([]Proposal, error)
	// Stops are all stops there ever were, for what held at any instant.
	Stops(ctx context.Context) ([]Proposal, error)
}

// Deciders answers who of the staff may propose and approve settings; it refuses everybody else.
type Deciders interface {
	Decider(ctx context.Context, by models.Actor) error
}

// Alarms counts what a person must look at.
type Alarms interface{ Alarm(code string, n int) }

// Codes of alarms.
const (
	AlarmStopped = "POLICY_STOPPED_ALONE" // one person stopped an act: a second one must look
	AlarmLapsed  = "POLICY_STOP_LAPSED"   // nobody did, and the act is done again
)
