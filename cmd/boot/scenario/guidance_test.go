package scenario

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// The city stands at 2021-12-20 10:00 in Shanghai, a Monday.
func TestR19_AnybodyFindsTheRightCounter(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	nobody := r.Nobody()
	xigong := nobody.Get("/v1/outlets?district=410303&limit=100").Is(http.StatusOK)
	require.NotEmpty(t, xigong.List("items"))
	for i := range xigong.List("items") {
		require.Equal(t, "410303", xigong.Text("items", i, "district"))
		require.Contains(t, []string{"bank", "hrss"}, xigong.Text("items", i, "kind"))
		for _, field := range []string{"address", "phone", "hours"} {
			require.NotEmpty(t, xigong.Text("items", i, field))
		}
		require.NotEmpty(t, xigong.List("items", i, "services"))
		require.Equal(t, "workday", xigong.Text("items", i, "opening", "day"))
	}
	for _, kind := range []string{"bank", "hrss"} { // R18
		require.NotEmpty(t, nobody.Get("/v1/outlets?kind="+kind).Is(http.StatusOK).List("items"))
	}
	for _, kind := range []string{"hospital", "pharmacy"} { // R29
		found := nobody.Get("/v1/outlets?district=410303&kind=" + kind + "&service=activate_social_security").Is(http.StatusOK)
		require.Len(t, found.List("items"), 1, kind)
	}
	halls := len(nobody.Get("/v1/outlets?district=410303&kind=hrss&limit=100").Is(http.StatusOK).List("items"))
	require.Empty(t, nobody.Get("/v1/outlets?district=410303&kind=hrss&open_on=2022-01-03").Is(http.StatusOK).List("items"), "a Monday off")
	require.Len(t, nobody.Get("/v1/outlets?district=410303&kind=hrss&limit=100&open_on=2022-01-29").Is(http.StatusOK).List("items"), halls, "a Saturday worked")
	require.Len(t, nobody.Get("/v1/outlets?district=410303&kind=hrss&limit=100&open_now=true").Is(http.StatusOK).List("items"), halls)
	r.Later(12 * time.Hour)
	require.Empty(t, nobody.Get("/v1/outlets?open_now=true").Is(http.StatusOK).List("items"), "nobody serves at ten at night")

	lon, _ := xigong.At("items", 2, "longitude").(float64)
	lat, _ := xigong.At("items", 2, "latitude").(float64)
	here := map[string]any{"longitude": lon + 0.000012, "latitude": lat - 0.000012, "limit": 5}
	near := nobody.Post("/v1/outlets/near", here).Is(http.StatusOK)
	last := 0.0
	for i := range near.List("items") {
		far, _ := near.At("items", i, "distance_m").(float64)
		require.GreaterOrEqual(t, far, last)
		last = far
	}
	require.Equal(t, xigong.Text("items", 2, "ref"), near.Text("items", 0, "ref"), "she stands before its door")
	require.LessOrEqual(t, near.At("items", 0, "distance_m"), 100.0)
	here["cursor"] = near.Text("next_cursor")
	next := nobody.Post("/v1/outlets/near", here).Is(http.StatusOK)
	first, _ := next.At("items", 0, "distance_m").(float64)
	require.GreaterOrEqual(t, first, last)
	for _, place := range []float64{lon, lat} {
		require.NotContains(t, r.Log.String(), fmt.Sprintf("%.3f", place))
	}

	closed, heir := xigong.Text("items", 0, "ref"), xigong.Text("items", 1, "ref")
	r.Happens("close_outlet", "", map[string]any{"id": closed, "into": heir})
	after := nobody.Get("/v1/outlets?district=410303&limit=100").Is(http.StatusOK)
	require.Len(t, after.List("items"), len(xigong.List("items"))-1)
	shown := nobody.Get("/v1/outlets/" + closed).Is(http.StatusOK)
	require.Equal(t, true, shown.At("closed"))
	require.Equal(t, heir, shown.Text("successor", "ref"))
}

