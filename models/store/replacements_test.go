package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/policy"
)

func TestR44_ALostCardIsReportedLostAndTheOrderAwaitsItsFee(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.upcoming = []card.AnnouncedPayment{{Name: "一项补贴", LedgerMonth: "2021-12", AmountFen: 100}}
		ctx := requested(t.Context(), "k", "one")
		res, err := r.RequestReplacement(ctx, r.by, r.in(card.ReasonLost))
		require.NoError(t, err)
		require.Equal(t, card.ReplacementOrdered, res.Outcome)
		require.Equal(t, card.ReplacementAwaitingFee, res.Replacement.State)
		require.Equal(t, card.LossEffective, res.Loss.State, "tried within the request")
		require.Equal(t, res.Loss.ID, res.Replacement.LossID)
		fee := r.feeOf(t, res.Replacement)
		require.Equal(t, []any{models.Fen(1600), payment.OrderCreated}, []any{fee.AmountFen, fee.State})
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM audit_entries WHERE action = 'card.replacement.asked'"))

		again, err := r.RequestReplacement(ctx, r.by, r.in(card.ReasonLost))
		require.NoError(t, err)
		other := r.ask(t, card.ReasonDamaged)
		require.Equal(t, []bool{true, true}, []bool{again.Repeated, other.Repeated})
		require.Equal(t, []models.ID{res.Replacement.ID, res.Replacement.ID}, []models.ID{again.Replacement.ID, other.Replacement.ID})
		require.Equal(t, res.Loss.ID, other.Loss.ID)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM fee_orders"))
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM loss_reports"))

		p, err := r.Service.Replacement(t.Context(), r.by, res.Replacement.ID)
		require.NoError(t, err)
		require.Contains(t, p.BeforePaying[0], "解挂不收费", "read before paying")
		require.Contains(t, p.BeforePaying[2], "尾号1234")
		require.Len(t, p.Announced, 1)
		require.Equal(t, []any{"您本人", "待支付工本费", true}, []any{p.Holder, p.Label, p.Withdrawable})
		r.carry(t)
		require.Empty(t, r.registry.sent(card.CommandReplacement), "nothing is ordered before it is paid")

		stranger := r.applyRig.person(t, "1990-01-01")
		_, err = r.Service.Replacement(t.Context(), stranger, res.Replacement.ID)
		require.ErrorIs(t, err, card.ErrReplacementNotFound)
		stranger.CheckedAt = r.clock.Now()
		_, err = r.RequestReplacement(t.Context(), stranger, r.in(card.ReasonLost))
		require.ErrorIs(t, err, card.ErrCardNotFound)
		_, err = r.WithdrawReplacement(t.Context(), stranger, res.Replacement.ID)
		require.ErrorIs(t, err, card.ErrReplacementNotFound)
	})
}

func TestR21_PaidTheOrderGoesToTheRegistryAndBecomesANewCard(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		require.Empty(t, one.LossID)
		r.paid(t, one)
		require.Equal(t, card.ReplacementSubmitted, r.now(t, one).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM card_commands WHERE kind = 'replacement'"), "queued in the same commit")
		r.registry.lose = true
		r.carry(t)
		r.registry.lose = false
		r.carry(t)
		require.Len(t, r.registry.sent(card.CommandReplacement), 1, "what came of it is asked before it is sent again")
		require.Equal(t, []card.ReplacementReason{card.ReasonDamaged}, []card.ReplacementReason{r.registry.forms[0].Replaces})
		require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)

		seen := []string{}
		for _, on := range []card.ApplicationEvent{card.StageBatched, card.StageBankOpening, card.StageProducing, card.StageAtOutlet} {
			r.stage(t, on)
			p, err := r.Service.Replacement(t.Context(), r.by, one.ID)
			require.NoError(t, err)
			seen = append(seen, p.Label+"/"+p.Holder)
		}
		require.Equal(t, []string{"已编入制卡批次/发卡银行", "银行正在开户/发卡银行", "正在制卡/制卡单位", "已到领卡网点,等待领取/您本人"}, seen)
		r.cardIs(t, oldCard, func(f *card.Fact) { f.Social, f.Financial = card.SocialVoid, card.FinancialClosed })
		r.cardIs(t, "K-new", func(f *card.Fact) {
			f.Social, f.Financial, f.AccountTail = card.SocialInactive, card.FinancialInactive, "9999"
		})
		r.stage(t, card.StageCollected)
		done := r.now(t, one)
		require.Equal(t, card.ReplacementCompleted, done.State)
		require.False(t, done.CompletedAt.IsZero())
		require.Equal(t, payment.OrderPaid, r.feeOf(t, one).State)
		home, err := r.Cards(t.Context(), r.by)
		require.NoError(t, err)
		require.Equal(t, "activate_new_card", home.Next.Code)
		for _, words := range []string{"身份证原件", "新卡", "工商银行", "社保账户和银行账户", "余额", "代扣代缴"} {
			require.Contains(t, home.Next.Text, words)
		}
		_, err = r.ReportLoss(t.Context(), r.by, card.ReportLossInput{CardID: r.card})
		require.ErrorIs(t, err, card.ErrCardVoid, "R42")
		_, err = r.RequestReplacement(t.Context(), r.by, r.in(card.ReasonDamaged))
		require.ErrorIs(t, err, card.ErrReplacementVoid)
		r.backIs(t, 0)
	})
}

