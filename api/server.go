package api

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"
)

// Server is the HTTP side of the product. It owns no socket: boot serves Handler and Metrics where it likes.
type Server struct{ s *server }

// server is what resource files hang their handlers on.
type server struct {
	Deps
	engine   *gin.Engine
	huma     huma.API
	ops      []*operation
	byRoute  map[route]*operation
	document []byte
	macs     macs
	csrf     *http.CrossOriginProtection
	local    *localLimiter
	metrics  *metrics
	console  *client
	citizen  *client
	draining atomic.Bool
	probes   singleflight.Group
	reads    singleflight.Group // lists being read
	slots    chan struct{}      // connections that lists may take
	large    chan struct{}      // large bodies that may be held at once
	logged   atomic.Uint64      // counts reads that went well, for sampling

	stopping   context.Context // over when event streams must end
	endStreams context.CancelFunc
}

// New builds the server with every operation registered. It fails on settings it cannot keep a promise with.
func New(d Deps) (*Server, error) {
	d, err := d.withDefaults()
	if err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	s := &server{
		Deps:    d,
		engine:  gin.New(),
		byRoute: map[route]*operation{},
		macs:    macs{d.EdgeKey},
		csrf:    http.NewCrossOriginProtection(),
		local:   newLocalLimiter(d.Clock),
		metrics: newMetrics(),
		slots:   make(chan struct{}, d.ReadSlots),
		large:   make(chan struct{}, largeBodies),
	}
	s.stopping, s.endStreams = context.WithCancel(context.Background())
	for _, o := range d.TrustedOrigins {
		if err := s.csrf.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("api: trusted origin: %w", err)
		}
	}
	if err := s.engine.SetTrustedProxies(d.TrustedProxies); err != nil {
		return nil, fmt.Errorf("api: trusted proxies: %w", err)
	}
	s.engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	s.engine.RedirectTrailingSlash = false
	s.engine.HandleMethodNotAllowed = true
	s.engine.NoRoute(func(c *gin.Context) { s.refuse(c, errRouteNotFound) })
	s.engine.NoMethod(func(c *gin.Context) { s.refuse(c, errMethodNotAllowed) })
	s.engine.Use(s.begin, s.accessLog, s.recovery, s.headers, s.checkTarget, s.limitBody, s.authenticate, s.limitRate, s.permit, s.actFor, s.readBody, s.answerReady)

	if err = s.readClients(); err != nil {
		return nil, err
	}
	s.huma = s.newHuma()
	s.routes()
	if s.document, err = s.writeDocument(); err != nil {
		return nil, err
	}
	return &Server{s}, nil
}

// Handler answers requests.
func (v *Server) Handler() http.Handler { return http.HandlerFunc(v.s.asAsked) }

// asAsked takes the method out of a header where a client cannot send it: no mini-program can send PATCH. It is still an
// unsafe one, and everything behind sees it as if it had been sent.
func (s *server) asAsked(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && r.Header.Get("X-Http-Method-Override") == http.MethodPatch {
		r.Method = http.MethodPatch
	}
	s.engine.ServeHTTP(w, r)
}

// Metrics is served on a listener of its own, never beside Handler.
func (v *Server) Metrics() http.Handler { return v.s.metrics.handler() }

// Draining makes /readyz fail, so that no new traffic is sent here; requests go on being answered.
func (v *Server) Draining(on bool) { v.s.draining.Store(on) }

// EndStreams ends event streams, each with when to come again: a stop waits for every request, and they have no end.
func (v *Server) EndStreams() { v.s.endStreams() }

// Document is the OpenAPI 3.1 document, as /openapi.json serves it.
func (v *Server) Document() []byte { return v.s.document }
