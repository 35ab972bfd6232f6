package nontax

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// issue makes the receipt of a paid demand: a code of eight digits (area, class, kind, year), a number of ten, a check code.
func (p *Platform) issue(d *demand) {
	p.count++
	d.receipt = receipt{Code: "41060" + "1" + p.o.Now().In(beijing).Format("06"), Number: fmt.Sprintf("%010d", p.count), Check: rand.Text()[:6], State: "issued", IssuedAt: p.o.Now()}
}

func (p *Platform) receiptBody(d *demand) map[string]any {
	r := d.receipt
	return map[string]any{
		"demand": d.Number, "unit": p.o.Unit, "payer_name": d.Payer, "code": r.Code, "number": r.Number, "check_code": r.Check, "state": r.State,
		"issued_at": r.IssuedAt.Format(time.RFC3339), "url": "https://receipts.example.cn/" + r.Code + "/" + r.Number,
	}
}

func (p *Platform) showReceipt(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.demands[r.PathValue("number")]
	if d == nil || d.receipt.State == "" {
		p.refuse(w, r, http.StatusNotFound, "NO_RECEIPT")
		return
	}
	p.answer(w, r, http.StatusOK, p.receiptBody(d))
}

// HoldReceipts makes receipts wait until IssueReceipts; else each is issued with its payment.
func (p *Platform) HoldReceipts(hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holdReceipts = hold
}

// IssueReceipts issues those that wait and sends the notice of each so many times.
func (p *Platform) IssueReceipts(notices int) (taken int, err error) {
	type sent struct {
		to string
		s  Sealed
	}
	var out []sent
	p.mu.Lock()
	for _, number := range p.made {
		d := p.demands[number]
		if d.State != paid || d.receipt.State != "" {
			continue
		}
		p.issue(d)
		s, sealErr := p.seal("E-"+d.receipt.Number, "receipt", p.receiptBody(d))
		if sealErr != nil {
			err = sealErr
		}
		out = append(out, sent{d.NotifyURL, s})
	}
	p.mu.Unlock()
	for _, one := range out {
		for range notices {
			if err == nil && p.deliver(one.to, one.s) {
				taken++
			}
		}
	}
	return taken, err
}
