package store_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/payment"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// feeRig is the payment capability on a real store; the provider and whoever asked for the fee are replaced by hand.
type feeRig struct {
	*payment.Service
	db        *store.DB
	clock     *models.ManualClock
	bank      *fakeBank
	claimant  *fakeClaimant
	watch     *feeAlarms
	settled   settledCases
	route     string
	wang, son models.ID
	order     models.ID
}

// settledCases are the causes whose cases are over, in order.
type settledCases struct{ causes []string }

func (c *settledCases) SettleCase(_ context.Context, cause string) error {
	c.causes = append(c.causes, cause)
	return nil
}

const (
	feeCause = "replacement:0001"
	feeApp   = "wx-mini"
	feeMch   = "1900000001"
)

func eachFee(t *testing.T, fn func(t *testing.T, r *feeRig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newFeeRig(t, db)) })
}

func newFeeRig(t *testing.T, db *store.DB) *feeRig {
	t.Helper()
	r := &feeRig{db: db, clock: models.NewManualClock(start), bank: &fakeBank{trades: map[string]*bankTrade{}, refunds: map[string]payment.RefundState{}},
		claimant: &fakeClaimant{}, watch: &feeAlarms{}, route: "merchant"}
	r.Service = payment.New(payment.Ports{
		Store: db.Fees(), Providers: []payment.Provider{r.bank}, Claimant: r.claimant, Accounts: feeAccounts{}, Policy: r, Gate: tableGate{r.clock},
		Family: standing{}, Cases: &r.settled, Watch: r.watch, Clock: r.clock, Log: slog.New(slog.DiscardHandler),
	}, payment.DefaultSettings())
	r.wang, r.son = knownPerson(t, db, 1, "P-1"), knownPerson(t, db, 2, "P-2")
	var err error
	r.order, err = r.OpenFee(t.Context(), r.draft())
	require.NoError(t, err)
	return r
}

func (r *feeRig) FeeRoute(context.Context, time.Time) (string, error) { return r.route, nil }

func (r *feeRig) draft() payment.FeeDraft {
	return payment.FeeDraft{Cause: feeCause, SubjectID: r.wang, AmountFen: 1600, Basis: "豫发改收费〔2019〕195号", Item: payment.ReplacementItem}
}

// by is a citizen in her own account.
func by(person, account models.ID) models.Actor {
	return models.Actor{Kind: models.CitizenActor, ID: person, Subject: person, Channel: models.WechatMini, AccountID: account, SessionID: models.NewID(),
		Level: models.LevelPhone}
}

func (r *feeRig) me() models.Actor { return by(r.wang, "0190a000-0000-7000-8000-000000000001") }

func (r *feeRig) begin(t *testing.T, by models.Actor) payment.Trade {
	t.Helper()
	b, err := r.BeginPayment(t.Context(), by, r.order)
	require.NoError(t, err)
	return b.Trade
}

func (r *feeRig) fee(t *testing.T) payment.Fee {
	t.Helper()
	f, err := r.FeeOf(t.Context(), feeCause)
	require.NoError(t, err)
	return f
}

// notice is what the provider sends once a trade is paid.
func (r *feeRig) notice(tr payment.Trade, change ...func(*payment.Told)) payment.Notice {
	told := payment.Told{Number: tr.Number, AppID: tr.AppID, MerchantID: tr.MerchantID, AmountFen: tr.AmountFen, Currency: "CNY", State: payment.ToldPaid,
		TransactionID: "T" + tr.Number, PaidAt: r.clock.Now()}
	for _, f := range change {
		f(&told)
	}
	return payment.Notice{Provider: payment.WechatPay, ID: "N" + string(models.NewID()), Trade: &told}
}

func (r *feeRig) take(t *testing.T, n payment.Notice) payment.Outcome {
	t.Helper()
	o, err := r.TakeNotice(t.Context(), n)
	require.NoError(t, err)
	return o
}

func (r *feeRig) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), query, args...).Scan(&n))
	return n
}

// sweeps asks the provider about everything that is due.
func (r *feeRig) sweeps(t *testing.T) {
	t.Helper()
	_, err := r.SweepTrades(t.Context(), 50)
	require.NoError(t, err)
	_, err = r.SweepRefunds(t.Context(), 50)
	require.NoError(t, err)
}

