package alipay

import (
	"errors"
	"fmt"
	"net/http"
)

// Open is the buyer who opens a trade in her wallet and does nothing yet.
func (p *Platform) Open(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil {
		t.Met = true
	}
	return err
}

// Pay lets the buyer pay a trade, named by number or trade_no, the newest where none is named, and sends its notice so
// many times; 0 sends none, as when it is lost. It tells how many were taken.
func (p *Platform) Pay(name string, notices int) (taken int, err error) {
	p.mu.Lock()
	t, err := p.find(name)
	switch {
	case err != nil:
	case p.stateOf(t) != waitBuyerPay:
		err = fmt.Errorf("the trade is %s", t.State)
	default:
		t.Met, t.State, t.PaidAt = true, tradeSuccess, p.now()
	}
	p.mu.Unlock()
	if err != nil || notices == 0 {
		return 0, err
	}
	return p.Notify(t.Number, notices)
}

// FailToPay lets the buyer's bank refuse: the trade goes on waiting.
func (p *Platform) FailToPay(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil && p.stateOf(t) != waitBuyerPay {
		err = fmt.Errorf("the trade is %s", t.State)
	}
	if err == nil {
		t.Met = true
	}
	return err
}

// Finish ends a trade's time for refunds, and sends the notice of it so many times.
func (p *Platform) Finish(name string, notices int) (taken int, err error) {
	p.mu.Lock()
	t, err := p.find(name)
	if err == nil && t.State != tradeSuccess {
		err = errors.New("the trade is not paid, or its money went back")
	}
	if err == nil {
		t.State = tradeFinished
	}
	p.mu.Unlock()
	if err != nil || notices == 0 {
		return 0, err
	}
	return p.Notify(t.Number, notices)
}

// cashier is what my.tradePay opens in the wallet.
func (p *Platform) cashier(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("trade_no")
	p.mu.Lock()
	t, err := p.find(name)
	if name == "" || err != nil || p.stateOf(t) != waitBuyerPay {
		p.mu.Unlock()
		errorPage(w, "交易不存在、已支付或已关闭", "TRADE_NOT_EXIST")
		return
	}
	t.Met = true
	data := map[string]string{"Title": "确认付款", "Subject": t.Subject, "Yuan": yuanOf(t.Total), "TradeNo": t.TradeNo}
	p.mu.Unlock()
	show(w, "cashier", data)
}

// atCashier is a tap on that page; what my.tradePay tells the mini-program proves nothing.
func (p *Platform) atCashier(w http.ResponseWriter, r *http.Request) {
	name, result := r.FormValue("trade_no"), map[string]string{"ResultCode": "6001", "Memo": "用户中途取消"}
	switch r.FormValue("result") {
	case "pay":
		if _, err := p.Pay(name, 1); err != nil {
			errorPage(w, "交易不存在、已支付或已关闭", "TRADE_NOT_EXIST")
			return
		}
		result = map[string]string{"ResultCode": "9000", "Memo": "支付成功"}
	case "fail":
		if err := p.FailToPay(name); err != nil {
			errorPage(w, "交易不存在、已支付或已关闭", "TRADE_NOT_EXIST")
			return
		}
		result = map[string]string{"ResultCode": "4000", "Memo": "支付失败"}
	}
	result["Title"] = "付款结果"
	show(w, "paid", result)
}
