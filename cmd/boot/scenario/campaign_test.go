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

func TestR62_AReminderToManyTakesTwoPeopleAndReachesEachOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Work()
	draft := map[string]any{"kind": "campaign_certification", "by_date": "2022-03-31", "card": "in_hand", "note": "人社局通知:年度认证"}
	r.Agent().Post("/agent/v1/campaigns", draft).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	first, _ := r.Staff("campaign-one", "supervisor")
	second, secondID := r.Staff("campaign-two", "reviewer")
	first.Post("/agent/v1/campaigns", map[string]any{"kind": "campaign_renewal", "by_date": "2022-03-31", "note": "没有日期的文本"}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	path := "/agent/v1/campaigns/" + first.Post("/agent/v1/campaigns", draft).Is(http.StatusCreated).Text("campaign_id")
	second.Post(path+"/approvals", map[string]any{"approve": true}).Refused(http.StatusConflict, "CAMPAIGN_NOT_READY")
	r.Work()
	one := first.Get(path).Is(http.StatusOK)
	planned, _ := one.At("planned").(float64)
	require.Greater(t, planned, 3.0)
	require.Contains(t, one.Text("text"), "2022年3月31日")
	require.Zero(t, r.Told("wang", "认证"))

	approval := map[string]any{"approve": true, "planned": planned}
	first.Post(path+"/approvals", approval).Refused(http.StatusForbidden, "CAMPAIGN_SECOND_PERSON")
	second.Post(path+"/approvals", map[string]any{"approve": true, "planned": planned + 1}).Refused(http.StatusConflict, "CAMPAIGN_CHANGED")
	require.Equal(t, secondID, second.Post(path+"/approvals", approval).Is(http.StatusOK).Text("approved_by"))
	r.Work()
	first.Post(path+"/pauses", map[string]any{"reason": "complaints"}).Is(http.StatusOK)
	r.Later(time.Minute)
	r.Work()
	require.LessOrEqual(t, r.Told("wang", "每年须认证"), 1)
	require.Contains(t, campaignSays(t, r, "list"), "paused")
	first.Post(path+"/resumptions", nil).Is(http.StatusOK)
	for n := 0; n < 10 && one.Text("state") != "done"; n++ {
		r.Later(time.Minute)
		r.Work()
		one = first.Get(path).Is(http.StatusOK)
	}
	require.Equal(t, "done", one.Text("state"), "%s", one.Raw)
	require.Equal(t, 1, r.Told("wang", "每年须认证"))
	require.Equal(t, one.At("planned"), one.At("told"))
	require.NotEmpty(t, one.List("messages"))
	require.Len(t, r.Decisions("notice.campaign.approved"), 1)
	require.Len(t, r.Decisions("notice.campaign.done"), 1)

	first.Post(path+"/cancellations", map[string]any{"reason": "other"}).Refused(http.StatusConflict, "CAMPAIGN_STATE")
	require.Len(t, first.Get("/agent/v1/campaigns").Is(http.StatusOK).List("items"), 1)
	inbox := r.Fresh("wechat_mini", "wang").Get("/v1/notices").Is(http.StatusOK)
	require.Equal(t, "年度资格认证提醒", inbox.Text("items", 1, "title"), "the log-in is told after it")
}

// campaignSays is what the command prints.
func campaignSays(t *testing.T, r *boottest.Rig, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, boot.CampaignCommand(t.Context(), r.App.Campaigns, args, &out))
	return out.String()
}