func TestR49_ARejectedReplacementGivesTheFeeBackOnce(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		byAnswer := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, byAnswer)
		r.registry.answers[card.CommandReplacement] = card.Answer{Outcome: card.OutcomeRefused, Code: "BANK_NOT_AVAILABLE"}
		r.carry(t)
		require.Equal(t, card.ReplacementRejected, r.now(t, byAnswer).State)
		require.Equal(t, "BANK_NOT_AVAILABLE", r.now(t, byAnswer).ReasonCode)
		r.backIs(t, 1)
		require.Equal(t, payment.OrderRefunded, r.feeOf(t, byAnswer).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementRefused)))
	})
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		byFeed := r.ask(t, card.ReasonExpired).Replacement
		r.paid(t, byFeed)
		r.carry(t)
		r.stage(t, card.StageProducing)
		for range 2 {
			r.stage(t, card.ApplicationNo)
		}
		require.Equal(t, card.ReplacementRejected, r.now(t, byFeed).State)
		r.backIs(t, 1)
		_, err := r.WithdrawReplacement(t.Context(), r.fresh(), byFeed.ID)
		require.ErrorIs(t, err, card.ErrReplacementTooLate)
		require.False(t, r.ask(t, card.ReasonExpired).Repeated, "another may be ordered")
	})
}

func TestR49_AWithdrawalBeforeTheBatchGivesTheFeeBackOnce(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		unpaid := r.ask(t, card.ReasonDamaged).Replacement
		late := r.begin(t, unpaid)
		for range 2 {
			require.Equal(t, card.ReplacementWithdrawn, r.withdraw(t, unpaid).State)
		}
		require.Equal(t, payment.OrderClosed, r.feeOf(t, unpaid).State)
		o, err := r.pay.TakeNotice(t.Context(), paidNotice(late, r.clock.Now()))
		require.NoError(t, err)
		require.Equal(t, payment.OutcomePaidLate, o)
		r.backIs(t, 1)

		unsent := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, unsent)
		require.Equal(t, card.ReplacementWithdrawn, r.withdraw(t, unsent).State)
		r.carry(t)
		require.Empty(t, r.registry.told, "nothing was ever sent")
		r.backIs(t, 2)

		taken := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, taken)
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawing, r.withdraw(t, taken).State, "the registry decides")
		require.Equal(t, payment.OrderPaid, r.feeOf(t, taken).State)
		r.carry(t)
		require.Equal(t, "BH-1", r.registry.forms[1].RegistryRef)
		require.Equal(t, card.ReplacementWithdrawn, r.now(t, taken).State)
		r.backIs(t, 3)

		batched := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, batched)
		r.carry(t)
		r.withdraw(t, batched)
		r.registry.answers[card.CommandReplacementWithdrawal] = card.Answer{Outcome: card.OutcomeRefused, Code: "TOO_LATE"}
		r.carry(t)
		require.Equal(t, card.ReplacementAccepted, r.now(t, batched).State, "the batch was faster")
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementNotWithdrawn)))
		require.Equal(t, payment.OrderPaid, r.feeOf(t, batched).State)
		r.backIs(t, 3)
	})
}

