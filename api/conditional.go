package api

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// etag names a state of an answer. v is what the answer says, without how fresh our copy is: as_of may move while the
// answer stays the same. The tag is a MAC, so it tells nothing about the content. Put it into an output field
// `ETag string header:"ETag"`; the edge answers 304 by itself.
func (s *server) etag(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // no tag, no shortcut
	}
	return s.etagOf(b)
}

// etagOf is etag for an answer that is written already.
func (s *server) etagOf(b []byte) string {
	return `"` + hex.EncodeToString(s.macs.sum("etag", string(b))[:16]) + `"`
}

// conditionalWriter turns a 200 whose ETag the caller already has into a 304 without a body.
type conditionalWriter struct {
	gin.ResponseWriter
	wanted string
	skip   bool
}

// WriteHeader decides: by now the handler has set its ETag.
func (w *conditionalWriter) WriteHeader(code int) {
	if tag := w.Header().Get("ETag"); code == http.StatusOK && tag != "" && tagMatches(w.wanted, tag) {
		w.skip = true
		w.Header().Del("Content-Type")
		w.Header().Del("Content-Length")
		code = http.StatusNotModified
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *conditionalWriter) Write(b []byte) (int, error) {
	if w.skip {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// WriteString is gin's second way to write.
func (w *conditionalWriter) WriteString(s string) (int, error) {
	if w.skip {
		return len(s), nil
	}
	return w.ResponseWriter.WriteString(s)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *conditionalWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// tagMatches compares weakly, as RFC 9110 13.1.2 asks.
func tagMatches(wanted, tag string) bool {
	for candidate := range strings.SplitSeq(wanted, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
