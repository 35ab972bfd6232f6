package boot

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/objects"
	"onecard/integrations/redis"
	"onecard/integrations/registry"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// join makes the capabilities and hands each the others' reading sides through its own ports.
func (a *App) join(ctx context.Context, o options) error {
	a.Policy = policy.New(a.db.Policies(), a.clock)
	a.db.PlanBy(a.Policy, func() { a.redis.WakeUps().Wake(notice.TopicUrgent) })
	cards, payments, err := a.openRegistry()
	if err != nil {
		return err
	}
	a.sources = []mirror.Source{cards, payments}
	if err := a.askedCards(ctx, &o); err != nil {
		return err
	}
	line, err := a.openTelephone()
	if err != nil {
		return err
	}
	a.Hotline = hotline.New(hotline.Deps{
		Journal: a.db, Staff: a.db.Staff(), Factors: a.db.StaffFactors(), Trail: a.db.AuditTrail(), Attempts: a.db.StaffAttempts(), Sessions: a.db.StaffSessions(), Calls: a.db.Calls(),
		Checks: a.db.CallChecks(), Looks: a.db.CallLooks(), Flags: a.db.CallFlags(), Touch: a.db.Contacts(), Boards: a.db.Boards(), Backlogs: a.db.Boards(), Samples: a.db.CallSamples(), Exports: a.db.CallExports(), Fresh: freshCards{a}, Enquiries: a.db.Enquiries(),
		WorkOrders: a.db.WorkOrders(), People: a.db.Callers(), Facts: a.callFacts(), Banks: banks{a.Policy},
		Gate: a.Policy, Watch: a.watch, Guides: guides{a.Policy}, Outlets: outletBook{a.Policy}, Notices: a.db, Clock: a.clock, Limits: hotline.Limits(a.cfg.Calls),
		Production:  a.cfg.Mode == configs.ModeProduction,
		OneTimeLife: a.cfg.Staff.OneTimeLife, PasswordAge: a.cfg.Staff.PasswordAge, SignOn: a.signOn(), TelephoneDeps: line,
	})
	if err := a.joinKnowledge(ctx); err != nil {
		return err
	}
	if err := a.joinCitizens(cards, o); err != nil {
		return err
	}
	since := map[string]time.Time{"cards": o.history, "payments": o.history}
	if o.history.IsZero() {
		for source := range since {
			if since[source], err = a.db.Feeds().NotifyFrom(ctx, source, a.clock.Now()); err != nil {
				return err
			}
		}
	}
	o.card.HistoryFrom = since["cards"]
	o.card.PicturesWait = a.cfg.Pictures.Waiting
	if n := a.cfg.Pictures.AtOnce; n > 0 {
		o.card.PicturesAtOnce = n
	}
	pictures, err := objects.Open(a.cfg, a.db)
	if err != nil {
		return err
	}
	a.onClose(pictures.Close)
	a.pictures, o.card.PicturesKeep = pictures, a.cfg.Objects.KeepAfterEnd
	ports := card.Ports{
		Store: cardStore{a.db.Cards(), a.redis.WakeUps(), a.Hotline, a.Citizens}, Registry: cards, Gate: a.Policy, Calls: a.Hotline, Policy: cardPolicy{a.Policy},
		Banks: banks{a.Policy}, Outlets: outlets{a.Policy}, Bindings: a.Citizens, Clock: a.clock, Log: a.log, Watch: a.watch,
		Objects: pictures, Consents: a.Citizens, CardBanks: a.Policy, Fees: cardFees{a}, Announced: announcements{a}, Replacing: cardPolicy{a.Policy}, Family: a.Citizens, Minors: minorPayments{a},
	}
	a.Cards = card.New(a.cardPorts(ports), o.card)
	if err := a.joinPayments(); err != nil {
		return err
	}
	a.Subsidies = &subsidy.Service{HeldTime: heldTime{a.Policy}, Figures: payments, Reviewers: reviewers{a.Hotline}, Alarms: a.watch, Store: a.db.Subsidies(), Gate: a.Policy, Banks: banks{a.Policy}, Clock: a.clock, Log: a.log, Lines: payments, SpoolDir: a.cfg.SpoolFolder(), HistoryFrom: since["payments"]}
	if a.readsApart() {
		a.Subsidies.Apart = func(ctx context.Context, b subsidy.Batch) error { return a.readApart(ctx, b, behindMost) }
	}
	a.hot = a.redis.Hot(a.cfg.Keys.Cursor.Bytes())
	a.Subsidies.Ready = a.hot
	a.joinStatements()
	a.joinExplanations(since["payments"])
	a.joinFeedback()
	a.joinOrders()
	a.Subscribed = a.subscriptions()
	if a.Notices, err = a.openNotices(); err != nil {
		return err
	}
	if err := a.startApproved(ctx); err != nil {
		return err
	}
	a.Campaigns = a.campaigns()
	a.joinDecisions()
	a.joinFront()
	a.Mirror = &mirror.Service{
		Store: a.db.Feeds(), Appliers: a.appliers(), Order: entityOrder, Clock: a.clock, Log: a.log, Watch: a.watch, PageSize: 500,
		After: map[string]string{"payments": "cards"}, Turns: a.feedTurns(),
	}
	if err := a.warnUnpayable(ctx); err != nil {
		return err
	}
	if a.cfg.Mode == configs.ModeProduction {
		return a.Policy.ReadyForProduction(ctx)
	}
	if !a.cfg.Sandbox.DemoAgent {
		return nil
	}
	for _, one := range demoStaff() {
		if err := a.Hotline.EnsureStaff(ctx, one); err != nil {
			return err
		}
	}
	return a.Hotline.EnsureExtension(ctx, DemoAgent.Login, DemoExtension)
}

