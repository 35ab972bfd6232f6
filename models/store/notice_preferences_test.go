package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

type defaultLadders struct{}

func (defaultLadders) Ladder(_ context.Context, t notice.Topic, _ time.Time) (notice.Ladder, error) {
	return notice.DefaultLadder(t), nil
}

type oneChild struct{ person models.ID }

func (c oneChild) ChildrenOf(context.Context, models.ID) ([]notice.Child, error) {
	if c.person == "" {
		return nil, nil
	}
	return []notice.Child{{Dependant: "relation", Person: c.person}}, nil
}

func (r *citizenRig) preferences(child models.ID) *notice.Preferences {
	return &notice.Preferences{
		Store: r.db.NoticePreferences(), Stops: r.db.SMSStops(), Phones: r.db.Persons(), Children: oneChild{child}, Ladders: defaultLadders{},
		Decisions: r.db, Notices: r.db, Gate: tableGate{r.clock}, Clock: r.clock, Apps: r.subscriptions(false).Apps,
	}
}

func way(t *testing.T, v notice.PreferenceView, child bool, topic notice.Topic, channel notice.Channel) notice.PreferenceWay {
	t.Helper()
	for _, l := range v.Lines {
		if l.Topic != topic || (l.Child.Dependant != "") != child {
			continue
		}
		for _, w := range l.Ways {
			if w.Channel == channel {
				return w
			}
		}
	}
	require.Fail(t, "no such switch")
	return notice.PreferenceWay{}
}

// What waits for its turn is withheld with the switch, in one commit: only hers, only about whom she said.
func TestR62_SwitchingOffEndsWhatWaits(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		wang, li, child := models.NewID(), models.NewID(), models.NewID()
		for cause, d := range map[string]notice.Draft{
			"hers":  {Kind: notice.GuardianProgress, PersonID: wang},
			"about": {Kind: notice.GuardianProgress, PersonID: wang, About: child},
			"other": {Kind: notice.GuardianProgress, PersonID: li, About: child},
			"fee":   {Kind: notice.FeeReceipt, PersonID: wang, About: child},
		} {
			d.Cause = "case:" + cause
			queued(t, q, d)
		}
		states := func() map[string]string {
			out := map[string]string{}
			rows, err := q.SQL().QueryContext(t.Context(), "SELECT n.cause, d.state, d.reason FROM deliveries d JOIN notices n ON n.id = d.notice_id")
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				var cause, state, reason string
				require.NoError(t, rows.Scan(&cause, &state, &reason))
				out[cause] = state + reason
			}
			require.NoError(t, rows.Err())
			return out
		}
		wish := notice.Preference{PersonID: wang, About: child, Topic: notice.TopicDependants, Channel: notice.SMS, ChangedAt: noticeTime}
		n, err := q.NoticePreferences().WithholdQueued(t.Context(), wish, wish.Topic.Kinds())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, map[string]string{"case:hers": "queued", "case:about": "suppressedswitched_off", "case:other": "queued", "case:fee": "queued"}, states())
		wish.About = wang
		n, err = q.NoticePreferences().WithholdQueued(t.Context(), wish, wish.Topic.Kinds())
		require.NoError(t, err)
		require.Equal(t, 1, n)

		setWish(t, q.DB, wish, true)
		setWish(t, q.DB, wish, false)
		off, err := q.NoticePreferences().SwitchedOff(t.Context(), []models.ID{wang, li})
		require.NoError(t, err)
		require.Equal(t, []notice.Preference{wish}, off)
		wish.Wanted = true
		setWish(t, q.DB, wish, true)
		off, err = q.NoticePreferences().SwitchedOff(t.Context(), []models.ID{wang, li})
		require.NoError(t, err)
		require.Empty(t, off)
		got := claim(t, q, notice.LaneProgress)
		require.Contains(t, []models.ID{child, ""}, got.Notice.About)
	})
}

