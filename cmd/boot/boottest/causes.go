package boottest

import "time"

// Event is one thing that happens at the registry's desk: the body of POST /desk/events.
type Event struct {
	Kind, Citizen string
	More          map[string]any
}

// CauseDemo shows one cause of "why has my subsidy not come?" in the demo city: who asks, about what, after which
// events. docs/explanations.md is written from this table, and a scenario walks it over HTTP.
type CauseDemo struct {
	Cause     string
	Citizen   string // a named citizen, or an ID number of the city
	Programme string
	Period    string
	Events    []Event
}

// LineOfLast stands in an event for the line that the event before it made.
const LineOfLast = "$line"

// BatchOfLast stands for the batch of the event before.
const BatchOfLast = "$batch"

// The people of the demonstrations who have no name of their own at the desk.
const (
	headOfChen = "410327198202080731" // made up like everybody of the city: the head of chen's household
	nextMonth  = "2022-01"            // a period of which the city's history knows nothing
	nextYear   = "2022年度"             // the land list's
)

// CauseDemos lists a demonstration for every cause.
func CauseDemos() []CauseDemo {
	job := func(cause string, events ...Event) CauseDemo {
		return CauseDemo{cause, "wang", "P41", nextMonth, events}
	}
	land := func(cause, who string, events ...Event) CauseDemo {
		return CauseDemo{cause, who, "P02", nextYear, events}
	}
	pay := func(kind string, more map[string]any) Event {
		all := map[string]any{"programme": "41", "period": nextMonth}
		for k, v := range more {
			all[k] = v
		}
		return Event{kind, "wang", all}
	}
	upTo := func(state string) Event { return pay("credit", map[string]any{"state": state}) }
	back := func(reason string) Event { return pay("return", map[string]any{"reason": reason}) }
	bank := func(state string) Event { return Event{"financial", "wang", map[string]any{"financial": state}} }
	where := func(state string) Event { return Event{"holding", "wang", map[string]any{"state": state}} }
	place := func(who, programme, period, state string) Event {
		return Event{"declare", who, map[string]any{"programme": programme, "period": period, "state": state}}
	}
	return []CauseDemo{
		job("NOT_IN_SYSTEM", Event{"payee", "wang", map[string]any{"in_system": false}}),
		{"NO_CARD", "li", "P41", nextMonth, nil},
		job("CARD_IN_PRODUCTION", where("in_production")),
		job("CARD_NOT_COLLECTED", where("at_outlet")),
		job("MONEY_ACCOUNT_INACTIVE", bank("opened_inactive")),
		job("MONEY_ACCOUNT_UNOPENED", bank("not_opened")),
		job("MONEY_ACCOUNT_LOST", bank("loss")),
		job("ACCOUNT_CLOSED", bank("closed")),
		job("ACCOUNT_RESTRICTED", bank("frozen")),
		job("CARD_REPLACED_SINCE_LIST", upTo("approved"), Event{"replace", "wang", nil}),
		job("CARD_LOST_SINCE_LIST", upTo("approved"), bank("loss")),
		land("PAID_TO_HEAD", "chen", Event{"credit", headOfChen, map[string]any{"programme": "2", "period": nextYear}}),
		{"HOUSEHOLD_TO_HEAD", "chen", "P26", "", nil},
		job("IN_POSTING", upTo("publicised")),
		job("BATCH_NOT_SENT", upTo("approved")),
		job("SENT_TO_BANK", upTo("sent")),
		job("RETURNED", back("NAME_MISMATCH")),
		job("REISSUE_UNDER_WAY", back("NAME_MISMATCH"), Event{"reissue", "wang", map[string]any{"line_id": LineOfLast, "state": "approved"}}),
		{"PAID_BY_OLD_CHANNEL", "wang", "P41", "2020年6月", nil},
		job("PAID_TO_EARLIER_CARD", upTo("credited"), Event{"replace", "wang", nil}),
		job("NEW_CARD_NOT_ACTIVATED", Event{"replace", "wang", nil}),
		job("UNDER_REVIEW", place("wang", "41", nextMonth, "declared")),
		job("OBJECTED", place("wang", "41", nextMonth, "objected")),
		job("DECLARATION_REJECTED", place("wang", "41", nextMonth, "rejected")),
		job("NOT_DECLARED", place("zhang", "41", nextMonth, "approved")),
		land("LAND_RECORD_OTHER", "zhao", Event{"declare", "zhao", map[string]any{"programme": "2", "period": nextYear, "state": "approved", "holder": "wang"}}),
		land("HEAD_DECEASED", "chen", Event{"change_person", headOfChen, map[string]any{"living_status": "2"}}),
		land("HEAD_CHANGED", "chen", place(headOfChen, "2", nextYear, "approved"), Event{"change_head", headOfChen, map[string]any{"into": "chen"}}),
		land("TOWNSHIP_NOT_SENT", "zhao", place("zhao", "2", nextYear, "approved")),
		job("ACCOUNT_DORMANT", back("ACCOUNT_DORMANT")),
		job("BANK_MERGED", back("WRONG_BANK"), Event{"merge_bank", "", map[string]any{"id": "313LY", "into": "313ZY"}}),
		job("BATCH_WITHDRAWN", upTo("approved"), Event{"withdraw", "", map[string]any{"batch_id": BatchOfLast}}),
		job("HELD_FOR_CHECK", pay("credit", map[string]any{"without_sent": true})),
		job("RECOVERED", upTo("credited"), Event{"recover", "wang", map[string]any{"line_id": LineOfLast}}),
		job("ARRIVED", upTo("credited")),
		job("CANNOT_TELL"),
	}
}

// Perform has the events of a demonstration happen, a minute apart.
func (r *Rig) Perform(d CauseDemo) {
	r.t.Helper()
	line, batch := "", ""
	for _, e := range d.Events {
		more := map[string]any{}
		for k, v := range e.More {
			switch v {
			case LineOfLast:
				v = line
			case BatchOfLast:
				v = batch
			}
			more[k] = v
		}
		done := r.Happens(e.Kind, e.Citizen, more)
		if id := done.Text("line_id"); id != "" {
			line, batch = id, done.Text("batch_id")
		}
		r.Later(time.Minute)
	}
}
