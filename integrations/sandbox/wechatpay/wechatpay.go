// Package wechatpay pretends to be WeChat Pay v3, as far as our product speaks to it: JSAPI trades, refunds, bills, and
// the notices it sends. It keeps state, believes only signed requests, signs its answers and notices, seals what a
// notice tells, and refuses with the vendor's own error bodies. It knows nothing of the product.
package wechatpay

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Options are the merchant whom the platform knows, and its own keys.
type Options struct {
	MchID       string
	Serial      string         // of the merchant's certificate
	MerchantKey *rsa.PublicKey // what the merchant signs with
	Key         *rsa.PrivateKey
	KeyID       string // names Key: PUB_KEY_ID_… or a certificate's serial
	APIv3Key    string // 32 characters
	AppIDs      []string
	Now         func() time.Time // time.Now when nil
}

type trade struct {
	Number, AppID, OpenID, Description, NotifyURL, PrepayID string
	Total                                                   int64
	Expires                                                 time.Time
	State                                                   string // NOTPAY, SUCCESS, REFUND, CLOSED, PAYERROR
	TransactionID                                           string
	PaidAt                                                  time.Time
}

type refund struct {
	Number, ID, Trade, Reason, NotifyURL, Status string
	Amount                                       int64
	MadeAt, DoneAt                               time.Time
}

// Platform is the pretend WeChat Pay. Safe for use by many at once.
type Platform struct {
	o      Options
	apps   map[string]bool
	client *http.Client
	faults fault.Plan

	mu       sync.Mutex
	trades   map[string]*trade
	refunds  map[string]*refund
	order    []string // trades in the order they were made
	unbilled map[string]bool
	holds    bool // refunds stay PROCESSING until they are settled
	count    int
}

// New makes a platform.
func New(o Options) (*Platform, error) {
	if o.Key == nil || o.MerchantKey == nil || len(o.APIv3Key) != 32 || o.MchID == "" {
		return nil, errors.New("wechatpay sandbox: merchant, keys and an APIv3 key of 32 characters are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Platform{o: o, apps: map[string]bool{}, client: &http.Client{Timeout: 5 * time.Second}, trades: map[string]*trade{}, refunds: map[string]*refund{}, unbilled: map[string]bool{}}
	for _, id := range o.AppIDs {
		p.apps[id] = true
	}
	return p, nil
}

// Handler serves the vendor's paths.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/pay/transactions/jsapi", p.signed(p.prepay))
	mux.HandleFunc("GET /v3/pay/transactions/out-trade-no/{number}", p.signed(p.query))
	mux.HandleFunc("POST /v3/pay/transactions/out-trade-no/{number}/close", p.signed(p.close))
	mux.HandleFunc("POST /v3/refund/domestic/refunds", p.signed(p.makeRefund))
	mux.HandleFunc("GET /v3/refund/domestic/refunds/{number}", p.signed(p.queryRefund))
	mux.HandleFunc("GET /v3/bill/tradebill", p.signed(p.tradeBill))
	mux.HandleFunc("GET /v3/billdownload/file", p.signed(p.billFile))
	mux.HandleFunc("GET /cashier", p.cashier)
	mux.HandleFunc("POST /cashier", p.atCashier)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		p.refuse(w, http.StatusNotFound, "RESOURCE_NOT_EXISTS", "请求的资源不存在")
	})
	return whole(p.faults.Wrap(mux, func(r *http.Request) string { return r.Method + " " + r.URL.Path }, func(w http.ResponseWriter, _ *http.Request, code string) {
		if code == "" {
			code = "SYSTEM_ERROR"
		}
		p.refuse(w, http.StatusInternalServerError, code, "系统异常,请稍后重试")
	}))
}

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

// Faults is where the desk orders failures; operations are called by method and path.
func (p *Platform) Faults() *fault.Plan { return &p.faults }

// random is an unguessable text of n URL-safe characters.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}
