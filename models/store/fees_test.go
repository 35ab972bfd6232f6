package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
)

func TestR21_AFeeIsOpenedOncePerCause(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		d := r.draft()
		d.AmountFen = 9900
		again, err := r.OpenFee(t.Context(), d)
		require.NoError(t, err)
		require.Equal(t, r.order, again)
		f := r.fee(t)
		require.Equal(t, []any{models.Fen(1600), payment.OrderCreated}, []any{f.AmountFen, f.State})
		require.True(t, models.ValidReceiptNumber(f.Number))
		d.Cause, d.Basis = "replacement:0002", ""
		_, err = r.OpenFee(t.Context(), d)
		require.Error(t, err, "no charge without its legal basis")
		_, err = r.FeeOf(t.Context(), "replacement:0009")
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}

func TestR21_ARouteThatIsNotBuiltIsRefusedClearly(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		r.route = "non_tax"
		d := r.draft()
		d.Cause = "replacement:0002"
		_, err := r.OpenFee(t.Context(), d)
		require.ErrorIs(t, err, payment.ErrFeeRoute)
		_, err = r.BeginPayment(t.Context(), r.me(), r.order)
		require.ErrorIs(t, err, payment.ErrFeeRoute)
		require.Zero(t, r.count(t, "SELECT count(*) FROM fee_trades"))
	})
}

func TestR63_ManyNoticesAtOnceMakeOnePaidTransition(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		one := r.notice(tr)
		var mu sync.Mutex
		got := map[payment.Outcome]int{}
		calls := make([]func() error, 12)
		for i := range calls {
			n := one
			if i%2 == 0 { // half of them are the same notice, half the same fact told anew
				n = r.notice(tr)
			}
			calls[i] = func() error {
				o, err := r.TakeNotice(context.Background(), n)
				mu.Lock()
				defer mu.Unlock()
				got[o]++
				return err
			}
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Equal(t, map[payment.Outcome]int{payment.OutcomePaid: 1, payment.OutcomeRepeated: 11}, got)
		require.Equal(t, []string{feeCause}, r.claimant.paid)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM audit_entries WHERE action = 'payment.order.paid'"))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_paid'"))
		require.Equal(t, payment.OrderPaid, r.fee(t).State)
		require.Empty(t, r.watch.codes)
	})
}

func TestR63_WordsThatDoNotFitChangeNoOrder(t *testing.T) {
	t.Parallel()
	for want, change := range map[payment.Outcome]func(*payment.Told){
		payment.OutcomeAmount:   func(told *payment.Told) { told.AmountFen-- },
		payment.OutcomeApp:      func(told *payment.Told) { told.AppID = "wx-other" },
		payment.OutcomeMerchant: func(told *payment.Told) { told.MerchantID = "1900000002" },
		payment.OutcomeUnknown:  func(told *payment.Told) { told.Number = "00000000000000000000000000000000" },
		payment.OutcomeNoMoney:  func(told *payment.Told) { told.State = payment.ToldClosed },
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			eachFee(t, func(t *testing.T, r *feeRig) {
				tr := r.begin(t, r.me())
				n := r.notice(tr, change)
				require.Equal(t, want, r.take(t, n))
				require.Equal(t, payment.OrderPaying, r.fee(t).State)
				require.Empty(t, r.claimant.paid)
				require.Zero(t, r.count(t, "SELECT count(*) FROM notices"))
				require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_notices WHERE outcome = $1", string(want)))
				cases := r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'payment_held'")
				alarmed := r.watch.codes["PAYMENT_HELD"]
				switch want {
				case payment.OutcomeNoMoney:
					require.Equal(t, []int{0, 0}, []int{cases, alarmed})
				case payment.OutcomeUnknown:
					require.Equal(t, []int{0, 1}, []int{cases, alarmed})
				default:
					require.Equal(t, []int{1, 1}, []int{cases, alarmed})
				}
				if want == payment.OutcomeAmount {
					have, err := r.db.Fees().Trade(t.Context(), tr.ID)
					require.NoError(t, err)
					require.Equal(t, []any{payment.TradeHeld, models.Fen(1599)}, []any{have.State, have.PaidFen})
					require.Equal(t, payment.OutcomeRepeated, r.take(t, r.notice(tr, change)))
				}
			})
		})
	}
}

func TestR63_ATradePaidUnderTwoNumbersIsHeld(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(tr)))
		require.Equal(t, payment.OutcomeSecondNumber, r.take(t, r.notice(tr, func(told *payment.Told) { told.TransactionID = "other" })))
		require.Equal(t, 1, r.watch.codes["PAYMENT_HELD"])
		require.Equal(t, payment.OrderPaid, r.fee(t).State)
	})
}

