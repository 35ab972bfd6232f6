package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// dayOf is the civil day of an instant that an answer names.
func dayOf(t *testing.T, text string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at.In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
}

func orderPath(id string, act ...string) string {
	return strings.Join(append([]string{"/agent/v1/work-orders/" + id}, act...), "/")
}

// TestR65_ASubsidyOrderThroughItsWholeLife: a payment has not come; the paying department answers, late, over New Year;
// the citizen is not content, has it opened again, and says so with the lowest mark.
func TestR65_ASubsidyOrderThroughItsWholeLife(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	arrival := arrivalIn(t, wang, "credited")
	wang.Post("/v1/arrivals/"+arrival+"/feedback", map[string]any{"answer": "not_received", "note": "存折上没有"}).Is(http.StatusOK)
	r.Work()
	mine := wang.Get("/v1/enquiries").Is(http.StatusOK)
	id := mine.Text("items", 0, "enquiry_id")
	require.Equal(t, "new", mine.Text("items", 0, "stage"))
	require.Equal(t, "2022-01-04", dayOf(t, mine.Text("items", 0, "due_at")), "ten working days over New Year")
	department := mine.Text("items", 0, "answered_by")
	require.NotEqual(t, "12333", department)

	agent := r.Agent()
	queue := agent.Get("/agent/v1/work-orders?department=" + department).Is(http.StatusOK)
	require.Equal(t, id, queue.Text("items", 0, "order_id"))
	district := queue.Text("items", 0, "district")
	require.NotEmpty(t, district)
	agent.Post(orderPath(id, "accept"), nil).Refused(http.StatusForbidden, "ORDER_NOT_YOURS")

	// Nobody of another department or of another district meets it.
	for i, other := range [][2]string{{"残联", district}, {department, "410399"}} {
		stranger, _ := r.StaffIn(other[0], other[1], "stranger-"+string(rune('a'+i)), "liaison")
		require.Empty(t, stranger.Get("/agent/v1/work-orders").Is(http.StatusOK).List("items"))
		stranger.Get(orderPath(id)).Refused(http.StatusNotFound, "NOT_FOUND")
		stranger.Post(orderPath(id, "accept"), nil).Refused(http.StatusNotFound, "NOT_FOUND")
		stranger.Get("/agent/v1/misuse-reports").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	}

	liaison, liaisonID := r.StaffIn(department, district, "liaison-one", "liaison")
	detail := liaison.Get(orderPath(id)).Is(http.StatusOK)
	require.NotContains(t, detail.Text("person", "id_number"), "19800101")
	require.Contains(t, detail.Text("person", "name"), "*")
	require.Len(t, r.Decisions("hotline.order.read"), 1)
	liaison.Post(orderPath(id, "answer"), map[string]any{"reason_code": "explained", "answer": "已核实"}).Refused(http.StatusForbidden, "ORDER_NOT_YOURS")
	require.Equal(t, liaisonID, liaison.Post(orderPath(id, "accept"), nil).Is(http.StatusOK).Text("owner_id"))
	liaison.Post(orderPath(id, "accept"), nil).Refused(http.StatusConflict, "ORDER_STATE")

	wang.Post("/v1/enquiries/"+id+"/urge", nil).Is(http.StatusOK)
	wang.Post("/v1/enquiries/"+id+"/urge", nil).Refused(http.StatusConflict, "URGED_TODAY")
	more := map[string]any{"days": 3, "reason": "bank_check", "note": "等待银行回单"}
	extended := liaison.Post(orderPath(id, "extend"), more).Is(http.StatusOK)
	require.Equal(t, "2022-01-07", dayOf(t, extended.Text("due_at")))
	liaison.Post(orderPath(id, "extend"), more).Refused(http.StatusConflict, "ORDER_EXTENDED_ALREADY")
	r.Work()
	require.Equal(t, 1, r.Told("wang", "将在2022年1月7日前答复"))

	// On the day after it is due it is told of, once, and after five more working days once again.
	r.Clock.Set(time.Date(2022, 1, 7, 15, 59, 0, 0, time.UTC))
	r.Work()
	require.Empty(t, r.Decisions("hotline.order.remind"), "the last minute of the last day")
	for range 2 {
		r.Later(10 * time.Minute)
	}
	require.Len(t, r.Decisions("hotline.order.remind"), 1)
	require.Equal(t, 1, strings.Count(r.Log.String(), `ORDER_OVERDUE`))
	r.Clock.Set(time.Date(2022, 1, 14, 17, 0, 0, 0, time.UTC))
	for range 2 {
		r.Later(10 * time.Minute)
	}
	require.Len(t, r.Decisions("hotline.order.escalate"), 1)

	late, _ := r.StaffIn(department, district, "liaison-two", "liaison")
	require.True(t, late.Get("/agent/v1/work-orders?overdue=true").Is(http.StatusOK).At("items", 0, "overdue").(bool))
	boss, _ := r.Staff("boss-one", "supervisor")
	_, lateID := r.StaffIn(department, district, "liaison-three", "liaison")
	boss.Post(orderPath(id, "assign"), map[string]any{"staff_id": lateID}).Is(http.StatusOK)
	late.Post(orderPath(id, "accept"), nil).Refused(http.StatusForbidden, "ORDER_NOT_YOURS")
	boss.Post(orderPath(id, "transfer"), map[string]any{"reason": "wrong_department", "note": "非本部门项目"}).Is(http.StatusOK)
	late.Get(orderPath(id)).Refused(http.StatusNotFound, "NOT_FOUND")

	agent = r.Agent()
	agent.Post(orderPath(id, "accept"), nil).Is(http.StatusOK)
	agent.Post(orderPath(id, "answer"), map[string]any{"reason_code": "explained", "answer": "请王某(410303 19800101 0015)到 www.example.com 查看,或拨打138-0000-1234"}).
		Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	const answer = "这笔补贴已重新发放,预计两个工作日内到账;未到账请拨打12333。"
	agent.Post(orderPath(id, "answer"), map[string]any{"reason_code": "will_be_paid", "answer": answer}).Is(http.StatusOK)
	r.Work()
	require.Equal(t, 1, r.Told("wang", "您反映的事项已有答复"))
	wang = r.LogIn("wechat_mini", "wang")
	read := wang.Get("/v1/enquiries/" + id).Is(http.StatusOK)
	require.Equal(t, []string{"answered", "done", answer}, []string{read.Text("state"), read.Text("stage"), read.Text("answer")})
	agent.Post(orderPath(id, "close"), nil).Refused(http.StatusConflict, "CALL_BACK_FIRST")
	agent.Post(orderPath(id, "call-back"), map[string]any{"outcome": "settled"}).Is(http.StatusOK)
	require.Equal(t, "closed", agent.Post(orderPath(id, "close"), nil).Is(http.StatusOK).Text("state"))
	r.Work()
	require.Equal(t, 1, r.Told("wang", "您反映的事项已办结"))

	again := wang.Post("/v1/enquiries/"+id+"/reopen", map[string]any{"reason": "还是没有到账"}).Is(http.StatusOK)
	require.Equal(t, []string{"received", "reopened"}, []string{again.Text("state"), again.Text("stage")})
	require.Equal(t, "2022-01-28", dayOf(t, again.Text("due_at")), "a clock of its own")
	wang.Post("/v1/ratings", map[string]any{"object": "enquiries", "object_id": id, "level": 1}).Refused(http.StatusConflict, "NOT_FINISHED")
	agent.Post(orderPath(id, "accept"), nil).Is(http.StatusOK)
	agent.Post(orderPath(id, "answer"), map[string]any{"reason_code": "paid", "answer": "银行已于今日入账。"}).Is(http.StatusOK)
	for range 3 {
		agent.Post(orderPath(id, "close"), nil).Refused(http.StatusConflict, "CALL_BACK_FIRST")
		agent.Post(orderPath(id, "call-back"), map[string]any{"outcome": "not_reached"}).Is(http.StatusOK)
	}
	agent.Post(orderPath(id, "close"), nil).Is(http.StatusOK)
	wang.Post("/v1/enquiries/"+id+"/reopen", map[string]any{"reason": "还是没有到账"}).Refused(http.StatusConflict, "REOPEN_NOT_POSSIBLE")

	low := wang.Post("/v1/ratings", map[string]any{"object": "enquiries", "object_id": id, "level": 1}).Is(http.StatusCreated)
	wang.Post("/v1/ratings", map[string]any{"object": "enquiries", "object_id": id, "level": 5}).Refused(http.StatusConflict, "ALREADY_RATED")
	found := agent.Get("/agent/v1/work-orders?type=low_rating").Is(http.StatusOK)
	require.Len(t, found.List("items"), 1)
	require.Equal(t, low.Text("enquiry_id"), found.Text("items", 0, "order_id"))
	require.Equal(t, "2022-02-09", dayOf(t, found.Text("items", 0, "due_at")), "fifteen working days over Spring Festival, the weekend before it worked")
	history := agent.Get(orderPath(id)).Is(http.StatusOK)
	acts := ""
	for i := range history.List("steps") {
		acts += history.Text("steps", i, "act") + " "
	}
	require.Equal(t, "open accept urge extend remind escalate assign transfer accept answer settled close reopen accept answer not_reached not_reached not_reached close ", acts)
	require.NotContains(t, r.Log.String(), "存折上没有")
}

