package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func aCitizensBuild() fstest.MapFS {
	return fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>一卡通</title>")},
		"pages.json":          {Data: []byte(`[{"path":"/home"},{"path":"/card"},{"path":"/faqs"}]`)},
		"assets/index-1a.js":  {Data: []byte("1")},
		"assets/index-1a.css": {Data: []byte("a{}")},
	}
}

func TestTheCitizensPagesAreServedFromTheirBuild(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.CitizenPages = aCitizensBuild() })
	for _, path := range []string{"/m/", "/m/card", "/m/faqs", "/m/faqs/01936c1e-0000-7000-8000-000000000001"} {
		w := r.call(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Contains(t, w.Body.String(), "一卡通", path)
		require.Equal(t, citizenPolicy, w.Header().Get("Content-Security-Policy"))
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
	}
	require.Equal(t, "public, max-age=31536000, immutable", r.call(http.MethodGet, "/m/assets/index-1a.css", "").Header().Get("Cache-Control"))
	require.Equal(t, "/m/", r.call(http.MethodGet, "/m", "").Header().Get("Location"))
	for _, path := range []string{"/m/nothing", "/m/nothing/1", "/m/card/1/2", "/m/assets/nothing.js", "/m/assets/..%2findex.html", "/m/..%2findex.html"} {
		require.Equal(t, http.StatusNotFound, r.call(http.MethodGet, path, "").Code, path)
	}
	require.Equal(t, http.StatusServiceUnavailable, r.call(http.MethodGet, "/console/", "").Code, "the other client is not built")
	require.NotContains(t, strings.ReplaceAll(citizenPolicy, "style-src 'self' 'unsafe-inline'", ""), "unsafe")
}

func TestWithoutABuildTheCitizensReadWhomToCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/m/", "/m/card"} {
		w := r.call(http.MethodGet, path, "")
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Contains(t, w.Body.String(), "12333")
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
}

// No mini-program can send PATCH; nothing else travels in disguise.
func TestOnlyPatchIsTakenOutOfAHeader(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	status := func(method, override string) int {
		req := httptest.NewRequestWithContext(t.Context(), method, "/v1/notices/preferences", strings.NewReader(`{}`))
		req.Header.Set("Content-Type", "application/json")
		if override != "" {
			req.Header.Set("X-HTTP-Method-Override", override)
		}
		w := httptest.NewRecorder()
		v.Handler().ServeHTTP(w, req)
		return w.Code
	}
	require.Equal(t, http.StatusUnauthorized, status(http.MethodPatch, ""), "the operation exists")
	require.Equal(t, http.StatusUnauthorized, status(http.MethodPost, http.MethodPatch))
	require.Equal(t, http.StatusMethodNotAllowed, status(http.MethodPost, ""))
	require.Equal(t, http.StatusMethodNotAllowed, status(http.MethodPost, http.MethodDelete))
	require.Equal(t, http.StatusMethodNotAllowed, status(http.MethodPost, "patch"))
	require.Equal(t, http.StatusMethodNotAllowed, status(http.MethodPut, http.MethodPatch))
	require.Equal(t, status(http.MethodGet, ""), status(http.MethodGet, http.MethodPatch), "a read stays a read")
}

func TestTheFootOfEachPageIsWhatIsSet(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) {
		d.Site = Site{Organiser: "某市人社局", ICP: "豫ICP备1号", Hotline: "12333", Entries: []string{"wechat_oa"}}
	})
	w := r.call(http.MethodGet, "/v1/site", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"organiser":"某市人社局","filing":"","icp":"豫ICP备1号","hotline":"12333","pretend":false,"entries":["wechat_oa"]}`, w.Body.String())
	require.NotEmpty(t, w.Header().Get("ETag"))
}
