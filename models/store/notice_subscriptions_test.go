package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

type fewConsents struct{}

func (fewConsents) ConsentsMost(context.Context, time.Time) (int, error) { return 3, nil }

func (r *citizenRig) subscriptions(longTerm bool) *notice.Subscriptions {
	return &notice.Subscriptions{
		Store: r.db.NoticeSubscriptions(), Decisions: r.db, Settings: fewConsents{}, Gate: tableGate{r.clock}, Clock: r.clock,
		Apps: []notice.SubscriptionApp{{
			Channel: notice.WechatMini, App: "wx-mini", LongTerm: longTerm,
			Templates: map[notice.Topic]string{notice.TopicArrivals: "tpl-arrivals", notice.TopicProgress: "tpl-progress"},
		}},
	}
}

func (r *citizenRig) consent1(t *testing.T, account models.ID, topic notice.Topic) notice.Subscription {
	t.Helper()
	list, err := r.db.NoticeSubscriptions().SubscriptionsOf(t.Context(), account)
	require.NoError(t, err)
	for _, s := range list {
		if s.Topic == topic {
			return s
		}
	}
	return notice.Subscription{}
}

func TestR62_EachAcceptIsOneMessageUpToTheCap(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		subs := r.subscriptions(false)
		accept := []notice.TemplateAnswer{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAlways}, {TemplateID: "tpl-progress", Answer: notice.AnsweredReject}}
		for range 5 {
			_, err := subs.AnswerSubscriptions(t.Context(), by, accept)
			require.NoError(t, err)
		}
		_, err := subs.AnswerSubscriptions(t.Context(), by, []notice.TemplateAnswer{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}, {TemplateID: "tpl-progress", Answer: notice.AnsweredFilter}})
		require.NoError(t, err, "what the platform left out is left out")
		_, err = subs.AnswerSubscriptions(t.Context(), by, []notice.TemplateAnswer{{TemplateID: "tpl-progress", Answer: notice.AnsweredFilter}})
		require.NoError(t, err)
		got := r.consent1(t, by.AccountID, notice.TopicArrivals)
		require.Equal(t, 3, got.OnceLeft)
		require.False(t, got.Always, "a tick at a one-time template is no standing consent")
		require.Equal(t, notice.OffRejected, r.consent1(t, by.AccountID, notice.TopicProgress).OffReason)

		view, err := subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.Len(t, view.Topics, 2, "only topics with a template")
		require.Equal(t, notice.SubscriptionOn, view.Topics[0].State)
		require.Equal(t, "tpl-arrivals", view.Topics[0].TemplateID)
		require.Empty(t, view.Topics[0].Repair)
		require.Equal(t, notice.SubscriptionOff, view.Topics[1].State)
		require.Contains(t, view.Topics[1].Repair, "12333")

		var got3 atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if ok, err := r.db.Notices().UseConsent(context.Background(), by.AccountID, notice.WechatMini, notice.TopicArrivals); err == nil && ok {
					got3.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 3, got3.Load(), "eight callers share three consents")
		ok, err := r.db.Notices().UseConsent(t.Context(), by.AccountID, notice.WechatMini, notice.TopicProgress)
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func TestAnAnswerIsOneDecisionAndItsRepeatNone(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		subs := r.subscriptions(false)
		ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "answerSubscriptions", Key: "k1", BodyMAC: []byte("m")})
		for range 3 {
			view, err := subs.AnswerSubscriptions(ctx, by, []notice.TemplateAnswer{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}})
			require.NoError(t, err)
			require.Equal(t, 1, view.Topics[0].OnceLeft)
		}
		rows, err := r.db.AuditOf(t.Context(), "notice_subscriptions", string(by.AccountID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "accept", rows[0].Detail["arrivals"])

		for _, bad := range [][]notice.TemplateAnswer{
			nil, {{TemplateID: "tpl-of-others", Answer: notice.AnsweredAccept}}, {{TemplateID: "tpl-arrivals", Answer: "maybe"}},
			{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}, {TemplateID: "tpl-arrivals", Answer: notice.AnsweredReject}},
		} {
			_, err := subs.AnswerSubscriptions(t.Context(), by, bad)
			require.ErrorIs(t, err, notice.ErrSubscriptionUnknown)
		}
		borrowed := by
		borrowed.AccountID = ""
		_, err = subs.AnswerSubscriptions(t.Context(), borrowed, nil)
		require.ErrorIs(t, err, notice.ErrSubscriptionBorrowed, "R67: nothing is sent to a borrowed phone")
		_, err = subs.ListSubscriptions(t.Context(), borrowed)
		require.ErrorIs(t, err, notice.ErrSubscriptionBorrowed)
		other := by
		other.Subject = models.NewID()
		_, err = subs.ListSubscriptions(t.Context(), other)
		require.ErrorIs(t, err, models.ErrForbidden)
	})
}

