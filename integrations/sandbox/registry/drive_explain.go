package registry

import (
	"errors"
	"fmt"
	"time"
)

// driveDeclare puts a citizen on the list of a programme for a period, or moves her declaration to another state.
func driveDeclare(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	prog := r.programmeFor(h.Programme, dayOf(now))
	if prog == nil || h.Period == "" {
		return change{}, nil, errors.New("want a programme and a period")
	}
	d := Declaration{Ref: fmt.Sprintf("d%012x", r.serial()), PersonRef: p.Ref, Programme: prog.Code, PeriodName: h.Period, District: p.District, Township: p.Town}
	for _, ref := range r.st.declarations.order {
		if old := r.st.declarations.byID[ref]; old.PersonRef == p.Ref && old.Programme == d.Programme && old.PeriodName == d.PeriodName {
			d = *old
		}
	}
	if h.Holder != "" {
		holder, err := r.who(h.Holder)
		if err != nil {
			return change{}, nil, err
		}
		d.HolderRef = holder.Ref
	}
	if d.State = h.State; d.State == "" {
		d.State = "approved"
	}
	if h.Township != "" {
		d.Township = h.Township
	}
	d.Posting = nil
	if d.State == "posted" || d.State == "objected" {
		d.Posting = postingOf(p, now)
	}
	d.Version, d.ChangedAt = d.Version+1, now
	return change{Events: []event{happened(&d, "declaration."+d.State)}}, Outcome{"ref": d.Ref, "person_ref": p.Ref}, nil
}

// driveChangeHead makes another member the head of a citizen's household.
func driveChangeHead(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	next, err := r.who(h.Into)
	if err != nil {
		return change{}, nil, err
	}
	was, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	if was.Ref == next.Ref || !was.IsHead || was.HouseholdRef != next.HouseholdRef {
		return change{}, nil, errors.New("want the head, and another member of the household")
	}
	old, head := *was, *next
	old.IsHead, old.Relation, old.Version, old.ChangedAt = false, next.Relation, was.Version+1, now
	head.IsHead, head.Relation, head.Version, head.ChangedAt = true, "head", next.Version+1, now
	return change{Events: []event{happened(&old, "person.changed"), happened(&head, "person.changed")}}, Outcome{"person_ref": head.Ref}, nil
}

// driveMergeBank has a bank taken over as of today: yesterday was its last day.
func driveMergeBank(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	bank, heir := r.st.banks.byID[h.ID], r.st.banks.byID[h.Into]
	if bank == nil || heir == nil || bank == heir {
		return change{}, nil, errors.New("want id and into: the codes of two banks")
	}
	next := *bank
	next.ValidTo, next.Successor, next.Version, next.ChangedAt = dayOf(now.AddDate(0, 0, -1)), heir.Code, bank.Version+1, now
	return change{Events: []event{happened(&next, "bank.merged")}}, Outcome{"bank": next.Code, "into": heir.Code}, nil
}

// driveRecover takes a credited payment back: recovering, then recovered.
func driveRecover(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	l := r.st.lines.byID[h.LineID]
	if l == nil || l.State != "credited" && l.State != "recovering" {
		return change{}, nil, errNoLine
	}
	next := *l
	next.State, next.Version, next.ChangedAt = map[string]string{"credited": "recovering", "recovering": "recovered"}[l.State], l.Version+1, now
	return change{Events: []event{happened(&next, "payment_line."+next.State)}}, lineOutcome(&next), nil
}

// driveHolding says where a citizen's card is: in_production, at_outlet, or collected and not activated.
func driveHolding(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	status := map[string]string{"in_production": "01", "at_outlet": "02", "collected": "03"}[h.State]
	if status == "" {
		return change{}, nil, errors.New("want state in_production, at_outlet or collected")
	}
	next := *card
	next.PersonStatus, next.FinancialState, next.Version, next.ChangedAt = status, "opened_inactive", card.Version+1, now
	return aboutCard(&next, "card."+h.State)
}
