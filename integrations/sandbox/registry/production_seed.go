package registry

import (
	"fmt"
	"time"
)

// promisedDays is what the city promises from acceptance to collection.
const promisedDays = 15

// inProduction gives a card that is being made or waits at its outlet the application that asked for it.
func (b *builder) inProduction(c *Card, p *Person, sit, n int) {
	applied := instant(b.start.AddDate(0, 0, -9-n%5))
	step := func(days int) *time.Time { return ptr(applied.AddDate(0, 0, days)) }
	a := &Application{Ref: fmt.Sprintf("SQ%s%06d", applied.Format("20060102"), n), PersonRef: p.Ref, ApplicantRef: p.Ref, BusinessType: "01",
		Status: "05", BankCode: c.BankCode, OutletRef: c.OutletRef, CardRef: c.Ref, AccountTail: c.AccountTail, PromisedDays: promisedDays,
		Version: 5, ChangedAt: b.city.start,
		AZ03: AZ03{BatchNo: fmt.Sprintf("PC%06d", n), ApplyTime: applied, BankTime0: step(1), BankFinishTime0: step(3), InsureTime: step(4), ValidTag: "1"}}
	if len(p.GuardianRefs) > 0 {
		a.ApplicantRef = p.GuardianRefs[0]
	}
	c.PersonStatus, c.FinancialState, c.CollectedAt, c.ActivatedAt = "01", "opened_inactive", nil, nil
	c.IssuedOn, c.ValidUntil = dayOf(applied), dayOf(applied.AddDate(10, 0, 0))
	if sit == sitWaiting {
		a.AZ03.InsureFinishTime, a.AZ03.ProvinceTime, a.AZ03.CityTime, a.Version = step(6), step(7), step(8), 8
		c.PersonStatus = "02"
	}
	b.city.applications = append(b.city.applications, a)
}
