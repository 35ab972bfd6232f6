package alipay

import (
	"context"
	"crypto/md5" // names a notice, nothing else
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Notify sends the notice of what a trade is now n times more, under one id as the platform does.
func (p *Platform) Notify(name string, n int) (taken int, err error) {
	form, to, err := p.NoticeOf(name, nil)
	for range n {
		if err == nil && p.deliver(to, form) {
			taken++
		}
	}
	return taken, err
}

// NoticeOf is the notice of what a trade is now, signed, and where it goes; with its content changed for words that do
// not fit. A trade whose money went back is told with the newest refund.
func (p *Platform) NoticeOf(name string, change func(form url.Values)) (form url.Values, to string, err error) {
	p.mu.Lock()
	t, err := p.find(name)
	if err != nil {
		p.mu.Unlock()
		return nil, "", err
	}
	form, to = p.noticeForm(t), t.NotifyURL
	p.mu.Unlock()
	if change != nil {
		change(form)
	}
	return p.SignForm(form), to, nil
}

func (p *Platform) noticeForm(t *trade) url.Values {
	state := p.stateOf(t)
	form := url.Values{}
	for k, v := range map[string]string{
		"notify_type": "trade_status_sync", "notify_time": stamp(p.now()), "charset": "utf-8", "version": "1.0", "app_id": t.AppID, "auth_app_id": t.AppID,
		"trade_no": t.TradeNo, "out_trade_no": t.Number, "trade_status": state, "total_amount": yuanOf(t.Total), "seller_id": p.seller,
		"subject": t.Subject, "buyer_open_id": t.Buyer, "buyer_logon_id": "138****0001", "gmt_create": stamp(t.MadeAt),
	} {
		form.Set(k, v)
	}
	event := t.TradeNo + state
	if !t.PaidAt.IsZero() {
		form.Set("gmt_payment", stamp(t.PaidAt))
		form.Set("receipt_amount", yuanOf(t.Total))
		form.Set("buyer_pay_amount", yuanOf(t.Total))
		form.Set("fund_bill_list", `[{"amount":"`+yuanOf(t.Total)+`","fundChannel":"ALIPAYACCOUNT"}]`)
	}
	if r := p.newestRefund(t.Number); r != nil {
		form.Set("gmt_refund", stamp(r.DoneAt)+".000")
		form.Set("refund_fee", yuanOf(p.refunded(t.Number)))
		form.Set("out_biz_no", r.Number)
		event += r.Number
	}
	sum := md5.Sum([]byte(event))
	form.Set("notify_id", hex.EncodeToString(sum[:]))
	return form
}

// SignForm signs any form as the platform would: for notices that nobody should believe for another reason.
func (p *Platform) SignForm(form url.Values) url.Values {
	form.Del("sign")
	form.Del("sign_type")
	form.Del("alipay_cert_sn")
	var pairs []string
	for k := range form {
		if v := form.Get(k); v != "" {
			pairs = append(pairs, k+"="+v)
		}
	}
	slices.Sort(pairs)
	form.Set("sign", p.sign([]byte(strings.Join(pairs, "&"))))
	form.Set("sign_type", "RSA2")
	if p.certSN != "" {
		form.Set("alipay_cert_sn", p.certSN)
	}
	return form
}

// deliver posts a notice and tells whether it was taken: the answer is the one word success.
func (p *Platform) deliver(to string, form url.Values) bool {
	ok, err := p.post(to, form)
	return err == nil && ok
}

func (p *Platform) post(to string, form url.Values) (bool, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	res, err := p.client.Do(req)
	if err != nil {
		return false, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return false, errors.New("the answer was cut")
	}
	return res.StatusCode == http.StatusOK && string(text) == "success", nil
}
