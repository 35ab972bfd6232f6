package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// fakeSubsidies answers with two payments and a full catalogue, and remembers what it was asked.
type fakeSubsidies struct {
	asked []subsidy.ListQuery
	homes []subsidy.HouseholdAsk
	calls int
	asOf  time.Time
	err   error
}

func paymentOf(state subsidy.State) subsidy.Payment {
	p := subsidy.Payment{Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 2}, Programme: "P41", AmountFen: 33_800, Period: "2021年12月",
		State: state, AccountTail: "1234", CreditedAt: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}
	return p
}

func (f *fakeSubsidies) Arrivals(_ context.Context, _ models.Actor, q subsidy.ListQuery) (subsidy.Arrivals, error) {
	f.calls, f.asked = f.calls+1, append(f.asked, q)
	stageless := paymentOf(subsidy.Credited)
	stageless.Hold = subsidy.HoldStageUnknown
	return subsidy.Arrivals{Year: 2021, More: true, AsOf: f.asOf, Items: []subsidy.Arrival{
		{Payment: paymentOf(subsidy.Credited), Code: "P41", Name: "就业补助", Label: "已到账"},
		{Payment: stageless, Name: "一项补贴", Label: "阶段待确认"},
	}}, f.err
}

func (f *fakeSubsidies) Summary(context.Context, models.Actor, subsidy.SummaryQuery) ([]subsidy.YearTotals, time.Time, error) {
	f.calls++
	return []subsidy.YearTotals{{Year: 2021, Count: 3, AmountFen: 93_800, Items: []subsidy.ProgrammeTotal{
		{Programme: "P41", Name: "就业补助", Count: 2, AmountFen: 33_800}, {Name: "一项补贴", Count: 1, AmountFen: 60_000},
	}}}, f.asOf, f.err
}

func (f *fakeSubsidies) Arrival(_ context.Context, _ models.Actor, id string) (subsidy.Detail, error) {
	f.calls++
	if id != "2021-12~b1~2" {
		return subsidy.Detail{}, subsidy.ErrArrivalNotFound
	}
	p := paymentOf(subsidy.Returned)
	return subsidy.Detail{Arrival: subsidy.Arrival{Payment: p, Code: "P41", Name: "就业补助", Label: "银行退回"}, Bank: "洛阳银行",
		Programme: subsidy.Programme{Department: "人社局"}, Reason: "银行账户未激活", Advice: "请到洛阳银行……", AsOf: f.asOf,
		Timeline: []subsidy.Stage{{State: subsidy.Returned, Label: "银行退回", At: p.CreditedAt}}}, f.err
}

func (f *fakeSubsidies) Programmes(_ context.Context, q subsidy.CatalogueQuery) (subsidy.Catalogue, error) {
	f.calls++
	c := subsidy.Catalogue{On: "2021-12-20", VersionDate: "2021-03-01", AsOf: f.asOf, Local: []subsidy.Programme{{Code: "L410303-01", Name: "廉租住房补贴"}}}
	if q.On != "" {
		c.On = q.On
	}
	for n := 1; n <= 45; n++ {
		c.Programmes = append(c.Programmes, subsidy.Programme{Code: fmt.Sprintf("P%02d", n), Edition: 1, Number: n, Name: "项目" + q.Text,
			OfficialLink: "https://list.registry.example/items", PublishedOn: "2019-01-01", ValidFrom: "2019-01-01"})
	}
	return c, f.err
}

func subsidyRig(t *testing.T) (*rig, *fakeSubsidies) {
	t.Helper()
	f := &fakeSubsidies{asOf: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}
	return newRig(t, func(d *Deps) { d.Subsidies = f }), f
}

func (r *rig) getJSON(path string, headers ...string) (map[string]any, string) {
	r.t.Helper()
	w := r.call(http.MethodGet, path, "", headers...)
	require.Equal(r.t, 200, w.Code, w.Body.String())
	var body map[string]any
	require.NoError(r.t, json.Unmarshal(w.Body.Bytes(), &body))
	return body, w.Header().Get("ETag")
}

func TestR1_NoMethodWritesAnArrivalAndNoneReachesTheCore(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	for _, path := range []string{"/v1/arrivals", "/v1/arrivals/summary", "/v1/arrivals/2021-12~b1~2", "/v1/programmes",
		"/v1/arrivals/household", "/v1/arrivals/statement", "/v1/statement-checks/x", "/v1/programmes/P28"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			w := r.call(method, path, `{"amount_fen":1,"entitled":true}`, append(bearer(citizenToken), "Idempotency-Key", "k-12345678")...)
			requireProblem(t, w, 405, "METHOD_NOT_ALLOWED")
		}
	}
	require.Zero(t, f.calls)
}

func TestR7_NothingCanBeMarkedAsPaid(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	for _, path := range []string{"/v1/arrivals/2021-12~b1~2/paid", "/v1/arrivals/2021-12~b1~2/state", "/v1/batches", "/v1/payments"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch} {
			requireProblem(t, r.call(method, path, `{"state":"credited"}`, bearer(citizenToken)...), 404, "ROUTE_NOT_FOUND")
		}
	}
	require.Zero(t, f.calls)
	for _, o := range r.ops {
		for _, word := range []string{"batch", "credit", "markas", "paid"} {
			require.NotContains(t, strings.ToLower(o.ID+o.Path), word, o.ID)
		}
	}
}

