package store_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

var noticeTime = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

const noticeLease = 30 * time.Second

var allLanes = []notice.Lane{notice.LaneCodes, notice.LaneLoss, notice.LaneProgress, notice.LaneArrivals, notice.LaneCampaigns}

// eachQueue runs fn on the queue of every database, with a clock of its own.
func eachQueue(t *testing.T, fn func(t *testing.T, q *store.Notices, clock *models.ManualClock)) {
	t.Helper()
	for _, open := range []func(*testing.T, ...storetest.Option) *store.DB{storetest.OpenSQLite, storetest.OpenPostgres} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(noticeTime)
			fn(t, open(t, storetest.WithClock(clock)).Notices(), clock)
		})
	}
}

func queued(t *testing.T, q *store.Notices, d notice.Draft) notice.Draft {
	t.Helper()
	if d.PersonID == "" {
		d.PersonID = models.NewID()
	}
	require.NoError(t, q.AddNotice(t.Context(), d))
	return d
}

func claim(t *testing.T, q *store.Notices, lanes ...notice.Lane) notice.Delivery {
	t.Helper()
	d, ok := taken(t, q, lanes)
	require.True(t, ok)
	return d
}

// taken is the most urgent due delivery by SMS.
func taken(t *testing.T, q *store.Notices, lanes []notice.Lane) (notice.Delivery, bool) {
	t.Helper()
	if len(lanes) == 0 {
		lanes = allLanes
	}
	due, err := q.DueDeliveries(t.Context(), lanes)
	require.NoError(t, err)
	for _, part := range due {
		got, err := q.ClaimDeliveries(t.Context(), part, "", noticeLease, 1)
		require.NoError(t, err)
		if len(got) == 1 {
			return got[0], true
		}
	}
	return notice.Delivery{}, false
}

func requireNoneDue(t *testing.T, q *store.Notices, lanes ...notice.Lane) {
	t.Helper()
	_, ok := taken(t, q, lanes)
	require.False(t, ok)
}

func settle(t *testing.T, q *store.Notices, d notice.Delivery, o notice.Settlement) {
	t.Helper()
	require.True(t, settled(t, q, d, o))
}

func settled(t *testing.T, q *store.Notices, d notice.Delivery, o notice.Settlement) bool {
	t.Helper()
	ours, err := q.SettleDeliveries(t.Context(), []notice.Outcome{{ID: d.ID, Attempt: d.Attempt, Settlement: o}})
	require.NoError(t, err)
	return ours == 1
}

func received(t *testing.T, q *store.Notices, r notice.Receipt) bool {
	t.Helper()
	r.Vendor, r.At = "aliyun", noticeTime
	known, err := q.TakeReceipt(t.Context(), r)
	require.NoError(t, err)
	return known
}

func noticeState(t *testing.T, q *store.Notices, id models.ID) (state string, reason string) {
	t.Helper()
	require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT state, reason FROM deliveries WHERE id = '"+string(id)+"'").Scan(&state, &reason))
	return state, reason
}

func lapse(t *testing.T, q *store.Notices) int {
	t.Helper()
	n, err := q.LapseDeliveries(t.Context(), 10*time.Second, 72*time.Hour)
	require.NoError(t, err)
	return n
}

func countRows(t *testing.T, q *store.Notices, table string) (n int) {
	t.Helper()
	require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

func TestR12_ACreditToldThreeTimesIsOneNotice(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		d := notice.Draft{
			Cause: "credit:9:1", Kind: notice.Arrival, PersonID: models.NewID(), Scope: "luoyang", At: noticeTime.Add(-time.Hour),
			Params: map[string]string{"programme": "住房补贴", "amount": "338.00", "tail": "1234"}, Object: "payment", ObjectID: models.NewID(),
		}
		require.NoError(t, q.AddNotice(t.Context(), d))
		require.NoError(t, q.AddNotice(t.Context(), d))
		require.NoError(t, q.AddNotices(t.Context(), []notice.Draft{d, d}))
		n := claim(t, q)
		require.Equal(t, notice.SMS, n.Channel)
		require.Equal(t, notice.Arrival, n.Notice.Kind)
		require.Equal(t, map[string]string{"programme": "住房补贴", "amount": "338.00", "tail": "1234", "date": "近日"}, n.Notice.Params)
		require.Equal(t, "luoyang", n.Notice.Scope)
		require.Equal(t, d.At, n.Notice.At)
		require.Equal(t, d.ObjectID, n.Notice.ObjectID)
		require.Equal(t, 1, n.Attempt)
		requireNoneDue(t, q)
	})
}

