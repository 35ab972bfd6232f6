package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// driveChangePerson changes what is on file of a person: phone, name, living status,
// district.
func driveChangePerson(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	next := *p
	if h.Phone != "" {
		next.Phone = h.Phone
	}
	if h.Name != "" {
		next.Name = h.Name
	}
	if h.Living != "" {
		next.LivingStatus = h.Living
	}
	if a := areaByCode(h.District); a != nil {
		next.District, next.Town, next.TownName = a.code, townCode(a, 0), a.towns[0]
	}
	next.Version, next.ChangedAt = p.Version+1, now
	return change{Events: []event{happened(&next, "person.changed")}}, Outcome{"person_ref": p.Ref}, nil
}

// driveGuardian enters who is guardian of a person, or takes one off.
func driveGuardian(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	g, err := r.who(h.Guardian)
	if err != nil {
		return change{}, nil, err
	}
	next := *p
	next.GuardianRefs = nil
	for _, ref := range p.GuardianRefs {
		if ref != g.Ref {
			next.GuardianRefs = append(next.GuardianRefs, ref)
		}
	}
	if h.Reason != "ended" {
		next.GuardianRefs = append(next.GuardianRefs, g.Ref)
	}
	next.Version, next.ChangedAt = p.Version+1, now
	return change{Events: []event{happened(&next, "person.changed")}}, Outcome{"person_ref": p.Ref, "guardian_ref": g.Ref}, nil
}

// driveChild enters a child of a citizen, of the same household, with her as guardian and without a card: who is a child
// when the city is made grows up.
func driveChild(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	parent, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	if _, err := time.Parse(time.DateOnly, h.Born); err != nil || h.Name == "" {
		return change{}, nil, errors.New("want a name, and born as 2006-01-02")
	}
	seq := 501
	for r.st.personByNumber[idNumber(parent.District, h.Born, seq)] != "" {
		seq++
	}
	child := *parent
	child.Ref, child.Name, child.DocumentType = fmt.Sprintf("pc%010d", len(r.st.persons.order)), h.Name, "01"
	child.IDNumber, child.BirthDate, child.Sex = idNumber(parent.District, h.Born, seq), h.Born, sexCode(seq%2 == 1)
	child.IsHead, child.Relation, child.GuardianRefs = false, "child", []string{parent.Ref}
	child.Version, child.ChangedAt = 1, now
	return change{Events: []event{happened(&child, "person.added")}}, Outcome{"person_ref": child.Ref, "id_number": child.IDNumber}, nil
}

// driveMerge finds that two records are one person: the first is merged into the other, cards go along.
func driveMerge(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	gone, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	stays, err := r.who(h.Into)
	if err != nil {
		return change{}, nil, err
	}
	if gone.Ref == stays.Ref || gone.MergedInto != "" {
		return change{}, nil, errors.New("these two cannot be merged")
	}
	next := *gone
	next.MergedInto, next.Version, next.ChangedAt = stays.Ref, gone.Version+1, now
	c := change{Events: []event{happened(&next, "person.merged")}}
	for _, ref := range r.st.cardsOf[gone.Ref] {
		card := *r.st.cards.byID[ref]
		card.PersonRef, card.Version, card.ChangedAt = stays.Ref, card.Version+1, now
		c.Events = append(c.Events, happened(&card, "card.moved"))
	}
	return c, Outcome{"person_ref": gone.Ref, "into": stays.Ref}, nil
}

// driveMalformed publishes an event that no reader can take, with the next version of its entity.
func driveMalformed(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	if r.st.logs[h.Target] == nil || h.Entity == "" || h.ID == "" {
		return change{}, nil, errors.New("want target, entity and id")
	}
	e := event{Source: h.Target, Entity: h.Entity, ID: h.ID, Version: 1 << 20, Type: malformedType, ChangedAt: now, Data: json.RawMessage(`{"ref":17}`)}
	return change{Events: []event{e}}, Outcome{"id": h.ID}, nil
}

// driveRedeliver repeats the newest event of a source, as a feed that is only at-least-once may.
func driveRedeliver(r *Registry, h Happening, _ time.Time) (change, Outcome, error) {
	log := r.st.logs[h.Target]
	if log == nil || len(log.events) == 0 {
		return change{}, nil, errors.New("want a target with events")
	}
	return change{Events: log.events[len(log.events)-1:]}, Outcome{}, nil
}

// driveHold lets a feed fall behind: nothing newer is shown and its freshness stands still, until resume_feed.
func driveHold(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	log := r.st.logs[h.Target]
	if log == nil {
		return change{}, nil, errors.New("want target cards or payments")
	}
	log.held = &hold{upTo: log.end(), asOf: now}
	return change{}, Outcome{}, nil
}

func driveResume(r *Registry, h Happening, _ time.Time) (change, Outcome, error) {
	log := r.st.logs[h.Target]
	if log == nil {
		return change{}, nil, errors.New("want target cards or payments")
	}
	log.held = nil
	return change{}, Outcome{}, nil
}

// driveTrim makes every cursor before now too old.
func driveTrim(r *Registry, h Happening, _ time.Time) (change, Outcome, error) {
	if r.st.logs[h.Target] == nil {
		return change{}, nil, errors.New("want target cards or payments")
	}
	return change{Trim: h.Target}, Outcome{}, nil
}

// driveRewind lets a source forget its newest events, as after a restore: cursors behind them are unknown to it.
func driveRewind(r *Registry, h Happening, _ time.Time) (change, Outcome, error) {
	if r.st.logs[h.Target] == nil || h.Times < 1 {
		return change{}, nil, errors.New("want target cards or payments, and times")
	}
	return change{Rewind: h.Target, Size: h.Times}, Outcome{}, nil
}
