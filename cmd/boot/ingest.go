package boot

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"onecard/configs"
	"onecard/integrations/registry/filedrop"
	"onecard/models/hotline"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// IngestUsage is what `onecard ingest` says to whoever gets it wrong.
const IngestUsage = `usage:
  onecard ingest FILE [--control FILE] [--dry-run] [--report FILE] [--json] [--by NAME]
Takes a batch of payments from a file (CSV or NDJSON) whose announcement lies beside it, in FILE.control.json. The batch is
taken whole or not at all; taken again, nothing happens. --dry-run checks everything and stores nothing. Every line that is
not in order is named, to standard output or to the --report file. See docs/ingest.md.`

// ErrBatchNotTaken says that a batch was held whole: the report says why.
var ErrBatchNotTaken = errors.New("the batch is held whole, none of its lines counts")

// Intake is what the ingest command asks of the product.
type Intake interface {
	TakeBatch(ctx context.Context, b subsidy.Batch, src subsidy.LineSource, o subsidy.TakeOptions) (subsidy.Taken, error)
}

// Terminal is where a command speaks: answers go to Out, progress to Err.
type Terminal struct {
	Out, Err io.Writer
	Live     bool // Err is looked at by a person: one line is drawn again and again
}

// OpenIntake runs fn on the database that cfg names, without starting anything else.
func OpenIntake(ctx context.Context, cfg configs.Config, fn func(Intake) error) (err error) {
	spendOnPaydays()
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.joinTaking(ctx); err != nil {
		return err
	}
	return fn(a.Intake())
}

// Intake is the way in for batches brought by hand.
func (a *App) Intake() Intake { return a.Subsidies }

type ingestOrder struct {
	file, control, report, by string
	dry, json                 bool
}

var byForm = regexp.MustCompile(`^[A-Za-z0-9_.@:-]{1,40}$`)

func readIngest(args []string) (o ingestOrder, err error) {
	flags := flag.NewFlagSet("ingest", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.control, "control", "", "")
	flags.StringVar(&o.report, "report", "", "")
	flags.StringVar(&o.by, "by", operator(), "")
	flags.BoolVar(&o.dry, "dry-run", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	var files []string
	for rest := args; ; { // the file may stand before, between or behind the flags
		if err := flags.Parse(rest); err != nil {
			return o, fmt.Errorf("%w\n%s", ErrUsage, IngestUsage)
		}
		if flags.NArg() == 0 {
			break
		}
		files = append(files, flags.Arg(0))
		rest = flags.Args()[1:]
	}
	if len(files) != 1 || files[0] == "" || !byForm.MatchString(o.by) {
		return o, fmt.Errorf("%w\n%s", ErrUsage, IngestUsage)
	}
	o.file = files[0]
	if o.control == "" {
		o.control = filedrop.ControlOf(o.file)
	}
	return o, nil
}

// IngestCommand carries out `onecard ingest` as the machine's operator.
func IngestCommand(ctx context.Context, in Intake, args []string, t Terminal) error {
	o, err := readIngest(args)
	if err != nil {
		return err
	}
	file, err := filedrop.Open(o.file, o.control)
	if err != nil {
		return err
	}
	report, err := openReport(o, t)
	if err != nil {
		return err
	}
	taken, err := ingest(ctx, in, o, file, report)
	report.bar.clear()
	if err = errors.Join(err, report.close()); err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted; run it again: what was done is not done twice") // not the quiet end of a server
		}
		return err
	}
	if err := report.conclude(o, file.Batch(), taken); err != nil {
		return err
	}
	if taken.Reason != "" {
		return fmt.Errorf("%w: %s", ErrBatchNotTaken, taken.Reason)
	}
	return nil
}

const (
	busyMost  = 90 * time.Second // longer than the lease of one who died
	busyPause = time.Second
)