// The addresses that stopped working are shown with the way to repair each; a switch of hers is not one of them.
func TestR62_PreferencesShowWhatStoppedWorking(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		child := models.NewID()
		prefs, subs := r.preferences(child), r.subscriptions(false)
		v, err := prefs.ListPreferences(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, notice.WayNotSubscribed, way(t, v, false, notice.TopicArrivals, notice.WechatMini).State)
		require.Contains(t, way(t, v, false, notice.TopicArrivals, notice.SMS).Hint, "银行")

		accept := []notice.TemplateAnswer{{TemplateID: "tpl-arrivals", Answer: notice.AnsweredAccept}, {TemplateID: "tpl-progress", Answer: notice.AnsweredAccept}}
		_, err = subs.AnswerSubscriptions(t.Context(), by, accept)
		require.NoError(t, err)
		require.NoError(t, subs.MessageRefused(t.Context(), by.AccountID, notice.TopicProgress, &notice.SendError{Class: notice.AddressGone, Code: notice.CodeRefused}))
		phones, err := r.db.Persons().RegistryPhones(t.Context(), []models.ID{by.ID})
		require.NoError(t, err)
		_, err = r.db.SMSStops().Stop(t.Context(), phones[by.ID], notice.StopNoOwner, "aliyun", r.clock.Now())
		require.NoError(t, err)
		v, err = prefs.SetPreferences(t.Context(), by, "", []notice.Change{
			{Topic: notice.TopicArrivals, Channel: notice.WechatMini}, {Topic: notice.TopicFees, Channel: notice.SMS, Wanted: true},
		})
		require.NoError(t, err)
		require.Equal(t, notice.WaySwitchedOff, way(t, v, false, notice.TopicArrivals, notice.WechatMini).State)
		refused := way(t, v, false, notice.TopicProgress, notice.WechatMini)
		require.Equal(t, notice.WayStopped, refused.State)
		require.Equal(t, string(notice.OffRefused), refused.Reason)
		require.NotEmpty(t, refused.Repair)
		require.Equal(t, notice.WayOn, way(t, v, false, notice.TopicAccount, notice.SMS).State, "what her account needs is tried all the same")
		dead := way(t, v, false, notice.TopicProgress, notice.SMS)
		require.Equal(t, []string{"stopped", "dead_number"}, []string{string(dead.State), dead.Reason})
		require.Equal(t, notice.WayOn, way(t, v, true, notice.TopicLoss, notice.SMS).State, "a loss is tried all the same")
		require.Len(t, v.Stops, 1)
		require.False(t, v.Stops[0].CanLift)
		v, err = prefs.LiftStop(t.Context(), by)
		require.NoError(t, err)
		require.Len(t, v.Stops, 1, "no word of hers makes a dead number alive")

		rows, err := r.db.AuditOf(t.Context(), "notice_preferences", string(by.ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, map[string]string{"arrivals.wechat_mini": "off"}, rows[0].Detail, "what stood so already is no change")

		by.AccountID = ""
		_, err = prefs.ListPreferences(t.Context(), by)
		require.ErrorIs(t, err, notice.ErrPreferenceBorrowed)
		_, err = prefs.LiftStop(t.Context(), by)
		require.ErrorIs(t, err, notice.ErrPreferenceBorrowed)
		by.AccountID, by.Subject, by.As = models.NewID(), child, models.AsHelper
		_, err = prefs.SetPreferences(t.Context(), by, "", []notice.Change{{Topic: notice.TopicArrivals, Channel: notice.SMS}})
		require.ErrorIs(t, err, models.ErrForbidden)
		agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), Subject: by.ID, Level: models.LevelReal}
		_, err = prefs.SetPreferences(t.Context(), agent, "", []notice.Change{{Topic: notice.TopicArrivals, Channel: notice.SMS}})
		require.ErrorIs(t, err, models.ErrForbidden)
	})
}

func setWish(t *testing.T, db *store.DB, wish notice.Preference, changes bool) {
	t.Helper()
	changed, err := db.NoticePreferences().SetPreference(t.Context(), wish)
	require.NoError(t, err)
	require.Equal(t, changes, changed)
}

