package payment

import (
	"strings"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// ProviderName is one who takes money for us.
type ProviderName string

// The providers.
const (
	WechatPay ProviderName = "wechat_pay"
	Alipay    ProviderName = "alipay"
	NonTax    ProviderName = "non_tax" // the finance bureau's platform for non-tax revenue (非税收入)
)

// TradeState is the state of a trade.
type TradeState string

// The states of a trade.
const (
	TradePrepared TradeState = "prepared" // written down; the provider may not know it yet
	TradeOpen     TradeState = "open"     // the provider knows it and waits for the payer
	TradePaid     TradeState = "paid"     // by the provider's signed word
	TradeClosed   TradeState = "closed"   // unpaid, and the provider takes no money for it any more
	TradeHeld     TradeState = "held"     // money came that is not what we asked for: a person decides
)

// TradeEvent is what happens to a trade.
type TradeEvent string

// The events of a trade.
const (
	TradeKnown     TradeEvent = "provider_knows"
	TradeMoney     TradeEvent = "money_came"
	TradeOtherwise TradeEvent = "other_money_came"
	TradeEnded     TradeEvent = "provider_closed"
)

// TradeFlow is the table of a trade. Even one that was closed is believed paid when the provider says so: money is
// never lost from sight.
var TradeFlow = flow.New("fee trade", TradePrepared, tradeEdges()...)

func tradeEdges() []flow.Edge[TradeState, TradeEvent] {
	type edge = flow.Edge[TradeState, TradeEvent]
	edges := []edge{{From: TradePrepared, On: TradeKnown, To: TradeOpen}}
	for _, from := range []TradeState{TradePrepared, TradeOpen, TradeClosed} {
		edges = append(edges, edge{From: from, On: TradeMoney, To: TradePaid}, edge{From: from, On: TradeOtherwise, To: TradeHeld})
		if from != TradeClosed {
			edges = append(edges, edge{From: from, On: TradeEnded, To: TradeClosed})
		}
	}
	return edges
}

// Trade is one try to pay an order.
type Trade struct {
	ID            models.ID
	OrderID       models.ID
	Provider      ProviderName
	Number        string // out_trade_no: ours, one for each trade
	AppID         string
	MerchantID    string
	PayerID       models.ID // the person who pays; may be another than the order's subject
	AccountID     models.ID // her platform account, in which she pays
	Channel       models.Channel
	AmountFen     models.Fen
	Item          string
	State         TradeState
	Version       int
	Ref           string // what the client needs: WeChat's prepay_id, Alipay's trade_no, the payment code 缴款码
	TransactionID string // the provider's own number, once paid
	PaidFen       models.Fen
	ExpiresAt     time.Time // the provider takes no money after this
	PaidAt        time.Time
	CreatedAt     time.Time
	DueAt         time.Time // when it is asked about next
	Attempt       int       // how often it was asked about
	UpdatedAt     time.Time
}

// Unsettled trades may still be paid.
func (t Trade) Unsettled() bool { return t.State == TradePrepared || t.State == TradeOpen }

func (t Trade) after(on TradeEvent, at time.Time) (Trade, error) {
	next, err := TradeFlow.Next(t.State, on)
	if err != nil {
		return t, err
	}
	t.State, t.UpdatedAt = next, at
	return t, nil
}

// numberOf is a provider's 32 characters made of an id of ours.
func numberOf(id models.ID) string { return strings.ReplaceAll(string(id), "-", "") }
