package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
)

// TestR57_AnAuditorFindsTheTrace follows a loss report by telephone from its receipt to the agent, and the agent from her
// login to the call, page by page; what the auditor does is found in the same way, and by the citizen.
func TestR57_AnAuditorFindsTheTrace(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	receipt := wang.Get("/v1/loss-reports/" + lose(wang).Is(http.StatusCreated).Text("loss_id")).Is(http.StatusOK).Text("receipt")
	require.True(t, models.ValidReceiptNumber(receipt), receipt)
	agent, agentID := r.Staff("seat-one", "agent")
	call := verified(t, r, agent, "wang")
	agent.Get("/agent/v1/calls/" + call + "/person").Is(http.StatusOK)

	auditor, _ := r.Staff("auditor-one", "auditor")
	day := string(models.DateOf(r.Clock.Now()))
	window := "/agent/v1/audit?from=" + day + "&to=" + day
	about := auditor.Get(window + "&receipt=" + receipt).Is(http.StatusOK)
	require.NotContains(t, string(about.Raw), wang.PersonRef)
	actions := func(page boottest.Reply) (found []string) {
		for i := range page.List("items") {
			found = append(found, page.Text("items", i, "action"))
		}
		return found
	}
	require.Contains(t, actions(about), "card.loss.reported")
	seen := auditor.Get(window + "&call_id=" + call).Is(http.StatusOK)
	require.Contains(t, actions(seen), "hotline.person.seen")
	require.Equal(t, "seat-one", seen.Text("items", 0, "staff"))

	var trace []string
	page := auditor.Get(window + "&limit=2&staff=seat-one").Is(http.StatusOK)
	for n := 0; ; n++ {
		require.Less(t, n, 20)
		trace = append(trace, actions(page)...)
		if page.Text("next_cursor") == "" {
			break
		}
		page = auditor.Get(window + "&limit=2&staff=seat-one&cursor=" + page.Text("next_cursor")).Is(http.StatusOK)
	}
	require.Equal(t, trace, actions(auditor.Get(window+"&limit=100&staff="+agentID).Is(http.StatusOK)))
	require.Equal(t, "hotline.staff.enrolled", trace[len(trace)-2], "from the beginning: %v", trace)
	auditor.Get(window+"&staff=auditor-one&cursor="+auditor.Get(window+"&limit=1&staff=seat-one").Text("next_cursor")).
		Refused(http.StatusUnprocessableEntity, "CURSOR_INVALID")

	auditor.Get(window).Refused(http.StatusUnprocessableEntity, "AUDIT_FILTER_REQUIRED")
	auditor.Get("/agent/v1/audit?from=2021-01-01&to=2021-12-31&staff=seat-one").Refused(http.StatusUnprocessableEntity, "AUDIT_WINDOW")
	auditor.Get("/agent/v1/audit?staff=seat-one").Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	auditor.Get(window+"&receipt="+wang.IDNumber).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	auditor.Get(window+"&person_of_call=nothing").Refused(http.StatusNotFound, "NOT_FOUND")
	admin, _ := r.Staff("admin-one", "administrator")
	admin.Get(window+"&staff=seat-one").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")

	require.Contains(t, actions(auditor.Get(window+"&staff=auditor-one").Is(http.StatusOK)), "hotline.audit.searched")
	require.Contains(t, actions(wang.Get("/v1/me/access-log").Is(http.StatusOK)), "hotline.audit.searched", "she reads that somebody looked")
}
