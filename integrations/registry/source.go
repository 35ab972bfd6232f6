package registry

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"onecard/configs"
	"onecard/models"
)

// Options are what a source needs beyond its settings.
type Options struct {
	Clock   models.Clock  // for timestamps; nil: the machine's
	Budget  Budget        // nil: no limit
	Breaker Breaker       // zero: the defaults
	Idle    time.Duration // how long a streamed answer may stand still; zero: half a minute
}

// Breaker says when a source that fails is left alone in one lane, and for how long.
type Breaker struct {
	Failures uint          // of the lane's last Of calls; default 8
	Of       uint          // default 16
	Delay    time.Duration // until one call may try again; default 2s
}

// source makes signed calls to one side of the registry.
type source struct {
	name    string
	base    *url.URL
	keys    keys
	timeout time.Duration
	idle    time.Duration
	longest int64 // answer that is read
	clock   models.Clock
	budget  Budget
	http    *http.Client
	// One breaker a lane: a feed that fails again and again must not keep a loss from being sent.
	breakers [ReadLane + 1]circuitbreaker.CircuitBreaker[any]
}

const defaultTimeout = 5 * time.Second

func newSource(name string, cfg configs.Source, o Options) (*source, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("registry: " + name + ": the url must be http:// or https:// with a host")
	}
	if cfg.ClientID == "" || !cfg.Secret.IsSet() {
		return nil, errors.New("registry: " + name + ": client_id and secret must be set")
	}
	certs, err := clientTLS(cfg.CertFile, cfg.KeyFile, cfg.CAFile)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, base: base, keys: keys{cfg.ClientID, []byte(cfg.Secret.Reveal())}, timeout: cfg.Timeout, idle: o.Idle,
		longest: maxAnswer, clock: o.Clock, budget: o.Budget}
	for lane := range s.breakers {
		s.breakers[lane] = o.Breaker.build()
	}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	if s.idle <= 0 {
		s.idle = defaultIdle
	}
	if s.clock == nil {
		s.clock = models.SystemClock{}
	}
	s.http = &http.Client{
		Transport: &http.Transport{TLSClientConfig: certs, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: s.timeout, ForceAttemptHTTP2: true, ReadBufferSize: 64 << 10}, // a stream is hundreds of MB
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a redirect is no answer
	}
	return s, nil
}

func (b Breaker) build() circuitbreaker.CircuitBreaker[any] {
	if b.Failures == 0 {
		b.Failures, b.Of = 8, 16
	}
	if b.Delay == 0 {
		b.Delay = 2 * time.Second
	}
	return circuitbreaker.NewBuilder[any]().WithFailureThresholdRatio(b.Failures, max(b.Of, b.Failures)).
		WithDelay(b.Delay).WithSuccessThreshold(1).Build()
}

// Name is the source's name: cards or payments.
func (s *source) Name() string { return s.name }

// Close lets idle connections go.
func (s *source) Close() { s.http.CloseIdleConnections() }
