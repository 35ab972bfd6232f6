package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryListShowsItsItems holds the document to what lists answer: a client that is generated from it sees the items.
func TestEveryListShowsItsItems(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	doc := documentOf(t, v.Document())
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	resolve := func(s any) map[string]any {
		m, _ := s.(map[string]any)
		if ref, ok := m["$ref"].(string); ok {
			m, _ = schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
		}
		return m
	}
	holds := func(list map[string]any, where string) {
		require.Equal(t, "array", list["type"], where)
		element := resolve(list["items"])
		fields, _ := element["properties"].(map[string]any)
		require.True(t, element["type"] == "string" || len(fields) > 0, where)
	}
	named := map[string][]string{"listCards": {"cards"}, "listBanks": {"paying", "card_service"}, "listHelpers": {"helpers", "helping"}}
	lists := 0
	for _, o := range v.s.ops {
		if o.Produces != "" || !strings.HasPrefix(o.ID, "list") && !o.isList {
			continue
		}
		lists++
		answer := doc["paths"].(map[string]any)[o.Path].(map[string]any)[strings.ToLower(o.Method)].(map[string]any)["responses"].(map[string]any)["200"].(map[string]any)
		body := resolve(answer["content"].(map[string]any)["application/json"].(map[string]any)["schema"])
		properties, _ := body["properties"].(map[string]any)
		fields := []string{"items"}
		if two, ok := named[o.ID]; ok {
			fields = two
		}
		for _, field := range fields {
			holds(resolve(properties[field]), o.ID+" "+field)
			require.Contains(t, body["required"], field, o.ID)
		}
		if o.isList {
			require.Contains(t, properties, "next_cursor", o.ID)
		}
	}
	require.Greater(t, lists, 20)
	for id, fields := range map[string][]string{
		"ListArrivalsOutputBody": {"items", "next_cursor", "as_of", "from_month"}, "LossOutputBody": {"statement", "loss_id", "receipt", "state"},
		"ApplicationOutputBody": {"receipt", "as_of"}, "ReadinessOutputBody": {"checks", "as_of"}, "ReplacementOutputBody": {"replacement_id", "as_of"},
	} {
		for _, field := range fields {
			require.Contains(t, resolve(schemas[id])["properties"], field, id)
		}
	}
}

type hiddenReply struct {
	A string `json:"a"`
}

func TestWhatTheDocumentWouldHideIsFoundWhenTheServerIsBuilt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := op{Method: http.MethodGet, Path: "/v1/hidden", ID: "listHidden", Summary: "x", Audience: Citizen, Limit: LimitRead}
	require.PanicsWithValue(t, "api: the document does not show what is embedded as hiddenReply: listHidden", func() {
		register(r.server, o, func(context.Context, *struct{}) (*struct {
			Body struct {
				Of []struct{ hiddenReply } `json:"of"`
			}
		}, error) {
			return nil, nil
		})
	})
}
