package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
)

func TestR14_TwoReviewersDecideAboutWhatIsHeld(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("credit", "wang", map[string]any{"amount_fen": 2_000_000_000})
	r.Happens("credit", "wang", map[string]any{"programme": "23", "payee": "zhang"})
	r.Work()

	r.Agent().Get("/agent/v1/held").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	refused := r.Decisions("hotline.act.refused")
	require.Equal(t, "review_held", refused[len(refused)-1].Note("act"))
	wang := r.Fresh("wechat_mini", "wang")
	wang.Get("/agent/v1/held").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	shown := len(wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"))

	first, _ := r.Staff("reviewer-one", "reviewer")
	second, secondID := r.Staff("reviewer-two", "reviewer")
	absurd := first.Get("/agent/v1/held?reason=AMOUNT_ABSURD").Is(http.StatusOK)
	require.Len(t, absurd.List("items"), 1)
	require.Equal(t, "20000000.00", absurd.Text("items", 0, "amount_yuan"))
	require.NotEmpty(t, absurd.Text("items", 0, "reason_text"))
	require.Equal(t, "department", absurd.Text("items", 0, "owner"))
	high := first.Get("/agent/v1/held?reason=PAYEE_MISMATCH").Is(http.StatusOK)
	require.Equal(t, "惠民补贴", high.Text("items", 0, "name"), "R55")
	require.Empty(t, high.Text("items", 0, "programme"), "R55")
	require.Empty(t, high.List("items", 0, "release_with"), "R3")

	page := first.Get("/agent/v1/held?limit=1").Is(http.StatusOK)
	next := first.Get("/agent/v1/held?limit=1&cursor=" + page.Text("next_cursor")).Is(http.StatusOK)
	require.NotEqual(t, page.Text("items", 0, "held_id"), next.Text("items", 0, "held_id"))
	second.Get("/agent/v1/held?limit=1&cursor="+page.Text("next_cursor")).Refused(http.StatusUnprocessableEntity, "CURSOR_INVALID")

	path := "/agent/v1/held/" + absurd.Text("items", 0, "held_id")
	version := absurd.At("items", 0, "version")
	first.Post(path+"/assignments", map[string]any{"staff_id": secondID}).Is(http.StatusOK)
	require.Len(t, second.Get("/agent/v1/held?mine=true").Is(http.StatusOK).List("items"), 1)
	proposal := map[string]any{"decision": "release", "reason_code": "AMOUNT_CONFIRMED", "note": "财政局来函确认"}
	key := "7f0c1f0e-0000-4000-8000-000000000001"
	first.Post(path+"/proposals", proposal, "Idempotency-Key", key).Is(http.StatusCreated)
	require.Equal(t, "proposed", first.Post(path+"/proposals", proposal, "Idempotency-Key", key).Is(http.StatusCreated).Text("state"), "the same request is the same proposal")
	first.Post(path+"/approvals", map[string]any{"approve": true, "version": version}).Refused(http.StatusForbidden, "SECOND_PERSON_REQUIRED")
	second.Post(path+"/withdrawals", nil).Refused(http.StatusForbidden, "NOT_THE_PROPOSER")
	require.Equal(t, "released", second.Post(path+"/approvals", map[string]any{"approve": true, "version": version}).Is(http.StatusOK).Text("state"))
	second.Post(path+"/approvals", map[string]any{"approve": true, "version": version}).Refused(http.StatusConflict, "HELD_SETTLED")
	require.Len(t, wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"), shown+1)
	r.Work()
	require.Equal(t, 1, r.Told("wang", "就业补助", "存入"))
	one := first.Get(path).Is(http.StatusOK)
	require.Equal(t, "财政局来函确认", one.Text("proposals", 0, "note"))
	require.Equal(t, secondID, one.Text("proposals", 0, "decided_by"))
	require.Len(t, r.Decisions("subsidy.held.released"), 1)

	r.Later(80 * time.Hour)
	r.Work()
	require.Equal(t, 1, strings.Count(r.Log.String(), "HELD_OVERDUE"))
	first.Get("/agent/v1/held/2021-12~nothing~1").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED") // the session is long over (R56)
}

// What is printed at a start of dev is enough to act on the list: two people are needed, and two are there.
func TestTheTwoReviewersOfTheDemoDecideTogether(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("credit", "wang", map[string]any{"amount_fen": 2_000_000_000})
	r.Work()
	require.Len(t, boot.DemoReviewers, 2)
	first, second := r.DemoStaff(boot.DemoReviewers[0]), r.DemoStaff(boot.DemoReviewers[1])
	held := first.Get("/agent/v1/held?reason=AMOUNT_ABSURD").Is(http.StatusOK)
	path, approval := "/agent/v1/held/"+held.Text("items", 0, "held_id"), map[string]any{"approve": true, "version": held.At("items", 0, "version")}
	first.Post(path+"/proposals", map[string]any{"decision": "reject", "reason_code": "WRONG_AMOUNT", "note": "金额有误"}).Is(http.StatusCreated)
	first.Post(path+"/approvals", approval).Refused(http.StatusForbidden, "SECOND_PERSON_REQUIRED")
	require.Equal(t, "rejected", second.Post(path+"/approvals", approval).Is(http.StatusOK).Text("state"))
}
