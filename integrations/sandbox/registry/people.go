package registry

import (
	"fmt"
)

// memberSeed is one member of a household about to be made.
type memberSeed struct {
	relation string
	male     bool
	age      int
	surname  string
	name     string // given where the name is not drawn
}

// household makes a family: a head, mostly a spouse, children, sometimes a parent of the head.
func (b *builder) household(a *area, n int) {
	headMale := b.chance(72)
	headAge := 26 + b.r.IntN(58)
	surname := surnames[b.r.IntN(len(surnames))]
	seeds := []memberSeed{{relation: "head", male: headMale, age: headAge, surname: surname}}
	if b.chance(82) {
		seeds = append(seeds, memberSeed{relation: "spouse", male: !headMale, age: max(23, headAge-4+b.r.IntN(7)), surname: surnames[b.r.IntN(len(surnames))]})
	}
	if headAge < 60 {
		for range 1 + b.r.IntN(3)*b.r.IntN(2) {
			age := headAge - 22 - b.r.IntN(14)
			if age >= 0 {
				seeds = append(seeds, memberSeed{relation: "child", male: b.chance(52), age: age, surname: surname})
			}
		}
	}
	if headAge < 62 && b.chance(28) {
		seeds = append(seeds, memberSeed{relation: "parent", male: b.chance(45), age: headAge + 22 + b.r.IntN(9), surname: surname})
	}
	if n%9 == 4 {
		last := &seeds[len(seeds)-1]
		last.name = last.surname + rareGiven[b.r.IntN(len(rareGiven))]
	}
	b.makeHousehold(a, b.r.IntN(len(a.towns)), seeds)
}

// makeHousehold adds the people of one household; minors have the adults as guardians and share the head's phone.
func (b *builder) makeHousehold(a *area, town int, seeds []memberSeed) []*Person {
	home := b.ref("h")
	address := fmt.Sprintf("洛阳市%s%s%d号", a.name, a.towns[town], 1+b.r.IntN(900))
	var made []*Person
	for _, s := range seeds {
		birth := b.birth(s.age)
		p := &Person{Ref: b.ref("p"), Name: s.name, DocumentType: "01", IDNumber: b.number(a, birth, s.male), BirthDate: birth, Sex: sexCode(s.male),
			Nationality: "CHN", Address: address, District: a.code, Town: townCode(a, town), TownName: a.towns[town], HouseholdRef: home,
			IsHead: s.relation == "head", Relation: s.relation, LivingStatus: "1", Version: 1, ChangedAt: b.city.start}
		if p.Name == "" {
			p.Name = s.surname + givenName(b.r, s.male)
		}
		switch {
		case s.age < 14 && len(made) > 0:
			p.Phone = made[0].Phone
		case s.age < 76 || b.chance(60):
			p.Phone = b.phone()
		}
		made = append(made, p)
	}
	b.settle(home, made)
	return made
}

// settle registers a household: guardians of minors, look-ups, order.
func (b *builder) settle(home string, made []*Person) {
	for _, p := range made {
		if ageOn(p.BirthDate, b.start) >= 18 {
			continue
		}
		for _, g := range made {
			if g.Relation != "child" && g.Relation != "grandchild" && ageOn(g.BirthDate, b.start) >= 18 && len(p.GuardianRefs) < 2 {
				p.GuardianRefs = append(p.GuardianRefs, g.Ref)
			}
		}
	}
	b.households = append(b.households, home)
	b.members[home] = made
	b.city.persons = append(b.city.persons, made...)
	for _, p := range made {
		b.people[p.Ref] = p
	}
}

func sexCode(male bool) string {
	if male {
		return "1"
	}
	return "2"
}

// pilotHouseholds makes Xigong's 27 low-rent households (the first is the named citizen wang's) and its 16 orphans,
// each living with a grandparent.
func (b *builder) pilotHouseholds() {
	xigong := areaByCode("410303")
	for len(b.housing) < 27 {
		s := surnames[b.r.IntN(60)]
		made := b.makeHousehold(xigong, b.r.IntN(len(xigong.towns)), []memberSeed{
			{relation: "head", male: b.chance(60), age: 34 + b.r.IntN(40), surname: s},
			{relation: "spouse", male: false, age: 34 + b.r.IntN(30), surname: surnames[b.r.IntN(60)]},
		})
		b.housing = append(b.housing, made[0])
	}
	for range pilotOrphans {
		s := surnames[b.r.IntN(60)]
		made := b.makeHousehold(xigong, b.r.IntN(len(xigong.towns)), []memberSeed{
			{relation: "head", male: b.chance(50), age: 62 + b.r.IntN(14), surname: s},
			{relation: "grandchild", male: b.chance(50), age: 5 + b.r.IntN(10), surname: s},
		})
		b.orphans = append(b.orphans, made[1])
	}
}

// oddPeople makes those whose numbers and names registers get wrong: residents from Hong Kong, Macao and Taiwan,
// foreigners with the new and the old form of card, names with a middle dot.
func (b *builder) oddPeople() {
	a := areaByCode("410311")
	for i, code := range []string{"810000", "820000", "830000", "810000", "830000"} {
		doc := map[string]string{"810000": "04", "820000": "05", "830000": "06"}[code]
		p := b.single(a, memberSeed{relation: "head", male: i%2 == 0, age: 30 + i*5, surname: surnames[i]})
		p.DocumentType, p.IDNumber = doc, b.unused(code, p.BirthDate, i%2 == 0)
	}
	for i, name := range foreignNames {
		p := b.single(a, memberSeed{relation: "head", male: i%2 == 0, age: 25 + i*6, name: name})
		p.DocumentType, p.Nationality = "07", []string{"GBR", "FRA", "KOR", "VNM", "RUS", "JPN"}[i]
		if i < 3 { // 9, province of acceptance, numeric country
			p.IDNumber = b.unused("941"+[]string{"826", "250", "410"}[i], p.BirthDate, i%2 == 0)
		} else { // the form before December 2023: three letters, twelve digits with the birth date from the eighth
			p.IDNumber = fmt.Sprintf("%s4103%s%02d", p.Nationality, p.BirthDate[2:4]+p.BirthDate[5:7]+p.BirthDate[8:10], 11+i)
		}
	}
	for i, name := range dottedNames {
		b.single(a, memberSeed{relation: "head", male: i%2 == 0, age: 22 + i*7, name: name})
	}
}

func (b *builder) single(a *area, s memberSeed) *Person {
	return b.makeHousehold(a, b.r.IntN(len(a.towns)), []memberSeed{s})[0]
}

func (b *builder) unused(areaCode, birth string, male bool) string {
	return b.number(&area{code: areaCode}, birth, male)
}
