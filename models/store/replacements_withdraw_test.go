package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/policy"
)

// A refused withdrawal leaves the registry's version as it was, which we may hold already: it ends the waiting all the same.
func TestR49_ARefusedWithdrawalEndsTheWaitingWhateverItsVersion(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]int64{"the version we hold": 1, "none": 0, "an older one": 1, "a newer one": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachReplace(t, func(t *testing.T, r *replaceRig) {
				one := r.ask(t, card.ReasonDamaged).Replacement
				r.paid(t, one)
				r.carry(t)
				require.EqualValues(t, 1, r.now(t, one).FactVersion)
				require.Equal(t, card.ReplacementWithdrawing, r.withdraw(t, one).State)
				if name == "an older one" {
					r.stage(t, card.ApplicationTaken) // told again by the feed, under a newer version
					require.Greater(t, r.now(t, one).FactVersion, version)
					require.Equal(t, card.ReplacementWithdrawing, r.now(t, one).State)
				}
				r.registry.answers[card.CommandReplacementWithdrawal] = card.Answer{Outcome: card.OutcomeRefused, Code: "TOO_LATE", ApplicationVersion: version}
				r.carry(t)
				require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)
				require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementNotWithdrawn)))
				require.Zero(t, r.many(t, "SELECT count(*) FROM fee_refunds"))
				r.stage(t, card.StageBatched)
				require.Equal(t, card.ReplacementBatched, r.now(t, one).State)
			})
		})
	}
}

// A refusal that comes after the feed's own word moves nothing back.
func TestR49_ARefusedWithdrawalMovesNoReplacementBack(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, one)
		r.carry(t)
		r.withdraw(t, one)
		r.stage(t, card.StageProducing)
		now := r.now(t, one)
		require.Equal(t, card.ReplacementProducing, now.State)
		r.registry.answers[card.CommandReplacementWithdrawal] = card.Answer{Outcome: card.OutcomeRefused, Code: "TOO_LATE", ApplicationVersion: now.FactVersion}
		r.carry(t)
		require.Equal(t, card.ReplacementProducing, r.now(t, one).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementNotWithdrawn)))
	})
}

// An order that exists is taken back wherever orders are taken by now: unpaid, paid, and by a child's guardian.
func TestR49_AnOrderIsTakenBackThoughItsActHasGoneToTheWindow(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		all := func(value string) {
			for _, act := range []models.Act{models.ActReplace, models.ActReplaceMinor, models.ActReplaceDeleg} {
				r.set(t, policy.ModeKey(act, r.by.Channel), value, "test")
			}
			r.clock.Advance(3 * time.Second)
		}
		unpaid := r.ask(t, card.ReasonDamaged).Replacement
		all("window_only")
		_, err := r.RequestReplacement(t.Context(), r.fresh(), r.in(card.ReasonDamaged))
		require.ErrorIs(t, err, policy.ErrNotOnChannel, "no new one is taken")
		stale := r.fresh()
		stale.CheckedAt = r.clock.Now().Add(-time.Hour)
		_, err = r.WithdrawReplacement(t.Context(), stale, unpaid.ID)
		require.ErrorIs(t, err, policy.ErrRecheckRequired, "as surely known as ever")
		require.Equal(t, card.ReplacementWithdrawn, r.withdraw(t, unpaid).State)

		all("here")
		paid := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, paid)
		r.carry(t)
		all("window_only")
		require.Equal(t, card.ReplacementWithdrawing, r.withdraw(t, paid).State)
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawn, r.now(t, paid).State)
		r.backIs(t, 1)

		_, forChild := r.childsCard(t)
		res, err := r.RequestReplacement(t.Context(), forChild, r.in(card.ReasonDamaged))
		require.NoError(t, err)
		all("window_only")
		out, err := r.WithdrawReplacement(t.Context(), forChild, res.Replacement.ID)
		require.NoError(t, err)
		require.Equal(t, card.ReplacementWithdrawn, out.State)
		helper := forChild
		helper.As = models.AsHelper
		_, err = r.WithdrawReplacement(t.Context(), helper, res.Replacement.ID)
		require.ErrorIs(t, err, models.ErrHelperMayNot)
	})
}
