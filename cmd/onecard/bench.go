package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"onecard/cmd/boot"
	"onecard/cmd/boot/bench"
)

// benches are the measurements by name.
var benches = map[string]func(context.Context, bench.Options, io.Writer) (bench.Report, error){
	"run": bench.Run, "batch": bench.Batch, "beside": bench.Beside, "scale": bench.Scale, "notices": bench.Notices, "lookup": bench.Lookup, "staff": bench.Staff,
}

var errBenchMissed = errors.New("a figure missed its limit")

const benchUsage = "onecard bench run|batch|beside|scale|notices|lookup|staff [--rows N] [--rounds N] [--seconds N] [--conns N] [--json]"

func runBench(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 2 && args[0] == "baseline" { // started by the bench itself
		return bench.Serve(ctx, args[1])
	}
	if len(args) == 0 || benches[args[0]] == nil {
		return fmt.Errorf("%w: %s", boot.ErrUsage, benchUsage)
	}
	o := bench.Options{Postgres: os.Getenv("ONECARD_BENCH_POSTGRES"), Redis: os.Getenv("ONECARD_BENCH_REDIS")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.Rows, "rows", 0, "")
	flags.IntVar(&o.Rounds, "rounds", 0, "")
	flags.IntVar(&o.Conns, "conns", 0, "")
	seconds := flags.Float64("seconds", 0, "")
	flags.BoolVar(&o.JSON, "json", false, "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w: %s", boot.ErrUsage, benchUsage)
	}
	o.Each = time.Duration(*seconds * float64(time.Second))
	var err error
	if o.Binary, err = os.Executable(); err != nil {
		return err
	}
	report, err := benches[args[0]](ctx, o, os.Stderr)
	if err != nil {
		return err
	}
	if err := report.Print(out, o.JSON); err != nil {
		return err
	}
	if report.Refused == "" && report.Failed() {
		return errBenchMissed
	}
	return nil
}
