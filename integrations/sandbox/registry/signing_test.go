package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSignaturesAreChecked(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	const path = "/registry/cards/v1/health"
	bend := func(f func(*http.Request)) *http.Request {
		req := signed(t, cardsClient, "GET", g.url+path, nonce(), g.clock.Now(), nil)
		f(req)
		return req
	}
	used := signed(t, cardsClient, "GET", g.url+path, nonce(), g.clock.Now(), nil)
	res, err := http.DefaultClient.Do(used)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	for want, requests := range map[string][]*http.Request{
		"UNKNOWN_CLIENT": {
			bend(func(r *http.Request) { r.Header.Set(headerClient, "someone") }),
			bend(func(r *http.Request) { r.Header = http.Header{} }),
		},
		"BAD_SIGNATURE": {
			bend(func(r *http.Request) { r.Header.Set(headerSignature, "00") }),
			bend(func(r *http.Request) { r.URL.RawQuery = "limit=1" }),
			bend(func(r *http.Request) { r.URL.Path = "/registry/cards/v1/feed" }),
			bend(func(r *http.Request) { r.Method = "POST" }),
			bend(func(r *http.Request) { r.Header.Set(headerNonce, "short") }),
			bend(func(r *http.Request) { r.Header.Set(headerTimestamp, "today") }),
			signed(t, Client{cardsClient.ID, "another secret"}, "GET", g.url+path, nonce(), g.clock.Now(), nil),
			signed(t, paymentsClient, "GET", g.url+path, nonce(), g.clock.Now(), nil),
		},
		"CLOCK_SKEW": {
			signed(t, cardsClient, "GET", g.url+path, nonce(), g.clock.Now().Add(-6*time.Minute), nil),
			signed(t, cardsClient, "GET", g.url+path, nonce(), g.clock.Now().Add(6*time.Minute), nil),
		},
		"REPLAYED": {used},
	} {
		for i, req := range requests {
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			raw, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			var p problem
			require.NoError(t, json.Unmarshal(raw, &p))
			require.Equal(t, http.StatusUnauthorized, res.StatusCode)
			require.Equal(t, want, p.Code, "%s %d", want, i)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		fault            Fault
		effects, status  int
		answered, signed bool
	}{
		{Fault{Fault: FaultRefuse, Code: "CARD_LOCKED"}, 0, 200, true, true},
		{Fault{Fault: FaultBusy}, 0, 503, true, true},
		{Fault{Fault: FaultDown}, 0, 503, true, false},
		{Fault{Fault: FaultOff}, 0, 0, false, false},
		{Fault{Fault: FaultLoseReply}, 1, 0, false, false},
		{Fault{Fault: FaultForge}, 1, 200, true, false},
		{Fault{Fault: FaultLate, DelayMS: 1}, 1, 200, true, true},
		{Fault{Fault: FaultDelay, DelayMS: 1}, 1, 200, true, true},
	} {
		t.Run(f.fault.Fault, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, Options{})
			f.fault.Target, f.fault.Times, f.fault.Op = "cards", 1, "commands"
			require.NoError(t, g.SetFault(f.fault))
			loss := g.about("loss", "request-1", "wang", 1)
			body, err := json.Marshal(loss)
			require.NoError(t, err)
			n := nonce()
			res, err := http.DefaultClient.Do(signed(t, cardsClient, "POST", g.url+"/registry/cards/v1/commands", n, g.clock.Now(), body))
			require.Equal(t, f.answered, err == nil)
			if err == nil {
				raw, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, f.status, res.StatusCode)
				want := mac(cardsClient.Secret, "answer", n, res.Status[:3], res.Header.Get(headerTimestamp), contentSM3(raw))
				require.Equal(t, f.signed, want == res.Header.Get(headerSignature))
			}
			require.Len(t, g.EffectsOf("request-1", ""), f.effects)
			require.Empty(t, g.Faults(), "used up")
			if f.fault.Fault != FaultRefuse {
				require.Equal(t, "done", g.command(loss).Outcome, "the same id again has one effect")
				require.Len(t, g.EffectsOf("request-1", ""), 1)
			}
		})
	}
}

func TestFaultsNameTheirTargetAndEnd(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	require.Error(t, g.SetFault(Fault{Target: "bank", Fault: FaultDown}))
	require.Error(t, g.SetFault(Fault{Target: "cards", Fault: "burn"}))
	require.NoError(t, g.SetFault(Fault{Target: "payments", Fault: FaultBusy}))
	require.Equal(t, http.StatusOK, g.do("GET", "/registry/cards/v1/health", nil, nil))
	require.Equal(t, http.StatusServiceUnavailable, g.do("GET", "/registry/payments/v1/health", nil, nil))
	require.NoError(t, g.SetFault(Fault{Fault: FaultNone}))
	require.Equal(t, http.StatusOK, g.do("GET", "/registry/payments/v1/health", nil, nil))
}
