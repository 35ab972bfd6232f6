package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
)

// nullWriter is a ResponseWriter that costs nothing, so that what is measured is ours.
type nullWriter struct{ h http.Header }

func (w *nullWriter) Header() http.Header         { return w.h }
func (w *nullWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *nullWriter) WriteHeader(int)             {}

func benchRequest(method, path, body, token string) *http.Request {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if body == "" {
		req.Body = http.NoBody
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req
}

// BenchmarkEdgeRead is a personal read through the whole line; its floor is the same answer from gin alone.
func BenchmarkEdgeRead(b *testing.B) {
	r := benchRig(b)
	run(b, r.engine, "GET", "/agent/v1/samples/1", "", agentToken)
}

func BenchmarkEdgeReadFloor(b *testing.B) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/agent/v1/samples/:id", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	run(b, e, "GET", "/agent/v1/samples/1", "", "")
}

func BenchmarkEdgeWrite(b *testing.B) {
	r := benchRig(b)
	run(b, r.engine, "POST", "/v1/samples/1/acts", `{"kind":"a","count":3,"nested":{"deep":"x"}}`, citizenToken)
}

func BenchmarkStrictJSON(b *testing.B) {
	body := []byte(`{"kind":"a","count":3,"phone":"13800138000","tags":["a","b"],"nested":{"deep":"x"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := strictJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}

func benchRig(b *testing.B) *rig {
	b.Helper()
	v, err := New(Deps{Auth: fakeAuth{}, Figures: Figures{Reads: 1 << 30, Writes: 1 << 30, GuestReads: 1 << 30, GuestWrites: 1 << 30}})
	require.NoError(b, err)
	return (&rig{server: v.s}).withSample()
}

func run(b *testing.B, h http.Handler, method, path, body, token string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		w := &nullWriter{h: http.Header{}}
		h.ServeHTTP(w, benchRequest(method, path, body, token))
	}
}
