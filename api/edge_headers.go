package api

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// header is one header of ours: its value is shared and never appended to.
type header struct {
	name  string
	value []string
}

// fixedHeaders go with all answers, pageHeaders with those that a browser shows as a page: for data they say
// nothing, and every header of an answer is paid for.
var (
	fixedHeaders = []header{
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Content-Security-Policy", []string{"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	}
	pageHeaders = []header{
		{"X-Frame-Options", []string{"DENY"}},
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), microphone=(), geolocation=()"}},
	}
)

var (
	hsts    = []string{"max-age=31536000"}
	noStore = []string{"no-store"}
	noCache = []string{"no-cache"}
)

// headers says to browsers that an answer is data, ours alone, and never to be kept when it is about a person.
func (s *server) headers(c *gin.Context) {
	h := c.Writer.Header()
	for _, f := range fixedHeaders {
		h[f.name] = f.value
	}
	if s.Production {
		h["Strict-Transport-Security"] = hsts
	}
	if r := requestFrom(c.Request.Context()); r.op != nil && r.op.Cacheable {
		h["Cache-Control"] = noCache
	} else {
		h["Cache-Control"] = noStore
	}
	if c.Request.Method == http.MethodGet {
		if tag := c.GetHeader("If-None-Match"); tag != "" {
			c.Writer = &conditionalWriter{ResponseWriter: c.Writer, wanted: tag}
		}
	}
	c.Next()
}

// asPage says what a page may use, and guards the window it stands in.
func asPage(c *gin.Context, policy string) {
	h := c.Writer.Header()
	for _, f := range pageHeaders {
		h[f.name] = f.value
	}
	h.Set("Content-Security-Policy", policy)
}

// checkTarget refuses paths and queries no store could keep: broken UTF-8, control characters, queries that do not parse.
func (s *server) checkTarget(c *gin.Context) {
	if !plain(c.Request.URL.Path) {
		s.refuse(c, errMalformedRequest)
		return
	}
	if raw := c.Request.URL.RawQuery; raw != "" {
		if len(raw) > maxQuery || strings.Contains(raw, ";") {
			s.refuse(c, errMalformedRequest)
			return
		}
		for key, values := range c.Request.URL.Query() {
			if !plain(key) || !allPlain(values) {
				s.refuse(c, errMalformedRequest)
				return
			}
			if r := requestFrom(c.Request.Context()); r.op != nil && r.op.Audience != Callback {
				if err := refusedKey(key, r.op.AcceptsPassword); err != nil {
					s.refuse(c, err)
					return
				}
			}
		}
	}
	c.Next()
}

const maxQuery = 2048

func allPlain(values []string) bool {
	for _, v := range values {
		if !plain(v) {
			return false
		}
	}
	return true
}

func plain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
