package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCursorsAreBoundToPersonAndList(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	var page list[string]
	w := r.call("GET", "/v1/samples", "", bearer(citizenToken)...)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	next := page.NextCursor
	require.NotEmpty(t, next)

	w = r.call("GET", "/v1/samples?cursor="+next, "", bearer(citizenToken)...)
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), "first|second")

	requireProblem(t, r.call("GET", "/v1/samples?cursor="+next, "", bearer(otherToken)...), 422, "CURSOR_INVALID")
	for _, bad := range []string{"x", "%", "AAAA", next + "A", strings.ToUpper(next), next[:len(next)-2], next + "=", "410303198001010015"} {
		w := r.call("GET", "/v1/samples?cursor="+url.QueryEscape(bad), "", bearer(citizenToken)...)
		requireProblem(t, w, 422, "CURSOR_INVALID")
		require.NotContains(t, w.Body.String(), plantedID)
	}
	requireProblem(t, r.call("GET", "/v1/samples?cursor="+strings.Repeat("A", 1025), "", bearer(citizenToken)...), 422, "INVALID_INPUT")

	ctx := t.Context()
	_, err := r.place(ctx, "year=2021", r.cursor(ctx, "year=2020", "p"))
	require.ErrorIs(t, err, errCursor, "another filter")
	got, err := r.place(ctx, "year=2021", r.cursor(ctx, "year=2021", "p"))
	require.NoError(t, err)
	require.Equal(t, "p", got)
	require.Empty(t, r.cursor(ctx, "", ""), "no place, no next page")
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	for _, limit := range []string{"0", "-1", "101", "1e2", "x", "9999999999999999999999"} {
		requireProblem(t, r.call("GET", "/v1/samples?limit="+limit, "", bearer(citizenToken)...), 422, "INVALID_INPUT")
	}
	require.Equal(t, 200, r.call("GET", "/v1/samples?limit=100", "", bearer(citizenToken)...).Code)
	b, err := json.Marshal(listOf[int](nil, ""))
	require.NoError(t, err)
	require.JSONEq(t, `{"items":[],"next_cursor":""}`, string(b))
}

func TestAnUnchangedAnswerIsNotSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	w := r.call("GET", "/v1/samples", "", bearer(citizenToken)...)
	tag := w.Header().Get("ETag")
	require.NotEmpty(t, tag)
	for _, wanted := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		w = r.call("GET", "/v1/samples", "", append(bearer(citizenToken), "If-None-Match", wanted)...)
		require.Equal(t, http.StatusNotModified, w.Code, wanted)
		require.Empty(t, w.Body.String())
		require.Equal(t, tag, w.Header().Get("ETag"))
	}
	for _, wanted := range []string{`"x"`, "nonsense"} {
		w = r.call("GET", "/v1/samples", "", append(bearer(citizenToken), "If-None-Match", wanted)...)
		require.Equal(t, 200, w.Code)
		require.NotEmpty(t, w.Body.String())
	}
	w = r.call("GET", "/v1/samples", "", "If-None-Match", "*")
	requireProblem(t, w, 401, "LOGIN_REQUIRED")
}

func TestTheDocumentAndItsPageAreOurOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.call("GET", "/openapi.json", "")
	require.Equal(t, 200, w.Code)
	require.Equal(t, r.document, w.Body.Bytes())
	require.Equal(t, 304, r.call("GET", "/openapi.json", "", "If-None-Match", w.Header().Get("ETag")).Code)

	page := r.call("GET", "/docs", "")
	require.Equal(t, 200, page.Code)
	require.NotContains(t, page.Body.String(), "http", "nothing from elsewhere")
	require.Equal(t, docsPolicy, page.Header().Get("Content-Security-Policy"))
	for _, asset := range []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"} {
		require.Contains(t, page.Body.String(), "/docs/"+asset)
		w := r.call("GET", "/docs/"+asset, "")
		require.Equal(t, 200, w.Code, asset)
		require.NotEmpty(t, w.Body.Bytes())
	}
	for _, asset := range []string{"index.html", "swagger-initializer.js", "..%2ffiles.go", "swagger-ui.js.map"} {
		requireProblem(t, r.call("GET", "/docs/"+asset, ""), 404, "ROUTE_NOT_FOUND")
	}
	require.NotContains(t, r.call("GET", "/docs/start.js", "").Body.String(), "supportedSubmitMethods")
}

func TestDocsInProduction(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.Production = true; d.DocsHost = "docs.example.gov.cn" })
	requireProblem(t, r.call("GET", "/docs", ""), 404, "ROUTE_NOT_FOUND")
	requireProblem(t, r.call("GET", "/docs/start.js", ""), 404, "ROUTE_NOT_FOUND")

	hidden := newRig(t, func(d *Deps) { d.HideDocs = true })
	requireProblem(t, hidden.call("GET", "/docs", ""), 404, "ROUTE_NOT_FOUND")

	here := newRig(t, func(d *Deps) { d.Production = true; d.DocsHost = "example.com" }) // httptest's host
	require.Equal(t, 200, here.call("GET", "/docs", "").Code)
	require.Contains(t, here.call("GET", "/docs/start.js", "").Body.String(), "supportedSubmitMethods: []", "shown, not tried out")
}

func TestMetricsCountTemplates(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	r.call("DELETE", "/v1/samples/"+plantedID, "", bearer(citizenToken)...)
	r.call("GET", "/v1/samples", "", bearer(citizenToken)...)
	r.call("GET", "/nothing/"+plantedID, "")
	r.call("INVENTED", "/nothing", "")
	w := newRecorderOf(r.metrics.handler())
	for _, line := range []string{
		`onecard_http_requests_total{method="DELETE",route="/v1/samples/{id}",status="204"} 1`,
		`onecard_http_requests_total{method="GET",route="/v1/samples",status="200"} 1`,
		`onecard_http_requests_total{method="GET",route="none",status="404"} 1`,
		`onecard_http_requests_total{method="other",route="none",status="404"} 1`,
		`onecard_http_refusals_total{code="ROUTE_NOT_FOUND"} 2`,
		`onecard_http_in_flight 0`,
		`onecard_http_request_seconds_count{method="GET",route="/v1/samples"} 1`,
	} {
		require.Contains(t, w, line)
	}
	require.NotContains(t, w, plantedID)
}