type feeAccounts struct{}

func (feeAccounts) PayerAccount(_ context.Context, id models.ID) (payment.Account, error) {
	if id == "" {
		return payment.Account{}, models.ErrNotFound
	}
	return payment.Account{ID: id, Platform: models.WechatMini, AppID: feeApp, OpenID: "o-" + string(id)}, nil
}

func (feeAccounts) HolderName(context.Context, models.ID) (models.Name, error) {
	return models.ParseName("王秀英")
}

type fakeClaimant struct {
	mu   sync.Mutex
	paid []string
	then func(ctx context.Context, cause string) error
}

func (c *fakeClaimant) Paid(ctx context.Context, cause string, _ time.Time) error {
	c.mu.Lock()
	c.paid = append(c.paid, cause)
	then := c.then
	c.mu.Unlock()
	if then != nil {
		return then(ctx, cause)
	}
	return nil
}

type feeAlarms struct {
	mu    sync.Mutex
	codes map[string]int
}

func (a *feeAlarms) Alarm(code string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.codes == nil {
		a.codes = map[string]int{}
	}
	a.codes[code] += n
}

// fakeBank is a provider that remembers.
type fakeBank struct {
	mu       sync.Mutex
	trades   map[string]*bankTrade
	refunds  map[string]payment.RefundState
	refunded int   // calls of Refund
	silent   error // what every call answers instead
	bill     []payment.BillLine
	lose     error // what Refund answers after having done it
}

type bankTrade struct {
	state payment.ToldState
	paid  time.Time
}

func (*fakeBank) Name() payment.ProviderName        { return payment.WechatPay }
func (*fakeBank) MerchantID() string                { return feeMch }
func (*fakeBank) Takes(channel models.Channel) bool { return channel == models.WechatMini }

func (*fakeBank) Terms(payer payment.Account) payment.Terms { return payment.Terms{AppID: payer.AppID} }

func (b *fakeBank) Prepare(_ context.Context, t payment.Trade, _ payment.Account) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent != nil {
		return "", b.silent
	}
	if have := b.trades[t.Number]; have != nil && have.state == payment.ToldPaid {
		return "", payment.ErrTradePaid
	}
	b.trades[t.Number] = &bankTrade{state: payment.ToldUnpaid}
	return "prepay-" + t.Number, nil
}

func (*fakeBank) ClientParams(_ context.Context, t payment.Trade) (map[string]string, error) {
	return map[string]string{"package": t.Ref}, nil
}

func (b *fakeBank) Ask(_ context.Context, t payment.Trade) (payment.Told, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.trades[t.Number]
	if b.silent != nil {
		return payment.Told{}, b.silent
	}
	if have == nil {
		return payment.Told{}, payment.ErrTradeUnknown
	}
	return payment.Told{Number: t.Number, AppID: t.AppID, MerchantID: feeMch, AmountFen: t.AmountFen, Currency: "CNY", State: have.state,
		TransactionID: "T" + t.Number, PaidAt: have.paid}, nil
}

func (b *fakeBank) Close(_ context.Context, t payment.Trade) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if have := b.trades[t.Number]; have != nil {
		if have.state == payment.ToldPaid {
			return payment.ErrTradePaid
		}
		have.state = payment.ToldClosed
	}
	return b.silent
}

func (b *fakeBank) Refund(_ context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent != nil {
		return payment.RefundTold{}, b.silent
	}
	b.refunded++
	if b.refunds[r.Number] == "" {
		b.refunds[r.Number] = payment.RefundProcessing
	}
	return b.told(t, r), b.lose
}

func (b *fakeBank) AskRefund(_ context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told(t, r), b.silent
}

func (b *fakeBank) told(t payment.Trade, r payment.Refund) payment.RefundTold {
	return payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: feeMch, AmountFen: r.AmountFen, State: b.refunds[r.Number], ProviderRef: "B" + r.Number}
}

func (b *fakeBank) Bill(context.Context, models.Date) ([]payment.BillLine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bill, b.silent
}

// pays marks a trade paid at the provider, without a notice.
func (b *fakeBank) pays(number string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trades[number] = &bankTrade{payment.ToldPaid, at}
}

func (b *fakeBank) refundsAre(state payment.RefundState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range b.refunds {
		b.refunds[n] = state
	}
}
