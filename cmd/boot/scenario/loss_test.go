package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// lose reports a citizen's card lost and gives the answer.
func lose(c *boottest.Citizen) boottest.Reply {
	return c.Post("/v1/loss-reports", map[string]string{"card_id": c.Card()})
}

func release(c *boottest.Citizen, loss string) boottest.Reply {
	return c.Post("/v1/loss-reports/"+loss+"/release", map[string]string{})
}

func state(c *boottest.Citizen, loss string) string {
	return c.Get("/v1/loss-reports/" + loss).Is(http.StatusOK).Text("state")
}

func TestR32_LossIsEffectiveAtOnceAndARepeatIsTheFirstRecord(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	first := lose(wang).Is(http.StatusCreated)
	require.Equal(t, "effective", first.Text("state"))
	require.NotEmpty(t, first.Text("registry_reference"))
	require.Contains(t, wang.SocialTile(), "已停用")
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "银行账户没有停用"))

	again := lose(wang).Is(http.StatusOK)
	require.Equal(t, first.Text("loss_id"), again.Text("loss_id"))
	agent := r.Agent()
	call := verified(t, r, agent, "wang")
	byPhone := agent.Post("/agent/v1/calls/"+call+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusOK)
	require.Equal(t, first.Text("loss_id"), byPhone.Text("loss_id"))

	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"), "one SMS however often it is asked")
	reported := r.Decisions("card.loss.reported")
	require.Len(t, reported, 1)
	require.Equal(t, "wechat_mini", reported[0].Channel)
	require.Equal(t, "phone", reported[0].Level)
	require.Len(t, r.Decisions("card.loss.confirmed"), 1)
}

// verified has her call from the phone on file and passes Basic: number match.
func verified(t *testing.T, r *boottest.Rig, agent *boottest.Caller, key string) string {
	t.Helper()
	who := r.Person(key)
	call := r.CallIn(agent, key)
	v := agent.Post("/agent/v1/calls/"+call+"/verification", map[string]string{"name": who.Name, "id_last6": who.IDNumber[len(who.IDNumber)-6:]}).Is(http.StatusOK)
	require.Equal(t, "match", v.Text("result"))
	return call
}

func TestR33_ALossByPhoneIsSeenByTheCitizenAsReportedByPhone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	zhang := r.Person("zhang")
	call := r.CallIn(agent, "zhang")
	path := "/agent/v1/calls/" + call
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/verification", map[string]string{"name": zhang.Name, "id_last6": zhang.IDNumber[12:]}).Is(http.StatusOK)
	made := agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated)
	require.Equal(t, "phone", made.Text("source"))
	require.Equal(t, 1, r.Told("zhang", "社保账户已挂失"))

	mine := r.AtPhone("alipay_mini", "zhang")
	seen := mine.Get("/v1/loss-reports").Is(http.StatusOK)
	require.Equal(t, made.Text("loss_id"), seen.Text("items", 0, "loss_id"))
	require.Equal(t, "12333电话", seen.Text("items", 0, "source_text"))
	again := lose(mine).Is(http.StatusOK)
	require.Equal(t, made.Text("loss_id"), again.Text("loss_id"))

	d := r.Decisions("card.loss.reported")
	require.Len(t, d, 1)
	require.Equal(t, "agent", d[0].ActorKind)
	require.Equal(t, call, d[0].CallID)
	require.Equal(t, "basic_number_match", d[0].Note("strength"))
}

func TestR34_ALossAtTheWindowChangesTheTileAndIsToldOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	require.Equal(t, "正常", wang.SocialTile())
	before := len(r.Decisions("card.loss.learnt")) // losses of the city's history
	r.Happens("loss", "wang", map[string]any{"source": "window", "times": 3})
	require.Contains(t, wang.SocialTile(), "已停用")
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "人社窗口"))
	home := wang.Get("/v1/cards")
	require.NotEqual(t, "loss", home.Text("cards", 0, "accounts", 1, "state"), "R28: the bank's side is untouched")
	require.Equal(t, "window", home.Text("cards", 0, "loss", "source"))
	require.Len(t, r.Decisions("card.loss.learnt"), before+1)
}

func TestR39_FinancialAccountIsTheBanks(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	no := wang.Post("/v1/loss-reports", map[string]string{"card_id": wang.Card(), "account": "financial"}).Refused(http.StatusForbidden, "BANK_IN_PERSON_ONLY")
	require.Contains(t, no.Text("facts", "bank_name"), "洛阳银行", "the bank on the face")
	require.NotEmpty(t, no.Text("facts", "bank_phone"))
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	wang.Post("/v1/loss-reports/"+loss+"/release", map[string]string{"account": "financial"}).Refused(http.StatusForbidden, "BANK_IN_PERSON_ONLY")
	require.Equal(t, "effective", state(wang, loss))
	require.Len(t, r.Decisions("card.loss.reported"), 1, "what was refused left nothing behind")
}

