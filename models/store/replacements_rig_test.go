package store_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/payment"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// replaceRig is replacements on a real store with the real payment capability, real policy and a real bank list; the
// registry and the payment platform are replaced by hand.
type replaceRig struct {
	*card.Service
	*applyRig
	pay      *payment.Service
	bank     *fakeBank
	registry *replaceRegistry
	by       models.Actor
	ref      models.PersonRef
	card     models.ID
	versions int64
	upcoming []card.AnnouncedPayment
}

const oldCard = models.CardRef("K-old")

func eachReplace(t *testing.T, fn func(t *testing.T, r *replaceRig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newReplaceRig(t, db)) })
}

func newReplaceRig(t *testing.T, db *store.DB) *replaceRig {
	t.Helper()
	r := &replaceRig{applyRig: newApplyRig(t, db), bank: &fakeBank{trades: map[string]*bankTrade{}, refunds: map[string]payment.RefundState{}},
		registry: &replaceRegistry{answers: map[card.CommandKind]card.Answer{}}}
	r.pay = payment.New(payment.Ports{
		Store: db.Fees(), Providers: []payment.Provider{r.bank}, Claimant: replaceClaimant{r}, Accounts: feeAccounts{}, Policy: r.applyRig.policy, Gate: tableGate{r.clock},
		Family: r.citizens.Service, Cases: &settledCases{}, Watch: &feeAlarms{}, Clock: r.clock, Log: slog.New(slog.DiscardHandler),
	}, payment.DefaultSettings())
	p := r.applyRig.Service.Ports
	p.Registry, p.Gate, p.Policy, p.Fees, p.Announced, p.Replacing = r.registry, r.applyRig.policy, lossKinds{p.Policy}, realFees{r}, r, replaceRules{r.applyRig.policy}
	p.Family = r.citizens.Service
	p.Bindings, p.Store = boundLongAgo{}, lossStore{db.Cards(), r.clock}
	r.Service = card.New(p, card.DefaultSettings())
	r.by = r.applyRig.person(t, "1980-01-01")
	r.by.CheckedAt = r.clock.Now()
	r.by.AccountID = models.NewID()
	var err error
	r.ref, err = db.PersonRef(t.Context(), r.by.ID)
	require.NoError(t, err)
	r.cardIs(t, oldCard, nil)
	cards, err := db.Cards().CardsOfPerson(t.Context(), r.by.ID)
	require.NoError(t, err)
	r.card = cards[0].ID
	return r
}

// cardIs takes a fact about a card from the feed.
func (r *replaceRig) cardIs(t *testing.T, ref models.CardRef, bend func(*card.Fact)) {
	t.Helper()
	require.NoError(t, r.fact(t.Context(), ref, bend))
}

func (r *replaceRig) fact(ctx context.Context, ref models.CardRef, bend func(*card.Fact)) error {
	r.versions++
	f := card.Fact{Ref: ref, PersonRef: r.ref, NumberMask: "A*****123", Area: "410303", BankCode: "ICBC", AccountTail: "1234", Social: card.SocialNormal,
		Financial: card.FinancialActive, Holding: card.Collected, Version: r.versions, ChangedAt: r.clock.Now()}
	if bend != nil {
		bend(&f)
	}
	return r.db.InTx(ctx, func(ctx context.Context) error {
		_, err := r.Service.ApplyFacts(ctx, []card.Fact{f})
		return err
	})
}

// stage takes a fact about what a replacement ordered.
func (r *replaceRig) stage(t *testing.T, on card.ApplicationEvent, bend ...func(*card.ApplicationFact)) {
	t.Helper()
	r.versions++
	f := card.ApplicationFact{RequestID: r.registry.sent(card.CommandReplacement)[0].ID, Reference: "BH-1", PersonRef: r.ref, Event: on, Version: 100 + r.versions, ChangedAt: r.clock.Now()}
	for _, b := range bend {
		b(&f)
	}
	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error {
		return r.Service.ApplyApplicationFacts(ctx, []card.ApplicationFact{f})
	}))
}

