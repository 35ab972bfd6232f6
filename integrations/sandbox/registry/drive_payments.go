package registry

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// driveCredit pays a citizen: a new batch of one line, announced, sent and credited (or left at h.State).
// h.Times repeats the last event, as an at-least-once feed may.
func driveCredit(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	batch, line, err := r.newPayment(p, h, now)
	if err != nil {
		return change{}, nil, err
	}
	if h.Period != "" {
		batch.PeriodName, line.PeriodName = h.Period, h.Period
	}
	return r.paid(batch, line, h, now)
}

// driveReturn is a payment the bank could not credit: of a new batch, or of a line that was sent.
func driveReturn(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	if h.Reason == "" {
		h.Reason = "ACCOUNT_INACTIVE"
	}
	h.State = "returned"
	if h.LineID == "" {
		return driveCredit(r, h, now)
	}
	l := r.lineNow(h.LineID)
	if l == nil || l.State != "sent" {
		return change{}, nil, errNoLine
	}
	next := advanced(l, "returned", h, now)
	return change{Events: []event{happened(next, "payment_line.returned")}}, lineOutcome(next), nil
}

// driveReissue pays the citizen's last returned line again and links both.
func driveReissue(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	p, err := r.who(h.Citizen)
	if err != nil {
		return change{}, nil, err
	}
	var old *PaymentLine
	for _, id := range slices.Backward(r.st.linesTo[p.Ref]) {
		if l := r.st.lines.byID[id]; l.State == "returned" && (h.LineID == "" || h.LineID == id) {
			old = l
			break
		}
	}
	if old == nil {
		return change{}, nil, errNoLine
	}
	h.Programme, h.AmountFen, h.PayeeKind, h.Payee, h.Exception = old.Programme, old.AmountFen, old.PayeeKind, old.PayeeRef, old.Exception
	batch, line, err := r.newPayment(p, h, now)
	if err != nil {
		return change{}, nil, err
	}
	batch.Reissue, line.ReissueOf, line.PeriodName = true, ptr(old.LineKey), old.PeriodName
	back := *old
	back.State, back.ReissuedAs, back.Version, back.ChangedAt = "reissued", ptr(line.LineKey), old.Version+1, now
	c, out, err := r.paid(batch, line, h, now)
	c.Events = append([]event{happened(&back, "payment_line.reissued")}, c.Events...)
	return c, out, err
}

// driveAdvance moves a line on to the next state, or to h.State.
func driveAdvance(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	l := r.lineNow(h.LineID)
	if l == nil {
		return change{}, nil, errNoLine
	}
	want := h.State
	if i := slices.Index(lineStates, l.State); want == "" && i >= 0 && i+1 < len(lineStates) {
		want = lineStates[i+1]
	}
	if !slices.Contains(lineStates, want) {
		return change{}, nil, errNoLine
	}
	next := advanced(l, want, h, now)
	return change{Events: []event{happened(next, "payment_line."+want)}}, lineOutcome(next), nil
}

// lineStates is the way of a payment that goes well.
var lineStates = []string{"planned", "publicised", "approved", "sent", "credited"}

// newPayment makes a batch of one line in state planned.
func (r *Registry) newPayment(p *Person, h Happening, now time.Time) (*Batch, *PaymentLine, error) {
	if h.Programme == "" {
		h.Programme = "41"
	}
	prog := r.programmeFor(h.Programme, dayOf(now))
	if prog == nil {
		return nil, nil, errors.New("unknown programme: want a code or a number of the list")
	}
	payee := p
	if h.Payee != "" {
		other, err := r.who(h.Payee)
		if err != nil {
			return nil, nil, err
		}
		payee = other
	}
	month := h.LedgerMonth
	if month == "" {
		month = now.In(shanghai).Format("2006-01")
	}
	if h.AmountFen == 0 {
		h.AmountFen = 12_300
	}
	b := &Batch{ID: fmt.Sprintf("b%012x", r.serial()), LedgerMonth: month, Programme: prog.Code, ProgVersion: prog.ProgVersion, District: p.District,
		Department: prog.Department, PayingUnit: areaByCode(p.District).name + prog.Department, PayingBank: h.PayingBank, PeriodName: month,
		Count: 1, TotalFen: h.AmountFen, LinesBy: "feed", Announced: now, Version: 1, ChangedAt: now}
	if banks := payingBanks(r.bankList(), p.District, dayOf(now)); b.PayingBank == "" && len(banks) > 0 {
		b.PayingBank = banks[0].Code
	}
	l := &PaymentLine{ID: b.ID + "/1", LineKey: LineKey{month, b.ID, 1}, Programme: prog.Code, ProgVersion: prog.ProgVersion, District: p.District,
		BeneficiaryRef: p.Ref, PayeeRef: payee.Ref, PayeeKind: individual, AmountFen: h.AmountFen, PeriodName: month, Exception: h.Exception,
		PayingBank: b.PayingBank, State: "planned", PlannedAt: &now, Version: 1, ChangedAt: now}
	if h.PayeeKind == household || h.PayeeKind == "" && prog.PayeeKind == household {
		l.PayeeKind, l.HouseholdRef = household, p.HouseholdRef
	}
	if c := r.cardFor(payee.Ref); c != nil {
		l.AccountBank, l.AccountTail = c.BankCode, c.AccountTail
	}
	b.DigestSM3 = digest([]*PaymentLine{l})
	return b, l, nil
}

// paid publishes a batch and its line up to the wanted state: the line as sent, then as credited or returned.
func (r *Registry) paid(b *Batch, l *PaymentLine, h Happening, now time.Time) (change, Outcome, error) {
	want := h.State
	if want == "" {
		want = "credited"
	}
	c := change{Events: []event{happened(b, "batch.announced")}}
	for _, s := range lineStates[1:] {
		if l.State == want || s == "credited" {
			break
		}
		if s == "sent" && h.WithoutSent {
			continue
		}
		l = advanced(l, s, h, now)
	}
	c.Events = append(c.Events, happened(l, "payment_line."+l.State))
	if want == "credited" || want == "returned" {
		l = advanced(l, want, h, now)
		c.Events = append(c.Events, happened(l, "payment_line."+want))
	}
	if l.State != want {
		return change{}, nil, errors.New("unknown state of a payment")
	}
	return c, lineOutcome(l), nil
}

// advanced is the line in its next state, with the instant of it.
func advanced(l *PaymentLine, state string, h Happening, now time.Time) *PaymentLine {
	next := *l
	when := now
	if h.CreditedAt != nil {
		when = instant(*h.CreditedAt)
	}
	next.State, next.Version, next.ChangedAt = state, l.Version+1, now
	switch state {
	case "publicised":
		next.PublicisedAt = &when
	case "approved":
		next.ApprovedAt = &when
	case "sent":
		next.SentAt = &when
	case "credited":
		next.CreditedAt, next.CreditNo = &when, fmt.Sprintf("%sD%s", when.In(shanghai).Format("20060102"), l.BatchID[1:])
	case "returned":
		next.ReturnedAt, next.ReturnReason = &when, h.Reason
	}
	return &next
}

func lineOutcome(l *PaymentLine) Outcome {
	return Outcome{"line_id": l.ID, "batch_id": l.BatchID, "ledger_month": l.LedgerMonth, "person_ref": l.BeneficiaryRef, "credit_no": l.CreditNo, "state": l.State}
}

func (r *Registry) bankList() []*Bank {
	out := make([]*Bank, 0, len(r.st.banks.order))
	for _, code := range r.st.banks.order {
		out = append(out, r.st.banks.byID[code])
	}
	return out
}
