package payment

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// BillLine is one movement of money in a provider's bill of a day.
type BillLine struct {
	Number        string // out_trade_no
	TransactionID string
	RefundNumber  string // out_refund_no; empty: money that came
	AmountFen     models.Fen
}

// Bill is that a provider's bill of a day was compared.
type Bill struct {
	Provider    ProviderName
	Day         models.Date
	Lines       int
	Differences int
	ComparedAt  time.Time
}

// Bills are which bills were compared.
type Bills interface {
	BillCompared(ctx context.Context, provider ProviderName, day models.Date) (bool, error)
	// RecordBill writes down that a bill was compared; false: another worker was first.
	RecordBill(ctx context.Context, b Bill) (first bool, err error)
	// PaidBetween lists trades whose money came in [from, until).
	PaidBetween(ctx context.Context, provider ProviderName, from, until time.Time) ([]Trade, error)
	// RefundsBilled writes down in which bill refunds stood.
	RefundsBilled(ctx context.Context, numbers []string, day models.Date) error
	// RefundsInNoBill lists the numbers of refunds that succeeded in [from, until) and stood in no bill.
	RefundsInNoBill(ctx context.Context, provider ProviderName, from, until time.Time) ([]string, error)
}

// A bill is ready at ten the next morning; one that could not be read is asked for again for some days, and is a case after
// a few. A refund may stand in the bill of the day on which it was asked for or of one on which it went: it is missed in
// none before some days have passed.
const (
	billReady  = 10*time.Hour + 30*time.Minute
	billDays   = 7
	billLate   = 3
	refundLate = 3
	refundSeen = 30 // days for which a refund in no bill is looked for
)

// CompareBills compares the bills of the last days that were not compared yet, one of each provider a round. One that
// cannot be had holds up no other provider's. more: there may be another.
func (s *Service) CompareBills(ctx context.Context) (more bool, err error) {
	var errs []error
	for _, p := range s.Providers {
		did, err := s.compareNext(ctx, p)
		more, errs = more || did, append(errs, err)
	}
	return more, errors.Join(errs...)
}

// compareNext compares the oldest bill of a provider that was not compared yet and can be had. One that cannot be had for days is
// a case: nobody has compared that day's money, and soon it is asked for no more.
func (s *Service) compareNext(ctx context.Context, p Provider) (did bool, err error) {
	now := s.Clock.Now()
	var errs []error
	for back := billDays; back >= 1; back-- {
		day := models.DateOf(now.AddDate(0, 0, -back))
		if now.Before(models.NextMidnight(day.Start()).Add(billReady)) {
			continue
		}
		done, err := s.Store.BillCompared(ctx, p.Name(), day)
		if err != nil {
			return false, err
		}
		if done {
			continue
		}
		if err = s.compareBill(ctx, p, day, len(errs) == 0); err == nil {
			return true, errors.Join(errs...)
		}
		errs = append(errs, err)
		if back >= billLate {
			errs = append(errs, s.missBill(ctx, p.Name(), day))
		}
	}
	return false, errors.Join(errs...)
}

func (s *Service) missBill(ctx context.Context, p ProviderName, day models.Date) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		fresh, err := s.Store.OpenCase(ctx, billNotHad(p, day), "bill_difference", "", "fee_bills", string(day))
		if err != nil || !fresh {
			return err
		}
		s.Store.AfterCommit(ctx, func() {
			s.Watch.Alarm("FEE_BILL_NOT_HAD", 1)
			s.Log.ErrorContext(ctx, "a provider's bill cannot be had", "code", "FEE_BILL_NOT_HAD", "provider", string(p), "day", day)
		})
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), s.Clock.Now(), "payment.bill.not_had", "fee_bills", string(day), "open").Noting("provider", string(p)))
	})
}

// billNotHad names the case of a bill that could not be had.
func billNotHad(p ProviderName, day models.Date) string {
	return "fee_bill:" + string(p) + ":" + string(day) + ":not_had"
}

// difference is one thing that stands in the bill or with us alone, or with another amount.
type difference struct{ kind, number string }

