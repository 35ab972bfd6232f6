// Package telephone pretends to be the hotline's telephone system: extensions ring, callers press keys and hang up, and it
// dials out when it is asked. What it tells is signed, and it believes only what its client signed. It knows nothing of the
// product.
package telephone

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"onecard/integrations/sandbox/fault"
)

// Options say who its client is.
type Options struct {
	ClientID, Secret string
	Now              func() time.Time // time.Now when nil
}

// call is one conversation.
type call struct {
	Ref, Number, Extension   string
	Outgoing                 bool
	Ringing, Answered, Ended bool
	Question                 string // asked of the caller and not answered yet
}

// Exchange is the pretend telephone system. Safe for use by many at once.
type Exchange struct {
	o      Options
	client *http.Client
	faults fault.Plan

	mu    sync.Mutex
	to    string // the client's address for events
	calls []*call
	used  map[string]bool // nonces
	count int
}

// New makes an exchange.
func New(o Options) (*Exchange, error) {
	if o.ClientID == "" || o.Secret == "" {
		return nil, errors.New("telephone sandbox: a client id and a secret are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Exchange{o: o, client: &http.Client{Timeout: 5 * time.Second}, used: map[string]bool{}}, nil
}

// TellTo names the address that takes events.
func (x *Exchange) TellTo(url string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.to = url
}

// Faults is where the desk orders failures; operations are called by method and path.
func (x *Exchange) Faults() *fault.Plan { return &x.faults }

// Handler serves what a client may ask.
func (x *Exchange) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/calls", x.signed(x.dial))
	mux.HandleFunc("POST /v1/questions", x.signed(x.ask))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { x.answer(w, r, http.StatusNotFound, "NOT_FOUND") })
	return whole(x.faults.Wrap(mux, func(r *http.Request) string { return r.Method + " " + r.URL.Path }, func(w http.ResponseWriter, r *http.Request, code string) {
		if code == "" {
			code = "BUSY"
		}
		x.answer(w, r, http.StatusConflict, code)
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

// dial makes a call for the client: its reference again is the same call.
func (x *Exchange) dial(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Ref       string `json:"call_ref"`
		Extension string `json:"extension"`
		Number    string `json:"number"`
	}
	if json.Unmarshal(body, &in) != nil || in.Ref == "" || in.Extension == "" || in.Number == "" {
		x.answer(w, r, http.StatusUnprocessableEntity, "MALFORMED")
		return
	}
	x.mu.Lock()
	if _, err := x.find(in.Ref); err != nil {
		x.calls = append(x.calls, &call{Ref: in.Ref, Number: in.Number, Extension: in.Extension, Outgoing: true})
	}
	x.mu.Unlock()
	x.answer(w, r, http.StatusOK, "")
}

// ask puts a question to the caller of a conversation that is up.
func (x *Exchange) ask(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Question string `json:"question"`
		Ref      string `json:"call_ref"`
		Digits   int    `json:"digits"`
		Seconds  int    `json:"seconds"`
	}
	if json.Unmarshal(body, &in) != nil || in.Question == "" || in.Digits < 1 || in.Seconds < 1 {
		x.answer(w, r, http.StatusUnprocessableEntity, "MALFORMED")
		return
	}
	x.mu.Lock()
	c, err := x.find(in.Ref)
	ok := err == nil && c.Answered && !c.Ended
	if ok {
		c.Question = in.Question
	}
	x.mu.Unlock()
	if !ok {
		x.answer(w, r, http.StatusConflict, "NO_SUCH_CALL")
		return
	}
	x.answer(w, r, http.StatusOK, "")
}

// find gives a conversation by reference or by the other side's number; for an empty name the newest. The caller holds mu.
func (x *Exchange) find(name string) (*call, error) {
	for i := len(x.calls) - 1; i >= 0; i-- {
		if c := x.calls[i]; name == "" || c.Ref == name || c.Number == name && !c.Ended {
			return c, nil
		}
	}
	return nil, errors.New("no such call")
}

// Event is one thing the exchange tells its client.
type Event struct {
	EventID   string    `json:"event_id"`
	Kind      string    `json:"kind"`
	CallRef   string    `json:"call_ref"`
	Extension string    `json:"extension,omitempty"`
	Number    string    `json:"number,omitempty"`
	Question  string    `json:"question,omitempty"`
	Digits    string    `json:"digits,omitempty"`
	At        time.Time `json:"at"`
}

// Send tells the client an event, signed, and gives the status of its answer.
func (x *Exchange) Send(e Event) (int, error) {
	if e.EventID == "" {
		e.EventID = "ev-" + rand.Text()
	}
	if e.At.IsZero() {
		e.At = x.o.Now()
	}
	body, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	return x.Post(x.Sign(body))
}

// Signed is an event as it travels.
type Signed struct {
	Header http.Header
	Body   []byte
}

// Sign is any body as the exchange would send it.
func (x *Exchange) Sign(body []byte) Signed {
	stamp, nonce := strconv.FormatInt(x.o.Now().Unix(), 10), rand.Text()
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set(headerClient, x.o.ClientID)
	h.Set(headerTimestamp, stamp)
	h.Set(headerNonce, nonce)
	h.Set(headerSignature, mac(x.o.Secret, body, http.MethodPost, callbackPath, stamp, nonce))
	return Signed{h, body}
}

// Post brings a signed event to the client.
func (x *Exchange) Post(s Signed) (int, error) {
	x.mu.Lock()
	to := x.to
	x.mu.Unlock()
	if to == "" {
		return 0, errors.New("nobody takes events")
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, bytes.NewReader(s.Body))
	if err != nil {
		return 0, err
	}
	req.Header = s.Header.Clone()
	res, err := x.client.Do(req)
	if err != nil {
		return 0, errors.New("the client did not answer")
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	return res.StatusCode, nil
}

// An event is told again while the client is out, as exchanges do: the same event under a new signature.
const (
	tellTries = 5
	tellAgain = 200 * time.Millisecond
)

func (x *Exchange) tell(e Event) error {
	e.EventID = "ev-" + rand.Text()
	for tries := 1; ; tries++ {
		status, err := x.Send(e)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the client answered %d", status)
		}
		if err == nil || status > 0 && status < http.StatusInternalServerError || tries == tellTries {
			return err
		}
		<-time.After(tellAgain)
	}
}
