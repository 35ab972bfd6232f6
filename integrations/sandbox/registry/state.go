package registry

import "time"

// The two sources.
const (
	sourceCards    = "cards"
	sourcePayments = "payments"
)

// event is one line of a source's change feed.
type event struct {
	Source    string    `json:"source,omitempty"`
	Entity    string    `json:"entity"`
	ID        string    `json:"id"`
	Version   int64     `json:"version"`
	Type      string    `json:"type"`
	ChangedAt time.Time `json:"changed_at"`
	Data      any       `json:"data"`
	Quiet     bool      `json:"quiet,omitempty"` // lost on its way into the feed
}

// shelf keeps the facts of one entity in the order in which they first appeared.
type shelf[T any] struct {
	byID  map[string]*T
	order []string
}

func (s *shelf[T]) put(id string, v *T) {
	if s.byID == nil {
		s.byID = map[string]*T{}
	}
	if _, ok := s.byID[id]; !ok {
		s.order = append(s.order, id)
	}
	s.byID[id] = v
}

// state is the registry's present: the facts, the indexes over them, the commands seen.
type state struct {
	persons      shelf[Person]
	cards        shelf[Card]
	applications shelf[Application]
	outlets      shelf[Outlet]
	banks        shelf[Bank]
	programmes   shelf[Programme]
	payees       shelf[Payee]
	batches      shelf[Batch]
	lines        shelf[PaymentLine]
	offices      shelf[Office]
	declarations shelf[Declaration]

	personByNumber map[string]string
	cardsOf        map[string][]string // by person
	linesOf        map[string][]string // by batch
	linesTo        map[string][]string // by beneficiary
	paydays        map[string]*payday  // by batch: streamed ones; their lines are made when they are asked for

	commands     map[string]*CommandRecord
	commandOrder []string
	effects      []Effect
	seenSeq      map[string]int64 // highest card_seq, by card
	attachments  map[string]int
	logs         map[string]*feedLog
}

func newState() *state {
	return &state{personByNumber: map[string]string{}, cardsOf: map[string][]string{}, linesOf: map[string][]string{}, linesTo: map[string][]string{}, paydays: map[string]*payday{},
		commands: map[string]*CommandRecord{}, seenSeq: map[string]int64{}, attachments: map[string]int{},
		logs: map[string]*feedLog{sourceCards: {}, sourcePayments: {}}}
}

// publish writes a fact down and appends it to its source's log.
func (s *state) publish(e event) {
	switch v := e.Data.(type) {
	case *Person:
		s.persons.put(v.Ref, v)
		if v.MergedInto == "" {
			s.personByNumber[v.IDNumber] = v.Ref
		} else if s.personByNumber[v.IDNumber] == v.Ref {
			delete(s.personByNumber, v.IDNumber)
		}
	case *Card:
		if old := s.cards.byID[v.Ref]; old == nil {
			s.cardsOf[v.PersonRef] = append(s.cardsOf[v.PersonRef], v.Ref)
		} else if old.PersonRef != v.PersonRef {
			s.cardsOf[old.PersonRef] = without(s.cardsOf[old.PersonRef], v.Ref)
			s.cardsOf[v.PersonRef] = append(s.cardsOf[v.PersonRef], v.Ref)
		}
		s.cards.put(v.Ref, v)
	case *Application:
		s.applications.put(v.Ref, v)
	case *Outlet:
		s.outlets.put(v.Ref, v)
	case *Bank:
		s.banks.put(v.Code, v)
	case *Programme:
		s.programmes.put(v.ID, v)
	case *Payee:
		s.payees.put(v.PersonRef, v)
	case *Batch:
		s.batches.put(v.ID, v)
	case *Office:
		s.offices.put(v.Ref, v)
	case *Declaration:
		s.declarations.put(v.Ref, v)
	case *PaymentLine:
		if s.lines.byID[v.ID] == nil {
			s.linesOf[v.BatchID] = append(s.linesOf[v.BatchID], v.ID)
			s.linesTo[v.BeneficiaryRef] = append(s.linesTo[v.BeneficiaryRef], v.ID)
		}
		s.lines.put(v.ID, v)
	}
	if !e.Quiet {
		s.logs[e.Source].append(e)
	}
}

// happened makes the event of a fact. A nil typ is the entity's plain "changed".
func happened(fact any, typ string) event {
	e := event{Type: typ, Data: fact}
	switch v := fact.(type) {
	case *Person:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourceCards, "person", v.Ref, v.Version, v.ChangedAt
	case *Card:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourceCards, "card", v.Ref, v.Version, v.ChangedAt
	case *Application:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourceCards, "application", v.Ref, v.Version, v.ChangedAt
	case *Outlet:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourceCards, "outlet", v.Ref, v.Version, v.ChangedAt
	case *Bank:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourceCards, "bank", v.Code, v.Version, v.ChangedAt
	case *Programme:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "programme", v.ID, v.Version, v.ChangedAt
	case *Payee:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "payee", v.PersonRef, v.Version, v.ChangedAt
	case *Batch:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "batch", v.ID, v.Version, v.ChangedAt
	case *Office:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "office", v.Ref, v.Version, v.ChangedAt
	case *Declaration:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "declaration", v.Ref, v.Version, v.ChangedAt
	case *PaymentLine:
		e.Source, e.Entity, e.ID, e.Version, e.ChangedAt = sourcePayments, "payment_line", v.ID, v.Version, v.ChangedAt
	}
	if e.Type == "" {
		e.Type = e.Entity + ".changed"
	}
	return e
}

func without(in []string, s string) []string {
	out := make([]string, 0, len(in))
	for _, v := range in {
		if v != s {
			out = append(out, v)
		}
	}
	return out
}

// load publishes the city: lists first, then people, cards and applications; on the other source programmes and
// payees, then each batch before its lines.
func (s *state) load(c *city) {
	for _, v := range c.banks {
		s.publish(happened(v, "bank.listed"))
	}
	for _, v := range c.outlets {
		s.publish(happened(v, "outlet.listed"))
	}
	for _, v := range c.persons {
		s.publish(happened(v, "person.listed"))
	}
	for _, v := range c.cards {
		s.publish(happened(v, "card.listed"))
	}
	for _, v := range c.applications {
		s.publish(happened(v, "application.listed"))
	}
	for _, v := range c.programmes {
		s.publish(happened(v, "programme.listed"))
	}
	for _, v := range c.payees {
		s.publish(happened(v, "payee.listed"))
	}
	for _, v := range c.offices {
		s.publish(happened(v, "office.listed"))
	}
	for _, v := range c.declarations {
		s.publish(happened(v, "declaration."+v.State))
	}
	i := 0
	for _, v := range c.batches {
		s.publish(happened(v, "batch.announced"))
		for _, l := range c.lines[i : i+v.Count] {
			s.publish(happened(l, "payment_line."+l.State))
		}
		i += v.Count
	}
}