func TestR21_AnUnpaidReplacementClosesByItself(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		late := r.begin(t, one)
		r.clock.Advance(7*24*time.Hour - time.Minute)
		_, err := r.LapseReplacements(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, card.ReplacementAwaitingFee, r.now(t, one).State)
		r.clock.Advance(time.Minute)
		for range 2 {
			_, err = r.LapseReplacements(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Equal(t, card.ReplacementLapsed, r.now(t, one).State)
		require.Equal(t, payment.OrderClosed, r.feeOf(t, one).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(notice.ReplacementLapsed)))
		o, err := r.pay.TakeNotice(t.Context(), paidNotice(late, r.clock.Now()))
		require.NoError(t, err)
		require.Equal(t, payment.OutcomePaidLate, o)
		r.backIs(t, 1)
	})
}

func TestR47_AMoveAndAQualityFaultMakeNoOrderAndNoFee(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		moved, faulty := r.ask(t, card.ReasonMoved), r.ask(t, card.ReasonQuality)
		require.Equal(t, []card.ReplacementOutcome{card.ReplacementNotNeeded, card.ReplacementAtWindow}, []card.ReplacementOutcome{moved.Outcome, faulty.Outcome})
		require.Contains(t, moved.Text, "不需要换卡")
		require.Contains(t, faulty.Text, "不收工本费")
		require.Zero(t, r.many(t, "SELECT count(*) FROM replacements")+r.many(t, "SELECT count(*) FROM fee_orders")+r.many(t, "SELECT count(*) FROM loss_reports"))
	})
}

func TestR45_R46_WhoMayNotReplaceIsSentToAWindowWithThePapers(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		refused := func(by models.Actor, in card.ReplaceInput, code, papers string) {
			t.Helper()
			_, err := r.RequestReplacement(t.Context(), by, in)
			refusal := (*models.Error)(nil)
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, code, refusal.Code)
			require.Contains(t, refusal.Extra["papers"], papers)
		}
		other := r.applyRig.person(t, "1990-01-01")
		forOther := r.in(card.ReasonLost)
		forOther.ForPerson = other.ID
		refused(r.by, forOther, "DELEGATE_WINDOW_ONLY", "授权委托书")
		delegate := r.by
		delegate.ID = other.ID
		refused(delegate, r.in(card.ReasonLost), "DELEGATE_WINDOW_ONLY", "授权委托书")
		for _, c := range models.CitizenChannels {
			r.set(t, policy.ModeKey(models.ActReplaceDeleg, c), "here", "test")
		}
		r.clock.Advance(3 * time.Second)
		refused(r.by, forOther, "DELEGATE_WINDOW_ONLY", "授权委托书") // nobody's session stands for that person
		child := r.applyRig.strange(t, "2010-01-01")
		child.CheckedAt = r.clock.Now()
		refused(child, r.in(card.ReasonLost), "MINOR_WINDOW_ONLY", "监护人")
		guardian := child
		guardian.ID, guardian.As = r.by.ID, models.AsGuardian
		refused(guardian, r.in(card.ReasonLost), "MINOR_WINDOW_ONLY", "监护人")
		stale := r.by
		stale.CheckedAt = r.clock.Now().Add(-time.Hour)
		refused(stale, r.in(card.ReasonLost), "RECHECK_REQUIRED", "")
		_, err := r.RequestReplacement(t.Context(), models.Actor{Kind: models.AgentActor, Channel: models.Phone12333, Subject: r.by.ID}, r.in(card.ReasonLost))
		require.ErrorIs(t, err, card.ErrReplaceNotByPhone)
		refused(models.Actor{Kind: models.CitizenActor, Channel: models.WechatMini, Level: models.LevelPlatform}, r.in(card.ReasonLost), "BINDING_REQUIRED", "")
		require.Zero(t, r.many(t, "SELECT count(*) FROM replacements"))
	})
}

