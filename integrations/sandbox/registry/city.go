package registry

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// city is everything the registry knew at the start instant. It is a pure function of seed and start month.
type city struct {
	start        time.Time
	banks        []*Bank
	outlets      []*Outlet
	persons      []*Person
	cards        []*Card
	applications []*Application
	programmes   []*Programme
	payees       []*Payee
	batches      []*Batch
	lines        []*PaymentLine
	offices      []*Office
	declarations []*Declaration
	named        []namedCitizen
}

// householdsPerArea times fourteen areas times about three people makes the city.
const householdsPerArea = 54

// cities keeps what was built: a city is never changed in place, so registries of one process share it.
var cities = struct {
	sync.Mutex
	byKey map[string]*city
}{byKey: map[string]*city{}}

// cityOf is the city of a seed and month, built once.
func cityOf(seed uint64, startMonth time.Time) *city {
	key := fmt.Sprintf("%d %s", seed, monthStart(startMonth).Format("2006-01"))
	cities.Lock()
	defer cities.Unlock()
	c, ok := cities.byKey[key]
	if !ok {
		c = buildCity(seed, startMonth)
		cities.byKey[key] = c
	}
	return c
}

// buildCity makes the city of a seed as it stood at the first instant of the start month.
func buildCity(seed uint64, startMonth time.Time) *city {
	b := newBuilder(seed, startMonth)
	b.city.banks = buildBanks(b.start)
	b.city.outlets = buildOutlets(b.r, b.city.banks, b.start)
	b.indexOutlets()
	b.city.programmes = buildProgrammes(b.start)
	b.namedHouseholds()
	for i := range areas {
		for n := range householdsPerArea {
			b.household(&areas[i], n)
		}
	}
	b.pilotHouseholds()
	b.oddPeople()
	b.finishCards()
	b.payments()
	b.city.offices = buildOffices(b.city.programmes, b.start)
	b.declareLand()
	return b.city
}

// builder holds what is needed only while the city is made.
type builder struct {
	r          *rand.Rand
	start      time.Time
	city       *city
	usedIDs    map[string]bool
	usedPhones map[string]bool
	usedCards  map[string]bool
	outletsOf  map[string][]*Outlet // by district
	cardOf     map[string]*Card     // the card payments of a person go to
	members    map[string][]*Person // by household
	households []string             // in order of making
	people     map[string]*Person
	housing    []*Person // heads of the pilot's low-rent households
	orphans    []*Person // the pilot's orphans
	inPlatform map[string]bool
	underway   int
	creditSeq  int
}

func newBuilder(seed uint64, startMonth time.Time) *builder {
	start := monthStart(startMonth)
	month := uint64(start.Year()*12 + int(start.Month()))
	return &builder{
		r: rand.New(rand.NewPCG(seed, month)), start: start, city: &city{start: instant(start)},
		usedIDs: map[string]bool{ruleA: true, ruleB: true}, usedPhones: map[string]bool{}, usedCards: map[string]bool{},
		outletsOf: map[string][]*Outlet{}, cardOf: map[string]*Card{}, members: map[string][]*Person{}, people: map[string]*Person{},
	}
}

func (b *builder) indexOutlets() {
	for _, o := range b.city.outlets {
		b.outletsOf[o.District] = append(b.outletsOf[o.District], o)
	}
}

// ref makes an opaque name that tells nothing about whom it names.
func (b *builder) ref(prefix string) string {
	return fmt.Sprintf("%s%012x", prefix, b.r.Uint64()&0xffffffffffff)
}

func (b *builder) chance(percent float64) bool { return b.r.Float64()*100 < percent }

func (b *builder) phone() string {
	for {
		p := mobilePrefixes[b.r.IntN(len(mobilePrefixes))] + fmt.Sprintf("%08d", b.r.IntN(100_000_000))
		if !b.usedPhones[p] {
			b.usedPhones[p] = true
			return p
		}
	}
}

// birth draws a birth date that makes the person age years old at the start.
func (b *builder) birth(age int) string {
	days := 1 + b.r.IntN(364)
	return b.start.AddDate(-age, 0, -days).Format(time.DateOnly)
}

// number draws an unused ID number; elders and people of merged counties may carry an abandoned area code.
func (b *builder) number(a *area, birth string, male bool) string {
	code := a.code
	if len(a.old) > 0 && birth < "2021-03-01" {
		code = a.old[b.r.IntN(len(a.old))]
	}
	for {
		seq := 1 + b.r.IntN(498)*2
		if !male {
			seq++
		}
		if id := idNumber(code, birth, seq); !b.usedIDs[id] {
			b.usedIDs[id] = true
			return id
		}
	}
}