// Of many who turn the same switch, or say the same of one notice, at once one changes something.
func TestOneOfManyTurnsASwitchAndOpensAnEnquiry(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		by := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		prefs := r.preferences("")
		require.NoError(t, r.db.AddNotice(t.Context(), notice.Draft{Cause: "loss:1:effective", Kind: notice.LossEffective, PersonID: by.ID}))
		inbox, err := notice.New(notice.Ports{Store: r.db.Notices(), Disputes: r.db, Gate: tableGate{r.clock}, Clock: r.clock}, notice.Config{})
		require.NoError(t, err)
		list, _, err := inbox.Inbox(t.Context(), by, "", 10)
		require.NoError(t, err)
		numbers := make(chan string, 6)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				changes := []notice.Change{{Topic: notice.TopicFees, Channel: notice.SMS}, {Topic: notice.TopicProgress, Channel: notice.WechatMini}}
				if i%2 == 0 {
					changes[0], changes[1] = changes[1], changes[0]
				}
				_, err := prefs.SetPreferences(context.Background(), by, "", changes)
				assert.NoError(t, err)
				d, err := inbox.NotMe(context.Background(), by, list[0].ID)
				assert.NoError(t, err)
				numbers <- d.Number
			})
		}
		wg.Wait()
		close(numbers)
		first := <-numbers
		for n := range numbers {
			require.Equal(t, first, n)
		}
		rows, err := r.db.AuditOf(t.Context(), "notice_preferences", string(by.ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		rows, err = r.db.AuditOf(t.Context(), "notices", string(list[0].ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
	})
}

// A merged record's wishes go to who remains, and what she wished there already stays.
func TestWishesFollowAMergedRecord(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		from, to, guardian := models.NewID(), models.NewID(), models.NewID()
		wish := func(person, about models.ID, topic notice.Topic, wanted bool) notice.Preference {
			return notice.Preference{PersonID: person, About: about, Topic: topic, Channel: notice.SMS, Wanted: wanted, ChangedAt: noticeTime}
		}
		for _, w := range []notice.Preference{
			wish(from, from, notice.TopicFees, false), wish(from, from, notice.TopicPayday, false), wish(to, to, notice.TopicPayday, true),
			wish(guardian, from, notice.TopicDependants, false),
		} {
			setWish(t, q.DB, w, true)
		}
		_, err := q.PlatformAccounts().MoveAccounts(t.Context(), from, to)
		require.NoError(t, err)
		left, err := q.NoticePreferences().PreferencesOf(t.Context(), to)
		require.NoError(t, err)
		require.Equal(t, []notice.Preference{wish(to, to, notice.TopicFees, false), wish(to, to, notice.TopicPayday, true)}, left)
		about, err := q.NoticePreferences().PreferencesOf(t.Context(), guardian)
		require.NoError(t, err)
		require.Equal(t, []notice.Preference{wish(guardian, to, notice.TopicDependants, false)}, about)
		gone, err := q.NoticePreferences().PreferencesOf(t.Context(), from)
		require.NoError(t, err)
		require.Empty(t, gone)
	})
}

// What a vendor may have already is not called "not sent" because she switched it off before its repeat.
func TestWhatMayHaveArrivedIsNotCalledWithheld(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: "loss:1:effective", Kind: notice.LossEffective})
		d := claim(t, q, notice.LaneLoss)
		settle(t, q, d, notice.Settlement{State: notice.Unknown, Reason: "no_answer", Lost: true})
		clock.Advance(time.Minute)
		d = claim(t, q, notice.LaneLoss)
		settle(t, q, d, notice.Settlement{State: notice.Suppressed, Reason: notice.ReasonSwitchedOff})
		state, _ := noticeState(t, q, d.ID)
		require.Equal(t, "unknown", state)
		requireNoneDue(t, q)
	})
}
