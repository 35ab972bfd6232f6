package store_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/payment"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// raceRounds is how often a race is run; ONECARD_TEST_RACES sets more, by hand.
func raceRounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ONECARD_TEST_RACES"))
	if err != nil {
		return 12
	}
	return n
}

// A payment and a withdrawal at once, on the real payment capability and the real store: whoever is first, no money stays
// for a replacement that is withdrawn, and none goes back twice.
func TestR49_APaymentAndAWithdrawalAtOnceKeepNoMoney(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newReplaceRig(t, db)
		first, rounds := 0, raceRounds(t)
		for round := range rounds {
			one := r.ask(t, card.ReasonDamaged).Replacement
			n := paidNotice(r.begin(t, one), r.clock.Now())
			pay := func() error { _, err := r.pay.TakeNotice(t.Context(), n); return err }
			withdraw := func() error { _, err := r.WithdrawReplacement(t.Context(), r.by, one.ID); return err }
			calls := []func() error{pay, withdraw, pay}
			if round%2 == 1 {
				calls = []func() error{withdraw, pay, pay}
			}
			for i, err := range together(calls...) {
				if i == 1-round%2 {
					require.NoError(t, err, "the withdrawal is decided")
				} else if err != nil { // the platform sends its notice again
					require.ErrorIs(t, err, models.ErrConflict)
					require.NoError(t, pay())
				}
			}
			require.Equal(t, card.ReplacementWithdrawn, r.now(t, one).State)
			f := r.feeOf(t, one)
			require.Contains(t, []payment.OrderState{payment.OrderRefunding, payment.OrderRefunded}, f.State, "the money is on its way back")
			if f.RefundState != "" && r.many(t, "SELECT count(*) FROM replacement_steps WHERE replacement_id = ? AND state = 'submitted'", string(one.ID)) == 1 {
				first++
			}
		}
		require.Equal(t, rounds, r.many(t, "SELECT count(*) FROM fee_refunds"), "each payment goes back once")
		require.Zero(t, r.many(t, "SELECT count(*) FROM card_commands WHERE kind = 'replacement' AND state IN ('requested', 'sending', 'unknown')"))
		r.carry(t)
		require.Empty(t, r.registry.sent(card.CommandReplacement), "no card is ordered for it")
		t.Logf("the payment was first in %d of %d", first, rounds)
		r.backIs(t, rounds)
	})
}

// N doors at once make one replacement, one loss and one fee.
func TestR44_ManyDoorsAtOnceMakeOneReplacement(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		ids := make([]models.ID, 8)
		calls := make([]func() error, len(ids))
		for i := range ids {
			by := r.by
			by.AccountID = models.NewID()
			calls[i] = func() error {
				res, err := r.RequestReplacement(requested(context.Background(), "k", string(by.AccountID)), by, r.in(card.ReasonLost))
				ids[i] = res.Replacement.ID
				return err
			}
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}
		for _, table := range []string{"replacements", "loss_reports", "fee_orders"} {
			require.Equal(t, 1, r.many(t, "SELECT count(*) FROM "+table), table)
		}
		require.Len(t, r.registry.sent(card.CommandLoss), 1)
	})
}

// R42: a release and the completed replacement at once have one winner. Either the release was decided before the card
// was void, or it is refused as CARD_VOID; afterwards it always is.
func TestR42_AReleaseRacingWithACompletedReplacementHasOneWinner(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		first := 0
		for i := range raceRounds(t) {
			ref := models.CardRef("K-" + strconv.Itoa(i))
			r.cardIs(t, ref, nil)
			c, err := r.db.Cards().CardByRef(t.Context(), ref)
			require.NoError(t, err)
			r.card = c.ID
			res := r.ask(t, card.ReasonLost)
			r.paid(t, res.Replacement)
			r.carry(t)
			by, before := r.fresh(), len(r.registry.sent(card.CommandRelease))
			errs := together(
				func() error { _, err := r.ReleaseLoss(t.Context(), by, res.Loss.ID, ""); return err },
				func() error {
					return r.fact(t.Context(), ref, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
				},
			)
			require.NoError(t, errs[1])
			if errs[0] != nil && !errors.Is(errs[0], models.ErrConflict) {
				require.ErrorIs(t, errs[0], card.ErrCardVoid)
			}
			loss, err := r.db.Cards().LossReport(t.Context(), res.Loss.ID)
			require.NoError(t, err)
			require.Contains(t, []card.LossState{card.LossReleased, card.LossVoided}, loss.State)
			sent := len(r.registry.sent(card.CommandRelease)) - before
			require.Equal(t, errs[0] != nil, loss.State == card.LossVoided && sent == 0, "one winner")
			if errs[0] == nil {
				first++
			}
			_, err = r.ReleaseLoss(t.Context(), r.fresh(), res.Loss.ID, "")
			require.ErrorIs(t, err, card.ErrCardVoid)
			orders := r.registry.sent(card.CommandReplacement)
			r.stage(t, card.StageCollected, func(f *card.ApplicationFact) { f.RequestID = orders[len(orders)-1].ID })
			require.Equal(t, card.ReplacementCompleted, r.now(t, res.Replacement).State)
		}
		t.Logf("the release was first in %d of %d", first, raceRounds(t))
	})
}

// A payment, and the feed's word that the card was replaced at a window, at once: whoever is first, and whichever of the
// two the database refuses and sees again, nobody keeps the money.
func TestR49_APaymentAndACardThatEndsAtOnceKeepNoMoney(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.registry.answers[card.CommandReplacement] = card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_VOID"}
		rounds := raceRounds(t)
		again := func(do func() error) func() error {
			return func() (err error) {
				for range 10 {
					if err = do(); !errors.Is(err, models.ErrConflict) {
						break
					}
				}
				return err
			}
		}
		for i := range rounds {
			ref := models.CardRef("K-" + strconv.Itoa(i))
			r.cardIs(t, ref, nil)
			c, err := r.db.Cards().CardByRef(t.Context(), ref)
			require.NoError(t, err)
			r.card = c.ID
			one := r.ask(t, card.ReasonDamaged).Replacement
			n := paidNotice(r.begin(t, one), r.clock.Now())
			for _, err := range together(
				again(func() error { _, err := r.pay.TakeNotice(t.Context(), n); return err }),
				again(func() error {
					return r.fact(t.Context(), ref, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
				}),
			) {
				require.NoError(t, err)
			}
			r.carry(t)
			now := r.now(t, one)
			require.Equal(t, []any{card.ReplacementRejected, "CARD_VOID"}, []any{now.State, now.ReasonCode})
		}
		r.backIs(t, rounds)
		require.Zero(t, r.many(t, "SELECT count(*) FROM fee_orders WHERE state NOT IN ('refunded', 'closed')"))
	})
}