// ingest takes the batch. Where another has it, perhaps one who was killed, it waits until that one's lease is over.
func ingest(ctx context.Context, in Intake, o ingestOrder, file *filedrop.File, r *ingestReport) (subsidy.Taken, error) {
	b := file.Batch()
	pause := time.NewTicker(busyPause)
	defer pause.Stop()
	for until := time.Now().Add(busyMost); ; {
		taken, err := in.TakeBatch(ctx, b, file, subsidy.TakeOptions{By: hotline.Operator(), Operator: o.by, DryRun: o.dry, Report: r.find, Progress: r.bar.show})
		if !errors.Is(err, subsidy.ErrBatchBusy) || time.Now().After(until) {
			return taken, err
		}
		r.bar.say("another process has this batch; waiting for it")
		select {
		case <-ctx.Done():
			return taken, ctx.Err()
		case <-pause.C:
		}
	}
}

// ingestReport writes what is not in order, a line for each, and at last what became of the batch.
type ingestReport struct {
	bar   *progressBar
	out   io.Writer
	json  bool
	lines *bufio.Writer
	file  *os.File
	found int
}

func openReport(o ingestOrder, t Terminal) (*ingestReport, error) {
	r := &ingestReport{bar: newProgressBar(t), out: t.Out, json: o.json, lines: bufio.NewWriter(t.Out)}
	if o.report != "" {
		f, err := os.OpenFile(o.report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- the operator names it
		if err != nil {
			return nil, err
		}
		r.file, r.lines = f, bufio.NewWriter(f)
	}
	return r, nil
}

// find writes one finding: the line's number and a code, never what stands in it.
func (r *ingestReport) find(f subsidy.Finding) (err error) {
	r.found++
	if r.file == nil {
		r.bar.clear()
	}
	switch {
	case r.json:
		err = json.NewEncoder(r.lines).Encode(map[string]any{"line": f.Line, "code": f.Code})
	case f.Line == 0:
		_, err = fmt.Fprintf(r.lines, "batch: %s\n", f.Code)
	default:
		_, err = fmt.Fprintf(r.lines, "line %d: %s\n", f.Line, f.Code)
	}
	return err
}

func (r *ingestReport) close() error {
	err := r.lines.Flush()
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	return err
}

// conclude writes what became of the batch.
func (r *ingestReport) conclude(o ingestOrder, b subsidy.Batch, t subsidy.Taken) error {
	if r.json {
		return json.NewEncoder(r.out).Encode(map[string]any{"batch": b.ID, "ledger_month": b.LedgerMonth, "state": t.State, "reason": t.Reason, "again": t.Again,
			"dry_run": o.dry, "lines": t.Lines, "total_fen": t.TotalFen, "held": t.Held, "parked": t.Parked, "findings": r.found})
	}
	what := fmt.Sprintf("%d lines, %d.%02d yuan", t.Lines, t.TotalFen/100, t.TotalFen%100)
	what += fmt.Sprintf("; %d held for a look, %d parked until their payee is known", t.Held, t.Parked)
	switch {
	case t.Again:
		what = "had been taken before with these very lines; nothing happened"
	case t.Reason != "":
		what = "held whole for " + t.Reason + "; " + what
	case o.dry:
		what = "nothing against it; " + what + "; nothing was stored"
	default:
		what = string(t.State) + "; " + what
	}
	_, err := fmt.Fprintf(r.out, "batch %s of %s: %s\n", b.ID, b.LedgerMonth, what)
	return err
}

// joinTaking makes what it takes to take batches, and nothing else.
func (a *App) joinTaking(ctx context.Context) error {
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	since, err := a.db.Feeds().NotifyFrom(ctx, "payments", a.clock.Now())
	if err != nil {
		return err
	}
	a.Policy = policy.New(a.db.Policies(), a.clock)
	a.db.PlanBy(a.Policy, nil)
	a.Subsidies = &subsidy.Service{Store: a.db.Subsidies(), Clock: a.clock, Log: a.log, SpoolDir: a.cfg.SpoolFolder(), HistoryFrom: since, Banks: banks{a.Policy},
		HeldTime: heldTime{a.Policy}}
	return nil
}
