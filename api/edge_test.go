package api

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRequestIDsThatCouldBeAPersonAreReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for given, kept := range map[string]bool{
		"0190a5b0-0000-7000-8000-000000000000": true,
		"0123456789abcdef0123456789abcdef":     true,
		"":                                     false,
		plantedID:                              false,
		"13800138000":                          false,
		"0190A5B0-0000-7000-8000-000000000000": false,
		"0190a5b0-0000-7000-8000-00000000000g": false,
		"0190a5b000000-7000-8000-000000000000": false,
		strings.Repeat("a", 64):                false,
		"0123456789abcdef0123456789abcde\n":    false,
	} {
		w := r.call("GET", "/healthz", "", headerRequestID, given)
		got := w.Header().Get(headerRequestID)
		require.Len(t, got, max(len(got), 32))
		require.Equal(t, kept, got == given, given)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, production := range []bool{false, true} {
		r := newRig(t, func(d *Deps) { d.Production = production }).withSample()
		for _, path := range []string{"/healthz", "/v1/samples", "/v1/nothing", "/agent/v1/samples/panic"} {
			h := r.call("GET", path, "").Header()
			require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
			require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'")
			require.Equal(t, "same-origin", h.Get("Cross-Origin-Resource-Policy"))
			require.Equal(t, "no-store", h.Get("Cache-Control"))
			require.Equal(t, production, h.Get("Strict-Transport-Security") != "")
			require.Empty(t, h.Get("Server"))
		}
		require.Equal(t, "no-cache", r.call("GET", "/openapi.json", "").Header().Get("Cache-Control"))
		for _, page := range []string{"/m/", "/console/"} {
			h := r.call("GET", page, "").Header()
			require.Equal(t, "DENY", h.Get("X-Frame-Options"), page)
			require.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
			require.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"))
			require.Contains(t, h.Get("Permissions-Policy"), "camera=()")
			require.Equal(t, pagesPolicy, h.Get("Content-Security-Policy"))
		}
	}
}

func TestLogsHoldTemplatesOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	r.call("DELETE", "/v1/samples/"+plantedID, "", append(bearer(citizenToken), "Idempotency-Key", "13800138000")...)
	r.call("GET", "/v1/samples?limit=1&year=2021&code=SECRETCODE", "", bearer(citizenToken)...)
	r.call("GET", "/nothing/"+plantedID+"?q=SECRETCODE", "", "User-Agent", "SECRETAGENT", "X-Forwarded-For", "SECRETADDRESS")
	r.call("POST", "/v1/samples/1/acts", `{"kind":"a","phone":"13800138000"}`, bearer(citizenToken)...)
	r.call(plantedID, "/v1/samples", "")
	got := r.log.String()
	require.Contains(t, got, `"route":"/v1/samples/{id}"`)
	require.Contains(t, got, `"route":"none"`)
	require.Contains(t, got, `"method":"other"`)
	for _, secret := range []string{plantedID, "SECRET", "13800138000", "ccccccc", "person-1"} {
		require.NotContains(t, got, secret)
	}
}

func TestOnlyReadsThatWentWellAreSampledInTheAccessLog(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.LogEvery = 10 }).withSample()
	for range 20 {
		r.call("GET", "/healthz", "")
	}
	require.Equal(t, 2, strings.Count(r.log.String(), `"answered"`))
	for range 3 {
		r.call("GET", "/agent/v1/samples/unknown", "", bearer(agentToken)...)
	}
	require.Equal(t, 5, strings.Count(r.log.String(), `"answered"`))
	for range 3 { // the operator is promised every refusal and every write
		r.call("GET", "/v1/samples", "")
		r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(citizenToken)...)
	}
	require.Equal(t, 11, strings.Count(r.log.String(), `"answered"`))
}

func TestCookiesAreLockedToTheHost(t *testing.T) {
	t.Parallel()
	for _, production := range []bool{false, true} {
		r := newRig(t, func(d *Deps) { d.Production = production })
		for _, a := range []Audience{Citizen, Agent} {
			c := r.sessionCookie(a, citizenToken, time.Hour)
			require.True(t, c.HttpOnly)
			require.Equal(t, "/", c.Path)
			require.Empty(t, c.Domain)
			require.Equal(t, 3600, c.MaxAge)
			require.Equal(t, production, c.Secure)
			require.Equal(t, production, strings.HasPrefix(c.Name, "__Host-"))
			require.Negative(t, func() int { e := r.endedCookie(a); return e.MaxAge }())
		}
		citizen, console := r.sessionCookie(Citizen, "", 0), r.sessionCookie(Agent, "", 0)
		require.Equal(t, http.SameSiteLaxMode, citizen.SameSite)
		require.Equal(t, http.SameSiteStrictMode, console.SameSite)
		require.NotEqual(t, citizen.Name, console.Name)
	}
}

