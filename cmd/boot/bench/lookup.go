package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// The limits of `bench lookup` (performance 3).
const (
	lookLimit  = 1.4 // times the CPU of a bare covering read plus one durable write
	seats      = 1000
	lookRows   = 200_000
	proofLooks = 200
)

// Lookup measures what an agent does all day: the person panel of her open call, over the console's own API, with its audit
// entry durable before the answer. Beside it stand the bare read and the bare write it is made of, each a request of its own as
// performance 3 has them, and both in one request of a program that checks nothing and hides nothing.
func Lookup(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	if o.Rows == 0 {
		o.Rows = lookRows
	}
	if o, err = o.withDefaults(); err != nil {
		return Report{}, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Fprintf(progress, "filling %d payments, %d agents in a call\n", o.Rows, seats)
	readers, err := w.seed(ctx, o.Rows, 2000)
	if err != nil {
		return Report{}, err
	}
	agents, err := w.seedSeats(ctx, seats)
	if err != nil {
		return Report{}, err
	}

	cases := lookCases(readers, agents)
	for round := range o.Rounds {
		for _, i := range turns(len(cases), round) {
			if err := w.measureLook(ctx, cases[i], len(agents)); err != nil {
				return Report{}, fmt.Errorf("%s: %w", cases[i].name, err)
			}
		}
		fmt.Fprintf(progress, "round %d of %d done\n", round+1, o.Rounds)
	}
	r = w.report(ctx, "lookup")
	for _, c := range cases {
		r.Cases = append(r.Cases, c.summary())
	}
	gin, read, write, both, ours := cases[0], cases[1], cases[2], cases[3], cases[4]
	r.Ratios = []Ratio{
		ratio("look-up: CPU to bare covering read plus durable write", sums(ours, read, write), lookLimit, false),
	}
	if r.Facts, err = w.proveLooks(ctx, agents); err != nil {
		return Report{}, err
	}
	one := spreadOf(pairs(ours, both, run.cpuEach)).Median // for comparison: performance 3 counts two requests
	r.Facts = append(r.Facts, Fact{Name: "look-up: CPU to both in one bare request", Value: math.Round(one*100) / 100, Unit: "times", OK: true})
	if v := variance(gin); v > baseVariance {
		r.Refused = fmt.Sprintf("bare gin itself varied %.1f-fold between rounds; this machine is too busy for a verdict", v)
	}
	return r, nil
}

func lookCases(readers []reader, agents []seat) []*readCase {
	person := func(path string) func(int) ask {
		return func(i int) ask { return ask{path: path + agents[i%len(agents)].person} }
	}
	return []*readCase{
		{name: "bare gin, 2 KB", args: []string{"bench", "baseline", bareGin}, asks: func(int) ask { return ask{path: "/read"} }},
		{name: "bare covering read", args: []string{"bench", "baseline", bareCovering}, asks: func(i int) ask { return ask{path: "/read?p=" + readers[i%len(readers)].person} }},
		{name: "bare durable write, one statement", args: []string{"bench", "baseline", bareWrite}, asks: person("/write?p=")},
		{name: "bare read and write, one request", args: []string{"bench", "baseline", bareLook}, asks: person("/look?p=")},
		{name: "person of a call", args: []string{"serve"}, asks: lookAt(agents)},
	}
}

func lookAt(agents []seat) func(int) ask {
	return func(i int) ask {
		s := agents[i%len(agents)]
		return ask{"/agent/v1/calls/" + s.call + "/person", s.token}
	}
}

// measureLook runs one case in a fresh process. Each agent has looked once before: what only the first look of a call asks, and
// that a session is used, is not in the figure.
func (w *world) measureLook(ctx context.Context, c *readCase, seats int) error {
	if err := w.forgetKeys(ctx, ""); err != nil {
		return err
	}
	if _, err := w.db.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	p, err := w.start(ctx, "/readyz", c.args...)
	if err != nil {
		return err
	}
	defer w.end(p)
	if err := warm(ctx, p.base, c.asks, seats); err != nil {
		return err
	}
	if _, err := closed(ctx, p.base, c.asks, w.o.Conns, time.Second); err != nil { // each connection plans its statements a few times
		return err
	}
	return w.loadAfter(ctx, c, p, 0)
}

// sums are ours to two baselines together, round by round.
func sums(ours, one, other *readCase) []float64 {
	out := make([]float64, len(ours.runs))
	for i := range out {
		out[i] = ours.runs[i].cpuEach() / (one.runs[i].cpuEach() + other.runs[i].cpuEach())
	}
	return out
}

// proveLooks looks again, one after the other, and asks another connection after each answer whether its audit entry is there.
// What another connection sees is durable where commits are synchronous.
func (w *world) proveLooks(ctx context.Context, agents []seat) ([]Fact, error) {
	p, err := w.start(ctx, "/readyz", "serve")
	if err != nil {
		return nil, err
	}
	defer w.end(p)
	client := newClient(1)
	defer client.CloseIdleConnections()
	missing := 0
	for i := range proofLooks {
		s := agents[i%len(agents)]
		var before, after int
		count := "SELECT count(*) FROM audit_entries WHERE subject_id = $1 AND call_id = $2 AND action = 'hotline.person.seen'"
		if err := w.db.QueryRow(ctx, count, s.person, s.call).Scan(&before); err != nil {
			return nil, err
		}
		if _, err := get(ctx, client, p.base, lookAt(agents)(i)); err != nil {
			return nil, err
		}
		if err := w.db.QueryRow(ctx, count, s.person, s.call).Scan(&after); err != nil {
			return nil, err
		}
		if after != before+1 {
			missing++
		}
	}
	var synchronous bool
	if err := w.db.QueryRow(ctx, "SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on'").Scan(&synchronous); err != nil {
		return nil, err
	}
	unsure := 1.0
	if synchronous {
		unsure = 0
	}
	var flags, looks, entries int
	err = w.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM call_flags), (SELECT count(*) FROM call_look_ups WHERE kind = 'person'),
		(SELECT count(*) FROM audit_entries WHERE action = 'hotline.person.seen')`).Scan(&flags, &looks, &entries)
	return []Fact{
		{Name: "answers before their audit entry", Value: float64(missing), Unit: fmt.Sprintf("of %d", proofLooks), OK: missing == 0},
		{Name: "commits are not synchronous", Value: unsure, Unit: "settings", OK: synchronous},
		{Name: "looks without an audit entry, or the other way round", Value: float64(looks - entries), Unit: fmt.Sprintf("of %d", looks), OK: looks == entries && looks > 0},
		{Name: "agents flagged for too many looks: then flags were measured", Value: float64(flags), Unit: "flags", OK: flags == 0},
	}, err
}
