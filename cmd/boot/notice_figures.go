package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
)

// NoticesUsage is what `onecard notices` says to whoever gets it wrong.
const NoticesUsage = `usage:
  onecard notices figures [--from 2021-12-20] [--to 2021-12-20] [--json]
What became of the messages that joined the queue on these days (today without them), as counted within the last minute or hour; what
waits by lane now; what they cost by programme and department; how many of the last hour's one-time codes were used, by app.`

// FiguresAdmin is what the notices command asks of the product.
type FiguresAdmin struct {
	Figures notice.FigureStore
	Costs   notice.Costs
	Backlog func(ctx context.Context) (store.Backlog, error)
	Codes   func(ctx context.Context, from, until time.Time) ([]citizen.CodeShare, error)
	AppName func(id string) string
	Clock   models.Clock
}

// OpenFigures runs fn on the database that cfg names, without starting anything else.
func OpenFigures(ctx context.Context, cfg configs.Config, fn func(FiguresAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(FiguresAdmin{Figures: a.db.Notices(), Costs: a.db.MessageCosts(), Backlog: a.db.Backlog, Codes: a.db.Codes().CodeShares, AppName: a.appName, Clock: a.clock})
}

// messageFigure is how many messages came to the same.
type messageFigure struct {
	Channel notice.Channel `json:"channel"`
	Lane    string         `json:"lane"`
	State   notice.State   `json:"state"`
	Reason  string         `json:"reason,omitempty"`
	Class   string         `json:"reason_class,omitempty"`
	Count   int64          `json:"count"`
}

type laneFigure struct {
	Lane          string `json:"lane"`
	Queued        int64  `json:"queued"`
	OldestSeconds int64  `json:"oldest_seconds"`
}

type costFigure struct {
	Programme  string `json:"programme"`
	Department string `json:"department"`
	Messages   int64  `json:"messages"`
	Parts      int64  `json:"parts"`
	CostMilli  int64  `json:"cost_milli_yuan"`
}

type codesFigure struct {
	App  string `json:"app"`
	Sent int    `json:"sent"`
	Used int    `json:"used"`
}

// noticeFigures is one look at the messages, as programs read it.
type noticeFigures struct {
	From     models.Date     `json:"from"`
	To       models.Date     `json:"to"`
	Messages []messageFigure `json:"messages"`
	Waiting  []laneFigure    `json:"waiting"`
	Costs    []costFigure    `json:"costs"`
	Codes    []codesFigure   `json:"codes"`
}

// NoticesCommand carries out `onecard notices figures`. It reads what was counted, and no message.
func NoticesCommand(ctx context.Context, admin FiguresAdmin, args []string, out io.Writer) error {
	usage := fmt.Errorf("%w\n%s", ErrUsage, NoticesUsage)
	if len(args) == 0 || args[0] != "figures" {
		return usage
	}
	today := string(models.DateOf(admin.Clock.Now()))
	flags := flag.NewFlagSet("figures", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	from, to, asJSON := flags.String("from", today, ""), flags.String("to", today, ""), flags.Bool("json", false, "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return usage
	}
	first, errFirst := models.ParseDate(*from)
	last, errLast := models.ParseDate(*to)
	if errFirst != nil || errLast != nil || first > last {
		return fmt.Errorf("%w: --from and --to take days like 2021-12-01, the earlier one first", ErrUsage)
	}
	f, err := admin.read(ctx, first, last)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(f)
	}
	return f.say(out)
}

func (admin FiguresAdmin) read(ctx context.Context, first, last models.Date) (noticeFigures, error) {
	f := noticeFigures{From: first, To: last, Messages: []messageFigure{}, Waiting: []laneFigure{}, Costs: []costFigure{}, Codes: []codesFigure{}}
	list, err := admin.Figures.MessageFigures(ctx, first.Start(), last.Start().AddDate(0, 0, 1))
	if err != nil {
		return f, err
	}
	for _, m := range list {
		f.Messages = append(f.Messages, messageFigure{m.Channel, laneName(int(m.Lane)), m.State, m.Reason, notice.ReasonClass(m.Reason), m.Count})
	}
	backlog, err := admin.Backlog(ctx)
	if err != nil {
		return f, err
	}
	for lane := notice.LaneCodes; lane <= notice.LaneCampaigns; lane++ {
		w := backlog.Notices[lane]
		age := int64(0)
		if w.Count > 0 {
			age = max(int64(backlog.At.Sub(w.Since).Seconds()), 0)
		}
		f.Waiting = append(f.Waiting, laneFigure{laneName(int(lane)), w.Count, age})
	}
	costs, err := admin.Costs.CostsOf(ctx, first, last)
	if err != nil {
		return f, err
	}
	for i, c := range costs {
		costs[i] = notice.Cost{CostCentre: c.CostCentre, Messages: c.Messages, Parts: c.Parts, Milli: c.Milli}
	}
	for _, c := range notice.Tally(costs) {
		f.Costs = append(f.Costs, costFigure{c.Programme, c.Department, c.Messages, c.Parts, c.Milli})
	}
	until := admin.Clock.Now().Add(-citizen.CodeLife)
	shares, err := admin.Codes(ctx, until.Add(-time.Hour), until)
	for _, s := range shares {
		f.Codes = append(f.Codes, codesFigure{admin.AppName(s.App), s.Sent, s.Used})
	}
	return f, err
}

func (f noticeFigures) say(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LANE\tCHANNEL\tSTATE\tREASON\tMESSAGES")
	for _, m := range f.Messages {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\n", m.Lane, m.Channel, m.State, orDash(m.Reason), m.Count)
	}
	fmt.Fprintln(table, "\nWAITING\tQUEUED\tOLDEST, SECONDS")
	for _, w := range f.Waiting {
		fmt.Fprintf(table, "%s\t%d\t%d\n", w.Lane, w.Queued, w.OldestSeconds)
	}
	fmt.Fprintln(table, "\nPROGRAMME\tDEPARTMENT\tMESSAGES\tYUAN")
	for _, c := range f.Costs {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", orDash(c.Programme), orDash(c.Department), c.Messages, notice.FenOf(c.CostMilli).Yuan())
	}
	fmt.Fprintln(table, "\nAPP\tCODES OF AN HOUR\tUSED")
	for _, c := range f.Codes {
		fmt.Fprintf(table, "%s\t%d\t%d\n", c.App, c.Sent, c.Used)
	}
	return table.Flush()
}

// countMessages counts an hour that is due, and shows today.
func (a *App) countMessages(ctx context.Context) (bool, error) {
	more, failed := notice.Counting{Store: a.db.Notices(), Clock: a.clock}.Count(ctx)
	if more {
		return more, failed
	}
	from := models.DateOf(a.clock.Now()).Start()
	list, err := a.db.Notices().MessageFigures(ctx, from, from.AddDate(0, 0, 1))
	if err != nil {
		return false, errors.Join(failed, err)
	}
	shown := map[string]float64{}
	for _, m := range list {
		what := string(m.State)
		if class := notice.ReasonClass(m.Reason); class != "" {
			what += " " + class
		}
		shown[what] += float64(m.Count)
	}
	a.watch.figures.today.set(shown)
	return false, failed
}
