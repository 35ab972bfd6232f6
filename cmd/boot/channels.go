package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/redis"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// ChannelsUsage is what `onecard channels` says to whoever gets it wrong.
const ChannelsUsage = `usage:
  onecard channels publish [--app NAME] [--menu FILE] [--dry-run] [--json]
publish puts the menu onto every official account (公众号) and life account (生活号), or onto the one that --app names as
the settings do. --menu is a document of one's own; without it the menu of this release. What differs from the menu that
is there is shown; where nothing does, nothing is sent. --dry-run only shows.`

// MenuAccount is an account of ours that has a menu.
type MenuAccount interface {
	Name() string
	Platform() models.Channel
	AppID() string
	Menu(ctx context.Context) ([]configs.Button, error)
	SetMenu(ctx context.Context, menu []configs.Button) error
}

// Channels is what the command works on.
type Channels struct {
	Accounts []MenuAccount
	Origin   string // our own address, before every page
	Record   func(ctx context.Context, e audit.Entry) error
	Clock    models.Clock
}

// Channels are this program's accounts.
func (a *App) Channels() Channels {
	c := Channels{Origin: a.cfg.HTTP.PublicURL, Record: a.db.RecordAudit, Clock: a.clock}
	for _, o := range a.officials {
		c.Accounts = append(c.Accounts, o)
	}
	for _, l := range a.lives {
		c.Accounts = append(c.Accounts, l)
	}
	return c
}

