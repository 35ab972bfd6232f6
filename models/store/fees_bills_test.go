package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
)

// allBills compares bills until there is none to compare.
func (r *feeRig) allBills() error {
	for {
		if more, err := r.CompareBills(context.Background()); err != nil || !more {
			return err
		}
	}
}

func TestABillIsComparedOnceAndEachDifferenceIsACase(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		good := r.begin(t, r.me())
		r.take(t, r.notice(good))
		second := r.draft()
		second.Cause = "replacement:0002"
		var err error
		r.order, err = r.OpenFee(t.Context(), second)
		require.NoError(t, err)
		lost := r.begin(t, r.me()) // neither notice nor query told of it: the bill does
		r.bank.pays(lost.Number, r.clock.Now())
		more, err := r.CompareBills(t.Context())
		require.NoError(t, err)
		require.Zero(t, r.count(t, "SELECT count(*) FROM fee_bills WHERE day = $1", string(models.DateOf(start))), "today's bill is not drawn up yet")
		r.bank.silent = errors.New("no answer")
		for more {
			if more, err = r.CompareBills(t.Context()); err != nil {
				break
			}
		}
		require.Error(t, err, "an older bill could not be had; it is asked for again")
		r.bank.silent = nil
		r.bank.bill = []payment.BillLine{
			{Number: good.Number, TransactionID: "T" + good.Number, AmountFen: 1600}, {Number: lost.Number, TransactionID: "T" + lost.Number, AmountFen: 1600},
			{Number: "somebody-else", TransactionID: "T1", AmountFen: 5}, {Number: good.Number, TransactionID: "T" + good.Number, RefundNumber: "R0", AmountFen: 1600},
		}
		r.clock.Set(models.NextMidnight(start).Add(11 * time.Hour))
		require.NoError(t, r.allBills())
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM fee_bills WHERE lines = 4 AND differences = 2 AND day = $1", string(models.DateOf(start))))
		require.Equal(t, 2, r.count(t, "SELECT count(*) FROM fee_orders WHERE state = 'paid'"), "money the bill knew of is taken")
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE cause LIKE '%somebody-else:not_ours'"))
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE cause LIKE '%:refund_not_ours'"))
	})
}

func TestMoneyThatStandsInNoBillIsACase(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		r.take(t, r.notice(tr))
		r.clock.Set(models.NextMidnight(start).Add(11 * time.Hour))
		calls := make([]func() error, 3)
		for i := range calls {
			calls[i] = r.allBills
		}
		for _, err := range together(calls...) {
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'bill_difference' AND cause LIKE '%:not_in_bill'"))
		require.Equal(t, 1, r.watch.codes["FEE_BILL_DIFFERS"])
	})
}

// A refund of which only we say that it went is a case some days later, once; one that stood in a bill is none.
func TestARefundThatStandsInNoBillIsACase(t *testing.T) {
	t.Parallel()
	for name, stands := range map[string]bool{"in a bill": true, "in none": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachFee(t, func(t *testing.T, r *feeRig) {
				tr := r.begin(t, r.me())
				r.take(t, r.notice(tr))
				require.NoError(t, r.ReturnFee(t.Context(), feeCause, "rejected"))
				r.sweeps(t)
				r.bank.refundsAre(payment.RefundSucceeded)
				r.clock.Advance(5 * time.Minute)
				r.sweeps(t)
				require.Equal(t, payment.RefundSucceeded, r.fee(t).RefundState)
				refunds, err := r.db.Fees().RefundsOf(t.Context(), r.order)
				require.NoError(t, err)
				paid := payment.BillLine{Number: tr.Number, TransactionID: "T" + tr.Number, AmountFen: 1600}
				r.bank.bill = []payment.BillLine{paid}
				if stands {
					r.bank.bill = append(r.bank.bill, payment.BillLine{Number: tr.Number, TransactionID: "T" + tr.Number, RefundNumber: refunds[0].Number, AmountFen: 1600})
				}
				cases := func() int {
					return r.count(t, "SELECT count(*) FROM enquiries WHERE kind = 'bill_difference' AND cause LIKE '%:refund_not_in_bill'")
				}
				bill := func(days int) {
					r.clock.Set(models.NextMidnight(start.AddDate(0, 0, days)).Add(11 * time.Hour))
					require.NoError(t, r.allBills())
				}
				for days := range 4 {
					bill(days)
					require.Zero(t, cases(), days)
				}
				for days := 4; days < 7; days++ {
					bill(days)
					require.Equal(t, map[bool]int{true: 0, false: 1}[stands], cases(), days)
				}
				require.Equal(t, map[bool]int{true: 0, false: 1}[stands], r.watch.codes["FEE_BILL_DIFFERS"])
			})
		})
	}
}

// A bill that cannot be had for days is a case before it is asked for no more, and once.
func TestABillThatCannotBeHadIsACase(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		r.clock.Set(models.NextMidnight(start).Add(11 * time.Hour))
		require.NoError(t, r.allBills())
		r.bank.silent = errors.New("no answer")
		missed := func() int { return r.count(t, "SELECT count(*) FROM enquiries WHERE cause LIKE 'fee_bill:%:not_had'") }
		for days, want := range []int{0, 0, 1, 2} {
			r.clock.Set(models.NextMidnight(start.AddDate(0, 0, days+1)).Add(11 * time.Hour))
			for range 3 {
				_, err := r.CompareBills(t.Context())
				require.Error(t, err)
			}
			require.Equal(t, want, missed(), days)
		}
		require.Equal(t, 2, r.watch.codes["FEE_BILL_NOT_HAD"], "each bill once")

		// Had and compared after all: their cases are over by themselves.
		r.bank.silent, r.settled.causes = nil, nil
		require.NoError(t, r.allBills())
		over := 0 // closed by the name they were opened under
		for _, cause := range r.settled.causes {
			over += r.count(t, "SELECT count(*) FROM enquiries WHERE cause = $1 AND cause LIKE 'fee_bill:%:not_had'", cause)
		}
		require.Equal(t, 2, over)
	})
}
