package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"onecard/configs"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// TemplatesUsage is what `onecard templates` says to whoever gets it wrong.
const TemplatesUsage = `usage:
  onecard templates list [--vendor NAME] [--json]
  onecard templates file
  onecard templates sync
  onecard templates set VENDOR TEMPLATE STATE --reason WORDS [--version VERSION]
list shows every text with each vendor: which version, how the vendor stands to it since when, and which one goes out.
file writes down that the texts of this release were filed under the codes of the settings; running processes do so by
themselves. sync asks Aliyun, Tencent Cloud and WeChat and writes what changed. set is for what cannot be asked (Alipay):
STATE is filed, approved, refused, paused or withdrawn. A vendor that can be asked has the last word at the next sync.`

// TemplateFilings are the use cases that the templates command asks for.
type TemplateFilings interface {
	List(ctx context.Context) ([]notice.Filing, error)
	File(ctx context.Context, by models.Actor) ([]notice.Filing, error)
	Sync(ctx context.Context, by models.Actor) ([]notice.FilingChange, error)
	Set(ctx context.Context, by models.Actor, vendor, template, version string, state notice.FilingState, reason, setBy string) (notice.FilingChange, error)
}

// TemplatesAdmin is what the command works on.
type TemplatesAdmin struct {
	TemplateFilings
	Book   *notice.Book
	Places []notice.FilingPlace
}

// Templates are this program's filings.
func (a *App) Templates() TemplatesAdmin {
	return TemplatesAdmin{a.filings, a.book, a.filings.Places()}
}

// OpenTemplates runs fn on the filings of the database that cfg names, without starting anything else. In dev the pretend
// vendors of a running `onecard dev` are asked.
func OpenTemplates(ctx context.Context, cfg configs.Config, fn func(TemplatesAdmin) error) (err error) {
	a, err := openForPlatforms(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	a.book = notice.NewBook(a.db.TemplateFilings(), a.clock, filingPlaces(a.cfg))
	apps, err := a.wechatMessages()
	if err != nil {
		return err
	}
	if a.filings, err = a.openFilings(apps); err != nil {
		return err
	}
	return fn(a.Templates())
}

// wechatMessages are WeChat's apps as senders, which can be asked about their templates.
func (a *App) wechatMessages() ([]notice.Pusher, error) {
	deps := wechat.Deps{Tokens: a.redis.Tokens(), Clock: a.clock, Log: a.log}
	for _, app := range a.cfg.Wechat.Apps {
		if app.Kind == "oa" {
			oa, err := wechat.NewOfficialAccount(a.cfg.Wechat, app, a.returnTo(models.WechatOA), deps)
			if err != nil {
				return nil, err
			}
			a.onClose(oa.Close)
			if err := a.addPusher(oa.Messages(app, a.cfg.HTTP.PublicURL)); err != nil {
				return nil, err
			}
			continue
		}
		mini, err := wechat.NewMiniProgram(a.cfg.Wechat, app, deps)
		if err != nil {
			return nil, err
		}
		a.onClose(mini.Close)
		if err := a.addPusher(mini.Messages(app)); err != nil {
			return nil, err
		}
	}
	return a.Pushers, nil
}

// TemplatesCommand carries out `onecard templates ...` as the machine's operator. Changes are audited by the use cases.
func TemplatesCommand(ctx context.Context, admin TemplatesAdmin, args []string, out io.Writer) error {
	switch {
	case len(args) > 0 && args[0] == "list":
		return listTemplates(ctx, admin, args[1:], out)
	case len(args) == 1 && args[0] == "file":
		added, err := admin.File(ctx, hotline.Operator())
		if err == nil {
			_, err = fmt.Fprintf(out, "%d texts are written down as filed\n", len(added))
		}
		return err
	case len(args) == 1 && args[0] == "sync":
		changes, err := admin.Sync(ctx, hotline.Operator())
		for _, c := range changes {
			sayFiling(out, c)
		}
		fmt.Fprintf(out, "%d changed\n", len(changes))
		return err
	case len(args) > 4 && args[0] == "set":
		return setTemplate(ctx, admin, args[1], args[2], notice.FilingState(args[3]), args[4:], out)
	}
	return fmt.Errorf("%w\n%s", ErrUsage, TemplatesUsage)
}

func sayFiling(out io.Writer, c notice.FilingChange) {
	fmt.Fprintf(out, "%s %s %s: %s → %s %s\n", c.Vendor, c.Template, c.Version, c.From, c.State, c.Reason)
}

func setTemplate(ctx context.Context, admin TemplatesAdmin, vendor, template string, state notice.FilingState, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("set", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	reason, version := flags.String("reason", "", ""), flags.String("version", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, TemplatesUsage)
	}
	c, err := admin.Set(ctx, hotline.Operator(), vendor, template, *version, state, strings.TrimSpace(*reason), operator())
	switch {
	case errors.Is(err, notice.ErrFilingReason), errors.Is(err, notice.ErrNoFiling):
		return fmt.Errorf("%w: %w\n%s", ErrUsage, err, TemplatesUsage)
	case err != nil:
		return err
	}
	sayFiling(out, c)
	return nil
}

// filingLine is one filing as programs read it.
type filingLine struct {
	Vendor   string             `json:"vendor"`
	Template string             `json:"template"`
	Version  string             `json:"version"`
	Code     string             `json:"code"`
	State    notice.FilingState `json:"state"`
	Since    string             `json:"since,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	SetBy    string             `json:"set_by,omitempty"`
	GoesOut  bool               `json:"goes_out"`
}

func listTemplates(ctx context.Context, admin TemplatesAdmin, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("list", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	vendor, asJSON := flags.String("vendor", "", ""), flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, TemplatesUsage)
	}
	list, err := admin.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if !*asJSON {
		fmt.Fprintln(table, "VENDOR\tTEMPLATE\tVERSION\tCODE\tSTATE\tSINCE\tSAID BY\tREASON\t")
	}
	for _, f := range list {
		if *vendor != "" && f.Vendor != *vendor {
			continue
		}
		line := admin.line(ctx, f)
		if *asJSON {
			if err := json.NewEncoder(out).Encode(line); err != nil {
				return err
			}
			continue
		}
		goes := ""
		if line.GoesOut {
			goes = "goes out"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", line.Vendor, line.Template, line.Version, orDash(line.Code), line.State,
			orDash(line.Since), orDash(line.SetBy), orDash(line.Reason), goes)
	}
	return table.Flush()
}

func (t TemplatesAdmin) line(ctx context.Context, f notice.Filing) filingLine {
	line := filingLine{Vendor: f.Vendor, Template: f.Template, Version: f.Version, Code: f.Code, State: f.State, Reason: f.Reason}
	if f.State != notice.FilingDraft {
		line.SetBy, line.Since = f.SetBy, f.ChangedAt.In(models.Shanghai).Format(time.DateTime)
	}
	for _, p := range t.Places {
		if p.Vendor == f.Vendor {
			carried, err := t.Book.Carried(ctx, p.Channel, f.Vendor, f.Template)
			line.GoesOut = err == nil && carried.ID == f.ID
		}
	}
	return line
}
