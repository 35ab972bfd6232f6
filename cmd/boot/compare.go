package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// CompareUsage is what `onecard compare` says to whoever gets it wrong.
const CompareUsage = `usage:
  onecard compare [--month 2021-12] [--json]
Compares payments with the registry's figures, month by month, reads again from the registry what differs, and lists what
stays. Nothing is ever deleted. What a night does by itself.`

// ErrFiguresDiffer says that differences are left: GET /agent/v1/differences lists them.
var ErrFiguresDiffer = errors.New("differences are left after the repair")

// Comparer is what the compare command asks of the product.
type Comparer interface {
	Compare(ctx context.Context, by models.Actor, month string, each func(subsidy.MonthCompared) error) error
}

// OpenComparison runs fn on the program that cfg names, without serving or working.
func OpenComparison(ctx context.Context, cfg configs.Config, fn func(Comparer) error) (err error) {
	a, err := Build(ctx, cfg, Roles{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return fn(a.Subsidies)
}

// CompareCommand carries out `onecard compare` as the machine's operator, a line for each month.
func CompareCommand(ctx context.Context, c Comparer, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	month, asJSON := flags.String("month", "", ""), flags.Bool("json", false, "")
	err := flags.Parse(args)
	if _, form := time.Parse("2006-01", *month); err != nil || flags.NArg() > 0 || *month != "" && form != nil {
		return fmt.Errorf("%w\n%s", ErrUsage, CompareUsage)
	}
	left := 0
	err = c.Compare(ctx, hotline.Operator(), *month, func(m subsidy.MonthCompared) error {
		left += m.Left
		if *asJSON {
			return json.NewEncoder(out).Encode(m)
		}
		_, err := fmt.Fprintf(out, "%s  %d figures, %d differ; %d lines found, %d repaired, %d left\n", m.Month, m.Buckets, m.Differing, m.Found, m.Repaired, m.Left)
		return err
	})
	if err == nil && left > 0 {
		err = ErrFiguresDiffer
	}
	return err
}

// nightly is once a day at an hour of Luoyang's night.
type nightly struct{ hour int }

// Next is the next such instant.
func (n nightly) Next(now time.Time) time.Time {
	at := now.In(models.Shanghai)
	next := time.Date(at.Year(), at.Month(), at.Day(), n.hour, 0, 0, 0, models.Shanghai)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}
