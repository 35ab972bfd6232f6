package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// withoutTag are reads without an ETag. A staff's screen is among them by its audience, where it has none: its lists
// move under many hands, and a look at a person is counted each time.
var withoutTag = map[string]string{
	"/v1/wechat/jssdk-signature": "made anew each time",
	"/healthz":                   "this process, now", "/readyz": "this process, now",
}

// withoutDate are reads without as_of: what they answer was never the registry's to date.
var withoutDate = map[string]string{
	"/v1/wechat/jssdk-signature": "our own signature",
	"/healthz":                   "this process, now", "/readyz": "this process, now",
	"/v1/policies": "the bureau's own settings", "/v1/policies/history": "the bureau's own settings",
	"/v1/faqs":          "our articles, each with the day it was read over",
	"/v1/faqs/{faq_id}": "our articles, each with the day it was read over",
	"/v1/districts":     "names to choose from", "/agent/v1/exports": "our own records", "/agent/v1/order-files": "names to choose from",
	"/agent/v1/work-orders/{order_id}/colleagues": "our own records",
	"/v1/sessions": "our own records", "/v1/me/consents": "our own records", "/v1/me/access-log": "our own records",
	"/v1/application-draft": "what its person wrote herself", "/v1/fee-orders/{fee_order_id}": "our own records", "/v1/fee-links/{link}": "our own records",
	"/v1/notices":                "what was sent, each with its instant",
	"/v1/notices/subscriptions":  "our own records",
	"/v1/enquiries":              "our own records; each sentence keeps the date of its facts",
	"/v1/enquiries/{enquiry_id}": "our own records; as above", "/v1/ratings/totals": "our own counts, by month", "/agent/v1/ratings/figures": "our own counts, by month",
	"/agent/v1/calls/{call_id}/work-orders": "our own records", "/agent/v1/work-orders": "our own records", "/agent/v1/work-orders/{order_id}": "our own records",
	"/v1/misuse-reports": "our own records", "/v1/misuse-reports/departments": "names to choose from",
	"/agent/v1/calls/current": "our own records", "/agent/v1/call-backs": "our own records", "/agent/v1/enquiries": "our own records",
	"/agent/v1/sessions/current": "our own records", "/agent/v1/staff": "our own records", "/agent/v1/audit": "our own records",
	"/agent/v1/misuse-reports": "our own records", "/agent/v1/misuse-reports/{report_id}": "our own records",
	"/agent/v1/articles": "our articles, each with the day it was read over", "/agent/v1/articles/{article_id}": "our articles, each with the day it was read over",
	"/agent/v1/article-versions": "our articles", "/agent/v1/article-gaps": "our own records",
	"/agent/v1/policies": "the bureau's own settings", "/agent/v1/policy-proposals": "the bureau's own settings",
	"/agent/v1/policy-proposals/{proposal_id}": "the bureau's own settings", "/agent/v1/review-queue": "our own records, each with its instant",
	"/agent/v1/held": "what was not taken into the copy", "/agent/v1/held/{held_id}": "what was not taken into the copy",
	"/agent/v1/campaigns": "our own records", "/agent/v1/campaigns/{campaign_id}": "our own records",
	"/v1/dependants": "our own records", "/v1/helpers": "our own records",
	"/v1/me/bindings": "our own records", "/v1/notices/preferences": "our own records", "/agent/v1/calls/{call_id}/notices": "our own records",
	"/agent/v1/calls/{call_id}/helpers": "our own records", "/agent/v1/guardianships": "our own records",
	"/agent/v1/calls/{call_id}/contacts": "our own records", "/agent/v1/calls/{call_id}/note": "our own records",
	"/agent/v1/board": "this moment", "/agent/v1/scores": "our own records", "/agent/v1/sample-calls/{item_id}": "our own records",
	"/v1/site": "settings of ours", "/agent/v1/misuse-reports/departments": "names to choose from",
	"/agent/v1/differences": "our own findings, each with the instants of both sides",
}

// TestReadsCanBeRevalidatedAndSayHowFreshTheyAre holds design 6 over the document: an ETag on reads, and as_of beside
// mirrored facts.
func TestReadsCanBeRevalidatedAndSayHowFreshTheyAre(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	doc := documentOf(t, v.Document())
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	met := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		o, _ := item.(map[string]any)["get"].(map[string]any)
		if o == nil {
			continue
		}
		answer, _ := o["responses"].(map[string]any)["200"].(map[string]any)
		content, _ := answer["content"].(map[string]any)
		body, isJSON := content["application/json"].(map[string]any)
		if !isJSON {
			continue
		}
		met[path] = true
		headers, _ := answer["headers"].(map[string]any)
		if o["x-audience"] != string(Agent) || withoutTag[path] != "" {
			require.Equal(t, withoutTag[path] == "", headers["ETag"] != nil, "ETag of GET %s", path)
		}
		schema := body["schema"].(map[string]any)
		if ref, ok := schema["$ref"].(string); ok {
			schema = schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
		}
		require.Equal(t, withoutDate[path] == "", schema["properties"].(map[string]any)["as_of"] != nil, "as_of of GET %s", path)
	}
	for _, exceptions := range []map[string]string{withoutTag, withoutDate} {
		for path := range exceptions {
			require.True(t, met[path], "%s is excepted and does not exist", path)
		}
	}
}

