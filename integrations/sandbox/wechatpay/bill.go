package wechatpay

import (
	"crypto/sha1" // the vendor's choice
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var beijing = time.FixedZone("CST", 8*60*60)

const (
	billHead = "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,微信退款单号,商户退款单号,订单金额,申请退款金额"
	billSums = "总交易单数,订单总金额,申请退款总金额"
)

// tradeBill tells where the bill of a day lies, and its SHA-1.
func (p *Platform) tradeBill(w http.ResponseWriter, r *http.Request, _ []byte) {
	day := r.URL.Query().Get("bill_date")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		p.refuse(w, http.StatusBadRequest, "PARAM_ERROR", "参数错误")
		return
	}
	p.mu.Lock()
	text, lines := p.bill(day)
	p.mu.Unlock()
	if lines == 0 {
		p.refuse(w, http.StatusBadRequest, "NO_STATEMENT_EXIST", "账单文件不存在")
		return
	}
	sum := sha1.Sum([]byte(text))
	p.answer(w, http.StatusOK, map[string]string{
		"hash_type": "SHA1", "hash_value": hex.EncodeToString(sum[:]), "download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=" + day,
	})
}

// billFile is the file itself: not signed.
func (p *Platform) billFile(w http.ResponseWriter, r *http.Request, _ []byte) {
	p.mu.Lock()
	text, _ := p.bill(r.URL.Query().Get("token"))
	p.mu.Unlock()
	_, _ = w.Write([]byte(text))
}

func (p *Platform) bill(day string) (text string, lines int) {
	var b strings.Builder
	b.WriteString(billHead + "\r\n")
	on := func(t time.Time) bool { return !t.IsZero() && t.In(beijing).Format(time.DateOnly) == day }
	yuan := func(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
	var came, went int64
	write := func(t *trade, at time.Time, state, refundID, refundNumber, total, refund string) {
		lines++
		fmt.Fprintf(&b, "`%s,`%s,`%s,`%s,`%s,`%s,`%s,`%s,`%s,`%s\r\n", at.In(beijing).Format(time.DateTime), t.AppID, p.o.MchID, t.TransactionID, t.Number,
			state, refundID, refundNumber, total, refund)
	}
	for _, number := range p.order {
		t := p.trades[number]
		if on(t.PaidAt) && !p.unbilled[number] {
			came += t.Total
			write(t, t.PaidAt, "SUCCESS", "0", "0", yuan(t.Total), "0.00")
		}
		for _, r := range p.refunds {
			if r.Trade == number && on(r.MadeAt) {
				went += r.Amount
				write(t, r.MadeAt, "REFUND", r.ID, r.Number, yuan(t.Total), yuan(r.Amount))
			}
		}
	}
	fmt.Fprintf(&b, "%s\r\n`%d,`%s,`%s\r\n", billSums, lines, yuan(came), yuan(went))
	return b.String(), lines
}

// Unbilled leaves a trade out of its day's bill.
func (p *Platform) Unbilled(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil {
		p.unbilled[t.Number] = true
	}
	return err
}
