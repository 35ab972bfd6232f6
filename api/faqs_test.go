package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/knowledge/knowledgetest"
)

type faqPage struct {
	Items []faqReply `json:"items"`
	Next  string     `json:"next_cursor"`
	Hint  string     `json:"hint"`
}

func faqsRig(t *testing.T) *rig {
	t.Helper()
	return newRig(t, func(d *Deps) { d.Knowledge = knowledgetest.New(t) })
}

func (r *rig) faqs(query string) faqPage {
	r.t.Helper()
	w := r.call(http.MethodGet, "/v1/faqs?"+query, "")
	require.Equal(r.t, 200, w.Code, w.Body.String())
	var page faqPage
	require.NoError(r.t, json.Unmarshal(w.Body.Bytes(), &page))
	return page
}

func TestR11_HelpFindsTheFreeOfChargeAnswer(t *testing.T) {
	t.Parallel()
	r := faqsRig(t)
	page := r.faqs("q=" + url.QueryEscape("跨行"))
	require.Equal(t, "cross-bank", page.Items[0].FAQID)
	require.Contains(t, page.Items[0].Answer, "免费")
	require.Contains(t, page.Items[0].Rules, "R11")
	require.Empty(t, page.Hint)

	w := r.call(http.MethodGet, "/v1/faqs/cross-bank", "")
	require.Equal(t, 200, w.Code, w.Body.String())
	tag := w.Header().Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, 304, r.call(http.MethodGet, "/v1/faqs/cross-bank", "", "If-None-Match", tag).Code)
	requireProblem(t, r.call(http.MethodGet, "/v1/faqs/never-written", ""), 404, "FAQ_NOT_FOUND")
	requireProblem(t, r.call(http.MethodGet, "/v1/faqs?q="+url.QueryEscape("跨行")+"&who=me", ""), 422, "INVALID_INPUT")
}

func TestR48_AnEmptySearchTellsWhereToAsk(t *testing.T) {
	t.Parallel()
	r := faqsRig(t)
	page := r.faqs("q=" + url.QueryEscape("量子计算机"))
	require.Empty(t, page.Items)
	require.NotNil(t, page.Items)
	require.Contains(t, page.Hint, "12333")

	whole := r.faqs("limit=100")
	require.GreaterOrEqual(t, len(whole.Items), 20)
	part := r.faqs("limit=20")
	require.Len(t, part.Items, 20)
	joined := part.Items
	for next := part.Next; next != ""; {
		rest := r.faqs("limit=20&cursor=" + next)
		joined, next = append(joined, rest.Items...), rest.Next
	}
	require.Equal(t, whole.Items, joined)
	requireProblem(t, r.call(http.MethodGet, "/v1/faqs?q=x&cursor="+part.Next, ""), 422, "CURSOR_INVALID")
}
