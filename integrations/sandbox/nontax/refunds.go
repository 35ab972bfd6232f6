package nontax

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// makeRefund takes an application. The same number again is the same application, and tells how far it is.
func (p *Platform) makeRefund(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Number string `json:"number"`
		Demand string `json:"demand"`
		Amount string `json:"amount"`
		Reason string `json:"reason"`
	}
	if json.Unmarshal(body, &in) != nil || !numberForm.MatchString(in.Number) || fenOf(in.Amount) < 1 || in.Reason == "" {
		p.refuse(w, r, http.StatusBadRequest, "PARAM_ERROR")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	d, have := p.demands[in.Demand], p.refunds[in.Number]
	switch {
	case d == nil:
		p.refuse(w, r, http.StatusNotFound, "NO_DEMAND")
	case have != nil && (have.Demand != in.Demand || have.Amount != fenOf(in.Amount)):
		p.refuse(w, r, http.StatusConflict, "DIFFERENT")
	case have != nil:
		p.step(have)
		p.answer(w, r, http.StatusOK, p.refundBody(have))
	case d.State != paid || p.applied(d.Number)+fenOf(in.Amount) > d.Amount:
		p.refuse(w, r, http.StatusConflict, "NOT_REFUNDABLE")
	default:
		p.count++
		have = &refund{Number: in.Number, Demand: in.Demand, Reason: in.Reason, Stage: applied, Amount: fenOf(in.Amount), Serial: fmt.Sprintf("RF%08d", p.count)}
		p.refunds[in.Number] = have
		p.refundsMade = append(p.refundsMade, in.Number)
		p.answer(w, r, http.StatusOK, p.refundBody(have))
	}
}

func (p *Platform) applied(number string) (sum int64) {
	for _, r := range p.refunds {
		if r.Demand == number {
			sum += r.Amount
		}
	}
	return sum
}

// step lets the bureau go on with an application each time it is asked about; the real one takes days.
func (p *Platform) step(r *refund) {
	if p.holdRefunds {
		return
	}
	switch r.Stage {
	case applied:
		r.Stage = approved
	case approved:
		p.settle(r, paidBack)
	}
}

func (p *Platform) settle(r *refund, stage string) {
	r.Stage = stage
	if stage == paidBack {
		r.DoneAt = p.o.Now()
		if d := p.demands[r.Demand]; d.receipt.State != "" {
			d.receipt.State = "red_reversed"
		}
	}
}

func (p *Platform) refundBody(r *refund) map[string]any {
	out := map[string]any{"number": r.Number, "demand": r.Demand, "unit": p.o.Unit, "amount": yuanOf(r.Amount), "stage": r.Stage, "serial": r.Serial}
	if r.Stage == paidBack {
		out["done_at"] = r.DoneAt.Format(time.RFC3339)
	}
	return out
}

func (p *Platform) showRefund(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.refunds[r.PathValue("number")]; have != nil {
		p.step(have)
		p.answer(w, r, http.StatusOK, p.refundBody(have))
		return
	}
	p.refuse(w, r, http.StatusNotFound, "NO_REFUND")
}

// HoldRefunds makes applications wait until SettleRefund.
func (p *Platform) HoldRefunds(hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holdRefunds = hold
}

// SettleRefund decides applications that are open (an empty number: every one) as approved, rejected or paid_back, and
// sends the notice of each so many times.
func (p *Platform) SettleRefund(number, stage string, notices int) (taken int, err error) {
	if !slices.Contains([]string{approved, rejected, paidBack}, stage) {
		return 0, errors.New("want approved, rejected or paid_back")
	}
	var out []Sealed
	var to []string
	p.mu.Lock()
	for _, name := range p.refundsMade {
		r := p.refunds[name]
		if number != "" && number != name || r.Stage == paidBack {
			continue
		}
		p.settle(r, stage)
		s, sealErr := p.seal("R-"+r.Serial+stage, "refund", p.refundBody(r))
		if sealErr != nil {
			err = sealErr
		}
		out, to = append(out, s), append(to, p.demands[r.Demand].NotifyURL)
	}
	p.mu.Unlock()
	if len(out) == 0 {
		return 0, errors.New("no application is open")
	}
	for i, s := range out {
		for range notices {
			if err == nil && p.deliver(to[i], s) {
				taken++
			}
		}
	}
	return taken, err
}

// settlement is what the bureau booked on a day that is over.
func (p *Platform) settlement(w http.ResponseWriter, r *http.Request, _ []byte) {
	name := r.PathValue("day")
	day, err := time.ParseInLocation(time.DateOnly, name, beijing)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || p.o.Now().Before(day.AddDate(0, 0, 1)) {
		p.refuse(w, r, http.StatusConflict, "NOT_READY")
		return
	}
	on := func(t time.Time) bool { return !t.IsZero() && t.In(beijing).Format(time.DateOnly) == name }
	lines := []map[string]string{}
	for _, number := range p.made {
		if d := p.demands[number]; on(d.PaidAt) && !p.unsettled[number] {
			lines = append(lines, map[string]string{"demand": number, "serial": d.Serial, "refund": "", "amount": yuanOf(d.Amount)})
		}
	}
	for _, number := range p.refundsMade {
		if x := p.refunds[number]; on(x.DoneAt) {
			lines = append(lines, map[string]string{"demand": x.Demand, "serial": p.demands[x.Demand].Serial, "refund": number, "amount": yuanOf(x.Amount)})
		}
	}
	p.answer(w, r, http.StatusOK, map[string]any{"day": name, "unit": p.o.Unit, "lines": lines})
}

// Unsettled leaves a demand out of its day's settlement.
func (p *Platform) Unsettled(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, err := p.find(name)
	if err == nil {
		p.unsettled[d.Number] = true
	}
	return err
}
