package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// editions is P28 before and after it was renamed, by somebody who likes formulas.
func editions() []subsidy.Programme {
	one := subsidy.Programme{Code: "P28", Edition: 1, Number: 28, Name: "高龄津贴", ShortName: "高龄津贴", Domain: "civil_affairs", Department: "民政局",
		PayeeKind: "individual", Cadence: "quarterly", Sensitivity: subsidy.SensitivityNormal, PolicyDoc: `清单"第28项",甲`, ValidFrom: "2019-01-01", ValidTo: "2021-12-31"}
	two := one
	two.Edition, two.Name, two.ValidFrom, two.ValidTo = 2, "=HYPERLINK(\"http://evil.example\")", "2022-01-01", ""
	return []subsidy.Programme{one, two}
}

func (f *fakeSubsidies) Programme(_ context.Context, code string, on models.Date) (subsidy.Programme, time.Time, error) {
	f.calls++
	if code != "P28" {
		return subsidy.Programme{}, time.Time{}, subsidy.ErrProgrammeNotFound
	}
	if on >= "2022-01-01" {
		return editions()[1], f.asOf, f.err
	}
	return editions()[0], f.asOf, f.err
}

func (f *fakeSubsidies) ProgrammeHistory(_ context.Context, code string) ([]subsidy.Edition, time.Time, error) {
	f.calls++
	if code != "P28" {
		return nil, time.Time{}, subsidy.ErrProgrammeNotFound
	}
	all := editions()
	return []subsidy.Edition{{Programme: all[0]}, {Programme: all[1], Changes: []subsidy.Change{{Field: "name", Label: "项目名称", Before: "高龄津贴", After: "高龄老人津贴"}}}}, f.asOf, f.err
}

func (f *fakeSubsidies) WholeCatalogue(context.Context) ([]subsidy.Programme, time.Time, error) {
	f.calls++
	return editions(), f.asOf, f.err
}

func TestR9_OneProgrammeIsShownAsItWasOnADayAndWithItsHistory(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	body, tag := r.getJSON("/v1/programmes/P28?on=2021-12-31")
	require.Equal(t, "高龄津贴", body["name"])
	require.Equal(t, "民政", body["domain_label"])
	require.Equal(t, "按季度", body["cadence_label"])
	require.Equal(t, "normal", body["sensitivity"])
	require.Equal(t, "registry", body["source"])
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/programmes/P28?on=2021-12-31", "", "If-None-Match", tag).Code)
	body, _ = r.getJSON("/v1/programmes/P28?on=2022-01-01")
	require.InDelta(t, 2, body["edition"], 0)

	body, tag = r.getJSON("/v1/programmes/P28/history")
	versions := body["editions"].([]any)
	require.Len(t, versions, 2)
	require.Empty(t, versions[0].(map[string]any)["changes"])
	require.Equal(t, "项目名称", versions[1].(map[string]any)["changes"].([]any)[0].(map[string]any)["label"])
	require.Equal(t, "2022-01-01", versions[1].(map[string]any)["valid_from"])
	f.asOf = f.asOf.Add(time.Hour)
	_, later := r.getJSON("/v1/programmes/P28/history")
	require.Equal(t, tag, later)

	for _, path := range []string{"/v1/programmes/P99", "/v1/programmes/P99/history", "/v1/programmes/P28.json"} {
		requireProblem(t, r.call(http.MethodGet, path, ""), 404, "PROGRAMME_NOT_FOUND")
	}
	requireProblem(t, r.call(http.MethodGet, "/v1/programmes/P28?on=2021-02-30", ""), 422, "DATE_INVALID")
	requireProblem(t, r.call(http.MethodGet, "/v1/programmes?payee_kind=nobody", ""), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodPost, "/v1/programmes/P28", "{}"), 405, "METHOD_NOT_ALLOWED")
}

func TestR6_TheCatalogueIsTakenWholeByMachines(t *testing.T) {
	t.Parallel()
	r, _ := subsidyRig(t)
	body, tag := r.getJSON("/v1/programmes.json")
	require.Len(t, body["items"], 2, "every version")
	w := r.call(http.MethodGet, "/v1/programmes.json", "")
	require.Equal(t, `attachment; filename="programmes.json"`, w.Header().Get("Content-Disposition"))
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/programmes.json", "", "If-None-Match", tag).Code)

	w = r.call(http.MethodGet, "/v1/programmes.csv", "")
	require.Equal(t, 200, w.Code)
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, `attachment; filename="programmes.csv"`, w.Header().Get("Content-Disposition"))
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/programmes.csv", "", "If-None-Match", w.Header().Get("ETag")).Code)
	sheet := w.Body.String()
	require.True(t, strings.HasPrefix(sheet, "\uFEFF项目编码,"), "Excel reads it as UTF-8")
	require.Equal(t, 3, strings.Count(sheet, "\r\n"))
	require.NotContains(t, strings.ReplaceAll(sheet, "\r\n", ""), "\n")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(sheet, "\uFEFF"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	require.Equal(t, `清单"第28项",甲`, rows[1][12])
	require.Equal(t, "'=HYPERLINK(\"http://evil.example\")", rows[2][3])
}

func TestACellIsNeverAFormula(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "＋1", "－1", "＠x", "\u3000=1", "|cmd", "%x"} {
		require.Equal(t, "'"+bad, inert(bad))
	}
	for _, good := range []string{"", " ", "高龄津贴", "2021-12-31", "a=b", "P28", "“一卡通”"} {
		require.Equal(t, good, inert(good))
	}
}
