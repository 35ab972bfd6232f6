package boot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onecard/integrations/sms"
	"onecard/models/notice"
)

// messageFigures are what an operator must see of messages. Labels are channels, vendors, lanes and classes: words of ours
// or of the settings.
type messageFigures struct {
	messages, calls, changes *prometheus.CounterVec
	took                     *prometheus.HistogramVec
	preferred, state         *prometheus.GaugeVec
	cost, budget             prometheus.Gauge
	codesUsed, templates     *waitingGauge
	today                    *waitingGauge
}

func newMessageFigures(f promauto.Factory) messageFigures {
	return messageFigures{
		messages: f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_messages_total", Help: "Messages by what became of them."}, []string{"channel", "vendor", "lane", "outcome", "reason"}),
		calls:    f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_sms_calls_total", Help: "Messages offered to an SMS vendor, by its answer."}, []string{"vendor", "lane", "outcome"}),
		changes:  f.NewCounterVec(prometheus.CounterOpts{Name: "onecard_sms_vendor_changes_total", Help: "Changes of the preferred SMS vendor that this process made."}, []string{"from", "to", "reason"}),
		took: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onecard_sms_call_seconds", Help: "Time of one call of an SMS vendor.", Buckets: []float64{.05, .1, .25, .5, 1, 2, 3, 5, 10},
		}, []string{"vendor"}),
		preferred: f.NewGaugeVec(prometheus.GaugeOpts{Name: "onecard_sms_vendor_preferred", Help: "1 for the SMS vendor that is asked first."}, []string{"vendor"}),
		state:     f.NewGaugeVec(prometheus.GaugeOpts{Name: "onecard_sms_vendor_state", Help: "How this process sees an SMS vendor: 0 works, 1 is tried again, 2 rests."}, []string{"vendor"}),
		cost:      f.NewGauge(prometheus.GaugeOpts{Name: "onecard_messages_cost_today_fen", Help: "What today's messages cost so far."}),
		budget:    f.NewGauge(prometheus.GaugeOpts{Name: "onecard_messages_budget_fen", Help: "What a day's messages may cost; 0: no budget."}),
		codesUsed: &waitingGauge{vec: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "onecard_codes_used_percent", Help: "Of the one-time codes an app asked for in an hour, how many were used.",
		}, []string{"app"})},
		templates: &waitingGauge{vec: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "onecard_sms_template", Help: "The text of a kind: 0 is approved at some SMS vendor, 1 only in an older version, 2 nowhere: its messages wait.",
		}, []string{"kind"})},
		today: &waitingGauge{vec: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "onecard_messages_today", Help: "Messages that joined the queue today, by their state and class of reason, of all processes together.",
		}, []string{"outcome"})},
	}
}

var (
	_ sms.Watch      = (*watch)(nil)
	_ notice.Counter = (*watch)(nil)
)

func (w *watch) MessageCounted(channel notice.Channel, vendor string, lane notice.Lane, what notice.CountedAs, reason string) {
	w.figures.messages.WithLabelValues(string(channel), vendor, laneName(int(lane)), string(what), notice.ReasonClass(reason)).Inc()
}

func (w *watch) VendorCalled(vendor string, lane notice.Lane, outcome string, took time.Duration) {
	w.figures.calls.WithLabelValues(vendor, laneName(int(lane)), outcome).Inc()
	w.figures.took.WithLabelValues(vendor).Observe(took.Seconds())
}

var breakerStates = map[string]float64{"closed": 0, "half-open": 1, "open": 2}

func (w *watch) VendorShown(vendor string, preferred bool, state string) {
	first := 0.0
	if preferred {
		first = 1
	}
	w.figures.preferred.WithLabelValues(vendor).Set(first)
	w.figures.state.WithLabelValues(vendor).Set(breakerStates[state])
}

// VendorChanged counts a change by itself. Leaving a vendor is an alarm: somebody must ask it what is wrong.
func (w *watch) VendorChanged(c notice.VendorChange) {
	w.figures.changes.WithLabelValues(c.From, c.To, string(c.Reason)).Inc()
	if c.Reason != notice.ChangedBack {
		w.Alarm("SMS_VENDOR_LEFT", 1)
	}
}
