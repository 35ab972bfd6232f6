// Package sms is two pretend SMS vendors. Gateway is Aliyun's (dysmsapi, version 2017-05-25): it verifies the ACS3 signature of every
// call, checks signature names, templates and variables as the vendor does, remembers what it carried, and pushes
// delivery receipts. Names, codes and shapes are
// those of https://help.aliyun.com/document_detail/101414.html. Tencent is Tencent Cloud's (sms, version 2021-01-11).
package sms

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Template is a text that has been filed with the gateway.
type Template struct {
	Text         string // variables as ${name}, without the signature
	Verification bool   // a code: carried at most once a minute, five times an hour, ten times a day to one phone
	Review       Review
	Reason       string // the reviewer's
}

// Config is what the pretend vendor knows of its customer.
type Config struct {
	AccessKeyID     string
	AccessKeySecret string
	SignNames       []string            // filed signatures
	Templates       map[string]Template // filed templates, by code
	Now             func() time.Time    // the city's clock; nil is the machine's. Signatures are always judged by the machine's
	Keep            int                 // messages remembered; 0 is 20,000
}

// Message is one text as it arrived, or not, on one phone.
type Message struct {
	BizID        string
	OutID        string
	Phone        string
	SignName     string
	TemplateCode string
	Params       map[string]string
	Text         string // with the signature in front
	Parts        int
	SentAt       time.Time
	Status       Status
	ErrCode      string
	ReceivedAt   time.Time
	reported     bool
	pulled       bool
}

// Status is the vendor's word for where a message is.
type Status int

// The vendor's states of a message.
const (
	Waiting   Status = 1
	Failed    Status = 2
	Delivered Status = 3
)

// Gateway is the pretend vendor. It is safe for many goroutines.
type Gateway struct {
	ledger
	shelf
	cfg    Config
	fails  fault.Plan
	nonces map[string]time.Time
}

// New opens a gateway for one customer.
func New(cfg Config) (*Gateway, error) {
	if cfg.AccessKeyID == "" || cfg.AccessKeySecret == "" || len(cfg.SignNames) == 0 || len(cfg.Templates) == 0 {
		return nil, errors.New("sms gateway: access key, signature names and templates are needed")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 20_000
	}
	return &Gateway{ledger: ledger{keep: cfg.Keep, now: cfg.Now}, shelf: shelf{of: copied(cfg.Templates)}, cfg: cfg, nonces: map[string]time.Time{}}, nil
}

// Faults is where tests and the desk order failures; operations are called SendSms and QuerySendDetails.
func (g *Gateway) Faults() *fault.Plan { return &g.fails }

// Handler is the vendor's API. Mount it at the root or under a stripped prefix: the vendor's own path is "/".
func (g *Gateway) Handler() http.Handler {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := g.verify(r); p != nil {
			p.write(w)
			return
		}
		switch action(r) {
		case "SendSms":
			writeJSON(w, http.StatusOK, g.send(r.URL.Query()))
		case "QuerySendDetails":
			writeJSON(w, http.StatusOK, g.query(r.URL.Query()))
		case aliyunList:
			writeJSON(w, http.StatusOK, g.templates(r.URL.Query()))
		default:
			(&problem{http.StatusNotFound, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."}).write(w)
		}
	})
	failing := g.fails.Wrap(api, action, func(w http.ResponseWriter, _ *http.Request, code string) {
		if strings.HasPrefix(code, "isv.") || strings.HasPrefix(code, "isp.") {
			writeJSON(w, http.StatusOK, answer{Code: code, Message: code, RequestID: newID()})
			return
		}
		status := http.StatusBadRequest
		if strings.HasPrefix(code, "ServiceUnavailable") || strings.HasPrefix(code, "InternalError") {
			status = http.StatusServiceUnavailable
		}
		(&problem{status, code, code}).write(w)
	})
	return consoled(api, failing, func(r *http.Request) bool { return action(r) == aliyunList }, func(*http.Request) bool { return g.fails.Ordered(aliyunList) })
}

// answer is the body of a call that reached the business.
type answer struct {
	RequestID string `json:"RequestId"`
	Code      string
	Message   string
	BizID     string `json:"BizId,omitempty"`
}

// problem is the body of a call that the gateway itself refused.
type problem struct {
	status        int
	code, message string
}

func (p *problem) write(w http.ResponseWriter) {
	writeJSON(w, p.status, map[string]string{
		"RequestId": newID(), "HostId": "dysmsapi.aliyuncs.com", "Code": p.code, "Message": p.message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + p.code,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func action(r *http.Request) string { return r.Header.Get("X-Acs-Action") }

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	s := strings.ToUpper(hex.EncodeToString(b[:]))
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
