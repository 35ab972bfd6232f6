package api

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are in a registry of their own, so two servers in one process do not meet. Labels are route templates,
// methods, statuses and codes: all from our own tables.
type metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec
	took        *prometheus.HistogramVec
	refusals    *prometheus.CounterVec
	inFlight    prometheus.Gauge
	limiterOuts prometheus.Counter
	readyHit    prometheus.Counter
	readyMiss   prometheus.Counter
	readyOut    prometheus.Counter
	lastOut     atomic.Int64 // unix minute of the last warning
}

func newMetrics() *metrics {
	ready := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "onecard_http_ready_answers_total", Help: "Lists by how they were answered: hit, miss, or out where nothing can be kept.",
	}, []string{"result"})
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "onecard_http_requests_total", Help: "Answers by route template and status.",
		}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onecard_http_request_seconds", Help: "Time from the first header byte to the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"method", "route"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "onecard_http_refusals_total", Help: "Problem answers by code.",
		}, []string{"code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "onecard_http_in_flight", Help: "Requests being answered.",
		}),
		limiterOuts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "onecard_http_limiter_outages_total", Help: "Requests for which the shared limiter could not be asked.",
		}),
		readyHit: ready.WithLabelValues("hit"), readyMiss: ready.WithLabelValues("miss"), readyOut: ready.WithLabelValues("out"),
	}
	m.registry.MustRegister(ready, m.requests, m.took, m.refusals, m.inFlight, m.limiterOuts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// observed are the two metrics of the commonest answer of a route, looked up once.
type observed struct {
	ok   prometheus.Counter
	took prometheus.Observer
}

func (m *metrics) observed(method, route string) observed {
	return observed{ok: m.requests.WithLabelValues(method, route, "200"), took: m.took.WithLabelValues(method, route)}
}

func (m *metrics) count(r *request, method string, status int, took time.Duration) {
	if r.code != "" {
		m.refusals.WithLabelValues(r.code).Inc()
	}
	if r.op == nil {
		m.requests.WithLabelValues(knownMethod(method), "none", strconv.Itoa(status)).Inc()
		return
	}
	r.op.seen.took.Observe(took.Seconds())
	if status == http.StatusOK {
		r.op.seen.ok.Inc()
		return
	}
	m.requests.WithLabelValues(r.op.Method, r.op.Path, strconv.Itoa(status)).Inc()
}

// limiterOut counts an outage and says whether it is time for another line in the log: one a minute.
func (m *metrics) limiterOut() bool {
	m.limiterOuts.Inc()
	minute := time.Now().Unix() / 60
	return m.lastOut.Swap(minute) != minute
}

// readyAnswer counts how a list was answered.
func (m *metrics) readyAnswer(hit, keeps bool) {
	switch {
	case hit:
		m.readyHit.Inc()
	case keeps:
		m.readyMiss.Inc()
	default:
		m.readyOut.Inc()
	}
}
