package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/payment"
)

// fakeFisc is a finance platform that remembers: a provider with receipts and applications.
type fakeFisc struct {
	*fakeBank
	mu      sync.Mutex
	holder  string
	receipt payment.ReceiptTold
	stage   payment.RefundStage
}

func (*fakeFisc) Name() payment.ProviderName { return payment.NonTax }
func (*fakeFisc) Takes(models.Channel) bool  { return true }
func (*fakeFisc) Terms(payment.Account) payment.Terms {
	return payment.Terms{AppID: "item-1", Life: 72 * time.Hour, NamesHolder: true}
}

func (f *fakeFisc) Prepare(ctx context.Context, t payment.Trade, payer payment.Account) (string, error) {
	f.mu.Lock()
	f.holder = payer.Holder.Reveal()
	f.mu.Unlock()
	return f.fakeBank.Prepare(ctx, t, payer)
}

func (f *fakeFisc) AskReceipt(_ context.Context, t payment.Trade) (payment.ReceiptTold, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.receipt.State == "" {
		return payment.ReceiptTold{}, payment.ErrNoReceipt
	}
	told := f.receipt
	told.TradeNumber = t.Number
	return told, nil
}

func (f *fakeFisc) Refund(_ context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := map[payment.RefundStage]payment.RefundState{payment.StageRejected: payment.RefundAbnormal, payment.StagePaid: payment.RefundSucceeded}[f.stage]
	if state == "" {
		state = payment.RefundRequested
	}
	return payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: feeMch, AmountFen: r.AmountFen, State: state, Stage: f.stage, ProviderRef: "A1"}, nil
}

func (f *fakeFisc) AskRefund(ctx context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	return f.Refund(ctx, t, r)
}

func (f *fakeFisc) says(stage payment.RefundStage, state payment.ReceiptState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stage = stage
	f.receipt = payment.ReceiptTold{MerchantID: feeMch, Code: "41060121", Number: "0000000001", CheckCode: "ab12cd", URL: "https://receipts.example.cn/1", State: state, IssuedAt: start}
}

// atBureau is the rig with the fee taken as non-tax revenue.
func atBureau(r *feeRig) *fakeFisc {
	f := &fakeFisc{fakeBank: r.bank, stage: payment.StageApplied}
	r.Providers = append(r.Providers, f)
	r.route = "non_tax"
	return f
}

func (r *feeRig) view(t *testing.T) payment.View {
	t.Helper()
	v, err := r.Order(t.Context(), r.me(), r.order)
	require.NoError(t, err)
	return v
}

// rounds turns the sweeps once, later.
func (r *feeRig) rounds(t *testing.T, later time.Duration) {
	t.Helper()
	r.clock.Advance(later)
	r.sweeps(t)
	_, err := r.SweepReceipts(t.Context(), 20)
	require.NoError(t, err)
}

func TestR21_AFeePaidByCodeHasItsFiscalReceipt(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		tr := r.begin(t, r.me())
		require.Equal(t, []any{payment.NonTax, "item-1", start.Add(72 * time.Hour)}, []any{tr.Provider, tr.AppID, tr.ExpiresAt})
		holder, err := feeAccounts{}.HolderName(t.Context(), r.wang)
		require.NoError(t, err)
		require.Equal(t, holder.Reveal(), f.holder, "the receipt names the card's holder")
		r.bank.pays(tr.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		v := r.view(t)
		require.Equal(t, []any{payment.OrderPaid, payment.ReceiptAwaited}, []any{v.Order.State, v.Receipt.State})
		r.rounds(t, 25*time.Hour)
		r.rounds(t, 25*time.Hour)
		require.Equal(t, 1, r.watch.codes["FEE_RECEIPT_MISSING"], "no receipt, no charge: a person looks after it")
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'receipt_missing'"))
		f.says(payment.StageApplied, payment.ReceiptIssued)
		r.rounds(t, time.Hour)
		v = r.view(t)
		require.Equal(t, []any{payment.ReceiptIssued, "41060121", "0000000001", "ab12cd", start},
			[]any{v.Receipt.State, v.Receipt.Code, v.Receipt.Number, v.Receipt.CheckCode, v.Receipt.IssuedAt})
		n, err := r.SweepReceipts(t.Context(), 20)
		require.NoError(t, err)
		require.Zero(t, n, "nothing is waited for")
	})
}

