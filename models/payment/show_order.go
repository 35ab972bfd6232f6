package payment

import (
	"context"
	"errors"

	"onecard/models"
)

// View is an order as one who may see it sees it.
type View struct {
	Order   Order
	Holder  models.Name // whom the card is for, who may be another than who pays
	Label   string
	Advice  string
	Payable bool
	Refunds []Refund // of the viewer's own money, or all of them for the order's subject
	Receipt Receipt  // the fiscal receipt of the money that counts; none: no state

	byHand map[models.ID]bool // trades at a provider that is not in the settings any more
}

// RefundLabel is the word for where a refund of this order is.
func (v View) RefundLabel(r Refund) string { return refundLabel(r.State, v.byHand[r.TradeID]) }

// Order shows an order to its subject, to who acts for her, and to who pays or paid it. ErrOrderNotFound for anybody
// else.
func (s *Service) Order(ctx context.Context, by models.Actor, id models.ID) (View, error) {
	if by.Kind != models.CitizenActor {
		return View{}, ErrOrderNotFound
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return View{}, err
	}
	o, err := s.orderOf(ctx, id)
	if err != nil {
		return View{}, err
	}
	trades, err := s.Store.TradesOf(ctx, id)
	if err != nil {
		return View{}, err
	}
	if !sees(o, trades, by) {
		return View{}, ErrOrderNotFound
	}
	return s.view(ctx, o, trades, by)
}

func (s *Service) view(ctx context.Context, o Order, trades []Trade, by models.Actor) (v View, err error) {
	v = View{Order: o, Label: orderLabel(o.State), Payable: o.payable(), byHand: s.byHand(trades)}
	v.Advice = orderAdvice(o, providerOf(trades, o.TradeID), v.waitsForHand(trades))
	if v.Holder, err = s.Accounts.HolderName(ctx, o.SubjectID); err != nil {
		return View{}, err
	}
	if o.TradeID != "" && (subject(o, by) || by.ID != "" && payerOf(trades, o.TradeID) == by.ID) { // it names the holder in full
		if v.Receipt, err = s.Store.ReceiptOf(ctx, o.TradeID); err != nil && !errors.Is(err, models.ErrNotFound) {
			return View{}, err
		}
	}
	refunds, err := s.Store.RefundsOf(ctx, o.ID)
	for _, r := range refunds {
		if subject(o, by) || payerOf(trades, r.TradeID) == by.ID {
			v.Refunds = append(v.Refunds, r)
		}
	}
	return v, err
}

// byHand are the trades whose provider is not in the settings any more: what becomes of their money, people find out.
func (s *Service) byHand(trades []Trade) map[models.ID]bool {
	out := map[models.ID]bool{}
	for _, t := range trades {
		out[t.ID] = s.provider(t.Provider) == nil
	}
	return out
}

// waitsForHand reports whether what an order waits for is at such a provider: the payment of one that is being paid, the
// refund of one that was.
func (v View) waitsForHand(trades []Trade) bool {
	if v.Order.State == OrderRefunding {
		return v.byHand[v.Order.TradeID]
	}
	for _, t := range trades {
		if v.Order.State == OrderPaying && t.Unsettled() && v.byHand[t.ID] {
			return true
		}
	}
	return false
}

// subject: the person the fee is for, herself or by who acts for her.
func subject(o Order, by models.Actor) bool {
	return by.ID != "" && by.Subject != "" && by.Subject == o.SubjectID || by.ID != "" && by.ID == o.SubjectID
}

// sees reports whether by may see the order, and pay it.
func sees(o Order, trades []Trade, by models.Actor) bool {
	if subject(o, by) {
		return true
	}
	for _, t := range trades {
		if by.ID != "" && t.PayerID == by.ID {
			return true
		}
	}
	return false
}

func providerOf(trades []Trade, id models.ID) ProviderName {
	for _, t := range trades {
		if t.ID == id {
			return t.Provider
		}
	}
	return ""
}

func payerOf(trades []Trade, id models.ID) models.ID {
	for _, t := range trades {
		if t.ID == id {
			return t.PayerID
		}
	}
	return ""
}
