package wechatpay

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

// The forms' addresses are relative: the platform may be served under any prefix.
var pages = template.Must(template.New("page").Parse(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{.Title}}</title><style>
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#f0f5f1}
h1{font-size:1.2rem}input,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;padding:.8rem 1rem;border:0;border-radius:8px;background:#fff;color:inherit;font:inherit}
button:hover{background:#e3f3e7}.quiet{color:#666;font-size:.9rem}button.yes{background:#07753b;color:#fff}
</style><h1>{{.Title}}(模拟)</h1>{{with .Memo}}<p role="status">{{.}}</p>{{end}}
{{if .Prepay}}<p>{{.Purpose}}</p><p><strong>{{.Yuan}}</strong> 元</p>
<form method="post" action="cashier"><input type="hidden" name="prepay_id" value="{{.Prepay}}">
<button class="yes" name="result" value="pay">立即支付</button><button name="result" value="fail">银行卡余额不足</button><button name="result" value="cancel">取消</button></form>
{{else if .Asks}}<form method="get" action="cashier"><label for="prepay">prepay_id</label>
<input id="prepay" name="prepay_id" autocomplete="off" required><button class="yes">查询</button></form>{{end}}
<p class="quiet">这是演示用的模拟平台,不是真正的微信支付。</p></html>`))

type page struct {
	Title, Memo, Prepay, Purpose, Yuan string
	Asks                               bool
}

func show(w http.ResponseWriter, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = pages.Execute(w, p)
}

// cashier is what wx.requestPayment opens in the wallet; without a prepay_id it asks for one.
func (p *Platform) cashier(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimSpace(r.URL.Query().Get("prepay_id")), "prepay_id=")
	if name == "" {
		show(w, page{Title: "微信支付", Asks: true})
		return
	}
	p.mu.Lock()
	t, err := p.find(name)
	if err != nil || t.State != "NOTPAY" && t.State != "PAYERROR" || !t.Expires.IsZero() && !p.o.Now().Before(t.Expires) {
		p.mu.Unlock()
		show(w, page{Title: "微信支付", Memo: "订单不存在、已支付或已关闭。", Asks: true})
		return
	}
	said := page{Title: "确认支付", Prepay: t.PrepayID, Purpose: t.Description, Yuan: fmt.Sprintf("%d.%02d", t.Total/100, t.Total%100)}
	p.mu.Unlock()
	show(w, said)
}

// atCashier is a tap on that page.
func (p *Platform) atCashier(w http.ResponseWriter, r *http.Request) {
	gone := page{Title: "微信支付", Memo: "订单不存在、已支付或已关闭。", Asks: true}
	name, said := r.FormValue("prepay_id"), page{Title: "已取消", Memo: "没有扣款,可以回到原来的页面重新支付。"}
	if name == "" { // Pay would take the newest order
		show(w, gone)
		return
	}
	var err error
	switch r.FormValue("result") {
	case "pay":
		_, err = p.Pay(name, 1)
		said = page{Title: "支付成功", Memo: "请回到原来的页面看结果。"}
	case "fail":
		err = p.FailToPay(name)
		said = page{Title: "支付失败", Memo: "没有扣款,可以重新支付。"}
	}
	if err != nil {
		said = gone
	}
	show(w, said)
}
