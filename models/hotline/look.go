package hotline

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Sight is what of a person is looked at in a call. Each has an audit action of its own, so that the citizen reads what was
// looked at, and not only that somebody looked.
type Sight string

// The sights.
const (
	SeesPerson       Sight = "person"
	SeesCards        Sight = "cards"
	SeesApplications Sight = "applications"
	SeesReplacements Sight = "replacements"
	SeesLosses       Sight = "losses"
	SeesLossPreview  Sight = "loss_preview"
	SeesArrivals     Sight = "arrivals"
	SeesContacts     Sight = "contacts"
	SeesReadiness    Sight = "readiness"
	SeesExplanation  Sight = "explanation"
	SeesNotices      Sight = "notices"
	SeesHelpers      Sight = "helpers"
	SeesOrders       Sight = "orders"
	SeesValue        Sight = "value" // one whole value (R54)
)

// sightLevels is the table of domain 7.1: how surely the caller must be known for each sight.
var sightLevels = map[Sight]VerifyLevel{
	SeesPerson: LevelBasic, SeesCards: LevelBasic, SeesApplications: LevelBasic, SeesReplacements: LevelBasic, SeesLosses: LevelBasic,
	SeesLossPreview: LevelBasic, SeesContacts: LevelBasic, SeesHelpers: LevelBasic, SeesOrders: LevelBasic,
	SeesArrivals: LevelFull, SeesReadiness: LevelFull, SeesExplanation: LevelFull, SeesNotices: LevelFull, SeesValue: LevelFull,
}

// Action is the audit action of a look.
func (s Sight) Action() string {
	if s == SeesValue {
		return "hotline.value.shown"
	}
	return "hotline." + string(s) + ".seen"
}

// Sights are all of them, sorted.
func Sights() []Sight {
	var out []Sight
	for s := range sightLevels {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// LookAsk is everything a look rests on. The statement that reads holds the open call against it.
type LookAsk struct {
	LookUp     LookUp      // of whom, by whom, in which call
	Level      VerifyLevel // of the call, as the audit entry says it
	Entry      audit.Entry
	Roles      []Role    // one of which the agent must still have
	LeftBefore time.Time // a call last used before is left
	Day        models.Date
}

// Seen is what a look gives.
type Seen struct {
	Person   Person
	Strength Strength
	Hour     int  // looks of this agent within the hour, this one included
	First    bool // the first of this call that is no verification
	Own      bool // the agent herself, or her household, as an administrator recorded it
}

// LookStore reads a person for an agent, if her call opens that at this very moment.
type LookStore interface {
	// Look writes the look and its audit entry and reads the person in one statement, durable before it returns; on SQLite
	// in one transaction. models.ErrNotFound, and nothing is written, unless the call is the agent's, open, about this
	// person, known as surely as asked, the agent still has one of the roles, and no lock of the day stands on the keys
	// that were tied to the call. Inside a transaction it holds the call open until the transaction ends.
	Look(ctx context.Context, ask LookAsk) (Seen, error)
	// LookAtCase writes a look at an order or a promised call and reads whom it is about, inside a transaction.
	// models.ErrNotFound, and nothing is written, unless it is there for the reader to see and whoever looks has one of the roles.
	LookAtCase(ctx context.Context, ask CaseLook) (Seen, error)
	// TieLocks ties the keys whose failures close look-ups (R58) to a call, in the transaction of the match.
	TieLocks(ctx context.Context, call models.ID, keys []FailureKey, at time.Time) error
	DropLocksBefore(ctx context.Context, at time.Time) error
	// LinkStaff keeps hashes of a person and her household with a member of staff, or none; models.ErrNotFound for a ref
	// nobody has.
	LinkStaff(ctx context.Context, staff models.ID, ref models.PersonRef) error
}

// Freshener brings what our copy says about a person up to date, where its source is to be asked. It cannot fail: a copy has
// its date.
type Freshener interface {
	Freshen(ctx context.Context, person models.ID)
}

// look is one look at the person of the agent's own open call. It costs one statement; only where that finds nothing is it
// looked up why, which is then the answer.
func (s *Service) look(ctx context.Context, by models.Actor, callID models.ID, what Sight, notes ...string) (Seen, error) {
	need := sightLevels[what]
	if by.Kind == models.AgentActor && by.CallID == callID && by.Subject != "" && levelOf(by).opens(need) {
		seen, err := s.Looks.Look(ctx, s.ask(by, what, notes))
		if !errors.Is(err, models.ErrNotFound) {
			return seen, err
		}
	}
	by, err := s.whoLooks(ctx, by, callID, need)
	if err != nil {
		return Seen{}, err
	}
	seen, err := s.Looks.Look(ctx, s.ask(by, what, notes))
	if errors.Is(err, models.ErrNotFound) { // it changed between the two
		err = models.ErrConflict
	}
	return seen, err
}

func (s *Service) ask(by models.Actor, what Sight, notes []string) LookAsk {
	now := s.Clock.Now()
	e := audit.Of(by, now, what.Action(), "calls", string(by.CallID), "done")
	for i := 0; i+1 < len(notes); i += 2 {
		e = e.Noting(notes[i], notes[i+1])
	}
	return LookAsk{
		LookUp: LookUp{ID: models.NewID(), CallID: by.CallID, StaffID: by.ID, PersonID: by.Subject, Kind: string(what), At: now},
		Level:  levelOf(by), Entry: e, Roles: RolesWith(MayTakeCalls), LeftBefore: now.Add(-leftAfter), Day: models.DateOf(now),
	}
}

// whoLooks is the actor of the call as it stands, or why the call does not open this look. It ties today's keys to a call
// that has not got them: one from before there were any, or whose keys have changed since.
func (s *Service) whoLooks(ctx context.Context, by models.Actor, callID models.ID, need VerifyLevel) (models.Actor, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return by, err
	}
	if !call.Level.opens(need) {
		return by, ErrVerificationRequired
	}
	p, err := s.openPerson(ctx, call)
	if err != nil {
		return by, err
	}
	if err := s.Looks.TieLocks(ctx, call.ID, lockKeys(p.IDNumber, "", call.Caller), s.Clock.Now()); err != nil {
		return by, err
	}
	return actorOf(Session{ID: by.SessionID, StaffID: by.ID}, call, s.Clock.Now()), nil
}

// openPerson is the person of the call unless look-ups are closed for her (R58).
func (s *Service) openPerson(ctx context.Context, call Call) (Person, error) {
	p, err := s.People.PersonByID(ctx, call.PersonID)
	if err != nil {
		return Person{}, err
	}
	now := s.Clock.Now()
	worst, err := s.worst(ctx, lockKeys(p.IDNumber, "", call.Caller), now)
	if err != nil {
		return Person{}, err
	}
	if worst >= FailuresPerDay || call.Failures >= FailuresPerCall {
		return Person{}, s.lockedFor(now)
	}
	return p, nil
}

// levelOf is what the level of an agent's actor says of the caller.
func levelOf(by models.Actor) VerifyLevel {
	switch by.Level {
	case models.LevelReal:
		return LevelFull
	case models.LevelPhone:
		return LevelBasic
	}
	return LevelNone
}

// opens reports whether a caller known so opens what asks for need.
func (l VerifyLevel) opens(need VerifyLevel) bool {
	return l == LevelFull || l == LevelBasic && need == LevelBasic
}
