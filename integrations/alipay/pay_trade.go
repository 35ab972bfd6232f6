package alipay

import (
	"context"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/models"
	"onecard/models/payment"
)

// Prepare makes the trade known; asked again it gives the same trade_no. The trade is built field by field: the SDK's own
// type sends empty fields that the vendor takes for values.
func (p *Pay) Prepare(ctx context.Context, t payment.Trade, payer payment.Account) (string, error) {
	a := p.apps[t.AppID]
	if a == nil {
		return "", payment.ErrPayChannel // an app that is ours no more
	}
	payload := sdk.NewPayload("alipay.trade.create").AddParam("notify_url", p.notify).
		AddBizField("out_trade_no", t.Number).AddBizField("total_amount", t.AmountFen.Yuan()).AddBizField("subject", t.Item).
		AddBizField("product_code", "JSAPI_PAY").AddBizField("seller_id", p.seller).AddBizField("buyer_open_id", payer.OpenID).
		AddBizField("time_expire", t.ExpiresAt.In(models.Shanghai).Format(time.DateTime))
	if a.channel == models.AlipayMini {
		payload.AddBizField("op_app_id", a.id)
	}
	var rsp struct {
		sdk.Error
		Number  string `json:"out_trade_no"`
		TradeNo string `json:"trade_no"`
	}
	sub, err := p.ask(ctx, a, payload, &rsp, &rsp.Error, subPaid)
	switch {
	case err != nil:
		return "", err
	case sub == subPaid:
		return "", payment.ErrTradePaid
	case rsp.TradeNo == "" || len(rsp.TradeNo) > 64 || rsp.Number != t.Number:
		return "", unclear(payload, "no usable trade_no")
	}
	return rsp.TradeNo, nil
}

// ClientParams are those of my.tradePay.
func (p *Pay) ClientParams(_ context.Context, t payment.Trade) (map[string]string, error) {
	return map[string]string{"tradeNO": t.Ref}, nil
}

// Ask asks what became of a trade. The platform does not know it before the payer has opened it, and names neither app nor
// merchant in this answer: it answers only about the merchant whose app signed the question.
func (p *Pay) Ask(ctx context.Context, t payment.Trade) (payment.Told, error) {
	payload := sdk.NewPayload("alipay.trade.query").AddBizField("out_trade_no", t.Number)
	var rsp struct {
		sdk.Error
		Number   string `json:"out_trade_no"`
		TradeNo  string `json:"trade_no"`
		Status   string `json:"trade_status"`
		Total    string `json:"total_amount"`
		PaidBy   string `json:"buyer_pay_amount"`
		Received string `json:"receipt_amount"`
		PaidAt   string `json:"send_pay_date"`
		Currency string `json:"trans_currency"`
	}
	sub, err := p.ask(ctx, p.of(t), payload, &rsp, &rsp.Error, subNoTrade)
	switch {
	case err != nil:
		return payment.Told{}, err
	case sub == subNoTrade:
		return payment.Told{}, payment.ErrTradeUnknown
	case rsp.Number != t.Number:
		return payment.Told{}, unclear(payload, "another trade")
	}
	amount, err := models.ParseYuan(rsp.Total)
	if err != nil {
		return payment.Told{}, unclear(payload, "no amount")
	}
	at, err := instant(rsp.PaidAt)
	if err != nil {
		return payment.Told{}, unclear(payload, "no instant of payment")
	}
	state, err := toldState(rsp.Status, !at.IsZero() || some(rsp.PaidBy) || some(rsp.Received))
	if err != nil {
		return payment.Told{}, unclear(payload, "unknown state")
	}
	return payment.Told{Number: t.Number, AppID: t.AppID, MerchantID: p.seller, AmountFen: amount, Currency: currency(rsp.Currency), State: state,
		TransactionID: rsp.TradeNo, PaidAt: at}, nil
}

// some reports an amount above nothing.
func some(yuan string) bool {
	fen, err := models.ParseYuan(yuan)
	return err == nil && fen > 0
}

// Close ends an unpaid trade. The platform has one word for a trade that is paid and one that is closed already: asking
// tells them apart.
func (p *Pay) Close(ctx context.Context, t payment.Trade) error {
	payload := sdk.NewPayload("alipay.trade.close").AddBizField("out_trade_no", t.Number)
	var rsp struct{ sdk.Error }
	sub, err := p.ask(ctx, p.of(t), payload, &rsp, &rsp.Error, subNoTrade, subState, subState2, subState3)
	if err != nil || sub == "" || sub == subNoTrade {
		return err
	}
	told, err := p.Ask(ctx, t)
	switch {
	case err != nil:
		return err
	case told.State == payment.ToldPaid:
		return payment.ErrTradePaid
	case told.State == payment.ToldClosed:
		return nil
	}
	return unclear(payload, "neither closed nor paid")
}
