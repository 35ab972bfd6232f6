package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestCostsAreAddedUpInOneStatement(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		costs := db.MessageCosts()
		one := func(day models.Date, vendor, programme string) notice.Cost {
			return notice.Cost{Day: day, Channel: notice.SMS, Vendor: vendor, Kind: notice.Arrival, Messages: 1, Parts: 2, Milli: 90,
				CostCentre: notice.CostCentre{Programme: programme, Department: "民政局"}}
		}
		list := []notice.Cost{one("2021-12-20", "b", "1"), one("2021-12-20", "a", "1"), one("2021-12-20", "b", "1"), one("2021-12-21", "a", "2")}
		ctx, spent := db.CountStatements(t.Context())
		require.NoError(t, costs.AddCosts(ctx, list))
		require.LessOrEqual(t, spent.Statements(), 3, "one, and its transaction")
		require.NoError(t, costs.AddCosts(t.Context(), nil))

		var wg sync.WaitGroup
		for i := range 8 { // settlements of several replicas at once, in any order
			wg.Go(func() {
				batch := []notice.Cost{one("2021-12-20", "a", "1"), one("2021-12-20", "b", "1")}
				if i%2 == 0 {
					batch[0], batch[1] = batch[1], batch[0]
				}
				for range 5 {
					_ = costs.AddCosts(t.Context(), batch)
				}
			})
		}
		wg.Wait()
		got, err := costs.CostsOf(t.Context(), "2021-12-20", "2021-12-20")
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, []int64{41, 82, 41 * 90}, []int64{got[0].Messages, got[0].Parts, got[0].Milli})
		require.Equal(t, []int64{42, 84, 42 * 90}, []int64{got[1].Messages, got[1].Parts, got[1].Milli})
		require.Equal(t, "民政局", got[0].Department)
		milli, err := costs.CostOn(t.Context(), "2021-12-20")
		require.NoError(t, err)
		require.Equal(t, int64(83*90), milli)
		milli, err = costs.CostOn(t.Context(), "2021-12-25")
		require.NoError(t, err)
		require.Zero(t, milli)
	})
}

func TestAnAlarmIsGivenOnceASpan(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var given atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if first, err := db.MessageCosts().FirstAlarm(t.Context(), "2021-12-20", "SMS_BUDGET", "80", start); err == nil && first {
					given.Add(1)
				}
			})
		}
		wg.Wait()
		require.Equal(t, int64(1), given.Load())
		first, err := db.MessageCosts().FirstAlarm(t.Context(), "2021-12-20", "SMS_BUDGET", "100", start)
		require.NoError(t, err)
		require.True(t, first)
		require.NoError(t, db.MessageCosts().ForgetAlarms(t.Context(), start.Add(time.Second)))
		first, err = db.MessageCosts().FirstAlarm(t.Context(), "2021-12-20", "SMS_BUDGET", "100", start)
		require.NoError(t, err)
		require.True(t, first)
	})
}

func TestOfManyReplicasOneChangesTheVendor(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		vendors := notice.NewVendors(db.SMSVendors())
		var won atomic.Int64
		race := func(follows models.ID, from, to string) {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					added, err := vendors.ChangeVendor(t.Context(), notice.VendorChange{
						ID: models.NewID(), Follows: follows, From: from, To: to, Home: "a", Reason: notice.ChangedForErrors, Failed: 5, Calls: 9,
					})
					if err == nil && added {
						won.Add(1)
					}
				})
			}
			wg.Wait()
		}
		race("", "a", "b")
		require.Equal(t, int64(1), won.Load())
		list, err := vendors.VendorChanges(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		race(list[0].ID, "b", "a")
		require.Equal(t, int64(2), won.Load())
		list, err = vendors.VendorChanges(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, []string{list[0].To, list[1].To}, "newest first, though the clock stands still")

		by, err := vendors.SwitchVendor(t.Context(), hotline.Operator(), "b", "公告〔2021〕7号", "cli:root")
		require.NoError(t, err)
		list, err = vendors.VendorChanges(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, by.ID, list[0].ID)
		require.Equal(t, []any{"a", "b", "b", notice.ChangedByHand, "cli:root"}, []any{list[0].From, list[0].To, list[0].Home, list[0].Reason, list[0].SetBy})
		rows, err := db.AuditOf(t.Context(), "sms_vendor_changes", string(by.ID))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, models.Console, rows[0].Channel)
		require.Equal(t, map[string]string{"from": "a", "to": "b"}, rows[0].Detail)
	}, storetest.WithClock(clock))
}

func TestR61_CodesAreCountedByTheAppThatAskedForThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		codes := db.Codes()
		add := func(at time.Time, used bool) {
			id := models.NewID()
			require.NoError(t, codes.AddCode(t.Context(), citizen.Code{
				ID: id, Purpose: citizen.CodeForBinding, SessionID: models.NewID(), PersonID: models.NewID(), PhoneKey: []byte("k"), Digest: []byte("d"),
				SentAt: at, ExpiresAt: at.Add(citizen.CodeLife),
			}))
			if used {
				require.NoError(t, codes.UseCode(t.Context(), id, at.Add(time.Minute)))
			}
		}
		add(start, true)
		add(start.Add(time.Minute), false)
		add(start.Add(2*time.Minute), false)
		add(start.Add(-time.Second), true)
		add(start.Add(time.Hour), true)
		shares, err := codes.CodeShares(t.Context(), start, start.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, []citizen.CodeShare{{Sent: 3, Used: 1}}, shares)
	})
}
