// Package boot builds the whole program as a value and runs it: the only place, with the commands, that knows everybody.
package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onecard/api"
	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/nontax"
	"onecard/integrations/objects"
	"onecard/integrations/redis"
	"onecard/integrations/registry/query"
	"onecard/integrations/wechat"
	"onecard/integrations/wechatpay"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/knowledge"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/subsidy"
	"onecard/web"
)

// Roles say what this process does.
type Roles struct {
	API  bool // answer requests
	Work bool // sweep, pull, send
}

// App is the built program. Close it even when Run was never called.
type App struct {
	cfg   configs.Config
	roles Roles
	clock models.Clock
	log   *slog.Logger
	watch *watch

	db      *store.DB
	redis   *redis.Client
	sources []mirror.Source
	query   *query.Cards   // nil: the cards source has a feed
	poller  *mirror.Poller // with query

	pictures *objects.Objects

	Citizens     *citizen.Service
	Cards        *card.Service
	Payments     *payment.Service
	Subsidies    *subsidy.Service
	Explanations *subsidy.Explainer
	Feedbacks    *subsidy.Feedbacks
	Misuse       *hotline.Misuse
	Orders       *hotline.Orders
	Notices      *notice.Service
	Campaigns    *notice.Campaigns
	Subscribed   *notice.Subscriptions // what citizens allow platforms to send them
	Pushers      []notice.Pusher       // one for each app of a platform, for the queue
	Hotline      *hotline.Service
	Policy       *policy.Service
	Knowledge    *knowledge.Service
	Mirror       *mirror.Service
	Front        *notice.Front

	officials    []*wechat.OfficialAccount
	lives        []*alipay.LifeAccount
	wechatServer *wechat.ServerMessages
	lifeGateway  *alipay.Gateway        // nil: no life account
	pageSigner   *wechat.PageSignatures // nil: no official account

	wechatPay *wechatpay.Pay // nil: no merchant account
	alipayPay *alipay.Pay    // nil: no merchant account
	nonTax    *nontax.Pay    // nil: no collecting unit
	pace      *redis.Pace    // the caps on messages, for the queue
	prices    notice.Prices  // what vendors ask for one part
	book      *notice.Book   // which texts may be sent where
	filings   *notice.Filings
	askedIn   string // the span in which this process last saw to that vendors were asked about texts; of one loop
	hot       *redis.Hot
	server    *api.Server
	desk      *Desk
	listener  net.Listener
	metrics   net.Listener
	paydays   Paydays // nil: this process reads batches itself
	hasten    bool    // the next payday is read behind less; of one loop

	closers []func() error
}

// Option changes how the program is built; tests use them.
type Option func(*options)

type options struct {
	clock    models.Clock
	log      *slog.Logger
	migrate  bool
	card     card.Settings
	history  time.Time
	answerAt time.Duration
	paydays  Paydays
}

// WithClock fixes the time of every rule and, outside production, of leases and the pretend world too.
func WithClock(c models.Clock) Option { return func(o *options) { o.clock = c } }

// WithLog sends what is logged elsewhere than standard error.
func WithLog(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// Migrating brings the schema up to date first. Only dev, demo and tests may; production runs `onecard migrate`.
func Migrating() Option { return func(o *options) { o.migrate = true } }

// WithCardSettings changes the times of loss and release.
func WithCardSettings(s card.Settings) Option { return func(o *options) { o.card = s } }

// WithHistoryFrom makes facts changed from t on tell people; earlier ones are history.
func WithHistoryFrom(t time.Time) Option { return func(o *options) { o.history = t } }

// Build opens what the settings name and joins the rooms. On error nothing stays open.
func Build(ctx context.Context, cfg configs.Config, roles Roles, opts ...Option) (app *App, err error) {
	o := options{card: card.DefaultSettings(), answerAt: citizen.DefaultSettings().AnswerStep}
	for _, set := range opts {
		set(&o)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, roles: roles, clock: o.clock, log: o.log, watch: newWatch(), paydays: o.paydays}
	if a.log == nil {
		a.log = NewLog(cfg.Log)
	}
	if a.clock == nil {
		a.clock = models.SystemClock{}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			app = nil
		}
	}()
	if err := a.openListeners(ctx); err != nil {
		return nil, err
	}
	if err := a.openDesk(ctx); err != nil {
		return nil, err
	}
	if err := a.openStores(ctx, o); err != nil {
		return nil, err
	}
	if err := a.join(ctx, o); err != nil {
		return nil, err
	}
	if err := a.openAPI(); err != nil {
		return nil, err
	}
	return a, nil
}

