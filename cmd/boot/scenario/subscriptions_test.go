package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/notice"
)

// R62: from the pop-up in the mini-program to the row, on the platform's own template ids; nothing for a phone that is lent.
func TestR62_ACitizenSubscribesTopicsOfHerOwnApp(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	asked := wang.Get("/v1/notices/subscriptions").Is(http.StatusOK)
	require.Len(t, asked.List("items"), 9, "one template for each topic, none for codes")
	byTopic := map[string]string{}
	for i := range asked.List("items") {
		require.Equal(t, "none", asked.Text("items", i, "state"))
		require.Contains(t, asked.Text("items", i, "repair"), "12333")
		byTopic[asked.Text("items", i, "topic")] = asked.Text("items", i, "template_id")
	}
	answers := map[string]any{"answers": []map[string]string{
		{"template_id": byTopic["arrivals"], "answer": "accept"}, {"template_id": byTopic["progress"], "answer": "reject"},
	}}
	for range 2 {
		told := wang.Post("/v1/notices/subscriptions", answers, "Idempotency-Key", "one-pop-up-answered-once").Is(http.StatusOK)
		for i := range told.List("items") {
			switch told.Text("items", i, "topic") {
			case "arrivals":
				require.Equal(t, "on", told.Text("items", i, "state"))
				require.EqualValues(t, 1, told.At("items", i, "once_left"))
			case "progress":
				require.Equal(t, "rejected", told.Text("items", i, "off_reason"))
			}
		}
	}
	require.Len(t, r.Decisions("notice.subscription.answered"), 1)
	wang.Post("/v1/notices/subscriptions", map[string]any{"answers": []map[string]string{{"template_id": "of-another-app", "answer": "accept"}}}).
		Refused(http.StatusUnprocessableEntity, "SUBSCRIPTION_UNKNOWN")

	// What a consent is for: the app's adapter hands a message over, and the pretend platform shows it once.
	r.Happens("wechat_consent", "wang", map[string]any{"app_id": r.App.Pushers[0].App(), "template": byTopic["arrivals"], "answer": "accept"})
	push := func() error {
		_, err := r.App.Pushers[0].Push(t.Context(), notice.PushMessage{
			DeliveryID: models.NewID(), Kind: notice.Arrival, To: r.Desk.City.WeChat.OpenID(r.App.Pushers[0].App(), "wang"), Title: "补贴到账",
		})
		return err
	}
	require.NoError(t, push())
	require.Equal(t, 1, r.Told("wang", "一项补贴", "已到账"))
	require.Error(t, push(), "one consent is one message")

	r.LogIn("wechat_mini", "chen").Get("/v1/notices/subscriptions").Refused(http.StatusForbidden, "BINDING_REQUIRED")
}