func TestANoticeOfARolledBackDecisionDoesNotExist(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		err := q.InTx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, q.AddNotice(ctx, notice.Draft{Cause: "loss:1", Kind: notice.LossEffective, PersonID: models.NewID()}))
			return models.ErrConflict
		})
		require.ErrorIs(t, err, models.ErrConflict)
		requireNoneDue(t, q)
	})
}

func TestLanesAreTakenMostUrgentFirst(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		for i, k := range []notice.Kind{notice.Arrival, notice.ApplicationReady, notice.LossEffective} {
			queued(t, q, notice.Draft{Cause: fmt.Sprintf("cause:%d", i), Kind: k})
			clock.Advance(time.Second)
		}
		queued(t, q, notice.Draft{Cause: "code:1", Kind: notice.Code, Secret: notice.NewSecret("862413")})
		requireNoneDue(t, q, notice.Lane(9))
		for _, k := range []notice.Kind{notice.Code, notice.LossEffective} {
			require.Equal(t, k, claim(t, q, notice.UrgentLanes...).Notice.Kind)
		}
		requireNoneDue(t, q, notice.UrgentLanes...)
		for _, k := range []notice.Kind{notice.ApplicationReady, notice.Arrival} {
			require.Equal(t, k, claim(t, q).Notice.Kind)
		}
	})
}

