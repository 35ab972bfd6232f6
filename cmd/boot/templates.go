package boot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// filingPlaces are where our texts are filed, as the settings say: the SMS vendors, the first at home, then the apps.
func filingPlaces(cfg configs.Config) []notice.FilingPlace {
	out := []notice.FilingPlace{{Vendor: "aliyun", Channel: notice.SMS, Codes: cfg.SMS.Aliyun.Templates.ByKind()}}
	if t := cfg.SMS.Tencent; t.SecretID != "" {
		out = append(out, notice.FilingPlace{Vendor: "tencent", Channel: notice.SMS, Codes: t.Templates.ByKind(), Numbered: true})
	}
	add := func(c notice.Channel, app string, set configs.MessageTemplates) {
		p := notice.FilingPlace{Vendor: notice.PlaceOf(c, app), Channel: c, Codes: map[string]string{}, Keys: map[string][]string{}}
		for topic, t := range set.ByTopic() {
			p.Codes[topic], p.Keys[topic] = t.ID, t.Keys
		}
		out = append(out, p)
	}
	for _, app := range cfg.Wechat.Apps {
		add(wechatChannel(app), app.AppID, app.Templates)
	}
	for _, app := range cfg.Alipay.Apps {
		add(alipayChannel(app), app.AppID, app.Templates)
	}
	return out
}

// filed is which filing goes out at an SMS vendor.
func (a *App) filed(vendor string) func(ctx context.Context, k notice.Kind) (notice.Filing, error) {
	if a.book == nil {
		return nil
	}
	return func(ctx context.Context, k notice.Kind) (notice.Filing, error) {
		return a.book.Carried(ctx, notice.SMS, vendor, string(k))
	}
}

// barred says why a vendor may not be given a kind's text; nil: it may.
func (a *App) barred(ctx context.Context, vendor string, k notice.Kind) *notice.SendError {
	_, err := a.book.Carried(ctx, notice.SMS, vendor, string(k))
	var why *notice.SendError
	errors.As(err, &why)
	return why
}

// openFilings joins the places to those who can be asked about them: the SMS vendors and WeChat's apps. Alipay has no call
// for it, so an operator writes what its console shows.
func (a *App) openFilings(apps []notice.Pusher) (*notice.Filings, error) {
	vendors, err := a.smsVendors()
	if err != nil {
		return nil, err
	}
	places := filingPlaces(a.cfg)
	for i := range places {
		for _, v := range vendors {
			if v.Name == places[i].Vendor {
				places[i].Asker, _ = v.Sender.(notice.Asker)
			}
		}
		for _, app := range apps {
			if asker, can := app.(notice.Asker); can && notice.PlaceOf(app.Channel(), app.App()) == places[i].Vendor {
				places[i].Asker = asker
			}
		}
	}
	return notice.NewFilings(a.db.TemplateFilings(), places), nil
}

// startApproved writes down that the pretend vendors of dev and demo have our texts on file: only those whose address is
// the desk's, so that a real vendor in dev is asked like any other.
func (a *App) startApproved(ctx context.Context) error {
	if a.cfg.Mode == configs.ModeProduction {
		return nil
	}
	desk := strings.TrimSuffix(a.cfg.Sandbox.URL, "/")
	if a.desk != nil {
		desk = a.desk.URL()
	}
	pretend := func(address string) bool { return desk != "" && strings.HasPrefix(address, desk+"/") }
	places := slices.DeleteFunc(filingPlaces(a.cfg), func(p notice.FilingPlace) bool {
		switch {
		case p.Vendor == "aliyun":
			return !pretend(a.cfg.SMS.Aliyun.URL)
		case p.Vendor == "tencent":
			return !pretend(a.cfg.SMS.Tencent.URL)
		case p.Channel == notice.WechatMini || p.Channel == notice.WechatOA:
			return !pretend(a.cfg.Wechat.APIURL)
		default:
			return !pretend(a.cfg.Alipay.GatewayURL)
		}
	})
	return notice.NewFilings(a.db.TemplateFilings(), places).StartApproved(ctx)
}

// watchTemplates asks the vendors how our texts stand, of all replicas one in each span, and alarms about each kind that no
// SMS vendor may carry: its messages wait, so while there is one, vendors are asked every minute.
func (a *App) watchTemplates(ctx context.Context) error {
	now := a.clock.Now()
	var asked error
	if every := time.Duration(a.cfg.SMS.TemplatesMinutes) * time.Minute; every > 0 {
		if a.someKindWaits(ctx) {
			every = time.Minute
		}
		asked = a.askOnce(ctx, now, now.UTC().Truncate(every).Format(time.RFC3339), a.askTemplates)
	}
	return errors.Join(asked, a.watchStandings(ctx, now))
}

// someKindWaits reports whether no SMS vendor may carry some kind. Where that cannot be read, watchStandings says so.
func (a *App) someKindWaits(ctx context.Context) bool {
	standings, err := a.book.Standings(ctx)
	if err != nil {
		return false
	}
	for _, standing := range standings {
		if standing == notice.StandsNowhere {
			return true
		}
	}
	return false
}

const (
	templatesAsked = "TEMPLATES_ASKED"
	giveBackWithin = 5 * time.Second
)

// askOnce asks where no replica did within the span. A failure gives the span back, so that somebody asks again in the
// next round; whoever dies in between leaves it taken.
func (a *App) askOnce(ctx context.Context, now time.Time, span string, ask func(ctx context.Context) error) error {
	if a.askedIn == span {
		return nil
	}
	mine, err := a.db.MessageCosts().FirstAlarm(ctx, span, templatesAsked, "", now)
	if err != nil {
		return err
	}
	if !mine {
		return nil // not noted: it may be given back
	}
	failed := ask(ctx)
	if failed == nil {
		a.askedIn = span
		return nil
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin) // a process that ends gives it back, too
	defer done()
	return errors.Join(failed, a.db.MessageCosts().ReturnAlarm(ctx, span, templatesAsked, ""))
}

func (a *App) askTemplates(ctx context.Context) error {
	by := models.Actor{Kind: models.SystemActor, Channel: models.JobChannel}
	_, errFile := a.filings.File(ctx, by)
	changes, errSync := a.filings.Sync(ctx, by)
	for _, c := range changes {
		say := a.log.InfoContext
		if c.State == notice.FilingRefused || c.State == notice.FilingPaused || c.State == notice.FilingWithdrawn {
			say = a.log.WarnContext
		}
		say(ctx, "a vendor changed its mind about a text", "vendor", c.Vendor, "template", c.Template, "version", c.Version, "from", string(c.From),
			"state", string(c.State), "reason", c.Reason)
	}
	return errors.Join(errFile, errSync)
}

func (a *App) watchStandings(ctx context.Context, now time.Time) error {
	standings, err := a.book.Standings(ctx)
	if err != nil {
		return err
	}
	shown := map[string]float64{}
	var errs []error
	for kind, standing := range standings {
		shown[string(kind)] = float64(standing)
		if standing == notice.StandsCurrent {
			continue
		}
		code, span := "TEMPLATE_OLDER", string(models.DateOf(now)) // a new text takes its days to be approved
		if standing == notice.StandsNowhere {
			code, span = "TEMPLATE_NOT_APPROVED", now.In(models.Shanghai).Format("2006-01-02T15")
		}
		errs = append(errs, a.alarmOnce(ctx, span, code, string(kind), func() {
			a.log.ErrorContext(ctx, "no SMS vendor has approved the text of this kind as it stands", "code", code, "kind", string(kind))
		}))
	}
	a.watch.figures.templates.set(shown)
	return errors.Join(errs...)
}