func (r *replaceRig) ask(t *testing.T, reason card.ReplacementReason) card.ReplaceResult {
	t.Helper()
	res, err := r.RequestReplacement(t.Context(), r.fresh(), r.in(reason))
	require.NoError(t, err)
	return res
}

// fresh is the holder, checked just now.
func (r *replaceRig) fresh() models.Actor {
	r.by.CheckedAt = r.clock.Now()
	return r.by
}

func (r *replaceRig) withdraw(t *testing.T, one card.Replacement) card.Replacement {
	t.Helper()
	out, err := r.WithdrawReplacement(t.Context(), r.fresh(), one.ID)
	require.NoError(t, err)
	return out
}

func (r *replaceRig) in(reason card.ReplacementReason) card.ReplaceInput {
	return card.ReplaceInput{CardID: r.card, Reason: reason, OutletRef: "W-1"}
}

func (r *replaceRig) feeOf(t *testing.T, one card.Replacement) payment.Fee {
	t.Helper()
	f, err := r.pay.FeeOf(t.Context(), one.Cause())
	require.NoError(t, err)
	return f
}

// begin opens a trade for a replacement's fee.
func (r *replaceRig) begin(t *testing.T, one card.Replacement) payment.Trade {
	t.Helper()
	b, err := r.pay.BeginPayment(t.Context(), r.by, r.feeOf(t, one).OrderID)
	require.NoError(t, err)
	return b.Trade
}

func paidNotice(tr payment.Trade, at time.Time) payment.Notice {
	return payment.Notice{Provider: payment.WechatPay, ID: "N" + string(models.NewID()), Trade: &payment.Told{Number: tr.Number, AppID: tr.AppID,
		MerchantID: tr.MerchantID, AmountFen: tr.AmountFen, Currency: "CNY", State: payment.ToldPaid, TransactionID: "T" + tr.Number, PaidAt: at}}
}

func (r *replaceRig) paid(t *testing.T, one card.Replacement) {
	t.Helper()
	o, err := r.pay.TakeNotice(t.Context(), paidNotice(r.begin(t, one), r.clock.Now()))
	require.NoError(t, err)
	require.Equal(t, payment.OutcomePaid, o)
}

// carry lets the sweep carry what is due.
func (r *replaceRig) carry(t *testing.T) {
	t.Helper()
	r.clock.Advance(time.Minute)
	_, err := r.Sweep(t.Context(), 50)
	require.NoError(t, err)
}

func (r *replaceRig) now(t *testing.T, one card.Replacement) card.Replacement {
	t.Helper()
	out, err := r.db.Cards().Replacement(t.Context(), one.ID)
	require.NoError(t, err)
	return out
}

// backIs follows refunds to their end and requires that exactly n were made, once each.
func (r *replaceRig) backIs(t *testing.T, n int) {
	t.Helper()
	for range 3 {
		_, err := r.pay.SweepRefunds(t.Context(), 1000)
		require.NoError(t, err)
		r.bank.refundsAre(payment.RefundSucceeded)
		r.clock.Advance(time.Hour)
	}
	require.Equal(t, n, r.many(t, "SELECT count(*) FROM fee_refunds WHERE state = 'succeeded'"))
	require.Equal(t, n, r.many(t, "SELECT count(*) FROM fee_refunds"))
	require.Len(t, r.bank.refunds, n)
}

func (r *replaceRig) many(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, r.db.Q(t.Context()).Raw(query, args...).Row().Scan(&n))
	return n
}

func (r *replaceRig) set(t *testing.T, key, value, basis string) {
	t.Helper()
	_, err := r.applyRig.policy.Set(t.Context(), models.Actor{Kind: models.SystemActor, Channel: models.Console}, policy.SetInput{Key: key, Value: value, Basis: basis, SetBy: "tester"})
	require.NoError(t, err)
}

// AnnouncedTo is what the test says.
func (r *replaceRig) AnnouncedTo(_ context.Context, _ models.ID, tail string) ([]card.AnnouncedPayment, error) {
	if tail != "1234" {
		return nil, nil
	}
	return r.upcoming, nil
}

type replaceClaimant struct{ r *replaceRig }

func (c replaceClaimant) Paid(ctx context.Context, cause string, at time.Time) error {
	return c.r.FeePaid(ctx, cause, at)
}

