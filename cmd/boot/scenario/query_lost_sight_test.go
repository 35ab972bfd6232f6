package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// asks is how often a command was tried.
func asks(t *testing.T, r *boottest.Rig) (n int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT coalesce(sum(attempt), 0) FROM card_commands").Scan(&n))
	return n
}

// questions is how often in a row somebody was not found by the rota.
func questions(t *testing.T, r *boottest.Rig) (n int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT tries FROM registry_polls WHERE"+of(r, "wang")).Scan(&n))
	return n
}

// lostSight is a loss without an answer whose person the registry does not know any more.
func lostSight(t *testing.T) (r *boottest.Rig, loss string) {
	t.Helper()
	r = boottest.Start(t, asked("pipe"), boottest.Unseeded())
	wang := r.AtPhone("wechat_mini", "wang")
	r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
	loss = lose(wang).Is(http.StatusAccepted).Text("loss_id")
	require.Contains(t, wang.Get("/v1/loss-reports/"+loss).Text("statement", "text"), "正在确认")
	r.Fault("cards", "refuse", map[string]any{"op": "person", "reason": "查无此人"})
	r.Later(11 * time.Minute)
	r.Later(11 * time.Minute)
	return r, loss
}

// The citizen reads at once how it is; after a day she is told, and the registry is asked once a day. When it knows her again,
// the loss goes on at once.
func TestR66_ALossWhoseCardIsNotFoundIsAskedAboutOnceADay(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true) // a month of turns
	r, loss := lostSight(t)
	wang := r.LogIn("wechat_mini", "wang")
	told := wang.Get("/v1/loss-reports/" + loss).Is(http.StatusOK)
	require.Equal(t, "unconfirmed", told.Text("state"))
	require.Contains(t, told.Text("statement", "text"), "目前查不到这张卡,是否生效还没有查明")
	require.Contains(t, told.Text("statement", "text"), "银行账户没有停用")
	home := wang.Get("/v1/cards").Is(http.StatusOK)
	require.Contains(t, home.Text("next_step", "text"), "带身份证原件到社保卡服务网点核对,或拨打12333")
	require.Contains(t, home.Text("cards", 0, "accounts", 0, "label"), "是否生效还没有查明")
	require.Zero(t, r.Told("wang", "没有查明"))

	r.Later(25 * time.Hour)
	require.Equal(t, 1, r.Told("wang", "是否生效没有查明", "银行账户没有停用"))
	before, polled := asks(t, r), questions(t, r)
	for range 23 {
		r.Later(time.Hour)
	}
	require.Equal(t, before, asks(t, r), "once a day")
	require.Equal(t, polled, questions(t, r), "the rota no more often")
	r.Later(2 * time.Hour)
	require.Equal(t, before+1, asks(t, r))
	require.Equal(t, 1, r.Told("wang", "没有查明"), "told once")
	require.Equal(t, 1, cases(t, r, "loss_unconfirmed"), "a person has it")

	r.Fault("cards", "none", nil)
	r.Clock.Advance(2 * time.Minute)
	wang = r.LogIn("wechat_mini", "wang")
	wang.Get("/v1/cards").Is(http.StatusOK) // who looks has it asked
	r.Later(5 * time.Second)
	require.Equal(t, "effective", state(wang, loss), "and the loss goes on")
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))
	require.Zero(t, cases(t, r, "loss_unconfirmed"))
	require.Zero(t, cases(t, r, "registry_unknown"))
	require.NotContains(t, wang.Get("/v1/loss-reports/"+loss).Text("statement", "text"), "查不到")
}

// A person who never comes back: it ends by the setting, as what it is, a person's case.
func TestR66_ALossWhoseCardIsNeverFoundEndsUnresolved(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true) // a month of turns
	r, loss := lostSight(t)
	for range 31 {
		r.Later(24 * time.Hour)
	}
	wang := r.LogIn("wechat_mini", "wang")
	over := wang.Get("/v1/loss-reports/" + loss).Is(http.StatusOK)
	require.Equal(t, "unresolved", over.Text("state"))
	require.Contains(t, over.Text("statement", "text"), "没有查明,已转人工处理")
	require.Contains(t, over.Text("statement", "text"), "银行账户没有停用")
	require.Equal(t, 1, cases(t, r, "loss_unresolved"))
	require.Zero(t, cases(t, r, "loss_unconfirmed"), "the one is in the other's place")
	require.Zero(t, r.Told("wang", "挂失没有成功"))
	require.Equal(t, 2, r.Told("wang", "没有查明"), "after a day, and at the end")
	require.Len(t, r.Decisions("card.loss.unresolved"), 1)
	before := asks(t, r)
	r.Later(48 * time.Hour)
	require.Equal(t, before, asks(t, r))
	require.Equal(t, "LOSS_REFUSED", lose(r.LogIn("wechat_mini", "wang")).Text("code"), "a new one is refused for what is known: she is not found")

	r.Fault("cards", "none", nil)
	wang = r.LogIn("wechat_mini", "wang")
	require.Contains(t, wang.SocialTile(), "已停用", "the first copy had stopped the card")
	r.Later(3 * time.Minute)
	r.Recheck(wang)
	release(wang, wang.Get("/v1/cards").Text("cards", 0, "loss", "loss_id")).Is(http.StatusOK)
}

// A release of unknown fate has the same end: nobody is told that the card is stopped, or that it is not.
func TestR66_AReleaseWhoseCardIsNeverFoundEndsUnresolved(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true) // a month of turns
	r := boottest.Start(t, asked("xml"), boottest.Unseeded())
	wang := r.Fresh("wechat_mini", "wang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
	release(wang, loss).Is(http.StatusAccepted)
	r.Fault("cards", "refuse", map[string]any{"op": "person", "reason": "查无此人"})
	r.Later(5 * time.Minute)
	for range 31 {
		r.Later(24 * time.Hour)
	}
	require.Equal(t, "unresolved", state(r.LogIn("wechat_mini", "wang"), loss))
	require.Equal(t, 1, cases(t, r, "loss_unresolved"))
	require.Equal(t, 2, r.Told("wang", "没有查明"))
}
