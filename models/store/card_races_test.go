package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

// N callers through different doors: one report, one command, one effect, one answer.
func TestR32_ManyDoorsAtOnceMakeOneReport(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		const n = 12
		actors := make([]models.Actor, n)
		for i := range actors {
			actors[i] = r.me()
			actors[i].Channel = models.CitizenChannels[i%4]
			actors[i].AccountID = models.NewID()
			if i%3 == 0 {
				actors[i] = r.Agent(r.wang)
			}
		}
		var mu sync.Mutex
		got := map[models.ID]int{}
		made := 0
		calls := make([]func() error, n)
		for i, by := range actors {
			calls[i] = func() error {
				ctx := requested(context.Background(), "k", string(by.Channel))
				res, err := r.ReportLoss(ctx, by, r.in())
				mu.Lock()
				defer mu.Unlock()
				got[res.Report.ID]++
				if !res.Repeated {
					made++
				}
				return err
			}
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Len(t, got, 1, "every door gives the same report")
		require.Equal(t, 1, made)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM loss_reports"))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM card_commands"))
		require.Equal(t, n, r.count(t, "SELECT count(*) FROM idempotency_keys"))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices"))
		require.Len(t, r.Registry.Sent, 1)
		require.Equal(t, card.LossEffective, r.reports(t)[0].State)

		for i, by := range actors { // and each door remembers it
			res, err := r.ReportLoss(requested(context.Background(), "k", string(by.Channel)), by, r.in())
			require.NoError(t, err, i)
			require.True(t, res.Replayed)
			require.Equal(t, n, got[res.Report.ID])
		}
	})
}

func TestOneKeyManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		by := r.me()
		ctx := requested(t.Context(), "one", "body")
		for _, err := range together(repeated(8, func() error { _, err := r.ReportLoss(ctx, by, r.in()); return err })...) {
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM idempotency_keys"))
		require.Len(t, r.reports(t), 1)
		first, err := r.ReportLoss(ctx, by, r.in())
		require.NoError(t, err)
		require.True(t, first.Replayed)
		_, err = r.ReportLoss(requested(t.Context(), "one", "another body"), by, r.in())
		require.ErrorIs(t, err, models.ErrKeyReused)
		require.Equal(t, "IDEMPOTENCY_KEY_REUSED", models.ErrKeyReused.Code)
		require.Len(t, r.Registry.Sent, 1)
	})
}

func TestSweepsAtOnceHaveOneEffect(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		lost := true
		r.Registry.Fate = func(card.Command) cardtest.Fate {
			if lost {
				return cardtest.Dropped
			}
			return cardtest.Answered
		}
		_, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		lost = false
		r.Clock.Advance(10 * time.Second)
		for _, err := range together(repeated(6, func() error { _, err := r.Sweep(context.Background(), 10); return err })...) {
			require.NoError(t, err)
		}
		require.Equal(t, card.LossEffective, r.reports(t)[0].State)
		require.Len(t, r.Registry.Sent, 2, "one by the request, one by one of the sweeps")
		require.Equal(t, 1, r.Registry.Asks)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices"))
	})
}

func TestAReleaseMeetsTheFeedsVoid(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		res, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		require.True(t, r.Registry.Replace(lossRef))
		by := r.me()
		errs := together(
			func() error { _, err := r.ReleaseLoss(context.Background(), by, res.Report.ID, ""); return err },
			func() error { return r.Feed(context.Background()) },
			func() error { _, err := r.Sweep(context.Background(), 10); return err },
		)
		if errs[0] != nil {
			require.ErrorIs(t, errs[0], card.ErrCardVoid)
		}
		require.NoError(t, errs[1])
		require.NoError(t, errs[2])
		require.Equal(t, card.LossVoided, r.reports(t)[0].State)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.CardVoided)))
		require.Zero(t, r.count(t, "SELECT count(*) FROM card_commands WHERE state IN ('requested', 'sending', 'unknown')"))
	})
}

func TestWatchersAtOnceAlarmAndWarnOnce(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		watch := func() error { _, err := r.WatchLosses(context.Background(), 10); return err }
		fate := cardtest.Dropped
		r.Registry.Fate = func(card.Command) cardtest.Fate { return fate }
		_, err := r.ReportLoss(t.Context(), r.me(), r.in())
		require.NoError(t, err)
		r.Clock.Advance(10*time.Minute + time.Second)
		for _, err := range together(repeated(4, watch)...) {
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries"))

		fate = cardtest.Answered
		_, err = r.Sweep(t.Context(), 10)
		require.NoError(t, err)
		require.True(t, r.Registry.Expire(lossRef, r.Clock.Now().AddDate(0, 0, 7)))
		require.NoError(t, r.Feed(t.Context()))
		warned := []int{}
		for range 9 {
			for _, err := range together(repeated(3, watch)...) {
				require.NoError(t, err)
			}
			warned = append(warned, r.count(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.LossExpiring)))
			r.Clock.Advance(24 * time.Hour)
		}
		require.Equal(t, []int{0, 0, 0, 0, 0, 1, 2, 2, 2}, warned, "days 5 and 6")
	})
}

// Everything at once about one card: every decision takes the card first, so that nobody waits for each other.
func TestDecisionsAboutOneCardNeverLockEachOther(t *testing.T) {
	t.Parallel()
	eachLoss(t, func(t *testing.T, r *lossRig) {
		by, agent := r.me(), r.Agent(r.wang)
		ctx := context.Background()
		release := func() error {
			open, err := r.Store.OpenLossReport(ctx, r.card)
			if err == nil {
				_, err = r.ReleaseLoss(ctx, by, open.ID, "")
			}
			return err
		}
		ops := []func() error{
			func() error { _, err := r.ReportLoss(ctx, by, r.in()); return err }, release,
			func() error { _, err := r.ReportLoss(ctx, agent, r.in()); return err },
			func() error { _, err := r.Sweep(ctx, 10); return err },
			func() error { r.Clock.Advance(time.Second); return nil },
			func() error { _, err := r.WatchLosses(ctx, 10); return err },
			func() error {
				r.Registry.WindowLoss(lossRef)
				return r.Store.InTx(ctx, func(ctx context.Context) error {
					_, err := r.ApplyFacts(ctx, []card.Fact{r.Registry.Card(lossRef)})
					return err
				})
			},
		}
		for range 12 {
			for _, err := range together(ops...) {
				if err != nil {
					require.NotEqual(t, models.Internal, models.KindOf(err), "%v", err)
					require.NotEqual(t, models.Unavailable, models.KindOf(err), "%v", err)
					require.NotContains(t, err.Error(), "40P01")
				}
			}
			require.LessOrEqual(t, r.count(t, "SELECT count(*) FROM loss_reports WHERE state IN ('received', 'unconfirmed', 'effective', 'release_requested')"), 1)
		}
	})
}
