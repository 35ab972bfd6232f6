package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
)

// asked is a rig whose cards source has no feed.
func asked(form string) boottest.Option {
	return boottest.With(func(c *configs.Config) {
		c.Registry.Cards.Kind, c.Registry.Cards.Form = "query", form
	})
}

func eachForm(t *testing.T, run func(t *testing.T, r *boottest.Rig)) {
	t.Helper()
	for _, form := range []string{"pipe", "xml"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			run(t, boottest.Start(t, asked(form)))
		})
	}
}

func TestR32_LossAndReleaseAtARegistryThatIsOnlyAsked(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.Fresh("wechat_mini", "wang")
		require.Equal(t, "正常", wang.SocialTile())
		loss := lose(wang).Is(http.StatusCreated)
		require.Equal(t, "effective", loss.Text("state"))
		require.Contains(t, loss.Text("statement", "text"), "社保账户已挂失")
		require.Contains(t, wang.SocialTile(), "已停用")
		require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "银行账户没有停用"))
		require.Contains(t, wang.SocialTile(), "已停用", "and once the registry was asked again")
		lose(wang).Is(http.StatusOK)

		release(wang, loss.Text("loss_id")).Is(http.StatusOK)
		require.Equal(t, "released", state(wang, loss.Text("loss_id")))
		require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
		require.Equal(t, "正常", wang.SocialTile())
		effects := r.Desk.City.Registry.EffectsOf("", r.Desk.City.Registry.CardsOf("wang")[0].Ref)
		require.Len(t, effects, 2)
		require.Empty(t, r.Desk.City.Registry.Commands(), "nothing went by the contract's other face")
	})
}

// A lost answer is found out by looking: a loss at once, a release only when its copy surely has come to its end.
func TestR32_WhatWasNotAnsweredIsReadBack(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.Fresh("wechat_mini", "wang")
		r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
		loss := lose(wang).Is(http.StatusAccepted).Text("loss_id")
		require.NotContains(t, wang.SocialTile(), "已停用")
		r.Later(5 * time.Second)
		require.Equal(t, "effective", state(wang, loss))
		require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))

		// A copy of the loss may still be on its way: the release waits for it, and is accepted.
		release(wang, loss).Is(http.StatusAccepted)
		r.Later(time.Minute)
		require.Equal(t, "release_requested", state(wang, loss))
		r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
		r.Later(70 * time.Second)
		require.Equal(t, "release_requested", state(wang, loss))
		r.Later(time.Minute)
		require.Equal(t, "release_requested", state(wang, loss), "not believed before the settling time")
		r.Later(70 * time.Second)
		require.Equal(t, "released", state(wang, loss))
		require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
		require.Len(t, r.Desk.City.Registry.EffectsOf("", r.Desk.City.Registry.CardsOf("wang")[0].Ref), 2)
	})
}

// What others do at the registry is seen by asking, and told once.
func TestR43_AWindowsReleaseIsSeenByAskingAndToldOnce(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.AtPhone("wechat_mini", "wang")
		loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
		r.Work()
		r.Happens("release", "wang", nil)
		require.Equal(t, "effective", state(wang, loss), "not seen yet, and dated so")
		r.Later(11 * time.Minute)
		require.Equal(t, "released", state(wang, loss))
		require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
		ended := r.Decisions("card.loss.ended")
		require.Len(t, ended, 1)
		r.Later(11 * time.Minute)
		require.Equal(t, 1, r.Told("wang", "社保账户已解挂"), "told once")

		r.Happens("loss", "wang", map[string]any{"source": "window"})
		r.Later(80 * time.Hour)
		wang = r.LogIn("wechat_mini", "wang")
		home := wang.Get("/v1/cards").Is(http.StatusOK)
		require.Contains(t, home.Text("cards", 0, "accounts", 0, "label"), "已停用")
		require.NotEmpty(t, home.Text("cards", 0, "loss", "loss_id"), "a loss made elsewhere has a report to release")
	})
}

// As of when a citizen's card is shown is when the registry was asked about her; she who looks after a while has it asked.
func TestWhatIsShownIsAsOfTheLastQuestion(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.AtPhone("wechat_mini", "wang")
		r.Work()
		first := wang.Get("/v1/cards").Is(http.StatusOK).Text("as_of")
		require.Equal(t, boottest.Today.Format(time.RFC3339), first)
		require.Equal(t, first, wang.Get("/v1/loss-reports").Is(http.StatusOK).Text("as_of"), "hers, not the city's")
		r.Clock.Advance(10 * time.Minute)
		require.Equal(t, first, wang.Get("/v1/cards").Text("as_of"), "fresh enough")
		r.Clock.Advance(10 * time.Minute)
		require.Equal(t, boottest.Today.Add(20*time.Minute).Format(time.RFC3339), wang.Get("/v1/cards").Text("as_of"), "asked for her")
		r.Fault("cards", "down", nil)
		r.Clock.Advance(20 * time.Minute)
		require.Equal(t, boottest.Today.Add(20*time.Minute).Format(time.RFC3339), wang.Get("/v1/cards").Is(http.StatusOK).Text("as_of"), "the copy stands, with its date")
	})
}

func TestR42_ACardReplacedAtAWindowIsVoidOnceAnotherIsTold(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.AtPhone("wechat_mini", "wang")
		loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
		r.Work()
		r.Happens("replace", "wang", nil)
		r.Later(11 * time.Minute)
		require.Equal(t, "voided", state(wang, loss))
		home := wang.Get("/v1/cards").Is(http.StatusOK)
		require.Len(t, home.List("cards"), 2)
		require.NotContains(t, home.Text("cards", 0, "accounts", 0, "label"), "停用")
	})
}

