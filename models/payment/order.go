// Package payment takes a fee and gives it back: fee orders (R21), their trades at WeChat Pay and Alipay, and refunds
// (R49, R63). An order says what is owed, a trade is one try of one payer to pay it at one provider, a refund sends one
// trade's money back. What the fee is for belongs to another capability, which is named by the order's cause.
package payment

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// OrderState is the state of a fee order.
type OrderState string

// The states of a fee order.
const (
	OrderCreated   OrderState = "created"   // owed; nobody is paying
	OrderPaying    OrderState = "paying"    // somebody has begun; not paid before the provider says so
	OrderPaid      OrderState = "paid"      // by the provider's signed word
	OrderClosed    OrderState = "closed"    // no longer owed and not paid
	OrderRefunding OrderState = "refunding" // the money is on its way back
	OrderRefunded  OrderState = "refunded"  // by the provider's word
)

// OrderEvent is what happens to an order.
type OrderEvent string

// The events of an order.
const (
	PaymentBegun   OrderEvent = "payment_begun"
	PaymentLapsed  OrderEvent = "payment_lapsed" // the last open trade was closed unpaid
	MoneyCame      OrderEvent = "money_came"
	FeeNotOwed     OrderEvent = "not_owed_any_more"
	RefundFinished OrderEvent = "refund_finished"
)

// OrderFlow is the table of a fee order. Money that comes for a closed order goes back by itself.
var OrderFlow = flow.New("fee order", OrderCreated,
	flow.Edge[OrderState, OrderEvent]{From: OrderCreated, On: PaymentBegun, To: OrderPaying},
	flow.Edge[OrderState, OrderEvent]{From: OrderPaying, On: PaymentLapsed, To: OrderCreated},
	flow.Edge[OrderState, OrderEvent]{From: OrderCreated, On: MoneyCame, To: OrderPaid},
	flow.Edge[OrderState, OrderEvent]{From: OrderPaying, On: MoneyCame, To: OrderPaid},
	flow.Edge[OrderState, OrderEvent]{From: OrderCreated, On: FeeNotOwed, To: OrderClosed},
	flow.Edge[OrderState, OrderEvent]{From: OrderPaying, On: FeeNotOwed, To: OrderClosed},
	flow.Edge[OrderState, OrderEvent]{From: OrderClosed, On: MoneyCame, To: OrderRefunding},
	flow.Edge[OrderState, OrderEvent]{From: OrderPaid, On: FeeNotOwed, To: OrderRefunding},
	flow.Edge[OrderState, OrderEvent]{From: OrderRefunding, On: RefundFinished, To: OrderRefunded},
)

// Order is one fee that somebody owes for one cause.
type Order struct {
	ID        models.ID
	Number    string // what people read aloud
	Cause     string // unique; the capability that asks for the fee finds its own by it
	SubjectID models.ID
	AmountFen models.Fen
	Basis     string // the legal basis as it stood when the order was opened
	Item      string
	State     OrderState
	Version   int
	TradeID   models.ID // the trade whose money counts, once there is one
	PayerID   models.ID // who paid it
	Why       string    // why it is not owed any more
	OpenedAt  time.Time
	PaidAt    time.Time
	EndedAt   time.Time // closed, or refunded
	UpdatedAt time.Time
}

// after is the order after an event.
func (o Order) after(on OrderEvent, at time.Time) (Order, error) {
	next, err := OrderFlow.Next(o.State, on)
	if err != nil {
		return o, err
	}
	o.State, o.UpdatedAt = next, at
	return o, nil
}

// payable orders can be paid now.
func (o Order) payable() bool { return o.State == OrderCreated || o.State == OrderPaying }
