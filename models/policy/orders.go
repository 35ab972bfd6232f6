package policy

import (
	"context"
	"time"
)

// Keys of work orders.
const (
	OrderAcceptDays    = "orders.accept_days"
	OrderExtensionDays = "orders.extension_days"
	OrderEscalateDays  = "orders.escalate_days"
	OrderReopenDays    = "orders.reopen_days"
	OrderCallBackTries = "orders.call_back_tries"
	OrderExchangeDays  = "orders.exchange_days"
)

// OrderDaysKey is the setting that says within how many working days a type of work order is answered.
func OrderDaysKey(kind string) string { return "orders.days." + kind }

// orderDays are the types with their default of domain 7.4 and its doc.
var orderDays = []struct{ kind, days, doc string }{
	{"urgent", "0", "urgent work order (money at risk, a loss not confirmed) is answered; 0: the same day"},
	{"advice", "3", "question that could not be answered in the call is answered"},
	{"production", "5", "work order about a card that does not come, or wrong data, is answered"},
	{"subsidy", "10", "work order about missing money or another sum is answered by the paying department"},
	{"fee", "5", "work order about the fee of a replacement is answered"},
	{"complaint", "13", "complaint is answered"},
	{"low_rating", "15", "rating of 1 or 2 is looked into, the call back included"},
}

func orderSettings() []Setting {
	var out []Setting
	for _, o := range orderDays {
		out = append(out, Setting{Key: OrderDaysKey(o.kind), Type: Count, Default: o.days, Most: 60, Rule: "R65", Doc: "working days from the next day on within which a " + o.doc})
	}
	return append(out,
		Setting{Key: OrderAcceptDays, Type: Count, Default: "1", Most: 10, Rule: "R65", Doc: "working days within which a work order is taken or handed on"},
		Setting{Key: OrderExtensionDays, Type: Count, Default: "10", Least: 1, Most: 30, Rule: "R65", Doc: "working days that the one extension of a work order adds at most"},
		Setting{Key: OrderEscalateDays, Type: Count, Default: "5", Least: 1, Most: 30, Rule: "R65", Doc: "working days after which an overdue work order is told of again (通报)"},
		Setting{Key: OrderReopenDays, Type: Count, Default: "15", Least: 1, Most: 90, Rule: "R65", Doc: "days after its answer or its end in which a citizen may have a matter opened again, once"},
		Setting{Key: OrderCallBackTries, Type: Count, Default: "3", Least: 1, Most: 10, Rule: "R65", Doc: "call-backs that nobody answered after which an answered work order may be closed"},
		Setting{Key: OrderExchangeDays, Type: Count, Default: "30", Least: 1, Most: 90, Rule: "R65", Doc: "days for which answers to a file of work orders are taken from a district without a log-in"},
	)
}

// OrderTerms is what counts for work orders at one instant.
type OrderTerms struct {
	Days                                                                             map[string]int // by type
	AcceptDays, ExtensionDays, EscalateDays, ReopenDays, CallBackTries, ExchangeDays int
}

// OrderTermsAt reads the settings of work orders.
func (s *Service) OrderTermsAt(ctx context.Context, at time.Time) (OrderTerms, error) {
	out := OrderTerms{Days: map[string]int{}}
	for _, o := range orderDays {
		n, err := s.count(ctx, OrderDaysKey(o.kind), Everywhere, at)
		if err != nil {
			return out, err
		}
		out.Days[o.kind] = int(n)
	}
	for key, to := range map[string]*int{
		OrderAcceptDays: &out.AcceptDays, OrderExtensionDays: &out.ExtensionDays, OrderEscalateDays: &out.EscalateDays,
		OrderReopenDays: &out.ReopenDays, OrderCallBackTries: &out.CallBackTries, OrderExchangeDays: &out.ExchangeDays,
	} {
		n, err := s.count(ctx, key, Everywhere, at)
		if err != nil {
			return out, err
		}
		*to = int(n)
	}
	return out, nil
}
