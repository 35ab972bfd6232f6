package nontax

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	numberForm = regexp.MustCompile(`^[0-9A-Za-z]{6,40}$`)
	yuanForm   = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.[0-9]{2}$`)
	beijing    = time.FixedZone("CST", 8*60*60)
)

func fenOf(yuan string) int64 {
	if !yuanForm.MatchString(yuan) {
		return -1
	}
	n, err := strconv.ParseInt(strings.Replace(yuan, ".", "", 1), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func yuanOf(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// makeDemand gives a payment code. The same number with the same content is the same demand.
func (p *Platform) makeDemand(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Number    string    `json:"number"`
		Unit      string    `json:"unit"`
		Item      string    `json:"item"`
		Amount    string    `json:"amount"`
		Payer     string    `json:"payer_name"`
		Purpose   string    `json:"purpose"`
		Expires   time.Time `json:"expires_at"`
		NotifyURL string    `json:"notify_url"`
	}
	err := json.Unmarshal(body, &in)
	d := demand{Number: in.Number, Item: in.Item, Payer: in.Payer, Purpose: in.Purpose, NotifyURL: in.NotifyURL, Amount: fenOf(in.Amount), Expires: in.Expires, State: unpaid}
	to, urlErr := url.Parse(in.NotifyURL)
	if err != nil || urlErr != nil || to.Host == "" || !numberForm.MatchString(d.Number) || d.Amount < 1 || d.Payer == "" || d.Purpose == "" || d.Expires.IsZero() || in.Unit != p.o.Unit || !p.items[d.Item] {
		p.refuse(w, r, http.StatusBadRequest, "PARAM_ERROR")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	have := p.demands[d.Number]
	switch {
	case have == nil:
		p.count++
		d.Code = fmt.Sprintf("4103%s%08d", p.o.Now().In(beijing).Format("20060102"), p.count)
		have = &d
		p.demands[d.Number] = have
		p.made = append(p.made, d.Number)
	case have.State == paid:
		p.refuse(w, r, http.StatusConflict, "PAID")
		return
	case p.stateOf(have) == void:
		p.refuse(w, r, http.StatusConflict, "VOID")
		return
	case have.Amount != d.Amount || have.Item != d.Item || have.Payer != d.Payer || !have.Expires.Equal(d.Expires):
		p.refuse(w, r, http.StatusConflict, "DIFFERENT")
		return
	}
	p.answer(w, r, http.StatusOK, p.demandBody(have))
}

// stateOf is a demand's state now: one whose time is over is void.
func (p *Platform) stateOf(d *demand) string {
	if d.State == unpaid && !p.o.Now().Before(d.Expires) {
		d.State = void
	}
	return d.State
}

func (p *Platform) demandBody(d *demand) map[string]any {
	out := map[string]any{"number": d.Number, "unit": p.o.Unit, "item": d.Item, "amount": yuanOf(d.Amount), "payment_code": d.Code, "state": p.stateOf(d)}
	if d.State == paid {
		out["serial"], out["paid_at"] = d.Serial, d.PaidAt.Format(time.RFC3339)
	}
	return out
}

func (p *Platform) showDemand(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.demands[r.PathValue("number")]; d != nil {
		p.answer(w, r, http.StatusOK, p.demandBody(d))
		return
	}
	p.refuse(w, r, http.StatusNotFound, "NO_DEMAND")
}

func (p *Platform) voidDemand(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.demands[r.PathValue("number")]
	switch {
	case d == nil:
		p.refuse(w, r, http.StatusNotFound, "NO_DEMAND")
	case d.State == paid:
		p.refuse(w, r, http.StatusConflict, "PAID")
	default:
		d.State = void
		p.answer(w, r, http.StatusOK, p.demandBody(d))
	}
}

// Pay lets anybody pay a demand, named by number or payment code, and sends its notice so many times; 0 sends none, as
// when it is lost. It tells how many were taken.
func (p *Platform) Pay(name string, notices int) (taken int, err error) {
	p.mu.Lock()
	d, err := p.find(name)
	switch {
	case err != nil:
	case p.stateOf(d) != unpaid:
		err = fmt.Errorf("the demand is %s", d.State)
	default:
		p.count++
		d.State, d.PaidAt, d.Serial = paid, p.o.Now(), fmt.Sprintf("NT%s%08d", p.o.Now().In(beijing).Format("20060102"), p.count)
		if !p.holdReceipts {
			p.issue(d)
		}
	}
	p.mu.Unlock()
	if err != nil || notices == 0 {
		return 0, err
	}
	return p.Notify(d.Number, notices)
}

// FailToPay is a bank that refuses: nothing changes.
func (p *Platform) FailToPay(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, err := p.find(name)
	if err == nil && p.stateOf(d) != unpaid {
		err = fmt.Errorf("the demand is %s", d.State)
	}
	return err
}

// Notify sends the notice of a paid demand n times more, under one id.
func (p *Platform) Notify(name string, n int) (taken int, err error) {
	s, to, err := p.NoticeOf(name, nil)
	for range n {
		if err == nil && p.deliver(to, s) {
			taken++
		}
	}
	return taken, err
}

// NoticeOf is the notice of a paid demand and where it goes, with its content changed: for words that do not fit.
func (p *Platform) NoticeOf(name string, change func(content map[string]any)) (s Sealed, to string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, err := p.find(name)
	if err == nil && d.State != paid {
		err = errors.New("the demand is not paid")
	}
	if err != nil {
		return Sealed{}, "", err
	}
	content := p.demandBody(d)
	if change != nil {
		change(content)
	}
	s, err = p.seal("P-"+d.Serial, "demand", content)
	return s, d.NotifyURL, err
}