// OpenChannels runs fn on the accounts that cfg names, without starting anything else. In dev the pretend platforms of a
// running `onecard dev` are asked.
func OpenChannels(ctx context.Context, cfg configs.Config, fn func(Channels) error) (err error) {
	a, err := openForPlatforms(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.openAccounts(); err != nil {
		return err
	}
	return fn(a.Channels())
}

// openForPlatforms opens database and Redis for a command that calls platforms, those of a running desk in dev.
func openForPlatforms(ctx context.Context, cfg configs.Config) (a *App, err error) {
	if cfg.Mode != configs.ModeProduction {
		url := cfg.Sandbox.URL
		if url == "" && cfg.Sandbox.Enabled {
			url = "http://" + cfg.Sandbox.Addr
		}
		if url != "" {
			cfg = cfg.AtDesk(strings.TrimSuffix(url, "/"))
		}
		if cfg.HTTP.PublicURL == "" {
			cfg.HTTP.PublicURL = "http://" + cfg.HTTP.Addr
		}
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if a, err = openForOperator(ctx, cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if cfg.Mode != configs.ModeProduction {
		if err := a.takeDemoKeys(); err != nil {
			return nil, err
		}
	}
	if a.redis, err = redis.Open(ctx, cfg.Redis, a.clock); err != nil {
		return nil, err
	}
	a.onClose(a.redis.Close)
	return a, nil
}

func (a *App) openAccounts() error {
	for _, app := range a.cfg.Wechat.Apps {
		if app.Kind != "oa" {
			continue
		}
		oa, err := wechat.NewOfficialAccount(a.cfg.Wechat, app, a.returnTo(models.WechatOA), wechat.Deps{Tokens: a.redis.Tokens(), Clock: a.clock, Log: a.log})
		if err != nil {
			return err
		}
		a.onClose(oa.Close)
		a.officials = append(a.officials, oa)
	}
	for _, app := range a.cfg.Alipay.Apps {
		if app.Kind != "life" {
			continue
		}
		life, err := alipay.NewLifeAccount(a.cfg.Alipay, app, a.returnTo(models.AlipayLife), alipay.Deps{Log: a.log, KeysAllowed: a.cfg.Mode != configs.ModeProduction})
		if err != nil {
			return err
		}
		a.lives = append(a.lives, life)
	}
	return nil
}

type publishing struct {
	app, menu    string
	dry, asJSON  bool
	wanted       []configs.Button
	wantedByLine []string
}

// Published is what became of one account's menu.
type Published struct {
	App      string   `json:"app"`
	Platform string   `json:"platform"`
	Added    []string `json:"added"`
	Removed  []string `json:"removed"`
	Done     string   `json:"done"` // published, unchanged, or would_publish
}

// ChannelsCommand carries out `onecard channels ...` as the machine's operator.
func ChannelsCommand(ctx context.Context, c Channels, args []string, out io.Writer) error {
	var p publishing
	flags := flag.NewFlagSet("publish", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&p.app, "app", "", "")
	flags.StringVar(&p.menu, "menu", "", "")
	flags.BoolVar(&p.dry, "dry-run", false, "")
	flags.BoolVar(&p.asJSON, "json", false, "")
	if len(args) == 0 || args[0] != "publish" || flags.Parse(args[1:]) != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w\n%s", ErrUsage, ChannelsUsage)
	}
	raw := configs.ShippedMenu()
	if p.menu != "" {
		var err error
		if raw, err = os.ReadFile(p.menu); err != nil {
			return err
		}
	}
	menu, err := configs.ReadMenu(raw, notice.MenuWords())
	if err != nil {
		return err
	}
	p.wanted = configs.MenuAt(c.Origin, menu)
	p.wantedByLine = configs.MenuLines(p.wanted)
	accounts := c.Accounts
	if p.app != "" {
		accounts = slices.DeleteFunc(slices.Clone(accounts), func(a MenuAccount) bool { return a.Name() != p.app })
	}
	if len(accounts) == 0 {
		return fmt.Errorf("%w: no official account or life account of that name in the settings", ErrUsage)
	}
	var failed []error
	for _, a := range accounts { // one account's failure keeps no other from its menu
		done, err := c.publish(ctx, a, p)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s (%s): %w", a.Name(), a.Platform(), err))
			continue
		}
		if err := done.write(out, p.asJSON); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// publish compares, writes down that it begins, sends, reads back and writes down that it is done. Who dies in between
// runs it again: what is there already is not sent.
func (c Channels) publish(ctx context.Context, a MenuAccount, p publishing) (Published, error) {
	done := Published{App: a.Name(), Platform: string(a.Platform()), Done: "unchanged"}
	now, err := a.Menu(ctx)
	if err != nil {
		return done, err
	}
	lines := configs.MenuLines(now)
	done.Added, done.Removed = without(p.wantedByLine, lines), without(lines, p.wantedByLine)
	if len(done.Added)+len(done.Removed) == 0 {
		return done, nil
	}
	if p.dry {
		done.Done = "would_publish"
		return done, nil
	}
	if err := c.note(ctx, a, "asked"); err != nil {
		return done, err
	}
	if err := a.SetMenu(ctx, p.wanted); err != nil {
		return done, errors.Join(err, c.note(ctx, a, "failed"))
	}
	if now, err = a.Menu(ctx); err == nil && !slices.Equal(configs.MenuLines(now), p.wantedByLine) {
		err = errors.New("the account shows another menu than the one that was sent; look at it in the platform's console")
	}
	if err != nil {
		return done, errors.Join(err, c.note(ctx, a, "unconfirmed"))
	}
	done.Done = "published"
	return done, c.note(ctx, a, "done")
}

func (c Channels) note(ctx context.Context, a MenuAccount, result string) error {
	by := models.Actor{Kind: models.SystemActor, Channel: models.Console}
	return c.Record(ctx, audit.Of(by, c.Clock.Now(), "channels.menu.published", "platform_apps", a.AppID(), result).
		Noting("platform", string(a.Platform())).Noting("by", operator()))
}

// without are the lines of a that are not in b.
func without(a, b []string) []string {
	out := []string{}
	for _, l := range a {
		if !slices.Contains(b, l) {
			out = append(out, l)
		}
	}
	return out
}

func (d Published) write(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(d)
	}
	fmt.Fprintf(out, "%s (%s): %s\n", d.App, d.Platform, strings.ReplaceAll(d.Done, "_", " "))
	for _, l := range d.Removed {
		fmt.Fprintln(out, "  - "+l)
	}
	for _, l := range d.Added {
		if _, err := fmt.Fprintln(out, "  + "+l); err != nil {
			return err
		}
	}
	return nil
}
