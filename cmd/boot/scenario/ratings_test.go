package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// TestR64_AFinishedLossAndAFinishedCallAreRatedOnce: in the app, each case for itself, and nobody else's.
func TestR64_AFinishedLossAndAFinishedCallAreRatedOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, zhang := r.AtPhone("wechat_mini", "wang"), r.AtPhone("alipay_mini", "zhang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	rate := func(c *boottest.Citizen, object, id string, level int) boottest.Reply {
		return c.Post("/v1/ratings", map[string]any{"object": object, "object_id": id, "level": level})
	}
	rate(zhang, "loss_reports", loss, 5).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
	rate(wang, "loss_reports", loss, 0).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	rate(wang, "payments", loss, 5).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	require.Empty(t, rate(wang, "loss_reports", loss, 5).Is(http.StatusCreated).Text("enquiry_id"))
	rate(wang, "loss_reports", loss, 1).Refused(http.StatusConflict, "ALREADY_RATED")

	agent := r.Agent()
	call := agent.Post("/agent/v1/calls", map[string]any{"caller_number": "13800001234"}).Is(http.StatusCreated).Text("call_id")
	agent.Post("/agent/v1/calls/"+call+"/verification", map[string]any{"name": r.Person("wang").Name, "id_last6": r.Person("wang").IDNumber[12:]}).Is(http.StatusOK)
	rate(wang, "calls", call, 2).Refused(http.StatusConflict, "NOT_FINISHED")
	agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	rate(zhang, "calls", call, 2).Refused(http.StatusNotFound, "NOT_FOUND")
	key := []string{"Idempotency-Key", "7f0c1f0e-0000-4000-8000-000000000064"}
	body := map[string]any{"object": "calls", "object_id": call, "level": 2}
	low := wang.Post("/v1/ratings", body, key...).Is(http.StatusCreated).Text("enquiry_id")
	require.Equal(t, low, wang.Post("/v1/ratings", body, key...).Is(http.StatusCreated).Text("enquiry_id"), "the same request is the same rating")
	mine := wang.Get("/v1/enquiries").Is(http.StatusOK)
	require.Equal(t, []string{low, "low_rating", "2022-01-11"}, []string{mine.Text("items", 0, "enquiry_id"), mine.Text("items", 0, "kind"), dayOf(t, mine.Text("items", 0, "due_at"))})
	wang.Get("/v1/enquiries/" + low).Is(http.StatusOK)
	zhang.Get("/v1/enquiries/"+low).Refused(http.StatusNotFound, "NOT_FOUND")
	zhang.Post("/v1/enquiries/"+low+"/urge", nil).Refused(http.StatusNotFound, "NOT_FOUND")

	const months = "?from=2021-12&to=2021-12"
	agent.Get("/agent/v1/ratings/figures"+months).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	boss, _ := r.Staff("boss-one", "supervisor")
	figures := boss.Get("/agent/v1/ratings/figures" + months).Is(http.StatusOK)
	require.Len(t, figures.List("items"), 2)
	require.Equal(t, []any{"call", float64(1), float64(1), float64(2)}, []any{
		figures.Text("items", 0, "kind"), figures.At("items", 0, "count"), figures.At("items", 0, "low"), figures.At("items", 0, "average")})
	public := r.Nobody().Get("/v1/ratings/totals" + months).Is(http.StatusOK)
	for i := range 2 {
		require.Equal(t, true, public.At("items", i, "suppressed"))
		require.Nil(t, public.At("items", i, "count"))
	}
	auditor, _ := r.Staff("auditor-one", "auditor")
	auditor.Get("/agent/v1/work-orders").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	auditor.Post(orderPath(low, "accept"), nil).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
}

