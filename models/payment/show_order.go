package payment

import (
	"context"
	"errors"

	"onecard/models"
)

// View is an order as one who may see it sees it.
type View struct {
	Order   Order
	Label   string
	Advice  string
	Payable bool
	Refunds []Refund // of the viewer's own money, or all of them for the order's subject
	Receipt Receipt  // the fiscal receipt of the money that counts; none: no state
}

// Order shows an order to its subject, to who acts for her, and to who pays or paid it. ErrOrderNotFound for anybody
// else.
func (s *Service) Order(ctx context.Context, by models.Actor, id models.ID) (View, error) {
	if by.Kind != models.CitizenActor {
		return View{}, ErrOrderNotFound
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return View{}, err
	}
	if _, err := models.ParseID(string(id)); err != nil {
		return View{}, ErrOrderNotFound
	}
	o, err := s.Store.Order(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return View{}, ErrOrderNotFound
	}
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
	v := View{Order: o, Label: orderLabel(o.State), Advice: orderAdvice(o, providerOf(trades, o.TradeID)), Payable: o.payable()}
	if o.TradeID != "" {
		if v.Receipt, err = s.Store.ReceiptOf(ctx, o.TradeID); err != nil && !errors.Is(err, models.ErrNotFound) {
			return View{}, err
		}
	}
	refunds, err := s.Store.RefundsOf(ctx, id)
	for _, r := range refunds {
		if subject(o, by) || payerOf(trades, r.TradeID) == by.ID {
			v.Refunds = append(v.Refunds, r)
		}
	}
	return v, err
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