func TestR41_ReleaseNeedsALossThatIsInForce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	r.Fault("cards", "lose_reply", map[string]any{"op": "commands"})
	r.Fault("cards", "down", map[string]any{"op": "command_status"})
	loss := lose(wang).Is(http.StatusAccepted).Text("loss_id")
	require.Equal(t, "unconfirmed", state(wang, loss))
	release(wang, loss).Refused(http.StatusConflict, "LOSS_NOT_CONFIRMED_YET")
	r.Fault("cards", "none", nil)
	r.Later(time.Minute)
	require.Equal(t, "effective", state(wang, loss))
	require.Equal(t, "released", release(wang, loss).Is(http.StatusOK).Text("state"))
	release(wang, loss).Refused(http.StatusConflict, "NO_LOSS_RECORD")
	require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
	require.Equal(t, "正常", wang.SocialTile())
}

func TestR41_ALossNeverAttemptedIsWithdrawnAndNothingIsSent(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	before := len(r.Desk.City.Registry.Commands())
	r.Fault("cards", "busy", map[string]any{"op": "commands"})
	loss := lose(wang).Is(http.StatusAccepted)
	require.Equal(t, "received", loss.Text("state"))
	require.Equal(t, "withdrawn", release(wang, loss.Text("loss_id")).Is(http.StatusOK).Text("state"))
	r.Fault("cards", "none", nil)
	r.Later(time.Minute)
	require.Len(t, r.Desk.City.Registry.Commands(), before)
	require.Equal(t, "正常", wang.SocialTile())
	require.Len(t, r.Decisions("card.loss.withdrawn"), 1)
}

func TestR42_AReplacedCardIsVoidByItself(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	old := wang.Card()
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	r.Happens("replace", "wang", nil)
	require.Equal(t, "voided", state(wang, loss))
	release(wang, loss).Refused(http.StatusConflict, "CARD_VOID")
	wang.Post("/v1/loss-reports", map[string]string{"card_id": old}).Refused(http.StatusConflict, "CARD_VOID")
	require.Equal(t, 1, r.Told("wang", "旧卡自动作废"))
	home := wang.Get("/v1/cards").Is(http.StatusOK)
	voids, live := 0, 0
	for i := range home.List("cards") {
		if home.Text("cards", i, "accounts", 0, "state") == "void" {
			voids++
			require.Equal(t, old, home.Text("cards", i, "card_id"))
		} else {
			live++
		}
	}
	require.Equal(t, [2]int{1, 1}, [2]int{voids, live})
}

func TestR43_TheRegistrysDateIsShownWarnedOfRenewedAndMirrored(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	loss := lose(wang).Is(http.StatusCreated)
	require.Nil(t, loss.At("expires_at"), "no date sent, none shown")
	id := loss.Text("loss_id")
	wang.Post("/v1/loss-reports/"+id+"/renewal", nil).Refused(http.StatusConflict, "LOSS_HAS_NO_END")

	until := boottest.Today.AddDate(0, 0, 7)
	r.Happens("expiry", "wang", map[string]any{"expires_at": until})
	require.Equal(t, until.Format(time.RFC3339), wang.Get("/v1/loss-reports/"+id).Text("expires_at"))
	for day, warned := range []int{0, 0, 0, 0, 0, 1, 2} {
		r.Clock.Set(boottest.Today.AddDate(0, 0, day).Add(time.Minute))
		r.Work()
		require.Equal(t, warned, r.Told("wang", "到期前", "一键续期"), "on day %d", day)
	}
	r.Clock.Set(until)
	r.Happens("lapse", "wang", nil)
	wang = r.LogIn("wechat_mini", "wang")
	require.Equal(t, "lapsed", state(wang, id))
	require.Equal(t, "正常", wang.SocialTile())
	require.Equal(t, 1, r.Told("wang", "已于", "丢失的卡又可以使用"), "told once")
}

func TestR66_WithTheRegistryDownALossIsReceivedAlarmedAndThenEffective(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	r.Fault("cards", "down", nil)
	loss := lose(wang).Is(http.StatusAccepted)
	require.Contains(t, loss.Text("statement", "text"), "挂失申请已收到,正在确认,以确认短信为准")
	require.Equal(t, false, loss.At("statement", "effective"))
	require.Equal(t, []any{"financial"}, loss.List("statement", "not_affected"))
	require.NotContains(t, wang.SocialTile(), "已停用")
	require.NotEmpty(t, wang.Get("/v1/cards").Text("as_of"), "reads go on and say how old they are")
	for range 11 {
		r.Clock.Advance(time.Minute)
		_ = r.App.RunOnce(t.Context()) // the feeds fail too
	}
	require.Len(t, r.Decisions("card.loss.alarmed"), 1)
	agent := r.Agent()
	cases := agent.Get("/agent/v1/enquiries").Is(http.StatusOK)
	require.NotEmpty(t, cases.List("items"), "a case is open")

	r.Fault("cards", "none", nil)
	r.Clock.Advance(time.Minute)
	r.Eventually(func() bool { return state(wang, loss.Text("loss_id")) == "effective" })
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失", "银行账户没有停用"))
}

func TestR48_ALossTheRegistryRefusesNamesTheReasonAndAWayForward(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	r.Fault("cards", "refuse", map[string]any{"op": "commands", "code": "CARD_LOCKED", "times": 1})
	no := lose(wang).Refused(http.StatusConflict, "LOSS_REFUSED")
	require.Equal(t, "CARD_LOCKED", no.Text("facts", "reason"))
	require.Equal(t, 1, r.Told("wang", "没有成功"))
	require.Equal(t, "正常", wang.SocialTile())
	lose(wang).Is(http.StatusCreated)
}
