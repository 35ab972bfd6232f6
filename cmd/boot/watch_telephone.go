package boot

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onecard/models/hotline"
)

// telephoneFigures count what the exchange tells and what callers wait for. Labels are words of the contract and of ours.
type telephoneFigures struct {
	taken, worked *prometheus.CounterVec
	refused       *prometheus.CounterVec
	waiting       *prometheus.GaugeVec
	ringing       prometheus.Gauge
}

func newTelephoneFigures(f promauto.Factory) telephoneFigures {
	return telephoneFigures{
		taken:   f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_telephone_events_total", Help: "Events of the telephone system, taken or told again."}, []string{"kind", "how"}),
		worked:  f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_telephone_events_worked_total", Help: "Events worked, by what came of them."}, []string{"kind", "outcome"}),
		refused: f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_telephone_events_refused_total", Help: "Requests at the telephone's door that were not believed."}, []string{"why"}),
		waiting: f.NewGaugeVec(prometheus.GaugeOpts{Name: "onecard_call_backs_waiting", Help: "Promised calls that are not made: due, taken, and of both those overdue."}, []string{"state"}),
		ringing: f.NewGauge(prometheus.GaugeOpts{Name: "onecard_telephone_ringing", Help: "Callers for whom a telephone rings and nobody has answered."}),
	}
}

// knownEvent keeps invented kinds out of labels.
func knownEvent(kind string) string {
	switch hotline.EventKind(kind) {
	case hotline.CallRinging, hotline.CallAnswered, hotline.CallEnded, hotline.KeypadResult, hotline.CallBackAnswered, hotline.CallBackNotAnswered, hotline.RatingKeyed:
		return kind
	}
	return "other"
}

func (w *watch) EventTaken(kind, how string) {
	w.telephone.taken.WithLabelValues(knownEvent(kind), how).Inc()
}

func (w *watch) EventWorked(kind, outcome string) {
	w.telephone.worked.WithLabelValues(knownEvent(kind), outcome).Inc()
}

func (w *watch) EventRefused(why string) { w.telephone.refused.WithLabelValues(why).Inc() }

func (w *watch) CallBackOverdue() { w.alarms.WithLabelValues("CALL_BACK_OVERDUE").Inc() }

func (w *watch) EventGaveUp() { w.alarms.WithLabelValues("TELEPHONE_EVENT_FAILED").Inc() }

func (w *watch) callBacks(f hotline.CallBackFigures) {
	w.telephone.waiting.WithLabelValues("due").Set(float64(f.Due))
	w.telephone.waiting.WithLabelValues("taken").Set(float64(f.Taken))
	w.telephone.waiting.WithLabelValues("overdue").Set(float64(f.Overdue))
}
