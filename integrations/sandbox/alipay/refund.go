package alipay

import (
	"errors"
	"slices"
	"time"
)

type refund struct {
	Number, Trade  string
	Amount         int64
	MadeAt, DoneAt time.Time // DoneAt is zero while it is held back
}

var (
	refundsOver    = refusal{"40004", "Business Failed", "ACQ.TRADE_HAS_FINISHED", "交易已完结"}
	tooMuchBack    = refusal{"40004", "Business Failed", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"}
	otherRefund    = refusal{"40004", "Business Failed", "ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求"}
	billIsNotThere = refusal{"40004", "Business Failed", "BILL_NOT_EXIST", "账单不存在"}
)

// refundTrade gives money back. The same request number again is the same refund, and says that nothing moved now.
func (p *Platform) refundTrade(c call) any {
	var in struct {
		Amount string `json:"refund_amount"`
		Number string `json:"out_request_no"`
		Reason string `json:"refund_reason"`
	}
	amount := int64(-1)
	if c.content(&in) {
		amount = fenOf(in.Amount)
	}
	t := p.namedTrade(c)
	switch {
	case amount < 1 || in.Number == "" || len(in.Number) > 64 || len([]rune(in.Reason)) > 256:
		return badTrade
	case t == nil:
		return noTrade
	case t.PaidAt.IsZero():
		return wrongState
	case t.State == tradeFinished:
		return refundsOver
	}
	key := t.Number + "/" + in.Number
	r, changed := p.refunds[key], "N"
	switch {
	case r != nil && r.Amount != amount:
		return otherRefund
	case r == nil && p.refunded(t.Number)+amount > t.Total:
		return tooMuchBack
	case r == nil:
		r = &refund{Number: in.Number, Trade: t.Number, Amount: amount, MadeAt: p.now()}
		p.refunds[key] = r
		p.refundsMade = append(p.refundsMade, key)
		if !p.holds {
			changed = "Y"
			p.settle(t, r)
		}
	}
	out := map[string]string{"code": "10000", "msg": "Success", "out_trade_no": t.Number, "trade_no": t.TradeNo, "buyer_open_id": t.Buyer,
		"fund_change": changed, "refund_fee": yuanOf(p.refunded(t.Number))}
	if changed == "Y" {
		out["gmt_refund_pay"] = stamp(r.DoneAt)
	}
	return out
}

// settle moves the money; a trade whose whole money went back is closed.
func (p *Platform) settle(t *trade, r *refund) {
	r.DoneAt = p.now()
	if p.refunded(t.Number) == t.Total {
		t.State = tradeClosed
	}
}

func (p *Platform) refunded(number string) (sum int64) {
	for _, r := range p.refunds {
		if r.Trade == number {
			sum += r.Amount
		}
	}
	return sum
}

func (p *Platform) newestRefund(number string) *refund {
	for _, key := range slices.Backward(p.refundsMade) {
		if r := p.refunds[key]; r.Trade == number && !r.DoneAt.IsZero() {
			return r
		}
	}
	return nil
}

// queryRefund tells of a refund. One that the platform does not have, or has not done, is a success without a refund.
func (p *Platform) queryRefund(c call) any {
	var in struct {
		Number  string   `json:"out_request_no"`
		Options []string `json:"query_options"`
	}
	t := p.namedTrade(c)
	switch {
	case t == nil:
		return noTrade
	case !c.content(&in) || in.Number == "":
		return badTrade
	}
	out := map[string]string{"code": "10000", "msg": "Success", "out_trade_no": t.Number, "trade_no": t.TradeNo}
	r := p.refunds[t.Number+"/"+in.Number]
	if r == nil || r.DoneAt.IsZero() {
		return out
	}
	out["out_request_no"], out["total_amount"], out["refund_amount"], out["refund_status"] = r.Number, yuanOf(t.Total), yuanOf(r.Amount), "REFUND_SUCCESS"
	if slices.Contains(in.Options, "gmt_refund_pay") {
		out["gmt_refund_pay"] = stamp(r.DoneAt)
	}
	return out
}

// HoldRefunds makes refunds wait until SettleRefund; else they are done at once.
func (p *Platform) HoldRefunds(hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holds = hold
}

// SettleRefund ends held refunds (an empty number: every one) and sends the notice of each so many times.
func (p *Platform) SettleRefund(number string, notices int) (taken int, err error) {
	var done []string
	p.mu.Lock()
	for _, key := range p.refundsMade {
		if r := p.refunds[key]; r.DoneAt.IsZero() && (number == "" || r.Number == number) {
			p.settle(p.trades[r.Trade], r)
			done = append(done, r.Trade)
		}
	}
	p.mu.Unlock()
	if len(done) == 0 && number != "" {
		return 0, errors.New("no such refund is held")
	}
	for _, name := range done {
		n, err := p.Notify(name, notices)
		if taken += n; err != nil {
			return taken, err
		}
	}
	return taken, nil
}