func TestR49_ARefundOfNonTaxRevenueReadsAppliedForUntilItIsPaid(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		tr := r.begin(t, r.me())
		f.says(payment.StageApplied, payment.ReceiptIssued)
		r.bank.pays(tr.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		seen := func() (payment.RefundState, payment.RefundStage, string) {
			v := r.view(t)
			require.Len(t, v.Refunds, 1)
			return v.Refunds[0].State, v.Refunds[0].Stage, v.RefundLabel(v.Refunds[0])
		}
		r.rounds(t, time.Minute) // the bureau has it; else a day would be too long
		for _, stage := range []payment.RefundStage{payment.StageApplied, payment.StageApproved} {
			f.says(stage, payment.ReceiptIssued)
			r.rounds(t, 30*time.Hour)
			state, at, label := seen()
			require.Equal(t, []any{payment.RefundRequested, stage, "已申请退付"}, []any{state, at, label})
			require.Contains(t, r.view(t).Advice, "财政部门")
		}
		require.Empty(t, r.watch.codes, "a bureau takes days")
		f.says(payment.StageRejected, payment.ReceiptIssued)
		r.rounds(t, time.Hour)
		state, at, _ := seen()
		require.Equal(t, []any{payment.RefundAbnormal, payment.StageRejected, 1}, []any{state, at, r.watch.codes["FEE_REFUND_STUCK"]})
		f.says(payment.StagePaid, payment.ReceiptReversed)
		r.rounds(t, 2*time.Hour)
		r.rounds(t, time.Minute)
		v := r.view(t)
		require.Equal(t, []any{payment.OrderRefunded, payment.ReceiptReversed}, []any{v.Order.State, v.Receipt.State})
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_refunded'"))
	})
}

func TestAnApplicationThatIsForgottenIsAnAlarm(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		atBureau(r)
		tr := r.begin(t, r.me())
		r.bank.pays(tr.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		r.rounds(t, time.Minute) // the bureau has it
		r.rounds(t, 19*24*time.Hour)
		require.Zero(t, r.watch.codes["FEE_REFUND_STUCK"])
		r.rounds(t, 2*24*time.Hour)
		r.rounds(t, 24*time.Hour)
		require.Equal(t, 1, r.watch.codes["FEE_REFUND_STUCK"])
	})
}

func TestR63_ManyReceiptsAtOnceMakeOne(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		atBureau(r)
		tr := r.begin(t, r.me())
		told := payment.ReceiptTold{TradeNumber: tr.Number, MerchantID: feeMch, Code: "41060121", Number: "0000000001", CheckCode: "ab12cd", State: payment.ReceiptIssued, IssuedAt: start}
		notice := func(change func(*payment.ReceiptTold)) payment.Notice {
			one := told
			change(&one)
			return payment.Notice{Provider: payment.NonTax, ID: string(models.NewID()), Receipt: &one}
		}
		same := func(*payment.ReceiptTold) {}
		require.Equal(t, payment.OutcomeNoMoney, r.take(t, notice(same)), "ahead of its payment")
		r.bank.pays(tr.Number, r.clock.Now())
		r.clock.Advance(time.Minute)
		r.sweeps(t)
		var mu sync.Mutex
		got := map[payment.Outcome]int{}
		calls := make([]func() error, 8)
		for i := range calls {
			calls[i] = func() error {
				o, err := r.TakeNotice(context.Background(), notice(same))
				mu.Lock()
				defer mu.Unlock()
				got[o]++
				return err
			}
		}
		require.NoError(t, errors.Join(together(calls...)...))
		require.Equal(t, map[payment.Outcome]int{payment.OutcomeReceipt: 1, payment.OutcomeRepeated: 7}, got)
		require.Equal(t, payment.OutcomeSecondNumber, r.take(t, notice(func(o *payment.ReceiptTold) { o.Number = "0000000002" })))
		require.Equal(t, payment.OutcomeMerchant, r.take(t, notice(func(o *payment.ReceiptTold) { o.MerchantID = "x" })))
		require.Equal(t, payment.OutcomeUnknown, r.take(t, notice(func(o *payment.ReceiptTold) { o.TradeNumber = "x" })))
		require.Equal(t, 3, r.watch.codes["PAYMENT_HELD"])
		require.Equal(t, "0000000001", r.view(t).Receipt.Number)
		_, err := r.TakeNotice(t.Context(), payment.Notice{Provider: payment.NonTax, ID: "x", Receipt: &told, Trade: &payment.Told{}})
		require.ErrorIs(t, err, payment.ErrCallbackBody, "a notice is about one thing")
	})
}

