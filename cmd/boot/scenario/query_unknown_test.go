package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// rota is what stands on the rota of people of whom something is so.
func rota(t *testing.T, r *boottest.Rig, where string) (n int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM registry_polls WHERE "+where).Scan(&n))
	return n
}

// cases are the open cases of a kind.
func cases(t *testing.T, r *boottest.Rig, kind string) (n int) {
	t.Helper()
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM enquiries WHERE state = 'received' AND kind = '"+kind+"'").Scan(&n))
	return n
}

// Somebody with an open loss whom the registry does not find any more is asked about at the pace of open losses, a person
// has to look, and she reads how it is.
func TestR66_AnOpenLossOfSomebodyWhoIsNotFoundAnyMore(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{"nobody": "查无此人", "another name": "姓名与社会保障号码不一致"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := boottest.Start(t, asked("pipe"), boottest.Unseeded())
			wang := r.AtPhone("wechat_mini", "wang")
			loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
			r.Work()
			known := wang.Get("/v1/cards").Is(http.StatusOK).Text("as_of")
			r.Fault("cards", "refuse", map[string]any{"op": "person", "reason": words})
			for range 3 {
				r.Later(11 * time.Minute)
			}
			require.Equal(t, 1, cases(t, r, "registry_unknown"), "one streak, one case")
			require.Equal(t, 1, rota(t, r, "unknown_since IS NOT NULL AND tries >= 3"))
			home := wang.Get("/v1/cards").Is(http.StatusOK)
			require.Equal(t, []string{"ask", known}, []string{home.Text("next_step", "code"), home.Text("as_of")}, "the copy stands, and is as old as it is")
			require.Contains(t, home.Text("next_step", "text"), "是否仍然有效无法核实")
			require.Contains(t, wang.Get("/v1/loss-reports/"+loss).Is(http.StatusOK).Text("statement", "text"), "目前查不到您的社保卡登记信息")
			require.Equal(t, "effective", state(wang, loss), "nothing is ended by it")

			r.Fault("cards", "none", nil)
			r.Happens("release", "wang", nil)
			r.Later(11 * time.Minute)
			require.Equal(t, "released", state(wang, loss), "asked about again soon")
			require.Zero(t, cases(t, r, "registry_unknown"))
			require.Zero(t, rota(t, r, "unknown_since IS NOT NULL"))
			require.Equal(t, "none", wang.Get("/v1/cards").Text("next_step", "code"))
		})
	}
}

// A loss of unknown fate stays unknown while its person is not found: a copy may have stopped the card.
func TestR66_ALossWithoutAnAnswerOfSomebodyWhoIsNotFound(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("pipe"))
	wang := r.AtPhone("wechat_mini", "wang")
	r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
	loss := lose(wang).Is(http.StatusAccepted).Text("loss_id")
	r.Fault("cards", "refuse", map[string]any{"op": "person", "reason": "查无此人"})
	for range 11 {
		r.Later(time.Minute)
	}
	require.Equal(t, "unconfirmed", state(wang, loss))
	require.Equal(t, 1, cases(t, r, "loss_unconfirmed"))
	require.Zero(t, r.Told("wang", "挂失没有成功"))
	r.Fault("cards", "none", nil)
	r.Later(time.Minute)
	require.Equal(t, "effective", state(wang, loss))
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))
	require.Zero(t, cases(t, r, "loss_unconfirmed"))
}

// One answer that cannot be read is one person's: she is asked about again, and the round went on.
func TestOneUnreadableAnswerDoesNotEndTheRound(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{"nonsense": "garbage", "somebody else": "forge", "another charset": "charset", "too long": "long"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := boottest.Start(t, asked("xml"), boottest.Unseeded())
			for _, who := range []string{"wang", "zhang", "chen"} {
				lose(r.AtPhone("wechat_mini", who)).Is(http.StatusCreated)
			}
			r.Work()
			require.Equal(t, 3, rota(t, r, "tries = 0"))
			r.Fault("cards", fault, map[string]any{"op": "person", "times": 1})
			r.Clock.Advance(11 * time.Minute)
			now := r.Clock.Now()
			require.NoError(t, r.App.RunOnce(t.Context()), "nor is it the round's failure")
			require.Equal(t, 1, rota(t, r, "tries = 1"))
			var fresh int
			require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM registry_polls WHERE tries = 0 AND asked_at = $1", now).Scan(&fresh))
			require.Equal(t, 2, fresh)
			r.Later(time.Minute)
			require.Equal(t, 3, rota(t, r, "tries = 0"))
		})
	}
}

// of names one person's row.
func of(r *boottest.Rig, key string) string {
	who, _ := r.Desk.City.Registry.Citizen(key)
	return " person_id = (SELECT id FROM persons WHERE ref = '" + who.PersonRef + "')"
}

