package registry

import (
	"fmt"
	"time"
)

// Situations a card of the drawn city may be in; the shares follow from the cycle in situationOf.
const (
	sitNormal, sitNoCard, sitSealed, sitFormal, sitLocked, sitTemporary, sitCancelled, sitProduction, sitWaiting, sitCollected, sitReplaced = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)

// situationOf spreads the situations evenly over the city, so that every one of them exists whatever the seed.
func situationOf(n int) int {
	switch n % 100 {
	case 7, 31, 58, 83:
		return sitNoCard
	case 11:
		return sitSealed
	case 17:
		return sitFormal
	case 23:
		return sitLocked
	case 29, 79:
		return sitTemporary
	case 37:
		return sitCancelled
	case 41:
		return sitProduction
	case 43, 89:
		return sitWaiting
	case 47, 61, 67:
		return sitCollected
	case 53, 71, 97:
		return sitReplaced
	}
	return sitNormal
}

var otherFinancial = []string{"opened_inactive", "active", "loss", "active", "frozen", "active", "closed", "unknown", "not_opened", "opened_inactive"}

// finishCards gives each person a card, or none, and makes the card payments go to known.
func (b *builder) finishCards() {
	fixed := b.fixedSituations()
	for n, p := range b.city.persons {
		sit, ok := fixed[p.Ref]
		if !ok {
			sit = situationOf(n)
		}
		if ageOn(p.BirthDate, b.start) < 1 {
			sit = sitNoCard
		}
		if c := b.card(p, sit, n, ok); c != nil {
			b.cardOf[p.Ref] = c
		}
		b.payee(p, n)
	}
}

func (b *builder) fixedSituations() map[string]int {
	fixed := map[string]int{}
	for _, c := range b.city.named {
		fixed[c.ref] = sitNormal
		if c.key == "li" || c.key == "child" {
			fixed[c.ref] = sitNoCard
		}
		for _, p := range b.members[b.people[c.ref].HouseholdRef] {
			if _, ok := fixed[p.Ref]; !ok {
				fixed[p.Ref] = sitNormal
			}
		}
	}
	for _, p := range append(append([]*Person{}, b.housing...), b.orphans...) {
		fixed[p.Ref] = sitNormal
	}
	return fixed
}

func (b *builder) payee(p *Person, n int) {
	in := n%83 != 40 || b.pilotOrNamed(p)
	y := &Payee{PersonRef: p.Ref, InSystem: in, PhoneOnFile: p.Phone != "", Version: 1, ChangedAt: b.city.start}
	if in {
		y.RegisteredOn = areaByCode(p.District).onboarded
	}
	b.city.payees = append(b.city.payees, y)
}

// card makes the card of p in its situation; plain asks for an active money account whatever the number says.
func (b *builder) card(p *Person, sit, n int, plain bool) *Card {
	if sit == sitNoCard {
		return nil
	}
	bank := b.bankFor(p, n)
	issued := b.issueDay(p, n)
	c := &Card{Ref: b.ref("c"), PersonRef: p.Ref, CardNo: b.cardNo(), IssuingArea: p.District, BankCode: bank.Code, BankFaceName: bank.Name,
		AccountTail: b.accountTail(), AAZ502: "1", PersonStatus: "04", FinancialState: "active", IssuedOn: dayOf(issued),
		ValidUntil: dayOf(issued.AddDate(10, 0, 0)), OutletRef: b.outletFor(p.District, bank.Code), Version: 1, ChangedAt: b.city.start}
	c.CollectedAt, c.ActivatedAt = ptr(instant(issued.AddDate(0, 0, 20))), ptr(instant(issued.AddDate(0, 0, 20)))
	if !plain && n%6 == 2 {
		c.FinancialState = otherFinancial[n/6%len(otherFinancial)]
	}
	b.bend(c, p, sit, n)
	b.city.cards = append(b.city.cards, c)
	return c
}

