package payment

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// What a Provider says when it has an answer that is none of the good ones. Any other error leaves the fate unknown.
var (
	ErrTradePaid    = errors.New("provider: the trade is paid already")
	ErrTradeUnknown = errors.New("provider: no such trade")
)

// Told is a provider's signed word about a trade, in a notice or as the answer to a query.
type Told struct {
	Number        string // out_trade_no
	AppID         string
	MerchantID    string
	AmountFen     models.Fen
	Currency      string // CNY
	State         ToldState
	TransactionID string
	PaidAt        time.Time
}

// ToldState is what a provider says of a trade.
type ToldState string

// What it says.
const (
	ToldPaid   ToldState = "paid"   // money came, whatever became of it later
	ToldUnpaid ToldState = "unpaid" // it may still come
	ToldClosed ToldState = "closed"
)

// RefundTold is a provider's signed word about a refund.
type RefundTold struct {
	Number      string // out_refund_no
	TradeNumber string
	MerchantID  string
	AmountFen   models.Fen
	State       RefundState // requested (an application that is not decided), processing, succeeded or abnormal
	Stage       RefundStage // of an application for a refund, where there is one
	ProviderRef string
	DoneAt      time.Time
}

// Account is a platform account in which somebody pays.
type Account struct {
	ID       models.ID
	Platform models.Channel
	AppID    string
	OpenID   string
	Holder   models.Name // the card's holder, only for a provider whose papers name her
}

// Terms are what a provider's words must name again, and what it needs.
type Terms struct {
	AppID       string        // the app in which she pays, or the code of the item that is charged
	Life        time.Duration // how long the trade can be paid; zero: as long as any
	NamesHolder bool          // what the provider issues names the card's holder
}

// Provider takes money and gives it back. Every call may be made twice with one effect: numbers are ours and fixed.
// models.ErrUnavailable, or any error but the two above, when its fate is not known.
type Provider interface {
	Name() ProviderName
	MerchantID() string
	// Takes reports whether accounts of a channel pay here.
	Takes(channel models.Channel) bool
	// Terms are what a trade of this payer is written down with.
	Terms(payer Account) Terms
	// Prepare makes the trade known and returns what the client needs of it. ErrTradePaid.
	Prepare(ctx context.Context, t Trade, payer Account) (ref string, err error)
	// ClientParams are the parameters of wx.requestPayment or my.tradePay, or the payment code. It calls nobody.
	ClientParams(ctx context.Context, t Trade) (map[string]string, error)
	// Ask: ErrTradeUnknown.
	Ask(ctx context.Context, t Trade) (Told, error)
	// Close ends an unpaid trade. ErrTradePaid; one that is unknown or closed is closed.
	Close(ctx context.Context, t Trade) error
	Refund(ctx context.Context, t Trade, r Refund) (RefundTold, error)
	AskRefund(ctx context.Context, t Trade, r Refund) (RefundTold, error)
	// Bill is every movement of money on a day, once the provider has drawn it up; none is an empty one.
	Bill(ctx context.Context, day models.Date) ([]BillLine, error)
}

// Claimant is who asked for the fee. Paid is called in the transaction in which an order becomes paid; it may call
// ReturnFee inside when it does not want the money any more. Its error fails the whole, and the provider tells again.
type Claimant interface {
	Paid(ctx context.Context, cause string, at time.Time) error
}

// Accounts finds the platform account behind a session; models.ErrNotFound.
type Accounts interface {
	PayerAccount(ctx context.Context, id models.ID) (Account, error)
	// HolderName is the name of a card's holder, as the registry has it.
	HolderName(ctx context.Context, person models.ID) (models.Name, error)
}

// Policy says how fees are taken at t: merchant or non_tax (R21).
type Policy interface {
	FeeRoute(ctx context.Context, at time.Time) (string, error)
}

// Gate is the table of act × level × channel (design 4).
type Gate interface {
	Allow(ctx context.Context, by models.Actor, act models.Act) error
}

// Family looks after who acts for another.
type Family interface {
	// StillActsFor refuses a guardian whose right has ended. It joins the transaction and holds the right until it ends.
	StillActsFor(ctx context.Context, by models.Actor) error
}

// Cases closes what was opened for a person once the matter has settled itself.
type Cases interface {
	// SettleCase closes the case of a cause, if one is still open. It joins the transaction that ctx carries.
	SettleCase(ctx context.Context, cause string) error
}

// Watch counts what an operator must see.
type Watch interface {
	Alarm(code string, n int)
}

// Store keeps orders, trades, refunds and the notices that came. Every method joins the transaction that ctx carries.
type Store interface {
	// InTx runs fn in one transaction; nested calls join it. An error rolls everything back.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs f once the transaction of ctx has committed; without one, now.
	AfterCommit(ctx context.Context, f func())
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	RecordAudit(ctx context.Context, e audit.Entry) error
	AddNotice(ctx context.Context, d notice.Draft) error
	// OpenCase opens an enquiry by the system, once per cause; false: it was opened before.
	OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (opened bool, err error)
	NextNumber(ctx context.Context, name string, day models.Date) (int64, error)

	Orders
	Trades
	Refunds
	Bills
	Receipts
	// TakenNotice writes down that a provider's notice came and what was made of it. false: it came before.
	TakenNotice(ctx context.Context, provider ProviderName, id string, outcome Outcome, at time.Time) (first bool, err error)
}

// Orders are the fee orders.
type Orders interface {
	// CreateOrder: models.ErrConflict when the cause has one.
	CreateOrder(ctx context.Context, o Order) error
	Order(ctx context.Context, id models.ID) (Order, error)
	OrderByCause(ctx context.Context, cause string) (Order, error)
	// LockOrder reads an order and holds it, with its trades and refunds, against other decisions.
	LockOrder(ctx context.Context, id models.ID) (Order, error)
	// AdvanceOrder writes o where the row still has state from and o.Version, and returns it as it is now; models.ErrConflict.
	AdvanceOrder(ctx context.Context, o Order, from OrderState) (Order, error)
}

// Trades are the tries to pay.
type Trades interface {
	CreateTrade(ctx context.Context, t Trade) error
	Trade(ctx context.Context, id models.ID) (Trade, error)
	TradeByNumber(ctx context.Context, provider ProviderName, number string) (Trade, error)
	TradesOf(ctx context.Context, order models.ID) ([]Trade, error) // oldest first
	AdvanceTrade(ctx context.Context, t Trade, from TradeState) (Trade, error)
	// DueTrades lists unsettled trades whose time has come.
	DueTrades(ctx context.Context, at time.Time, limit int) ([]Trade, error)
	// ClaimTrade puts the next question off; models.ErrConflict when another worker was first.
	ClaimTrade(ctx context.Context, t Trade, next time.Time) (Trade, error)
	// HurryTrades makes an order's unsettled trades due.
	HurryTrades(ctx context.Context, order models.ID, at time.Time) error
}

// Refunds are the refunds.
type Refunds interface {
	// CreateRefund: models.ErrConflict when the trade has one.
	CreateRefund(ctx context.Context, r Refund) error
	Refund(ctx context.Context, id models.ID) (Refund, error)
	RefundByNumber(ctx context.Context, number string) (Refund, error)
	RefundsOf(ctx context.Context, order models.ID) ([]Refund, error)
	AdvanceRefund(ctx context.Context, r Refund, from RefundState) (Refund, error)
	DueRefunds(ctx context.Context, at time.Time, limit int) ([]Refund, error)
	ClaimRefund(ctx context.Context, r Refund, next time.Time) (Refund, error)
}