// What such a registry does not take is refused before anything is written, with the way to a window, and nobody is led into
// a form that ends nowhere: not by the next step, not by the guide, not by what a client is told of its channel.
func TestR17_ARegistryThatIsOnlyAskedTakesNoApplications(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("xml"))
	li, wang := r.Fresh("wechat_mini", "li"), r.Fresh("wechat_mini", "wang")
	form := map[string]any{"bank_code": "103", "outlet_ref": "o1", "uploads": map[string]string{}}
	for name, no := range map[string]boottest.Reply{
		"apply":   li.Post("/v1/applications", form),
		"draft":   li.Get("/v1/application-draft"),
		"replace": wang.Post("/v1/replacements", map[string]any{"card_id": wang.Card(), "reason": "lost", "outlet_ref": "o1"}),
	} {
		said := no.Refused(http.StatusForbidden, "ACTION_NOT_ON_CHANNEL").Text("detail")
		for _, way := range []string{"社保卡服务网点", "身份证", "办事指南", "网点查询", "12333"} {
			require.Contains(t, said, way, name)
		}
	}
	step := li.Get("/v1/cards").Is(http.StatusOK)
	require.Equal(t, "ask", step.Text("next_step", "code"))
	require.Contains(t, step.Text("next_step", "text"), "不在网上受理")
	require.Equal(t, "正常", wang.SocialTile(), "no loss was set by an order that cannot be")
	for act, mode := range map[string]string{"apply": "window_only", "replace": "window_only", "loss": "here"} {
		for _, one := range r.Nobody().Get("/v1/policies?channel=wechat_mini").Is(http.StatusOK).List("acts") {
			if said := one.(map[string]any); said["act"] == act {
				require.Equal(t, mode, said["mode"], act)
			}
		}
	}
	for _, table := range []string{"applications", "application_drafts", "uploads", "replacements", "fee_orders", "card_commands"} {
		var n int
		require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
		require.Zero(t, n, table)
	}
}

// A draft that was begun while applications were taken is there when they are again.
func TestR17_ADraftOutlivesAClosedChannel(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	li := r.Fresh("wechat_mini", "li")
	li.Consent("id_images")
	li.Consent("bank_data")
	li.Send(http.MethodPatch, "/v1/application-draft", map[string]any{"version": 0, "bank_code": "103"}).Is(http.StatusOK)
	set(t, r, "act.apply.wechat_mini", "window_only")
	require.Contains(t, li.Get("/v1/application-draft").Refused(http.StatusForbidden, "ACTION_NOT_ON_CHANNEL").Text("detail"), "社保卡服务网点")
	set(t, r, "act.apply.wechat_mini", "here")
	again := li.Get("/v1/application-draft").Is(http.StatusOK)
	require.Equal(t, "103", again.Text("bank_code"))
	require.EqualValues(t, 1, again.At("version"))
}

func TestR66_ARegistryThatIsOnlyAskedAndIsDown(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.AtPhone("wechat_mini", "wang")
		r.Fault("cards", "down", nil)
		loss := lose(wang).Is(http.StatusAccepted).Text("loss_id")
		for range 11 {
			r.Clock.Advance(time.Minute)
			_ = r.App.RunOnce(t.Context()) // the questions fail too
		}
		require.Len(t, r.Decisions("card.loss.alarmed"), 1)
		r.Fault("cards", "none", nil)
		r.Clock.Advance(time.Minute)
		r.Eventually(func() bool { return state(wang, loss) == "effective" })
		require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "银行账户没有停用"))
	})
}

func TestR48_ARefusalInWordsNamesItsReason(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.AtPhone("wechat_mini", "wang")
		r.Fault("cards", "refuse", map[string]any{"op": "commands", "code": "CARD_LOCKED", "times": 1})
		no := lose(wang).Refused(http.StatusConflict, "LOSS_REFUSED")
		require.Equal(t, "CARD_LOCKED", no.Text("facts", "reason"))
		r.Fault("cards", "refuse", map[string]any{"op": "commands", "reason": "王建国的卡410303198001010015暂不办理", "times": 1})
		no = lose(wang).Refused(http.StatusConflict, "LOSS_REFUSED")
		require.Equal(t, "NOT_ACCEPTED", no.Text("facts", "reason"))
		require.NotContains(t, r.Log.String(), "410303198001010015")
		require.NotContains(t, r.Log.String(), "王建国")
		require.Contains(t, r.Log.String(), "REASON_UNKNOWN")
		lose(wang).Is(http.StatusCreated)
	})
}

// A city that never had a feed: people are met when they bind, their payments are there by then, and nothing waits parked.
func TestACityWithoutAFeedFromItsFirstDay(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("xml"), boottest.Unseeded())
	wang := r.Fresh("wechat_mini", "wang")
	r.Work()
	require.Equal(t, "正常", wang.SocialTile())
	require.NotEmpty(t, wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"))
	require.NotContains(t, r.Log.String(), "EVENT_PARKED")
	loss := lose(wang).Is(http.StatusCreated)
	require.Contains(t, loss.Text("statement", "text"), "洛阳银行0379", "the lists name the bank and its phone")
	release(wang, loss.Text("loss_id")).Is(http.StatusOK)
	require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
	var named int
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM person_lookups").Scan(&named))
	require.Less(t, named, 20, "of people who have not bound nothing is known but a reference")
}
