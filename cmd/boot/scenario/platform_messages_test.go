package scenario

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
)

const (
	oaApp   = "wxde30000000000oa1"
	miniApp = "wxde3000000000mini"
	lifeApp = "2021000000000002"
)

// atOA lets a citizen do something at the official account and gives what our server answered.
func atOA(r *boottest.Rig, what string, more map[string]any) boottest.Reply {
	event := map[string]any{"app_id": oaApp, "what": what}
	for k, v := range more {
		event[k] = v
	}
	return r.Happens("wechat_message", "wang", event)
}

func atLife(r *boottest.Rig, what string, more map[string]any) boottest.Reply {
	event := map[string]any{"app_id": lifeApp, "what": what, "charset": "utf-8"}
	for k, v := range more {
		event[k] = v
	}
	return r.Happens("alipay_message", "wang", event)
}

// Forged, replayed, plaintext-downgraded and oversized callbacks of platforms are refused, and nothing is done.
func TestForgedPlatformCallbacksAreRefused(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	atOA(r, "follow", nil)
	r.Clock.Advance(time.Second)
	for how, status := range map[string]float64{
		"forged": 401, "plaintext": 401, "stale": 401, "other_app": 401, "tampered": 401, "oversized": 413,
	} {
		require.InDelta(t, status, atOA(r, "unfollow", map[string]any{"how": how}).At("status"), 0, how)
	}
	require.InDelta(t, 200, atOA(r, "text", map[string]any{"text": "怎么挂失"}).At("status"), 0)
	require.InDelta(t, 409, atOA(r, "text", map[string]any{"how": "replayed"}).At("status"), 0)
	for how, status := range map[string]float64{"forged": 401, "unsigned": 401, "stale": 401, "other_app": 401, "foreign_cert": 401, "oversized": 413} {
		require.InDelta(t, status, atLife(r, "follow", map[string]any{"how": how}).At("status"), 0, how)
	}
	require.Empty(t, r.Decisions("notice.account.unfollowed"))
	require.Len(t, r.Decisions("notice.account.followed"), 1)
	for _, how := range []string{"", "forged", "stale"} {
		got := r.Happens("wechat_message", "wang", map[string]any{"app_id": miniApp, "what": "check", "how": how})
		require.Equal(t, how == "", got.At("ok"), how)
	}
}

func TestTheOfficialAccountGreetsAnswersAndForgetsWhatWasWritten(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	require.Contains(t, atOA(r, "follow", nil).Text("reply"), "欢迎关注")
	r.Clock.Advance(time.Second)
	reply := atOA(r, "text", map[string]any{"text": "补贴没有到账怎么办"}).Text("reply")
	require.Contains(t, reply, "12333")
	require.Contains(t, reply, r.API+"/m/faqs/")
	require.Equal(t, 2, strings.Count(reply, "/m/faqs/"), "the best in full, two more as links")
	for _, number := range []string{"410303198001010015", "我的身份证是4103 0319 8001 0100 15", "138-0379-0001", "123456"} {
		r.Clock.Advance(time.Second)
		require.Contains(t, atOA(r, "text", map[string]any{"text": number}).Text("reply"), "不要在这里发送身份证号", number)
	}
	require.Contains(t, atOA(r, "image", nil).Text("reply"), "看懂文字")
	require.Contains(t, atOA(r, "click", map[string]any{"key": "hotline"}).Text("reply"), "12333")
	r.Clock.Advance(time.Second)
	require.Contains(t, atOA(r, "scan", map[string]any{"key": "outlet_nowhere"}).Text("reply"), "请直接发送您的问题")
	again := atOA(r, "text", map[string]any{"how": "again"})
	require.Equal(t, "success", again.Text("body"), "the platform's repeat")

	require.Len(t, r.Decisions("notice.account.followed"), 1)
	r.Clock.Advance(time.Second)
	require.Equal(t, "success", atOA(r, "unfollow", nil).Text("body"))
	require.Len(t, r.Decisions("notice.account.unfollowed"), 1)
	for _, leak := range []string{"410303198001010015", "补贴没有到账怎么办", "4103 0319", r.Desk.City.WeChat.OpenID(oaApp, "wang")} {
		require.NotContains(t, r.Log.String(), leak)
	}
}

func TestWhoFollowsIsKnownOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	atOA(r, "follow", nil)
	atOA(r, "follow", map[string]any{"how": "again"})
	var n, follows int
	require.NoError(t, r.DB().QueryRowContext(t.Context(), `SELECT COUNT(*), SUM(CASE WHEN s.off_reason = '' AND s.topic = '' THEN 1 ELSE 0 END)
		FROM platform_accounts a LEFT JOIN notice_subscriptions s ON s.account_id = a.id WHERE a.platform = 'wechat_oa'`).Scan(&n, &follows))
	require.Equal(t, []int{1, 1}, []int{n, follows})
}

func TestTheLifeAccountAnswersBesideItsAcknowledgement(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	check := atLife(r, "check", map[string]any{"charset": "GBK"})
	require.Equal(t, true, check.At("taken"), "the console's check, signed by us")
	got := atLife(r, "follow", nil)
	require.Equal(t, true, got.At("taken"))
	require.Contains(t, got.Text("said", 0), "欢迎关注")
	r.Clock.Advance(time.Second)
	got = atLife(r, "text", map[string]any{"text": "怎么挂失"})
	require.Contains(t, got.Text("said", 1), "12333")
	got = atLife(r, "text", map[string]any{"how": "replayed"})
	require.Equal(t, true, got.At("taken"), "a copy is acknowledged")
	require.Len(t, got.List("said"), 2, "and answered by nobody")
	r.Clock.Advance(time.Second)
	r.Fault("alipay", "refuse", map[string]any{"op": "alipay.open.public.message.custom.send", "times": 1, "code": "isp.unknow-error"})
	got = atLife(r, "click", map[string]any{"key": "hotline"})
	require.Equal(t, true, got.At("taken"), "an answer that cannot be sent is no reason to be told again")
	r.Clock.Advance(time.Second)
	require.Equal(t, true, atLife(r, "unfollow", nil).At("taken"))
	require.Len(t, r.Decisions("notice.account.followed"), 1)
	require.Len(t, r.Decisions("notice.account.unfollowed"), 1)
	require.Equal(t, "alipay_life", r.Decisions("notice.account.unfollowed")[0].Channel)
}

func TestMenusArePublishedOnceAndShownBefore(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		require.NoError(t, boot.ChannelsCommand(t.Context(), r.App.Channels(), append([]string{"publish"}, args...), &out))
		return out.String()
	}
	require.Contains(t, run("--dry-run"), "oa (wechat_oa): would publish")
	_, there := r.Desk.City.WeChat.Menu(oaApp)
	require.False(t, there)
	said := run()
	require.Contains(t, said, "oa (wechat_oa): published")
	require.Contains(t, said, "life (alipay_life): published")
	require.Contains(t, said, "+ 1 1 我的卡 > 我的社保卡 -> "+r.API+"/m/card")
	buttons, _ := r.Desk.City.WeChat.Menu(oaApp)
	require.Contains(t, buttons, "帮助/12333热线")
	require.Contains(t, run("--json"), `"done":"unchanged"`)
	require.Len(t, r.Decisions("channels.menu.published"), 4, "asked and done, for each account")
	var out bytes.Buffer
	require.ErrorIs(t, boot.ChannelsCommand(t.Context(), r.App.Channels(), []string{"publish", "--app", "nobody"}, &out), boot.ErrUsage)
}

func TestAPageOfOursGetsASignatureAndNoOther(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	page := r.API + "/m/outlets?near=1"
	got := r.Nobody().Get("/v1/wechat/jssdk-signature?url=" + url.QueryEscape(page)).Is(http.StatusOK)
	stamp, ok := got.At("timestamp").(float64)
	require.True(t, ok)
	require.True(t, r.Desk.City.WeChat.PageSigned(oaApp, got.Text("nonce_str"), strconv.FormatInt(int64(stamp), 10), page, got.Text("signature")))
	r.Nobody().Get("/v1/wechat/jssdk-signature?url="+url.QueryEscape("https://evil.example/m/")).Refused(http.StatusUnprocessableEntity, "PAGE_NOT_OURS")
}
