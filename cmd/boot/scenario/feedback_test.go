package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// arrivalIn is the first payment of the list in a state.
func arrivalIn(t *testing.T, c *boottest.Citizen, state string) string {
	t.Helper()
	list := c.Get("/v1/arrivals?year=2021&state=" + state).Is(http.StatusOK)
	require.NotEmpty(t, list.List("items"), state)
	return list.Text("items", 0, "arrival_id")
}

func TestDidItArriveOverHTTP(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	id := arrivalIn(t, wang, "credited")
	path := "/v1/arrivals/" + id + "/feedback"
	key := []string{"Idempotency-Key", "7f0c1f0e-0000-4000-8000-000000000011"}
	said := wang.Post(path, map[string]any{"answer": "not_received", "note": "存折上没有"}, key...).Is(http.StatusOK)
	number := said.Text("enquiry_number")
	require.NotEmpty(t, number)
	require.NotEmpty(t, said.Text("explanation", "sentence"))
	require.Equal(t, number, wang.Post(path, map[string]any{"answer": "not_received", "note": "存折上没有"}, key...).Is(http.StatusOK).Text("enquiry_number"))
	list := wang.Get("/v1/enquiries").Is(http.StatusOK)
	require.Len(t, list.List("items"), 1)
	require.Equal(t, []string{number, "arrival_not_received", "payments", id, said.Text("explanation", "sentence_id")},
		[]string{list.Text("items", 0, "number"), list.Text("items", 0, "kind"), list.Text("items", 0, "object"), list.Text("items", 0, "object_id"), list.Text("items", 0, "sentence_id")})
	require.Equal(t, "not_received", wang.Get("/v1/arrivals/"+id).Is(http.StatusOK).Text("feedback", "answer"))
	amount := wang.Get("/v1/arrivals/" + id).At("amount_fen")
	wang.Post(path, map[string]any{"answer": "wrong_amount", "seen_fen": 1}).Is(http.StatusOK)
	require.Equal(t, amount, wang.Get("/v1/arrivals/"+id).At("amount_fen"), "R1")
	wang.Post(path, map[string]any{"answer": "received", "amount_fen": 1}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	wang.Post(path, map[string]any{"answer": "received"}).Is(http.StatusOK)
	require.Equal(t, "closed", wang.Get("/v1/enquiries").Is(http.StatusOK).Text("items", 0, "state"))
	r.Fresh("alipay_mini", "zhang").Post(path, map[string]any{"answer": "received"}).Refused(http.StatusNotFound, "ARRIVAL_NOT_FOUND")
	r.Nobody().Post(path, map[string]any{"answer": "received"}).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
}

func TestR68_AReportOfMisuseReachesItsReporterAndNotTheReported(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	const text = "村会计扣着我家三张卡不还,要了三次"
	departments := r.Nobody().Get("/v1/misuse-reports/departments").Is(http.StatusOK).List("items")
	require.Contains(t, departments, "民政局")
	own := wang.Post("/v1/arrivals/"+arrivalIn(t, wang, "credited")+"/misuse-reports", map[string]any{"kind": "cut_money", "text": text, "department": "民政局"}).Is(http.StatusCreated)
	anonymous := r.Nobody().Post("/v1/misuse-reports", map[string]any{"kind": "held_card", "department": "民政局", "text": text, "contact": "13900001111"}).Is(http.StatusCreated)
	require.NotEmpty(t, anonymous.Text("code"))

	reviewer, _ := r.Staff("reviewer-one", "reviewer")
	queue := reviewer.Get("/agent/v1/misuse-reports").Is(http.StatusOK)
	require.Len(t, queue.List("items"), 2)
	require.Empty(t, queue.Text("items", 0, "text"))
	r.Agent().Get("/agent/v1/misuse-reports").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	for i := range 2 {
		path := "/agent/v1/misuse-reports/" + queue.Text("items", i, "report_id")
		require.Equal(t, text, reviewer.Get(path).Is(http.StatusOK).Text("text"))
		require.Equal(t, "answered", reviewer.Post(path+"/answer", map[string]any{"answer": "卡已退还"}).Is(http.StatusOK).Text("state"))
	}
	require.Len(t, r.Decisions("hotline.misuse.read"), 2)
	ask := map[string]any{"number": anonymous.Text("number"), "code": anonymous.Text("code")}
	require.Equal(t, "卡已退还", r.Nobody().Post("/v1/misuse-reports/answers", ask).Is(http.StatusOK).Text("answer"))
	ask["code"] = own.Text("code")
	r.Nobody().Post("/v1/misuse-reports/answers", ask).Refused(http.StatusNotFound, "REPORT_NOT_FOUND")
	require.Equal(t, "卡已退还", wang.Get("/v1/misuse-reports").Is(http.StatusOK).Text("items", 0, "answer"))
	r.Work()
	require.Equal(t, 1, r.Told("wang", "已有答复"))

	liaison, _ := r.StaffOf("西工区民政局", "minzheng-one", "reviewer")
	require.Empty(t, liaison.Get("/agent/v1/misuse-reports?state=answered").Is(http.StatusOK).List("items"))
	liaison.Get("/agent/v1/misuse-reports/"+queue.Text("items", 0, "report_id")).Refused(http.StatusNotFound, "REPORT_NOT_FOUND")
	require.NotContains(t, r.Log.String(), "三张卡")
	require.NotContains(t, r.Log.String(), anonymous.Text("code"))

	r.Nobody().Post("/v1/misuse-reports", map[string]any{"kind": "other", "department": "民政局", "text": text}).Is(http.StatusCreated)
	r.Later(24 * 24 * time.Hour) // fifteen working days over New Year
	r.Work()
	require.Equal(t, 1, strings.Count(r.Log.String(), "MISUSE_OVERDUE"))
}

func TestR08_R68_PostingsAndPublicTotalsOfTheCity(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Work()
	nobody := r.Nobody()
	postings := nobody.Get("/v1/postings?on=2021-12-05").Is(http.StatusOK)
	require.NotEmpty(t, postings.List("items"))
	require.NotEmpty(t, postings.Text("items", 0, "posting", "place"))
	require.NotEmpty(t, postings.Text("items", 0, "posting", "office"))
	sheet := nobody.Get("/v1/public-totals?period=2021-11&limit=100").Is(http.StatusOK)
	require.NotEmpty(t, sheet.List("items"))
	require.NotEmpty(t, sheet.Text("as_of"))
	for i := range sheet.List("items") {
		if people, shown := sheet.At("items", i, "people").(float64); shown {
			require.GreaterOrEqual(t, people, 5.0)
		} else {
			require.Equal(t, true, sheet.At("items", i, "suppressed"))
		}
	}
	nobody.Get("/v1/public-totals?period=2021-13").Refused(http.StatusUnprocessableEntity, "PERIOD_INVALID")
}
