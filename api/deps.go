package api

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// Deps is everything the HTTP room is given. A resource adds one field, of an interface declared in its own file.
type Deps struct {
	// Edge.
	Production     bool          // Secure cookies with the __Host- prefix, HSTS, no "try it out" on the docs page
	Version        string        // shown in the document
	EdgeKey        []byte        // at least 32 bytes, the same in every replica: cursors, body and limiter MACs
	Figures        Figures       // rate limits per minute; zero fields take the defaults
	TrustedProxies []string      // addresses or networks whose X-Forwarded-For counts; empty: nobody's
	TrustedOrigins []string      // other origins of ours which may send unsafe requests with a cookie
	DocsHost       string        // where /docs is answered; empty: on every host
	HideDocs       bool          // no /docs at all
	LogEvery       int           // access log: one line of N for reads that went well; 0 and 1 log all
	WechatHold     time.Duration // how long a message of WeChat's that could not be taken is held before its connection is dropped; 0 is 4.5 s
	BodyTimeout    time.Duration // how long a body may take to arrive; 0 is 5 s
	Console        fs.FS         // the built console; nil: its page says that it is not installed
	CitizenPages   fs.FS         // the built pages for citizens; as Console
	Site           Site
	Clock          models.Clock
	Log            *slog.Logger
	Auth           Authenticator
	Limiter        Limiter
	Hot            HotReads // nil: nothing is kept ready
	ReadSlots      int      // lists read from the database at once; 0 is 8
	Ready          []Check
	Lacking        []Check // what only some acts need: named by /readyz, keeping nobody out

	// Resources, one line each.
	Notices       Notices
	SMS           SMSReception
	SMSAliyun     SMSPushes // nil: what comes as that vendor's is not believed
	SMSTencent    SMSPushes // as SMSAliyun
	Subscriptions Subscriptions
	Preferences   Preferences
	Senders       notice.Senders // the numbers our text messages come from
	Filings       Filings        // nil: the page of texts shows no states
	Front         Front
	WechatServer  WechatServer
	LifeGateway   LifeGateway
	PageSigner    citizen.PageSigner // nil: no official account
	Citizens      Citizens
	Cards         Cards
	Uploads       Uploads
	Applications  Applications
	Replacements  Replacements
	Fees          Fees
	WechatPay     WechatPayNotices // nil: no fee is taken there, and no notice believed
	Alipay        AlipayNotices    // as WechatPay
	NonTax        NonTaxNotices    // as WechatPay
	Subsidies     Subsidies
	Explanations  Explanations
	Feedbacks     Feedbacks
	Misuse        Misuse
	Orders        Orders
	OrderFiles    OrderFiles
	Outlets       Outlets
	Policies      Policies
	Guides        Guides
	GuideMessages GuideMessages
	Knowledge     Knowledge
	Articles      Articles
	ReviewQueue   ReviewQueue

	PolicyDecisions PolicyDecisions

	AgentSessions AgentSessions
	StaffOffice   StaffOffice
	Audit         AuditSearch
	Calls         Calls
	TelephoneDoor TelephoneEvents // nil: no telephone system, and nothing that comes as its is believed
	Telephone     TelephoneReception
	// ConsoleStreams are the agents' own events.
	ConsoleStreams ConsoleStreams
	CallBacks      CallBacks
	Supervision    Supervision
	Enquiries      Enquiries
	Held           Held
	Campaigns      Campaigns
}

// Figures are the rate limits, per minute (issue: reads 60, writes 10 per person).
type Figures struct {
	Reads, Writes           int // per person; per session before binding; per agent
	GuestReads, GuestWrites int // per address, loose: a city sits behind few carrier addresses
}

// Authenticator finds out whose token it is. A token nobody holds, an expired one, or one of the other audience is an
// Unauthenticated *models.Error; a store that cannot be asked is Unavailable. The token is never logged.
type Authenticator interface {
	Citizen(ctx context.Context, token string) (models.Actor, error)
	// Agent tells as well what the roles of this member of staff open now.
	Agent(ctx context.Context, token string) (models.Actor, []hotline.Permission, error)
	// NotPermitted writes down what somebody of the staff tried without the permission, and is the refusal.
	NotPermitted(ctx context.Context, by models.Actor, may hotline.Permission, operation string) error
}

// Limiter counts uses of a key and says whether one more fits into n per period, and when to come back if not.
// Keys are MACs, and random handles of citizens, so a copy of the counter store names nobody. An error means the limiter itself is out.
type Limiter interface {
	Allow(ctx context.Context, key string, per time.Duration, n int) (ok bool, retryAfter time.Duration, err error)
}

// Check is one thing that must work before this process takes traffic, or before some acts can be done. Its name is shown, its error is only logged.
type Check struct {
	Name  string
	Probe func(ctx context.Context) error
}

const minEdgeKey = 32

var errWeakEdgeKey = errors.New("api: EdgeKey must have at least 32 bytes in production, the same in every replica")

// withDefaults fills what may be left out. Outside production a missing key is drawn at random: cursors and
// idempotency MACs then live as long as the process.
func (d Deps) withDefaults() (Deps, error) {
	if len(d.EdgeKey) < minEdgeKey {
		if d.Production || len(d.EdgeKey) > 0 {
			return d, errWeakEdgeKey
		}
		d.EdgeKey = make([]byte, minEdgeKey)
		_, _ = rand.Read(d.EdgeKey) // never fails (crypto/rand)
	}
	if d.Clock == nil {
		d.Clock = models.SystemClock{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Auth == nil {
		d.Auth = nobody{}
	}
	if d.BodyTimeout <= 0 {
		d.BodyTimeout = 5 * time.Second
	}
	if d.Version == "" {
		d.Version = "dev"
	}
	orDefault(&d.ReadSlots, 8)
	if d.WechatHold <= 0 {
		d.WechatHold = 4500 * time.Millisecond // they give up after five seconds
	}
	orDefault(&d.Figures.Reads, 60)
	orDefault(&d.Figures.Writes, 10)
	orDefault(&d.Figures.GuestReads, 1200)
	orDefault(&d.Figures.GuestWrites, 300)
	return d, nil
}

func orDefault(n *int, value int) {
	if *n <= 0 {
		*n = value
	}
}

// nobody is the Authenticator of a server that was given none: it knows no token.
type nobody struct{}

func (nobody) Citizen(context.Context, string) (models.Actor, error) {
	return models.Actor{}, errLoginRequired
}
func (nobody) Agent(context.Context, string) (models.Actor, []hotline.Permission, error) {
	return models.Actor{}, nil, errLoginRequired
}
func (nobody) NotPermitted(context.Context, models.Actor, hotline.Permission, string) error {
	return hotline.ErrNotPermitted
}
