package wechat_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models/notice"
)

func ask(t *testing.T, p notice.Pusher) ([]notice.VendorTemplate, error) {
	t.Helper()
	asker, can := p.(notice.Asker)
	require.True(t, can)
	return asker.AskTemplates(t.Context(), nil)
}

func TestAnAppsOwnTemplatesAreListedWithTheirKeys(t *testing.T) {
	t.Parallel()
	r := start(t)
	for c, p := range map[notice.Channel]notice.Pusher{notice.WechatMini: r.pushMini(t), notice.WechatOA: r.pushOA(t, r.url)} {
		list, err := ask(t, p)
		require.NoError(t, err)
		require.Len(t, list, len(notice.Topics)-1)
		arrivals, _ := notice.PlatformTemplateOf(c, notice.TopicArrivals)
		at := slices.IndexFunc(list, func(v notice.VendorTemplate) bool { return v.Code == "DEMO_ARRIVALS" })
		require.GreaterOrEqual(t, at, 0)
		require.Equal(t, []any{notice.FilingApproved, arrivals.Current().Variables}, []any{list[at].State, list[at].Keys})

		r.DropTemplate(p.App(), "DEMO_ARRIVALS")
		list, err = ask(t, p)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(list, func(v notice.VendorTemplate) bool { return v.Code == "DEMO_ARRIVALS" }))
		_, err = p.Push(t.Context(), arrivalTo(r.OpenID(p.App(), "wang")))
		require.Equal(t, notice.Refused, refusedWith(t, err).Class)
	}
}

func TestWhatIsNoListOfTemplatesIsNoEmptyList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `[]`, `null`, `x`, `{"errcode":48001,"errmsg":"api unauthorized"}`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		alone := start(t)
		_, err := ask(t, alone.pushMini(t)) // from now on there is a token
		require.NoError(t, err)
		broken, err := alone.mini(t, func(c *configs.Wechat, _ *configs.WechatApp) { c.APIURL = srv.URL }).Messages(configs.WechatApp{Name: "mini"})
		require.NoError(t, err)
		_, err = ask(t, broken)
		srv.Close()
		require.Error(t, err, body)
	}
}