func TestR44_WhatIsWrongWithTheFormIsSaidAtOnceAndTheLossIsNotSet(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		refused := func(in card.ReplaceInput, code string) *models.Error {
			t.Helper()
			_, err := r.RequestReplacement(t.Context(), r.by, in)
			refusal := (*models.Error)(nil)
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, code, refusal.Code)
			return refusal
		}
		in := r.in(card.ReasonLost)
		in.BankCode, in.OutletRef = "ABC", "W-9"
		require.Len(t, refused(in, "BANK_NOT_AVAILABLE").Fields, 2)
		refused(r.in("gone"), "REPLACEMENT_REASON")
		r.set(t, policy.ReplacementReasonKey("damaged"), "window_only", "test")
		r.set(t, policy.FeeRoute, "non_tax", "test")
		r.clock.Advance(3 * time.Second)
		refused(r.in(card.ReasonDamaged), "REPLACEMENT_AT_OUTLET_ONLY")
		refused(r.in(card.ReasonLost), "FEE_ROUTE_NOT_AVAILABLE")
		require.Zero(t, r.many(t, "SELECT count(*) FROM loss_reports")+r.many(t, "SELECT count(*) FROM fee_orders"))
	})
}

func TestR21_TheAmountIsThatOfTheDatedTable(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		_, err := r.applyRig.policy.Set(t.Context(), models.Actor{Kind: models.SystemActor, Channel: models.Console}, policy.SetInput{Key: policy.ReplacementFee,
			Value: "1200", Scope: policy.InDistrict("410303"), Basis: "某文〔2022〕1号", SetBy: "tester", From: r.clock.Now().Add(time.Hour)})
		require.NoError(t, err)
		require.Equal(t, models.Fen(1600), r.feeOf(t, r.ask(t, card.ReasonDamaged).Replacement).AmountFen)
		r.withdraw(t, r.ask(t, card.ReasonDamaged).Replacement)
		r.clock.Advance(time.Hour)
		one := r.ask(t, card.ReasonDamaged).Replacement
		require.Equal(t, models.Fen(1200), r.feeOf(t, one).AmountFen)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM fee_orders WHERE basis = '某文〔2022〕1号'"))
	})
}

func TestR42_ACardReplacedAtAWindowEndsTheUnpaidOrder(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.cardIs(t, oldCard, func(f *card.Fact) { f.Social = card.SocialVoid })
		now := r.now(t, one)
		require.Equal(t, []any{card.ReplacementRejected, "CARD_VOID"}, []any{now.State, now.ReasonCode})
		require.Equal(t, payment.OrderClosed, r.feeOf(t, one).State)
	})
}

func TestR69_AReplacementThatIsSentBackNamesAllItsDefects(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDataWrong).Replacement
		r.paid(t, one)
		r.carry(t)
		r.stage(t, card.ApplicationSentBack, func(f *card.ApplicationFact) {
			f.Defects = []card.Defect{{Code: "PHOTO_UNCLEAR"}, {Code: "INFORMATION_DIFFERS"}, {Code: "X", Text: "王建国的照片"}}
		})
		p, err := r.Service.Replacement(t.Context(), r.by, one.ID)
		require.NoError(t, err)
		require.Len(t, p.Defects, 3)
		require.Equal(t, []string{"uploads.photo", "", ""}, []string{p.Defects[0].Field, p.Defects[1].Field, p.Defects[2].Field})
		require.Contains(t, p.Defects[1].Todo, "社保卡服务网点")
		require.Contains(t, p.Advice, "工本费不再收取")
		require.Positive(t, p.CorrectionsLeft)
		require.Zero(t, r.many(t, "SELECT count(*) FROM replacements WHERE defects LIKE '%王建国%'"))
		require.True(t, p.Withdrawable)
		r.withdraw(t, one)
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawn, r.now(t, one).State)
		r.backIs(t, 1)
	})
}

func TestR41_AReleaseWhileTheReplacementIsUnderWayIsAllowedAndAskedAbout(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		res := r.ask(t, card.ReasonLost)
		r.paid(t, res.Replacement)
		r.carry(t)
		loss, err := r.ReleaseLoss(t.Context(), r.fresh(), res.Loss.ID, "")
		require.NoError(t, err)
		require.Equal(t, card.LossReleased, loss.State)
		beside, err := r.ReplacementBeside(t.Context(), loss)
		require.NoError(t, err)
		require.Equal(t, res.Replacement.ID, beside.Replacement.ID)
		require.True(t, beside.Withdrawable)
	})
}

func TestAFeeOfNoReplacementIsNotClaimed(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		for _, cause := range []string{"replacement:0001", "other:1", "replacement:" + string(models.NewID())} {
			require.ErrorIs(t, r.FeePaid(context.Background(), cause, r.clock.Now()), card.ErrReplacementNotFound)
		}
	})
}
