package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// scaleLimit is the part of its rate that the read must keep when the tables are ten times as large.
const (
	scaleLimit = 0.8
	scaleTimes = 10
)

// Scale measures the read from the database on tables of one size and of ten times that size, both warm.
func Scale(ctx context.Context, o Options, progress io.Writer) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	small, machine, err := readAt(ctx, o, o.Rows, progress)
	if err != nil {
		return Report{}, err
	}
	large, _, err := readAt(ctx, o, o.Rows*scaleTimes, progress)
	if err != nil {
		return Report{}, err
	}
	r := machine
	r.Cases = []Case{small.summary(), large.summary()}
	r.Ratios = []Ratio{
		ratio(fmt.Sprintf("uncached arrivals read at %d rows: rate to that at %d", o.Rows*scaleTimes, o.Rows), pairs(large, small, run.rate), scaleLimit, true),
	}
	for _, c := range []*readCase{small, large} {
		touched := c.blocks()
		r.Facts = append(r.Facts, Fact{"buffers touched, " + c.name, touched, "buffers", bufferLimit, touched <= bufferLimit})
	}
	return r, nil
}

func readAt(ctx context.Context, o Options, rows int, progress io.Writer) (c *readCase, r Report, err error) {
	w, err := openWorld(ctx, o)
	if err != nil {
		return nil, Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Fprintf(progress, "filling %d payments\n", rows)
	readers, err := w.seed(ctx, rows, 2000)
	if err != nil {
		return nil, Report{}, err
	}
	all := readCases(readers)
	c = all[len(all)-1]
	c.name = fmt.Sprintf("arrivals, from %d rows", rows)
	for range o.Rounds {
		if err := w.measure(ctx, c, readers); err != nil {
			return nil, Report{}, err
		}
	}
	return c, w.report(ctx, "scale"), nil
}
