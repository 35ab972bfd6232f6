package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/policy"
)

// fakePolicies answers with fixed facts and remembers what it was asked.
type fakePolicies struct {
	asked    []policy.FindOutletsInput
	near     []policy.FindNearInput
	guides   []policy.GuideInput
	priority policy.Priority
	channel  models.Channel
	district string
	err      error
}

func (f *fakePolicies) FindOutlets(_ context.Context, in policy.FindOutletsInput) (policy.FoundOutlets, error) {
	f.asked = append(f.asked, in)
	one := policy.FoundOutlet{
		Outlet: policy.Outlet{
			Ref: "o1", Name: "洛阳银行西工支行", Kind: policy.BankOutlet, BankCode: "313LY", District: "410303", Address: "中州中路1号",
			Phone: "0379-65000001", Hours: "周一至周日 09:00-17:00", Services: []string{"collect"}, Longitude: 112.4278, Latitude: 34.66,
		},
		Today: policy.OpenDay{Day: policy.Day{Date: "2021-12-20", Kind: policy.Workday, Announced: true}, Known: true, Now: true, Spans: []policy.Span{{From: "09:00", To: "17:00"}}},
		Bank:  policy.ShownBank{Code: "313ZY", Name: "中原银行(卡面:洛阳银行)", Phone: "0371-2"},
	}
	return policy.FoundOutlets{Items: []policy.FoundOutlet{one}, Next: "o1", AsOf: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)}, f.err
}

func (f *fakePolicies) FindNear(ctx context.Context, in policy.FindNearInput) (policy.FoundOutlets, error) {
	f.near = append(f.near, in)
	found, err := f.FindOutlets(ctx, in.FindOutletsInput)
	found.Items[0].Distance = 120
	return found, err
}

func (f *fakePolicies) ShowOutlet(ctx context.Context, ref string) (policy.ShownOutlet, error) {
	if ref != "o1" {
		return policy.ShownOutlet{}, policy.ErrOutletUnknown
	}
	found, err := f.FindOutlets(ctx, policy.FindOutletsInput{})
	return policy.ShownOutlet{FoundOutlet: found.Items[0], Successor: policy.FoundOutlet{Outlet: policy.Outlet{Ref: "o2", Name: "新网点"}}}, err
}

func (f *fakePolicies) Public(_ context.Context, channel models.Channel, district string) (policy.PublicPolicy, error) {
	f.channel, f.district = channel, district
	return policy.PublicPolicy{ReplacementFee: 1600, PriorityGroups: f.priority.On(), Priority: f.priority, Acts: []policy.PublicAct{
		{Act: models.ActLoss, Level: models.LevelPhone, Mode: models.ModeHere},
		{Act: models.ActActivate, Level: models.LevelFresh, Mode: models.ModeHandOver, HandOverName: "河南社会保障卡", HandOverLink: "https://h/"},
	}}, f.err
}

func (f *fakePolicies) BanksToday(_ context.Context, kind policy.BankKind, _ string) ([]policy.ShownBank, error) {
	if kind == policy.Paying {
		return nil, f.err
	}
	return []policy.ShownBank{{Code: "103", Name: "中国农业银行", Phone: "95599"}}, f.err
}

func (f *fakePolicies) BanksAsOf(context.Context) (time.Time, error) { return asOfNine, nil }

func policiesRig(t *testing.T) (*rig, *fakePolicies) {
	t.Helper()
	f := &fakePolicies{}
	return newRig(t, func(d *Deps) { d.Outlets, d.Policies, d.Guides = f, f, f }), f
}

