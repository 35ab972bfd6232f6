package boot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// RestoredUsage is what `onecard restored` says to whoever gets it wrong.
const RestoredUsage = `usage:
  onecard restored
  onecard restored note --until 2021-12-20T10:05:00+08:00 --reason WORDS
  onecard restored release --reason WORDS
  onecard restored drop --reason WORDS
note: the database was put back to an earlier point; what happened until then may have been told, and waits. Run it before any
work starts. release sends what waits, drop withholds it: it stays in the inbox. Without more it shows what waits. WORDS (4 to 200
characters, nobody's name or number) stay for ever.`

// RestoreAdmin is what the restored command asks of the product.
type RestoreAdmin = notice.Restores

// OpenRestored runs fn on the database that cfg names, without starting anything else.
func OpenRestored(ctx context.Context, cfg configs.Config, fn func(RestoreAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(a.restores())
}

func (a *App) restores() notice.Restores {
	return notice.Restores{Store: a.db.Restores(), Clock: a.clock}
}

// holdAfterRestore notes a restore that shows by itself and holds what it must before anything is sent. Where holding fails,
// codes and losses go on all the same: the restore is noted, and its sweep holds the rest.
func (a *App) holdAfterRestore(ctx context.Context) error {
	found, err := a.restores().Find(ctx)
	if err != nil {
		return err
	}
	if found {
		a.watch.Alarm("DATABASE_RESTORED", 1)
		a.log.ErrorContext(ctx, "the database is older than its audit seals: queued messages are held until somebody decides", "code", "DATABASE_RESTORED")
	}
	for more := true; more; {
		if more, err = a.restores().Work(ctx); err != nil {
			a.watch.Alarm("RESTORE_NOT_HELD", 1)
			a.log.ErrorContext(ctx, "not all that a restore holds could be held: its sweep goes on", "code", "RESTORE_NOT_HELD", "error", err)
			return nil
		}
	}
	return nil
}

// RestoredCommand carries out `onecard restored ...` as the machine's operator.
func RestoredCommand(ctx context.Context, r notice.Restores, args []string, out io.Writer) error {
	if len(args) == 0 {
		return showRestore(ctx, r, out)
	}
	usage := fmt.Errorf("%w\n%s", ErrUsage, RestoredUsage)
	flags := flag.NewFlagSet("restored", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	until, reason := flags.String("until", "", ""), flags.String("reason", "", "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return usage
	}
	switch args[0] {
	case "note":
		at, err := time.Parse(time.RFC3339, *until)
		if err != nil {
			return fmt.Errorf("%w: --until takes an instant like 2021-12-20T10:05:00+08:00", ErrUsage)
		}
		noted, err := r.Note(ctx, hotline.Operator(), at, *reason)
		if err != nil {
			return explained(err)
		}
		if !noted {
			_, err = fmt.Fprintln(out, "a restore is noted already; decide about it first: onecard restored")
			return err
		}
	case "release", "drop":
		d := map[string]notice.RestoreDecision{"release": notice.RestoreReleased, "drop": notice.RestoreDropped}[args[0]]
		err := r.Decide(ctx, hotline.Operator(), d, *reason)
		if errors.Is(err, models.ErrConflict) {
			return errors.New("no restore is open")
		}
		if err != nil {
			return explained(err)
		}
	default:
		return usage
	}
	return showRestore(ctx, r, out)
}

func showRestore(ctx context.Context, r notice.Restores, out io.Writer) error {
	last, held, err := r.Show(ctx)
	if err != nil {
		return err
	}
	if last.ID == "" {
		_, err = fmt.Fprintln(out, "no restore was noted")
		return err
	}
	state := string(last.Decision)
	if last.Decision == notice.RestoreOpen {
		state = "open: what may have been told waits"
	}
	fmt.Fprintf(out, "restored, noted %s: everything until %s may have been told; %s\n", last.NotedAt.In(models.Shanghai).Format(time.DateTime),
		last.LostUntil.In(models.Shanghai).Format(time.DateTime), state)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for lane := notice.LaneCodes; lane <= notice.LaneCampaigns; lane++ {
		if held[lane] > 0 {
			fmt.Fprintf(table, "held\t%s\t%d\n", lane, held[lane])
		}
	}
	return table.Flush()
}
