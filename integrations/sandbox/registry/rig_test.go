package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	cardsClient    = Client{ID: "one-card", Secret: "cards-secret-cards-secret-cards!"}
	paymentsClient = Client{ID: "one-card", Secret: "payments-secret-payments-secret!"}
)

// clock stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newRegistry(t *testing.T, o Options) *Registry {
	t.Helper()
	o.Seed, o.Cards, o.Payments = 1, cardsClient, paymentsClient
	if o.Now == nil {
		o.Now = december2021
	}
	r, err := New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// rig is a registry behind real HTTP and a caller who signs.
type rig struct {
	*Registry
	t     *testing.T
	url   string
	clock *clock
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	c := &clock{now: december2021()}
	o.Now = c.Now
	r := newRegistry(t, o)
	srv := httptest.NewServer(r.Handler())
	t.Cleanup(srv.Close)
	return &rig{Registry: r, t: t, url: srv.URL, clock: c}
}

var nonces atomic.Int64

func nonce() string { return fmt.Sprintf("nonce-%020d", nonces.Add(1)) }

func signed(t *testing.T, c Client, method, url, nonce string, at time.Time, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set(headerClient, c.ID)
	req.Header.Set(headerTimestamp, stamp)
	req.Header.Set(headerNonce, nonce)
	req.Header.Set(headerSignature, mac(c.Secret, method, req.URL.EscapedPath(), req.URL.RawQuery, stamp, nonce, contentSM3(body)))
	return req
}

// do asks one source and decodes the answer; the answer's own signature is checked.
func (g *rig) do(method, path string, in, out any) int {
	g.t.Helper()
	var body []byte
	if raw, ok := in.([]byte); ok {
		body = raw
	} else if in != nil {
		var err error
		body, err = json.Marshal(in)
		require.NoError(g.t, err)
	}
	c := cardsClient
	if len(path) > 18 && path[:18] == "/registry/payments" {
		c = paymentsClient
	}
	n := nonce()
	res, err := http.DefaultClient.Do(signed(g.t, c, method, g.url+path, n, g.clock.Now(), body))
	require.NoError(g.t, err)
	defer func() { require.NoError(g.t, res.Body.Close()) }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(g.t, err)
	want := mac(c.Secret, "answer", n, strconv.Itoa(res.StatusCode), res.Header.Get(headerTimestamp), contentSM3(raw))
	require.Equal(g.t, want, res.Header.Get(headerSignature), "answers are signed")
	if out != nil {
		require.NoError(g.t, json.Unmarshal(raw, out), string(raw))
	}
	return res.StatusCode
}

// command sends one and gives the answer.
func (g *rig) command(in CommandRequest) CommandAnswer {
	g.t.Helper()
	var out CommandAnswer
	require.Equal(g.t, http.StatusOK, g.do("POST", "/registry/cards/v1/commands", in, &out))
	return out
}

// about is a command about the citizen's card.
func (g *rig) about(kind, id, citizen string, seq int64) CommandRequest {
	g.t.Helper()
	c := g.CardsOf(citizen)[0]
	return CommandRequest{RequestID: id, Kind: kind, PersonRef: c.PersonRef, CardRef: c.Ref, CardSeq: seq, Channel: "wechat_mini",
		NotAfter: g.clock.Now().Add(time.Minute)}
}
