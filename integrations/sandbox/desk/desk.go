// Package desk is where people and tests sit in front of the pretend world: who the citizens are, which code logs one
// in, which messages arrived, what shall go wrong and what shall happen. It has no keys and belongs on a loopback
// address.
package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Citizen is someone a demo or a test may be.
type Citizen struct {
	Key       string   `json:"key"` // a short name for the named ones, else the person_ref
	Name      string   `json:"name"`
	IDNumber  string   `json:"id_number"`
	Phone     string   `json:"phone"`
	PersonRef string   `json:"person_ref"`
	District  string   `json:"district"`
	OpenIDs   []OpenID `json:"openids"`
}

// OpenID is who a citizen is in one app.
type OpenID struct {
	Platform string `json:"platform"`
	AppID    string `json:"app_id"`
	OpenID   string `json:"openid"`
}

// City is the registry's side. Names are keys, person_refs or ID numbers.
type City interface {
	Citizens(more int) []Citizen
	Citizen(name string) (Citizen, bool)
	Drive(event json.RawMessage) (any, error)
	Fault(order json.RawMessage) error // {target: cards|payments, fault, op, code, reason, delay_ms, times}
	Faults() any
	Handler() http.Handler // views under /desk/registry/
}

// Door is one app by which a citizen comes in.
type Door struct {
	Platform string // wechat_mini, wechat_oa, alipay_mini, alipay_life
	AppID    string
	Login    func(citizen string) (string, error)
	Phone    func(citizen string) (string, error) // nil where the app reads no phone
	OpenID   func(citizen string) string
}

// Camera is a platform's face check: the citizen stands before it, willing or not. An error is that nobody waits.
type Camera struct {
	Platform string
	Face     func(citizen string, willing bool) error
}

// Till is a page of this world on which something is paid by hand, asked for under one field.
type Till struct {
	Title string // what is paid there
	Path  string
	Field string // the name under which the page wants what the client was given
	Label string
}

// Message is a text on a citizen's phone, or a platform's message in her app.
type Message struct {
	ID       string    `json:"id"`
	Channel  string    `json:"channel"`          // sms, wechat_mini, wechat_oa, alipay_mini, alipay_life
	Vendor   string    `json:"vendor,omitempty"` // of an SMS: aliyun, tencent
	Phone    string    `json:"phone"`
	AppID    string    `json:"app_id,omitempty"`
	Citizen  string    `json:"citizen,omitempty"` // of a platform's message
	Opens    string    `json:"opens,omitempty"`   // the page it opens
	Template string    `json:"template"`
	Text     string    `json:"text"`
	Code     string    `json:"code,omitempty"` // the verification code in it
	Status   string    `json:"status"`         // waiting, delivered, failed
	SentAt   time.Time `json:"sent_at"`
}

// Mailbox is the carrier. Messages of an empty phone are everyone's; newest last. Deliver lets the carrier's answer
// arrive for what waits on the phone (everyone's when empty): delivered, or failed with errCode; and pushes the
// receipts to our side.
//
// Pushed are the platforms' messages to a citizen, everyone's when empty.
type Mailbox interface {
	Messages(phone string) []Message
	Pushed(citizen string) []Message
	Deliver(ctx context.Context, phone, errCode string) (settled, taken int, err error)
}

// Deps are the parts of the pretend world.
type Deps struct {
	City    City
	Doors   []Door // the first of a platform is its default
	Cameras []Camera
	Mail    Mailbox
	Plans   map[string]*fault.Plan // by target: wechat, alipay, sms
	Tills   []Till
	Calls   func() []string // what is up at the exchange, in words; nil: there is none
	// Events are kinds of event that are not the registry's.
	Events map[string]func(json.RawMessage) (any, error)
}

// Desk serves /desk/… and the page.
type Desk struct {
	Deps
	mu     sync.Mutex
	phones map[string][]string // every phone a citizen was seen with, so that old messages stay findable
}

// New opens the desk.
func New(d Deps) *Desk { return &Desk{Deps: d, phones: map[string][]string{}} }

// Handler serves the desk. Another site's page in the same browser may not work it.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /desk/citizens", d.citizens)
	mux.HandleFunc("GET /desk/codes", d.codes)
	mux.HandleFunc("POST /desk/codes", d.codes)
	mux.HandleFunc("GET /desk/messages", d.messages)
	mux.HandleFunc("POST /desk/receipts", d.receipts)
	mux.HandleFunc("GET /desk/faults", d.showFaults)
	mux.HandleFunc("POST /desk/faults", d.orderFault)
	mux.HandleFunc("POST /desk/events", d.event)
	mux.HandleFunc("POST /desk/face", d.face)
	mux.Handle("/desk/registry/", d.City.Handler())
	mux.HandleFunc("GET /{$}", d.page)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, http.StatusNotFound, "NOT_FOUND", "no such place on the desk")
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// one finds a citizen and remembers her phone.
func (d *Desk) one(name string) (Citizen, bool) {
	c, ok := d.City.Citizen(name)
	if ok {
		d.remember(c)
	}
	return c, ok
}

func (d *Desk) remember(c Citizen) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.phones[c.Key] {
		if p == c.Phone {
			return
		}
	}
	if c.Phone != "" {
		d.phones[c.Key] = append(d.phones[c.Key], c.Phone)
	}
}

func (d *Desk) phonesOf(c Citizen) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.phones[c.Key]...)
}