// The holder, whom it names, is told by the receipt's number when it is there: once, not the payer, and not of one whose
// money is on its way back.
func TestR21_TheHolderIsToldOfTheFiscalReceipt(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		son := by(r.son, "0190a000-0000-7000-8000-000000000002")
		b, err := r.PayInvited(t.Context(), son, r.order)
		require.NoError(t, err)
		r.bank.pays(b.Trade.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		told := func() int { return r.count(t, "SELECT count(*) FROM notices WHERE kind = 'fee_receipt'") }
		require.Zero(t, told(), "it is paid, and has no receipt yet")
		f.says(payment.StageApplied, payment.ReceiptIssued)
		for range 3 {
			r.rounds(t, time.Hour)
		}
		list, err := r.db.Notices().NoticesOf(t.Context(), r.wang, "", 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{notice.FeeReceipt, "fee_order", r.order, map[string]string{"number": "0000000001"}},
			[]any{list[0].Kind, list[0].Object, list[0].ObjectID, list[0].Params})
		require.Equal(t, 1, told())

		late := r.draft()
		late.Cause = "replacement:0002"
		id, err := r.OpenFee(t.Context(), late)
		require.NoError(t, err)
		f.says(payment.StageApplied, "")
		second, err := r.BeginPayment(t.Context(), r.me(), id)
		require.NoError(t, err)
		r.bank.pays(second.Trade.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		require.NoError(t, r.ReturnFee(t.Context(), late.Cause, "rejected"))
		f.says(payment.StageApplied, payment.ReceiptIssued)
		r.rounds(t, time.Hour)
		require.Equal(t, 1, told(), "about to be reversed: nobody is told of it")
	})
}

// A message that has not left when the money is back would be false: it is not sent any more.
func TestR21_AReceiptsMessageIsTakenBackWithTheMoney(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		f := atBureau(r)
		tr := r.begin(t, r.me())
		f.says(payment.StageApplied, payment.ReceiptIssued)
		r.bank.pays(tr.Number, r.clock.Now())
		r.rounds(t, time.Minute)
		queued := func() int {
			return r.count(t, "SELECT count(*) FROM notices n JOIN deliveries d ON d.notice_id = n.id WHERE n.kind = 'fee_receipt' AND d.state = 'queued'")
		}
		require.Equal(t, 1, queued())
		require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
		f.says(payment.StagePaid, payment.ReceiptReversed)
		r.rounds(t, time.Hour)
		require.Equal(t, payment.OrderRefunded, r.fee(t).State)
		require.Zero(t, queued())
	})
}

func TestARouteIsChangedWhileAnOrderIsBeingPaid(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		before := r.begin(t, r.me())
		payable := func(want bool) {
			can, err := r.Payable(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, can)
		}
		payable(true)
		r.route = "non_tax"
		payable(false)
		atBureau(r)
		payable(true)
		after := r.begin(t, r.me())
		require.Equal(t, []payment.ProviderName{payment.WechatPay, payment.NonTax}, []payment.ProviderName{before.Provider, after.Provider})
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(before)), "who had begun may end")
		require.Equal(t, payment.OrderPaid, r.fee(t).State)
		require.Zero(t, r.count(t, "SELECT count(*) FROM fee_receipts"), "a merchant account issues none")
	})
}

func TestABillThatCannotBeHadHoldsUpNoOtherProviders(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		r.Providers = append(r.Providers, &fakeFisc{fakeBank: &fakeBank{trades: map[string]*bankTrade{}}})
		r.bank.silent = errors.New("no answer")
		r.clock.Set(models.NextMidnight(start).Add(11 * time.Hour))
		more, err := r.CompareBills(t.Context())
		require.Error(t, err)
		require.True(t, more)
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_bills WHERE provider = 'non_tax'"))
	})
}
