package boot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/policy"
)

// PolicyUsage is what `onecard policy` says to whoever gets it wrong.
const PolicyUsage = `usage:
  onecard policy list [KEY]
  onecard policy set KEY VALUE --basis DOCUMENT [--scope district:410303|bank:103] [--from 2022-01-01]
list shows every setting as it stands; with KEY, every decision about it. --from takes a day in Shanghai or an RFC 3339
instant; without it the decision counts now. See docs/policies.md.`

// PolicyAdmin is what the policy command asks of policy.
type PolicyAdmin interface {
	List(ctx context.Context, t time.Time) ([]policy.Current, error)
	Set(ctx context.Context, by models.Actor, in policy.SetInput) (policy.Row, error)
}

// OpenPolicy runs fn on the policy of the database that cfg names, without starting anything else.
func OpenPolicy(ctx context.Context, cfg configs.Config, fn func(PolicyAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(policy.New(a.db.Policies(), a.clock))
}

// PolicyCommand carries out `onecard policy ...` as the machine's operator. Every change is audited by the use case.
func PolicyCommand(ctx context.Context, admin PolicyAdmin, args []string, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "list":
		return listPolicies(ctx, admin, out)
	case len(args) == 2 && args[0] == "list" && !strings.HasPrefix(args[1], "-"):
		return showPolicy(ctx, admin, args[1], out)
	case len(args) >= 3 && args[0] == "set":
		return setPolicy(ctx, admin, args[1], args[2], args[3:], out)
	}
	return fmt.Errorf("%w\n%s", ErrUsage, PolicyUsage)
}

func listPolicies(ctx context.Context, admin PolicyAdmin, out io.Writer) error {
	settings, err := admin.List(ctx, time.Now())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tVALUE\tDECISIONS\tRULE")
	for _, s := range settings {
		decisions := "default"
		if n := len(s.Rows); n > 0 {
			decisions = fmt.Sprint(n)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Key, s.Value, decisions, s.Rule)
	}
	return table.Flush()
}

func showPolicy(ctx context.Context, admin PolicyAdmin, key string, out io.Writer) error {
	settings, err := admin.List(ctx, time.Now())
	if err != nil {
		return err
	}
	for _, s := range settings {
		if s.Key != key {
			continue
		}
		fmt.Fprintf(out, "%s = %s (default %q; %s; %s)\n", s.Key, s.Value, s.Default, s.Rule, s.Doc)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, r := range s.Rows {
			fmt.Fprintf(table, "from %s\t%s\t%s\t%s\tset by %s at %s\n", r.ValidFrom.In(models.Shanghai).Format(time.DateTime),
				r.Scope, r.Value, r.Basis, r.SetBy, r.SetAt.In(models.Shanghai).Format(time.DateTime))
		}
		return table.Flush()
	}
	return fmt.Errorf("%w: no setting %q; see: onecard policy list", ErrUsage, key)
}

func setPolicy(ctx context.Context, admin PolicyAdmin, key, value string, args []string, out io.Writer) error {
	in := policy.SetInput{Key: key, Value: value, SetBy: operator()}
	flags := flag.NewFlagSet("set", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&in.Basis, "basis", "", "")
	scope := flags.String("scope", string(policy.Everywhere), "")
	from := flags.String("from", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, PolicyUsage)
	}
	in.Scope = policy.Scope(*scope)
	var err error
	if in.From, err = readFrom(*from); err != nil {
		return err
	}
	row, err := admin.Set(ctx, models.Actor{Kind: models.SystemActor, Channel: models.Console}, in)
	if err != nil {
		return explained(err)
	}
	_, err = fmt.Fprintf(out, "%s = %s for %s from %s\n", row.Key, row.Value, row.Scope, row.ValidFrom.In(models.Shanghai).Format(time.DateTime))
	return err
}

// readFrom reads a day in Shanghai or an instant; empty is now.
func readFrom(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := models.ParseDate(s); err == nil {
		return day.Start(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: --from takes 2022-01-01 or an RFC 3339 instant", ErrUsage)
	}
	return t, nil
}

// explained adds what each field wants: the terminal shows one line, not a form.
func explained(err error) error {
	var refused *models.Error
	if !errors.As(err, &refused) {
		return err
	}
	text := refused.Message
	for _, f := range refused.Fields {
		text += "\n  " + f.Field + ":" + f.Message
	}
	return fmt.Errorf("%w\n%s", err, text)
}

// operator is the machine's user, as the decision's row names who typed it.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "cli:" + u.Username
	}
	return "cli"
}
