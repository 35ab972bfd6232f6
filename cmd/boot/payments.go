package boot

import (
	"context"
	"errors"
	"time"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/nontax"
	"onecard/integrations/wechatpay"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/store"
)

// joinPayments makes the payment capability with every provider that has a merchant account in the settings.
func (a *App) joinPayments() error {
	var providers []payment.Provider
	if a.cfg.WechatPay.MerchantID != "" {
		var err error
		if a.wechatPay, err = wechatpay.New(a.cfg.WechatPay, a.cfg.HTTP.PublicURL+"/callbacks/wechatpay", a.clock); err != nil {
			return err
		}
		providers = append(providers, a.wechatPay)
	}
	if a.cfg.Alipay.SellerID != "" {
		var err error
		deps := alipay.Deps{Log: a.log, KeysAllowed: a.cfg.Mode != configs.ModeProduction}
		if a.alipayPay, err = alipay.NewPay(a.cfg.Alipay, a.cfg.HTTP.PublicURL+"/callbacks/alipay/trade", deps); err != nil {
			return err
		}
		providers = append(providers, a.alipayPay)
	}
	if a.cfg.NonTax.UnitCode != "" {
		var err error
		if a.nonTax, err = nontax.New(a.cfg.NonTax, a.cfg.HTTP.PublicURL+"/callbacks/nontax"); err != nil {
			return err
		}
		providers = append(providers, a.nonTax)
	}
	a.Payments = payment.New(payment.Ports{
		Store: feeStore{a.db.Fees(), a.Citizens}, Providers: providers, Claimant: claimants{a}, Accounts: payers{a}, Policy: a.Policy, Gate: a.Policy,
		Family: a.Citizens, Cases: settledCases{a},
		Watch: a.watch, Clock: a.clock, Log: a.log,
	}, payment.DefaultSettings())
	return nil
}

// settledCases closes cases of the system's own.
type settledCases struct{ app *App }

func (c settledCases) SettleCase(ctx context.Context, cause string) error {
	return c.app.Hotline.SettleCase(ctx, cause)
}

// feeStore tells the guardians of a child too, or instead, as they chose.
type feeStore struct {
	*store.Fees
	told *citizen.Service
}

func (s feeStore) AddNotice(ctx context.Context, d notice.Draft) error {
	drafts, err := s.told.Told(ctx, d)
	if err != nil {
		return err
	}
	return s.AddNotices(ctx, drafts)
}

// claimants tells the capability that asked for a fee, by its cause, that it is paid.
type claimants struct{ app *App }

// Paid: money for a cause that nobody claims stays where it is and alarms: a person decides.
func (c claimants) Paid(ctx context.Context, cause string, at time.Time) error {
	err := c.app.Cards.FeePaid(ctx, cause, at)
	if errors.Is(err, card.ErrReplacementNotFound) {
		c.app.db.AfterCommit(ctx, func() {
			c.app.watch.Alarm("FEE_UNCLAIMED", 1)
			c.app.log.ErrorContext(ctx, "a fee is paid that nobody asked for", "code", "FEE_UNCLAIMED")
		})
		return nil
	}
	return err
}

// cardFees takes the fee of replacements: the amount is policy's, the order is payment's.
type cardFees struct{ app *App }

func (f cardFees) Quote(ctx context.Context, district string, at time.Time) (card.FeeQuote, error) {
	amount, basis, err := f.app.Policy.ReplacementFeeOn(ctx, district, at)
	if err == nil && amount > 0 { // where it is waived, nobody needs a way to pay it
		err = f.app.Payments.Open(ctx)
	}
	return card.FeeQuote{AmountFen: amount, Basis: basis, Item: payment.ReplacementItem}, err
}

func (f cardFees) OpenFee(ctx context.Context, cause string, subject models.ID, q card.FeeQuote) error {
	_, err := f.app.Payments.OpenFee(ctx, payment.FeeDraft{Cause: cause, SubjectID: subject, AmountFen: q.AmountFen, Basis: q.Basis, Item: q.Item})
	return err
}

func (f cardFees) ReturnFee(ctx context.Context, cause, why string) error {
	return f.app.Payments.ReturnFee(ctx, cause, why)
}

func (f cardFees) FeeOf(ctx context.Context, cause string) (card.Fee, error) {
	have, err := f.app.Payments.FeeOf(ctx, cause)
	if err != nil {
		return card.Fee{}, err
	}
	return card.Fee{OrderID: have.OrderID, Number: have.Number, AmountFen: have.AmountFen, State: string(have.State), Label: payment.OrderLabel(have.State),
		Payable: have.State == payment.OrderCreated || have.State == payment.OrderPaying, Refund: have.RefundLabel}, nil
}

// announcements tells which payments are on their way to an account.
type announcements struct{ app *App }

func (n announcements) AnnouncedTo(ctx context.Context, person models.ID, tail string) ([]card.AnnouncedPayment, error) {
	list, err := n.app.Subsidies.AnnouncedTo(ctx, person, tail)
	out := make([]card.AnnouncedPayment, len(list))
	for i, a := range list {
		out[i] = card.AnnouncedPayment{Name: a.Name, LedgerMonth: a.Payment.Key.LedgerMonth, AmountFen: a.Payment.AmountFen}
	}
	return out, err
}

// payers finds the platform account behind a session.
type payers struct{ app *App }

func (p payers) PayerAccount(ctx context.Context, id models.ID) (payment.Account, error) {
	if id == "" {
		return payment.Account{}, models.ErrNotFound
	}
	acc, err := p.app.db.PlatformAccounts().Account(ctx, id)
	return payment.Account{ID: acc.ID, Platform: acc.Platform, AppID: acc.AppID, OpenID: acc.OpenID}, err
}

// HolderName is the name that the registry told.
func (p payers) HolderName(ctx context.Context, person models.ID) (models.Name, error) {
	known, err := p.app.db.Persons().Person(ctx, person)
	return known.Name, err
}