func TestOfManyDispatchersEachNoticeHasOneWinner(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		const notices, dispatchers = 40, 8
		var drafts []notice.Draft
		for i := range notices {
			drafts = append(drafts, notice.Draft{Cause: fmt.Sprintf("cause:%d", i), Kind: notice.Arrival, PersonID: models.NewID()})
		}
		require.NoError(t, q.AddNotices(t.Context(), drafts))
		var mu sync.Mutex
		won := map[models.ID]int{}
		var wg sync.WaitGroup
		for range dispatchers {
			wg.Go(func() {
				for {
					got, err := q.ClaimDeliveries(t.Context(), notice.Due{Channel: notice.SMS, Lane: notice.LaneArrivals}, "", noticeLease, 3)
					if err != nil || len(got) == 0 {
						return
					}
					mu.Lock()
					for _, d := range got {
						won[d.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.Len(t, won, notices)
		for _, n := range won {
			require.Equal(t, 1, n)
		}
	})
}

func TestACodeIsSealedAndGoneOnceTheVendorHasItOrItExpired(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		d := queued(t, q, notice.Draft{Cause: "code:1", Kind: notice.Code, Secret: notice.NewSecret("862413")})
		var cell []byte
		require.NoError(t, q.SQL().QueryRowContext(t.Context(), "SELECT code_sealed FROM notice_secrets").Scan(&cell))
		require.NotContains(t, string(cell), "862413")
		n := claim(t, q)
		require.Equal(t, "862413", n.Notice.Secret.Reveal())
		require.Equal(t, d.PersonID, n.Notice.PersonID)

		settle(t, q, n, notice.Settlement{State: notice.Queued, Reason: "not_connected", After: 2 * time.Second})
		require.Equal(t, 1, countRows(t, q, "notice_secrets"), "it is tried again with the same code")
		requireNoneDue(t, q)
		clock.Advance(2 * time.Second)
		n = claim(t, q)
		require.Equal(t, 2, n.Attempt)
		settle(t, q, n, notice.Settlement{State: notice.Submitted, VendorID: "biz-1"})
		require.Zero(t, countRows(t, q, "notice_secrets"))

		queued(t, q, notice.Draft{Cause: "code:2", Kind: notice.Code, Secret: notice.NewSecret("862413")})
		clock.Advance(5 * time.Minute)
		requireNoneDue(t, q)
		require.Equal(t, 2, lapse(t, q), "the notice and its code")
		require.Zero(t, countRows(t, q, "notice_secrets"))
		require.Zero(t, lapse(t, q))

		inbox, err := q.NoticesOf(t.Context(), d.PersonID, "", 10)
		require.NoError(t, err)
		require.Empty(t, inbox)
	})
}

func TestAFoundSubmittingIsUnknownAndOnlyLossAndCodesAreTakenAgain(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		queued(t, q, notice.Draft{Cause: "loss:1", Kind: notice.LossEffective})
		queued(t, q, notice.Draft{Cause: "credit:1", Kind: notice.Arrival})
		loss, arrival := claim(t, q), claim(t, q)
		clock.Advance(noticeLease - time.Second)
		require.Zero(t, lapse(t, q))
		clock.Advance(time.Second)
		require.Equal(t, 2, lapse(t, q))
		state, reason := noticeState(t, q, arrival.ID)
		require.Equal(t, []string{"unknown", "lease_lapsed"}, []string{state, reason})

		require.False(t, settled(t, q, loss, notice.Settlement{State: notice.Submitted, VendorID: "late"}), "an answer after the lease does not count")

		for attempt := 2; attempt <= 3; attempt++ {
			requireNoneDue(t, q)
			clock.Advance(10 * time.Second)
			again := claim(t, q)
			require.Equal(t, loss.ID, again.ID)
			require.Equal(t, attempt, again.Attempt)
			settle(t, q, again, notice.Settlement{State: notice.Unknown, Reason: "no_answer", After: 10 * time.Second, Lost: true})
		}
		clock.Advance(time.Hour)
		requireNoneDue(t, q)
		state, _ = noticeState(t, q, loss.ID)
		require.Equal(t, "unknown", state, "three times without an answer is enough")
	})
}

func TestNoticeReceiptsCountOnceWheneverTheyCome(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		require.False(t, received(t, q, notice.Receipt{DeliveryID: models.NewID(), VendorID: "x", Delivered: true}))
		next := func() notice.Delivery {
			queued(t, q, notice.Draft{Cause: "loss:" + string(models.NewID()), Kind: notice.LossEffective})
			return claim(t, q)
		}
		submit := notice.Settlement{State: notice.Submitted, VendorID: "biz-1"}

		usual := next()
		settle(t, q, usual, submit)
		for range 3 {
			require.True(t, received(t, q, notice.Receipt{DeliveryID: usual.ID, VendorID: "biz-1", Delivered: true, Code: "DELIVERED"}))
		}
		require.Equal(t, 1, countRows(t, q, "delivery_receipts"))
		state, reason := noticeState(t, q, usual.ID)
		require.Equal(t, []string{"delivered", ""}, []string{state, reason})

		early := next()
		require.True(t, received(t, q, notice.Receipt{DeliveryID: early.ID, VendorID: "biz-2", Delivered: true}))
		require.False(t, settled(t, q, early, submit))
		state, _ = noticeState(t, q, early.ID)
		require.Equal(t, "delivered", state)

		earlyFailure := next()
		require.True(t, received(t, q, notice.Receipt{DeliveryID: earlyFailure.ID, VendorID: "biz-1", Code: "MOBILE_NOT_ON_SERVICE"}))
		state, _ = noticeState(t, q, earlyFailure.ID)
		require.Equal(t, "submitting", state)
		settle(t, q, earlyFailure, submit)
		state, reason = noticeState(t, q, earlyFailure.ID)
		require.Equal(t, []string{"failed", "MOBILE_NOT_ON_SERVICE"}, []string{state, reason})

		late := next()
		settle(t, q, late, submit)
		clock.Advance(73 * time.Hour)
		require.Equal(t, 1, lapse(t, q))
		state, reason = noticeState(t, q, late.ID)
		require.Equal(t, []string{"unknown", "no_receipt"}, []string{state, reason})
		require.True(t, received(t, q, notice.Receipt{DeliveryID: late.ID, VendorID: "biz-1", Delivered: true}))
		state, _ = noticeState(t, q, late.ID)
		require.Equal(t, "delivered", state)
	})
}

