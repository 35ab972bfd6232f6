package citizen

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// RelationState is the life of a right to act for somebody else.
type RelationState string

// The states of guardianships and of family helpers.
const (
	RelationRequested RelationState = "requested" // a guardian says so; staff look at the household book
	RelationProved    RelationState = "proved"    // the guardian may act for the child
	RelationRefused   RelationState = "refused"   // the household book does not prove it
	RelationNamed     RelationState = "named"     // the helper has not accepted yet
	RelationActive    RelationState = "active"    // the helper may act for the holder
	RelationDeclined  RelationState = "declined"  // by the helper
	RelationRevoked   RelationState = "revoked"   // by the holder, or by 12333 for her
	RelationExpired   RelationState = "expired"   // never accepted in time, or its months are over
	RelationEnded     RelationState = "ended"     // by itself, or given up by who acts
)

// RelationEvent moves a relation.
type RelationEvent string

// The events.
const (
	RegistryProved  RelationEvent = "registry_proved" // the registry names the guardian
	BookProved      RelationEvent = "book_proved"     // staff looked at the household book
	BookRefused     RelationEvent = "book_refused"
	RegistryEnded   RelationEvent = "registry_ended" // the registry no longer names the guardian
	CameOfAge       RelationEvent = "came_of_age"    // the child's 16th birthday (R23)
	HelperAccepted  RelationEvent = "accepted"
	HelperDeclined  RelationEvent = "declined"
	OfferLapsed     RelationEvent = "offer_lapsed"
	TermOver        RelationEvent = "term_over"
	RevokedByHolder RelationEvent = "revoked_by_holder"
	RevokedByAgent  RelationEvent = "revoked_by_agent"
	GivenUp         RelationEvent = "given_up"
	PersonGone      RelationEvent = "person_gone" // one of the two died, or was merged into another record
)

type relationEdge = flow.Edge[RelationState, RelationEvent]

// GuardianFlow is the state table of a guardianship (监护人代办).
var GuardianFlow = flow.New("guardianship", RelationRequested,
	relationEdge{From: RelationRequested, On: RegistryProved, To: RelationProved},
	relationEdge{From: RelationRequested, On: BookProved, To: RelationProved},
	relationEdge{From: RelationRequested, On: BookRefused, To: RelationRefused},
	relationEdge{From: RelationRequested, On: CameOfAge, To: RelationEnded},
	relationEdge{From: RelationRequested, On: GivenUp, To: RelationEnded},
	relationEdge{From: RelationRequested, On: PersonGone, To: RelationEnded},
	relationEdge{From: RelationProved, On: RegistryEnded, To: RelationEnded},
	relationEdge{From: RelationProved, On: CameOfAge, To: RelationEnded},
	relationEdge{From: RelationProved, On: GivenUp, To: RelationEnded},
	relationEdge{From: RelationProved, On: PersonGone, To: RelationEnded},
)

// HelperFlow is the state table of a family helper (亲属协助).
var HelperFlow = flow.New("family helper", RelationNamed,
	relationEdge{From: RelationNamed, On: HelperAccepted, To: RelationActive},
	relationEdge{From: RelationNamed, On: HelperDeclined, To: RelationDeclined},
	relationEdge{From: RelationNamed, On: OfferLapsed, To: RelationExpired},
	relationEdge{From: RelationNamed, On: RevokedByHolder, To: RelationRevoked},
	relationEdge{From: RelationNamed, On: RevokedByAgent, To: RelationRevoked},
	relationEdge{From: RelationNamed, On: PersonGone, To: RelationEnded},
	relationEdge{From: RelationActive, On: TermOver, To: RelationExpired},
	relationEdge{From: RelationActive, On: RevokedByHolder, To: RelationRevoked},
	relationEdge{From: RelationActive, On: RevokedByAgent, To: RelationRevoked},
	relationEdge{From: RelationActive, On: GivenUp, To: RelationEnded},
	relationEdge{From: RelationActive, On: PersonGone, To: RelationEnded},
)

// Proof says what a relation stands on.
type Proof string

// The proofs.
const (
	ByRegistry      Proof = "registry"       // its household names the guardian
	ByHouseholdBook Proof = "household_book" // 户口簿, looked at by staff
	ByHolder        Proof = "holder"         // the holder named her helper after a fresh check
	ByWindowSlip    Proof = "slip"           // the holder had a slip made at a window
)

// Ages that relations turn on. The 14 of consents (GuardianBelow) is another.
const (
	CardAge  = 16 // from here on a person applies herself and nobody's guardianship counts (R23)
	AdultAge = 18 // guardians, and holders who name a helper
)

// HelperOfferLife is how long a helper has to accept.
const HelperOfferLife = 7 * 24 * time.Hour

// Relation is one person's right to act for another: a guardian for a child, a helper for the adult who named her.
// Two people have at most one open of each kind.
type Relation struct {
	ID         models.ID
	Kind       models.Capacity
	ActorID    models.ID // who acts
	SubjectID  models.ID // for whom
	State      RelationState
	Version    int
	Proof      Proof
	BookFront  models.ID // pictures of the household book; empty where the registry knew
	BookChild  models.ID
	Recipients Recipients // guardianships: who is told of what goes on
	ReasonCode string     // why it was refused or ended
	MadeAt     time.Time
	DecidedAt  time.Time // proved, refused, accepted, declined
	EndsAt     time.Time // helpers: when the months are over
	EndedAt    time.Time
}

// Recipients says who is told of the routine steps of a child's matters. A loss is always told to both.
type Recipients string

// The choices. From 14 on the child is told whatever was chosen.
const (
	TellGuardian Recipients = "guardian"
	TellBoth     Recipients = "both"
)

// machine is the table the relation moves by.
func (r Relation) machine() *flow.Machine[RelationState, RelationEvent] {
	if r.Kind == models.AsGuardian {
		return GuardianFlow
	}
	return HelperFlow
}

// Open reports whether anything may still come of the relation.
func (r Relation) Open() bool { return !r.machine().Final(r.State) }

// Counts reports whether the relation gives its powers, as far as the row alone can tell.
func (r Relation) Counts() bool { return r.State == RelationProved || r.State == RelationActive }

// After is the relation after an event; pure.
func (r Relation) After(on RelationEvent, at time.Time) (Relation, error) {
	to, err := r.machine().Next(r.State, on)
	if err != nil {
		return r, ErrRelationOver.Because(err)
	}
	r.State = to
	if on == HelperAccepted || on == HelperDeclined || on == RegistryProved || on == BookProved || on == BookRefused {
		r.DecidedAt = at
	}
	if r.machine().Final(to) {
		r.EndedAt = at
		if r.ReasonCode == "" {
			r.ReasonCode = string(on)
		}
	}
	return r, nil
}

// birthOf is a person's birthday, from her number where the registry gives none; empty for old foreigners' cards.
func birthOf(p Person) models.Date {
	if p.BirthDate != "" {
		return p.BirthDate
	}
	return p.IDNumber.Birth()
}

// youngerThan takes whoever has no known birthday for an adult.
func youngerThan(age int, birth models.Date, now time.Time) bool {
	return birth != "" && birth.AgeAt(now) < age
}
