package alipay

import (
	"context"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/models"
	"onecard/models/payment"
)

// Refund asks for the refund; asked again under its number, it is the same one. fund_change Y: the money moves now; N: it
// did not move by this call, because it had before or because it has not yet, and asking tells which.
func (p *Pay) Refund(ctx context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	payload := sdk.NewPayload("alipay.trade.refund").AddBizField("out_trade_no", t.Number).AddBizField("out_request_no", r.Number).
		AddBizField("refund_amount", r.AmountFen.Yuan())
	if why := payment.RefundReason(r.Reason); why != "" {
		payload.AddBizField("refund_reason", why)
	}
	var rsp struct {
		sdk.Error
		Number  string `json:"out_trade_no"`
		TradeNo string `json:"trade_no"`
		Moved   string `json:"fund_change"`
		Sum     string `json:"refund_fee"` // of all refunds of the trade; it has one
		At      string `json:"gmt_refund_pay"`
	}
	sub, err := p.ask(ctx, p.of(t), payload, &rsp, &rsp.Error, subFinished)
	switch {
	case err != nil:
		return payment.RefundTold{}, err
	case sub == subFinished: // its time for refunds is over: only a person can give the money back
		return payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: p.seller, AmountFen: r.AmountFen, State: payment.RefundAbnormal}, nil
	case rsp.Number != t.Number:
		return payment.RefundTold{}, unclear(payload, "another trade")
	case rsp.Moved == "N":
		told, found, err := p.askRefund(ctx, t, r)
		if err == nil && !found {
			err = unclear(payload, "taken, and not done yet")
		}
		return told, err
	case rsp.Moved != "Y":
		return payment.RefundTold{}, unclear(payload, "neither moved nor not")
	}
	amount, err := models.ParseYuan(rsp.Sum)
	if err != nil {
		return payment.RefundTold{}, unclear(payload, "no amount")
	}
	at, err := instant(rsp.At)
	if err != nil {
		return payment.RefundTold{}, unclear(payload, "no instant")
	}
	return payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: p.seller, AmountFen: amount, State: payment.RefundSucceeded,
		ProviderRef: rsp.TradeNo, DoneAt: at}, nil
}

// AskRefund asks what became of a refund. One that the platform does not have, though it once answered about it, is one
// for a person.
func (p *Pay) AskRefund(ctx context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	told, found, err := p.askRefund(ctx, t, r)
	if err == nil && !found {
		told = payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: p.seller, AmountFen: r.AmountFen, State: payment.RefundAbnormal}
	}
	return told, err
}

// askRefund: an answer without refund_status says that there is no refund, or that it is not done.
func (p *Pay) askRefund(ctx context.Context, t payment.Trade, r payment.Refund) (told payment.RefundTold, found bool, err error) {
	payload := sdk.NewPayload("alipay.trade.fastpay.refund.query").AddBizField("out_trade_no", t.Number).AddBizField("out_request_no", r.Number).
		AddBizField("query_options", []string{"gmt_refund_pay"})
	var rsp struct {
		sdk.Error
		Number  string `json:"out_trade_no"`
		TradeNo string `json:"trade_no"`
		Request string `json:"out_request_no"`
		Status  string `json:"refund_status"`
		Amount  string `json:"refund_amount"`
		At      string `json:"gmt_refund_pay"`
	}
	if _, err := p.ask(ctx, p.of(t), payload, &rsp, &rsp.Error); err != nil {
		return told, false, err
	}
	switch {
	case rsp.Status == "":
		return told, false, nil
	case rsp.Status != "REFUND_SUCCESS" || rsp.Request != r.Number || rsp.Number != t.Number:
		return told, false, unclear(payload, "another refund, or an unknown state")
	}
	amount, err := models.ParseYuan(rsp.Amount)
	if err != nil {
		return told, false, unclear(payload, "no amount")
	}
	at, err := instant(rsp.At)
	if err != nil {
		return told, false, unclear(payload, "no instant")
	}
	return payment.RefundTold{Number: r.Number, TradeNumber: t.Number, MerchantID: p.seller, AmountFen: amount, State: payment.RefundSucceeded,
		ProviderRef: rsp.TradeNo, DoneAt: at}, true, nil
}
