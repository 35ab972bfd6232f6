package desk

import (
	"html/template"
	"net/http"
	"time"
)

var shanghai = time.FixedZone("CST", 8*3600)

// shown is how many messages the page lists.
const shown = 50

var page = template.Must(template.New("desk").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.In(shanghai).Format("01-02 15:04:05") },
	"door": func(p string) string {
		return map[string]string{"sms": "短信", "wechat_mini": "微信小程序", "wechat_oa": "微信公众号", "alipay_mini": "支付宝小程序", "alipay_life": "支付宝生活号"}[p]
	},
	"status": func(s string) string {
		return map[string]string{"waiting": "待回执", "delivered": "已送达", "failed": "未送达"}[s]
	},
}).Parse(`<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>模拟服务台</title><style>
:root{--line:#d9dee3;--ink:#16202a;--soft:#5b6875;--own:#0a6b62}
*{box-sizing:border-box}body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:#f5f7f8;margin:0}
header{background:var(--own);color:#fff;padding:1rem 1.5rem}header h1{margin:0;font-size:1.25rem}header p{margin:0;opacity:.85}
main{max-width:72rem;margin:0 auto;padding:1rem;display:grid;gap:1rem}section{background:#fff;border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;overflow-x:auto}
h2{font-size:1.05rem;margin:0 0 .5rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600;white-space:nowrap}
code{font:13px/1.4 ui-monospace,monospace}.soft{color:var(--soft)}form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.4rem 0}
select,input,button{font:inherit;padding:.35rem .6rem;border:1px solid var(--line);border-radius:6px;background:#fff;color:inherit}button{background:var(--own);border-color:var(--own);color:#fff;cursor:pointer}button.quiet{background:#fff;color:var(--own)}
a{color:var(--own)}strong.code{font:600 1.1rem ui-monospace,monospace;letter-spacing:.08em}
</style></head><body>
<header><h1>模拟服务台</h1><p>这里的市民、短信和登记机构都是虚构的,只用于演示和测试。</p></header><main>
<section><h2>市民</h2><table><tr><th>代号</th><th>姓名</th><th>身份证号码</th><th>手机号</th><th>领取登录码</th></tr>
{{range $c := .Citizens}}<tr><td><code>{{$c.Key}}</code></td><td>{{$c.Name}}</td><td><code>{{$c.IDNumber}}</code></td><td><code>{{$c.Phone}}</code></td>
<td>{{range $.Doors}}<a href="/desk/codes?platform={{.Platform}}&amp;app_id={{.AppID}}&amp;citizen={{$c.Key}}">{{door .Platform}}</a> {{end}}</td></tr>{{end}}</table></section>
<section><h2>短信和消息</h2>{{if .Messages}}<table><tr><th>时间</th><th>渠道</th><th>收件人</th><th>内容</th><th>验证码</th><th>状态</th></tr>
{{range .Messages}}<tr><td>{{clock .SentAt}}</td><td>{{door .Channel}}</td><td><code>{{.Phone}}{{.Citizen}}</code></td><td>{{.Text}}</td><td>{{with .Code}}<strong class="code">{{.}}</strong>{{end}}</td><td>{{status .Status}}</td></tr>{{end}}</table>{{else}}<p class="soft">还没有发出短信。</p>{{end}}
<form method="post" action="/desk/receipts"><button class="quiet">送达全部待回执短信</button></form></section>
<section><h2>人脸核验</h2><form method="post" action="/desk/face"><select name="citizen">{{range .Citizens}}<option value="{{.Key}}">{{.Name}}</option>{{end}}</select>
<button name="passed" value="true">本人通过</button><button class="quiet" name="passed" value="false">未通过</button></form></section>
<section><h2>让事情发生</h2><form method="post" action="/desk/events"><select name="citizen">{{range .Citizens}}<option value="{{.Key}}">{{.Name}}</option>{{end}}</select>
<select name="kind"><option value="credit">补贴到账</option><option value="return">补贴退票</option><option value="produce">制卡推进一步</option><option value="deliver">卡片送达网点</option><option value="collect">领卡</option><option value="activate">激活</option><option value="loss">窗口挂失</option><option value="release">窗口解挂</option></select>
<button>发生</button></form>
<form method="post" action="/desk/events"><input type="hidden" name="kind" value="payday"><input name="programme" value="41" size="4" aria-label="项目编号"><input name="district" value="410303" size="7" aria-label="区县代码">
<select name="state"><option value="credited">已到账</option><option value="sent">已送银行</option></select><button>发布一整批</button></form></section>
{{if .Telephone}}<section><h2>拨打12333</h2><form method="post" action="/desk/events"><select name="citizen">{{range .Citizens}}<option value="{{.Key}}">{{.Name}}</option>{{end}}</select>
<label>坐席分机 <input name="extension" value="8001" size="5"></label><button name="kind" value="call_in">拨打</button><button class="quiet" name="kind" value="call_answer">坐席接听(回拨时本人接听)</button><button class="quiet" name="kind" value="call_hang_up">挂断</button><button class="quiet" name="kind" value="call_decline">回拨不接</button></form>
<form method="post" action="/desk/events"><select name="citizen">{{range .Citizens}}<option value="{{.Key}}">{{.Name}}</option>{{end}}</select><input name="keys" placeholder="按键(验证码,或排队时按1)" size="22" inputmode="numeric" autocomplete="off"><button name="kind" value="call_key">按键</button></form>
{{range .Calls}}<p><code>{{.}}</code></p>{{end}}</section>{{end}}
{{with .Tills}}<section><h2>缴费</h2>{{range .}}<form method="get" action="{{.Path}}"><label>{{.Title}} <input name="{{.Field}}" size="24" placeholder="{{.Label}}" autocomplete="off"></label><button>打开</button></form>{{end}}</section>{{end}}
<section><h2>故障</h2><form method="post" action="/desk/faults"><select name="target"><option value="cards">登记机构:卡</option><option value="payments">登记机构:补贴</option><option value="wechat">微信</option><option value="alipay">支付宝</option><option value="wechat_pay">微信支付</option><option value="non_tax">非税收缴</option><option value="sms">短信</option><option value="telephone">话务系统</option></select>
<select name="fault"><option value="down">不可用</option><option value="lose_reply">丢失应答</option><option value="delay">延迟</option><option value="refuse">拒绝</option><option value="none">恢复</option></select>
<input name="code" placeholder="错误码" size="8"><input name="delay_ms" placeholder="延迟毫秒" size="8" inputmode="numeric"><input name="times" placeholder="次数(空为一直)" size="12" inputmode="numeric"><button>设置</button></form>
<form method="post" action="/desk/faults"><input type="hidden" name="fault" value="none"><button class="quiet">全部恢复</button></form>
{{range .Faults}}<p><code>{{.Target}} {{.Op}} {{.Fault}} {{.Code}}</code></p>{{end}}<p class="soft">登记机构的故障见 <a href="/desk/faults">/desk/faults</a></p></section>
</main></body></html>`))

func (d *Desk) page(w http.ResponseWriter, _ *http.Request) {
	list := d.City.Citizens(0)
	for _, c := range list {
		d.remember(c)
	}
	messages := d.inbox([]string{""}, d.Mail.Pushed(""))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
	var calls []string
	if d.Calls != nil {
		calls = d.Calls()
	}
	_ = page.Execute(w, map[string]any{"Telephone": d.Calls != nil, "Calls": calls, "Citizens": list, "Doors": d.Doors, "Tills": d.Tills, "Messages": messages[:min(shown, len(messages))], "Faults": d.orders()})
}