// bend turns a fresh working card into one of the other situations.
func (b *builder) bend(c *Card, p *Person, sit, n int) {
	switch sit {
	case sitSealed:
		c.AAZ502, c.PersonStatus, c.FinancialState, c.CollectedAt, c.ActivatedAt = "0", "02", "not_opened", nil, nil
	case sitLocked:
		c.AAZ502 = "3"
	case sitFormal, sitTemporary:
		b.loseAtStart(c, sit, n)
	case sitCancelled:
		c.AAZ502, c.PersonStatus, c.FinancialState = "9", "09", "closed"
		c.End = &CardEnd{Kind: "cancelled", Reason: "death", At: instant(b.start.AddDate(0, -2, 0))}
		p.LivingStatus = "2"
	case sitProduction, sitWaiting:
		b.inProduction(c, p, sit, n)
	case sitCollected:
		c.PersonStatus, c.FinancialState, c.ActivatedAt = "03", "opened_inactive", nil
	case sitReplaced:
		old := *c
		old.Ref, old.CardNo, old.AccountTail, old.Version = b.ref("c"), b.cardNo(), b.accountTail(), 3
		old.AAZ502, old.PersonStatus, old.FinancialState = "9", "09", "closed"
		old.End = &CardEnd{Kind: "void", Reason: "replaced", At: instant(b.start.AddDate(0, -7, 0)), ReplacedBy: c.Ref}
		c.Replaces, c.IssuedOn = old.Ref, dayOf(b.start.AddDate(0, -7, 0))
		b.city.cards = append(b.city.cards, &old)
	}
}

// loseAtStart puts a loss on record that was made before the start, at a window, by phone or online.
func (b *builder) loseAtStart(c *Card, sit, n int) {
	reported := instant(b.start.AddDate(0, 0, -3-n%40))
	c.AAZ502, c.PersonStatus = "4", "06"
	c.Loss = &Loss{Reference: fmt.Sprintf("LX%s%04d", reported.Format("20060102"), n), Source: []string{"phone", "alipay_life", "wechat_mini"}[n%3],
		Kind: "temporary", ReportedAt: reported, EffectiveAt: reported, Before: "104"}
	if sit == sitFormal {
		c.AAZ502, c.PersonStatus, c.Loss.Kind, c.Loss.Source = "2", "05", "formal", []string{"window", "bank_window"}[n%2]
	}
	c.Version = 2
}

func (b *builder) issueDay(p *Person, n int) time.Time {
	issued := b.start.AddDate(0, -3-n%84, -(n % 27))
	if born := p.BirthDate; dayOf(issued) < born {
		issued = b.start.AddDate(0, -2, 0)
	}
	return issued
}

func (b *builder) bankFor(p *Person, n int) *Bank {
	for _, c := range b.city.named {
		if c.ref == p.Ref {
			return b.bank(map[string]string{"wang": "313LY", "zhang": "103", "zhao": "402", "chen": "103"}[c.key])
		}
	}
	codes := []string{"103", "402", "313LY", "102", "105", "403", "103", "313LY", "104", "301", "402", "313ZY"}
	return b.bank(codes[(n+len(p.Town))%len(codes)])
}

func (b *builder) bank(code string) *Bank {
	for _, k := range b.city.banks {
		if k.Code == code {
			return k
		}
	}
	return b.city.banks[0]
}

func (b *builder) outletFor(district, bank string) string {
	for _, o := range b.outletsOf[district] {
		if o.BankCode == bank {
			return o.Ref
		}
	}
	return b.outletsOf[district][0].Ref
}

func (b *builder) cardNo() string {
	for {
		no := fmt.Sprintf("%c%08d", "ABCDEFGH"[b.r.IntN(8)], b.r.IntN(100_000_000))
		if !b.usedCards[no] {
			b.usedCards[no] = true
			return no
		}
	}
}

func (b *builder) accountTail() string {
	pan := fmt.Sprintf("6217%014d", b.r.Int64N(100_000_000_000_000))
	pan += string(luhnDigit(pan))
	return pan[len(pan)-4:]
}

// pilotOrNamed: people whose payments tests and demos count on are in the payment platform.
func (b *builder) pilotOrNamed(p *Person) bool {
	return p.Phone != "" && p.Phone[:7] == "1380379" || contains(b.housing, p) || contains(b.orphans, p)
}
