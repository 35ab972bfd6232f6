package boot

import (
	"context"
	"time"

	"onecard/configs"
	"onecard/integrations/alipay"
	"onecard/integrations/nontax"
	"onecard/integrations/wechatpay"
	"onecard/models"
	"onecard/models/payment"
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
		Store: a.db.Fees(), Providers: providers, Claimant: claimants{}, Accounts: payers{a}, Policy: a.Policy, Gate: a.Policy,
		Watch: a.watch, Clock: a.clock, Log: a.log,
	}, payment.DefaultSettings())
	return nil
}

// claimants tells the capability that asked for a fee, by its cause, that it is paid. None asks for one yet.
type claimants struct{}

func (claimants) Paid(context.Context, string, time.Time) error { return nil }

// payers finds the platform account behind a session.
type payers struct{ app *App }

func (p payers) PayerAccount(ctx context.Context, id models.ID) (payment.Account, error) {
	if id == "" {
		return payment.Account{}, models.ErrNotFound
	}
	acc, err := p.app.db.PlatformAccounts().Account(ctx, id)
	return payment.Account{ID: acc.ID, Platform: acc.Platform, AppID: acc.AppID, OpenID: acc.OpenID}, err
}

func (p payers) HolderName(ctx context.Context, person models.ID) (models.Name, error) {
	who, err := p.app.db.Persons().Person(ctx, person)
	return who.Name, err
}
