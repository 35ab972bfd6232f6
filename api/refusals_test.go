package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// plantedID must come back from nowhere.
const plantedID = "410303198001010015"

// TestSharedRefusals runs every registered operation through what all of them refuse alike. A new operation is in this
// test by being registered.
func TestSharedRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	t.Cleanup(func() { // after every parallel sub-test
		require.NotContains(t, r.log.String(), plantedID)
		require.NotContains(t, r.log.String(), "123456")
	})
	for _, o := range r.ops {
		t.Run(o.ID, func(t *testing.T) {
			t.Parallel()
			q := &refusalCase{rig: r, t: t, o: o, path: samplePath(o.Path)}
			if o.personal() {
				q.credentials()
			}
			if o.keyed() {
				q.keys()
			}
			if o.hasBody {
				q.sizes()
			}
			if len(o.Accept) > 0 {
				q.mediaTypes()
			}
			if o.strict {
				q.jsonForms()
			}
			if o.SetsCookie {
				requireProblem(t, q.send(`{}`, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), 403, "CROSS_ORIGIN_REFUSED")
			}
			q.targets()
		})
	}
}

type refusalCase struct {
	*rig
	t    *testing.T
	o    *operation
	path string
}

// samplePath fills every parameter with a well-formed id.
func samplePath(path string) string {
	for _, name := range pathParams(path) {
		path = strings.ReplaceAll(path, "{"+name+"}", "0190a5b0-0000-7000-8000-000000000000")
	}
	return path
}

// send is a request that is right in everything the test does not change.
func (q *refusalCase) send(body string, headers ...string) *httptest.ResponseRecorder {
	all := []string{}
	switch q.o.Audience {
	case Citizen:
		all = append(all, bearer(citizenToken)...)
	case Agent:
		all = append(all, bearer(agentToken)...)
	}
	if body != "" && len(q.o.Accept) > 0 {
		all = append(all, "Content-Type", q.o.Accept[0])
	}
	return q.call(q.o.Method, q.path, body, append(all, headers...)...)
}

func (q *refusalCase) credentials() {
	own, foreign := citizenToken, agentToken
	if q.o.Audience == Agent {
		own, foreign = agentToken, citizenToken
	}
	cookie := q.cookieName(q.o.Audience) + "=" + own
	for name, c := range map[string]struct {
		headers []string
		status  int
		code    string
	}{
		"no session":       {[]string{"Authorization", ""}, 401, "LOGIN_REQUIRED"},
		"other audience":   {bearer(foreign), 401, "LOGIN_REQUIRED"},
		"unknown token":    {bearer(strings.ReplaceAll(own, "c", "x")), 401, "LOGIN_REQUIRED"},
		"not a token":      {bearer("oc1.short.x"), 401, "LOGIN_REQUIRED"},
		"another scheme":   {[]string{"Authorization", "Basic " + own}, 401, "LOGIN_REQUIRED"},
		"foreign cookie":   {[]string{"Authorization", "", "Cookie", "oc=x; oc-console=y"}, 401, "LOGIN_REQUIRED"},
		"both credentials": {[]string{"Cookie", cookie}, 400, "AMBIGUOUS_CREDENTIALS"},
		"two cookies":      {[]string{"Authorization", "", "Cookie", cookie + "; " + cookie}, 400, "AMBIGUOUS_CREDENTIALS"},
	} {
		w := q.send("", c.headers...)
		requireProblem(q.t, w, c.status, c.code)
		if c.status == 401 {
			require.Equal(q.t, "Bearer", w.Header().Get("WWW-Authenticate"), name)
		}
	}
	if unsafeMethod(q.o.Method) {
		requireProblem(q.t, q.send("", "Authorization", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"), 403, "CROSS_ORIGIN_REFUSED")
		requireProblem(q.t, q.send("", "Authorization", "", "Cookie", cookie, "Origin", "https://evil.example"), 403, "CROSS_ORIGIN_REFUSED")
	}
}

func (q *refusalCase) keys() {
	body := ""
	if q.o.hasBody {
		body = "{}"
	}
	for _, key := range []string{"short", strings.Repeat("k", 129), "with blank", "with/slash", "中文中文中文", "abcdefgh\x7f"} {
		requireProblem(q.t, q.send(body, headerIdempotencyKey, key), 422, "IDEMPOTENCY_KEY_INVALID")
	}
}

func (q *refusalCase) sizes() {
	big := strings.Repeat(" ", int(q.o.BodyLimit)) + "{}"
	requireProblem(q.t, q.send(big), 413, "BODY_TOO_LARGE")

	req := httptest.NewRequest(q.o.Method, q.path, strings.NewReader(big))
	req.ContentLength = -1 // does not say how much is coming
	if len(q.o.Accept) > 0 {
		req.Header.Set("Content-Type", q.o.Accept[0])
	}
	token := map[Audience]string{Citizen: citizenToken, Agent: agentToken}[q.o.Audience]
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	q.engine.ServeHTTP(w, req)
	requireProblem(q.t, w, 413, "BODY_TOO_LARGE")
}

func (q *refusalCase) mediaTypes() {
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "application/", "application/xml"} {
		requireProblem(q.t, q.send("{}", "Content-Type", kind), 415, "UNSUPPORTED_MEDIA_TYPE")
	}
	requireProblem(q.t, q.send("{}", "Content-Encoding", "gzip"), 415, "UNSUPPORTED_MEDIA_TYPE")
}

func (q *refusalCase) jsonForms() {
	for _, body := range []string{"[]", "null", "{", `{"a":1}{}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":"\u0000"}`, strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)} {
		requireProblem(q.t, q.send(body), 400, "MALFORMED_BODY")
	}
	w := q.send(fmt.Sprintf(`{"x%s":"%s"}`, plantedID, plantedID))
	p := requireProblem(q.t, w, 422, "INVALID_INPUT")
	require.NotContains(q.t, w.Body.String(), plantedID, "neither values nor made-up names come back")
	require.Contains(q.t, fieldCodesOf(p), "UNKNOWN_FIELD")

	for _, key := range []string{"bank_account", "payeeAccount", "BANK_ACCOUNT"} {
		requireProblem(q.t, q.send(fmt.Sprintf(`{"x":{"%s":"6217000000000000"}}`, key)), 422, "PAYEE_ACCOUNT_NOT_EDITABLE")
	}
	if !q.o.AcceptsPassword {
		for _, key := range []string{"pin", "password", "PIN", "new_pin", `\u0070in`} {
			requireProblem(q.t, q.send(fmt.Sprintf(`{"x":[{"%s":"123456"}]}`, key)), 422, "PIN_NOT_ACCEPTED")
		}
	}
}

func (q *refusalCase) targets() {
	for _, query := range []string{"?a=%00", "?a=%ff", "?a=1;b=2", "?" + strings.Repeat("a", maxQuery+1)} {
		p := q.path
		q.path += query
		requireProblem(q.t, q.send(""), 400, "MALFORMED_REQUEST")
		q.path = p
	}
	if q.o.hasInput && q.o.Method == http.MethodGet {
		p := q.path
		q.path += "?x" + plantedID + "=1"
		w := q.send("")
		requireProblem(q.t, w, 422, "INVALID_INPUT")
		require.NotContains(q.t, w.Body.String(), plantedID)
		q.path = p
	}
}

func fieldCodesOf(p Problem) []string {
	var codes []string
	for _, f := range p.Fields {
		codes = append(codes, f.Code)
	}
	return codes
}