func TestR65_AnExtensionAfterTheDateIsRefused(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	call := agent.Post("/agent/v1/calls", map[string]any{"caller_number": "13800001234"}).Is(http.StatusCreated).Text("call_id")
	ask := map[string]any{"type": "advice", "text": "来电咨询异地就医备案,当场未能答复"}
	opened := agent.Post("/agent/v1/calls/"+call+"/work-orders", ask).Is(http.StatusCreated)
	id := opened.Text("order_id")
	require.Equal(t, "2021-12-23", dayOf(t, opened.Text("due_at")))
	require.Equal(t, id, agent.Post("/agent/v1/calls/"+call+"/work-orders", ask).Is(http.StatusOK).Text("order_id"), "the same matter is one order")
	agent.Post("/agent/v1/calls/"+call+"/work-orders", map[string]any{"type": "advice", "text": "身份证410303198001010015"}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	agent.Post("/agent/v1/calls/"+call+"/work-orders", map[string]any{"type": "subsidy", "programme": "no-such", "text": "没有收到补贴"}).
		Refused(http.StatusUnprocessableEntity, "ORDER_PROGRAMME_UNKNOWN")
	require.Equal(t, id, agent.Get("/agent/v1/work-orders?number="+opened.Text("number")).Is(http.StatusOK).Text("items", 0, "order_id"))
	agent.Get("/agent/v1/calls/"+call+"/work-orders").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post("/agent/v1/calls/"+call+"/verification", map[string]any{"name": r.Person("wang").Name, "id_last6": r.Person("wang").IDNumber[12:]}).Is(http.StatusOK)
	own := agent.Post("/agent/v1/calls/"+call+"/work-orders", map[string]any{"type": "production", "text": "新卡两个月没有制好"}).Is(http.StatusCreated)
	hers := agent.Get("/agent/v1/calls/" + call + "/work-orders").Is(http.StatusOK)
	require.Len(t, hers.List("items"), 1, "what was opened before she was known is about no one")
	require.Equal(t, own.Text("order_id"), hers.Text("items", 0, "order_id"))
	require.Len(t, r.Decisions("hotline.orders.seen"), 1)
	require.Equal(t, own.Text("number"), r.AtPhone("wechat_mini", "wang").Get("/v1/enquiries").Is(http.StatusOK).Text("items", 0, "number"), "she reads it too")
	r.Clock.Set(time.Date(2021, 12, 23, 16, 0, 0, 0, time.UTC))
	r.Agent().Post(orderPath(id, "extend"), map[string]any{"days": 1, "reason": "other", "note": "还需核实"}).Refused(http.StatusConflict, "ORDER_EXPIRED")
}

// A loss that the registry does not confirm in ten minutes is an urgent order, of which the citizen is told nothing but
// what becomes of her loss (R66).
func TestR66_ALossNotConfirmedInTenMinutesIsAnUrgentOrder(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	r.Fault("cards", "down", nil)
	lose(wang).Is(http.StatusAccepted)
	for range 12 {
		r.Clock.Advance(time.Minute)
		_ = r.App.RunOnce(t.Context()) // the feeds fail too
	}
	agent := r.Agent()
	orders := agent.Get("/agent/v1/work-orders?type=urgent").Is(http.StatusOK)
	require.Len(t, orders.List("items"), 1)
	require.Equal(t, "2021-12-20", dayOf(t, orders.Text("items", 0, "due_at")), "the same day")
	id := orders.Text("items", 0, "order_id")
	r.Fault("cards", "none", nil)
	r.Clock.Advance(time.Minute)
	r.Eventually(func() bool { return agent.Get(orderPath(id)).Text("state") == "closed" })
	require.Equal(t, 0, r.Told("wang", "您反映的事项"))
}
