package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox"
)

func TestPlatformMessagesStandInTheMailboxBesideTheSMS(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *sandbox.Options) {
		o.WeChat[0].Templates = map[string][]string{"T": {"thing1", "phrase2"}}
		o.Alipay[1].Templates = map[string][]string{"T": {"keyword1"}}
	})
	event := func(want int, e map[string]any) {
		require.Equal(t, want, w.do(t, "POST", "/desk/events", e, nil), "%v", e)
	}
	event(200, map[string]any{"kind": "wechat_consent", "citizen": "wang", "app_id": "wxmini", "template": "T", "answer": "accept"})
	event(400, map[string]any{"kind": "wechat_consent", "citizen": "wang", "app_id": "wxmini", "template": "none", "answer": "accept"})
	event(400, map[string]any{"kind": "wechat_consent", "citizen": "wang", "app_id": "wxmini", "template": "T", "answer": "perhaps"})
	event(200, map[string]any{"kind": "wechat_follower", "citizen": "wang", "app_id": "wxoa"})
	event(400, map[string]any{"kind": "wechat_follower", "citizen": "wang", "app_id": "wxmini"})
	event(200, map[string]any{"kind": "alipay_follower", "citizen": "wang", "app_id": "2021000000000002", "follows": false})
	event(400, map[string]any{"kind": "alipay_consent", "citizen": "wang", "app_id": "2021000000000002", "template": "T", "answer": "accept"})

	var token struct {
		Token string `json:"access_token"`
	}
	w.do(t, "POST", "/wechat/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": "wxmini", "secret": "s1"}, &token)
	send := func(template, page string, data map[string]any) int {
		var out map[string]any
		w.do(t, "POST", "/wechat/cgi-bin/message/subscribe/send?access_token="+token.Token, map[string]any{
			"touser": w.WeChat.OpenID("wxmini", "wang"), "template_id": template, "page": page, "data": data,
		}, &out)
		return int(out["errcode"].(float64))
	}
	value := func(v string) map[string]any { return map[string]any{"value": v} }
	good := map[string]any{"thing1": value("补贴到账"), "phrase2": value("已到账")}
	require.Equal(t, 40037, send("none", "pages/notice", good))
	require.Equal(t, 41030, send("T", "pages/nowhere", good))
	require.Equal(t, 47003, send("T", "pages/notice", map[string]any{"thing1": value("补贴到账"), "phrase2": value("六个汉字之多")}))
	require.Equal(t, 47003, send("T", "pages/notice", map[string]any{"thing1": value("补贴到账")}), "every field")
	require.Equal(t, 0, send("T", "pages/notice?id=1", good), "a refused call spent no consent")
	require.Equal(t, 43101, send("T", "pages/notice", good))

	var box struct {
		Messages []struct{ Channel, AppID, Citizen, Text, Status string }
	}
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages?citizen=wang", nil, &box))
	require.Len(t, box.Messages, 1)
	require.Equal(t, "wechat_mini", box.Messages[0].Channel)
	require.Equal(t, "补贴到账 · 已到账", box.Messages[0].Text)
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages?citizen=li", nil, &box))
	require.Empty(t, box.Messages)
	require.Equal(t, 200, w.do(t, "GET", "/desk/messages", nil, &box))
	require.Len(t, box.Messages, 1, "everyone's")
}
