package registry

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// programmeFor is the version of a programme on a day; the name may be its code or its number in the list.
func (r *Registry) programmeFor(name, day string) *Programme {
	if n, err := strconv.Atoi(name); err == nil {
		name = programmeCode(n)
	}
	var found *Programme
	for _, id := range r.st.programmes.order {
		p := r.st.programmes.byID[id]
		if p.Code == name && p.ValidFrom <= day && (p.ValidTo == "" || day <= p.ValidTo) {
			found = p
		}
	}
	return found
}

// driveRename gives a programme a new version with another name from a day on; the old version ends the day before.
func driveRename(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	from, err := time.ParseInLocation(time.DateOnly, h.ValidFrom, shanghai)
	if err != nil || h.Name == "" {
		return change{}, nil, errors.New("want name and valid_from")
	}
	old := r.programmeFor(h.Programme, h.ValidFrom)
	if old == nil || old.ValidFrom == h.ValidFrom {
		return change{}, nil, errors.New("unknown programme, or it begins on that day itself")
	}
	ended := *old
	ended.ValidTo, ended.Version, ended.ChangedAt = from.AddDate(0, 0, -1).Format(time.DateOnly), old.Version+1, now
	next := *old
	next.ProgVersion, next.Name, next.ValidFrom, next.PublishedOn, next.Version, next.ChangedAt = old.ProgVersion+1, h.Name, h.ValidFrom, dayOf(now), 1, now
	next.ID = fmt.Sprintf("%s@%d", next.Code, next.ProgVersion)
	if next.Sensitivity == normal {
		next.ShortName, next.SMSName = h.Name, h.Name
	}
	return change{Events: []event{happened(&ended, "programme.ended"), happened(&next, "programme.listed")}}, Outcome{"programme": next.ID}, nil
}

// drivePayee says whether a person is in the payment platform.
func drivePayee(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	old := r.st.payees.byID[p.Ref]
	if old == nil || h.InSystem == nil {
		return change{}, nil, errors.New("want in_system of someone the source knows")
	}
	next := *old
	next.InSystem, next.Version, next.ChangedAt = *h.InSystem, old.Version+1, now
	return change{Events: []event{happened(&next, "payee.changed")}}, Outcome{"person_ref": p.Ref}, nil
}
