package scenario

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models/subsidy"
)

// Every cause is reachable in the demo city by the way that docs/explanations.md describes.
func TestEveryCauseIsMetInTheDemoCity(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, d := range boottest.CauseDemos() {
		require.False(t, shown[d.Cause], "one demonstration for each: %s", d.Cause)
		shown[d.Cause] = true
		t.Run(d.Cause, func(t *testing.T) {
			t.Parallel()
			r := boottest.Start(t)
			who := r.Fresh("wechat_mini", d.Citizen)
			r.Perform(d)
			got := who.Get("/v1/explanations?programme=" + d.Programme + "&period=" + url.QueryEscape(d.Period)).Is(http.StatusOK)
			require.Equal(t, d.Cause, got.Text("cause"), "%s", got.Raw)
			require.NotEmpty(t, got.Text("sentence"))
			require.Contains(t, got.Text("next_step", "text"), "12333")
			require.NotEmpty(t, got.Text("office", "phone"))
			require.Equal(t, "department", got.Text("office", "kind"), "the city has an office for every programme and district")
			require.NotEmpty(t, got.Text("as_of"))
			require.Empty(t, got.List("stale"))
		})
	}
	for _, s := range subsidy.CauseSpecs() {
		require.True(t, shown[string(s.Cause)], "nobody in the demo city shows %s", s.Cause)
	}
}

func TestAnExplanationByArrivalAndTheEnquiryWhereNobodyCanTell(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	paid := r.Happens("return", "wang", map[string]any{"programme": "23", "reason": "NAME_MISMATCH"})
	id := paid.Text("ledger_month") + "~" + paid.Text("batch_id") + "~1"
	got := wang.Get("/v1/explanations?arrival_id=" + id).Is(http.StatusOK)
	require.Equal(t, "RETURNED", got.Text("cause"))
	require.Equal(t, id, got.Text("arrival_id"))
	require.NotContains(t, string(got.Raw), "艾滋", "R55")
	require.NotRegexp(t, `\bP23\b`, string(got.Raw), "R55: the code alone would name it")

	r.Later(11 * time.Minute)
	wang.Get("/v1/explanations?programme=P23").Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Get("/v1/explanations").Refused(http.StatusUnprocessableEntity, "EXPLAIN_WHAT")
	wang.Get("/v1/explanations?programme=P99").Refused(http.StatusNotFound, "PROGRAMME_NOT_FOUND")
	r.Nobody().Get("/v1/explanations?programme=P41").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	r.AtPhone("alipay_mini", "zhang").Get("/v1/explanations?programme=P28").Refused(http.StatusForbidden, "RECHECK_REQUIRED")

	ask := map[string]string{"programme": "P41", "period": "2022-01"}
	require.Equal(t, true, wang.Get("/v1/explanations?programme=P41&period=2022-01").Is(http.StatusOK).At("may_enquire"))
	number := wang.Post("/v1/explanations/enquiries", ask).Is(http.StatusAccepted).Text("number")
	require.Equal(t, number, wang.Post("/v1/explanations/enquiries", ask).Is(http.StatusAccepted).Text("number"))
	require.Equal(t, number, wang.Get("/v1/enquiries").Is(http.StatusOK).Text("items", 0, "number"))
	r.Happens("credit", "wang", map[string]any{"programme": "41", "period": "2022-01"})
	wang.Post("/v1/explanations/enquiries", ask).Refused(http.StatusConflict, "ALREADY_EXPLAINED")
}

func TestR55_R58_AnAgentReadsTheCitizensSentence(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	r.Happens("return", "wang", map[string]any{"programme": "41", "period": "2022-01", "reason": "NAME_MISMATCH"})
	agent := r.Agent()
	call := r.CallIn(agent, "wang")
	path := "/agent/v1/calls/" + call
	about := "/explanation?programme=P41&period=2022-01"
	agent.Get(path+about).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/verification", map[string]string{"name": wang.Name, "id_last6": wang.IDNumber[12:]}).Is(http.StatusOK)
	agent.Get(path+about).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	r.CalledBack(agent, call)
	agent.Post(path+"/verification", map[string]string{"name": wang.Name, "id_number": wang.IDNumber}).Is(http.StatusOK)

	hers := wang.Get("/v1/explanations?programme=P41&period=2022-01").Is(http.StatusOK)
	told := agent.Get(path + about).Is(http.StatusOK)
	require.Equal(t, hers.Text("sentence_id"), told.Text("sentence_id"))
	require.Equal(t, hers.Text("sentence"), told.Text("sentence"))
	given := r.Decisions("subsidy.explanation.given")
	require.Len(t, given, 1, "what was read out can be found again")
	require.Equal(t, told.Text("sentence_id"), given[0].Note("sentence"))
	require.NotEmpty(t, given[0].CallID)
	agent.Get(path+"/explanation?programme=P23").Refused(http.StatusForbidden, "ACTION_NOT_ON_CHANNEL")
	relief := agent.Get(path + "/explanation?programme=P26").Is(http.StatusOK)
	require.NotContains(t, string(relief.Raw), "最低生活", "neutral by phone")
}

func TestR05_PayeesOfAnAnnouncedBatchAreWarnedOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("financial", "zhang", map[string]any{"financial": "opened_inactive"})
	r.Happens("credit", "zhang", map[string]any{"programme": "23", "state": "approved"})
	r.Happens("credit", "wang", map[string]any{"programme": "41", "state": "approved"})
	r.Later(time.Minute)
	require.Equal(t, 1, r.Told("zhang", "未激活", "农业银行", "12333"))
	require.Zero(t, r.Told("wang", "待发"))
	r.Happens("credit", "zhang", map[string]any{"programme": "41", "state": "approved"})
	r.Later(time.Minute)
	require.Equal(t, 1, r.Told("zhang", "待发"), "once a month")
	require.Len(t, r.Decisions("subsidy.preview.done"), 3, "one row for a batch")
}
