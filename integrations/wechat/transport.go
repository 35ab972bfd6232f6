package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// maxAnswer bounds what we read of an answer; the SDK reads everything.
const maxAnswer = 1 << 20

// The SDK keeps its HTTP client in a package variable. It is set once, before any call, to a client whose transport
// finds the app a request belongs to and sends it to that app's own address; so apps with different targets stand
// side by side, and a request of no registered app goes nowhere.
var (
	install sync.Once
	routes  = &router{apps: map[string][]*target{}, tokens: map[string]*target{}, next: newTransport()}
)

// newTransport repeats nothing by itself and keeps a few connections to the one host it talks to.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	return t
}

// target is where the calls of one app go.
type target struct {
	appID   string
	secret  string // never sent by the router; only struck out of error texts
	base    *url.URL
	timeout time.Duration
	tokens  []string // the last few issued to it
}

// register makes calls for the app go to base. forget ends that.
func register(appID, secret, base string, timeout time.Duration) (t *target, forget func(), err error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, nil, fmt.Errorf("wechat: app %s: the API address is not an http address", appID)
	}
	install.Do(func() {
		util.DefaultHTTPClient = &http.Client{Transport: routes, Timeout: 30 * time.Second} // each app's own time is shorter
	})
	t = &target{appID: appID, secret: secret, base: u, timeout: timeout}
	routes.add(t)
	return t, func() { routes.remove(t) }, nil
}

type router struct {
	next   http.RoundTripper
	mu     sync.RWMutex
	apps   map[string][]*target
	tokens map[string]*target
}

func (r *router) add(t *target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apps[t.appID] = append(r.apps[t.appID], t)
}

func (r *router) remove(t *target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.apps[t.appID][:0:0]
	for _, other := range r.apps[t.appID] {
		if other != t {
			kept = append(kept, other)
		}
	}
	if r.apps[t.appID] = kept; len(kept) == 0 {
		delete(r.apps, t.appID)
	}
	for _, token := range t.tokens {
		delete(r.tokens, token)
	}
}

// learn remembers whose token this is, for SDK calls that carry nothing else.
func (r *router) learn(t *target, token string) {
	r.mu.RLock()
	known := r.tokens[token] == t
	r.mu.RUnlock()
	if known || token == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tokens[token] = t
	if t.tokens = append(t.tokens, token); len(t.tokens) > 4 {
		delete(r.tokens, t.tokens[0])
		t.tokens = t.tokens[1:]
	}
}

type targetKey struct{}

// toward marks a context with the app a call is for. Every call of ours does; the rest of pick is for calls whose SDK
// function takes no context.
func toward(ctx context.Context, t *target) context.Context {
	return context.WithValue(ctx, targetKey{}, t)
}

func (r *router) pick(req *http.Request) *target {
	if t, ok := req.Context().Value(targetKey{}).(*target); ok {
		return t
	}
	q := req.URL.Query()
	if token := q.Get("access_token"); token != "" {
		r.mu.RLock()
		defer r.mu.RUnlock()
		return r.tokens[token]
	}
	id := q.Get("appid")
	if id == "" {
		id = appInBody(req)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := r.apps[id]
	for _, t := range list {
		if t.base.String() != list[0].base.String() {
			return nil // one app id, two places: only a context can tell
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func appInBody(req *http.Request) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	defer func() { _ = body.Close() }()
	var in struct {
		AppID string `json:"appid"`
	}
	_ = json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(&in)
	return in.AppID
}

// callError is a call without a usable answer. It never holds the address, whose query carries the app's secret.
type callError struct {
	path   string
	status int
	cause  string
	over   error // context.DeadlineExceeded or context.Canceled, for errors.Is
	unsent bool  // no connection was made: the platform has nothing of it
}

func (e *callError) Error() string {
	if e.status != 0 {
		return fmt.Sprintf("wechat %s: status %d", e.path, e.status)
	}
	return fmt.Sprintf("wechat %s: %s", e.path, e.cause)
}

func (e *callError) Unwrap() error { return e.over }

var errNoApp = &callError{path: "?", cause: "the request belongs to no registered app"}

// RoundTrip sends the request to its app's address and gives back a whole answer with status 200, or an error.
func (r *router) RoundTrip(req *http.Request) (*http.Response, error) {
	t := r.pick(req)
	if t == nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errNoApp
	}
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	out := req.Clone(ctx)
	out.URL.Scheme, out.URL.Host, out.Host = t.base.Scheme, t.base.Host, ""
	out.URL.Path, out.URL.RawPath = strings.TrimSuffix(t.base.Path, "/")+req.URL.Path, ""
	res, err := r.next.RoundTrip(out)
	if err != nil {
		return nil, t.failed(req, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, t.failed(req, err)
	case res.StatusCode != http.StatusOK:
		return nil, &callError{path: req.URL.Path, status: res.StatusCode}
	case len(body) > maxAnswer:
		return nil, &callError{path: req.URL.Path, cause: "the answer is too long"}
	}
	res.Body, res.ContentLength, res.Request = io.NopCloser(bytes.NewReader(body)), int64(len(body)), req
	return res, nil
}

func (t *target) failed(req *http.Request, err error) error {
	var op *net.OpError
	e := &callError{path: req.URL.Path, cause: t.scrub(err.Error()), unsent: errors.As(err, &op) && op.Op == "dial"}
	for _, over := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, over) {
			e.over = over
		}
	}
	return e
}

// scrub strikes the secret out of a text, whoever put it there, and keeps it short.
func (t *target) scrub(s string) string {
	if t.secret != "" {
		s = strings.ReplaceAll(s, t.secret, "[secret]")
	}
	if len(s) > 200 {
		s = s[:200]
	}
	return strings.ToValidUTF8(s, "")
}
