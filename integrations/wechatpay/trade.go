package wechatpay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"onecard/models"
	"onecard/models/payment"
)

// Name names the provider in rows.
func (*Pay) Name() payment.ProviderName { return payment.WechatPay }

// MerchantID is our merchant number.
func (p *Pay) MerchantID() string { return p.merchant }

// Takes reports that WeChat's accounts pay here.
func (*Pay) Takes(channel models.Channel) bool {
	return channel == models.WechatMini || channel == models.WechatOA
}

// Terms are the payer's own app.
func (*Pay) Terms(payer payment.Account) payment.Terms { return payment.Terms{AppID: payer.AppID} }

// Prepare makes the trade known; asked again it gives the same prepay_id.
func (p *Pay) Prepare(ctx context.Context, t payment.Trade, payer payment.Account) (ref string, err error) {
	defer guard("prepay", &err)
	svc := jsapi.JsapiApiService{Client: p.client}
	expires := t.ExpiresAt.In(models.Shanghai)
	res, _, err := svc.Prepay(ctx, jsapi.PrepayRequest{
		Appid: core.String(t.AppID), Mchid: core.String(p.merchant), Description: core.String(t.Item), OutTradeNo: core.String(t.Number),
		TimeExpire: &expires, NotifyUrl: core.String(p.notify), Payer: &jsapi.Payer{Openid: core.String(payer.OpenID)},
		Amount: &jsapi.Amount{Total: core.Int64(int64(t.AmountFen)), Currency: core.String("CNY")},
	})
	if err != nil {
		return "", told("prepay", err)
	}
	if text(res.PrepayId) == "" {
		return "", unreadable("prepay")
	}
	return *res.PrepayId, nil
}

// ClientParams are those of wx.requestPayment, signed now.
func (p *Pay) ClientParams(ctx context.Context, t payment.Trade) (map[string]string, error) {
	at, nonce, pack := strconv.FormatInt(p.clock.Now().Unix(), 10), rand.Text(), "prepay_id="+t.Ref
	s, err := p.client.Sign(ctx, t.AppID+"\n"+at+"\n"+nonce+"\n"+pack+"\n")
	if err != nil {
		return nil, unreadable("sign")
	}
	return map[string]string{"appId": t.AppID, "timeStamp": at, "nonceStr": nonce, "package": pack, "signType": "RSA", "paySign": s.Signature}, nil
}

// Ask asks what became of a trade.
func (p *Pay) Ask(ctx context.Context, t payment.Trade) (out payment.Told, err error) {
	defer guard("query", &err)
	svc := jsapi.JsapiApiService{Client: p.client}
	res, _, err := svc.QueryOrderByOutTradeNo(ctx, jsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: core.String(t.Number), Mchid: core.String(p.merchant)})
	if err != nil {
		return payment.Told{}, told("query", err)
	}
	out, err = toldOf(*res)
	if err != nil || out.Number != t.Number {
		return payment.Told{}, unreadable("query")
	}
	return out, nil
}

// toldOf is a transaction in our words.
func toldOf(x payments.Transaction) (payment.Told, error) {
	out := payment.Told{Number: text(x.OutTradeNo), AppID: text(x.Appid), MerchantID: text(x.Mchid), TransactionID: text(x.TransactionId)}
	if x.Amount != nil && x.Amount.Total != nil {
		out.AmountFen, out.Currency = models.Fen(*x.Amount.Total), text(x.Amount.Currency)
	}
	switch state := text(x.TradeState); state {
	case "SUCCESS", "REFUND":
		out.State = payment.ToldPaid
		at, err := time.Parse(time.RFC3339, text(x.SuccessTime))
		if err != nil {
			return out, errors.New("no instant of payment")
		}
		out.PaidAt = models.Instant(at)
	case "CLOSED", "REVOKED":
		out.State = payment.ToldClosed
	case "NOTPAY", "USERPAYING", "PAYERROR", "ACCEPT":
		out.State = payment.ToldUnpaid
	default:
		return out, errors.New("unknown state")
	}
	return out, nil
}

// Close ends an unpaid trade.
func (p *Pay) Close(ctx context.Context, t payment.Trade) (err error) {
	defer guard("close", &err)
	svc := jsapi.JsapiApiService{Client: p.client}
	_, err = svc.CloseOrder(ctx, jsapi.CloseOrderRequest{OutTradeNo: core.String(t.Number), Mchid: core.String(p.merchant)})
	if err = told("close", err); errors.Is(err, payment.ErrTradeUnknown) {
		return nil
	}
	return err
}