func TestR19_OutletsAreListedWithoutALogin(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/outlets?district=410303&kind=bank&bank=313LY&limit=1", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, policy.FindOutletsInput{District: "410303", Kind: policy.BankOutlet, Bank: "313LY", Limit: 1}, f.asked[0])
	var page struct {
		Items []map[string]any `json:"items"`
		Next  string           `json:"next_cursor"`
		AsOf  string           `json:"as_of"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.Equal(t, "2021-12-20T01:00:00Z", page.AsOf)
	require.Equal(t, map[string]any{"date": "2021-12-20", "day": "workday", "announced": true, "open_now": true,
		"spans": []any{map[string]any{"from": "09:00", "to": "17:00"}}}, page.Items[0]["opening"])
	require.Nil(t, page.Items[0]["distance_m"])
	for _, field := range []string{"address", "phone", "hours", "services"} {
		require.NotEmpty(t, page.Items[0][field], field)
	}
	require.Equal(t, "中原银行(卡面:洛阳银行)", page.Items[0]["bank"].(map[string]any)["name"], "R16")

	w = r.call(http.MethodGet, "/v1/outlets?district=410303&kind=bank&bank=313LY&limit=1&cursor="+page.Next, "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, "o1", f.asked[1].After)
	requireProblem(t, r.call(http.MethodGet, "/v1/outlets?district=410302&cursor="+page.Next, ""), 422, "CURSOR_INVALID")
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/outlets?district=410303&kind=bank&bank=313LY&limit=1", "", "If-None-Match", w.Header().Get("ETag")).Code)
}

func TestOutletSearchRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	for _, query := range []string{"district=4103", "district=abcdef", "kind=shop", "limit=0", "service=marry", "open_on=2021-13-01", "open_now=perhaps", "limit=101", "city=410300"} {
		requireProblem(t, r.call(http.MethodGet, "/v1/outlets?"+query, ""), 422, "INVALID_INPUT")
	}
	require.Empty(t, f.asked)
	f.err = models.ErrUnavailable
	requireProblem(t, r.call(http.MethodGet, "/v1/outlets", ""), 503, "SERVICE_UNAVAILABLE")
	requireProblem(t, r.call(http.MethodGet, "/v1/policies?channel=phone", ""), 503, "SERVICE_UNAVAILABLE")
	requireProblem(t, r.call(http.MethodGet, "/v1/policies/banks?district=410303", ""), 503, "SERVICE_UNAVAILABLE")
}

func TestPoliciesTellWhatIsDoneWhere(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/policies?channel=wechat_mini&district=410303", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, models.WechatMini, f.channel)
	require.Equal(t, "410303", f.district)
	require.JSONEq(t, `{"acts":[{"act":"loss","level":"phone","mode":"here"},
		{"act":"activate","level":"fresh","mode":"hand_over","hand_over":{"name":"河南社会保障卡","link":"https://h/"}}],
		"replacement_fee_fen":1600,"priority_groups":false}`, w.Body.String())
	requireProblem(t, r.call(http.MethodGet, "/v1/policies?channel=fax", ""), 422, "INVALID_INPUT")
	requireProblem(t, r.call(http.MethodGet, "/v1/policies", ""), 422, "INVALID_INPUT")
}

func TestR16_BothListsOfBanksArePublic(t *testing.T) {
	t.Parallel()
	r, _ := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/policies/banks?district=410303", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	require.JSONEq(t, `{"card_service":[{"code":"103","name":"中国农业银行","phone":"95599"}],"paying":[],"as_of":"2021-12-20T01:00:00Z"}`, w.Body.String())
}

// Where a citizen stands is neither in an address nor in anything that is written down.
func TestR19_APositionTravelsInTheBodyAndIsLoggedNowhere(t *testing.T) {
	t.Parallel()
	r, f := policiesRig(t)
	body := `{"longitude":112.471234,"latitude":34.623456,"service":"release","limit":1}`
	w := r.call(http.MethodPost, "/v1/outlets/near", body)
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Equal(t, policy.Position{Longitude: 112.471234, Latitude: 34.623456}, f.near[0].At)
	require.Equal(t, policy.GCJ02, f.near[0].Datum, "what WeChat and Alipay give")
	require.Equal(t, policy.WindowRelease, f.near[0].Service)
	var page struct {
		Items []map[string]any `json:"items"`
		Next  string           `json:"next_cursor"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.InDelta(t, 120, page.Items[0]["distance_m"], 0)
	next := `,"cursor":"` + page.Next + `"}`
	require.Equal(t, 200, r.call(http.MethodPost, "/v1/outlets/near", body[:len(body)-1]+next).Code)
	require.Equal(t, "o1", f.near[1].After)
	requireProblem(t, r.call(http.MethodPost, "/v1/outlets/near", `{"longitude":112.5,"latitude":34.623456,"service":"release","limit":1`+next), 422, "CURSOR_INVALID")

	for _, query := range []string{"longitude=112.471234&latitude=34.623456", "lat=34.623456"} {
		w := r.call(http.MethodGet, "/v1/outlets?"+query, "")
		requireProblem(t, w, 422, "INVALID_INPUT")
		require.NotContains(t, w.Body.String(), "34.623456")
	}
	for _, bad := range []string{`{"longitude":34.623456,"latitude":112.471234}`, `{"longitude":112.471234}`, `{"longitude":112.471234,"latitude":34.623456,"datum":"bd09"}`, `{"longitude":"112.471234","latitude":34.623456}`} {
		w := r.call(http.MethodPost, "/v1/outlets/near", bad)
		requireProblem(t, w, 422, "INVALID_INPUT")
		require.NotContains(t, w.Body.String(), "34.623456", "a refused value is not given back")
	}
	f.err = models.ErrUnavailable
	requireProblem(t, r.call(http.MethodPost, "/v1/outlets/near", body), 503, "SERVICE_UNAVAILABLE")
	require.NotEmpty(t, r.log.String())
	for _, place := range []string{"112.47", "34.62"} {
		require.NotContains(t, r.log.String(), place)
	}
}

func TestAClosedOutletIsShownWithWhoTookOver(t *testing.T) {
	t.Parallel()
	r, _ := policiesRig(t)
	w := r.call(http.MethodGet, "/v1/outlets/o1", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	var one map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &one))
	require.Equal(t, true, one["closed"])
	require.Equal(t, "新网点", one["successor"].(map[string]any)["name"])
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/outlets/o1", "", "If-None-Match", w.Header().Get("ETag")).Code)
	requireProblem(t, r.call(http.MethodGet, "/v1/outlets/o9", ""), 404, "OUTLET_UNKNOWN")
}

// The document tells what is in an answer: a reader of it must see more than as_of.
func TestTheDocumentShowsWhatOutletsGuidesAndCardsAnswer(t *testing.T) {
	t.Parallel()
	doc := documentOf(t, newRig(t).document)
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	for path, wanted := range map[string][]string{
		"/v1/cards": {"cards", "next_step", "as_of"}, "/v1/outlets": {"items", "next_cursor", "as_of"}, "/v1/outlets/{outlet_ref}": {"name", "opening", "closed", "successor"},
		"/v1/guides/{act}": {"papers", "sentence", "priority", "as_of"}, "/agent/v1/guides/{act}": {"say", "papers"},
	} {
		ok := doc["paths"].(map[string]any)[path].(map[string]any)["get"].(map[string]any)["responses"].(map[string]any)["200"].(map[string]any)
		schema := ok["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)
		if ref, is := schema["$ref"].(string); is {
			schema = schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
		}
		for _, name := range wanted {
			require.Contains(t, schema["properties"], name, path)
		}
	}
}
