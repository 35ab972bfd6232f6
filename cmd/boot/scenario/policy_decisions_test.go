package scenario

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// feeReads are the places where citizens read the fee: the help, and the guide for windows.
func feeReads(r *boottest.Rig) string {
	help := r.Nobody().Get("/v1/faqs/card-fee").Is(http.StatusOK).Text("answer")
	return help + r.Nobody().Get("/v1/guides/replace?district=410303").Is(http.StatusOK).Text("sentence", "text")
}

// A fee is proposed with its preview, approved by a second person, and the sentence changes at its instant.
func TestR21_AFeeChangesByTwoPeopleAndItsSentenceAtTheInstant(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	day := time.Date(2021, 12, 20, 2, 10, 0, 0, time.UTC) // ten minutes ahead: sessions live fifteen
	first, firstID := r.Staff("policy-one", "policy_manager")
	second, secondID := r.Staff("policy-two", "policy_manager")
	wish := map[string]any{"key": "fee.replacement_fen", "value": "2000", "valid_from": day.Format(time.RFC3339), "basis": "豫发改收费〔2021〕1号"}
	r.Agent().Post("/agent/v1/policy-proposals", wish).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	first.Post("/agent/v1/policy-proposals", map[string]any{"key": "level.release", "value": "phone", "basis": "b"}).Refused(http.StatusUnprocessableEntity, "POLICY_REFUSED")
	first.Post("/agent/v1/policy-proposals", map[string]any{"key": "no.such", "value": "x", "basis": "b"}).Refused(http.StatusNotFound, "POLICY_UNKNOWN")

	preview := first.Post("/agent/v1/policies/previews", wish).Is(http.StatusOK)
	require.Equal(t, "1600", preview.Text("before"))
	seen := map[string]string{}
	for i := range preview.List("changes") {
		seen[preview.Text("changes", i, "where")] = preview.Text("changes", i, "before") + "→" + preview.Text("changes", i, "after")
	}
	for where, words := range map[string][2]string{"guide": {"16.00元", "20.00元"}, "progress": {"16.00元", "20.00元"}, "notice": {"16.00元", "20.00元"}, "article": {"16元", "20元"}} {
		before, after, _ := strings.Cut(seen[where], "→")
		require.Contains(t, before, words[0], where)
		require.Contains(t, after, words[1], where)
	}
	id := first.Post("/agent/v1/policy-proposals", wish).Is(http.StatusCreated).Text("proposal_id")
	path := "/agent/v1/policy-proposals/" + id
	queue := second.Get("/agent/v1/review-queue").Is(http.StatusOK)
	require.Equal(t, "policy_proposal", queue.Text("items", 0, "kind"))
	require.Equal(t, id, queue.Text("items", 0, "id"))
	require.Equal(t, false, queue.At("items", 0, "own"))
	require.Equal(t, true, first.Get("/agent/v1/review-queue").Is(http.StatusOK).At("items", 0, "own"))
	first.Post(path+"/approvals", map[string]any{"approve": true}).Refused(http.StatusForbidden, "PROPOSAL_SECOND_PERSON")
	require.Equal(t, "approved", second.Post(path+"/approvals", map[string]any{"approve": true}).Is(http.StatusOK).Text("state"))
	second.Post(path+"/approvals", map[string]any{"approve": true}).Refused(http.StatusConflict, "PROPOSAL_SETTLED")
	require.Empty(t, second.Get("/agent/v1/review-queue").Is(http.StatusOK).List("items"))
	settings := second.Get("/agent/v1/policies").Is(http.StatusOK)
	for i := range settings.List("items") {
		if settings.Text("items", i, "key") == "fee.replacement_fen" {
			require.Equal(t, "1600", settings.Text("items", i, "value"))
			require.Equal(t, firstID, settings.Text("items", i, "decisions", 0, "set_by"))
			require.Equal(t, secondID, settings.Text("items", i, "decisions", 0, "approved_by"))
		}
	}
	r.Clock.Set(day.Add(-time.Second))
	require.NotContains(t, feeReads(r), "每张20")
	r.Clock.Set(day)
	reads := feeReads(r)
	require.Contains(t, reads, "补换卡每张20元")
	require.Contains(t, reads, "工本费每张20.00元")
	require.NotContains(t, reads, "每张16")
	require.EqualValues(t, 2000, r.Nobody().Get("/v1/policies?channel=wechat_mini").Is(http.StatusOK).At("replacement_fee_fen"))
	require.Len(t, r.Decisions("policy.setting.approved"), 1)
	require.Len(t, r.Decisions("policy.set"), 1)
}

// One person stops an act at once; it comes back by itself unless a second one approves.
func TestOnePersonStopsAnActOnAChannelForADayAtMost(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	first, _ := r.Staff("policy-one", "policy_manager")
	banner := func() string {
		shown := r.Nobody().Get("/v1/policies?channel=wechat_mini").Is(http.StatusOK)
		for i := range shown.List("acts") {
			if shown.Text("acts", i, "act") == "loss" {
				return shown.Text("acts", i, "mode") + " " + shown.Text("acts", i, "banner")
			}
		}
		return ""
	}
	require.Equal(t, "here ", banner())
	stop := map[string]any{"act": "loss", "channel": "wechat_mini", "hours": 2, "basis": "收到异常反馈"}
	first.Post("/agent/v1/policy-stops", map[string]any{"act": "loss", "channel": "wechat_mini", "hours": 25, "basis": "x"}).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	first.Post("/agent/v1/policy-stops", stop).Is(http.StatusCreated)
	require.Contains(t, banner(), "window_only 微信小程序暂停办理社保账户挂失")
	first.Post("/agent/v1/policy-stops", stop).Refused(http.StatusConflict, "ACT_STOPPED_ALREADY")
	require.Equal(t, "policy_stop", first.Get("/agent/v1/review-queue").Is(http.StatusOK).Text("items", 0, "kind"))
	require.Len(t, r.Decisions("policy.stop.begun"), 1)
	r.Later(2 * time.Hour)
	require.Equal(t, "here ", banner())
	require.Len(t, r.Decisions("policy.stop.lapsed"), 1)
}
