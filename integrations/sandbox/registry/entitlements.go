package registry

// entitled tells, per numbered item, who of the city receives it: households by their head (item number → heads),
// everybody else in person. The shares are invented; that each of the 45 items has someone is not left to chance.
func (b *builder) entitled() map[int][]*Person {
	out := map[int][]*Person{}
	add := func(number int, p *Person) { out[number] = append(out[number], p) }
	for h, home := range b.households {
		b.householdItems(h, b.members[home][0], add)
	}
	for n, p := range b.city.persons {
		b.personalItems(n, p, ageOn(p.BirthDate, b.start), areaByCode(p.District).rural, add)
	}
	for _, o := range b.orphans {
		add(20, o)
	}
	for _, c := range b.city.named {
		for _, number := range map[string][]int{"wang": {41}, "zhao": {26, 2}, "chen": {41}}[c.key] {
			if !contains(out[number], b.people[c.ref]) {
				add(number, b.people[c.ref])
			}
		}
	}
	for number := 1; number <= len(programmeSeeds); number++ {
		if !b.anyPayable(out[number]) {
			add(number, b.firstPayable(number))
		}
	}
	return out
}

func (b *builder) householdItems(h int, head *Person, add func(int, *Person)) {
	if areaByCode(head.District).rural {
		add(2, head)
		for number, every := range map[int]int{3: 14, 5: 40, 12: 60, 15: 17, 16: 29, 17: 19} {
			if h%every == number%every {
				add(number, head)
			}
		}
	}
	for _, k := range [][3]int{{26, 17, 4}, {27, 23, 9}, {19, 45, 8}, {34, 120, 30}, {39, 110, 31}, {43, 70, 12}} {
		if h%k[1] == k[2] {
			add(k[0], head)
		}
	}
}

func (b *builder) personalItems(n int, p *Person, age int, rural bool, add func(int, *Person)) {
	rules := []struct {
		number, from, to, every, at int
		ok                          bool
	}{
		{1, 22, 65, 110, 5, rural}, {4, 16, 21, 4, 1, rural}, {6, 3, 5, 5, 2, true}, {7, 3, 5, 9, 4, true}, {8, 6, 14, 6, 0, true},
		{9, 6, 14, 8, 3, rural}, {10, 15, 17, 4, 1, true}, {11, 15, 18, 6, 2, true}, {13, 22, 60, 140, 9, true}, {14, 25, 60, 300, 50, true},
		{18, 22, 65, 120, 7, rural}, {21, 0, 17, 70, 20, true}, {22, 18, 23, 30, 3, true}, {23, 24, 70, 650, 111, true}, {24, 3, 17, 500, 70, true},
		{25, 3, 17, 260, 90, true}, {28, 80, 130, 1, 0, true}, {29, 18, 90, 60, 6, true}, {30, 18, 90, 120, 16, true}, {31, 60, 130, 6, 1, rural},
		{32, 49, 90, 90, 33, true}, {33, 60, 130, 10, 4, !rural}, {35, 60, 90, 40, 13, rural}, {36, 60, 130, 12, 1, rural},
		{37, 60, 130, 70, 21, true}, {38, 40, 90, 130, 44, rural}, {40, 20, 70, 200, 66, true}, {41, 20, 45, 60, 10, true},
		{42, 60, 100, 40, 18, true}, {44, 20, 24, 20, 5, true}, {45, 20, 24, 40, 6, true},
	}
	for _, r := range rules {
		if r.ok && age >= r.from && age <= r.to && n%r.every == r.at {
			add(r.number, p)
		}
	}
}

// payable: in the payment platform and holding a card.
func (b *builder) payable(p *Person) bool {
	c := b.cardOf[p.Ref]
	return c != nil && c.AAZ502 != "0" && c.PersonStatus != "01" && c.PersonStatus != "02" && b.inSystem(p.Ref)
}

func (b *builder) anyPayable(ps []*Person) bool {
	for _, p := range ps {
		if b.payable(p) && b.cardOf[p.Ref].FinancialState == "active" {
			return true
		}
	}
	return false
}

func (b *builder) firstPayable(number int) *Person {
	minors := programmeSeeds[number-1].minors
	for i := range b.city.persons {
		p := b.city.persons[(i+number*31+200)%len(b.city.persons)]
		minor := ageOn(p.BirthDate, b.start) < 18
		if b.payable(p) && b.cardOf[p.Ref].FinancialState == "active" && minor == minors && (p.IsHead || programmeSeeds[number-1].payee == individual) {
			return p
		}
	}
	return b.housing[0]
}

func contains(ps []*Person, p *Person) bool {
	for _, q := range ps {
		if q == p {
			return true
		}
	}
	return false
}
