package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The limits of `bench batch` (performance 3).
const (
	copyLimit   = 0.5 // of the rate of a bare COPY into a new partition with its indexes
	gormLimit   = 1.5 // times the rate of gorm in batches of a thousand
	growthLimit = 64  // MiB of memory beyond what a small batch takes
	stallLimit  = 2.0 // times the p99 of reads while nothing is loaded
	gormPart    = 5   // gorm loads this part of the rows; its rate does not depend on how many
	readsEvery  = 200 // reads a second beside the load
	smallBatch  = 10_000
)

// loaded is one load of a batch by one way.
type loaded struct {
	rows   int
	took   time.Duration
	rss    int64
	others time.Duration // CPU of those who only hand it over
}

func (l loaded) rate() float64 { return float64(l.rows) / l.took.Seconds() }

// way is how a batch comes to us. bring lays rows lines of a ledger month at our door; the take it answers, which alone is
// measured, lets them in.
type way struct {
	name, spans string
	bring       func(ctx context.Context, month string, rows int) (take func(context.Context) (loaded, error), err error)

	small  loaded
	alone  []loaded
	beside []besideOne
}

// paydays is what `bench batch` measures.
type paydays struct {
	*world
	ways       []*way
	readers    []reader
	months     int // used so far
	bare, gorm []loaded
}

// Batch measures how a payday is taken, from a file and from the registry's stream: beside a bare COPY of the same rows,
// beside gorm, and beside the reads that go on meanwhile.
func Batch(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	p, err := openPaydays(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	for _, y := range p.ways {
		if y.small, _, err = p.load(ctx, y, smallBatch); err != nil {
			return Report{}, fmt.Errorf("small batch by %s: %w", y.name, err)
		}
	}
	for round := range p.o.Rounds {
		if err := p.round(ctx, round, progress); err != nil {
			return Report{}, err
		}
	}
	return p.conclude(ctx), nil
}

// openPaydays prepares a world in which paydays come by file and by feed.
func openPaydays(ctx context.Context, o Options) (p *paydays, err error) {
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	if o, err = o.withDefaults(); err != nil {
		return nil, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	p = &paydays{world: w}
	// The tables hold a year for a tenth of the rows, so that readers have something to read.
	if p.readers, err = w.seed(ctx, max(o.Rows/10, 100_000), 500); err != nil {
		return nil, err
	}
	d, err := w.openDesk(ctx)
	if err != nil {
		return nil, err
	}
	p.ways = []*way{{name: "file", spans: "read to visible", bring: w.bringFile}, {name: "feed", spans: "taken up to visible", bring: d.bring}}
	return p, nil
}

// load takes one batch by one way into a month of its own.
func (p *paydays) load(ctx context.Context, y *way, rows int) (l loaded, month string, err error) {
	month, take, err := p.bring(ctx, y, rows)
	if err != nil {
		return l, "", err
	}
	if l, err = take(ctx); err != nil {
		return l, "", err
	}
	return l, month, p.mustHold(ctx, month, rows)
}

func (p *paydays) bring(ctx context.Context, y *way, rows int) (month string, take func(context.Context) (loaded, error), err error) {
	month = paydayMonth(p.months)
	p.months++
	take, err = y.bring(ctx, month, rows)
	return month, take, err
}

// round is one turn of every way to load rows.
func (p *paydays) round(ctx context.Context, round int, progress io.Writer) error {
	rows, from := p.o.Rows, ""
	for i := range p.ways {
		y := p.ways[(i+round)%len(p.ways)]
		l, month, err := p.load(ctx, y, rows)
		if err != nil {
			return fmt.Errorf("by %s: %w", y.name, err)
		}
		y.alone = append(y.alone, l)
		if y == p.ways[0] {
			from = month
		}
	}
	floor, err := p.bareLoad(ctx, from, round)
	if err != nil {
		return fmt.Errorf("bare load: %w", err)
	}
	orm, err := p.gormLoad(ctx, from, round, rows/gormPart)
	if err != nil {
		return fmt.Errorf("gorm load: %w", err)
	}
	for _, kind := range []string{"copy", "gorm"} { // as the server's own collector does soon after
		if _, err := p.db.Exec(ctx, "ANALYZE payments_"+strings.ReplaceAll(floorMonth(kind, round), "-", "_")); err != nil {
			return err
		}
	}
	p.bare, p.gorm = append(p.bare, floor), append(p.gorm, orm)
	fmt.Fprintf(progress, "round %d of %d: bare COPY %.0f rows/s, gorm %.0f\n", round+1, p.o.Rounds, floor.rate(), orm.rate())
	for _, y := range p.ways {
		if err := p.besideReads(ctx, y, progress); err != nil {
			return fmt.Errorf("by %s beside reads: %w", y.name, err)
		}
	}
	return nil
}

func (p *paydays) conclude(ctx context.Context) Report {
	r := p.report(ctx, "batch")
	for _, y := range p.ways {
		stalls, facts := y.tail()
		r.Facts = append(r.Facts, facts...)
		r.Cases = append(r.Cases, loadCase(fmt.Sprintf("by %s: %d rows, %s", y.name, p.o.Rows, y.spans), y.alone))
		r.Ratios = append(r.Ratios,
			ratio("batch by "+y.name+": rate to a bare COPY, new indexed partition", rates(y.alone, p.bare), copyLimit, true),
			ratio("batch by "+y.name+": rate to gorm CreateInBatches(1000)", rates(y.alone, p.gorm), gormLimit, true),
			ratio("reads beside a batch by "+y.name+": p99 to p99 while idle", stalls, stallLimit, false))
		growth, others := 0.0, make([]float64, len(y.alone))
		for i, l := range y.alone {
			growth, others[i] = max(growth, float64(l.rss-y.small.rss)/(1<<20)), l.others.Seconds()
		}
		r.Facts = append(r.Facts, Fact{fmt.Sprintf("memory by %s beyond that for %d rows", y.name, smallBatch), growth, "MiB", growthLimit, growth <= growthLimit})
		if slices.Max(others) > 0 {
			r.Facts = append(r.Facts, Fact{Name: "CPU of the pretend registry, which streams by " + y.name, Value: spreadOf(others).Median, Unit: "s", OK: true})
		}
	}
	r.Cases = append(r.Cases, loadCase("bare COPY, indexes, attach", p.bare), loadCase("gorm, 1000 at a time", p.gorm))
	return r
}

func rates(ours, base []loaded) []float64 {
	out := make([]float64, min(len(ours), len(base)))
	for i := range out {
		out[i] = ours[i].rate() / base[i].rate()
	}
	return out
}

func loadCase(name string, list []loaded) Case {
	rate, peak := make([]float64, len(list)), 0.0
	for i, l := range list {
		rate[i], peak = l.rate(), max(peak, float64(l.rss)/(1<<20))
	}
	return Case{Name: name, Rate: spreadOf(rate), RSS: peak}
}