func TestR37_TheSlipSaysAllAtOnceToCitizenAndAgentAlike(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	nobody := r.Nobody()
	own := nobody.Get("/v1/guides/release?district=410303").Is(http.StatusOK)
	require.Equal(t, "本人居民身份证原件", own.Text("papers", 0, "label"))
	both := nobody.Get("/v1/guides/release?district=410303&by=delegate").Is(http.StatusOK)
	require.Len(t, both.List("papers"), 2, "both originals")
	require.NotEmpty(t, both.List("outlets"))
	require.NotEmpty(t, both.Text("as_of"))

	bank := nobody.Get("/v1/guides/financial_loss?bank=103&district=410303").Is(http.StatusOK) // R30, R39
	require.NotEmpty(t, bank.List("outlets"))
	for i := range bank.List("outlets") {
		require.Equal(t, "103", bank.Text("outlets", i, "bank", "code"))
	}
	require.Empty(t, nobody.Get("/v1/guides/financial_loss?district=410303").Is(http.StatusOK).List("outlets"))
	require.Equal(t, "no", nobody.Get("/v1/guides/financial_loss?by=delegate&bank=103").Is(http.StatusOK).Text("possible"))

	sheet := nobody.Get("/v1/guides/release/slip?district=410303&by=delegate").Is(http.StatusOK)
	require.Equal(t, "application/pdf", sheet.Header.Get("Content-Type"))
	require.True(t, bytes.HasPrefix(sheet.Raw, []byte("%PDF-1.")))
	for _, act := range []string{"apply", "collect", "replace", "loss", "activate_social_security", "activate_financial", "phone_change", "binding_slip"} {
		nobody.Get("/v1/guides/" + act + "/slip?bank=103&district=410303").Is(http.StatusOK) // every word has its sign
	}

	set(t, r, "papers.release.delegate", "own_id,delegate_id,authority")
	r.Later(5 * time.Second)
	require.Len(t, nobody.Get("/v1/guides/release?by=delegate").Is(http.StatusOK).List("papers"), 3)
	history := nobody.Get("/v1/policies/history?key=papers.release.delegate").Is(http.StatusOK)
	require.Equal(t, "own_id,delegate_id", history.Text("default"))
	require.Equal(t, "scenario", history.Text("items", 0, "basis"))

	agent := r.Agent()
	said := agent.Get("/agent/v1/guides/release?district=410303&by=delegate").Is(http.StatusOK)
	require.Equal(t, said.Text("sentence", "text"), said.Text("say", 0))
	require.Equal(t, said.Text("sentence", "text"), nobody.Get("/v1/guides/release?district=410303&by=delegate").Text("sentence", "text"))
	call := r.CallIn(agent, "zhang")
	ask := map[string]string{"act": "release", "by": "delegate", "district": "410303"}
	sent := agent.Post("/agent/v1/calls/"+call+"/guide-messages", ask).Is(http.StatusCreated)
	require.Equal(t, said.Text("sentence", "id"), sent.Text("sentence_id"))
	agent.Post("/agent/v1/calls/"+call+"/guide-messages", ask).Is(http.StatusOK)
	agent.Post("/agent/v1/calls/"+call+"/guide-messages", map[string]string{"act": "apply"}).Refused(http.StatusConflict, "GUIDE_ALREADY_SENT")
	require.Equal(t, 1, r.Told("zhang", "办理社保账户解挂请带持卡人身份证原件、代办人身份证原件、授权委托书", "12333"))
	decided := r.Decisions("hotline.guide.sent")
	require.Len(t, decided, 1)
	require.Equal(t, sent.Text("sentence_id"), decided[0].Note("sentence"))
}

func TestR22_WindowsServeFiveGroupsFirstWhileTheSwitchIsOn(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	nobody := r.Nobody()
	require.Nil(t, nobody.Get("/v1/guides/collect").Is(http.StatusOK).At("priority"))
	require.Nil(t, nobody.Get("/v1/policies?channel=wechat_mini").Is(http.StatusOK).At("priority"))
	set(t, r, "priority_groups", "true")
	r.Later(5 * time.Second)
	guide := nobody.Get("/v1/guides/apply").Is(http.StatusOK)
	require.NotEmpty(t, guide.Text("priority", "banner"))
	require.Len(t, guide.List("priority", "groups"), 6)
	require.Contains(t, guide.Text("priority", "groups", 5, "advice"), "微信、支付宝")
	require.Contains(t, nobody.Get("/v1/guides/collect").Is(http.StatusOK).Text("priority", "groups", 5, "advice"), "须到窗口办理")
	require.NotEmpty(t, nobody.Get("/v1/policies?channel=wechat_mini").Is(http.StatusOK).Text("priority", "question"))
	require.Equal(t, guide.Text("priority", "banner"), r.Agent().Get("/agent/v1/guides/apply").Is(http.StatusOK).Text("say", 0))
	set(t, r, "priority_groups", "false")
	r.Later(5 * time.Second)
	require.Nil(t, nobody.Get("/v1/guides/collect").Is(http.StatusOK).At("priority"))
}

// R25, R29: what to do next leads to its guide, and a card is not collected where none is handed out.
func TestR25_TheNextStepNamesItsGuide(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	r.Happens("holding", "wang", map[string]any{"state": "at_outlet"})
	home := wang.Get("/v1/cards").Is(http.StatusOK)
	require.Equal(t, "collect", home.Text("next_step", "code"))
	require.Equal(t, "collect", home.Text("next_step", "guide"))
	require.NotEmpty(t, home.Text("next_step", "where", "name"))
	r.Nobody().Get("/v1/guides/" + home.Text("next_step", "guide")).Is(http.StatusOK)
}