// Refund asks for the refund; asked again under its number, it is the same one. The reason a payer reads is short and
// ours.
func (p *Pay) Refund(ctx context.Context, t payment.Trade, r payment.Refund) (out payment.RefundTold, err error) {
	defer guard("refund", &err)
	svc := refunddomestic.RefundsApiService{Client: p.client}
	req := refunddomestic.CreateRequest{
		OutTradeNo: core.String(t.Number), OutRefundNo: core.String(r.Number), NotifyUrl: core.String(p.notify),
		Amount: &refunddomestic.AmountReq{Refund: core.Int64(int64(r.AmountFen)), Total: core.Int64(int64(t.PaidFen)), Currency: core.String("CNY")},
	}
	if why := payment.RefundReason(r.Reason); why != "" {
		req.Reason = core.String(why)
	}
	res, _, err := svc.Create(ctx, req)
	if err != nil {
		return out, told("refund", err)
	}
	return p.refundTold(res, r)
}

// AskRefund asks what became of a refund.
func (p *Pay) AskRefund(ctx context.Context, _ payment.Trade, r payment.Refund) (out payment.RefundTold, err error) {
	defer guard("refund query", &err)
	svc := refunddomestic.RefundsApiService{Client: p.client}
	res, _, err := svc.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: core.String(r.Number)})
	if err != nil {
		return out, told("refund query", err)
	}
	return p.refundTold(res, r)
}

func (p *Pay) refundTold(x *refunddomestic.Refund, r payment.Refund) (payment.RefundTold, error) {
	if x.Status == nil || text(x.OutRefundNo) != r.Number || x.Amount == nil || x.Amount.Refund == nil {
		return payment.RefundTold{}, unreadable("refund")
	}
	out := payment.RefundTold{Number: r.Number, TradeNumber: text(x.OutTradeNo), MerchantID: p.merchant, AmountFen: models.Fen(*x.Amount.Refund),
		ProviderRef: text(x.RefundId)}
	if x.SuccessTime != nil {
		out.DoneAt = models.Instant(*x.SuccessTime)
	}
	var ok bool
	if out.State, ok = refundStates[string(*x.Status)]; !ok {
		return payment.RefundTold{}, unreadable("refund")
	}
	return out, nil
}

// refundStates are the vendor's. A closed refund gives nothing back: a person acts, as on an abnormal one.
var refundStates = map[string]payment.RefundState{
	"PROCESSING": payment.RefundProcessing, "SUCCESS": payment.RefundSucceeded, "ABNORMAL": payment.RefundAbnormal, "CLOSED": payment.RefundAbnormal,
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// vendorError is a refusal in the vendor's code, for the cause of our error; texts and headers may quote what was sent.
type vendorError struct{ call, code string }

func (e *vendorError) Error() string { return "wechatpay " + e.call + ": " + e.code }

func unreadable(call string) error {
	return models.ErrUnavailable.Because(&vendorError{call, "unreadable answer"})
}

// told turns what the SDK says into the errors the port promises.
func told(call string, err error) error {
	if err == nil {
		return nil
	}
	var vendor *core.APIError
	var network *net.OpError
	switch {
	case errors.As(err, &vendor):
		switch vendor.Code {
		case "ORDERPAID":
			return payment.ErrTradePaid
		case "ORDER_NOT_EXIST":
			return payment.ErrTradeUnknown
		}
		return models.ErrUnavailable.Because(&vendorError{call, word(vendor.Code) + " " + strconv.Itoa(vendor.StatusCode)})
	case errors.Is(err, context.DeadlineExceeded):
		return models.ErrUnavailable.Because(&vendorError{call, "no answer in time"})
	case errors.As(err, &network):
		return models.ErrUnavailable.Because(&vendorError{call, "no connection"})
	}
	return models.ErrUnavailable.Because(&vendorError{call, fmt.Sprintf("not believed or unreadable (%T)", err)})
}

// word keeps a vendor's code only as far as it looks like one.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, s[:min(len(s), 40)])
}

// guard turns a panic of the SDK, which an unheard-of answer may bring about, into an error.
func guard(call string, err *error) {
	if recover() != nil {
		*err = models.ErrUnavailable.Because(&vendorError{call, "the SDK panicked"})
	}
}