// A card in hand and a replacement that is over are rated like everything else: once, five levels, and 1–2 is an order.
func TestR64_R65_AnApplicationAndAReplacementAreRated(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	rate := func(c *boottest.Citizen, object, id string, level int) boottest.Reply {
		return c.Post("/v1/ratings", map[string]any{"object": object, "object_id": id, "level": level})
	}
	li, wang := r.Fresh("alipay_mini", "li"), r.Fresh("wechat_mini", "wang")
	li.Consent("id_images")
	li.Consent("bank_data")
	application := li.Post("/v1/applications", form(t, li)).Is(http.StatusCreated).Text("application_id")
	rate(li, "applications", application, 1).Refused(http.StatusConflict, "NOT_FINISHED")
	r.Work() // the registry has it
	for _, stage := range []string{"batched", "bank_opening", "producing", "at_outlet"} {
		r.Happens("produce", "li", map[string]any{"stage": stage})
	}
	rate(li, "applications", application, 1).Refused(http.StatusConflict, "NOT_FINISHED")
	r.Happens("produce", "li", map[string]any{"stage": "collected"})
	require.Equal(t, "collected", li.Get("/v1/applications/"+application).Is(http.StatusOK).Text("state"))
	rate(wang, "applications", application, 1).Refused(http.StatusNotFound, "APPLICATION_NOT_FOUND")
	rate(li, "applications", application, 6).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	low := rate(li, "applications", application, 1).Is(http.StatusCreated).Text("enquiry_id")
	require.NotEmpty(t, low)
	rate(li, "applications", application, 5).Refused(http.StatusConflict, "ALREADY_RATED")

	order := replace(wang, "damaged").Is(http.StatusCreated)
	replacement := order.Text("replacement", "replacement_id")
	rate(wang, "replacements", replacement, 2).Refused(http.StatusConflict, "NOT_FINISHED")
	payIn(wang, r, order, "wechat_pay")
	r.Work()
	for _, stage := range []string{"batched", "bank_opening", "producing", "at_outlet"} {
		r.Happens("produce", "wang", map[string]any{"stage": stage})
	}
	r.Happens("replace", "wang", nil)
	rate(li, "replacements", replacement, 2).Refused(http.StatusNotFound, "REPLACEMENT_NOT_FOUND")
	second := rate(wang, "replacements", replacement, 2).Is(http.StatusCreated).Text("enquiry_id")

	agent := r.Agent()
	orders := agent.Get("/agent/v1/work-orders?type=low_rating").Is(http.StatusOK)
	require.Len(t, orders.List("items"), 2)
	require.Equal(t, []string{second, "replacements", replacement}, []string{orders.Text("items", 0, "order_id"), orders.Text("items", 0, "object"), orders.Text("items", 0, "object_id")})
	require.Equal(t, []string{low, "applications", application}, []string{orders.Text("items", 1, "order_id"), orders.Text("items", 1, "object"), orders.Text("items", 1, "object_id")})
	require.Equal(t, "2022-01-11", dayOf(t, orders.Text("items", 1, "due_at")), "fifteen working days")
	agent.Post(orderPath(low, "accept"), nil).Is(http.StatusOK)
	agent.Post(orderPath(low, "answer"), map[string]any{"reason_code": "explained", "answer": "已致歉并说明制卡时间。"}).Is(http.StatusOK)
	require.Equal(t, "已致歉并说明制卡时间。", li.Get("/v1/enquiries/"+low).Is(http.StatusOK).Text("answer"), "she reads the answer")

	// Level 3 and better opens nothing.
	boss, _ := r.Staff("boss-one", "supervisor")
	figures := boss.Get("/agent/v1/ratings/figures?from=2021-12&to=2021-12").Is(http.StatusOK)
	require.Len(t, figures.List("items"), 2)
	day := "2021-12-20"
	got := boss.Post("/agent/v1/exports", map[string]string{"kind": "work_orders", "from": day, "to": day}).Is(http.StatusOK)
	lines, err := readCSV(got.Raw)
	require.NoError(t, err)
	require.Len(t, lines, 5, "the mark, the heads, two orders, the mark")
	require.Contains(t, lines[0][0], "boss-one")
	require.Equal(t, orders.Text("items", 1, "number"), lines[2][0])
	require.NotContains(t, string(got.Raw), r.Person("li").Name)
}

// An agent who walks away is logged out by the sweep, and it stands in the audit (R56).
func TestR56_AnIdleSessionIsEndedByItself(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, id := r.Staff("zuoxi", "agent")
	agent.Get("/agent/v1/sessions/current").Is(http.StatusOK)
	r.Later(16 * time.Minute)
	ended := r.Decisions("hotline.session.ended")
	require.Len(t, ended, 1)
	require.Equal(t, []string{"system", id}, []string{ended[0].ActorKind, ended[0].ObjectID})
	require.Equal(t, "idle", ended[0].Note("reason"))
	agent.Get("/agent/v1/call-backs").Refused(http.StatusUnauthorized, "SESSION_IDLE")
	require.Len(t, r.Decisions("hotline.session.ended"), 1, "once")
}

// What a caller would otherwise write down on paper comes as a text: two windows of the district, by what is to be done there.
func TestR19_OutletsOfADistrictAreTextedToTheCaller(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	ref := r.Phones("call_in", "wang", nil)
	r.Phones("call_answer", "", map[string]any{"call_ref": ref})
	path := "/agent/v1/calls/" + agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	agent.Post(path+"/outlet-messages", map[string]any{"act": "release", "district": "419999"}).Refused(http.StatusConflict, "NO_OUTLET_THERE")
	sent := agent.Post(path+"/outlet-messages", map[string]any{"act": "release", "district": "410303"}).Is(http.StatusCreated)
	require.NotEmpty(t, sent.List("outlets"))
	agent.Post(path+"/outlet-messages", map[string]any{"act": "collect", "district": "410303"}).Refused(http.StatusConflict, "OUTLETS_ALREADY_SENT")
	r.Work()
	require.Equal(t, 1, r.Told("wang", "办理社保账户解挂可到"+sent.Text("outlets", 0, "name")))
	require.Len(t, r.Decisions("hotline.outlets.sent"), 1)
}
