package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// The limits of `bench run` (performance 3).
const (
	cachedLimit   = 1.5 // times the CPU of a pipelined session and value read
	uncachedLimit = 1.5 // times the CPU of a bare covering read
	bufferLimit   = 10
	baseVariance  = 2.0 // a machine on which bare gin varies more than this tells nothing
)

// readCase is one program and what it is asked.
type readCase struct {
	name string
	args []string
	asks func(int) ask
	runs []run
	rss  float64
	// Of a case whose buffers are counted: those of a life that ends before the load begins.
	counts bool
	before int64
}

// Run measures the read of arrivals, from the ready body and from the database, beside its floors.
func Run(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Fprintf(progress, "filling %d payments\n", o.Rows)
	readers, err := w.seed(ctx, o.Rows, 2000)
	if err != nil {
		return Report{}, err
	}
	if err := w.fillBareKeys(ctx, readers); err != nil {
		return Report{}, err
	}
	cases := readCases(readers)
	for round := range o.Rounds {
		for _, i := range turns(len(cases), round) {
			if err := w.measure(ctx, cases[i], readers); err != nil {
				return Report{}, fmt.Errorf("%s: %w", cases[i].name, err)
			}
		}
		fmt.Fprintf(progress, "round %d of %d done\n", round+1, o.Rounds)
	}
	r = w.report(ctx, "run")
	for _, c := range cases {
		r.Cases = append(r.Cases, c.summary())
	}
	gin, pipelined, covering, cached, uncached := cases[0], cases[1], cases[2], cases[3], cases[4]
	r.Ratios = []Ratio{
		ratio("cached arrivals read: CPU to pipelined session and value", pairs(cached, pipelined, run.cpuEach), cachedLimit, false),
		ratio("uncached arrivals read: CPU to bare covering read", pairs(uncached, covering, run.cpuEach), uncachedLimit, false),
	}
	touched := uncached.blocks()
	r.Facts = append(r.Facts, Fact{"buffers touched by an uncached read, with what the service does meanwhile", touched, "buffers", bufferLimit, touched <= bufferLimit})
	if v := variance(gin); v > baseVariance {
		r.Refused = fmt.Sprintf("bare gin itself varied %.1f-fold between rounds; this machine is too busy for a verdict", v)
	}
	return r, nil
}

func readCases(readers []reader) []*readCase {
	of := func(make func(reader) ask) func(int) ask {
		return func(i int) ask { return make(readers[i%len(readers)]) }
	}
	return []*readCase{
		{name: "bare gin, 2 KB", args: []string{"bench", "baseline", bareGin}, asks: func(int) ask { return ask{path: "/read"} }},
		{name: "bare session + value, pipelined", args: []string{"bench", "baseline", barePipelined}, asks: of(func(r reader) ask { return ask{path: "/read?h=" + r.handle} })},
		{name: "bare covering read", args: []string{"bench", "baseline", bareCovering}, asks: of(func(r reader) ask { return ask{path: "/read?p=" + r.person} })},
		{name: "arrivals, ready body", args: []string{"serve"}, asks: of(func(r reader) ask { return ask{"/v1/arrivals", r.token} })},
		// A list narrowed to a state is never kept ready: it always asks the database.
		{name: "arrivals, from the database", args: []string{"serve"}, asks: of(func(r reader) ask { return ask{"/v1/arrivals?state=credited", r.token} }), counts: true},
	}
}

// turns is the order of a round: each round begins elsewhere, so that no case always follows the same one.
func turns(n, round int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = (i + round) % n
	}
	return out
}

// measure runs one case in a fresh process. Buffers are counted over the process's life, since what its backends touched
// is known when they are gone; what a life without the load touches, start and sessions, is taken off.
func (w *world) measure(ctx context.Context, c *readCase, readers []reader) error {
	if c.counts && c.before == 0 {
		var err error
		if c.before, err = w.life(ctx, c, func(p *process) error { return warm(ctx, p.base, c.asks, len(readers)) }); err != nil {
			return err
		}
	}
	touched, err := w.life(ctx, c, func(p *process) error { return w.load(ctx, c, p, readers) })
	if err != nil {
		return err
	}
	last := &c.runs[len(c.runs)-1]
	last.buffers = float64(touched-c.before) / float64(last.done)
	return nil
}

