package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const aMisuse = `{"kind":"held_card","department":"民政局","text":"村会计扣着我家三张卡不还"}`

func TestR68_ReportsArePublicNarrowAndTellNobodyWhoMadeThem(t *testing.T) {
	t.Parallel()
	f := &fakeMisuse{}
	r := newRig(t, func(d *Deps) { d.Misuse = f })
	json := []string{"Content-Type", "application/json"}
	w := r.call(http.MethodPost, "/v1/misuse-reports", aMisuse, json...)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), "ABCD-EFGH-JKMN-PQRS")
	require.Empty(t, f.by[0].ID, "no login, nobody")
	w = r.call(http.MethodPost, "/v1/misuse-reports", `{"kind":"held_card","text":"`+strings.Repeat("长", 6000)+`"}`, json...)
	requireProblem(t, w, http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")

	for range 30 {
		w = r.call(http.MethodPost, "/v1/misuse-reports", aMisuse, json...)
	}
	requireProblem(t, w, http.StatusTooManyRequests, "RATE_LIMITED")
	require.NotEmpty(t, w.Header().Get("Retry-After"))

	wrong := `{"number":"20211220-00000042-7","code":"ABCD"}`
	unknown := `{"number":"20211220-00000001-1","code":"ABCD-EFGH-JKMN-PQRS"}`
	a, b := r.call(http.MethodPost, "/v1/misuse-reports/answers", wrong, json...), r.call(http.MethodPost, "/v1/misuse-reports/answers", unknown, json...)
	requireProblem(t, a, http.StatusNotFound, "REPORT_NOT_FOUND")
	requireProblem(t, b, http.StatusNotFound, "REPORT_NOT_FOUND")
	w = r.call(http.MethodPost, "/v1/misuse-reports/answers", `{"number":"20211220-00000042-7","code":"ABCD-EFGH-JKMN-PQRS"}`, json...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NotContains(t, w.Body.String(), "三张卡", "the text is not read back by code")

	for _, path := range []string{"/agent/v1/misuse-reports", "/agent/v1/misuse-reports/" + string(aReport.ID)} {
		w = r.call(http.MethodGet, path, "", bearer(agentToken)...)
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.NotContains(t, w.Body.String(), string(aReport.PersonID))
	}
}

func TestR08_PostingsAndTotalsAreCachedAndRevalidated(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	for _, path := range []string{"/v1/postings", "/v1/public-totals"} {
		body, tag := r.getJSON(path)
		require.NotEmpty(t, tag)
		require.NotEmpty(t, body["as_of"])
		f.asOf = f.asOf.Add(60_000_000_000)
		_, same := r.getJSON(path)
		require.Equal(t, tag, same, "as_of stands outside the tag")
		require.Equal(t, http.StatusNotModified, r.call(http.MethodGet, path, "", "If-None-Match", tag).Code)
		next, _ := r.getJSON(path + "?cursor=" + body["next_cursor"].(string))
		require.NotEmpty(t, next["items"])
	}
	body, _ := r.getJSON("/v1/public-totals")
	items := body["items"].([]any)
	require.Equal(t, true, items[0].(map[string]any)["suppressed"])
	require.NotContains(t, items[0], "people")
	w := r.call(http.MethodGet, "/v1/public-totals.csv", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "\uFEFF发放月份,项目编码,项目名称,区县,人数,笔数,金额(元)\r\n2021-11,P28,'=高龄津贴,全市,未公布,,\r\n2021-11,P28,'=高龄津贴,410303,6,7,350.00\r\n", w.Body.String())
}
