package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"
)

// besideOne is one batch taken while others read, and what the same reading was like just before.
type besideOne struct {
	load                  loaded
	idle, read            run
	waitedIdle, waitedFor time.Duration // for a core, by the service and the load together
	spooled               time.Time     // when its lines were read and their storing began
}

// part is the q-th wait of the reads that were due before, or behind, the instant from which lines were stored.
func (b besideOne) part(q float64, storing bool) float64 {
	var waits []time.Duration
	for _, d := range b.read.reads {
		if d.at.After(b.spooled) == storing {
			waits = append(waits, d.wait)
		}
	}
	if len(waits) == 0 {
		return 0
	}
	slices.Sort(waits)
	return ms(quantile(waits, q))
}

// Beside measures only the reads that go on beside a payday: what `bench batch` measures of them, without the floors.
func Beside(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	p, err := openPaydays(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	for round := range p.o.Rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, p.o.Rounds)
		for i := range p.ways {
			if err := p.besideReads(ctx, p.ways[(i+round)%len(p.ways)], progress); err != nil {
				return Report{}, err
			}
		}
	}
	r = p.report(ctx, "beside")
	for _, y := range p.ways {
		stalls, facts := y.tail()
		r.Ratios = append(r.Ratios, ratio("reads beside a batch by "+y.name+": p99 to p99 while idle", stalls, stallLimit, false))
		r.Facts = append(r.Facts, facts...)
	}
	return r, nil
}

// tail is how much slower the slowest reads beside this way's batches were than without them, and what they waited for.
func (y *way) tail() (stalls []float64, facts []Fact) {
	tell := func(name string, of func(besideOne) float64) {
		v := make([]float64, len(y.beside))
		for i, b := range y.beside {
			v[i] = of(b)
		}
		facts = append(facts, Fact{Name: "reads beside a batch by " + y.name + ": " + name, Value: math.Round(100*spreadOf(v).Median) / 100, Unit: "ms", OK: true})
	}
	for _, b := range y.beside {
		stalls = append(stalls, b.read.p(0.99)/b.idle.p(0.99))
	}
	tell("p99 while idle", func(b besideOne) float64 { return b.idle.p(0.99) })
	tell("p99 while its lines are read", func(b besideOne) float64 { return b.part(0.99, false) })
	tell("p99 while they are stored", func(b besideOne) float64 { return b.part(0.99, true) })
	tell("waited for a core, each, while idle", func(b besideOne) float64 { return ms(b.waitedIdle) / float64(b.idle.done) })
	tell("waited for a core, each", func(b besideOne) float64 { return ms(b.waitedFor) / float64(b.read.done) })
	return stalls, facts
}

// besideReads takes a batch while readers read as they did just before, when nothing else went on.
func (p *paydays) besideReads(ctx context.Context, y *way, progress io.Writer) error {
	month, take, err := p.bring(ctx, y, p.o.Rows)
	if err != nil {
		return err
	}
	server, err := p.start(ctx, "/readyz", "serve")
	if err != nil {
		return err
	}
	defer p.end(server)
	waited := func() time.Duration { return waitedForCore(server.cmd.Process.Pid, os.Getpid()) }
	var b besideOne
	before := waited()
	if b.idle, err = p.idleReads(ctx, server, p.readers); err != nil {
		return err
	}
	between := waited()
	if b.load, b.read, err = p.takeBesideReads(ctx, server, p.readers, take); err != nil {
		return err
	}
	b.waitedIdle, b.waitedFor = between-before, waited()-between
	if err := p.db.QueryRow(ctx, "SELECT spooled_at FROM batches WHERE ledger_month = $1", month).Scan(&b.spooled); err != nil {
		return err
	}
	y.beside = append(y.beside, b)
	fmt.Fprintf(progress, "  by %s beside reads %.0f rows/s; reads p99 %.1f ms idle, %.1f ms beside the load: %.1f while lines are read, %.1f while they are stored\n",
		y.name, b.load.rate(), b.idle.p(0.99), b.read.p(0.99), b.part(0.99, false), b.part(0.99, true))
	return p.mustHold(ctx, month, p.o.Rows)
}

// readsAt asks the database for lists, steadily, until stop is closed.
func (w *world) readsAt(ctx context.Context, p *process, readers []reader, stop <-chan struct{}) (run, error) {
	return steady(ctx, p.base, func(i int) ask { return ask{"/v1/arrivals?state=credited", readers[i%len(readers)].token} }, readsEvery, stop)
}

// takeBesideReads takes a batch while readers go on reading.
func (w *world) takeBesideReads(ctx context.Context, p *process, readers []reader, take func(context.Context) (loaded, error)) (l loaded, read run, err error) {
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		read, err = w.readsAt(ctx, p, readers, stop)
		ended <- err
	}()
	l, err = take(ctx)
	close(stop)
	return l, read, errors.Join(err, <-ended)
}

// idleReads is the same reading with nothing beside it, for about as long as a load takes: the slowest hundredth of a few
// hundred reads says little.
func (w *world) idleReads(ctx context.Context, p *process, readers []reader) (run, error) {
	stop := make(chan struct{})
	timer := time.AfterFunc(idleRounds*w.o.Each, func() { close(stop) })
	defer timer.Stop()
	return w.readsAt(ctx, p, readers, stop)
}

const idleRounds = 4 // of the time of one round of reads
