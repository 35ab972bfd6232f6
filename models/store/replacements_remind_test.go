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
		days(1)
		require.Zero(t, told(notice.ReplacementActivate), "no money is coming")
		r.upcoming = []card.AnnouncedPayment{{Name: "一项补贴", LedgerMonth: "2021-12", AmountFen: 100}}
		days(0)
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