// DemoExtension is the demo agent's telephone at the pretend exchange.
const DemoExtension = "8001"

// DemoAgent can log in wherever dev or demo runs; its password and secret are no secret, and production refuses it.
var DemoAgent = hotline.DemoStaff{ //nolint:gosec // public on purpose, and printed at start
	Login: "demo-agent", Name: "演示坐席", Password: "Desk-12333-demo", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Roles: []string{"agent"},
}

// deciders are the roles whose decisions take two people.
var deciders = []string{"reviewer", "policy_manager", "knowledge_editor"}

// DemoReviewers are the two people whom a held payment, a policy and an article need, as public as the agent.
var DemoReviewers = []hotline.DemoStaff{
	{Login: "demo-reviewer-1", Name: "演示复核甲", Password: "Held-12333-demo", TOTPSecret: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", Roles: deciders}, //nolint:gosec // public on purpose
	{Login: "demo-reviewer-2", Name: "演示复核乙", Password: "Held-12333-demo", TOTPSecret: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK", Roles: deciders}, //nolint:gosec // public on purpose
}

// cardsSource is the cards source, whichever adapter speaks to it.
type cardsSource interface {
	card.Registry
	citizen.Registry
	mirror.Source
}

// openRegistry makes both sources, each with its part of the shared budget.
func (a *App) openRegistry() (cardsSource, *registry.Payments, error) {
	cards, err := a.openCards(a.registryOptions("cards"))
	if err != nil {
		return nil, nil, err
	}
	payments, err := a.openPayments()
	return cards, payments, err
}

func (a *App) openPayments() (*registry.Payments, error) {
	payments, err := registry.NewPayments(a.cfg.Registry.Payments, a.registryOptions("payments"))
	if err != nil {
		return nil, err
	}
	a.onClose(func() error { payments.Close(); return nil })
	return payments, nil
}

func (a *App) registryOptions(name string) registry.Options {
	budget := a.redis.Budget(name, a.cfg.Registry.BudgetPerSecond)
	return registry.Options{Clock: a.clock, Budget: registry.BudgetFunc(func(ctx context.Context, lane registry.Lane) error {
		if ok, _ := budget.Take(ctx, redis.Lane(lane)); !ok {
			return registry.ErrBudgetFull
		}
		return nil
	})}
}

// joinCitizens makes one adapter per app of each platform.
func (a *App) joinCitizens(cards citizen.Registry, o options) error {
	p := citizen.Ports{
		Decisions: a.db, Accounts: a.db.PlatformAccounts(), Sessions: a.db.Sessions(), Authorizations: a.db.Authorizations(), Persons: a.db.Persons(),
		Codes: a.db.Codes(), Challenges: a.db.Challenges(), Tries: a.db.Lockouts(), Consents: a.db.Consents(), Checks: a.db.IdentityChecks(), Slips: a.db.Slips(),
		PhoneChanges: a.db.PhoneChanges(), AccessLog: a.db.AccessLog(), Relations: a.db.Relations(), Pictures: uploaded{a}, Registry: cards, Gate: a.Policy, Calls: a.Hotline,
		Copies: a.redis.SessionCopies(),
		Policy: a.Policy, Clock: a.clock, Log: a.log,
	}
	deps := wechat.Deps{Tokens: a.redis.Tokens(), Clock: a.clock, Log: a.log}
	for _, app := range a.cfg.Wechat.Apps {
		if app.Kind == "oa" {
			oa, err := wechat.NewOfficialAccount(a.cfg.Wechat, app, a.returnTo(models.WechatOA), deps)
			if err != nil {
				return err
			}
			a.onClose(oa.Close)
			p.Logins, a.officials = append(p.Logins, oa), append(a.officials, oa)
			if err := a.addPusher(oa.Messages(app, a.cfg.HTTP.PublicURL)); err != nil {
				return err
			}
			continue
		}
		mini, err := wechat.NewMiniProgram(a.cfg.Wechat, app, deps)
		if err != nil {
			return err
		}
		a.onClose(mini.Close)
		p.Logins, p.Phones = append(p.Logins, mini), append(p.Phones, mini)
		if err := a.addPusher(mini.Messages(app)); err != nil {
			return err
		}
		if app.RealPerson {
			p.Faces = append(p.Faces, mini.FaceCheck())
		}
	}
	if err := a.joinAlipay(&p); err != nil {
		return err
	}
	if len(p.Faces) == 0 {
		a.log.Warn("no real-person check is set up: what needs level real or fresh is closed, except by a window slip")
	}
	a.Citizens = citizen.New(p, citizen.Settings{AnswerStep: o.answerAt})
	return nil
}

func (a *App) joinAlipay(p *citizen.Ports) error {
	deps := alipay.Deps{Log: a.log, KeysAllowed: a.cfg.Mode != configs.ModeProduction}
	for _, app := range a.cfg.Alipay.Apps {
		if app.Kind == "life" {
			life, err := alipay.NewLifeAccount(a.cfg.Alipay, app, a.returnTo(models.AlipayLife), deps)
			if err != nil {
				return err
			}
			p.Logins, a.lives = append(p.Logins, life), append(a.lives, life)
			if err := errors.Join(a.joinFace(p, app, life), a.addPusher(life.Messages(app, a.cfg.HTTP.PublicURL))); err != nil {
				return err
			}
			continue
		}
		mini, err := alipay.NewMiniProgram(a.cfg.Alipay, app, deps)
		if err != nil {
			return err
		}
		p.Logins, p.Phones = append(p.Logins, mini), append(p.Phones, mini)
		if err := errors.Join(a.joinFace(p, app, mini), a.addPusher(mini.Messages(app))); err != nil {
			return err
		}
	}
	return nil
}

// joinFace adds the certification of an app that has the right to it.
func (a *App) joinFace(p *citizen.Ports, app configs.AlipayApp, at interface {
	FaceCheck(returnTo string) (*alipay.FaceCheck, error)
}) error {
	if !app.RealPerson {
		return nil
	}
	face, err := at.FaceCheck(a.cfg.HTTP.PublicURL + "/m/")
	if err == nil {
		p.Faces = append(p.Faces, face)
	}
	return err
}

// returnTo is where a platform's page sends the browser back to.
func (a *App) returnTo(platform models.Channel) string {
	return a.cfg.HTTP.PublicURL + "/v1/authorizations/" + string(platform) + "/return"
}

func (a *App) openNotices() (*notice.Service, error) {
	sender, err := a.openSMS()
	if err != nil {
		return nil, err
	}
	if a.filings, err = a.openFilings(a.Pushers); err != nil {
		return nil, err
	}
	pace := notice.DefaultConfig()
	pace.QuietFrom, pace.QuietTo, pace.Parallel = a.cfg.SMS.QuietFrom, a.cfg.SMS.QuietTo, a.cfg.SMS.Parallel
	return notice.New(notice.Ports{
		Store: a.db.Notices(), Sender: sender, Phones: a.db.Persons(), Filed: a.book, Stops: a.db.SMSStops(),
		Wishes: a.db.NoticePreferences(), Disputes: a.db, Settings: a.Policy, Gate: a.Policy, Clock: a.clock,
		Pushers: a.Pushers, Refusals: a.Subscribed, Day: dayLimits{a.Policy, a.db.Notices()}, Pace: a.pace, Counter: a.watch, Costs: a.db.MessageCosts(), Prices: a.prices,
	}, pace)
}

// sealFile is the copy of the audit seals outside the database.
func (a *App) sealFile() string { return filepath.Join(a.cfg.DataDir, "audit-seals.jsonl") }

const (
	sweepEvery = time.Second
	feedEvery  = time.Second
)
