package registry

import (
	"fmt"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// payments makes the pilot payments of 2021 and two years of payments up to the start month, month by month.
func (b *builder) payments() {
	inSystem := b.inSystemSet()
	entitled := b.entitled()
	b.pilot()
	reissues := map[int][]*PaymentLine{} // by month index in which they are paid again
	for m := range historyMonths {
		month := b.start.AddDate(0, m-historyMonths, 0)
		for number := 1; number <= len(programmeSeeds); number++ {
			if !due(number, month, m) {
				continue
			}
			byDistrict := map[string][]*Person{}
			for _, p := range entitled[number] {
				if b.payable(p) && inSystem[p.Ref] {
					byDistrict[p.District] = append(byDistrict[p.District], p)
				}
			}
			for i := range areas {
				if ps := byDistrict[areas[i].code]; len(ps) > 0 {
					b.regularBatch(number, &areas[i], month, m, ps, reissues)
				}
			}
		}
		b.reissueBatches(month, reissues[m])
	}
}

const historyMonths = 24

// due tells whether an item is paid in a month.
func due(number int, month time.Time, m int) bool {
	calendar := int(month.Month())
	switch programmeSeeds[number-1].cadence {
	case monthly:
		return true
	case quarterly:
		return calendar%3 == 0
	case termly:
		return calendar == 4 || calendar == 10
	case yearly:
		return calendar == 1+(number*5+5)%12 // item 2, the large one, in April
	default:
		return m == (number*7)%historyMonths || m == historyMonths-1-number%5
	}
}

// newBatch begins a batch of one programme, district and month; its lines are added by line.
func (b *builder) newBatch(code, dept string, a *area, month time.Time, period string) *Batch {
	return &Batch{ID: b.ref("b"), LedgerMonth: month.Format("2006-01"), Programme: code, ProgVersion: 1, District: a.code, Department: dept,
		PayingUnit: a.name + dept, PeriodName: period, LinesBy: "feed", Version: 1,
		Posting: &Posting{Place: a.towns[0] + "政务公开栏", From: dayOf(month.AddDate(0, 0, 1)), To: dayOf(month.AddDate(0, 0, 10)),
			Office: a.name + dept, Phone: fmt.Sprintf("0379-%08d", 63000000+int(a.code[5])*1000+len(code))}}
}

func (b *builder) regularBatch(number int, a *area, month time.Time, m int, ps []*Person, reissues map[int][]*PaymentLine) {
	s := programmeSeeds[number-1]
	credited := month.AddDate(0, 0, 13+number%11).Add(10*time.Hour + time.Duration(number)*time.Minute)
	batch := b.newBatch(programmeCode(number), s.dept, a, month, periodName(s.cadence, month))
	batch.PayingBank = b.payer(a.code, number, dayOf(credited))
	for _, p := range ps {
		pay := b.cardOf[p.Ref]
		last := m == historyMonths-1
		if !last && (pay.FinancialState == "opened_inactive" || pay.FinancialState == "not_opened") {
			continue
		}
		l := b.line(batch, p, amountFen(number, p), credited)
		if s.payee == household || s.payee == either && p.IsHead {
			b.toHousehold(l, p, number)
		}
		switch {
		case last && pay.FinancialState != "active":
			fail(l, returnReason(pay.FinancialState))
		case m < historyMonths-1 && !l.OldChannel && (b.r.IntN(140) == 0 || b.isWangsReturn(p, number, m)):
			fail(l, []string{"NAME_MISMATCH", "ACCOUNT_INACTIVE", "ACCOUNT_DORMANT", "WRONG_BANK"}[b.r.IntN(4)])
			reissues[m+1] = append(reissues[m+1], l)
		}
	}
	b.close(batch)
	if m == historyMonths-1 {
		b.leaveUnderway(batch)
	}
}

// isWangsReturn gives the named citizen wang one returned and reissued payment, five months before the start.
func (b *builder) isWangsReturn(p *Person, number, m int) bool {
	return p.IDNumber == ruleA && number == 41 && m == historyMonths-5
}

// line adds one payment to the batch, credited at the given instant.
func (b *builder) line(batch *Batch, p *Person, fen int64, credited time.Time) *PaymentLine {
	no := batch.Count + 1
	b.creditSeq++
	credited = instant(credited)
	pay := b.cardOf[p.Ref]
	l := &PaymentLine{ID: batch.ID + "/" + strconv.Itoa(no), LineKey: LineKey{batch.LedgerMonth, batch.ID, no}, Programme: batch.Programme,
		ProgVersion: 1, District: batch.District, BeneficiaryRef: p.Ref, PayeeRef: p.Ref, PayeeKind: individual, AmountFen: fen,
		PeriodName: batch.PeriodName, State: "credited",
		PlannedAt: ptr(credited.AddDate(0, 0, -12)), PublicisedAt: ptr(credited.AddDate(0, 0, -11)), ApprovedAt: ptr(credited.AddDate(0, 0, -2)),
		SentAt: ptr(credited.Add(-20 * time.Hour)), CreditedAt: &credited,
		CreditNo:   fmt.Sprintf("%s%08d", credited.In(shanghai).Format("20060102"), b.creditSeq),
		PayingBank: batch.PayingBank, AccountBank: pay.BankCode, AccountTail: pay.AccountTail, Version: 5, ChangedAt: credited}
	if dayOf(credited) < areaByCode(batch.District).onboarded {
		l.OldChannel, l.AccountBank, l.AccountTail = true, "", ""
	}
	batch.Count, batch.TotalFen = no, batch.TotalFen+fen
	b.city.lines = append(b.city.lines, l)
	return l
}

// toHousehold marks a payment as the household's. In a few households another member is paid, with reason and approver.
func (b *builder) toHousehold(l *PaymentLine, head *Person, number int) {
	l.PayeeKind, l.HouseholdRef = household, head.HouseholdRef
	home := b.members[head.HouseholdRef]
	if number != 2 || len(home) < 2 || head.BirthDate[9] != '7' {
		return
	}
	if other := b.cardOf[home[1].Ref]; other != nil && home[1].Relation == "spouse" && other.FinancialState == "active" && !l.OldChannel {
		l.PayeeRef, l.AccountBank, l.AccountTail = home[1].Ref, other.BankCode, other.AccountTail
		l.Exception = &Exception{Reason: "head_absent", Approver: "乡镇财政所"}
	}
}

// fail turns a payment into a returned one.
func fail(l *PaymentLine, reason string) {
	returned := l.CreditedAt.Add(3 * time.Hour)
	l.State, l.ReturnReason, l.ReturnedAt, l.CreditedAt, l.CreditNo, l.ChangedAt = "returned", reason, &returned, nil, "", returned
}

// reissueBatches pays returned lines again, a batch for each, and links both.
func (b *builder) reissueBatches(month time.Time, returned []*PaymentLine) {
	for _, l := range returned {
		a := areaByCode(l.District)
		batch := b.newBatch(l.Programme, b.programme(l.Programme).Department, a, month, l.PeriodName)
		batch.Reissue, batch.PayingBank = true, l.PayingBank
		again := b.line(batch, b.people[l.BeneficiaryRef], l.AmountFen, month.AddDate(0, 0, 14).Add(15*time.Hour))
		again.PayeeRef, again.PayeeKind, again.HouseholdRef, again.Exception = l.PayeeRef, l.PayeeKind, l.HouseholdRef, l.Exception
		again.AccountBank, again.AccountTail = l.AccountBank, l.AccountTail
		again.ReissueOf, l.ReissuedAs = ptr(l.LineKey), ptr(again.LineKey)
		l.State, l.Version, l.ChangedAt = "reissued", 6, *again.PlannedAt
		b.close(batch)
	}
}

// close writes the figures of a finished batch.
func (b *builder) close(batch *Batch) {
	ls := b.city.lines[len(b.city.lines)-batch.Count:]
	if batch.Count == 0 {
		return
	}
	batch.DigestSM3 = digest(ls)
	batch.Announced = *ls[0].PlannedAt
	batch.ChangedAt = batch.Announced
	b.city.batches = append(b.city.batches, batch)
}

// digest is the checksum of what may not change any more in a batch: number, beneficiary and amount of each line.
func digest(ls []*PaymentLine) string {
	h := sm3.New()
	for _, l := range ls {
		fmt.Fprintf(h, "%d|%s|%d\n", l.LineNo, l.BeneficiaryRef, l.AmountFen)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func returnReason(financial string) string {
	switch financial {
	case "closed":
		return "ACCOUNT_CLOSED"
	case "loss":
		return "ACCOUNT_LOST"
	case "frozen":
		return "ACCOUNT_DORMANT"
	case "unknown":
		return "NAME_MISMATCH"
	}
	return "ACCOUNT_INACTIVE"
}
