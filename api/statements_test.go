package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

const goodCode = "7KQ2M9XD04TRHW5C"

func (f *fakeSubsidies) PrintStatement(_ context.Context, _ models.Actor, year int) (subsidy.File, error) {
	f.calls++
	if year != 2021 {
		return subsidy.File{}, subsidy.ErrYear
	}
	return subsidy.File{Statement: subsidy.Statement{Code: goodCode, Year: year}, PDF: []byte("%PDF-1.7 whole")}, f.err
}

func (f *fakeSubsidies) CheckStatement(_ context.Context, code string) (subsidy.StatementCheck, error) {
	f.calls++
	if bare, _ := subsidy.ParseCheckCode(code); bare != goodCode {
		return subsidy.StatementCheck{}, subsidy.ErrStatementUnknown
	}
	return subsidy.StatementCheck{Holder: "王**", Statement: subsidy.Statement{
		Code: goodCode, PersonID: "person-1", Digest: "d", Year: 2021, Count: 3, TotalFen: 93_800, AsOf: f.asOf, MadeAt: f.asOf,
	}}, f.err
}

func TestAStatementIsAFileOfItsOwner(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	w := r.call(http.MethodGet, "/v1/arrivals/statement?year=2021", "", bearer(citizenToken)...)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "%PDF-1.7 whole", w.Body.String())
	require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
	require.Contains(t, w.Header().Get("Content-Disposition"), `filename="statement-2021.pdf"`)
	require.Contains(t, w.Header().Get("Cache-Control"), "no-store")
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/arrivals/statement?year=2021", "", append(bearer(citizenToken), "If-None-Match", w.Header().Get("ETag"))...).Code)
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/statement?year=2022", "", bearer(citizenToken)...), 422, "YEAR_INVALID")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/statement", "", bearer(citizenToken)...), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/statement?year=2021", ""), 401, "LOGIN_REQUIRED")
	f.err = subsidy.ErrStatementGlyph
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/statement?year=2021", "", bearer(citizenToken)...), 503, "STATEMENT_NOT_PRINTABLE")
}

func TestAnybodyVerifiesAStatementByItsCodeAndNobodyTriesMany(t *testing.T) {
	t.Parallel()
	f := &fakeSubsidies{asOf: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}
	r := newRig(t, func(d *Deps) { d.Subsidies, d.Figures.GuestWrites = f, 8 })
	body, _ := r.getJSON("/v1/statement-checks/7kq2-m9xd-04tr-hw5c")
	require.Equal(t, map[string]any{
		"genuine": true, "code": "7KQ2-M9XD-04TR-HW5C", "holder": "王**", "year": 2021.0, "count": 3.0, "total_fen": 93_800.0, "total_yuan": "938.00",
		"as_of": "2021-12-20T01:00:00Z", "made_at": "2021-12-20T01:00:00Z",
	}, body, "and nothing else")
	for _, wrong := range []string{"7KQ2-M9XD-04TR-HW5D", "x", "%E6%B1%89"} {
		p := requireProblem(t, r.call(http.MethodGet, "/v1/statement-checks/"+wrong, ""), 404, "STATEMENT_UNKNOWN")
		require.NotContains(t, p.Detail, wrong)
	}
	last := 0
	for range 8 {
		last = r.call(http.MethodGet, "/v1/statement-checks/x", "").Code
	}
	require.Equal(t, 429, last)
}
