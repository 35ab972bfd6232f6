package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// consolePolicy lets the console use what this server sends it and nothing else; its components set styles by themselves.
const consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerConsole serves the built console. Its files are known when the server is built: a name is looked up and never
// becomes a path, so nothing outside of the build can be asked for. The pages that its router knows answer with the first
// page, so that a reload and a bookmark work; every other name is 404. Nothing is counted: a hotline sits behind one address.
func (s *server) registerConsole() {
	for _, route := range []struct {
		path, id, summary string
		name              func(*gin.Context) string
	}{
		{"/console/", "consolePage", "The agents' console; 503 with a plain page while it is not built in", func(*gin.Context) string { return indexFile }},
		{"/console/{page}", "consoleRoute", "A page of the console, by its address", func(c *gin.Context) string { return c.Param("page") }},
		{"/console/assets/{asset}", "consoleAsset", "Scripts and styles of the console; each name holds its content's hash", func(c *gin.Context) string { return "assets/" + c.Param("asset") }},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			id := route.id
			if method == http.MethodHead {
				id += "Head"
			}
			registerRaw(s, op{
				Method: method, Path: route.path, ID: id, Summary: route.summary, Audience: Public, Limit: LimitNone, Cacheable: true,
				Statuses: []int{http.StatusOK, http.StatusServiceUnavailable},
			}, func(c *gin.Context) { s.showConsole(c, route.name(c)) })
		}
	}
	registerRaw(s, op{
		Method: http.MethodGet, Path: "/console", ID: "consoleDoor", Summary: "The console's address without its last stroke",
		Audience: Public, Limit: LimitNone, Statuses: []int{http.StatusPermanentRedirect},
	}, func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/console/") })
}

func (s *server) showConsole(c *gin.Context, name string) {
	if s.console == nil {
		c.Header("Cache-Control", "no-store")
		s.showNotBuilt(c)
		return
	}
	file := s.console.find(name)
	if file == nil {
		s.refuse(c, errRouteNotFound)
		return
	}
	asPage(c, consolePolicy)
	h := c.Writer.Header()
	h.Set("Content-Type", file.kind)
	h.Set("ETag", file.tag)
	if file.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := file.body
	if file.squeezes {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(c.GetHeader("Accept-Encoding")) {
			body = file.squeezed()
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Status(http.StatusOK)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(body) // a closed page is nobody's error
	}
}

// takesGzip reports whether a browser reads gzip: named, and not with a weight of nothing.
func takesGzip(accepted string) bool {
	for coding := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		value, isWeight := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		q, err := strconv.ParseFloat(value, 64)
		return !isWeight || err == nil && q > 0
	}
	return false
}
