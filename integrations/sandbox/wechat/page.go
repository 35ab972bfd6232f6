package wechat

import (
	"html/template"
	"net/http"
	"net/url"
)

const style = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{.Title}}</title><style>
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#f3f4f3}
h1{font-size:1.2rem}a.who,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;padding:.8rem 1rem;border:0;border-radius:8px;background:#fff;color:inherit;font:inherit;text-align:left;text-decoration:none}
a.who:hover,button:hover{background:#e3f3e7}.quiet{color:#666;font-size:.9rem}button.yes{background:#07a050;color:#fff;text-align:center}button.no{text-align:center}
</style>`

var pages = parsePages(map[string]string{
	"pick": `<h1>微信授权登录(模拟)</h1>
<p>应用 {{.App}} 请求确认您的微信身份。请选择由谁登录:</p>
{{range .People}}<a class="who" href="{{.Href}}">{{.Name}} <span class="quiet">{{.Key}}</span></a>{{end}}
<a class="who" href="{{.Deny}}">拒绝</a><p class="quiet">这是演示用的模拟平台,不是真正的微信。</p></html>`,
	"error": `<h1>{{.Title}}</h1><p class="quiet">错误码:{{.Code}}</p></html>`,
	"face": `<h1>人脸核身(模拟)</h1><p>证件姓名:{{.Name}}</p>
<form method="post"><input type="hidden" name="verify_id" value="{{.ID}}">
<button class="yes" name="result" value="pass">通过</button><button class="no" name="result" value="fail">人脸不符</button><button class="no" name="result" value="cancel">取消</button></form></html>`,
	"done": `<h1>{{.Title}}</h1><p>请回到应用继续办理。</p></html>`,
})

func parsePages(bodies map[string]string) *template.Template {
	all := template.New("wechat")
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
		return "?" + q.Encode() // relative: the page may be served under any prefix
	}
	var list []person
	for _, c := range p.people.Named() {
		list = append(list, person{c, with("citizen", c.Key)})
	}
	show(w, "pick", map[string]any{"Title": "微信授权登录", "App": a.ID, "People": list, "Deny": with("deny", "1")})
}

// facePage stands for wx.requestFacialVerify: the person before the phone's camera decides how it ends.
func (p *Platform) facePage(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	c, ok := p.checks[r.URL.Query().Get("verify_id")]
	p.mu.Unlock()
	if !ok || !p.now().Before(c.until) {
		errorPage(w, "核身会话不存在或已过期", "10001")
		return
	}
	show(w, "face", map[string]string{"Title": "人脸核身", "Name": c.cert.Name, "ID": c.id})
}

func (p *Platform) faceDone(w http.ResponseWriter, r *http.Request) {
	result, ok := map[string]int{"pass": FacePassed, "fail": FaceMismatch, "cancel": FaceCancelled}[r.FormValue("result")]
	p.mu.Lock()
	defer p.mu.Unlock()
	c, known := p.checks[r.FormValue("verify_id")]
	if !ok || !known || !p.now().Before(c.until) || c.result != faceNotFinished {
		errorPage(w, "核身会话不存在、已完成或已过期", "10001")
		return
	}
	c.result = result
	show(w, "done", map[string]string{"Title": "核身已完成"})
}
