package notice

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// TemplateAnswer is what the platform's pop-up answered the client about one template.
type TemplateAnswer struct {
	TemplateID string
	Answer     Answered
}

// AnswersMost is how many templates one pop-up asks about at most, with room: WeChat asks about three.
const AnswersMost = 10

// AnswerSubscriptions notes what the citizen answered to the platform's pop-up, about templates of the app she came by and
// no others. Each accept allows one message more; where the app's templates are long-term it stands. One audit row; the
// same request again changes nothing. ErrSubscriptionBorrowed on a borrowed phone, ErrSubscriptionFollow in an app whose
// messages go to followers, ErrSubscriptionUnknown for an id that is not ours.
func (s *Subscriptions) AnswerSubscriptions(ctx context.Context, by models.Actor, answers []TemplateAnswer) (SubscriptionView, error) {
	account, app, err := s.own(ctx, by)
	if err != nil {
		return SubscriptionView{}, err
	}
	if account.Channel.Followed() {
		return SubscriptionView{}, ErrSubscriptionFollow
	}
	told, err := app.told(answers)
	if err != nil {
		return SubscriptionView{}, err
	}
	if len(told) == 0 {
		return s.view(ctx, account, app)
	}
	now := s.Clock.Now()
	most, err := s.Settings.ConsentsMost(ctx, now)
	if err != nil {
		return SubscriptionView{}, err
	}
	err = s.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Decisions.Remember(ctx, by, "platform_accounts", string(account.ID))
		if err != nil || prior != "" {
			return err
		}
		have, err := s.Store.SubscriptionsOf(ctx, account.ID)
		if err != nil {
			return err
		}
		if i := wholeOf(have); i >= 0 && have[i].OffReason != "" { // she is here, so the platform knows her again
			if _, err := s.Store.Follows(ctx, account.ID, true, now); err != nil {
				return err
			}
		}
		entry := audit.Of(by, now, "notice.subscription.answered", "notice_subscriptions", string(account.ID), "done")
		for _, c := range told {
			if err := s.apply(ctx, account, app, c, most, now); err != nil {
				return err
			}
			entry = entry.Noting(string(c.Topic), string(c.Answer))
		}
		return s.Decisions.RecordAudit(ctx, entry)
	})
	if err != nil {
		return SubscriptionView{}, err
	}
	return s.view(ctx, account, app)
}

// told reads the answers. Two about one template cannot both be true.
func (a SubscriptionApp) told(answers []TemplateAnswer) ([]ConsentTold, error) {
	if len(answers) == 0 || len(answers) > AnswersMost {
		return nil, ErrSubscriptionUnknown
	}
	var out []ConsentTold
	for _, in := range answers {
		topic, ours := a.Topic(in.TemplateID)
		if !ours || slices.ContainsFunc(out, func(c ConsentTold) bool { return c.Topic == topic }) {
			return nil, ErrSubscriptionUnknown
		}
		c := ConsentTold{Topic: topic, Answer: in.Answer}
		switch in.Answer {
		case AnsweredFilter:
			continue
		case AnsweredAccept, AnsweredAlways:
		case AnsweredReject:
			c.Reason = OffRejected
		case AnsweredBan:
			c.Reason = OffBanned
		default:
			return nil, ErrSubscriptionUnknown
		}
		out = append(out, c)
	}
	return out, nil
}

// apply writes one answer of the client's pop-up. A client's "always" is believed only where the app's templates are
// long-term: a tick at a one-time template spares the next pop-up and allows no second message.
func (s *Subscriptions) apply(ctx context.Context, account PlatformAccount, app SubscriptionApp, c ConsentTold, most int, now time.Time) error {
	if c.Reason != "" {
		_, err := s.Store.Off(ctx, account.ID, c.Topic, c.Reason, now)
		return err
	}
	return s.Store.Consented(ctx, account.ID, c.Topic, app.LongTerm, most, now)
}

// TakePlatformEvent notes what a platform told by itself about consents and followers. A pop-up is told by the client too,
// which counts each consent; the platform's word makes sure of one at least, and a client that lies is corrected by the
// platform's refusal (43101). An account that is not ours, a topic we do not know, and an event that comes again, or after
// a younger one, change nothing. One audit row where something changed.
func (s *Subscriptions) TakePlatformEvent(ctx context.Context, e PlatformEvent) error {
	app, ours := s.app(e.Channel, e.App)
	if !ours {
		return nil
	}
	told := e.Consents(app.Topic)
	if len(told) == 0 {
		return nil
	}
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		account, err := s.Store.AccountAt(ctx, e.Channel, e.App, e.OpenID)
		if errors.Is(err, models.ErrNotFound) {
			return nil // follows us, and has never logged in
		}
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		at := e.At
		if at.IsZero() || at.After(now) { // a platform's wrong clock outdates nothing
			at = now
		}
		by := models.Actor{Kind: models.SystemActor, Channel: models.Channel(e.Channel)}
		entry := audit.Of(by, now, "notice.subscription.told", "notice_subscriptions", string(account.ID), string(e.Kind)).About(account.PersonID)
		changed := false
		for _, c := range told {
			did, err := s.take(ctx, account, app, c, at)
			if err != nil {
				return err
			}
			if did {
				changed, entry = true, entry.Noting(topicOrFollowing(c.Topic), string(c.Answer))
			}
		}
		if !changed {
			return nil
		}
		return s.Decisions.RecordAudit(ctx, entry)
	})
}

// MessageRefused notes that a platform takes no message for this account any more, of the topic or at all: the SMS goes
// instead (R62). Told again, it changes nothing. Other errors than AddressGone change nothing.
func (s *Subscriptions) MessageRefused(ctx context.Context, account models.ID, topic Topic, e *SendError) error {
	if e == nil || e.Class != AddressGone {
		return nil
	}
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		to, err := s.Store.Account(ctx, account)
		if err != nil {
			return err
		}
		reason, whole := goneReason(to.Channel, e.Code)
		if whole {
			topic = ""
		}
		now := s.Clock.Now()
		changed, err := s.Store.Off(ctx, account, topic, reason, now)
		if err != nil || !changed {
			return err
		}
		entry := audit.Of(models.System(), now, "notice.subscription.off", "notice_subscriptions", string(account), string(reason))
		return s.Decisions.RecordAudit(ctx, entry.Noting("topic", topicOrFollowing(topic)))
	})
}

// goneReason reads the code of an AddressGone error: why, and whether it is about the whole account or one topic. Who
// follows an account has no consent to a topic, so what she refuses there is all of it.
func goneReason(on Channel, code string) (reason OffReason, whole bool) {
	switch code {
	case CodeNotFollowing:
		return OffUnfollowed, true
	case CodeUnknownUser:
		return OffGone, true
	}
	return OffRefused, on.Followed()
}

func wholeOf(have []Subscription) int {
	return slices.IndexFunc(have, func(h Subscription) bool { return h.Topic == "" })
}

func topicOrFollowing(t Topic) string {
	if t == "" {
		return "following"
	}
	return string(t)
}

// take writes one line of an event and says whether it changed anything.
func (s *Subscriptions) take(ctx context.Context, account PlatformAccount, app SubscriptionApp, c ConsentTold, at time.Time) (bool, error) {
	switch {
	case c.Reason != "":
		return s.Store.Off(ctx, account.ID, c.Topic, c.Reason, at)
	case c.Topic == "":
		return s.Store.Follows(ctx, account.ID, true, at)
	}
	return s.Store.Confirmed(ctx, account.ID, c.Topic, app.LongTerm, at)
}
