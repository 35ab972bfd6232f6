package api

const templatesSource = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>通知模板预览</title>
<link rel="stylesheet" href="/docs/templates.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<main>
<h1>通知模板预览</h1>
<p>共{{len .SMS}}个短信模板。签名{{.Signature}}计入长度:70字以内为1条,超过按每67字1条计费。示例中的数据都是虚构的。</p>
<p class="{{if .Problems}}bad{{else}}good{{end}}">{{if .Problems}}检查发现{{.Problems}}个问题,见各模板。{{else}}检查全部通过:没有链接、敏感项目名称、姓名、号码,长度和字段都在限制以内。{{end}}</p>
<nav><a href="#sms">短信</a>{{range .Platforms}} <a href="#{{.Channel}}">{{.Name}}</a>{{end}} <a href="/docs">接口文档</a></nav>
<h2 id="sms">短信</h2>
{{range .SMS}}
<section id="{{.Kind}}">
<h3>{{.Title}} <code>{{.Kind}}</code></h3>
<p>{{lane .Lane}}通道,{{.Life}}内有效。报备文本(版本<code>{{.Current.Version}}</code>):{{.Text}}</p>
<table>
<tr><th>示例</th><td>{{.Sample}}</td><td class="figure">{{.Usual.Characters}}字,{{.Usual.Parts}}条</td></tr>
<tr><th>最长</th><td class="dim">{{.Longest}}</td><td class="figure">{{.Most.Characters}}字,{{.Most.Parts}}条</td></tr>
</table>
{{if .Params}}<table><tr><th>变量</th><th>类型</th><th>最长</th><th>不合格时改写为</th></tr>
{{range .Params}}<tr><td><code>{{.Name}}</code></td><td>{{.Type}}</td><td>{{.Max}}</td><td>{{.Fallback}}</td></tr>
{{end}}</table>{{end}}
{{template "filings" .Filings}}
{{template "verdict" .Verdict}}
</section>
{{end}}
{{range .Platforms}}
<h2 id="{{.Channel}}">{{.Name}}</h2>
{{range .Templates}}{{$fields := .Fields}}
<section>
<h3>主题 <code>{{.Topic}}</code></h3>
<table><tr><th>字段</th>{{range .Fields}}<th>{{.Label}} <code>{{.Key}}</code><br>{{field .Type}}</th>{{end}}</tr>
{{range .Kinds}}{{$one := .}}<tr><th><code>{{.Kind}}</code></th>{{range $fields}}<td>{{index $one.Usual .Key}}</td>{{end}}</tr>
<tr class="dim"><th>最长</th>{{range $fields}}<td>{{index $one.Fullest .Key}}</td>{{end}}</tr>
{{end}}</table>
{{template "filings" .Filings}}
{{template "verdict" .Verdict}}
</section>
{{end}}{{end}}
</main>
</body>
</html>
{{define "filings"}}{{if .}}<table><tr><th>供应商</th><th>版本</th><th>编号</th><th>状态</th><th>时间</th><th>原因</th></tr>
{{range .}}<tr><td>{{.Vendor}}</td><td><code>{{.Version}}</code></td><td><code>{{.Code}}</code></td><td class="{{.State}}">{{state .State}}</td><td>{{when .ChangedAt}}</td><td>{{.Reason}}</td></tr>
{{end}}</table>{{end}}{{end}}
{{define "verdict"}}{{if .}}<ul class="bad">{{range .}}<li>{{.}}</li>{{end}}</ul>{{else}}<p class="good">检查通过</p>{{end}}{{end}}
`

const templatesStyle = `:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8886; padding: .5rem 0; overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; }
td:first-child { white-space: nowrap; }
th, td { border: 1px solid #8886; padding: .25rem .5rem; text-align: left; vertical-align: top; }
nav a { margin-right: 1rem; }
.figure { white-space: nowrap; }
.dim { opacity: .75; }
.good, .approved { color: #1b7a3d; }
.bad, .refused, .paused, .withdrawn { color: #b3261e; }
@media (prefers-color-scheme: dark) { .good, .approved { color: #7bd69b; } .bad, .refused, .paused, .withdrawn { color: #ff8a80; } }
`
