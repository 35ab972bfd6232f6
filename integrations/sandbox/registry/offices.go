package registry

import (
	"fmt"
	"time"
)

// buildOffices makes the office of every programme in every district that pays it, the finance office of each district,
// and counters of the land programme in the towns of rural ones. Addresses and telephone numbers are invented; nothing
// is drawn, so the rest of the city stays as it is.
func buildOffices(programmes []*Programme, at time.Time) []*Office {
	const hours = "周一至周五 08:30-12:00 14:00-17:30"
	var out []*Office
	add := func(o Office) {
		o.Ref, o.Hours, o.Version, o.ChangedAt = fmt.Sprintf("of%05d", len(out)+1), hours, 1, instant(at)
		o.Phone = fmt.Sprintf("0379-%08d", 63100000+len(out)*13)
		out = append(out, &o)
	}
	for i := range areas {
		a := &areas[i]
		address := func(no int) string { return fmt.Sprintf("洛阳市%s%s%d号", a.name, a.towns[0], no) }
		add(Office{District: a.code, Name: a.name + "财政局", Address: address(1)})
		for n, p := range programmes {
			if p.Local != "" && p.Local != a.code {
				continue
			}
			name := a.name + p.Department
			if p.Local != "" {
				name = p.Department
			}
			add(Office{Programme: p.Code, District: a.code, Name: name, Address: address(2 + n)})
		}
		if !a.rural {
			continue
		}
		for t, town := range a.towns {
			add(Office{Programme: programmeCode(2), District: a.code, Township: townCode(a, t), Name: town + "农业服务中心",
				Address: fmt.Sprintf("洛阳市%s%s政府院内", a.name, town)})
		}
	}
	return out
}

// comingPeriod is the period of the land programme that is being declared: the year after the start month.
func (c *city) comingPeriod() string {
	return fmt.Sprintf("%d年度", c.start.In(shanghai).Year()+1)
}

// declareLand puts the heads of rural households on next year's list of the land programme, in every state a list can
// be in; some stay off it, and for some the land record names another than the head.
func (b *builder) declareLand() {
	for h, home := range b.households {
		head := b.members[home][0]
		if !areaByCode(head.District).rural || h%10 == 9 && !b.isNamed(head) {
			continue
		}
		d := b.declaration(head, []string{"approved", "approved", "approved", "posted", "approved", "declared", "approved", "objected", "approved", "rejected", "approved"}[h%11])
		if b.isNamed(head) {
			d.State, d.Posting = "approved", nil
		} else if others := b.members[home]; h%13 == 4 && len(others) > 1 {
			d.HolderRef = others[1].Ref
		}
		b.city.declarations = append(b.city.declarations, d)
	}
}

func (b *builder) declaration(p *Person, state string) *Declaration {
	d := &Declaration{Ref: "d" + p.Ref[1:], PersonRef: p.Ref, Programme: programmeCode(2), PeriodName: b.city.comingPeriod(), District: p.District,
		Township: p.Town, State: state, HolderRef: p.Ref, Version: 1, ChangedAt: b.city.start}
	if state == "posted" || state == "objected" {
		d.Posting = postingOf(p, b.city.start)
	}
	return d
}

// postingOf is the public posting of a list in a person's town.
func postingOf(p *Person, now time.Time) *Posting {
	a := areaByCode(p.District)
	return &Posting{Place: p.TownName + "政务公开栏", From: dayOf(now.AddDate(0, 0, -3)), To: dayOf(now.AddDate(0, 0, 4)),
		Office: a.name + "农业农村局", Phone: "0379-63100001"}
}

func (b *builder) isNamed(p *Person) bool {
	for _, n := range b.city.named {
		if n.ref == p.Ref {
			return true
		}
	}
	return false
}
