package boot

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"onecard/configs"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
)

// ArchiveUsage is what `onecard archive` says to whoever gets it wrong.
const ArchiveUsage = `usage:
  onecard archive confirm --basis DOCUMENT [--of applications|replacements] < receipts
Notes that the bureau's archive has these ended applications, or replacements, with their pictures; a receipt number on
each line of the standard input. The two are numbered apart. Pictures of what is confirmed are deleted objects.keep_after_end after the application's end, of what
is not, never.`

// ErrNotArchived says that some lines were not noted; each was named with its reason.
var ErrNotArchived = errors.New("some applications were not noted as archived")

// Archivist is what the archive command asks of the card capability.
type Archivist interface {
	ConfirmArchived(ctx context.Context, by models.Actor, receipt, basis string) error
	ConfirmReplacementArchived(ctx context.Context, by models.Actor, receipt, basis string) error
}

// OpenArchive runs fn on the applications of the database that cfg names, without starting anything else.
func OpenArchive(ctx context.Context, cfg configs.Config, fn func(Archivist) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(card.New(card.Ports{Store: cardStore{Cards: a.db.Cards()}, Clock: a.clock, Log: a.log}, card.DefaultSettings()))
}

// ArchiveCommand carries out `onecard archive` as the machine's operator. Each line is a commit of its own, and a repeat
// of one changes nothing.
func ArchiveCommand(ctx context.Context, keeper Archivist, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("archive confirm", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	basis, of := flags.String("basis", "", ""), flags.String("of", "applications", "")
	confirm := map[string]func(ctx context.Context, by models.Actor, receipt, basis string) error{
		"applications": keeper.ConfirmArchived, "replacements": keeper.ConfirmReplacementArchived,
	}
	if len(args) == 0 || args[0] != "confirm" || flags.Parse(args[1:]) != nil || flags.NArg() > 0 || confirm[*of] == nil || strings.TrimSpace(*basis) == "" {
		return fmt.Errorf("%w\n%s", ErrUsage, ArchiveUsage)
	}
	noted, refused := 0, 0
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		receipt := strings.TrimSpace(lines.Text())
		if receipt == "" {
			continue
		}
		var why string
		switch err := confirm[*of](ctx, hotline.Operator(), receipt, *basis); {
		case err == nil:
			noted++
			continue
		case models.KindOf(err) == models.NotFound:
			why = "none of the " + *of + " has this receipt"
		case models.KindOf(err) == models.Conflict:
			why = "it is still under way"
		default:
			return err
		}
		refused++
		if _, err := fmt.Fprintf(out, "%s  %s\n", receipt, why); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%d noted as archived, %d not\n", noted, refused); err != nil {
		return err
	}
	if refused > 0 {
		return ErrNotArchived
	}
	return nil
}
