package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Happening is something that happens on the registry's side, told at the desk. Which fields count depends on the kind.
type Happening struct {
	Kind    string `json:"kind"`
	Citizen string `json:"citizen,omitempty"` // key of a named citizen, person_ref, or ID number
	Times   int    `json:"times,omitempty"`   // how often the last event is delivered; 0 is once
	Quiet   bool   `json:"quiet,omitempty"`   // its events are lost on their way into the feed

	// cards
	CardRef   string     `json:"card_ref,omitempty"` // otherwise the citizen's present card
	LossKind  string     `json:"loss_kind,omitempty"`
	Source    string     `json:"source,omitempty"` // loss: window (default), bank_window, phone, …
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Stage     string     `json:"stage,omitempty"` // produce: the stage to reach; empty is the next one
	Defects   []Defect   `json:"defects,omitempty"`
	Phone     string     `json:"phone,omitempty"`
	Name      string     `json:"name,omitempty"`
	Living    string     `json:"living_status,omitempty"`
	Guardian  string     `json:"guardian,omitempty"`  // guardian: who, like citizen; without reason she is added, with reason "ended" taken off
	Born      string     `json:"born,omitempty"`      // child: the birthday
	Into      string     `json:"into,omitempty"`      // merge: the surviving person, like citizen
	Financial string     `json:"financial,omitempty"` // financial: the state the bank reports
	RequestID string     `json:"request_id,omitempty"`

	// payments
	Programme   string     `json:"programme,omitempty"` // code, or the number of the list
	AmountFen   int64      `json:"amount_fen,omitempty"`
	State       string     `json:"state,omitempty"` // credit: where to stop (default credited)
	Reason      string     `json:"reason,omitempty"`
	Payee       string     `json:"payee,omitempty"` // credit: someone else than the beneficiary, like citizen
	PayeeKind   string     `json:"payee_kind,omitempty"`
	Exception   *Exception `json:"exception,omitempty"`
	LedgerMonth string     `json:"ledger_month,omitempty"`
	CreditedAt  *time.Time `json:"credited_at,omitempty"`
	PayingBank  string     `json:"paying_bank,omitempty"`
	WithoutSent bool       `json:"without_sent,omitempty"`
	LineID      string     `json:"line_id,omitempty"`
	ValidFrom   string     `json:"valid_from,omitempty"`
	BatchID     string     `json:"batch_id,omitempty"` // reannounce, withdraw
	District    string     `json:"district,omitempty"` // payday: whose people; change_person: where one moved to
	Lines       int        `json:"lines,omitempty"`    // payday: how many
	Odd         []OddLine  `json:"odd,omitempty"`      // payday, reannounce: lines that are wrong as they stand
	Figures     string     `json:"figures,omitempty"`  // payday: which announced figure is wrong
	InSystem    *bool      `json:"in_system,omitempty"`
	Period      string     `json:"period,omitempty"`   // credit, declare
	Township    string     `json:"township,omitempty"` // declare
	Holder      string     `json:"holder,omitempty"`   // declare: who holds the land record, like citizen

	// the feed itself
	Target string `json:"target,omitempty"` // cards, payments
	Entity string `json:"entity,omitempty"`
	ID     string `json:"id,omitempty"`
}

// Outcome names what a happening touched.
type Outcome map[string]string

// malformedType marks an event whose data no reader can take.
const malformedType = "desk.malformed"

var (
	errUnknownCitizen = errors.New("unknown citizen: want a key, a person_ref or an ID number")
	errNoCard         = errors.New("this citizen has no card the event could be about")
	errNoApplication  = errors.New("this citizen has no open application")
	errNoLine         = errors.New("there is no payment this could be about")
)

// mostTimes bounds how often one event is repeated.
const mostTimes = 1000

type happen func(*Registry, Happening, time.Time) (change, Outcome, error)

var happenings = map[string]happen{
	"loss": driveLoss, "release": driveRelease, "lapse": driveLapse, "expiry": driveExpiry, "replace": driveReplace, "cancel": driveCancel,
	"financial": driveFinancial, "settle": driveSettle,
	"produce": driveProduce, "deliver": driveDeliver, "collect": driveCollect, "activate": driveActivate, "send_back": driveSendBack, "reject": driveReject,
	"change_phone": driveChangePerson, "change_person": driveChangePerson, "merge": driveMerge, "guardian": driveGuardian, "child": driveChild,
	"credit": driveCredit, "return": driveReturn, "reissue": driveReissue, "advance": driveAdvance, "rename_programme": driveRename, "payee": drivePayee,
	"declare": driveDeclare, "change_head": driveChangeHead, "merge_bank": driveMergeBank, "recover": driveRecover, "holding": driveHolding,
	"close_outlet": driveCloseOutlet,
	"payday":       drivePayday, "reannounce": driveReannounce, "withdraw": driveWithdraw,
	"malformed": driveMalformed, "redeliver": driveRedeliver, "hold_feed": driveHold, "resume_feed": driveResume, "trim_feed": driveTrim,
	"rewind_feed": driveRewind,
}

// Happenings lists the kinds Happen understands.
func Happenings() []string {
	out := make([]string, 0, len(happenings))
	for k := range happenings {
		out = append(out, k)
	}
	return out
}

// Happen makes one thing happen on the registry's side: state, journal and feed together.
func (r *Registry) Happen(h Happening) (Outcome, error) {
	do, ok := happenings[h.Kind]
	if !ok {
		return nil, fmt.Errorf("unknown kind of event")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, out, err := do(r, h, instant(r.now()))
	if err != nil {
		return nil, err
	}
	for range min(h.Times, mostTimes) - 1 {
		if len(c.Events) == 0 {
			break
		}
		c.Events = append(c.Events, c.Events[len(c.Events)-1])
	}
	for i := range c.Events {
		c.Events[i].Quiet = h.Quiet
	}
	return out, r.commit(c)
}

// Drive is Happen for a desk that has the event as JSON; fields it does not know are the desk's own.
func (r *Registry) Drive(raw json.RawMessage) (Outcome, error) {
	var h Happening
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, errors.New("not a JSON event")
	}
	return r.Happen(h)
}

// who finds a person by key, reference or number.
func (r *Registry) who(s string) (*Person, error) {
	for _, n := range r.named {
		if n.key == s {
			return r.st.persons.byID[n.ref], nil
		}
	}
	if p := r.st.persons.byID[s]; p != nil {
		return p, nil
	}
	if p := r.st.persons.byID[r.st.personByNumber[s]]; p != nil {
		return p, nil
	}
	return nil, errUnknownCitizen
}

// present is the card named, or the one card of the citizen that has not ended.
func (r *Registry) present(h Happening) (*Card, error) {
	if h.CardRef != "" {
		if c := r.st.cards.byID[h.CardRef]; c != nil {
			return c, nil
		}
		return nil, errNoCard
	}
	p, err := r.who(h.Citizen)
	if err != nil {
		return nil, err
	}
	if c := r.cardFor(p.Ref); c != nil {
		return c, nil
	}
	return nil, errNoCard
}

// cardFor is the card of a person that has not ended.
func (r *Registry) cardFor(person string) *Card {
	for _, ref := range r.st.cardsOf[person] {
		if c := r.st.cards.byID[ref]; c.End == nil {
			return c
		}
	}
	return nil
}

func aboutCard(c *Card, typ string) (change, Outcome, error) {
	return change{Events: []event{happened(c, typ)}}, Outcome{"card_ref": c.Ref, "person_ref": c.PersonRef}, nil
}
