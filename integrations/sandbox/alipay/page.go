package alipay

import (
	"html/template"
	"net/http"
	"net/url"
)

const style = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{.Title}}</title><style>
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#f2f5fa}
h1{font-size:1.2rem}a.who,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;padding:.8rem 1rem;border:0;border-radius:8px;background:#fff;color:inherit;font:inherit;text-align:left;text-decoration:none}
a.who:hover,button:hover{background:#dfeafd}.quiet{color:#666;font-size:.9rem}button.yes{background:#1456c8;color:#fff;text-align:center}button.no{text-align:center}
</style>`

var pages = parsePages(map[string]string{
	"pick": `<h1>支付宝授权登录(模拟)</h1>
<p>应用 {{.App}} 请求确认您的支付宝身份。请选择由谁登录:</p>
{{range .People}}<a class="who" href="{{.Href}}">{{.Name}} <span class="quiet">{{.Key}}</span></a>{{end}}
<a class="who" href="{{.Deny}}">拒绝</a><p class="quiet">这是演示用的模拟平台,不是真正的支付宝。</p></html>`,
	"error": `<h1>{{.Title}}</h1><p class="quiet">错误码:{{.Code}}</p></html>`,
	// The form's address is relative: the gateway may be served under any prefix.
	"certify": `<h1>身份认证(模拟)</h1><p>证件姓名:{{.Name}}</p>
<form method="post" action="certify"><input type="hidden" name="certify_id" value="{{.ID}}">
<button class="yes" name="result" value="pass">通过</button><button class="no" name="result" value="fail">未通过</button></form></html>`,
	"cashier": `<h1>确认付款(模拟)</h1><p>{{.Subject}}</p><p><strong>{{.Yuan}}</strong> 元</p>
<form method="post" action="cashier"><input type="hidden" name="trade_no" value="{{.TradeNo}}">
<button class="yes" name="result" value="pay">立即付款</button><button class="no" name="result" value="fail">余额不足</button><button class="no" name="result" value="cancel">取消</button></form></html>`,
	"paid": `<h1>{{.Title}}</h1><p>{{.Memo}}</p><p class="quiet">resultCode {{.ResultCode}}</p></html>`,
})

func parsePages(bodies map[string]string) *template.Template {
	all := template.New("alipay")
	for name, body := range bodies {
		template.Must(all.New(name).Parse(style + body))
	}
	return all
}

func show(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = pages.ExecuteTemplate(w, name, data)
}

func errorPage(w http.ResponseWriter, title, code string) {
	show(w, "error", map[string]string{"Title": title, "Code": code})
}

func (p *Platform) pickPage(w http.ResponseWriter, a App, here *url.URL) {
	type person struct {
		Citizen
		Href string
	}
	with := func(key, value string) string {
		q := here.Query()
		q.Set(key, value)
		return "?" + q.Encode()
	}
	var list []person
	for _, c := range p.people.Named() {
		list = append(list, person{c, with("citizen", c.Key)})
	}
	show(w, "pick", map[string]any{"Title": "支付宝授权登录", "App": a.ID, "People": list, "Deny": with("deny", "1")})
}
