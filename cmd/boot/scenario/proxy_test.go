package scenario_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// balancer shares requests out over replicas in turn, as the load balancer of a real installation does. One that does
// not answer is passed over, and what it was asked goes to the next: reads always, writes where the client gave them an
// Idempotency-Key, which is a client's leave to repeat.
type balancer struct {
	server   *httptest.Server
	replicas []*replica
	turn     atomic.Uint64
}

type replica struct {
	at       *url.URL
	answered atomic.Int64
}

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{}
	b.server = httptest.NewUnstartedServer(b)
	b.server.Start()
	t.Cleanup(b.server.Close)
	return b
}

// to names the replicas, once they listen.
func (b *balancer) to(t *testing.T, bases ...string) {
	t.Helper()
	for _, base := range bases {
		at, err := url.Parse(base)
		require.NoError(t, err)
		b.replicas = append(b.replicas, &replica{at: at})
	}
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	first := b.turn.Add(1)
	for i := range len(b.replicas) {
		next := b.replicas[(first+uint64(i))%uint64(len(b.replicas))]
		head, answer, err := next.ask(r, body)
		if err == nil {
			next.answered.Add(1)
			for name, values := range head.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(head.StatusCode)
			_, _ = w.Write(answer)
			return
		}
		if r.Context().Err() != nil || r.Method != http.MethodGet && r.Header.Get("Idempotency-Key") == "" {
			break
		}
	}
	http.Error(w, "no replica answers", http.StatusBadGateway)
}

// ask passes a request on; an answer counts when it came whole.
func (a *replica) ask(r *http.Request, body []byte) (*http.Response, []byte, error) {
	out := r.Clone(r.Context())
	out.RequestURI, out.URL.Scheme, out.URL.Host = "", a.at.Scheme, a.at.Host // Host stays what the client asked for
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res, err := passing.RoundTrip(out)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(res.Body)
	return res, answer, errors.Join(err, res.Body.Close())
}

var passing = &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}
