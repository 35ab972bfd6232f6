package api

import (
	"bytes"
	"io/fs"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	swaggerFiles "github.com/swaggo/files/v2"
)

// The page that shows the document. Every byte of it comes from this server; the policy lets nothing else in.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const docsIndex = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>One Card API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

// In production the page shows and does not send: real people's data are no place to try things out.
const (
	docsStartDev = `window.onload = function () {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
};
`
	docsStart = `window.onload = function () {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null, supportedSubmitMethods: [] });
};
`
)

// docsAssets are the files served of the Swagger UI module, by content type.
var docsAssets = map[string]string{
	"swagger-ui.css":       "text/css; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"favicon-32x32.png":    "image/png",
}

func (s *server) registerDocs() {
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/openapi.json", ID: "document", Summary: "This document, OpenAPI 3.1",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, func(c *gin.Context) {
		c.Header("ETag", s.etag(string(s.document)))
		c.Data(http.StatusOK, "application/json; charset=utf-8", s.document)
	})
	if s.HideDocs {
		return
	}
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/docs", ID: "docsPage", Summary: "The document as a page",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.docsPage)
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/docs/templates", ID: "templatesPage", Summary: "Every text to citizens with sample data; not in production",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.templatesPage)
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/docs/{asset}", ID: "docsAsset", Summary: "Scripts and styles of the page",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.docsAsset)
}

func (s *server) docsHere(c *gin.Context) bool {
	if s.DocsHost != "" && c.Request.Host != s.DocsHost {
		s.refuse(c, errRouteNotFound)
		return false
	}
	asPage(c, docsPolicy)
	return true
}

func (s *server) docsPage(c *gin.Context) {
	if s.docsHere(c) {
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(docsIndex))
	}
}

func (s *server) docsAsset(c *gin.Context) {
	if !s.docsHere(c) {
		return
	}
	name := c.Param("asset")
	if name == "start.js" {
		script := docsStartDev
		if s.Production {
			script = docsStart
		}
		c.Data(http.StatusOK, docsAssets["swagger-ui-bundle.js"], []byte(script))
		return
	}
	if name == "templates.css" {
		c.Data(http.StatusOK, docsAssets["swagger-ui.css"], []byte(templatesStyle))
		return
	}
	kind, ok := docsAssets[name]
	if !ok {
		s.refuse(c, errRouteNotFound)
		return
	}
	b, err := fs.ReadFile(swaggerFiles.FS, name)
	if err != nil {
		s.refuse(c, errInternal.Because(err))
		return
	}
	c.Header("Content-Type", kind)
	c.Header("Cache-Control", "public, max-age=86400")
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(b))
}
