package notice

import (
	"context"
	"errors"
	"slices"

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
			if err := s.Store.Follows(ctx, account.ID, true); err != nil {
				return err
			}
		}
		entry := audit.Of(by, now, "notice.subscription.answered", "notice_subscriptions", string(account.ID), "done")
		for _, c := range told {
			if err := s.apply(ctx, account, app, c, most); err != nil {
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
func (s *Subscriptions) apply(ctx context.Context, account PlatformAccount, app SubscriptionApp, c ConsentTold, most int) error {
	if c.Reason != "" {
		return s.Store.Off(ctx, account.ID, c.Topic, c.Reason)
	}
	return s.Store.Consented(ctx, account.ID, c.Topic, app.LongTerm, most)
}

// TakePlatformEvent notes what a platform told by itself about consents and followers. A pop-up is told by the client too,
// which counts each consent; the platform's word makes sure of one at least, and a client that lies is corrected by the
// platform's refusal (43101). An account that is not ours, a topic we do not know, and an event that comes again change
// nothing. One audit row where something changed.
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
		have, err := s.Store.SubscriptionsOf(ctx, account.ID)
		if err != nil {
			return err
		}
		by := models.Actor{Kind: models.SystemActor, Channel: models.Channel(e.Channel)}
		entry := audit.Of(by, s.Clock.Now(), "notice.subscription.told", "notice_subscriptions", string(account.ID), string(e.Kind)).About(account.PersonID)
		changed := false
		for _, c := range told {
			did, err := s.take(ctx, account, app, c, have)
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
	reason, whole := GoneReason(e.Code)
	if whole {
		topic = ""
	}
	return s.Decisions.InTx(ctx, func(ctx context.Context) error {
		have, err := s.Store.SubscriptionsOf(ctx, account)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(have, func(h Subscription) bool { return h.Topic == topic && h.OffReason != "" }) {
			return nil
		}
		if err := s.Store.Off(ctx, account, topic, reason); err != nil {
			return err
		}
		entry := audit.Of(models.System(), s.Clock.Now(), "notice.subscription.off", "notice_subscriptions", string(account), string(reason))
		return s.Decisions.RecordAudit(ctx, entry.Noting("topic", topicOrFollowing(topic)))
	})
}

// GoneReason reads the code of an AddressGone error: why, and whether it is about the whole account or one topic.
func GoneReason(code string) (reason OffReason, whole bool) {
	switch code {
	case CodeNotFollowing:
		return OffUnfollowed, true
	case CodeUnknownUser:
		return OffGone, true
	}
	return OffRefused, false
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
func (s *Subscriptions) take(ctx context.Context, account PlatformAccount, app SubscriptionApp, c ConsentTold, have []Subscription) (bool, error) {
	i := slices.IndexFunc(have, func(h Subscription) bool { return h.Topic == c.Topic })
	switch {
	case c.Reason != "":
		if i >= 0 && have[i].OffReason != "" {
			return false, nil
		}
		return true, s.Store.Off(ctx, account.ID, c.Topic, c.Reason)
	case c.Topic == "":
		if i >= 0 && have[i].OffReason == "" {
			return false, nil
		}
		return true, s.Store.Follows(ctx, account.ID, true)
	case i >= 0 && have[i].Open():
		return false, nil
	case app.LongTerm:
		return true, s.Store.Consented(ctx, account.ID, c.Topic, true, 1)
	}
	return true, s.Store.Confirmed(ctx, account.ID, c.Topic)
}