type cardUses = Cards // embedded under its own name it would hide its method Cards

// anyReads answer the same each time; how fresh it is moves on with every question.
type anyReads struct {
	cardUses
	Citizens
	Orders
	Misuse
	asked time.Duration
}

func (f *anyReads) AsOf(context.Context, models.ID) (time.Time, error) {
	f.asked += time.Minute
	return asOfNine.Add(f.asked), nil
}

func (f *anyReads) LossReports(context.Context, models.Actor, int) ([]card.LossReport, error) {
	return []card.LossReport{{ID: "loss-1", State: card.LossEffective}}, nil
}

func (f *anyReads) LossReport(context.Context, models.Actor, models.ID) (card.LossReport, card.Statement, error) {
	return card.LossReport{ID: "loss-1", State: card.LossEffective}, card.Statement{Text: "社保账户已挂失"}, nil
}

func (f *anyReads) ShowMe(ctx context.Context, _ models.Actor) (citizen.Me, error) {
	at, err := f.AsOf(ctx, "")
	return citizen.Me{Level: models.LevelPhone, Person: citizen.Person{ID: "person-1", ReceivedAt: at}}, err
}

func (f *anyReads) ListSessions(context.Context, models.Actor) ([]citizen.Session, error) {
	return []citizen.Session{{ID: "session-1", Level: models.LevelPhone}}, nil
}

func (f *anyReads) ListConsents(context.Context, models.Actor) ([]citizen.ConsentState, error) {
	return nil, nil
}

func (f *anyReads) ReadAccessLog(context.Context, models.Actor, models.ID, int) ([]citizen.AccessEntry, error) {
	return nil, nil
}

func (f *anyReads) MyEnquiryViews(context.Context, models.Actor, hotline.Page) ([]hotline.EnquiryView, error) {
	return []hotline.EnquiryView{{Enquiry: hotline.Enquiry{ID: "enquiry-1", Number: "N"}}}, nil
}

func (f *anyReads) MyMisuse(context.Context, models.Actor, hotline.Page) ([]hotline.MisuseReport, error) {
	return []hotline.MisuseReport{{Number: "N"}}, nil
}

func (f *anyReads) Readiness(context.Context, models.Actor) (subsidy.Readiness, error) {
	return subsidy.Readiness{}, nil
}

func (f *anyReads) Enquire(context.Context, models.Actor, subsidy.ExplainQuery) (string, error) {
	return "", nil
}

func (f *anyReads) Explanation(ctx context.Context, _ models.Actor, _ subsidy.ExplainQuery) (subsidy.Explanation, error) {
	at, err := f.AsOf(ctx, "")
	return subsidy.Explanation{
		Cause: subsidy.CauseCannotTell, Office: subsidy.Hotline, AsOf: at, Checks: []subsidy.Check{{Check: "in_system", State: "passed", AsOf: at}},
	}, err
}

func TestAReadThatSaysTheSameIsNotSentAgainHoweverFreshItIs(t *testing.T) {
	t.Parallel()
	f := &anyReads{}
	r := newRig(t, func(d *Deps) { d.Cards, d.Citizens, d.Orders, d.Misuse, d.Explanations = f, f, f, f, f })
	for path, dated := range map[string]bool{
		"/v1/loss-reports": true, "/v1/loss-reports/loss-1": true, "/v1/me": true, "/v1/explanations?programme=P41": true,
		"/v1/sessions": false, "/v1/me/consents": false, "/v1/me/access-log": false, "/v1/enquiries": false, "/v1/misuse-reports": false,
	} {
		body, tag := r.getJSON(path, bearer(citizenToken)...)
		require.NotEmpty(t, tag, path)
		require.Equal(t, dated, body["as_of"] != nil, path)
		w := r.call(http.MethodGet, path, "", append(bearer(citizenToken), "If-None-Match", tag)...)
		require.Equal(t, http.StatusNotModified, w.Code, path)
		require.Empty(t, w.Body.String(), path)
	}
}
