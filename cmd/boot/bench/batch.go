package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The limits of `bench batch` (performance 3).
const (
	copyLimit   = 0.5 // of the rate of a bare COPY into a new partition with its indexes
	gormLimit   = 1.5 // times the rate of gorm in batches of a thousand
	growthLimit = 64  // MiB of memory beyond what a small file takes
	stallLimit  = 2.0 // times the p99 of reads while nothing is loaded
	gormPart    = 5   // gorm loads this part of the rows; its rate does not depend on how many
	readsEvery  = 200 // reads a second beside the load
	smallFile   = 10_000
)

// loaded is one load of a file by one way.
type loaded struct {
	rows int
	took time.Duration
	rss  int64
}

func (l loaded) rate() float64 { return float64(l.rows) / l.took.Seconds() }

// Batch measures how a payday's file is taken: beside a bare COPY of the same rows, beside gorm, and beside the reads
// that go on meanwhile.
func Batch(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	o, err = o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	// The tables hold a year for a tenth of the rows, so that readers have something to read.
	readers, err := w.seed(ctx, max(o.Rows/10, 100_000), 500)
	if err != nil {
		return Report{}, err
	}
	small, err := w.takeSmall(ctx)
	if err != nil {
		return Report{}, err
	}
	var ours, bare, byGorm []loaded
	var stalls []float64
	for round := range o.Rounds {
		one, err := w.batchRound(ctx, round, readers)
		if err != nil {
			return Report{}, err
		}
		ours, bare, byGorm = append(ours, one.alone), append(bare, one.floor), append(byGorm, one.orm)
		stalls = append(stalls, one.beside.read.p(0.99)/one.idle.p(0.99))
		fmt.Fprintf(progress, "round %d of %d: ours %.0f rows/s (%.0f beside reads), bare COPY %.0f, gorm %.0f; reads p99 %.1f ms idle, %.1f ms beside the load\n",
			round+1, o.Rounds, one.alone.rate(), one.beside.load.rate(), one.floor.rate(), one.orm.rate(), one.idle.p(0.99), one.beside.read.p(0.99))
	}
	r = w.report(ctx, "batch")
	r.Cases = []Case{
		loadCase(fmt.Sprintf("ours: %d rows, read to visible", o.Rows), ours), loadCase("bare COPY, indexes, attach", bare), loadCase("gorm, 1000 at a time", byGorm),
	}
	growth := 0.0
	for _, l := range ours {
		growth = max(growth, float64(l.rss-small.rss)/(1<<20))
	}
	r.Ratios = []Ratio{
		ratio("batch: rate to a bare COPY into a new indexed partition", rates(ours, bare), copyLimit, true),
		ratio("batch: rate to gorm CreateInBatches(1000)", rates(ours, byGorm), gormLimit, true),
		ratio("reads beside a batch: p99 to p99 while idle", stalls, stallLimit, false),
	}
	r.Facts = []Fact{{fmt.Sprintf("memory beyond that for %d rows", smallFile), growth, "MiB", growthLimit, growth <= growthLimit}}
	return r, nil
}

// batchRound is one turn of every way to load the same rows.
type batchRound struct {
	alone, floor, orm loaded
	idle              run
	beside            besideReads
}

func (w *world) batchRound(ctx context.Context, round int, readers []reader) (b batchRound, err error) {
	rows := w.o.Rows
	alone, err := w.writePayday(ctx, fmt.Sprintf("DAY%03d", round), paydayMonth(round), rows)
	if err != nil {
		return b, err
	}
	if b.alone, err = w.ingest(ctx, alone, rows); err != nil {
		return b, err
	}
	if b.floor, err = w.bareLoad(ctx, round); err != nil {
		return b, fmt.Errorf("bare load: %w", err)
	}
	if b.orm, err = w.gormLoad(ctx, round, rows/gormPart); err != nil {
		return b, fmt.Errorf("gorm load: %w", err)
	}
	beside, err := w.writePayday(ctx, fmt.Sprintf("BESIDE%03d", round), paydayMonth(besideMonths+round), rows)
	if err != nil {
		return b, err
	}
	p, err := w.start(ctx, "/readyz", "serve")
	if err != nil {
		return b, err
	}
	defer w.end(p)
	if b.idle, err = w.idleReads(ctx, p, readers); err != nil {
		return b, err
	}
	b.beside, err = w.loadBesideReads(ctx, p, readers, beside, rows)
	return b, err
}

// besideMonths keeps the months of loads beside reads apart from those of loads alone.
const besideMonths = 120

func (w *world) takeSmall(ctx context.Context) (loaded, error) {
	day, err := w.writePayday(ctx, "SMALL", paydayMonth(2*besideMonths), smallFile)
	if err != nil {
		return loaded{}, err
	}
	return w.ingest(ctx, day, smallFile)
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
