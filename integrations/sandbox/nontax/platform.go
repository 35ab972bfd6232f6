// Package nontax pretends to be the finance bureau's platform for non-tax revenue (非税收入收缴): payment codes, fiscal
// e-receipts, applications for refunds with their approval, and the settlement of a day. Requests are believed only when
// the collecting unit signed them; answers and notices are signed. It knows nothing of the product.
package nontax

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Options are the collecting unit whom the platform knows, and its own key.
type Options struct {
	Unit    string         // code of the collecting unit (执收单位)
	Items   []string       // codes of the items it may charge
	UnitKey *rsa.PublicKey // what the unit signs with
	Key     *rsa.PrivateKey
	Now     func() time.Time // time.Now when nil
}

// The states of a demand.
const (
	unpaid = "unpaid"
	paid   = "paid"
	void   = "void"
)

// demand is one payment notice (缴款书): who owes what, under a code by which anybody may pay it.
type demand struct {
	Number, Item, Payer, Purpose, NotifyURL, Code string
	Amount                                        int64 // fen
	Expires, PaidAt                               time.Time
	State, Serial                                 string
	receipt                                       receipt
}

// receipt is a fiscal e-receipt.
type receipt struct {
	Code, Number, Check, State string // issued or red_reversed; no state: not issued
	IssuedAt                   time.Time
}

// The stages of an application for a refund.
const (
	applied  = "applied"
	approved = "approved"
	rejected = "rejected"
	paidBack = "paid_back"
)

type refund struct {
	Number, Demand, Reason, Stage, Serial string
	Amount                                int64
	DoneAt                                time.Time
}

// Platform is the pretend finance platform. Safe for use by many at once.
type Platform struct {
	o      Options
	items  map[string]bool
	client *http.Client
	faults fault.Plan

	mu           sync.Mutex
	demands      map[string]*demand
	made         []string
	refunds      map[string]*refund
	refundsMade  []string
	unsettled    map[string]bool
	holdRefunds  bool
	holdReceipts bool
	count        int
}

// New makes a platform.
func New(o Options) (*Platform, error) {
	if o.Unit == "" || o.UnitKey == nil || o.Key == nil || len(o.Items) == 0 {
		return nil, errors.New("nontax sandbox: a unit, its items and both keys are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Platform{o: o, items: map[string]bool{}, client: &http.Client{Timeout: 5 * time.Second}, demands: map[string]*demand{}, refunds: map[string]*refund{}, unsettled: map[string]bool{}}
	for _, item := range o.Items {
		p.items[item] = true
	}
	return p, nil
}

// Handler serves the platform's paths, and the page on which anybody pays by code.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/demands", p.signed(p.makeDemand))
	mux.HandleFunc("GET /v1/demands/{number}", p.signed(p.showDemand))
	mux.HandleFunc("POST /v1/demands/{number}/void", p.signed(p.voidDemand))
	mux.HandleFunc("GET /v1/receipts/{number}", p.signed(p.showReceipt))
	mux.HandleFunc("POST /v1/refunds", p.signed(p.makeRefund))
	mux.HandleFunc("GET /v1/refunds/{number}", p.signed(p.showRefund))
	mux.HandleFunc("GET /v1/settlements/{day}", p.signed(p.settlement))
	mux.HandleFunc("GET /cashier", p.cashier)
	mux.HandleFunc("POST /cashier", p.atCashier)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.refuse(w, r, http.StatusNotFound, "NOT_FOUND") })
	return whole(p.faults.Wrap(mux, func(r *http.Request) string { return r.Method + " " + r.URL.Path }, func(w http.ResponseWriter, r *http.Request, code string) {
		if code == "" {
			code = "SYSTEM_ERROR"
		}
		p.refuse(w, r, http.StatusInternalServerError, code)
	}))
}

// Faults is where the desk orders failures; operations are called by method and path.
func (p *Platform) Faults() *fault.Plan { return &p.faults }

// whole reads the body first: only then does the server notice a caller who has left.
func whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// find gives a demand by its number, its payment code, or, for an empty name, the newest.
func (p *Platform) find(name string) (*demand, error) {
	if name == "" && len(p.made) > 0 {
		name = p.made[len(p.made)-1]
	}
	if d := p.demands[name]; d != nil {
		return d, nil
	}
	for _, d := range p.demands {
		if d.Code == name {
			return d, nil
		}
	}
	return nil, errors.New("no such demand")
}
