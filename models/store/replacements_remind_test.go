package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/notice"
)

func TestR25_TermsThatPassedUnseenAreOneReminder(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, one)
		r.carry(t)
		r.stage(t, card.StageAtOutlet)
		for range 3 {
			r.clock.Advance(35 * 24 * time.Hour)
			_, err := r.RemindReplacements(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Equal(t, 2, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementUncollected)))
	})
}

func TestR30_ANewCardIsRemindedOfOnDaysThreeAndTenUntilItIsActive(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, one)
		r.carry(t)
		r.stage(t, card.StageAtOutlet)
		told := func(kind notice.Kind) int {
			return r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(kind))
		}
		days := func(n int) {
			r.clock.Advance(time.Duration(n) * 24 * time.Hour)
			for range 2 {
				_, err := r.RemindReplacements(t.Context(), 10)
				require.NoError(t, err)
			}
		}
		days(7)
		require.Equal(t, 1, told(notice.ReplacementUncollected))
		r.cardIs(t, oldCard, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
		r.cardIs(t, "K-new", func(f *card.Fact) { f.Social, f.Financial = card.SocialInactive, card.FinancialInactive })
		r.stage(t, card.StageCollected)
		require.Equal(t, 1, told(notice.ReplacementCompleted))
		r.clock.Advance(time.Minute)
		r.upcoming = []card.AnnouncedPayment{{Name: "一项补贴", LedgerMonth: "2021-12", AmountFen: 100}}
		days(0)
		require.Zero(t, told(notice.ReplacementActivate), "a day is hers")
		days(1)
		require.Equal(t, 1, told(notice.ReplacementActivate), "it was announced before the hand-over")
		days(1)
		require.Equal(t, 1, told(notice.ReplacementActivate))
		days(1)
		require.Equal(t, 2, told(notice.ReplacementActivate))
		days(7)
		require.Equal(t, 3, told(notice.ReplacementActivate))
		days(30)
		require.Equal(t, 3, told(notice.ReplacementActivate), "and no more")
	})
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, one)
		r.carry(t)
		r.cardIs(t, oldCard, func(f *card.Fact) { f.Social = card.SocialVoid })
		r.cardIs(t, "K-new", nil)
		r.stage(t, card.StageCollected)
		r.clock.Advance(11 * 24 * time.Hour)
		for range 2 {
			_, err := r.RemindReplacements(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Zero(t, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementActivate)), "it is active already")
	})
}

// A worker that was away for more than the day looks when it is back, once; what is announced after the look is the look ahead's.
func TestR05_MoneyOnItsWayIsSeenWheneverTheWorkerIsBack(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"three hours": 27 * time.Hour, "nearly two days": 71 * time.Hour, "past the third day": 80 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachReplace(t, func(t *testing.T, r *replaceRig) {
				r.handedOver(t)
				r.upcoming = []card.AnnouncedPayment{{Name: "一项补贴", LedgerMonth: "2021-12", AmountFen: 100}}
				r.clock.Advance(away)
				for range 3 {
					_, err := r.RemindReplacements(t.Context(), 10)
					require.NoError(t, err)
					r.clock.Advance(10 * time.Minute)
				}
				require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementActivate)))
			})
		})
	}
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.handedOver(t)
		r.clock.Advance(25 * time.Hour)
		for range 2 {
			_, err := r.RemindReplacements(t.Context(), 10)
			require.NoError(t, err)
			r.upcoming = []card.AnnouncedPayment{{Name: "一项补贴", LedgerMonth: "2021-12", AmountFen: 100}}
		}
		require.Zero(t, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementActivate)), "looked at once")
	})
}

// handedOver is a replacement whose new card is in hand and not activated.
func (r *replaceRig) handedOver(t *testing.T) {
	t.Helper()
	one := r.ask(t, card.ReasonDamaged).Replacement
	r.paid(t, one)
	r.carry(t)
	r.cardIs(t, oldCard, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
	r.cardIs(t, "K-new", func(f *card.Fact) { f.Social, f.Financial = card.SocialInactive, card.FinancialInactive })
	r.stage(t, card.StageCollected)
}