type lossKinds struct{ card.Policy }

func (lossKinds) LossKind(context.Context, models.Channel, time.Time) (card.LossKind, error) {
	return card.LossAsRegistry, nil
}

func (lossKinds) ReleaseAfterPhoneLoss(context.Context, time.Time) (string, error) {
	return "same", nil
}

type boundLongAgo struct{}

func (boundLongAgo) BoundAt(context.Context, models.ID) (time.Time, error) {
	return start.AddDate(-1, 0, 0), nil
}

type replaceRules struct{ p *policy.Service }

func (r replaceRules) ReplacementRules(ctx context.Context, at time.Time) (card.ReplacementRules, error) {
	now, err := r.p.ReplacementAt(ctx, at)
	out := card.ReplacementRules{Online: map[card.ReplacementReason]bool{}, UnpaidDays: now.UnpaidDays, ActivateDays: now.ActivateDays, Papers: now.Papers, MinorPapers: now.MinorPapers}
	for reason, online := range now.Online {
		out.Online[card.ReplacementReason(reason)] = online
	}
	return out, err
}

// realFees is the payment capability as replacements see it.
type realFees struct{ r *replaceRig }

func (f realFees) Quote(ctx context.Context, district string, at time.Time) (card.FeeQuote, error) {
	amount, basis, err := f.r.applyRig.policy.ReplacementFeeOn(ctx, district, at)
	if err == nil && amount > 0 {
		err = f.r.pay.Open(ctx)
	}
	return card.FeeQuote{AmountFen: amount, Basis: basis, Item: payment.ReplacementItem}, err
}

func (f realFees) OpenFee(ctx context.Context, cause string, subject models.ID, q card.FeeQuote) error {
	_, err := f.r.pay.OpenFee(ctx, payment.FeeDraft{Cause: cause, SubjectID: subject, AmountFen: q.AmountFen, Basis: q.Basis, Item: q.Item})
	return err
}

func (f realFees) ReturnFee(ctx context.Context, cause, why string) error {
	return f.r.pay.ReturnFee(ctx, cause, why)
}

func (f realFees) FeeOf(ctx context.Context, cause string) (card.Fee, error) {
	have, err := f.r.pay.FeeOf(ctx, cause)
	return card.Fee{OrderID: have.OrderID, AmountFen: have.AmountFen, State: string(have.State)}, err
}

// replaceRegistry takes every command unless told otherwise, and remembers.
type replaceRegistry struct {
	mu      sync.Mutex
	answers map[card.CommandKind]card.Answer
	told    []card.Command
	forms   []card.Application
	down    bool
	lose    bool
	heard   map[models.ID]card.Answer
}

func (g *replaceRegistry) CardsOf(context.Context, models.PersonRef) ([]card.Fact, error) {
	return nil, nil
}

func (g *replaceRegistry) Fenced() bool { return true }

func (g *replaceRegistry) Carry(_ context.Context, c card.Command, a *card.Application) (card.Answer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.down {
		return card.Answer{}, card.ErrNotSent
	}
	g.told = append(g.told, c)
	if a != nil {
		g.forms = append(g.forms, *a)
	}
	answer, ok := g.answers[c.Kind]
	if !ok {
		answer = card.Answer{Outcome: card.OutcomeDone, Code: "00", Reference: "GS-1"}
		if c.Kind == card.CommandReplacement {
			answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "BH-1", ApplicationVersion: 1}
		}
	}
	if g.heard == nil {
		g.heard = map[models.ID]card.Answer{}
	}
	g.heard[c.ID] = answer
	if g.lose {
		return card.Answer{}, context.DeadlineExceeded
	}
	return answer, nil
}

func (g *replaceRegistry) Asked(_ context.Context, id models.ID) (card.Answer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.heard[id]; ok {
		return a, nil
	}
	return card.Answer{}, card.ErrNeverHeard
}

func (g *replaceRegistry) sent(kinds ...card.CommandKind) (out []card.Command) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.told {
		if slices.Contains(kinds, c.Kind) {
			out = append(out, c)
		}
	}
	return out
}
