package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/policy"
)

// waive makes replacements free of charge from now on.
func (r *replaceRig) waive(t *testing.T) {
	t.Helper()
	r.set(t, policy.ReplacementFee, "0", "某文〔2022〕2号")
	r.clock.Advance(3 * time.Second)
}

func (r *replaceRig) progress(t *testing.T, one card.Replacement) card.ReplacementProgress {
	t.Helper()
	p, err := r.Service.Replacement(t.Context(), r.by, one.ID)
	require.NoError(t, err)
	return p
}

// A fee waived by policy (免收): the order goes on without payment, its command in the commit that writes it, and its holder
// reads that there is nothing to pay.
func TestR21_AWaivedFeeIsNoReasonToWait(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.waive(t)
		r.set(t, policy.FeeRoute, "non_tax", "test") // nobody needs a way to pay nothing
		r.clock.Advance(3 * time.Second)
		ctx := requested(t.Context(), "k", "one")
		res, err := r.RequestReplacement(ctx, r.fresh(), r.in(card.ReasonLost))
		require.NoError(t, err)
		one := res.Replacement
		require.Equal(t, []any{card.ReplacementOrdered, card.ReplacementSubmitted, false}, []any{res.Outcome, one.State, res.Repeated})
		require.Equal(t, card.LossEffective, res.Loss.State, "lost first, as ever")
		require.Zero(t, r.many(t, "SELECT count(*) FROM fee_orders"))
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM card_commands WHERE kind = 'replacement' AND subject_id = ?", string(one.ID)))
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM audit_entries WHERE action = 'card.replacement.asked' AND result = 'submitted' AND detail LIKE '%waived%'"))

		p := r.progress(t, one)
		require.True(t, p.Waived)
		require.Equal(t, []string{"免收工本费,等待受理", "免收工本费"}, []string{p.Label, p.Fee.Label})
		require.Contains(t, p.Advice, "免收工本费,不需要支付")
		require.Equal(t, []string{"已提交", "免收工本费,等待受理", "受理"}, []string{p.Timeline[0].Label, p.Timeline[1].Label, p.Timeline[2].Label})
		require.Len(t, p.BeforePaying, 2)
		require.Contains(t, p.BeforePaying[0], "撤回补换卡")
		require.Contains(t, p.BeforePaying[1], "旧卡作废")
		for _, words := range append(p.BeforePaying, p.Advice) {
			require.NotContains(t, words, "已支付")
			require.NotContains(t, words, "原路退回")
		}
		require.True(t, p.Withdrawable)
		require.Contains(t, p.FoundAsk(), "不收取费用")

		again, err := r.RequestReplacement(ctx, r.fresh(), r.in(card.ReasonLost))
		require.NoError(t, err)
		require.Equal(t, []any{true, one.ID}, []any{again.Repeated, again.Replacement.ID})
		home, err := r.Cards(t.Context(), r.by)
		require.NoError(t, err)
		require.Equal(t, "wait_for_card", home.Next.Code, "nothing to pay")

		r.carry(t)
		require.Len(t, r.registry.sent(card.CommandReplacement), 1)
		require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementAccepted)))
		p = r.progress(t, one)
		require.Empty(t, p.BeforePaying)
		require.Equal(t, "免收工本费", p.Timeline[1].Label, "no stage of payment, and no word of one")
		r.stage(t, card.StageBatched)
		r.stage(t, card.StageAtOutlet)
		r.cardIs(t, oldCard, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
		r.stage(t, card.StageCollected)
		require.Equal(t, card.ReplacementCompleted, r.now(t, one).State)
		require.Zero(t, r.many(t, "SELECT count(*) FROM fee_orders")+r.many(t, "SELECT count(*) FROM notices WHERE kind = 'fee_paid'"))
	})
}

// Each end without a card is as with a fee, and nothing goes back, for nothing came.
func TestR49_AWaivedReplacementEndsWithoutMoney(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.waive(t)
		unsent := r.ask(t, card.ReasonDamaged).Replacement
		require.Equal(t, card.ReplacementWithdrawn, r.withdraw(t, unsent).State)
		r.carry(t)
		require.Empty(t, r.registry.told, "nothing was ever sent")
		require.Contains(t, r.progress(t, unsent).Advice, "没有收取费用")

		taken := r.ask(t, card.ReasonDamaged).Replacement
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawing, r.withdraw(t, taken).State)
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawn, r.now(t, taken).State)

		r.registry.answers[card.CommandReplacement] = card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_VOID"}
		refused := r.ask(t, card.ReasonDamaged).Replacement
		r.carry(t)
		require.Equal(t, card.ReplacementRejected, r.now(t, refused).State)
		require.Contains(t, r.progress(t, refused).Advice, "没有收取费用")

		delete(r.registry.answers, card.CommandReplacement)
		sentBack := r.ask(t, card.ReasonDataWrong).Replacement
		r.carry(t)
		require.Equal(t, card.ReplacementAccepted, r.now(t, sentBack).State)
		orders := r.registry.sent(card.CommandReplacement)
		r.versions++
		f := card.ApplicationFact{RequestID: orders[len(orders)-1].ID, PersonRef: r.ref, Event: card.ApplicationSentBack, Version: 500, ChangedAt: r.clock.Now(),
			Defects: []card.Defect{{Code: "INFORMATION_DIFFERS"}}}
		require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error {
			return r.ApplyApplicationFacts(ctx, []card.ApplicationFact{f})
		}))
		p := r.progress(t, sentBack)
		require.Contains(t, p.Advice, "也可以撤回,不收取费用")
		require.NotContains(t, p.Advice, "退回,工本费")
		require.Zero(t, r.many(t, "SELECT count(*) FROM fee_orders")+r.many(t, "SELECT count(*) FROM fee_refunds"))
	})
}

// What one order was told it costs stays so; the next one costs what counts then, in its own district.
func TestR21_AWaiverCountsForOrdersFromThenOnInItsDistrict(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		before := r.ask(t, card.ReasonDamaged).Replacement
		set := func(district, value string) {
			_, err := r.applyRig.policy.Set(t.Context(), models.Actor{Kind: models.SystemActor, Channel: models.Console}, policy.SetInput{Key: policy.ReplacementFee,
				Value: value, Scope: policy.InDistrict(district), Basis: "某文〔2022〕3号", SetBy: "tester"})
			require.NoError(t, err)
			r.clock.Advance(3 * time.Second)
		}
		set("410302", "0")
		require.Equal(t, before.ID, r.ask(t, card.ReasonDamaged).Replacement.ID)
		require.Equal(t, models.Fen(1600), r.feeOf(t, before).AmountFen)
		require.False(t, r.progress(t, before).Waived)
		r.withdraw(t, before)
		require.Equal(t, card.ReplacementAwaitingFee, r.ask(t, card.ReasonDamaged).Replacement.State, "another district's waiver")
		r.withdraw(t, r.ask(t, card.ReasonDamaged).Replacement)
		set("410303", "0")
		require.Equal(t, card.ReplacementSubmitted, r.ask(t, card.ReasonDamaged).Replacement.State)
	})
}

// Many doors at once, free of charge: one replacement and one command.
func TestR44_ManyDoorsAtOnceMakeOneWaivedReplacement(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.waive(t)
		r.by.CheckedAt = r.clock.Now()
		ids := make([]models.ID, 6)
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
		require.Equal(t, []int{1, 1, 0}, []int{r.many(t, "SELECT count(*) FROM replacements"), r.many(t, "SELECT count(*) FROM card_commands WHERE kind = 'replacement'"),
			r.many(t, "SELECT count(*) FROM fee_orders")})
	})
}
