package boot

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onecard/models"
	"onecard/models/card"
)

// watch counts what an operator must see. Labels are words of ours, never ids or people.
type watch struct {
	registry  *prometheus.Registry
	alarms    *prometheus.CounterVec
	settled   *prometheus.HistogramVec
	parked    *prometheus.CounterVec
	events    *prometheus.CounterVec
	backlog   backlogGauges
	figures   messageFigures
	failures  *prometheus.CounterVec
	returns   prometheus.Counter
	late      prometheus.Counter
	polls     *prometheus.CounterVec
	telephone telephoneFigures
	taken     atomic.Int64 // feed events taken by this process
}

func newWatch() *watch {
	r := prometheus.NewRegistry()
	f := promauto.With(r)
	return &watch{
		registry: r,
		alarms:   f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_alarms_total", Help: "Things a person must look at, by code."}, []string{"code"}),
		settled: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onecard_registry_command_seconds", Help: "From the commit of a command to its end.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2, 5, 15, 60, 300, 1800},
		}, []string{"kind", "state"}),
		parked:    f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_registry_events_parked_total", Help: "Feed events that could not be taken."}, []string{"source", "entity", "reason"}),
		events:    f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_registry_events_total", Help: "Feed events taken."}, []string{"source"}),
		backlog:   newBacklogGauges(f),
		figures:   newMessageFigures(f),
		telephone: newTelephoneFigures(f),
		failures:  f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_sweep_failures_total", Help: "Rounds of a sweep that failed."}, []string{"sweep"}),
		returns:   f.NewCounter(prometheus.CounterOpts{Name: "onecard_application_returns_total", Help: "Applications sent back to be put right."}),
		late:      f.NewCounter(prometheus.CounterOpts{Name: "onecard_application_late_defects_total", Help: "Defects named in a later return that could have been named in the first (R69)."}),
		polls:     f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_polls_failed_total", Help: "People whom a source that is only asked did not tell of, by why."}, []string{"why"}),
	}
}

func (w *watch) LossAlarmed() { w.alarms.WithLabelValues("LOSS_UNCONFIRMED").Inc() }

func (w *watch) PictureUnreadable() { w.alarms.WithLabelValues("PICTURE_UNREADABLE").Inc() }

func (w *watch) ApplicationReturned(late int) {
	w.returns.Inc()
	w.late.Add(float64(late))
}

func (w *watch) CommandSettled(kind card.CommandKind, state card.CommandState, took time.Duration) {
	w.settled.WithLabelValues(string(kind), string(state)).Observe(took.Seconds())
}

func (w *watch) EventParked(source, entity, reason string) {
	w.parked.WithLabelValues(source, entity, reason).Inc()
	w.alarms.WithLabelValues("EVENT_PARKED").Inc()
}

func (w *watch) FeedPulled(source string, events int, asOf time.Time) {
	w.events.WithLabelValues(source).Add(float64(events))
	w.taken.Add(int64(events))
	if !asOf.IsZero() {
		w.backlog.asOf.vec.WithLabelValues(source).Set(float64(asOf.Unix()))
	}
}

func (w *watch) PollFailed(why string) { w.polls.WithLabelValues(why).Inc() }

func (w *watch) LookUpsOverLimit(context.Context, models.ID, int) {
	w.alarms.WithLabelValues("AGENT_LOOK_UPS").Inc()
}

// Alarm counts what a person must look at.
func (w *watch) Alarm(code string, n int) { w.alarms.WithLabelValues(code).Add(float64(n)) }

func (w *watch) loopFailed(name string) { w.failures.WithLabelValues(name).Inc() }