func TestR63_ANoticeThatCannotBeTakenLeavesNothing(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.claimant.then = func(context.Context, string) error { return errors.New("the other side fails") }
		n := r.notice(tr)
		_, err := r.TakeNotice(t.Context(), n)
		require.Error(t, err)
		require.Equal(t, payment.OrderPaying, r.fee(t).State)
		require.Zero(t, r.count(t, "SELECT count(*) FROM fee_notices"))
		r.claimant.then = nil
		require.Equal(t, payment.OutcomePaid, r.take(t, n), "it comes again")
		_, err = r.TakeNotice(t.Context(), payment.Notice{Provider: payment.WechatPay, ID: "x"})
		require.ErrorIs(t, err, payment.ErrCallbackBody)
	})
}

func TestR49_AReturnedFeeGoesBackOnce(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(tr)))
		calls := make([]func() error, 6)
		for i := range calls {
			calls[i] = func() error { return r.ReturnFee(context.Background(), feeCause, "rejected") }
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_refunds"))
		require.Equal(t, []any{payment.OrderRefunding, payment.RefundRequested}, []any{r.fee(t).State, r.fee(t).RefundState})

		r.bank.lose = errors.New("no answer") // it was done, but we do not know
		_, err := r.SweepRefunds(t.Context(), 10)
		require.Error(t, err)
		require.Equal(t, payment.RefundRequested, r.fee(t).RefundState)
		r.bank.lose = nil
		r.clock.Advance(time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.RefundProcessing, r.fee(t).RefundState, "taken is not back")
		require.Len(t, r.bank.refunds, 1, "told twice, one refund")
		require.Equal(t, 2, r.bank.refunded)

		r.bank.refundsAre(payment.RefundSucceeded)
		r.clock.Advance(5 * time.Minute)
		r.sweeps(t)
		f := r.fee(t)
		require.Equal(t, []any{payment.OrderRefunded, payment.RefundSucceeded, false}, []any{f.State, f.RefundState, f.RefundedAt.IsZero()})
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_refunded'"))
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		require.NoError(t, r.ReturnFee(t.Context(), "replacement:none", "rejected"))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_refunds"))
		require.Equal(t, payment.OutcomeRepeated, r.take(t, r.notice(tr)), "a late repeat of the payment's notice")
	})
}

func TestR49_TheOtherSideMayRefuseTheMoneyInsideTheSameCommit(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.claimant.then = func(ctx context.Context, cause string) error { return r.ReturnFee(ctx, cause, "withdrawn") }
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(tr)))
		require.Equal(t, []any{payment.OrderRefunding, payment.RefundRequested}, []any{r.fee(t).State, r.fee(t).RefundState})
		require.Zero(t, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_paid'"), "she is told of the refund only")
	})
}

func TestR49_AnUnpaidOrderIsClosedAndLateMoneyGoesBack(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "withdrawn"))
		require.Equal(t, payment.OrderClosed, r.fee(t).State)
		_, err := r.BeginPayment(t.Context(), r.me(), r.order)
		require.ErrorIs(t, err, payment.ErrFeeClosed)
		r.sweeps(t)
		require.Equal(t, payment.ToldClosed, r.bank.trades[tr.Number].state, "nobody can pay it any more")
		require.Equal(t, payment.OutcomePaidLate, r.take(t, r.notice(tr)), "but the money was on its way")
		require.Equal(t, payment.OrderRefunding, r.fee(t).State)
		require.Empty(t, r.claimant.paid)
		r.sweeps(t)
		r.bank.refundsAre(payment.RefundSucceeded)
		r.clock.Advance(5 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.OrderRefunded, r.fee(t).State)
	})
}

func TestR49_OfTwoPaymentsTheLaterGoesBackToItsPayer(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		son := by(r.son, "0190a000-0000-7000-8000-000000000002")
		son.Subject = r.wang // acts for his mother
		mine, his := r.begin(t, r.me()), r.begin(t, son)
		require.NotEqual(t, mine.ID, his.ID)
		require.Equal(t, mine.ID, r.begin(t, r.me()).ID, "a young trade is handed out again")
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(his)))
		require.Equal(t, payment.OutcomePaidTwice, r.take(t, r.notice(mine)))
		f := r.fee(t)
		require.Equal(t, []any{payment.OrderPaid, r.son, payment.RefundState("")}, []any{f.State, f.PayerID, f.RefundState})
		r.sweeps(t)
		r.bank.refundsAre(payment.RefundSucceeded)
		r.clock.Advance(5 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.OrderPaid, r.fee(t).State, "what was owed stays paid")
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_refunded' AND person_id = $1", string(r.wang)))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_paid' AND person_id = $1", string(r.son)))
	})
}

