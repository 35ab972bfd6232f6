package boot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

// SlipUsage is what `onecard slip` says to whoever gets it wrong.
const SlipUsage = `usage: onecard slip issue [--helper] [--outlet REF]
Reads two lines from standard input, never from the command line: the name and the ID number on the papers that the
window has seen. Prints the one-time code for the slip: to bind that person, or with --helper to let whoever redeems it
help that person (亲属协助).`

// SlipIssuer is what the slip command asks of citizens.
type SlipIssuer interface {
	IssueSlip(ctx context.Context, by models.Actor, in citizen.IssueSlipInput) (citizen.Slip, string, error)
}

// SlipCommand issues one window slip (R52). The clerk has seen the papers; the use case audits and asks the registry.
func SlipCommand(ctx context.Context, issuer SlipIssuer, args []string, in io.Reader, out io.Writer) error {
	want := citizen.IssueSlipInput{}
	rest, issue := args, len(args) > 0 && args[0] == "issue"
	if issue {
		rest = args[1:]
	}
	if len(rest) > 0 && rest[0] == "--helper" {
		want.Purpose, rest = citizen.SlipForHelper, rest[1:]
	}
	if len(rest) == 2 && rest[0] == "--outlet" {
		want.OutletID, rest = rest[1], nil
	}
	if !issue || len(rest) > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, SlipUsage)
	}
	lines := bufio.NewScanner(in)
	var papers [2]string
	for i := range papers {
		if !lines.Scan() {
			return errors.Join(fmt.Errorf("%w\n%s", ErrUsage, SlipUsage), lines.Err())
		}
		papers[i] = strings.TrimSpace(lines.Text())
	}
	want.Name, want.IDNumber = papers[0], papers[1]
	slip, code, err := issuer.IssueSlip(ctx, models.System(), want)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\nvalid until %s, once\n", code, slip.ExpiresAt.In(models.Shanghai).Format("2006-01-02 15:04"))
	return err
}

// OpenCitizens runs fn on the citizens of the product that cfg names, without answering requests or sweeping.
func OpenCitizens(ctx context.Context, cfg configs.Config, fn func(SlipIssuer) error) (err error) {
	app, err := Build(ctx, cfg, Roles{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	return fn(app.Citizens)
}