// openListeners takes the ports first: addresses of ours go into what we tell the platforms. Every role has its metrics:
// the sweeps, which count most alarms, run in processes without the API.
func (a *App) openListeners(ctx context.Context) error {
	var ports net.ListenConfig
	if a.cfg.HTTP.MetricsAddr != "" {
		m, err := ports.Listen(ctx, "tcp", a.cfg.HTTP.MetricsAddr)
		if err != nil {
			return fmt.Errorf("http.metrics_addr: %w", err)
		}
		a.metrics = m
		a.onClose(func() error { return ignoreClosed(m.Close()) })
	}
	if !a.roles.API {
		if a.cfg.HTTP.PublicURL == "" { // dev's workers: where the API is by its own settings
			a.cfg.HTTP.PublicURL = "http://" + a.cfg.HTTP.Addr
		}
		return nil
	}
	l, err := ports.Listen(ctx, "tcp", a.cfg.HTTP.Addr)
	if err != nil {
		return err
	}
	a.listener = l
	a.onClose(func() error { return ignoreClosed(l.Close()) })
	if a.cfg.HTTP.PublicURL == "" {
		a.cfg.HTTP.PublicURL = "http://" + l.Addr().String()
	}
	return nil
}

// openStores opens database and Redis. Without Redis the product goes on; without its database it does not start.
func (a *App) openStores(ctx context.Context, o options) error {
	if err := a.openDatabase(ctx, o); err != nil {
		return err
	}
	var err error
	if o.migrate && a.cfg.Mode != configs.ModeProduction {
		err = a.db.Migrate(ctx)
	} else {
		err = a.db.CheckSchema(ctx)
	}
	if err == nil {
		err = a.db.CheckKeys(ctx)
	}
	if err != nil {
		return err
	}
	r, err := redis.Open(ctx, a.cfg.Redis, a.clock)
	if err != nil {
		return err
	}
	a.redis = r
	a.onClose(r.Close)
	a.watch.redis(r)
	return nil
}

func (a *App) openDatabase(ctx context.Context, o options) error {
	cfg := store.Config{
		Driver: store.Driver(a.cfg.Database.Driver), DSN: a.cfg.Database.DSN.Reveal(), Path: a.cfg.SQLiteFile(),
		MaxConns: a.cfg.Database.MaxConns, LockTimeout: a.cfg.Database.LockTimeout, Statement: a.cfg.Database.StatementTimeout, Clock: o.clock,
		KEK: a.cfg.Keys.KEK.Bytes(), OldKEK: a.cfg.Keys.KEKPrevious.Bytes(), IndexKeys: map[int][]byte{}, AuditKey: a.cfg.Keys.Audit.Bytes(), IdemKey: a.cfg.Keys.Idempotency.Bytes(),
		SealCopies: store.NewSealFile(a.sealFile()), Log: a.log,
	}
	for _, k := range a.cfg.Keys.Index {
		cfg.IndexKeys[k.Version] = k.Key.Bytes()
	}
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	a.db = db
	a.onClose(db.Close)
	return nil
}

