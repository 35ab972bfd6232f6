package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// SMSUsage is what `onecard sms` says to whoever gets it wrong.
const SMSUsage = `usage:
  onecard sms vendor
  onecard sms vendor NAME --reason WORDS
  onecard sms costs [--from 2021-12-01] [--to 2021-12-31] [--json]
vendor shows which vendor every process asks first, and the last changes; with NAME it is that one from now on, within two
seconds, until it fails or another is named. WORDS (4 to 200 characters, nobody's name or number) stay in the list for ever.
costs adds up what messages cost, by programme and department; without days, this month so far.`

// SMSAdmin is what the sms command asks of the product.
type SMSAdmin struct {
	Vendors interface {
		VendorChanges(ctx context.Context, limit int) ([]notice.VendorChange, error)
		SwitchVendor(ctx context.Context, by models.Actor, to, basis, setBy string) (notice.VendorChange, error)
	}
	Costs interface {
		CostsOf(ctx context.Context, from, to models.Date) ([]notice.Cost, error)
	}
	Names []string // of the vendors that are set up, the first at home
	Clock models.Clock
}

// OpenSMS runs fn on the database that cfg names, without starting anything else.
func OpenSMS(ctx context.Context, cfg configs.Config, fn func(SMSAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(a.smsAdmin())
}

func (a *App) smsAdmin() SMSAdmin {
	admin := SMSAdmin{Vendors: notice.NewVendors(a.db.SMSVendors()), Costs: a.db.MessageCosts(), Clock: a.clock}
	for _, c := range a.carriers() {
		admin.Names = append(admin.Names, c.name)
	}
	return admin
}

// SMSCommand carries out `onecard sms ...` as the machine's operator. A change of vendor is audited by the use case.
func SMSCommand(ctx context.Context, admin SMSAdmin, args []string, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "vendor":
		return showVendors(ctx, admin, out)
	case len(args) > 2 && args[0] == "vendor":
		return switchVendor(ctx, admin, args[1], args[2:], out)
	case len(args) > 0 && args[0] == "costs":
		return showCosts(ctx, admin, args[1:], out)
	}
	return fmt.Errorf("%w\n%s", ErrUsage, SMSUsage)
}

const changesShown = 20

func showVendors(ctx context.Context, admin SMSAdmin, out io.Writer) error {
	list, err := admin.Vendors.VendorChanges(ctx, changesShown)
	if err != nil {
		return err
	}
	first := admin.Names[0]
	if len(list) > 0 && slices.Contains(admin.Names, list[0].To) {
		first = list[0].To
	}
	fmt.Fprintf(out, "asked first: %s (set up: %s)\n", first, strings.Join(admin.Names, ", "))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range list {
		fmt.Fprintf(table, "%s\t%s → %s\t%s\t%s\n", c.At.In(models.Shanghai).Format(time.DateTime), orDash(c.From), c.To, c.Reason, whyChanged(c))
	}
	return table.Flush()
}

func whyChanged(c notice.VendorChange) string {
	if c.Reason == notice.ChangedByHand {
		return c.SetBy + ": " + c.Basis
	}
	return fmt.Sprintf("%d of %d calls failed", c.Failed, c.Calls)
}

func switchVendor(ctx context.Context, admin SMSAdmin, name string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("vendor", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	reason := flags.String("reason", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, SMSUsage)
	}
	words := strings.TrimSpace(*reason)
	switch n := utf8.RuneCountInString(words); {
	case !slices.Contains(admin.Names, name):
		return fmt.Errorf("%w: no such vendor is set up; there are: %s", ErrUsage, strings.Join(admin.Names, ", "))
	case n < 4 || n > 200:
		return fmt.Errorf("%w: --reason takes 4 to 200 characters", ErrUsage)
	}
	c, err := admin.Vendors.SwitchVendor(ctx, hotline.Operator(), name, words, operator())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is asked first from now on\n", c.To)
	return err
}

// costLine is one row of the list as programs read it.
type costLine struct {
	Day        models.Date    `json:"day"`
	Channel    notice.Channel `json:"channel"`
	Vendor     string         `json:"vendor"`
	Programme  string         `json:"programme"`
	Department string         `json:"department"`
	Kind       notice.Kind    `json:"kind"`
	Messages   int64          `json:"messages"`
	Parts      int64          `json:"parts"`
	CostMilli  int64          `json:"cost_milli_yuan"`
}

func showCosts(ctx context.Context, admin SMSAdmin, args []string, out io.Writer) error {
	today := models.DateOf(admin.Clock.Now())
	flags := flag.NewFlagSet("costs", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	from, to := flags.String("from", string(today)[:len("2021-12-")]+"01", ""), flags.String("to", string(today), "")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, SMSUsage)
	}
	first, errFirst := models.ParseDate(*from)
	last, errLast := models.ParseDate(*to)
	if errFirst != nil || errLast != nil || first > last {
		return fmt.Errorf("%w: --from and --to take days like 2021-12-01, the earlier one first", ErrUsage)
	}
	list, err := admin.Costs.CostsOf(ctx, first, last)
	if err != nil {
		return err
	}
	if *asJSON {
		for _, c := range list {
			line := costLine{c.Day, c.Channel, c.Vendor, c.Programme, c.Department, c.Kind, c.Messages, c.Parts, c.Milli}
			if err := json.NewEncoder(out).Encode(line); err != nil {
				return err
			}
		}
		return nil
	}
	return sayCosts(list, out)
}

// sayCosts adds up by programme and department, the dearest first.
func sayCosts(list []notice.Cost, out io.Writer) error {
	by := make([]notice.Cost, len(list))
	total := notice.Cost{}
	for i, c := range list {
		by[i] = notice.Cost{CostCentre: c.CostCentre, Messages: c.Messages, Parts: c.Parts, Milli: c.Milli}
		total.Messages, total.Parts, total.Milli = total.Messages+c.Messages, total.Parts+c.Parts, total.Milli+c.Milli
	}
	by = notice.Tally(by)
	slices.SortStableFunc(by, func(a, b notice.Cost) int { return int(min(max(b.Milli-a.Milli, -1), 1)) })
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROGRAMME\tDEPARTMENT\tMESSAGES\tPARTS\tYUAN")
	line := func(programme, department string, c notice.Cost) {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", programme, department, c.Messages, c.Parts, c.Fen().Yuan())
	}
	for _, c := range by {
		line(orDash(c.Programme), orDash(c.Department), c)
	}
	line("all", "", total)
	return table.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
