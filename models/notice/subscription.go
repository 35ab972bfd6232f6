package notice

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Subscription is what a platform account allowed us to send about one topic. Topic empty is the account as a whole: it
// follows us while OffReason is empty.
type Subscription struct {
	AccountID models.ID
	Topic     Topic
	Always    bool // a standing consent
	OnceLeft  int  // consents to one message each that are not used up
	OffReason OffReason
	ChangedAt time.Time
}

// Open reports whether one more message may be sent.
func (s Subscription) Open() bool { return s.OffReason == "" && (s.Always || s.OnceLeft > 0) }

// OffReason says why an account takes no message of a topic any more.
type OffReason string

// The reasons.
const (
	OffRejected   OffReason = "rejected"   // she said no in the pop-up
	OffSwitched   OffReason = "switched"   // she switched it off in the platform's own pages
	OffRefused    OffReason = "refused"    // the platform refused a message for her (43101)
	OffBanned     OffReason = "banned"     // the platform stopped the template
	OffUnfollowed OffReason = "unfollowed" // she follows us no more (43004)
	OffBlocked    OffReason = "blocked"    // she takes none of the account's messages
	OffGone       OffReason = "gone"       // the platform knows the address no more (40003)
)

// PlatformAccount is an account that messages can go to, and whose it is.
type PlatformAccount struct {
	ID       models.ID
	Channel  Channel
	App      string
	PersonID models.ID // empty: bound to nobody, and told nothing
}

// SubscriptionStore keeps consents in SQL. Every method joins the transaction of ctx, or commits by itself.
type SubscriptionStore interface {
	// Account reads one account; models.ErrNotFound.
	Account(ctx context.Context, id models.ID) (PlatformAccount, error)
	// AccountAt finds an account by its address; models.ErrNotFound.
	AccountAt(ctx context.Context, c Channel, app, openID string) (PlatformAccount, error)
	// SubscriptionsOf lists an account's consents, the account as a whole first.
	SubscriptionsOf(ctx context.Context, account models.ID) ([]Subscription, error)
	// SMSOff lists the topics of which a person wants no SMS about herself.
	SMSOff(ctx context.Context, person models.ID) ([]Topic, error)
	// Consented notes what she answers now: a standing one, or one message more, of which at most `most` are kept. The topic is on again.
	Consented(ctx context.Context, account models.ID, topic Topic, always bool, most int, at time.Time) error
	// The words below have a time: one that is older than what is written changes nothing, however late it comes. changed:
	// the row says something else now.

	// Confirmed notes that there is a consent, standing or to at least one message. The topic is on again.
	Confirmed(ctx context.Context, account models.ID, topic Topic, standing bool, at time.Time) (changed bool, err error)
	// Off switches a topic off and forgets what consents were left. Off again keeps the first reason.
	Off(ctx context.Context, account models.ID, topic Topic, reason OffReason, at time.Time) (changed bool, err error)
	// Follows notes whether the account follows us.
	Follows(ctx context.Context, account models.ID, follows bool, at time.Time) (changed bool, err error)
}

// Decisions is what a decision about consents commits beside them.
type Decisions interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	RecordAudit(ctx context.Context, e audit.Entry) error
}

// SubscriptionApp is one app of a platform and the templates it has there.
type SubscriptionApp struct {
	Channel   Channel
	App       string
	Templates map[Topic]string // the platform's ids; a topic without one is not sent there
	LongTerm  bool             // its templates are long-term: a consent stands until it is taken back
}

// Topic is the topic of one of the app's templates.
func (a SubscriptionApp) Topic(templateID string) (Topic, bool) {
	if templateID == "" {
		return "", false
	}
	for _, t := range Topics {
		if a.Templates[t] == templateID {
			return t, true
		}
	}
	return "", false
}

// SubscriptionSettings is the policy of consents.
type SubscriptionSettings interface {
	// ConsentsMost is how many consents to one message each are kept for a topic.
	ConsentsMost(ctx context.Context, at time.Time) (int, error)
}

// Subscriptions are the use cases of what citizens allow platforms to send them (R62).
type Subscriptions struct {
	Store     SubscriptionStore
	Decisions Decisions
	Settings  SubscriptionSettings
	Gate      Gate
	Clock     models.Clock
	Apps      []SubscriptionApp
}

func (s *Subscriptions) app(c Channel, id string) (SubscriptionApp, bool) {
	i := slices.IndexFunc(s.Apps, func(a SubscriptionApp) bool { return a.Channel == c && a.App == id })
	if i < 0 {
		return SubscriptionApp{}, false
	}
	return s.Apps[i], true
}

// own is the account that the actor came by. A borrowed phone has none: nothing is ever sent to it (R67).
func (s *Subscriptions) own(ctx context.Context, by models.Actor) (PlatformAccount, SubscriptionApp, error) {
	if by.Kind == models.CitizenActor && by.AccountID == "" {
		return PlatformAccount{}, SubscriptionApp{}, ErrSubscriptionBorrowed
	}
	if err := s.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return PlatformAccount{}, SubscriptionApp{}, err
	}
	if !by.ForSelf() {
		return PlatformAccount{}, SubscriptionApp{}, models.ErrForbidden
	}
	account, err := s.Store.Account(ctx, by.AccountID)
	if err != nil {
		return PlatformAccount{}, SubscriptionApp{}, err
	}
	if account.PersonID != by.ID {
		return PlatformAccount{}, SubscriptionApp{}, models.ErrForbidden
	}
	app, ok := s.app(account.Channel, account.App)
	if !ok {
		app = SubscriptionApp{Channel: account.Channel, App: account.App}
	}
	return account, app, nil
}

// Codes of AddressGone errors: every adapter turns its vendor's into these.
const (
	CodeRefused      = "refused_by_user" // no consent is left, or she refused the template
	CodeNotFollowing = "not_following"   // she does not follow the account
	CodeUnknownUser  = "unknown_user"    // the platform knows no such user of the app
)
