package telephone_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	sandbox "onecard/integrations/sandbox/telephone"
	"onecard/integrations/telephone"
	"onecard/models"
	"onecard/models/hotline"
)

var now = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

func settings(url string) configs.Telephone {
	return configs.Telephone{URL: url, ClientID: "onecard-12333", Secret: configs.NewSecret("telephone-contract-example-secret"), DialOut: true, Timeout: time.Second}
}

// nonces remembers in a map; err is a Redis that is gone.
type nonces struct {
	mu   sync.Mutex
	seen map[string]bool
	err  error
}

func (n *nonces) Once(_ context.Context, scope, nonce string, _ time.Duration) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	first := !n.seen[scope+nonce]
	n.seen[scope+nonce] = true
	return first, n.err
}

// rig is the pretend exchange with a door of ours behind it, and our adapter in front of it.
type rig struct {
	*telephone.Exchange
	x     *sandbox.Exchange
	door  *telephone.Inbound
	once  *nonces
	clock *models.ManualClock
	mu    sync.Mutex
	took  []hotline.TelephoneEvent
	errs  []error
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{clock: models.NewManualClock(now), once: &nonces{seen: map[string]bool{}}}
	cfg := settings("")
	var err error
	r.x, err = sandbox.New(sandbox.Options{ClientID: cfg.ClientID, Secret: cfg.Secret.Reveal(), Now: r.clock.Now})
	require.NoError(t, err)
	exchange := httptest.NewServer(http.StripPrefix("/telephone", r.x.Handler()))
	t.Cleanup(exchange.Close)
	r.door = telephone.NewInbound(cfg, r.once, r.clock)
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		e, err := r.door.Read(req.Context(), req.Header, body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil {
			r.errs = append(r.errs, err)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.took = append(r.took, e)
	}))
	t.Cleanup(ours.Close)
	r.x.TellTo(ours.URL + telephone.CallbackPath)
	r.Exchange, err = telephone.NewExchange(settings(exchange.URL+"/telephone"), r.clock)
	require.NoError(t, err)
	return r
}

func number(t *testing.T, s string) hotline.CallerNumber {
	t.Helper()
	n, err := hotline.ParseCallerNumber(s)
	require.NoError(t, err)
	return n
}

func TestEventsOfTheExchangeAreBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ref, err := r.x.Ring("13800001234", "8001")
	require.NoError(t, err)
	_, err = r.x.Answer(ref)
	require.NoError(t, err)
	require.NoError(t, r.AskDigits(t.Context(), hotline.DigitsOrder{Question: "q-1", CallRef: ref, Digits: 6, For: time.Minute}))
	_, err = r.x.Key(ref, "123456")
	require.NoError(t, err)
	_, err = r.x.HangUp(ref)
	require.NoError(t, err)
	_, err = r.x.Rate(ref, 5)
	require.NoError(t, err)
	var kinds []hotline.EventKind
	for _, e := range r.took {
		kinds = append(kinds, e.Kind)
		require.Equal(t, ref, e.CallRef)
		require.Equal(t, now, e.At)
	}
	require.Equal(t, []hotline.EventKind{hotline.CallRinging, hotline.CallAnswered, hotline.KeypadResult, hotline.CallEnded, hotline.RatingKeyed}, kinds)
	require.Equal(t, "13800001234", r.took[0].Number.Reveal())
	require.Equal(t, "q-1", r.took[2].Question)
	require.Equal(t, "123456", r.took[2].Digits.Reveal())

	require.NoError(t, r.Dial(t.Context(), hotline.DialOrder{Ref: "out-1", Extension: "8001", Number: number(t, "13800001234")}))
	require.NoError(t, r.Dial(t.Context(), hotline.DialOrder{Ref: "out-1", Extension: "8001", Number: number(t, "13800001234")}))
	require.Len(t, r.x.Calls(), 2, "the same order twice is one call")
	_, err = r.x.Decline("out-1")
	require.NoError(t, err)
	require.Equal(t, hotline.CallBackNotAnswered, r.took[5].Kind)
	require.Empty(t, r.errs)
}

func TestForgedStaleAndRepeatedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	body := []byte(`{"event_id":"ev-1","kind":"call.ended","call_ref":"in-1","at":"2021-12-20T02:00:00Z"}`)
	for name, c := range map[string]struct {
		change func(r *rig, s *sandbox.Signed)
		want   error
	}{
		"as it is":       {func(*rig, *sandbox.Signed) {}, nil},
		"another body":   {func(_ *rig, s *sandbox.Signed) { s.Body = []byte(strings.Replace(string(s.Body), "in-1", "in-2", 1)) }, hotline.ErrTelephoneForged},
		"another client": {func(_ *rig, s *sandbox.Signed) { s.Header.Set("X-Telephone-Client", "x") }, hotline.ErrTelephoneForged},
		"another time":   {func(_ *rig, s *sandbox.Signed) { s.Header.Set("X-Telephone-Timestamp", "1639965601") }, hotline.ErrTelephoneForged},
		"no signature":   {func(_ *rig, s *sandbox.Signed) { s.Header.Del("X-Telephone-Signature") }, hotline.ErrTelephoneForged},
		"a short nonce":  {func(_ *rig, s *sandbox.Signed) { s.Header.Set("X-Telephone-Nonce", "short") }, hotline.ErrTelephoneForged},
		"too old":        {func(r *rig, _ *sandbox.Signed) { r.clock.Advance(5*time.Minute + time.Second) }, hotline.ErrTelephoneForged},
		"from tomorrow":  {func(r *rig, _ *sandbox.Signed) { r.clock.Set(now.Add(-6 * time.Minute)) }, hotline.ErrTelephoneForged},
		"just in time":   {func(r *rig, _ *sandbox.Signed) { r.clock.Advance(5 * time.Minute) }, nil},
		"a second time":  {func(r *rig, s *sandbox.Signed) { _, _ = r.door.Read(context.Background(), s.Header, s.Body) }, hotline.ErrTelephoneReplay},
		"no Redis, a copy": {func(r *rig, s *sandbox.Signed) {
			r.once.err = models.ErrUnavailable
			_, _ = r.door.Read(context.Background(), s.Header, s.Body)
		}, nil},
		"not JSON": {func(r *rig, s *sandbox.Signed) { *s = r.x.Sign([]byte("call=1")) }, hotline.ErrTelephoneBody},
		"two events": {func(r *rig, s *sandbox.Signed) {
			*s = r.x.Sign([]byte(`{"event_id":"ev-1","kind":"call.ended","call_ref":"in-1","at":"2021-12-20T02:00:00Z"}{}`))
		}, hotline.ErrTelephoneBody},
		"a PIN in letters": {func(r *rig, s *sandbox.Signed) {
			*s = r.x.Sign([]byte(`{"event_id":"e","kind":"keypad.result","call_ref":"c","digits":"12x","at":"2021-12-20T02:00:00Z"}`))
		}, hotline.ErrTelephoneBody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := r.x.Sign(body)
			c.change(r, &s)
			e, err := r.door.Read(t.Context(), s.Header, s.Body)
			if c.want == nil {
				require.NoError(t, err)
				require.Equal(t, "in-1", e.CallRef)
				return
			}
			require.ErrorIs(t, err, c.want)
			require.Empty(t, e.CallRef)
		})
	}
}

// The example of the contract is right: who builds the other side tries it first.
func TestTheContractsExampleHolds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/telephone-contract.md")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(text), "signature `")
	require.True(t, ok)
	signature, _, _ := strings.Cut(after, "`")
	h := http.Header{}
	h.Set("X-Telephone-Client", "onecard-12333")
	h.Set("X-Telephone-Timestamp", "1639965600")
	h.Set("X-Telephone-Nonce", "0123456789abcdef")
	h.Set("X-Telephone-Signature", signature)
	body := `{"event_id":"ev-1","kind":"call.ended","call_ref":"in-1","at":"2021-12-20T02:00:00Z"}`
	require.Contains(t, string(text), body)
	door := telephone.NewInbound(settings(""), &nonces{seen: map[string]bool{}}, models.NewManualClock(now))
	_, err = door.Read(t.Context(), h, []byte(body))
	require.NoError(t, err)
}

