package alipay

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"onecard/models"
	"onecard/models/payment"
)

// Notice reads a notice: first the platform's signature over the form, with the keys of the app that it names; then what
// it says. payment.ErrCallback for what the platform did not send, payment.ErrCallbackBody for what it did and we cannot
// read. Their causes quote nothing.
//
// The signed text joins sorted pairs of name=value with &, so the same text could be cut into other fields by a name that
// holds = or &, or a value that holds &: no notice of the platform's about our trades has one. A certificate is not fetched for a notice (newClient), and
// one that is not ours is not believed.
func (p *Pay) Notice(ctx context.Context, body []byte) (n payment.Notice, err error) {
	defer func() {
		if recover() != nil {
			n, err = payment.Notice{}, payment.ErrCallback
		}
	}()
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return n, payment.ErrCallback.Because(errors.New("alipay: not a form"))
	}
	for name, values := range form {
		if len(values) != 1 || strings.ContainsAny(name, "&=") || strings.Contains(values[0], "&") {
			return n, payment.ErrCallback.Because(errors.New("alipay: a field stands twice, or hides another"))
		}
	}
	a := p.apps[form.Get("app_id")]
	if a == nil || form.Get("sign_type") != "RSA2" || form.Get("sign") == "" {
		return n, payment.ErrCallback.Because(errors.New("alipay: not for an app of ours, or not signed with RSA2"))
	}
	if err := a.client.VerifySign(ctx, form); err != nil {
		return n, payment.ErrCallback.Because(errors.New("alipay: the signature is not believed"))
	}
	n = payment.Notice{Provider: payment.Alipay, ID: form.Get("notify_id")}
	if n.ID == "" || len(n.ID) > 128 || form.Get("notify_type") != "trade_status_sync" || form.Get("out_trade_no") == "" {
		return payment.Notice{}, payment.ErrCallbackBody
	}
	if form.Get("gmt_refund") != "" && form.Get("out_biz_no") != "" {
		n.Refund, err = refundNotice(form)
	} else {
		n.Trade, err = tradeNotice(form)
	}
	if err != nil {
		return payment.Notice{}, payment.ErrCallbackBody.Because(errors.New("alipay: an amount, an instant or a state cannot be read"))
	}
	return n, nil
}

// tradeNotice is what became of a trade.
func tradeNotice(form url.Values) (*payment.Told, error) {
	amount, err := models.ParseYuan(form.Get("total_amount"))
	if err != nil {
		return nil, err
	}
	at, err := instant(form.Get("gmt_payment"))
	if err != nil {
		return nil, err
	}
	state, err := toldState(form.Get("trade_status"), !at.IsZero())
	if err != nil {
		return nil, err
	}
	return &payment.Told{Number: form.Get("out_trade_no"), AppID: form.Get("app_id"), MerchantID: form.Get("seller_id"), AmountFen: amount,
		Currency: currency(form.Get("trans_currency")), State: state, TransactionID: form.Get("trade_no"), PaidAt: at}, nil
}

// refundNotice is that money went back. Its refund_fee is the sum of a trade's refunds; ours have one.
func refundNotice(form url.Values) (*payment.RefundTold, error) {
	amount, err := models.ParseYuan(form.Get("refund_fee"))
	if err != nil {
		return nil, err
	}
	at, err := instant(form.Get("gmt_refund"))
	if err != nil {
		return nil, err
	}
	return &payment.RefundTold{Number: form.Get("out_biz_no"), TradeNumber: form.Get("out_trade_no"), MerchantID: form.Get("seller_id"),
		AmountFen: amount, State: payment.RefundSucceeded, ProviderRef: form.Get("trade_no"), DoneAt: at}, nil
}
