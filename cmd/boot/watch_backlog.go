package boot

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onecard/models/card"
	"onecard/models/store"
)

// backlogEvery is how old a figure of the backlog may be: it is read by one sweep, never by a scrape.
const backlogEvery = 20 * time.Second

// backlogGauges show what is not done yet, as of the last look at the database. Every replica shows the same.
type backlogGauges struct {
	commands, commandAge *waitingGauge
	notices, noticeAge   *waitingGauge
	parked, usedUp, asOf *waitingGauge
	heldBack             *waitingGauge
	held                 prometheus.Gauge
}

func newBacklogGauges(f promauto.Factory) backlogGauges {
	gauge := func(name, help, label string) *waitingGauge {
		return &waitingGauge{vec: f.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{label})}
	}
	return backlogGauges{
		commands:   gauge("onecard_commands_unfinished", "Commands the registry has not settled.", "kind"),
		commandAge: gauge("onecard_commands_oldest_seconds", "How long the oldest unfinished command has waited.", "kind"),
		notices:    gauge("onecard_notices_queued", "Notices that wait to be sent, counted up to 10000.", "lane"),
		noticeAge:  gauge("onecard_notices_oldest_seconds", "How long the first notice has been due.", "lane"),
		heldBack:   gauge("onecard_notices_held", "Messages that wait for a person's decision, counted up to 10000.", "reason"),
		parked:     gauge("onecard_events_parked", "Feed events that wait to be taken.", "source"),
		usedUp:     gauge("onecard_jobs_used_up", "Jobs that gave up and are still listed.", "kind"),
		asOf:       gauge("onecard_registry_as_of_seconds", "How fresh our copy of a source is, as a Unix time.", "source"),
		held:       f.NewGauge(prometheus.GaugeOpts{Name: "onecard_payments_held", Help: "Payment lines that are held, counted up to 10000."}),
	}
}

// waitingGauge sets a figure for each label. One that is named no more is zero, not as it was.
type waitingGauge struct {
	vec  *prometheus.GaugeVec
	mu   sync.Mutex
	seen map[string]bool
}

func (g *waitingGauge) set(now map[string]float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	for label, v := range now {
		g.seen[label] = true
		g.vec.WithLabelValues(label).Set(v)
	}
	for label := range g.seen {
		if _, is := now[label]; !is {
			g.vec.WithLabelValues(label).Set(0)
		}
	}
}

func (w *backlogGauges) show(b store.Backlog) {
	count, age := map[string]float64{}, map[string]float64{}
	note := func(label string, x store.Waiting) {
		count[label], age[label] = float64(x.Count), 0
		if x.Count > 0 && b.At.After(x.Since) {
			age[label] = b.At.Sub(x.Since).Seconds()
		}
	}
	for _, kind := range []card.CommandKind{card.CommandLoss, card.CommandRelease, card.CommandApplication, card.CommandCorrection, card.CommandWithdrawal,
		card.CommandReplacement, card.CommandReplacementCorrection, card.CommandReplacementWithdrawal} {
		note(string(kind), store.Waiting{})
	}
	for kind, x := range b.Commands {
		note(kind, x)
	}
	w.commands.set(count)
	w.commandAge.set(age)
	count, age = map[string]float64{}, map[string]float64{}
	for lane, x := range b.Notices {
		note(laneName(int(lane)), x)
	}
	w.notices.set(count)
	w.noticeAge.set(age)
	w.heldBack.set(counts(b.HeldBack))
	w.parked.set(counts(b.Parked))
	w.usedUp.set(counts(b.UsedUp))
	fresh := map[string]float64{}
	for source, at := range b.AsOf {
		if !at.IsZero() {
			fresh[source] = float64(at.Unix())
		}
	}
	w.asOf.set(fresh)
	w.held.Set(float64(b.Held))
}

func counts(of map[string]store.Waiting) map[string]float64 {
	out := make(map[string]float64, len(of))
	for label, x := range of {
		out[label] = float64(x.Count)
	}
	return out
}

var laneNames = []string{"codes", "losses", "progress", "arrivals", "campaigns"}

func laneName(lane int) string {
	if lane < 0 || lane >= len(laneNames) {
		return strconv.Itoa(lane)
	}
	return laneNames[lane]
}

// lookAtBacklog reads what waits and shows it. A job that gave up is an alarm, by one replica and once.
func (a *App) lookAtBacklog(ctx context.Context) (bool, error) {
	b, err := a.db.Backlog(ctx)
	if err != nil {
		return false, err
	}
	a.watch.backlog.show(b)
	if !b.Unsaid {
		return false, nil
	}
	const atOnce = 100
	told, err := a.db.TellUsedUpJobs(ctx, atOnce)
	for _, j := range told {
		a.watch.alarms.WithLabelValues("JOB_USED_UP").Inc()
		a.log.ErrorContext(ctx, "a job gave up", "code", "JOB_USED_UP", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt)
	}
	return len(told) == atOnce, err
}
