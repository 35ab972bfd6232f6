package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// One list shows everything that waits for a member of staff, and nothing that is another role's.
func TestTheReviewQueueIsOneListOverAllKinds(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("credit", "wang", map[string]any{"amount_fen": 2_000_000_000})
	r.Work()
	r.Agent().Get("/agent/v1/review-queue").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	reviewer, reviewerID := r.Staff("queue-reviewer", "reviewer")
	editor, _ := r.Staff("queue-editor", "knowledge_editor")
	path := "/agent/v1/articles/" + editor.Post("/agent/v1/articles", blueLocker("不能。请到社保卡服务网点领取。")).Is(http.StatusCreated).Text("article_id") + "/versions/1"
	editor.Post(path+"/submission", nil).Is(http.StatusOK)

	r.Clock.Advance(10 * time.Minute)
	queue := reviewer.Get("/agent/v1/review-queue").Is(http.StatusOK)
	counts := map[string]any{}
	for i := range queue.List("kinds") {
		counts[queue.Text("kinds", i, "kind")] = queue.At("kinds", i, "count")
	}
	require.NotContains(t, counts, "article", "that is the editors'")
	require.EqualValues(t, 0, counts["guardianship"])
	held := reviewer.Get("/agent/v1/review-queue?kind=held").Is(http.StatusOK)
	require.EqualValues(t, len(held.List("items")), counts["held"])
	own := reviewer.Get("/agent/v1/held?reason=AMOUNT_ABSURD").Is(http.StatusOK)
	found := false
	for i := range held.List("items") {
		if held.Text("items", i, "id") == own.Text("items", 0, "held_id") {
			found = true
			require.Equal(t, own.Text("items", 0, "reason_text"), held.Text("items", i, "title"))
			require.Equal(t, "department", held.Text("items", i, "owner"))
			require.Equal(t, own.Text("items", 0, "due_at"), held.Text("items", i, "due_at"))
		}
	}
	require.True(t, found)
	reviewer.Post("/agent/v1/held/"+own.Text("items", 0, "held_id")+"/assignments", map[string]any{"staff_id": reviewerID}).Is(http.StatusOK)
	require.Contains(t, string(reviewer.Get("/agent/v1/review-queue?kind=held").Is(http.StatusOK).Raw), reviewerID)

	mine := editor.Get("/agent/v1/review-queue").Is(http.StatusOK)
	require.Equal(t, "article", mine.Text("items", 0, "kind"))
	require.Equal(t, path, "/agent/v1/articles/"+mine.Text("items", 0, "id"))
	require.Equal(t, true, mine.At("items", 0, "own"))
}
