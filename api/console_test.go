package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const (
	firstPage = "<!doctype html><title>12333</title>"
	someCode  = "console.log('a line that is long enough to be worth squeezing, worth squeezing, worth squeezing')"
)

func aBuild() fstest.MapFS {
	return fstest.MapFS{
		"index.html":        {Data: []byte(firstPage)},
		"pages.json":        {Data: []byte(`[{"path":"/login"},{"path":"/call"}]`)},
		"icon.svg":          {Data: []byte("<svg/>")},
		"assets/a-1f2e.js":  {Data: []byte(someCode)},
		"assets/a-1f2e.css": {Data: []byte("body{}")},
	}
}

func withConsole(built fs.FS) func(*Deps) { return func(d *Deps) { d.Console = built } }

func TestTheConsoleIsServedFromItsBuild(t *testing.T) {
	t.Parallel()
	r := newRig(t, withConsole(aBuild()))
	for _, path := range []string{"/console/", "/console/index.html", "/console/login", "/console/call"} {
		w := r.call(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Equal(t, firstPage, w.Body.String(), path)
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"), path)
		require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"), path)
		require.Equal(t, consolePolicy, w.Header().Get("Content-Security-Policy"))
		require.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
		require.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
	}
	w := r.call(http.MethodGet, "/console/assets/a-1f2e.js", "")
	require.Equal(t, "public, max-age=31536000, immutable", w.Header().Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Equal(t, someCode, w.Body.String())
	require.Equal(t, "no-cache", r.call(http.MethodGet, "/console/icon.svg", "").Header().Get("Cache-Control"))
	require.Equal(t, "/console/", r.call(http.MethodGet, "/console", "").Header().Get("Location"))
}

func TestOnlyTheCitizensPagesMayAskWhereOneStands(t *testing.T) {
	t.Parallel()
	r := newRig(t, withConsole(aBuild()), func(d *Deps) { d.CitizenPages = aBuild() })
	require.Contains(t, r.call(http.MethodGet, "/m/", "").Header().Get("Permissions-Policy"), "geolocation=(self)")
	require.Contains(t, r.call(http.MethodGet, "/console/", "").Header().Get("Permissions-Policy"), "geolocation=()")
}

func TestOnlyWhatTheBuildHoldsIsServed(t *testing.T) {
	t.Parallel()
	r := newRig(t, withConsole(aBuild()))
	for _, path := range []string{
		"/console/nothing", "/console/assets/nothing.js", "/console/assets/", "/console/assets/..", "/console/..%2findex.html", "/console/assets/..%2findex.html",
		"/console/assets/%2e%2e%2fpages.json", "/console/call/deeper", "/console/assets/a-1f2e.js/x", "/console/assets", "/console/..%5cgo.mod", "/console/%2fetc%2fpasswd",
	} {
		require.Equal(t, http.StatusNotFound, r.call(http.MethodGet, path, "").Code, path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, r.call(http.MethodPost, "/console/", `{}`).Code)
}

func TestTheConsoleIsSentOnceAndSqueezed(t *testing.T) {
	t.Parallel()
	r := newRig(t, withConsole(aBuild()))
	w := r.call(http.MethodGet, "/console/assets/a-1f2e.js", "", "Accept-Encoding", "br, gzip;q=0.5")
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
	z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	require.NoError(t, err)
	got, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, someCode, string(got))
	require.Less(t, w.Body.Len(), len(someCode))

	for _, refused := range []string{"br", "gzip;q=0", "gzip; q=0.0", "gzipped", ""} {
		w := r.call(http.MethodGet, "/console/assets/a-1f2e.js", "", "Accept-Encoding", refused)
		require.Empty(t, w.Header().Get("Content-Encoding"), refused)
		require.Equal(t, someCode, w.Body.String(), refused)
	}
	tag := w.Header().Get("ETag")
	require.NotEmpty(t, tag)
	again := r.call(http.MethodGet, "/console/assets/a-1f2e.js", "", "If-None-Match", tag)
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Zero(t, again.Body.Len())

	head := r.call(http.MethodHead, "/console/call", "")
	require.Equal(t, http.StatusOK, head.Code)
	require.Zero(t, head.Body.Len())
	require.Equal(t, tagOf(r, "/console/"), head.Header().Get("ETag"))
}

func tagOf(r *rig, path string) string { return r.call(http.MethodGet, path, "").Header().Get("ETag") }

func TestNobodyIsCountedForLoadingTheConsole(t *testing.T) {
	t.Parallel()
	r := newRig(t, withConsole(aBuild()), func(d *Deps) { d.Figures = Figures{GuestReads: 1} })
	for range 20 { // a hotline sits behind one address
		require.Equal(t, http.StatusOK, r.call(http.MethodGet, "/console/assets/a-1f2e.js", "").Code)
	}
}

func TestWithoutABuildTheConsoleSaysSo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/console/", "/console/call", "/console/assets/a.js"} {
		w := r.call(http.MethodGet, path, "")
		require.Equal(t, http.StatusServiceUnavailable, w.Code, path)
		require.Contains(t, w.Body.String(), "12333", path)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"), "a page that is missing today may be there tomorrow")
	}
}

func TestABuildThatIsNoneIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(fstest.MapFS){
		"no list of pages": func(b fstest.MapFS) { delete(b, "pages.json") },
		"no first page":    func(b fstest.MapFS) { delete(b, "index.html") },
		"an empty list":    func(b fstest.MapFS) { b["pages.json"] = &fstest.MapFile{Data: []byte("[]")} },
		"a strange file":   func(b fstest.MapFS) { b["assets/a.js.map"] = &fstest.MapFile{Data: []byte("{}")} },
	} {
		built := aBuild()
		spoil(built)
		_, err := New(Deps{Console: built})
		require.Error(t, err, name)
	}
	require.Contains(t, consolePolicy, "frame-ancestors 'none'")
	require.NotContains(t, strings.ReplaceAll(consolePolicy, "style-src 'self' 'unsafe-inline'", ""), "unsafe")
}