func TestR6_TheCatalogueIsPublic(t *testing.T) {
	t.Parallel()
	r, _ := subsidyRig(t)
	body, tag := r.getJSON("/v1/programmes")
	items := body["items"].([]any)
	require.Len(t, items, 45)
	require.Len(t, body["local_items"], 1, "R10: outside the list")
	require.Equal(t, "2021-03-01", body["version_date"])
	require.NotEmpty(t, body["official_copy"])
	for _, it := range items {
		require.NotEmpty(t, it.(map[string]any)["official_link"])
		require.NotEmpty(t, it.(map[string]any)["published_on"])
	}
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/programmes", "", "If-None-Match", tag).Code)

	body, _ = r.getJSON("/v1/programmes?on=2021-11-08&q=" + url.QueryEscape("津贴"))
	require.Equal(t, "2021-11-08", body["on"], "R9: old versions can be looked at")
	require.Equal(t, "项目津贴", body["items"].([]any)[0].(map[string]any)["name"])
	for _, bad := range []string{"2021-02-30", "x", "20211220"} {
		requireProblem(t, r.call(http.MethodGet, "/v1/programmes?on="+bad, ""), 422, "DATE_INVALID")
	}
}

func TestArrivalsAreListedByYearAndProgramme(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	body, tag := r.getJSON("/v1/arrivals?year=2021&programme=P41&limit=2", bearer(citizenToken)...)
	require.Equal(t, subsidy.ListQuery{Year: 2021, Programme: "P41", Limit: 2}, f.asked[0])
	first, second := body["items"].([]any)[0].(map[string]any), body["items"].([]any)[1].(map[string]any)
	require.Equal(t, "2021-12~b1~2", first["arrival_id"])
	require.InDelta(t, 33_800, first["amount_fen"], 0)
	require.Equal(t, "338.00", first["amount_yuan"])
	require.Equal(t, "2021-12-20T01:00:00Z", first["credited_at"])
	require.Equal(t, "processing", second["state"], "R8")
	require.NotContains(t, second, "credited_at", "已到账 only when the bank said so")
	require.NotContains(t, second, "programme", "R55: where the code would name it")
	require.InDelta(t, 2021, body["year"], 0)
	require.Equal(t, "2021-12-20T01:00:00Z", body["as_of"])

	next := body["next_cursor"].(string)
	_, _ = r.getJSON("/v1/arrivals?year=2021&programme=P41&limit=2&cursor="+next, bearer(citizenToken)...)
	require.Equal(t, subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 2}, f.asked[1].After)
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?year=2020&programme=P41&cursor="+next, "", bearer(citizenToken)...), 422, "CURSOR_INVALID")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?year=2021&programme=P41&cursor="+next, "", bearer(otherToken)...), 422, "CURSOR_INVALID")

	f.asOf = f.asOf.Add(time.Hour)
	_, later := r.getJSON("/v1/arrivals?year=2021&programme=P41&limit=2", bearer(citizenToken)...)
	require.Equal(t, tag, later, "a fresher copy that says the same is the same answer")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals", ""), 401, "LOGIN_REQUIRED")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?person=x", "", bearer(citizenToken)...), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?year=x", "", bearer(citizenToken)...), 422, "INVALID_INPUT")
}

func TestArrivalsInSummaryAndDetail(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	body, tag := r.getJSON("/v1/arrivals/summary", bearer(citizenToken)...)
	year := body["years"].([]any)[0].(map[string]any)
	require.Equal(t, "938.00", year["amount_yuan"])
	require.NotContains(t, year["programmes"].([]any)[1], "programme")
	detail, detailTag := r.getJSON("/v1/arrivals/2021-12~b1~2", bearer(citizenToken)...)
	require.Equal(t, "银行账户未激活", detail["reason"], "R15")
	require.Equal(t, "洛阳银行", detail["bank"])
	require.NotEmpty(t, detail["advice"])
	require.Len(t, detail["timeline"], 1)

	f.asOf = f.asOf.Add(time.Hour)
	_, later := r.getJSON("/v1/arrivals/summary", bearer(citizenToken)...)
	require.Equal(t, tag, later)
	_, later = r.getJSON("/v1/arrivals/2021-12~b1~2", bearer(citizenToken)...)
	require.Equal(t, detailTag, later)

	for _, id := range []string{"x", "2021-12~b1~3", "2021-12~b1'~2", strings.Repeat("9", 96)} {
		requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/"+id, "", bearer(citizenToken)...), 404, "ARRIVAL_NOT_FOUND")
	}
	f.err = policy.ErrRecheckRequired
	for _, path := range []string{"/v1/arrivals", "/v1/arrivals/summary", "/v1/arrivals/2021-12~b1~2"} {
		requireProblem(t, r.call(http.MethodGet, path, "", bearer(citizenToken)...), 403, "RECHECK_REQUIRED")
	}
}
