package telephone

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
)

// Nonces remembers what may be used once.
type Nonces interface {
	Once(ctx context.Context, scope, nonce string, ttl time.Duration) (first bool, err error)
}

// Inbound verifies and reads what the exchange tells us, over the raw body.
type Inbound struct {
	keys   keys
	path   string
	nonces Nonces
	clock  models.Clock
}

// CallbackPath is where the exchange brings its events; it is part of what is signed.
const CallbackPath = "/callbacks/telephone"

// NewInbound makes the reader of events.
func NewInbound(cfg configs.Telephone, nonces Nonces, clock models.Clock) *Inbound {
	return &Inbound{keys{cfg.ClientID, []byte(cfg.Secret.Reveal())}, CallbackPath, nonces, clock}
}

// eventBody is one event in the contract's words. Unknown fields are passed over: an exchange may tell more than we know.
type eventBody struct {
	EventID   string    `json:"event_id"`
	Kind      string    `json:"kind"`
	CallRef   string    `json:"call_ref"`
	Extension string    `json:"extension"`
	Number    string    `json:"number"`
	Question  string    `json:"question"`
	Digits    string    `json:"digits"`
	At        time.Time `json:"at"`
}

// Read gives the event of a request that the exchange signed within five minutes and has not sent before.
// hotline.ErrTelephoneForged, ErrTelephoneReplay, ErrTelephoneBody. With Redis gone a copy cannot be told from its first,
// and is taken: an event is one row however often it comes.
func (i *Inbound) Read(ctx context.Context, h http.Header, body []byte) (hotline.TelephoneEvent, error) {
	nonce := h.Get(headerNonce)
	if i.keys.client == "" || h.Get(headerClient) != i.keys.client || len(nonce) < 16 || len(nonce) > 64 ||
		!i.keys.believed(h, body, i.clock.Now(), http.MethodPost, i.path) {
		return hotline.TelephoneEvent{}, hotline.ErrTelephoneForged
	}
	if first, err := i.nonces.Once(ctx, "telephone", i.keys.mac(nil, nonce), 2*fresh); err == nil && !first {
		return hotline.TelephoneEvent{}, hotline.ErrTelephoneReplay
	}
	var e eventBody
	d := json.NewDecoder(bytes.NewReader(body))
	if d.Decode(&e) != nil {
		return hotline.TelephoneEvent{}, hotline.ErrTelephoneBody
	}
	if _, err := d.Token(); err != io.EOF {
		return hotline.TelephoneEvent{}, hotline.ErrTelephoneBody
	}
	return hotline.ParseEvent(hotline.TelephoneEvent{
		EventID: e.EventID, Kind: hotline.EventKind(e.Kind), CallRef: e.CallRef, Extension: e.Extension, Question: e.Question,
		Digits: hotline.NewKeyed(e.Digits), At: e.At,
	}, e.Number)
}
