package registry

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// mostLines is what a line's number can count.
const mostLines = 999_999_999

var errNoBatch = errors.New("there is no streamed batch of this name that is not withdrawn")

// drivePayday announces a batch whose lines are streamed: h.Lines of them over the people of a district or of the city,
// or with none given one for each payee of the programme; sent, or at h.State credited. h.Odd bends single lines,
// h.Figures (count, total, digest) makes one announced figure wrong for ever.
func drivePayday(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	if h.Programme == "" {
		h.Programme = "41"
	}
	prog := r.programmeFor(h.Programme, dayOf(now))
	if prog == nil || h.District != "" && areaByCode(h.District) == nil || h.Lines < 0 || h.Lines > mostLines {
		return change{}, nil, errors.New("want a programme, a district of the city or none, and a number of lines")
	}
	month := h.LedgerMonth
	if month == "" {
		month = now.In(shanghai).Format("2006-01")
	}
	p := &payday{Batch: fmt.Sprintf("b%012x", r.serial()), Month: month, Programme: prog.Code, Edition: prog.ProgVersion, District: h.District,
		Count: h.Lines, AmountFen: h.AmountFen, Kind: individual, Period: month, Bank: h.PayingBank, At: now, ChangedAt: now, Odd: slices.Clone(h.Odd)}
	if prog.PayeeKind == household || h.PayeeKind == household {
		p.Kind = household
	}
	if err := r.bendPayday(p, h, now); err != nil {
		return change{}, nil, err
	}
	if r.settle(p); len(p.payees) == 0 {
		return change{}, nil, errors.New("nobody there can be paid")
	}
	b := &Batch{ID: p.Batch, LedgerMonth: month, Programme: prog.Code, ProgVersion: prog.ProgVersion, District: h.District, Department: prog.Department,
		PayingUnit: "洛阳市" + prog.Department, PayingBank: p.Bank, PeriodName: month, LinesBy: byStream, State: announced, Announced: now, Version: 1, ChangedAt: now}
	if b.District == "" {
		b.District = wholeCity
	}
	b.Count, b.TotalFen, b.DigestSM3 = p.figures()
	if err := r.makeReady(p); err != nil {
		return change{}, nil, err
	}
	switch h.Figures {
	case "":
	case "count":
		b.Count++
	case "total":
		b.TotalFen++
	case "digest":
		b.DigestSM3 = contentSM3([]byte(b.DigestSM3))
	default:
		return change{}, nil, errors.New("figures: want count, total or digest")
	}
	return change{Events: []event{happened(b, "batch.announced")}, Payday: p}, batchOutcome(b), nil
}

const (
	byStream  = "stream"
	announced = "announced"
	withdrawn = "withdrawn"
	wholeCity = "410300"
)

// bendPayday says in which state its lines are, and which of them are odd.
func (r *Registry) bendPayday(p *payday, h Happening, now time.Time) error {
	switch h.State {
	case "", "sent":
		p.State, p.Credited = "sent", nil
	case "credited":
		p.State, p.Credited = "credited", &now
		if h.CreditedAt != nil {
			p.Credited = ptr(instant(*h.CreditedAt))
		}
	default:
		return errors.New("state: want sent or credited")
	}
	for i, o := range p.Odd {
		if oddities[o.What] == nil || o.Line < 1 {
			return errors.New("odd: want a line and a known what")
		}
		if o.Citizen != "" {
			who, err := r.who(o.Citizen)
			if err != nil {
				return err
			}
			p.Odd[i].Citizen = who.Ref
		}
	}
	p.bend()
	return nil
}

// driveReannounce announces a streamed batch again, with newer lines: credited now, say. With h.Lines it has another
// number of them, which the contract forbids.
func driveReannounce(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	old, was := r.st.batches.byID[h.BatchID], r.st.paydays[h.BatchID]
	if was == nil || old.State == withdrawn {
		return change{}, nil, errNoBatch
	}
	p := *was
	p.Revision, p.ChangedAt = was.Revision+1, now
	if h.State == "" {
		h.State = was.State
		h.CreditedAt = was.Credited
	}
	if h.Lines > 0 {
		p.Count = h.Lines
	}
	if h.Odd != nil {
		p.Odd = slices.Clone(h.Odd)
	}
	if err := r.bendPayday(&p, h, now); err != nil {
		return change{}, nil, err
	}
	b := *old
	b.Version, b.ChangedAt = old.Version+1, now
	if h.Lines > 0 || h.Odd != nil {
		b.Count, b.TotalFen, b.DigestSM3 = p.figures()
	}
	if err := r.makeReady(&p); err != nil {
		return change{}, nil, err
	}
	return change{Events: []event{happened(&b, "batch.announced")}, Payday: &p}, batchOutcome(&b), nil
}

// driveWithdraw takes a batch back that was announced by mistake.
func driveWithdraw(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	old := r.st.batches.byID[h.BatchID]
	if old == nil || old.State == withdrawn {
		return change{}, nil, errNoBatch
	}
	b := *old
	b.State, b.Version, b.ChangedAt = withdrawn, old.Version+1, now
	return change{Events: []event{happened(&b, "batch.withdrawn")}}, batchOutcome(&b), nil
}

func batchOutcome(b *Batch) Outcome {
	return Outcome{"batch_id": b.ID, "ledger_month": b.LedgerMonth, "programme": b.Programme, "district": b.District, "count": strconv.Itoa(b.Count),
		"total_fen": strconv.FormatInt(b.TotalFen, 10), "digest_sm3": b.DigestSM3, "version": strconv.FormatInt(b.Version, 10), "state": b.State}
}
