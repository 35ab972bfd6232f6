package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// pagesPolicy lets a page use nothing but its own text and style.
const pagesPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// notBuilt is what a browser gets where a client belongs that is not part of this build: never a blank page.
const notBuilt = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>社会保障卡一卡通</title>
<style>body{font:18px/1.6 sans-serif;max-width:32em;margin:3em auto;padding:0 1em;color:#1c2733}a{color:#1650a5}</style>
</head>
<body>
<h1>页面暂未开通</h1>
<p>这个页面还没有安装。办理业务请拨打 <a href="tel:12333">12333</a>,或带身份证到社保卡服务网点。</p>
</body>
</html>
`

func (s *server) showNotBuilt(c *gin.Context) {
	asPage(c, pagesPolicy)
	c.Data(http.StatusServiceUnavailable, "text/html; charset=utf-8", []byte(notBuilt))
}
