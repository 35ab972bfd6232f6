package scenario

import (
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models/store/storetest"
)

func blueLocker(answer string) map[string]any {
	return map[string]any{
		"audience": "public", "question": "蓝柜里能取卡吗?", "answer": answer, "keywords": []string{"蓝柜"}, "rules": []string{"R25"}, "valid_from": "2021-12-20",
	}
}

// One editor writes, another publishes, and citizens read it by every process within seconds.
func TestAnEditorWritesASecondPublishesAndEveryReplicaShowsIt(t *testing.T) {
	t.Parallel()
	addr := os.Getenv("ONECARD_TEST_REDIS")
	if addr == "" {
		t.Skip("ONECARD_TEST_REDIS names no server")
	}
	dsn := storetest.EmptyPostgres(t)
	r := boottest.Start(t, boottest.OnPostgres(dsn), boottest.OnRedis(addr, "articles-"+t.Name()+":"))
	other := boottest.Start(t, boottest.OnPostgres(dsn), boottest.OnRedis(addr, "articles-"+t.Name()+":"))
	first, firstID := r.Staff("editor-one", "knowledge_editor")
	second, secondID := r.Staff("editor-two", "knowledge_editor")
	faqs := "/v1/faqs?q=" + url.QueryEscape("蓝柜")
	require.Empty(t, other.Nobody().Get(faqs).Is(http.StatusOK).List("items"))

	agent := r.Agent()
	agent.Post("/agent/v1/articles", blueLocker("不能。请到社保卡服务网点领取。")).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	bad := first.Post("/agent/v1/articles", blueLocker("请把410303198001010015发来。")).Refused(http.StatusUnprocessableEntity, "ARTICLE_REFUSED")
	require.NotContains(t, string(bad.Raw), "410303198001010015")
	const answer = "**不能**。请到社保卡服务网点领取。<script>alert(1)</script>"
	path := "/agent/v1/articles/" + first.Post("/agent/v1/articles", blueLocker(answer)).Is(http.StatusCreated).Text("article_id") + "/versions/1"
	first.Post(path+"/submission", nil).Is(http.StatusOK)
	first.Post(path+"/publication", nil).Refused(http.StatusForbidden, "ARTICLE_SECOND_PERSON")
	require.Empty(t, r.Nobody().Get(faqs).Is(http.StatusOK).List("items"))
	waiting := second.Get("/agent/v1/article-versions").Is(http.StatusOK)
	require.Equal(t, firstID, waiting.Text("items", 0, "editors", 0))
	key := "7f0c1f0e-0000-4000-8000-0000000000a1"
	require.Equal(t, secondID, second.Post(path+"/publication", nil, "Idempotency-Key", key).Is(http.StatusOK).Text("published_by"))
	require.Equal(t, "published", second.Post(path+"/publication", nil, "Idempotency-Key", key).Is(http.StatusOK).Text("state"), "the same request is the same publication")
	second.Post(path+"/publication", nil).Refused(http.StatusConflict, "ARTICLE_STATE")

	other.Clock.Advance(2 * time.Second)
	for _, replica := range []*boottest.Rig{r, other} {
		shown := replica.Nobody().Get(faqs).Is(http.StatusOK)
		require.Equal(t, "不能。请到社保卡服务网点领取。<script>alert(1)</script>", shown.Text("items", 0, "answer"), "text is text")
		require.Equal(t, "nosniff", shown.Header.Get("X-Content-Type-Options"), "and no browser takes it for a page")
		require.Equal(t, true, shown.At("items", 0, "blocks", 0, "spans", 0, "strong"))
	}
	require.Len(t, r.Decisions("knowledge.article.published"), 1)

	found := agent.Get("/agent/v1/articles?audience=internal").Is(http.StatusOK)
	require.NotEmpty(t, found.List("items"))
	desk := found.Text("items", 0, "article_id")
	r.Nobody().Get("/v1/faqs/"+desk).Refused(http.StatusNotFound, "FAQ_NOT_FOUND")
	agent.Post(path+"/usefulness", map[string]any{"useful": true}).Is(http.StatusNoContent)
	require.EqualValues(t, 1, first.Get(path[:len(path)-len("/versions/1")]).Is(http.StatusOK).At("versions", 0, "useful"))

	edit := blueLocker("不能,请到网点领取。")
	delete(edit, "audience")
	article := path[:len(path)-len("/versions/1")]
	draft := first.Post(article+"/versions", edit).Is(http.StatusCreated)
	edit["changes"] = draft.At("changes")
	first.Send(http.MethodPut, article+"/versions/2", edit).Is(http.StatusOK)
	second.Send(http.MethodPut, article+"/versions/2", edit).Refused(http.StatusConflict, "CONFLICT")
	second.Post(path+"/withdrawal", map[string]any{"reason": "wrong"}).Is(http.StatusOK)
	require.Empty(t, r.Nobody().Get(faqs).Is(http.StatusOK).List("items"))
}
