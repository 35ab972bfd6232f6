package alipay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/configs"
	"onecard/models"
	"onecard/models/payment"
)

// Pay is our merchant account at Alipay, for which every one of our apps takes money (alipay.trade.create and
// my.tradePay).
type Pay struct {
	seller  string
	notify  string
	gateway *url.URL
	apps    map[string]*app // by app id
	first   *app            // the first in the settings asks what belongs to no app: bills
	files   *http.Client
}

var _ payment.Provider = (*Pay)(nil)

// NewPay makes the adapter. notify is our address for notices. It calls nobody.
func NewPay(cfg configs.Alipay, notify string, d Deps) (*Pay, error) {
	if u, err := url.Parse(notify); err != nil || u.Host == "" || u.RawQuery != "" {
		return nil, errors.New("alipay: the address for notices is not an address without a query")
	}
	if cfg.SellerID == "" || len(cfg.Apps) == 0 {
		return nil, errors.New("alipay: a merchant account and an app are needed to take money")
	}
	p := &Pay{seller: cfg.SellerID, notify: notify, apps: map[string]*app{},
		files: &http.Client{Transport: shared, Timeout: cfg.Timeout, CheckRedirect: noRedirect}}
	for _, settings := range cfg.Apps {
		channel := models.AlipayMini
		if settings.Kind == "life" {
			channel = models.AlipayLife
		}
		settings.ContentKey = configs.Secret{} // money is not encrypted, only signed
		a, err := newApp(cfg, settings, settings.Kind, channel, d)
		if err != nil {
			return nil, err
		}
		p.apps[a.id] = a
		if p.first == nil {
			p.first = a
		}
	}
	var err error
	p.gateway, err = url.Parse(cfg.GatewayURL)
	return p, err
}

// Name names the provider in rows.
func (*Pay) Name() payment.ProviderName { return payment.Alipay }

// MerchantID is our merchant account (PID).
func (p *Pay) MerchantID() string { return p.seller }

// Takes reports whether an app of ours on that channel takes money.
func (p *Pay) Takes(channel models.Channel) bool {
	for _, a := range p.apps {
		if a.channel == channel {
			return true
		}
	}
	return false
}

// Terms are the payer's own app.
func (*Pay) Terms(payer payment.Account) payment.Terms { return payment.Terms{AppID: payer.AppID} }

// of is the app in which a trade was begun. One that is ours no more can still be asked about by another: trades belong to
// the merchant.
func (p *Pay) of(t payment.Trade) *app {
	if a := p.apps[t.AppID]; a != nil {
		return a
	}
	return p.first
}

// The vendor's refusals that a payment goes on with. Each may be believed only where the answer is signed.
const (
	subNoTrade  = "ACQ.TRADE_NOT_EXIST"
	subPaid     = "ACQ.TRADE_HAS_SUCCESS"
	subFinished = "ACQ.TRADE_HAS_FINISHED"
	subState    = "ACQ.TRADE_STATUS_ERROR"
	subState2   = "ACQ.REASON_TRADE_STATUS_INVALID"
	subState3   = "ACQ.REASON_ILLEGAL_STATUS"
	subNoBill   = "BILL_NOT_EXIST"
	subNoBill2  = "isp.bill_not_exist"
)

// ask sends one call of an app. sub is a signed refusal among those that the caller can go on with; any other, an
// unsigned one, a failure of the system and no answer at all are errors that leave the fate open.
func (p *Pay) ask(ctx context.Context, a *app, payload *sdk.Payload, rsp any, code *sdk.Error, goOn ...string) (sub string, err error) {
	method, signed := payload.APIName(), false
	told, err := a.call(ctx, method, func(ctx context.Context) (sdk.Error, error) {
		err := a.client.Request(ctx, payload, rsp)
		signed = err == nil
		return *code, err
	})
	if err == nil && signed && told.Code == "40004" && slices.Contains(goOn, told.SubCode) {
		return told.SubCode, nil
	}
	err = a.refusal(ctx, method, told, err)
	if models.KindOf(err) == models.Unauthenticated { // a log-in's word; there are no log-in codes here
		err = models.ErrUnavailable.Because(err)
	}
	return "", err
}

// unclear is an answer that was signed and says nothing we can act on.
func unclear(payload *sdk.Payload, cause string) error {
	return models.ErrUnavailable.Because(&callError{method: payload.APIName(), cause: cause})
}

// instant reads the vendor's time, which is Beijing's and may have fractions. Nothing is the zero instant.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateTime, s, models.Shanghai)
	if err != nil {
		return time.Time{}, fmt.Errorf("not an instant: %w", errUnreadable)
	}
	return models.Instant(at), nil
}

var errUnreadable = errors.New("unreadable")

// toldState is what a trade's state says. A closed one may be one that nobody paid, or one whose whole money went back:
// there, money came.
func toldState(status string, moneyCame bool) (payment.ToldState, error) {
	switch status {
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		return payment.ToldPaid, nil
	case "TRADE_CLOSED":
		if moneyCame {
			return payment.ToldPaid, nil
		}
		return payment.ToldClosed, nil
	case "WAIT_BUYER_PAY":
		return payment.ToldUnpaid, nil
	}
	return "", errUnreadable
}

// currency is the vendor's word for it; only trades across the border carry one.
func currency(s string) string {
	if s == "" {
		return "CNY"
	}
	return s
}
