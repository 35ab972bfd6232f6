package api

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
	"onecard/models/policy"
)

func (f *fakePolicies) Guide(ctx context.Context, in policy.GuideInput) (policy.Guide, error) {
	f.guides = append(f.guides, in)
	if in.Outlet == "o9" {
		return policy.Guide{}, policy.ErrOutletUnknown
	}
	found, err := f.FindOutlets(ctx, policy.FindOutletsInput{})
	return policy.Guide{
		Act: in.Act, Title: "社保账户解挂", By: in.By, Holder: in.Holder, Possible: policy.PossibleYes, Place: "网点",
		Sentence: policy.Sentence{ID: "guide.release.self.yes.1", Text: "社保账户解挂:请本人带本人居民身份证原件…"},
		Papers:   []policy.Paper{{Code: "own_id", Label: "本人居民身份证原件"}}, Outlets: found.Items, AsOf: asOfNine, Priority: f.priority,
		Basis: policy.Basis{Key: "papers.release.self", Default: true},
	}, err
}

func (f *fakePolicies) PrintGuide(_ context.Context, in policy.GuideInput) ([]byte, error) {
	if in.Outlet == "o9" {
		return nil, policy.ErrGuideNotPrinted
	}
	return []byte("%PDF-1.7"), nil
}

func (f *fakePolicies) History(_ context.Context, key string) (policy.History, error) {
	if key != "papers.release.self" {
		return policy.History{}, policy.ErrHistoryUnknown
	}
	return policy.History{Key: key, Rule: "R37", Default: "own_id", Value: "own_id,card", Rows: []policy.Row{
		{Value: "own_id,card", Scope: policy.Everywhere, ValidFrom: asOfNine, Basis: "洛人社〔2022〕8号", SetBy: "operator-7"},
	}}, nil
}

func TestR37_AGuideIsReadAndPrintedWithoutALogin(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/guides/release?district=410303&channel=wechat_mini", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, policy.GuideInput{Act: policy.WindowRelease, By: policy.BySelf, Holder: policy.HolderMainland, District: "410303", Channel: models.WechatMini}, f.guides[0])
	var g map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &g))
	require.Equal(t, "本人居民身份证原件", g["papers"].([]any)[0].(map[string]any)["label"])
	require.Equal(t, "guide.release.self.yes.1", g["sentence"].(map[string]any)["id"])
	require.Equal(t, "12333", g["hotline"])
	require.NotContains(t, g, "priority", "R22: off, nothing")
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/guides/release?district=410303&channel=wechat_mini", "", "If-None-Match", w.Header().Get("ETag")).Code)

	w = r.call(http.MethodGet, "/v1/guides/release/slip", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
	require.Contains(t, w.Header().Get("Content-Disposition"), "guide-release.pdf")
	requireProblem(t, r.call(http.MethodGet, "/v1/guides/release/slip?outlet=o9", ""), 503, "GUIDE_NOT_PRINTABLE")
	requireProblem(t, r.call(http.MethodGet, "/v1/guides/release?outlet=o9", ""), 404, "OUTLET_UNKNOWN")
	for _, bad := range []string{"/v1/guides/marry", "/v1/guides/release?by=neighbour", "/v1/guides/release?holder=tourist", "/v1/guides/release?name=王建国"} {
		requireProblem(t, r.call(http.MethodGet, bad, ""), 422, "INVALID_INPUT")
	}
}

func TestR22_BannerAndQuestionComeWithEveryAnswerWhileTheSwitchIsOn(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	require.NotContains(t, r.call(http.MethodGet, "/v1/policies?channel=wechat_mini", "").Body.String(), `"priority":`)
	f.priority = policy.Priority{Banner: "优先办理", Question: "您属于哪一类?", Groups: []policy.PriorityGroup{{Code: "elderly", Label: "老年人", First: true, Advice: "优先"}, {Code: "none", Label: "都不是", Advice: "请网上办理"}}}
	for _, path := range []string{"/v1/policies?channel=wechat_mini", "/v1/guides/collect"} {
		body := r.call(http.MethodGet, path, "").Body.String()
		require.Contains(t, body, `"banner":"优先办理"`, path)
		require.Contains(t, body, `"advice":"请网上办理"`, path)
	}
	require.Equal(t, 422, r.call(http.MethodGet, "/v1/guides/collect?group=elderly", "").Code, "which group she is of is not ours to know")
}