// life is a process of a case from its start to its end, with the buffers touched in between. It begins without copies
// of sessions, as every other life of the case does.
func (w *world) life(ctx context.Context, c *readCase, live func(*process) error) (buffers int64, err error) {
	if err := w.forgetKeys(ctx, "{"); err != nil {
		return 0, err
	}
	before, err := w.buffers(ctx)
	if err != nil {
		return 0, err
	}
	p, err := w.start(ctx, "/readyz", c.args...)
	if err != nil {
		return 0, err
	}
	err = live(p)
	w.end(p)
	if err != nil {
		return 0, err
	}
	after, err := w.buffers(ctx)
	return after - before, err
}

// load asks once for each reader, so that sessions and bodies lie ready, and then measures.
func (w *world) load(ctx context.Context, c *readCase, p *process, readers []reader) error {
	return w.loadAfter(ctx, c, p, len(readers))
}

// loadAfter measures after so many requests that are not counted.
func (w *world) loadAfter(ctx context.Context, c *readCase, p *process, first int) error {
	if err := warm(ctx, p.base, c.asks, first); err != nil {
		return err
	}
	before, err := w.cpu(ctx, p)
	if err != nil {
		return err
	}
	done, err := closed(ctx, p.base, c.asks, w.o.Conns, w.o.Each)
	if err != nil {
		return err
	}
	after, err := w.cpu(ctx, p)
	if err != nil {
		return err
	}
	done.cpu = after - before
	peak, err := peakRSS(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	c.runs, c.rss = append(c.runs, done), max(c.rss, float64(peak)/(1<<20))
	return nil
}

func warm(ctx context.Context, base string, asks func(int) ask, n int) error {
	client := newClient(4)
	defer client.CloseIdleConnections()
	for i := range n {
		if _, err := get(ctx, client, base, asks(i)); err != nil {
			return fmt.Errorf("warming up: %w", err)
		}
	}
	return nil
}

func (c *readCase) summary() Case {
	figure := func(of func(run) float64) spread {
		v := make([]float64, len(c.runs))
		for i, r := range c.runs {
			v[i] = of(r)
		}
		return spreadOf(v)
	}
	return Case{
		Name: c.name, Rate: figure(run.rate), CPU: figure(run.cpuEach), RSS: c.rss,
		P50ms: figure(func(r run) float64 { return r.p(0.5) }), P99ms: figure(func(r run) float64 { return r.p(0.99) }),
	}
}

// pairs are ours to the baseline, round by round.
func pairs(ours, base *readCase, of func(run) float64) []float64 {
	out := make([]float64, min(len(ours.runs), len(base.runs)))
	for i := range out {
		out[i] = of(ours.runs[i]) / of(base.runs[i])
	}
	return out
}

func variance(c *readCase) float64 {
	v := make([]float64, len(c.runs))
	for i, r := range c.runs {
		v[i] = r.cpuEach()
	}
	return slices.Max(v) / slices.Min(v)
}

// fillBareKeys puts what the pipelined baseline reads: a record as large as a session copy, a body as large as ours.
func (w *world) fillBareKeys(ctx context.Context, readers []reader) error {
	p, err := w.start(ctx, "/readyz", "serve")
	if err != nil {
		return err
	}
	defer w.end(p)
	client := newClient(1)
	defer client.CloseIdleConnections()
	size, err := get(ctx, client, p.base, ask{"/v1/arrivals", readers[0].token})
	if err != nil {
		return fmt.Errorf("reading one list: %w", err)
	}
	pipe := w.redis.Pipeline()
	for _, r := range readers {
		pipe.Set(ctx, bareSession(w.prefix, r.handle), strings.Repeat("s", 240), time.Hour)
		pipe.Set(ctx, bareBody(w.prefix, r.handle), strings.Repeat("b", size), time.Hour)
	}
	_, err = pipe.Exec(ctx)
	return err
}

// buffers are the pages that this database's backends have touched so far. The figures of a backend come with its end:
// it waits until those of the process before have ended.
func (w *world) buffers(ctx context.Context) (n int64, err error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	for left := 1; left > 0; {
		err := w.db.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&left)
		if err != nil {
			return 0, err
		}
		if left > 0 {
			<-time.After(10 * time.Millisecond)
		}
	}
	// A transaction that has read figures once sees them unchanged.
	if _, err := w.db.Exec(ctx, "SELECT pg_stat_clear_snapshot()"); err != nil {
		return 0, err
	}
	err = w.db.QueryRow(ctx, "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()").Scan(&n)
	return n, err
}

func (c *readCase) blocks() float64 {
	v := make([]float64, len(c.runs))
	for i, r := range c.runs {
		v[i] = r.buffers
	}
	return math.Round(spreadOf(v).Median*10) / 10
}