func TestOnlyThoseConcernedSeeOrPayAnOrder(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		son := by(r.son, "0190a000-0000-7000-8000-000000000002")
		_, err := r.Order(t.Context(), son, r.order)
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
		_, err = r.BeginPayment(t.Context(), son, r.order)
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
		forHer := son
		forHer.Subject = r.wang
		r.begin(t, forHer)
		_, err = r.Order(t.Context(), son, r.order)
		require.NoError(t, err, "who pays sees what he pays for")
		_, err = r.BeginPayment(t.Context(), r.me(), models.NewID())
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
		_, err = r.BeginPayment(t.Context(), r.me(), "x")
		require.ErrorIs(t, err, payment.ErrOrderNotFound)
		borrowed := r.me()
		borrowed.AccountID = ""
		_, err = r.BeginPayment(t.Context(), borrowed, r.order)
		require.ErrorIs(t, err, payment.ErrPayChannel)
		_, err = r.BeginPayment(t.Context(), models.Actor{Kind: models.AgentActor, ID: models.NewID(), Subject: r.wang}, r.order)
		require.ErrorIs(t, err, payment.ErrPayByPhone)
	})
}

func TestALostAnswerOfTheProviderMakesNoSecondTrade(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		r.bank.silent = errors.New("no answer")
		ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "payFee", Key: "key-00000001", BodyMAC: []byte("a")})
		_, err := r.BeginPayment(ctx, r.me(), r.order)
		require.ErrorIs(t, err, models.ErrUnavailable)
		r.bank.silent = nil
		first, err := r.BeginPayment(ctx, r.me(), r.order)
		require.NoError(t, err)
		again, err := r.BeginPayment(ctx, r.me(), r.order)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_trades"))
	})
}

func TestR63_WithoutItsNoticeAPaymentIsFoundByAsking(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.bank.pays(tr.Number, r.clock.Now())
		r.sweeps(t)
		require.Equal(t, payment.OrderPaying, r.fee(t).State, "not due yet")
		r.clock.Advance(31 * time.Second)
		calls := make([]func() error, 4)
		for i := range calls {
			calls[i] = func() error { _, err := r.SweepTrades(context.Background(), 10); return err }
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Equal(t, payment.OrderPaid, r.fee(t).State)
		require.Len(t, r.claimant.paid, 1)
		require.Equal(t, payment.OutcomeRepeated, r.take(t, r.notice(tr)), "its notice came late")
	})
}

func TestSomebodyWhoPaysAgainIsToldThatItIsPaid(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		r.bank.silent = errors.New("no answer")
		_, err := r.BeginPayment(t.Context(), r.me(), r.order)
		require.ErrorIs(t, err, models.ErrUnavailable)
		r.bank.silent = nil
		trades, err := r.db.Fees().TradesOf(t.Context(), r.order)
		require.NoError(t, err)
		r.bank.pays(trades[0].Number, r.clock.Now())
		_, err = r.BeginPayment(t.Context(), r.me(), r.order)
		require.ErrorIs(t, err, payment.ErrFeePaid)
		require.Equal(t, payment.OrderPaid, r.fee(t).State)
	})
}

func TestAnUnpaidTradeIsClosedAtTheProvider(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.clock.Advance(30 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.ToldClosed, r.bank.trades[tr.Number].state)
		require.Equal(t, payment.OrderCreated, r.fee(t).State)
		require.NotEqual(t, tr.ID, r.begin(t, r.me()).ID)
		n, err := r.SweepTrades(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestARefundThatGoesWrongIsACaseAndIsFollowedOn(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.take(t, r.notice(tr))
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		r.sweeps(t)
		r.bank.refundsAre(payment.RefundAbnormal)
		r.clock.Advance(5 * time.Minute)
		r.sweeps(t)
		require.Equal(t, payment.RefundAbnormal, r.fee(t).RefundState)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'refund_stuck'"))
		require.Equal(t, 1, r.watch.codes["FEE_REFUND_STUCK"])
		refunds, err := r.db.Fees().RefundsOf(t.Context(), r.order)
		require.NoError(t, err)
		told := payment.RefundTold{Number: refunds[0].Number, TradeNumber: tr.Number, MerchantID: feeMch, AmountFen: 1600, State: payment.RefundSucceeded}
		wrong := told
		wrong.AmountFen = 1
		for _, step := range []struct {
			told payment.RefundTold
			want payment.Outcome
		}{{wrong, payment.OutcomeAmount}, {told, payment.OutcomeRefunded}, {told, payment.OutcomeRepeated}, {payment.RefundTold{Number: "R0"}, payment.OutcomeUnknown}} {
			require.Equal(t, step.want, r.take(t, payment.Notice{Provider: payment.WechatPay, ID: string(models.NewID()), Refund: &step.told}))
		}
		require.Equal(t, payment.OrderRefunded, r.fee(t).State)
	})
}

func TestARefundThatTakesADayIsAnAlarmOnce(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.take(t, r.notice(tr))
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		for range 3 {
			r.clock.Advance(24 * time.Hour)
			r.sweeps(t)
		}
		require.Equal(t, 1, r.watch.codes["FEE_REFUND_STUCK"])
		require.Equal(t, payment.RefundProcessing, r.fee(t).RefundState)
	})
}