// Whom her helper reads is asked about like who is bound: on the rota, and at once when somebody looks after a while. What is
// shown says how old it is.
func TestWhomAHelperReadsIsAskedAbout(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("xml"))
	helper := grandson(t, r)
	at := func() string { return helper.get("/v1/cards").Is(http.StatusOK).Text("as_of") }
	first := at()
	require.Equal(t, boottest.Today.Format(time.RFC3339), first)
	r.Clock.Advance(14 * time.Minute)
	require.Equal(t, first, at(), "fresh enough")
	r.Clock.Advance(2 * time.Minute)
	require.Equal(t, boottest.Today.Add(16*time.Minute).Format(time.RFC3339), at(), "asked for her")
	require.Equal(t, 1, rota(t, r, "due_at < '2030-01-01' AND"+of(r, "zhang")))
	r.Fault("cards", "down", nil)
	r.Clock.Advance(time.Hour)
	require.Equal(t, boottest.Today.Add(16*time.Minute).Format(time.RFC3339), at(), "the copy stands, with its date")
}

// Who is bound to nobody is asked about when an agent looks, and her copy keeps its date off the rota.
func TestACallerWhoIsNotBoundIsShownWithTheAgeOfHerCopy(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("xml"))
	agent, zhang := r.Agent(), r.Person("zhang")
	call := r.CallIn(agent, "zhang")
	agent.Post("/agent/v1/calls/"+call+"/verification", map[string]string{"name": zhang.Name, "id_last6": zhang.IDNumber[12:]}).Is(http.StatusOK)
	look := func() string {
		return agent.Get("/agent/v1/calls/" + call + "/person").Is(http.StatusOK).Text("as_of")
	}
	require.Equal(t, boottest.Today.Format(time.RFC3339), look())
	r.Happens("loss", "zhang", map[string]any{"source": "window"})
	r.Clock.Advance(10 * time.Minute)
	require.Equal(t, boottest.Today.Format(time.RFC3339), look())
	require.Equal(t, 1, rota(t, r, "asked_at IS NOT NULL AND due_at > '9000-01-01' AND"+of(r, "zhang")), "dated, and not on the rota")
	r.Clock.Advance(6 * time.Minute)
	person := agent.Get("/agent/v1/calls/" + call + "/person").Is(http.StatusOK)
	require.Equal(t, boottest.Today.Add(16*time.Minute).Format(time.RFC3339), person.Text("as_of"))
	require.Contains(t, person.Text("cards", 0, "label"), "已停用")
	r.Work()
	require.Equal(t, 1, rota(t, r, "due_at < '2030-01-01' AND"+of(r, "zhang")), "an open loss is on the rota, whoever is bound")
}

// A person who is told without the card that works here is not told whole.
func TestACardThatIsToldNoMoreIsUnknownThere(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, asked("pipe"))
	wang := r.AtPhone("wechat_mini", "wang")
	r.Work()
	known := wang.Get("/v1/cards").Is(http.StatusOK).Text("as_of")
	r.Fault("cards", "cardless", map[string]any{"op": "person"})
	r.Clock.Advance(20 * time.Minute)
	home := wang.Get("/v1/cards").Is(http.StatusOK)
	require.Equal(t, []string{"ask", known}, []string{home.Text("next_step", "code"), home.Text("as_of")})
	require.Contains(t, home.Text("next_step", "text"), "以前查到的情况")
}

// People who were only ever named by the payments source have no card here, and that says nothing: nobody is told so before
// a payday.
func TestR05_WhoWasNeverAskedAboutIsNotToldThatSheHasNoCard(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true) // a month of turns
	r := boottest.Start(t, asked("xml"), boottest.Unseeded())
	r.Fresh("wechat_mini", "wang")
	r.Work()
	r.Happens("credit", "zhang", map[string]any{"programme": "41", "state": "approved"})
	r.Later(2 * time.Minute)
	require.NotEmpty(t, r.Decisions("subsidy.preview.done"))
	var told int
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM notices WHERE kind = 'payday_card'").Scan(&told))
	require.Zero(t, told)
}

// Who was asked about within her turn is warned, however long ago that was of whoever has waited longest.
func TestR05_WhoWasAskedAboutWithinHerTurnIsWarned(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true) // a month of turns
	r := boottest.Start(t, asked("xml"), boottest.Unseeded())
	r.AtPhone("wechat_mini", "li")
	r.Work()
	r.Later(48 * time.Hour)
	require.Equal(t, 1, rota(t, r, "asked_at < '"+r.Clock.Now().Add(-47*time.Hour).UTC().Format(time.RFC3339)+"' AND"+of(r, "li")))
	r.Happens("credit", "li", map[string]any{"programme": "41", "state": "approved"})
	r.Later(2 * time.Minute)
	var told int
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM notices WHERE kind = 'payday_card'").Scan(&told))
	require.Equal(t, 1, told)
	require.Len(t, r.Decisions("subsidy.preview.done"), 1)
}