func TestACookieOpensWhatATokenOpens(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.TrustedOrigins = []string{"https://m.example.gov.cn"} }).withSample()
	cookie := []string{"Cookie", "oc=" + citizenToken}
	require.Equal(t, 200, r.call("GET", "/v1/samples", "", append(cookie, "Sec-Fetch-Site", "cross-site")...).Code, "safe methods change nothing")
	require.Equal(t, 201, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, append(cookie, "Sec-Fetch-Site", "same-origin")...).Code)
	require.Equal(t, 201, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, append(cookie, "Origin", "https://m.example.gov.cn", "Sec-Fetch-Site", "cross-site")...).Code)
	require.Equal(t, 201, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, append(bearer(citizenToken), "Origin", "https://mini.example")...).Code,
		"a token is never sent by a browser on its own")
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, "Cookie", "oc-console="+agentToken), 401, "LOGIN_REQUIRED")
}

func TestTheActorReachesTheHandler(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	w := r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(otherToken)...)
	require.Contains(t, w.Body.String(), `"actor":"person-2"`)
	require.Empty(t, actorFrom(t.Context()).ID, "outside of a request there is only a guest")
}

func TestCallbacksSeeTheBodyAsItCame(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	body := "<xml> {\"pin\":1} \x00\xff</xml>"
	w := r.call("POST", "/callbacks/sample/wx?signature=1&pin=2", body, "Content-Type", "text/xml")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, body, w.Body.String())
}

func TestABodyWhereNoneIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	require.Equal(t, 204, r.call("DELETE", "/v1/samples/1", "{}", bearer(citizenToken)...).Code)
	requireProblem(t, r.call("DELETE", "/v1/samples/1", `{"a":1}`, bearer(citizenToken)...), 400, "MALFORMED_BODY")
	requireProblem(t, r.call("DELETE", "/v1/samples/1", `{"a":"aaaaaaaaaaaaaaaaa"}`, bearer(citizenToken)...), 413, "BODY_TOO_LARGE")
	requireProblem(t, r.call("GET", "/v1/samples", `{"pin":1}`, bearer(citizenToken)...), 400, "MALFORMED_BODY")
	requireProblem(t, r.call("GET", "/v1/samples?pin=123456", "", bearer(citizenToken)...), 422, "PIN_NOT_ACCEPTED")
	require.NotContains(t, r.log.String(), "123456")
}

// A body that trickles in is given up, and the deadline does not outlive the reading.
func TestABodyThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.BodyTimeout = 50 * time.Millisecond }).withSample()
	srv := httptest.NewServer(r.engine)
	t.Cleanup(srv.Close)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /callbacks/sample/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "408")
	require.Contains(t, string(answer), "REQUEST_TIMEOUT")
}

func TestProxiesAreBelievedOnlyWhenNamed(t *testing.T) {
	t.Parallel()
	one := Figures{Reads: 1, Writes: 1, GuestReads: 1, GuestWrites: 1}
	open := newRig(t, func(d *Deps) { d.Figures = one })
	require.Equal(t, 200, open.call("GET", "/openapi.json", "", "X-Forwarded-For", "10.0.0.1").Code)
	requireProblem(t, open.call("GET", "/openapi.json", "", "X-Forwarded-For", "10.0.0.2"), 429, "RATE_LIMITED")

	behind := newRig(t, func(d *Deps) { d.Figures = one; d.TrustedProxies = []string{"192.0.2.0/24"} }) // httptest's address
	require.Equal(t, 200, behind.call("GET", "/openapi.json", "", "X-Forwarded-For", "10.0.0.1").Code)
	require.Equal(t, 200, behind.call("GET", "/openapi.json", "", "X-Forwarded-For", "10.0.0.2").Code)
	requireProblem(t, behind.call("GET", "/openapi.json", "", "X-Forwarded-For", "10.0.0.2"), 429, "RATE_LIMITED")
	requireProblem(t, behind.call("GET", "/openapi.json", "", "X-Real-IP", "10.0.0.3", "X-Forwarded-For", "10.0.0.1"), 429, "RATE_LIMITED")
}

func TestSettingsThatKeepNoPromiseAreRefused(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Deps{
		"production without a key": {Production: true},
		"a short key":              {EdgeKey: []byte("short")},
		"a proxy that is none":     {TrustedProxies: []string{"nonsense"}},
		"an origin that is none":   {TrustedOrigins: []string{"nonsense"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(d)
			require.Error(t, err)
		})
	}
}

// The order of design 5: each step refuses before the next one looks.
func TestTheOrderOfTheEdge(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.Figures = Figures{Writes: 1} }).withSample()
	big, bad := strings.Repeat("x", 4096), []string{headerIdempotencyKey, "!"}
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", big, bad...), 413, "BODY_TOO_LARGE")
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", "{", bad...), 401, "LOGIN_REQUIRED")
	require.Equal(t, 201, r.call("POST", "/v1/samples/1/acts", `{"kind":"a"}`, bearer(citizenToken)...).Code)
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", "{", append(bearer(citizenToken), bad...)...), 429, "RATE_LIMITED")
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", "{", append(bearer(otherToken), bad...)...), 400, "MALFORMED_BODY")
	r.clock.Advance(time.Minute)
	requireProblem(t, r.call("POST", "/v1/samples/1/acts", `{"kind":"zzz"}`, append(bearer(otherToken), bad...)...), 422, "IDEMPOTENCY_KEY_INVALID")
}