func TestTheHistoryOfAPolicyIsPublicAndNamesNobody(t *testing.T) {
	t.Parallel()
	r, _ := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/policies/history?key=papers.release.self", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), "洛人社〔2022〕8号")
	require.NotContains(t, w.Body.String(), "operator-7")
	requireProblem(t, r.call(http.MethodGet, "/v1/policies/history?key=codes.per_day", ""), 404, "POLICY_NOT_PUBLIC")
	requireProblem(t, r.call(http.MethodGet, "/v1/policies/history", ""), 422, "INVALID_INPUT")
}

type fakeGuideMessages struct {
	ask  hotline.GuideAsk
	sent hotline.GuideSent
	err  error
}

func (f *fakeGuideMessages) SendOutlets(context.Context, models.Actor, models.ID, hotline.OutletsAsk) (hotline.OutletsSent, error) {
	return hotline.OutletsSent{}, nil
}

func (f *fakeGuideMessages) SendGuide(_ context.Context, _ models.Actor, _ models.ID, in hotline.GuideAsk) (hotline.GuideSent, error) {
	f.ask = in
	return f.sent, f.err
}

func TestR19_AnAgentSaysAndTextsTheGuideThatCitizensRead(t *testing.T) {
	t.Parallel()
	f := &fakePolicies{priority: policy.Priority{Banner: "优先办理", Question: "您属于哪一类?"}}
	phone, err := models.ParsePhone("13800001234")
	require.NoError(t, err)
	m := &fakeGuideMessages{sent: hotline.GuideSent{Act: "release", SentenceID: "guide.release.self.yes.1", To: phone}}
	r := newRig(t, func(d *Deps) { d.Guides, d.GuideMessages = f, m })
	w := r.call(http.MethodGet, "/agent/v1/guides/release", "", bearer(agentToken)...)
	require.Equal(t, 200, w.Code, w.Body.String())
	var said struct {
		Say      []string          `json:"say"`
		Sentence map[string]string `json:"sentence"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &said))
	require.Equal(t, []string{"优先办理", "您属于哪一类?", said.Sentence["text"]}, said.Say[:3], "R22 first, then the one sentence")
	requireProblem(t, r.call(http.MethodGet, "/agent/v1/guides/release", "", bearer(citizenToken)...), 401, "LOGIN_REQUIRED")

	w = post(r, "/guide-messages", `{"act":"release","by":"delegate","outlet":"o1"}`)
	require.Equal(t, 201, w.Code, w.Body.String())
	require.Equal(t, hotline.GuideAsk{Act: "release", By: "delegate", Holder: "mainland", Outlet: "o1"}, m.ask)
	require.Contains(t, w.Body.String(), "138****1234")
	require.NotContains(t, w.Body.String(), "13800001234")
	m.sent.Repeated = true
	require.Equal(t, 200, post(r, "/guide-messages", `{"act":"release","by":"delegate","outlet":"o1"}`).Code)
	for _, refusal := range []*models.Error{hotline.ErrSlipSent, hotline.ErrCallerNotMobile, hotline.ErrSlipNotText} {
		m.err = refusal
		requireProblem(t, post(r, "/guide-messages", `{"act":"release"}`), 409, refusal.Code)
	}
}

// What the document lists is what the capabilities know: acts of windows wherever they are named, and next steps.
func TestTheDocumentKnowsEveryActOfAWindowAndEveryNextStep(t *testing.T) {
	t.Parallel()
	doc := documentOf(t, newRig(t).document)
	acts := make([]any, 0)
	for _, act := range policy.WindowActs() {
		acts = append(acts, string(act))
	}
	steps := make([]any, 0)
	for _, step := range card.NextSteps {
		steps = append(steps, step)
	}
	foundActs, foundSteps := 0, 0
	walkJSON(doc, func(key string, value any) {
		list, ok := value.([]any)
		if !ok || key != "enum" {
			return
		}
		for _, one := range list {
			switch one {
			case "activate_social_security":
				foundActs++
				require.ElementsMatch(t, acts, list)
			case "await_registry":
				foundSteps++
				require.ElementsMatch(t, steps, list)
			}
		}
	})
	require.GreaterOrEqual(t, foundActs, 5)
	require.GreaterOrEqual(t, foundSteps, 1)
	for step, act := range stepGuides {
		require.Contains(t, card.NextSteps, step)
		require.Contains(t, policy.WindowActs(), policy.WindowAct(act))
	}
}
