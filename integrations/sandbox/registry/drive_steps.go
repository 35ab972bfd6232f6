package registry

import (
	"fmt"
	"time"
)

// step takes an application one stage on, and its card where the stage changes it (nil: not touched).
func (r *Registry) step(a *Application, card *Card, stage string, now time.Time) (*Application, *Card) {
	next := *a
	next.Version, next.ChangedAt, next.Status, next.Defects, next.ReasonCode, next.AZ03.Remarks = a.Version+1, now, "05", nil, "", ""
	var changed *Card
	switch stage {
	case "batched":
		next.AZ03.BatchNo = batchNo(a)
	case "bank_opening":
		next.AZ03.BankTime0 = &now
	case "bank_opened":
		next.AZ03.BankFinishTime0, next.AccountTail = &now, fmt.Sprintf("%04d", r.serial()%10_000)
	case "producing":
		next.AZ03.InsureTime = &now
		if card == nil && a.Replaces == "" { // of a replacement nothing is a card before it is handed over
			changed = r.blank(a, now)
			next.CardRef = changed.Ref
		}
	case "produced":
		next.AZ03.InsureFinishTime = &now
	case "at_outlet":
		next.AZ03.ProvinceTime, next.AZ03.CityTime = &now, &now
		if a.Replaces != "" {
			break
		}
		changed = moved(card, now, func(c *Card) { c.PersonStatus = "02" })
	case "collected":
		next.AZ03.GetTime, next.Status = &now, "02"
		if a.Replaces != "" {
			break
		}
		changed = moved(card, now, func(c *Card) { c.PersonStatus, c.CollectedAt = "03", &now })
	case "enabled":
		changed = moved(card, now, func(c *Card) { c.PersonStatus, c.FinancialState, c.ActivatedAt = "04", "active", &now })
	}
	return &next, changed
}

// blank is the card an application is about to become.
func (r *Registry) blank(a *Application, now time.Time) *Card {
	p := r.st.persons.byID[a.PersonRef]
	c := &Card{Ref: fmt.Sprintf("c%012x", r.serial()), PersonRef: a.PersonRef, CardNo: fmt.Sprintf("N%08d", r.serial()%100_000_000),
		IssuingArea: p.District, BankCode: a.BankCode, BankFaceName: r.st.banks.byID[a.BankCode].Name, AccountTail: a.AccountTail,
		AAZ502: "1", PersonStatus: "01", FinancialState: "opened_inactive", IssuedOn: dayOf(now), ValidUntil: dayOf(now.AddDate(10, 0, 0)),
		OutletRef: a.OutletRef, Version: 1, ChangedAt: now}
	return c
}

func moved(card *Card, now time.Time, bend func(*Card)) *Card {
	next := *card
	bend(&next)
	next.Version, next.ChangedAt = card.Version+1, now
	return &next
}