func TestManyNoticesThatEndAtOnceAreLapsedInPieces(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		drafts := make([]notice.Draft, 0, 501)
		for i := range cap(drafts) {
			drafts = append(drafts, notice.Draft{Cause: "credit:" + strconv.Itoa(i), Kind: notice.Arrival, PersonID: models.NewID()})
		}
		require.NoError(t, q.AddNotices(t.Context(), drafts))
		clock.Advance(30 * 24 * time.Hour)
		require.Equal(t, 500, lapse(t, q))
		require.Equal(t, 1, lapse(t, q))
		require.Zero(t, lapse(t, q))
	})
}

func TestReceiptAndHandOverAtOnceNeverLoseTheReceipt(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		for i := range 20 {
			queued(t, q, notice.Draft{Cause: fmt.Sprintf("loss:%d", i), Kind: notice.LossEffective})
			n := claim(t, q)
			var wg sync.WaitGroup
			errs := make([]error, 2)
			wg.Go(func() {
				_, errs[0] = q.SettleDeliveries(t.Context(), []notice.Outcome{{ID: n.ID, Attempt: n.Attempt, Settlement: notice.Settlement{State: notice.Submitted, VendorID: "biz-1"}}})
			})
			wg.Go(func() {
				_, errs[1] = q.TakeReceipt(t.Context(), notice.Receipt{Vendor: "aliyun", VendorID: "biz-1", DeliveryID: n.ID, Code: "SPAM", At: noticeTime})
			})
			wg.Wait()
			require.NoError(t, errs[0])
			require.NoError(t, errs[1])
			state, _ := noticeState(t, q, n.ID)
			require.Equal(t, "failed", state)
		}
	})
}

func TestALaterFactTakesThePlaceOfWhatWasNotSent(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, _ *models.ManualClock) {
		me := models.NewID()
		queued(t, q, notice.Draft{Cause: "loss:1:effective", Kind: notice.LossEffective, PersonID: me})
		queued(t, q, notice.Draft{Cause: "loss:1:released", Kind: notice.LossReleased, PersonID: me, Replaces: []string{"loss:1:effective"}})
		require.Equal(t, notice.LossReleased, claim(t, q).Notice.Kind)
		requireNoneDue(t, q)
		inbox, err := q.NoticesOf(t.Context(), me, "", 10)
		require.NoError(t, err)
		require.Len(t, inbox, 1)
	})
}

func TestInboxIsNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	eachQueue(t, func(t *testing.T, q *store.Notices, clock *models.ManualClock) {
		me := models.NewID()
		for i := range 5 {
			queued(t, q, notice.Draft{Cause: fmt.Sprintf("mine:%d", i), Kind: notice.Bound, PersonID: me})
			queued(t, q, notice.Draft{Cause: fmt.Sprintf("other:%d", i), Kind: notice.Bound})
		}
		first, err := q.NoticesOf(t.Context(), me, "", 3)
		require.NoError(t, err)
		require.Len(t, first, 3)
		rest, err := q.NoticesOf(t.Context(), me, first[2].ID, 3)
		require.NoError(t, err)
		require.Len(t, rest, 2)
		require.Greater(t, first[0].ID, first[1].ID)
		require.Greater(t, first[2].ID, rest[0].ID)
		require.Equal(t, clock.Now(), rest[1].CreatedAt)
	})
}