func TestAnOrderIsRefusedOrItsFateIsOpen(t *testing.T) {
	t.Parallel()
	order := func(t *testing.T) hotline.DialOrder {
		return hotline.DialOrder{Ref: "out-1", Extension: "8001", Number: number(t, "13800001234")}
	}
	for name, c := range map[string]struct {
		fault fault.Failure
		want  error
		made  bool
	}{
		"refused":        {fault.Failure{Mode: fault.Refuse, Code: "BUSY"}, hotline.ErrExchangeRefused, false},
		"an error page":  {fault.Failure{Mode: fault.Status, Status: 502}, models.ErrUnavailable, false},
		"not signed":     {fault.Failure{Mode: fault.Garbage}, models.ErrUnavailable, false},
		"no answer":      {fault.Failure{Mode: fault.Hang}, models.ErrUnavailable, false},
		"cut":            {fault.Failure{Mode: fault.Cut}, models.ErrUnavailable, false},
		"the reply lost": {fault.Failure{Mode: fault.LoseReply}, models.ErrUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			require.NoError(t, r.x.Faults().Next("", 1, c.fault))
			err := r.Dial(t.Context(), order(t))
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "13800001234")
			require.Equal(t, c.made, len(r.x.Calls()) == 1)
			require.NoError(t, r.Dial(t.Context(), order(t)), "the same order again")
			require.Len(t, r.x.Calls(), 1)
		})
	}
	r := newRig(t)
	require.ErrorIs(t, r.AskDigits(t.Context(), hotline.DigitsOrder{Question: "q", CallRef: "in-never", Digits: 6, For: time.Minute}), hotline.ErrExchangeRefused)
	stranger, err := telephone.NewExchange(func() configs.Telephone {
		c := settings("http://127.0.0.1:1")
		c.Secret = configs.NewSecret("another-secret-that-nobody-knows-here")
		return c
	}(), r.clock)
	require.NoError(t, err)
	require.ErrorIs(t, stranger.Dial(t.Context(), order(t)), models.ErrUnavailable)
}

// FuzzEvents: whatever is signed and sent, it is read or refused, and never more than an event's form.
func FuzzEvents(f *testing.F) {
	for _, kind := range []string{"call.ringing", "call.answered", "call.ended", "keypad.result", "call_back.answered", "rating.keyed", "call.transferred"} {
		raw, _ := json.Marshal(sandbox.Event{EventID: "ev-1", Kind: kind, CallRef: "in-1", Extension: "8001", Number: "+86 138-0000-1234", Question: "q", Digits: "1", At: now})
		f.Add(raw)
	}
	f.Add([]byte(`{"event_id":"ev-1","kind":"call.ended","call_ref":"in-1","at":"0001-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"digits":"9999999999999","number":"0379-63310000","at":"2021-12-20T02:00:00Z"}`))
	f.Add([]byte(`[{}]`))
	x, err := sandbox.New(sandbox.Options{ClientID: "onecard-12333", Secret: "telephone-contract-example-secret", Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	door := telephone.NewInbound(settings(""), &nonces{seen: map[string]bool{}}, models.NewManualClock(now))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := x.Sign(body)
		e, err := door.Read(context.Background(), s.Header, s.Body)
		if err != nil {
			require.ErrorIs(t, err, hotline.ErrTelephoneBody)
			return
		}
		require.LessOrEqual(t, len(e.EventID), 64)
		require.LessOrEqual(t, len(e.Digits.Reveal()), 12)
		require.LessOrEqual(t, len(e.Number.Reveal()), 12)
		require.False(t, e.At.IsZero())
	})
}