// compareBill holds a bill against our trades and refunds. Money that came and that we do not know of is asked about at
// the provider first, and taken like any other; everything else is a case for a person. complete: no older bill is still to come.
func (s *Service) compareBill(ctx context.Context, p Provider, day models.Date, complete bool) error {
	call, cancel := context.WithTimeout(ctx, 2*s.set.CallProvider)
	defer cancel()
	lines, err := p.Bill(call, day)
	if err != nil {
		return err
	}
	var found []difference
	var refunds []string
	billed := map[string]bool{}
	for _, l := range lines {
		kind, err := s.compareLine(ctx, p, l)
		if err != nil {
			return err
		}
		if kind != "" {
			found = append(found, difference{kind, l.Number})
		}
		if l.RefundNumber == "" {
			billed[l.Number] = true
		} else {
			refunds = append(refunds, l.RefundNumber)
		}
	}
	ours, err := s.Store.PaidBetween(ctx, p.Name(), day.Start(), models.NextMidnight(day.Start()))
	if err != nil {
		return err
	}
	for _, t := range ours {
		if !billed[t.Number] {
			found = append(found, difference{"not_in_bill", t.Number})
		}
	}
	return s.recordBill(ctx, Bill{p.Name(), day, len(lines), len(found), s.Clock.Now()}, found, refunds, complete)
}

func (s *Service) compareLine(ctx context.Context, p Provider, l BillLine) (kind string, err error) {
	t, err := s.Store.TradeByNumber(ctx, p.Name(), l.Number)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return "not_ours", nil
	case err != nil:
		return "", err
	}
	if l.RefundNumber != "" {
		r, err := s.Store.RefundByNumber(ctx, l.RefundNumber)
		switch {
		case errors.Is(err, models.ErrNotFound):
			return "refund_not_ours", nil
		case err != nil:
			return "", err
		case r.TradeID != t.ID || r.AmountFen != l.AmountFen:
			return "refund_differs", nil
		}
		return "", nil
	}
	if t.State != TradePaid && t.State != TradeHeld {
		if err := s.askTrade(ctx, t, p); err != nil {
			return "", err
		}
		if t, err = s.Store.Trade(ctx, t.ID); err != nil {
			return "", err
		}
	}
	switch {
	case t.State != TradePaid:
		return "not_paid_here", nil
	case t.PaidFen != l.AmountFen || t.TransactionID != l.TransactionID:
		return "differs", nil
	}
	return "", nil
}

// recordBill is the decision: that the bill was compared, and a case for each difference.
// A refund that stands in no bill by now is one too, where all bills until this one were looked at.
func (s *Service) recordBill(ctx context.Context, b Bill, found []difference, refunds []string, complete bool) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if len(refunds) > 0 {
			if err := s.Store.RefundsBilled(ctx, refunds, b.Day); err != nil {
				return err
			}
		}
		first, err := s.Store.RecordBill(ctx, b)
		if err != nil || !first {
			return err
		}
		if err := s.Cases.SettleCase(ctx, billNotHad(b.Provider, b.Day)); err != nil { // what differs in it has cases of its own
			return err
		}
		found := slices.Clone(found)
		if complete {
			missed, err := s.Store.RefundsInNoBill(ctx, b.Provider, b.Day.Start().AddDate(0, 0, -refundSeen), b.Day.Start().AddDate(0, 0, -refundLate))
			if err != nil {
				return err
			}
			for _, number := range missed {
				found = append(found, difference{"refund_not_in_bill", number})
			}
		}
		for _, d := range found {
			fresh, err := s.Store.OpenCase(ctx, "fee_bill:"+string(b.Provider)+":"+d.number+":"+d.kind, "bill_difference", "", "fee_bills", string(b.Day))
			if err != nil {
				return err
			}
			if !fresh { // told of with an earlier bill
				continue
			}
			s.Store.AfterCommit(ctx, func() {
				s.Watch.Alarm("FEE_BILL_DIFFERS", 1)
				s.Log.ErrorContext(ctx, "a provider's bill differs from what we know", "code", "FEE_BILL_DIFFERS", "day", b.Day, "number", d.number, "kind", d.kind)
			})
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), b.ComparedAt, "payment.bill.compared", "fee_bills", string(b.Day), "done").
			Noting("provider", string(b.Provider)).Noting("lines", strconv.Itoa(b.Lines)).Noting("differences", strconv.Itoa(b.Differences)))
	})
}
