package nontax

import (
	"html/template"
	"net/http"
	"strings"
)

const style = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{.Title}}</title><style>
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#f7f3ee}
h1{font-size:1.2rem}input,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;padding:.8rem 1rem;border:0;border-radius:8px;background:#fff;color:inherit;font:inherit}
button:hover{background:#f3e3cd}.quiet{color:#666;font-size:.9rem}button.yes{background:#a33a16;color:#fff}
</style>`

// The forms' addresses are relative: the platform may be served under any prefix.
var pages = parsePages(map[string]string{
	"ask": `<h1>非税缴款(模拟)</h1><form method="get" action="cashier"><label for="code">缴款码</label>
<input id="code" name="code" inputmode="numeric" autocomplete="off" required value="{{.Code}}"><button class="yes">查询</button></form>
{{with .Problem}}<p role="alert">{{.}}</p>{{end}}<p class="quiet">这是演示用的模拟平台,不是真正的财政部门网站。</p></html>`,
	"cashier": `<h1>确认缴款(模拟)</h1><p>{{.Purpose}}</p><p><strong>{{.Yuan}}</strong> 元</p>
<p class="quiet">执收单位 {{.Unit}}<br>收费项目 {{.Item}}<br>缴款码 {{.Code}}</p>
<form method="post" action="cashier"><input type="hidden" name="code" value="{{.Code}}">
<button class="yes" name="result" value="pay">立即缴款</button><button name="result" value="fail">银行扣款失败</button><button name="result" value="cancel">取消</button></form></html>`,
	"done": `<h1>{{.Title}}</h1><p>{{.Memo}}</p></html>`,
})

func parsePages(bodies map[string]string) *template.Template {
	all := template.New("nontax")
	for name, body := range bodies {
		template.Must(all.New(name).Parse(style + body))
	}
	return all
}

func show(w http.ResponseWriter, name string, data map[string]string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = pages.ExecuteTemplate(w, name, data)
}

// cashier is where anybody who holds a payment code pays it; without a code it asks for one. Who pays and what is owed
// for whom stands nowhere on it.
func (p *Platform) cashier(w http.ResponseWriter, r *http.Request) {
	code := strings.TrimSpace(r.URL.Query().Get("code"))
	if code == "" {
		show(w, "ask", map[string]string{"Title": "非税缴款"})
		return
	}
	p.mu.Lock()
	d := p.byCode(code)
	if d == nil || p.stateOf(d) != unpaid {
		p.mu.Unlock()
		notPayable(w, code)
		return
	}
	data := map[string]string{"Title": "确认缴款", "Purpose": d.Purpose, "Yuan": yuanOf(d.Amount), "Unit": p.o.Unit, "Item": d.Item, "Code": d.Code}
	p.mu.Unlock()
	show(w, "cashier", data)
}

// atCashier is a tap on that page.
func (p *Platform) atCashier(w http.ResponseWriter, r *http.Request) {
	code := r.FormValue("code")
	p.mu.Lock()
	d := p.byCode(code)
	p.mu.Unlock()
	if d == nil {
		notPayable(w, code)
		return
	}
	var said map[string]string
	var err error
	switch r.FormValue("result") {
	case "pay":
		_, err = p.Pay(d.Number, 1)
		said = map[string]string{"Title": "缴款成功", "Memo": "请回到办理渠道查看结果。财政电子票据开具后可在那里查看。"}
	case "fail":
		err = p.FailToPay(d.Number)
		said = map[string]string{"Title": "缴款失败", "Memo": "银行没有扣款,可以重新缴款。"}
	default:
		err = p.FailToPay(d.Number)
		said = map[string]string{"Title": "已取消", "Memo": "没有扣款,缴款码在有效期内仍可缴款。"}
	}
	if err != nil {
		notPayable(w, code)
		return
	}
	show(w, "done", said)
}

func notPayable(w http.ResponseWriter, code string) {
	show(w, "ask", map[string]string{"Title": "非税缴款", "Code": code, "Problem": "缴款码不存在、已缴款或已失效。"})
}

// byCode gives a demand by its payment code alone.
func (p *Platform) byCode(code string) *demand {
	for _, d := range p.demands {
		if code != "" && d.Code == code {
			return d
		}
	}
	return nil
}
