package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
)

func TestUnknownFatesAreListedOnceInAWhile(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		n := claim(t, q)
		settle(t, q, n, notice.Settlement{State: notice.Unknown, Reason: "no_answer", After: 10 * time.Second, Lost: true})
		ask := func() int {
			open, err := q.UnknownDeliveries(t.Context(), clock.Now().Add(-time.Hour), 30*time.Minute, 10)
			require.NoError(t, err)
			return len(open)
		}
		require.Zero(t, ask())
		clock.Advance(10 * time.Second)
		require.Equal(t, 1, ask())
		require.Zero(t, ask())
		clock.Advance(30 * time.Minute)
		require.Equal(t, 1, ask())
		clock.Advance(time.Hour)
		require.Zero(t, ask(), "too old to ask")
	})
}

func TestWhatTheVendorNeverHeardOfIsQueuedAgainWhileItIsWorthSending(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		lost := func() notice.Delivery {
			d := claim(t, q)
			settle(t, q, d, notice.Settlement{State: notice.Unknown, Reason: "no_answer", Lost: true})
			return d
		}
		d := lost()
		again := func() bool {
			ok, err := q.QueueAgain(t.Context(), d.ID, d.Attempt)
			require.NoError(t, err)
			return ok
		}
		require.True(t, again())
		require.False(t, again(), "it is in the queue")
		second := lost()
		require.Equal(t, d.ID, second.ID, "the vendor gets the same id")
		require.False(t, again(), "an answer about an earlier attempt says nothing of this one")
		d = second
		clock.Advance(30 * 24 * time.Hour)
		require.False(t, again(), "no longer worth sending")
	})
}

// A platform refuses: the topic is off at that account, and the next way is in the queue with the same commit.
func TestR62_ARefusedWayIsFollowedByTheNextInOneCommit(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		me, account := models.NewID(), models.NewID()
		sql := func(stmt string) {
			t.Helper()
			_, err := q.SQL().ExecContext(t.Context(), stmt)
			require.NoError(t, err)
		}
		at := "'" + clock.Now().Format("2006-01-02 15:04:05") + "'"
		sql("INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, person_id, level, bound_by, made_at, seen_at) VALUES ('" +
			string(account) + "', 'wechat_mini', 'wx1', 'open-1', '', '', 'h', '" + string(me) + "', 'phone', 'code', " + at + ", " + at + ")")
		sql("INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at) VALUES ('" + string(account) + "', 'progress', false, 1, '', " + at + ")")
		queued(t, q, notice.Draft{Cause: "application:1", Kind: notice.ApplicationProducing, PersonID: me})
		requireNone := func(c notice.Channel) {
			got, err := q.ClaimDeliveries(t.Context(), notice.Due{Channel: c, Lane: notice.LaneProgress}, "", noticeLease, 10)
			require.NoError(t, err)
			require.Empty(t, got)
		}
		requireNone(notice.SMS)
		due, err := q.DueDeliveries(t.Context(), allLanes)
		require.NoError(t, err)
		require.Equal(t, []notice.Due{{Channel: notice.WechatMini, Lane: notice.LaneProgress}}, due)
		got, err := q.ClaimDeliveries(t.Context(), due[0], "", noticeLease, 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, []string{"wx1", "open-1"}, []string{got[0].App, got[0].OpenID})
		for _, want := range []bool{true, false} {
			ok, err := q.UseConsent(t.Context(), account, notice.WechatMini, notice.TopicProgress)
			require.NoError(t, err)
			require.Equal(t, want, ok)
		}
		_, err = q.NoticeSubscriptions().Off(t.Context(), account, notice.TopicProgress, notice.OffRefused, noticeTime.Add(time.Hour))
		require.NoError(t, err)
		settle(t, q, got[0], notice.Settlement{State: notice.Failed, Reason: "43101"})
		text := claim(t, q)
		require.Equal(t, notice.SMS, text.Channel)
		settle(t, q, text, notice.Settlement{State: notice.Submitted, Vendor: "aliyun", VendorID: "biz-1"})
		inbox, err := q.NoticesOf(t.Context(), me, "", 10)
		require.NoError(t, err)
		require.Len(t, inbox, 1)
		require.Len(t, inbox[0].Tried, 2)

		queued(t, q, notice.Draft{Cause: "application:2", Kind: notice.ApplicationReady, PersonID: me})
		require.Equal(t, notice.SMS, claim(t, q).Channel, "the topic is off there")
	})
}

// The account was bound by somebody else while the message waited: he reads nothing of hers, and she gets it another way.
func TestAPushGoesToNobodyElseWhoBoundTheAccount(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		me, account := models.NewID(), models.NewID()
		at := clock.Now()
		for _, one := range []struct {
			sql  string
			vars []any
		}{
			{`INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, person_id, level, bound_by, made_at, seen_at)
				VALUES ($1, 'wechat_mini', 'wx1', 'open-1', '', '', 'h', $2, 'phone', 'code', $3, $3)`, []any{string(account), string(me), at}},
			{`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at) VALUES ($1, 'progress', true, 0, '', $2)`, []any{string(account), at}},
		} {
			_, err := q.SQL().ExecContext(t.Context(), one.sql, one.vars...)
			require.NoError(t, err)
		}
		queued(t, q, notice.Draft{Cause: "application:1", Kind: notice.ApplicationProducing, PersonID: me})
		_, err := q.SQL().ExecContext(t.Context(), "UPDATE platform_accounts SET person_id = $1", string(models.NewID()))
		require.NoError(t, err)
		got, err := q.ClaimDeliveries(t.Context(), notice.Due{Channel: notice.WechatMini, Lane: notice.LaneProgress}, "", noticeLease, 1)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Empty(t, got[0].OpenID)
	})
}