// openAPI builds the HTTP side.
func (a *App) openAPI() error {
	if !a.roles.API {
		return nil
	}
	aliyunPushes, err := a.smsCallback()
	if err != nil {
		return err
	}
	tencentPushes, err := a.tencentCallback()
	if err != nil {
		return err
	}
	production := a.cfg.Mode == configs.ModeProduction
	var wechatNotices api.WechatPayNotices
	if a.wechatPay != nil {
		wechatNotices = a.wechatPay
	}
	var alipayNotices api.AlipayNotices
	if a.alipayPay != nil {
		alipayNotices = a.alipayPay
	}
	var nonTaxNotices api.NonTaxNotices
	if a.nonTax != nil {
		nonTaxNotices = a.nonTax
	}
	deps := api.Deps{
		Production: production, DocsHost: a.cfg.HTTP.DocsHost, HideDocs: production && a.cfg.HTTP.DocsHost == "", EdgeKey: a.cfg.Keys.Cursor.Bytes(), TrustedProxies: a.cfg.HTTP.TrustedProxies,
		Figures:  api.Figures{Reads: a.cfg.HTTP.Limits.Reads, Writes: a.cfg.HTTP.Limits.Writes, GuestReads: a.cfg.HTTP.Limits.GuestReads, GuestWrites: a.cfg.HTTP.Limits.GuestWrites},
		LogEvery: a.cfg.Log.Sample, Clock: a.clock, Log: a.log, Auth: doors{a.Citizens, a.Hotline}, Limiter: a.redis.Limiter(),
		Hot: hotReads{a.hot, a.Citizens}, ReadSlots: a.cfg.Database.ReadSlots, Console: web.Console(), CitizenPages: web.Citizen(), Site: a.site(),
		Ready: []api.Check{{Name: "database", Probe: a.db.Ping}}, Lacking: []api.Check{{Name: "objects", Probe: a.pictures.Probe}},
		Notices: a.Notices, SMS: a.reception(), SMSAliyun: aliyunPushes, SMSTencent: tencentPushes, Subscriptions: a.Subscribed, Preferences: a.preferences(), Senders: a.cfg.SMS.Senders, Filings: a.filings,
		Citizens: a.Citizens, Cards: a.Cards, Uploads: a.Cards, Applications: a.Cards, Replacements: a.Cards, Fees: a.Payments, WechatPay: wechatNotices, Alipay: alipayNotices, NonTax: nonTaxNotices, Subsidies: a.Subsidies, Held: a.Subsidies, Explanations: a.Explanations, Feedbacks: a.Feedbacks, Misuse: a.Misuse, Orders: a.Orders, OrderFiles: orderExchange{a.Orders, a.cfg.Orders}, Outlets: a.Policy, Policies: a.Policy, Guides: a.Policy, GuideMessages: a.Hotline, Knowledge: a.Knowledge,
		Articles: a.Knowledge, PolicyDecisions: a.Policy, ReviewQueue: a.Hotline,
		Campaigns: a.Campaigns, AgentSessions: a.Hotline, StaffOffice: a.Hotline, Audit: a.Hotline, Calls: a.Hotline, Supervision: a.Hotline, Enquiries: a.Orders,
		TelephoneDoor: a.telephoneDoor(), Telephone: a.Hotline, ConsoleStreams: a.Hotline, CallBacks: a.Hotline,
	}
	if err := a.openMessages(); err != nil {
		return err
	}
	a.messageDoors(&deps)
	a.server, err = api.New(deps)
	return err
}

// Addr is where the API listens; empty in a process without it.
func (a *App) Addr() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// DeskAddr is where the pretend world listens; empty without it.
func (a *App) DeskAddr() string {
	if a.desk == nil {
		return ""
	}
	return a.desk.Addr()
}

// Handler answers requests, for tests that need no socket.
func (a *App) Handler() http.Handler { return a.server.Handler() }

// Metrics are the counters of this process.
func (a *App) Metrics() prometheus.Gatherer { return a.watch.registry }

func (a *App) onClose(f func() error) { a.closers = append(a.closers, f) }

// Close lets go of everything, last opened first. It is safe to call twice.
func (a *App) Close() error {
	var errs []error
	for _, f := range slices.Backward(a.closers) {
		errs = append(errs, f())
	}
	a.closers = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