func TestR62_ARefusedMessageSwitchesItsTopicOffUntilSheAcceptsAgain(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		subs := r.subscriptions(true)
		accept := []notice.TemplateAnswer{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}}
		_, err := subs.AnswerSubscriptions(t.Context(), by, accept)
		require.NoError(t, err)
		require.True(t, r.consent1(t, by.AccountID, notice.TopicArrivals).Always, "long-term templates")
		for range 2 {
			ok, err := r.db.Notices().UseConsent(t.Context(), by.AccountID, notice.WechatMini, notice.TopicArrivals)
			require.NoError(t, err)
			require.True(t, ok)
		}
		require.NoError(t, subs.MessageRefused(t.Context(), by.AccountID, notice.TopicArrivals, &notice.SendError{Class: notice.FateUnknown, Code: notice.CodeRefused}))
		require.True(t, r.consent1(t, by.AccountID, notice.TopicArrivals).Open(), "only a gone address counts")
		for range 2 {
			require.NoError(t, subs.MessageRefused(t.Context(), by.AccountID, notice.TopicArrivals, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeRefused}))
		}
		got := r.consent1(t, by.AccountID, notice.TopicArrivals)
		require.Equal(t, notice.OffRefused, got.OffReason)
		require.False(t, got.Always)
		ok, err := r.db.Notices().UseConsent(t.Context(), by.AccountID, notice.WechatMini, notice.TopicArrivals)
		require.NoError(t, err)
		require.False(t, ok)
		view, err := subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.Contains(t, view.Topics[0].Repair, "在此之前会用短信通知您")
		_, err = r.db.SQL().ExecContext(t.Context(), "INSERT INTO notice_preferences (person_id, about_id, topic, channel, wanted, changed_at) VALUES ('"+
			string(by.ID)+"','"+string(by.ID)+"','arrivals','sms',false,'2021-12-20 00:00:00+00:00')")
		require.NoError(t, err)
		view, err = subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.NotContains(t, view.Topics[0].Repair, "短信", "no promise of what she switched off")

		require.NoError(t, subs.MessageRefused(t.Context(), by.AccountID, notice.TopicArrivals, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeUnknownUser}))
		require.Equal(t, notice.OffGone, r.consent1(t, by.AccountID, "").OffReason)
		view, err = subs.AnswerSubscriptions(t.Context(), by, accept)
		require.NoError(t, err)
		require.Equal(t, notice.SubscriptionOn, view.Topics[0].State, "she is here and accepts")
		rows, err := r.db.AuditOf(t.Context(), "notice_subscriptions", string(by.AccountID))
		require.NoError(t, err)
		require.Len(t, rows, 4, "two answers, two refusals; the repeat is none")
	})
}

func TestAPlatformsEventsChangeConsentsOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		subs := r.subscriptions(false)
		told := func(kind notice.PlatformEventKind, items ...notice.PlatformEventItem) {
			for range 2 {
				require.NoError(t, subs.TakePlatformEvent(t.Context(), notice.PlatformEvent{
					Channel: notice.WechatMini, App: "wx-mini", OpenID: "o-holder", Kind: kind, At: start, Items: items,
				}))
			}
		}
		told(notice.ConsentAsked, notice.PlatformEventItem{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}, notice.PlatformEventItem{TemplateID: "tpl-unknown", Answer: notice.AnsweredAccept})
		require.Equal(t, 1, r.consent1(t, by.AccountID, notice.TopicArrivals).OnceLeft, "one at least, and no more for a repeat")
		told(notice.ConsentChanged, notice.PlatformEventItem{TemplateID: "tpl-arrivals", Answer: notice.AnsweredReject})
		require.Equal(t, notice.OffSwitched, r.consent1(t, by.AccountID, notice.TopicArrivals).OffReason)
		told(notice.ConsentAsked, notice.PlatformEventItem{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept})
		require.True(t, r.consent1(t, by.AccountID, notice.TopicArrivals).Open())
		told(notice.Followed)
		told(notice.Unfollowed)
		require.Equal(t, notice.OffUnfollowed, r.consent1(t, by.AccountID, "").OffReason)
		told(notice.Followed)
		require.Empty(t, r.consent1(t, by.AccountID, "").OffReason)
		rows, err := r.db.AuditOf(t.Context(), "notice_subscriptions", string(by.AccountID))
		require.NoError(t, err)
		require.Len(t, rows, 6)

		require.NoError(t, subs.TakePlatformEvent(t.Context(), notice.PlatformEvent{Channel: notice.WechatMini, App: "wx-mini", OpenID: "o-nobody", Kind: notice.Followed}))
		require.NoError(t, subs.TakePlatformEvent(t.Context(), notice.PlatformEvent{Channel: notice.WechatMini, App: "another", OpenID: "o-holder", Kind: notice.Followed}))
	})
}

func TestFollowersAreAskedNothing(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		oa, err := r.db.PlatformAccounts().SeenAccount(t.Context(), citizen.Account{
			ID: models.NewID(), Platform: models.WechatOA, AppID: "wx-oa", OpenID: "o-in-oa", Handle: "h-oa", MadeAt: start, SeenAt: start,
		})
		require.NoError(t, err)
		require.NoError(t, r.db.PlatformAccounts().BindAccount(t.Context(), oa.ID, by.ID, citizen.ByRealPerson, start))
		by.AccountID = oa.ID
		subs := r.subscriptions(false)
		subs.Apps = append(subs.Apps, notice.SubscriptionApp{Channel: notice.WechatOA, App: "wx-oa", Templates: map[notice.Topic]string{notice.TopicLoss: "tpl"}})
		view, err := subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.True(t, view.ByFollowing)
		require.Equal(t, notice.SubscriptionNone, view.Topics[0].State)
		require.Contains(t, view.Topics[0].Repair, "关注")
		require.Empty(t, view.Topics[0].TemplateID)
		_, err = subs.AnswerSubscriptions(t.Context(), by, []notice.TemplateAnswer{{TemplateID: "tpl", Answer: notice.AnsweredAccept}})
		require.ErrorIs(t, err, notice.ErrSubscriptionFollow)

		followed := notice.PlatformEvent{Channel: notice.WechatOA, App: "wx-oa", OpenID: "o-in-oa", Kind: notice.Followed}
		require.NoError(t, subs.TakePlatformEvent(t.Context(), followed))
		view, err = subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, notice.SubscriptionOn, view.Topics[0].State)
		require.NoError(t, subs.MessageRefused(t.Context(), oa.ID, notice.TopicLoss, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeNotFollowing}))
		view, err = subs.ListSubscriptions(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, notice.OffUnfollowed, view.Topics[0].OffReason)
	})
}

