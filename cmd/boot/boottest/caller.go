package boottest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Caller speaks to the program as someone: nobody, a citizen or an agent.
type Caller struct {
	t     testing.TB
	base  string
	http  *http.Client
	Token string
	seat  string // the extension of a member of staff; empty: the demo agent's
}

// Reply is an answer, read whole.
type Reply struct {
	t      testing.TB
	Status int
	Header http.Header
	Raw    []byte
	Body   map[string]any
}

// Get asks for path.
func (c *Caller) Get(path string) Reply { c.t.Helper(); return c.Send(http.MethodGet, path, nil) }

// Post sends body as JSON; a nil body sends none. Headers come in pairs.
func (c *Caller) Post(path string, body any, headers ...string) Reply {
	c.t.Helper()
	return c.Send(http.MethodPost, path, body, headers...)
}

// Send sends any request. A []byte or string body goes as it is. Every write has an Idempotency-Key of its own unless
// the headers name one.
func (c *Caller) Send(method, path string, body any, headers ...string) Reply {
	c.t.Helper()
	r, err := c.try(method, path, body, headers...)
	require.NoError(c.t, err)
	return r
}

func (c *Caller) try(method, path string, body any, headers ...string) (Reply, error) {
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			return Reply{}, err
		}
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, bytes.NewReader(raw))
	if err != nil {
		return Reply{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if method != http.MethodGet {
		req.Header.Set("Idempotency-Key", rand.Text())
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer res.Body.Close()
	r := Reply{t: c.t, Status: res.StatusCode, Header: res.Header}
	if r.Raw, err = io.ReadAll(io.LimitReader(res.Body, 8<<20)); err != nil {
		return r, err
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(r.Raw, &r.Body) // a list or nothing leaves Body empty
	}
	return r, nil
}

// At reads a value along a path of keys; numbers index lists. Nothing there is nil.
func (r Reply) At(path ...any) any {
	var v any = r.Body
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

// Text is At as a string.
func (r Reply) Text(path ...any) string { s, _ := r.At(path...).(string); return s }

// List is At as a list.
func (r Reply) List(path ...any) []any { l, _ := r.At(path...).([]any); return l }

// Is demands a status and gives the reply on.
func (r Reply) Is(status int) Reply {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, "%s", r.Raw)
	return r
}

// Refused demands a problem with this status and code that names a way forward (R48).
func (r Reply) Refused(status int, code string) Reply {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, "%s", r.Raw)
	require.Equal(r.t, "application/problem+json", r.Header.Get("Content-Type"))
	require.Equal(r.t, code, r.Text("code"), "%s", r.Raw)
	require.Regexp(r.t, "12333|网点|窗口", r.Text("detail"))
	return r
}
