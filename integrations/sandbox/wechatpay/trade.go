package wechatpay

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

var numberForm = regexp.MustCompile(`^[0-9A-Za-z_*|-]{6,32}$`)

// prepay makes a trade. The same number with the same content is the same trade; with other content it is refused.
func (p *Platform) prepay(w http.ResponseWriter, _ *http.Request, body []byte) {
	var in struct {
		AppID       string    `json:"appid"`
		MchID       string    `json:"mchid"`
		Description string    `json:"description"`
		Number      string    `json:"out_trade_no"`
		Expires     time.Time `json:"time_expire"`
		NotifyURL   string    `json:"notify_url"`
		Amount      struct {
			Total    int64  `json:"total"`
			Currency string `json:"currency"`
		} `json:"amount"`
		Payer struct {
			OpenID string `json:"openid"`
		} `json:"payer"`
	}
	notify, err := url.Parse("")
	if json.Unmarshal(body, &in) == nil {
		notify, err = url.Parse(in.NotifyURL)
	}
	switch {
	case err != nil || notify.Host == "" || notify.RawQuery != "" || !numberForm.MatchString(in.Number) || in.Description == "" || in.Amount.Total < 1,
		in.Amount.Currency != "" && in.Amount.Currency != "CNY", in.Payer.OpenID == "":
		p.refuse(w, http.StatusBadRequest, "PARAM_ERROR", "参数错误")
		return
	case in.MchID != p.o.MchID || !p.apps[in.AppID]:
		p.refuse(w, http.StatusBadRequest, "APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := trade{Number: in.Number, AppID: in.AppID, OpenID: in.Payer.OpenID, Description: in.Description, NotifyURL: in.NotifyURL,
		Total: in.Amount.Total, Expires: in.Expires}
	have := p.trades[in.Number]
	switch {
	case have == nil:
		fresh.State, fresh.PrepayID = "NOTPAY", "wx"+random(32)
		p.trades[in.Number], have = &fresh, &fresh
		p.order = append(p.order, in.Number)
	case have.State == "SUCCESS" || have.State == "REFUND":
		p.refuse(w, http.StatusBadRequest, "ORDERPAID", "该订单已支付")
		return
	case have.State == "CLOSED":
		p.refuse(w, http.StatusBadRequest, "ORDER_CLOSED", "订单已关闭")
		return
	case have.Total != fresh.Total || have.OpenID != fresh.OpenID || have.AppID != fresh.AppID || have.Description != fresh.Description || !have.Expires.Equal(fresh.Expires):
		p.refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "商户订单号重复")
		return
	}
	p.answer(w, http.StatusOK, map[string]string{"prepay_id": have.PrepayID})
}

func (p *Platform) query(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trades[r.PathValue("number")]
	switch {
	case r.URL.Query().Get("mchid") != p.o.MchID:
		p.refuse(w, http.StatusBadRequest, "MCH_NOT_EXISTS", "商户号不存在")
	case t == nil:
		p.refuse(w, http.StatusNotFound, "ORDER_NOT_EXIST", "订单不存在")
	default:
		p.answer(w, http.StatusOK, p.transaction(t))
	}
}

func (p *Platform) close(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trades[r.PathValue("number")]
	switch {
	case t == nil:
		p.refuse(w, http.StatusNotFound, "ORDER_NOT_EXIST", "订单不存在")
	case t.State == "SUCCESS" || t.State == "REFUND":
		p.refuse(w, http.StatusBadRequest, "ORDERPAID", "该订单已支付")
	default:
		t.State = "CLOSED"
		p.answer(w, http.StatusNoContent, nil)
	}
}

// transaction is a trade in the vendor's words.
func (p *Platform) transaction(t *trade) map[string]any {
	out := map[string]any{
		"appid": t.AppID, "mchid": p.o.MchID, "out_trade_no": t.Number, "trade_state": t.State, "trade_state_desc": t.State,
		"amount": map[string]any{"total": t.Total, "currency": "CNY"}, "payer": map[string]string{"openid": t.OpenID},
	}
	if t.TransactionID != "" {
		out["transaction_id"], out["trade_type"], out["bank_type"] = t.TransactionID, "JSAPI", "OTHERS"
		out["success_time"] = t.PaidAt.Format(time.RFC3339)
	}
	return out
}

// find gives a trade by its number, its prepay_id, or, for an empty name, the newest.
func (p *Platform) find(name string) (*trade, error) {
	if name == "" && len(p.order) > 0 {
		name = p.order[len(p.order)-1]
	}
	if t := p.trades[name]; t != nil {
		return t, nil
	}
	for _, t := range p.trades {
		if t.PrepayID == name {
			return t, nil
		}
	}
	return nil, errors.New("no such trade")
}

// Pay lets the payer pay a trade, named by number or prepay_id, and sends its notice so many times; 0 sends none, as
// when it is lost. It tells how many were taken.
func (p *Platform) Pay(name string, notices int) (taken int, err error) {
	p.mu.Lock()
	t, err := p.find(name)
	switch {
	case err != nil:
	case t.State != "NOTPAY" && t.State != "PAYERROR":
		err = fmt.Errorf("the trade is %s", t.State)
	case !t.Expires.IsZero() && !p.o.Now().Before(t.Expires):
		err = errors.New("the trade's time is over")
	default:
		p.count++
		t.State, t.PaidAt = "SUCCESS", p.o.Now()
		t.TransactionID = fmt.Sprintf("42000000%s%010d", t.PaidAt.Format("20060102"), p.count)
	}
	p.mu.Unlock()
	if err != nil || notices == 0 {
		return 0, err
	}
	return p.Notify(t.Number, notices)
}

// FailToPay lets the payer's bank refuse.
func (p *Platform) FailToPay(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil && t.State != "NOTPAY" {
		err = fmt.Errorf("the trade is %s", t.State)
	}
	if err == nil {
		t.State = "PAYERROR"
	}
	return err
}

// Notify sends the notice of a paid trade n times more, under one id as the platform does.
func (p *Platform) Notify(name string, n int) (taken int, err error) {
	s, to, err := p.NoticeOf(name, nil)
	for range n {
		if err == nil && p.deliver(to, s) {
			taken++
		}
	}
	return taken, err
}

// NoticeOf is the notice of a paid trade and where it goes, with its content changed: for words that do not fit.
func (p *Platform) NoticeOf(name string, change func(content map[string]any)) (s Sealed, to string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil && t.TransactionID == "" {
		err = errors.New("the trade is not paid")
	}
	if err != nil {
		return Sealed{}, "", err
	}
	content := p.transaction(t)
	content["trade_state"] = "SUCCESS"
	if change != nil {
		change(content)
	}
	s, err = p.seal("EV-"+t.TransactionID, "TRANSACTION.SUCCESS", "transaction", content)
	return s, t.NotifyURL, err
}