// R62: a follower's account is one: what she refuses or blocks is all of it, and ends when she is heard of again.
func TestR62_AFollowersRefusalIsOfTheWholeAccountUntilSheIsHeardOf(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		who := citizen.Account{ID: models.NewID(), Platform: models.AlipayLife, AppID: "life", OpenID: "o-life", Handle: "h-life", MadeAt: start, SeenAt: start}
		account, err := r.db.PlatformAccounts().SeenAccount(t.Context(), who)
		require.NoError(t, err)
		subs, follows := r.subscriptions(false), r.db.PlatformFollows()
		refused := &notice.SendError{Class: notice.AddressGone, Code: notice.CodeRefused}
		word := func(after time.Duration) notice.Follower {
			return notice.Follower{Channel: notice.AlipayLife, App: "life", OpenID: "o-life", Follows: true, At: start.Add(after)}
		}
		_, _, _, err = follows.NoteFollower(t.Context(), word(0))
		require.NoError(t, err)
		require.NoError(t, subs.MessageRefused(t.Context(), account.ID, notice.TopicLoss, refused))
		require.Equal(t, notice.OffRefused, r.consent1(t, account.ID, "").OffReason)
		require.Zero(t, r.consent1(t, account.ID, notice.TopicLoss), "no row that nobody reads")

		_, _, changed, err := follows.Heard(t.Context(), word(-time.Second))
		require.NoError(t, err)
		require.False(t, changed, "written before she refused")
		for i := range 2 {
			_, _, changed, err = follows.Heard(t.Context(), word(time.Second))
			require.NoError(t, err)
			require.Equal(t, i == 0, changed)
		}
		require.Empty(t, r.consent1(t, account.ID, "").OffReason)

		_, err = r.db.NoticeSubscriptions().Off(t.Context(), account.ID, "", notice.OffBlocked, start.Add(2*time.Second))
		require.NoError(t, err)
		who.SeenAt = start.Add(3 * time.Second)
		_, err = r.db.PlatformAccounts().SeenAccount(t.Context(), who)
		require.NoError(t, err)
		require.Empty(t, r.consent1(t, account.ID, "").OffReason, "she logs in")
		rows, err := r.db.AuditOf(t.Context(), "platform_accounts", string(account.ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "notice.account.heard", rows[0].Action)

		_, err = r.db.NoticeSubscriptions().Off(t.Context(), account.ID, "", notice.OffUnfollowed, start.Add(4*time.Second))
		require.NoError(t, err)
		_, _, changed, err = follows.Heard(t.Context(), word(5*time.Second))
		require.NoError(t, err)
		require.False(t, changed, "writing is not following")
	})
}

// Platforms tell late and out of order: a word counts by its own time.
func TestALateWordOfAPlatformTurnsNothingBack(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		subs := r.subscriptions(false)
		r.clock.Advance(time.Hour)
		told := func(kind notice.PlatformEventKind, answer notice.Answered, after time.Duration) {
			require.NoError(t, subs.TakePlatformEvent(t.Context(), notice.PlatformEvent{
				Channel: notice.WechatMini, App: "wx-mini", OpenID: "o-holder", Kind: kind, At: start.Add(after),
				Items: []notice.PlatformEventItem{{TemplateID: "tpl-arrivals", Answer: answer}},
			}))
		}
		told(notice.ConsentAsked, notice.AnsweredAccept, 10*time.Second)
		told(notice.ConsentChanged, notice.AnsweredReject, 5*time.Second)
		require.True(t, r.consent1(t, by.AccountID, notice.TopicArrivals).Open(), "a late no closes nothing")
		told(notice.ConsentAsked, notice.AnsweredAccept, 20*time.Second) // the same, and younger
		told(notice.ConsentChanged, notice.AnsweredReject, 15*time.Second)
		require.True(t, r.consent1(t, by.AccountID, notice.TopicArrivals).Open(), "the younger of two equal words counts")
		told(notice.ConsentChanged, notice.AnsweredReject, 30*time.Second)
		told(notice.ConsentAsked, notice.AnsweredAccept, 25*time.Second)
		require.Equal(t, notice.OffSwitched, r.consent1(t, by.AccountID, notice.TopicArrivals).OffReason, "a late yes opens nothing")
		rows, err := r.db.AuditOf(t.Context(), "notice_subscriptions", string(by.AccountID))
		require.NoError(t, err)
		require.Len(t, rows, 2)
	})
}
