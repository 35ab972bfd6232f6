package wechatpay

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// makeRefund takes a refund. The same number again is the same refund.
func (p *Platform) makeRefund(w http.ResponseWriter, _ *http.Request, body []byte) {
	var in struct {
		Number    string `json:"out_refund_no"`
		Trade     string `json:"out_trade_no"`
		Reason    string `json:"reason"`
		NotifyURL string `json:"notify_url"`
		Amount    struct {
			Refund   int64  `json:"refund"`
			Total    int64  `json:"total"`
			Currency string `json:"currency"`
		} `json:"amount"`
	}
	if json.Unmarshal(body, &in) != nil || in.Number == "" || len(in.Number) > 64 || len(in.Reason) > 80 || in.Amount.Currency != "CNY" || in.Amount.Refund < 1 {
		p.refuse(w, http.StatusBadRequest, "PARAM_ERROR", "参数错误")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trades[in.Trade]
	r := p.refunds[in.Number]
	switch {
	case t == nil:
		p.refuse(w, http.StatusNotFound, "RESOURCE_NOT_EXISTS", "订单号不存在")
	case r != nil && (r.Trade != in.Trade || r.Amount != in.Amount.Refund):
		p.refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "退款单号已存在,且参数与原退款单不一致")
	case r != nil:
		p.answer(w, http.StatusOK, p.refundBody(r))
	case t.State != "SUCCESS" && t.State != "REFUND" || in.Amount.Total != t.Total || p.refunded(in.Trade)+in.Amount.Refund > t.Total:
		p.refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "订单状态或退款金额不正确")
	default:
		p.count++
		r = &refund{Number: in.Number, ID: fmt.Sprintf("50000000%010d", p.count), Trade: in.Trade, Reason: in.Reason, NotifyURL: in.NotifyURL,
			Amount: in.Amount.Refund, Status: "PROCESSING", MadeAt: p.o.Now()}
		p.refunds[in.Number], t.State = r, "REFUND"
		p.answer(w, http.StatusOK, p.refundBody(r))
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

func (p *Platform) queryRefund(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.refunds[r.PathValue("number")]; have != nil {
		if !p.holds && have.Status == "PROCESSING" {
			have.Status, have.DoneAt = "SUCCESS", p.o.Now() // the real one takes minutes
		}
		p.answer(w, http.StatusOK, p.refundBody(have))
		return
	}
	p.refuse(w, http.StatusNotFound, "RESOURCE_NOT_EXISTS", "退款单不存在")
}

func (p *Platform) refundBody(r *refund) map[string]any {
	t := p.trades[r.Trade]
	out := map[string]any{
		"refund_id": r.ID, "out_refund_no": r.Number, "transaction_id": t.TransactionID, "out_trade_no": r.Trade, "channel": "ORIGINAL",
		"user_received_account": "支付用户零钱", "create_time": r.MadeAt.Format(time.RFC3339), "status": r.Status,
		"amount": map[string]any{
			"total": t.Total, "refund": r.Amount, "payer_total": t.Total, "payer_refund": r.Amount, "settlement_refund": r.Amount,
			"settlement_total": t.Total, "discount_refund": 0, "currency": "CNY",
		},
	}
	if r.Status == "SUCCESS" {
		out["success_time"] = r.DoneAt.Format(time.RFC3339)
	}
	return out
}

// HoldRefunds makes refunds stay PROCESSING until SettleRefund; else the next question about one finds it done.
func (p *Platform) HoldRefunds(hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holds = hold
}

// SettleRefund ends a refund (an empty number: every one in process) as SUCCESS, ABNORMAL or CLOSED and sends its notice
// so many times.
func (p *Platform) SettleRefund(number, status string, notices int) (taken int, err error) {
	if status != "SUCCESS" && status != "ABNORMAL" && status != "CLOSED" {
		return 0, errors.New("want SUCCESS, ABNORMAL or CLOSED")
	}
	type sent struct {
		to string
		s  Sealed
	}
	var out []sent
	p.mu.Lock()
	for _, r := range p.refunds {
		if number != "" && r.Number != number || number == "" && r.Status != "PROCESSING" {
			continue
		}
		r.Status, r.DoneAt = status, p.o.Now()
		content := p.refundBody(r)
		content["mchid"], content["refund_status"] = p.o.MchID, status
		delete(content, "status")
		s, sealErr := p.seal("EV-"+r.ID+status, "REFUND."+status, "refund", content)
		err = errors.Join(err, sealErr)
		out = append(out, sent{r.NotifyURL, s})
	}
	p.mu.Unlock()
	if len(out) == 0 && number != "" {
		return 0, errors.New("no such refund")
	}
	for _, one := range out {
		for range notices {
			if err == nil && one.to != "" && p.deliver(one.to, one.s) {
				taken++
			}
		}
	}
	return taken, err
}
