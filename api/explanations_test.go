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

// fakeExplanations answers and remembers what it was asked, and by whom.
type fakeExplanations struct {
	q     subsidy.ExplainQuery
	by    models.Actor
	calls int
}

var asOfNine = time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)

func (f *fakeExplanations) Readiness(_ context.Context, by models.Actor) (subsidy.Readiness, error) {
	f.by, f.calls = by, f.calls+1
	return subsidy.Readiness{Verdict: subsidy.NotReady, Code: "NO_CARD", AsOf: asOfNine.Add(time.Duration(f.calls) * time.Minute), Checks: []subsidy.ReadinessCheck{
		{Check: "in_system", Name: "已进入", Verdict: subsidy.VerdictOK}, {Check: "card_issued", Name: "有卡", Verdict: subsidy.VerdictMissing, Code: "NO_CARD", Next: subsidy.Step{Code: "apply", Text: "请申领"}}}}, nil
}

func (f *fakeExplanations) Explanation(_ context.Context, by models.Actor, q subsidy.ExplainQuery) (subsidy.Explanation, error) {
	f.q, f.by, f.calls = q, by, f.calls+1
	if q.Programme == "P23" {
		return subsidy.Explanation{}, models.ErrForbidden
	}
	return subsidy.Explanation{Cause: subsidy.CauseCannotTell, SentenceID: "CANNOT_TELL.1", Sentence: "说不清", Next: subsidy.Step{Code: "enquire", Text: "可以登记查询"}, AskAt: "office",
		Office: subsidy.Hotline, Name: "一项补贴", Enquiry: true, AsOf: asOfNine}, nil
}

func (f *fakeExplanations) Enquire(_ context.Context, by models.Actor, q subsidy.ExplainQuery) (string, error) {
	f.q, f.by, f.calls = q, by, f.calls+1
	return "20211220-00000001-4", nil
}

func explainRig(t *testing.T) (*rig, *fakeExplanations) {
	t.Helper()
	f := &fakeExplanations{}
	return newRig(t, func(d *Deps) { d.Explanations, d.Calls = f, &fakeHotline{} }), f
}

func TestReadinessIsOneAnswerWithItsDate(t *testing.T) {
	t.Parallel()
	r, f := explainRig(t)
	body, tag := r.getJSON("/v1/readiness", bearer(citizenToken)...)
	require.Equal(t, "not_ready", body["state"])
	require.Equal(t, "NO_CARD", body["code"])
	checks, _ := body["checks"].([]any)
	require.Len(t, checks, 2)
	first, _ := checks[0].(map[string]any)
	require.NotContains(t, first, "next_step", "nothing is to be done where all is well")
	require.Equal(t, []any{}, body["places"])
	require.Equal(t, models.ID("person-1"), f.by.Subject)
	_, again := r.getJSON("/v1/readiness", bearer(citizenToken)...)
	require.Equal(t, tag, again, "a fresher copy that says the same is the same answer")
}

func TestAnExplanationIsPassedOnWhole(t *testing.T) {
	t.Parallel()
	r, f := explainRig(t)
	body, _ := r.getJSON("/v1/explanations?programme=P41&period=2021%E5%B9%B411%E6%9C%88", bearer(citizenToken)...)
	require.Equal(t, subsidy.ExplainQuery{Programme: "P41", Period: "2021年11月"}, f.q)
	require.Equal(t, "CANNOT_TELL.1", body["sentence_id"])
	require.Equal(t, true, body["may_enquire"])
	require.Equal(t, []any{}, body["checks"])
	require.NotContains(t, body, "programme")
	require.NotContains(t, body, "arrival_id")
	require.Equal(t, "hotline", body["office"].(map[string]any)["kind"])
	requireProblem(t, r.call(http.MethodGet, "/v1/explanations?programme=P23", "", bearer(citizenToken)...), 403, models.ErrForbidden.Code)

	w := r.call(http.MethodPost, "/v1/explanations/enquiries", `{"arrival_id":"2021-12~b1~2"}`, append(bearer(citizenToken), "Idempotency-Key", "k-12345678")...)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
	require.Equal(t, "2021-12~b1~2", f.q.Arrival)

	_, _ = r.getJSON("/agent/v1/calls/0190a6f0-0000-7000-8000-000000000001/explanation?programme=P41", bearer(agentToken)...)
	require.Equal(t, models.AgentActor, f.by.Kind)
	require.Equal(t, models.ID("person-1"), f.by.Subject, "the caller, not the agent")
	before := f.calls
	requireProblem(t, r.call(http.MethodGet, "/agent/v1/calls/0190a6f0-0000-7000-8000-000000000001/explanation?programme=P41", "", bearer(citizenToken)...), 401, "LOGIN_REQUIRED")
	require.Equal(t, before, f.calls)
}
