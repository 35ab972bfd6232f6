package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/policy"
)

// replace orders a new card for the citizen's first one.
func replace(c *boottest.Citizen, reason string) boottest.Reply {
	outlet := c.Get("/v1/outlets?kind=hrss&limit=1").Is(http.StatusOK).Text("items", 0, "ref")
	return c.Post("/v1/replacements", map[string]string{"card_id": c.Card(), "reason": reason, "outlet_ref": outlet})
}

func payIn(c *boottest.Citizen, r *boottest.Rig, order boottest.Reply, platform string) {
	c.Post("/v1/fee-orders/"+order.Text("replacement", "fee", "fee_order_id")+"/payment", nil).Is(http.StatusCreated)
	r.Happens(platform, "", nil)
}

func replacementOf(c *boottest.Citizen, order boottest.Reply) boottest.Reply {
	return c.Get("/v1/replacements/" + order.Text("replacement", "replacement_id")).Is(http.StatusOK)
}

// refunded follows a refund to its end: told, and asked about half a minute later.
func refunded(t *testing.T, r *boottest.Rig, c *boottest.Citizen, order boottest.Reply) {
	t.Helper()
	for range 3 {
		r.Later(40 * time.Second)
	}
	require.Equal(t, "refunded", replacementOf(c, order).Text("fee", "state"))
}

// From the loss to the new card in use, with the fee paid in WeChat.
func TestR44_FromTheLossToTheNewCard(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	old := wang.Card()
	asked := replace(wang, "lost").Is(http.StatusCreated)
	require.Contains(t, asked.Text("statement", "text"), "社保账户已挂失。银行账户没有停用", "R40: first")
	require.Contains(t, asked.Text("replacement", "before_paying", 0), "解挂不收费")
	require.InDelta(t, 1600, asked.At("replacement", "fee", "amount_fen"), 0)
	require.Equal(t, "pay_replacement", wang.Get("/v1/cards").Text("next_step", "code"))
	require.Equal(t, asked.Text("replacement", "replacement_id"), replace(wang, "damaged").Is(http.StatusOK).Text("replacement", "replacement_id"))
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))
	require.Empty(t, r.Desk.City.Registry.Applications("wang"), "nothing is ordered before it is paid")

	payIn(wang, r, asked, "wechat_pay")
	require.Equal(t, 1, r.Told("wang", "您已支付社会保障卡补(换)卡工本费16.00元"))
	require.Equal(t, 1, r.Told("wang", "补换卡已受理", asked.Text("replacement", "receipt")))
	require.Equal(t, []string{"05"}, businessTypes(r, "wang"))
	labels := []string{}
	for _, stage := range []string{"batched", "bank_opening", "producing", "at_outlet"} {
		r.Happens("produce", "wang", map[string]any{"stage": stage})
		labels = append(labels, replacementOf(wang, asked).Text("label"))
	}
	require.Equal(t, []string{"已编入制卡批次", "银行正在开户", "正在制卡", "已到领卡网点,等待领取"}, labels)
	require.Equal(t, "collect", wang.Get("/v1/cards").Text("next_step", "code"))
	wang.Post("/v1/replacements/"+asked.Text("replacement", "replacement_id")+"/withdrawal", nil).Refused(http.StatusConflict, "REPLACEMENT_WITHDRAW_TOO_LATE")

	r.Happens("replace", "wang", nil)
	done := replacementOf(wang, asked)
	require.Equal(t, []string{"completed", "paid"}, []string{done.Text("state"), done.Text("fee", "state")})
	home := wang.Get("/v1/cards").Is(http.StatusOK)
	require.NotEqual(t, old, home.Text("cards", 0, "card_id"))
	require.Equal(t, []string{"void", "closed"}, []string{home.Text("cards", 1, "accounts", 0, "state"), home.Text("cards", 1, "accounts", 1, "state")}, "R42: both accounts")
	require.Equal(t, "activate_new_card", home.Text("next_step", "code"))
	require.Contains(t, home.Text("next_step", "text"), "余额和代扣代缴")
	release(wang, asked.Text("loss_id")).Refused(http.StatusConflict, "CARD_VOID")
	require.Equal(t, 1, r.Told("wang", "补换卡已完成", "一次激活社保账户和银行账户"))
	require.Zero(t, r.Told("wang", "旧卡自动作废,无需解挂"), "the same is not told twice")

	r.Later(3 * 24 * time.Hour)
	require.Equal(t, 1, r.Told("wang", "新社会保障卡还没有激活"))
	r.Happens("activate", "wang", nil)
	r.Later(7 * 24 * time.Hour)
	require.Equal(t, 1, r.Told("wang", "新社会保障卡还没有激活"))
}

// Where policy asks for no fee there is none: no order of one, nothing to pay, and the registry has the order at once.
func TestR21_AWaivedFeeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	set(t, r, policy.ReplacementFee, "0")
	guide := wang.Get("/v1/guides/replace").Is(http.StatusOK)
	require.InDelta(t, 0, guide.At("fee_fen"), 0)
	require.Equal(t, "不收费", guide.Text("fee"))
	asked := replace(wang, "lost").Is(http.StatusCreated)
	require.Contains(t, asked.Text("statement", "text"), "社保账户已挂失", "R40: first, as ever")
	require.Equal(t, true, asked.At("replacement", "fee_waived"))
	require.Nil(t, asked.At("replacement", "fee"))
	require.Contains(t, asked.Text("replacement", "advice"), "免收工本费,不需要支付")
	r.Eventually(func() bool { return replacementOf(wang, asked).Text("state") == "accepted" })
	require.Equal(t, []string{"05"}, businessTypes(r, "wang"))
	require.Equal(t, 1, r.Told("wang", "补换卡已受理", asked.Text("replacement", "receipt")))
	require.Zero(t, r.Told("wang", "工本费"))
	require.Equal(t, "wait_for_card", wang.Get("/v1/cards").Text("next_step", "code"))
	beside := release(wang, asked.Text("loss_id")).Is(http.StatusOK)
	require.Contains(t, beside.Text("replacement", "ask"), "不收取费用")
	r.Happens("replace", "wang", nil)
	require.Equal(t, "completed", replacementOf(wang, asked).Text("state"))
	require.Empty(t, r.Decisions("payment.order.opened"))
}

// An order that exists may be taken back though orders are taken at windows only by now.
func TestR49_AnOrderIsTakenBackThoughReplacementsHaveGoneToTheWindow(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	chen, child := r.Fresh("wechat_mini", "chen"), r.Person("child")
	asked := replace(chen, "damaged").Is(http.StatusCreated)
	set(t, r, policy.ModeKey(models.ActReplace, models.WechatMini), "window_only")
	replace(r.Fresh("wechat_mini", "wang"), "damaged").Refused(http.StatusForbidden, "ACTION_NOT_ON_CHANNEL")
	withdrawn := chen.Post("/v1/replacements/"+asked.Text("replacement", "replacement_id")+"/withdrawal", nil).Is(http.StatusOK)
	require.Equal(t, "withdrawn", withdrawn.Text("state"))
	mother := acting{chen, chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated).Text("relation_id")}
	mother.post("/v1/replacements", map[string]string{"card_id": asked.Text("replacement", "card_id"), "reason": "damaged"}).Refused(http.StatusForbidden, "MINOR_WINDOW_ONLY")
	mother.post("/v1/replacements/"+asked.Text("replacement", "replacement_id")+"/withdrawal", nil).Refused(http.StatusNotFound, "REPLACEMENT_NOT_FOUND")
}

func businessTypes(r *boottest.Rig, key string) (out []string) {
	for _, a := range r.Desk.City.Registry.Applications(key) {
		out = append(out, a.BusinessType)
	}
	return out
}

// A replacement that the registry rejects ends refunded without anyone asking; so does one whose order it refuses at once.
func TestR49_RejectedByTheRegistryTheFeeIsBackByItself(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	asked := replace(wang, "damaged").Is(http.StatusCreated)
	payIn(wang, r, asked, "wechat_pay")
	require.Equal(t, "accepted", replacementOf(wang, asked).Text("state"))
	r.Happens("reject", "wang", map[string]any{"reason": "PHOTO_NO_FACE"})
	require.Equal(t, 1, r.Told("wang", "补换卡没有通过", "照片上没有识别到人脸", "自动原路退回"))
	refunded(t, r, wang, asked)
	seen := replacementOf(wang, asked)
	require.Equal(t, []string{"rejected", "已退付"}, []string{seen.Text("state"), seen.Text("fee", "refund")})
	require.Equal(t, 1, r.Told("wang", "原路退回您的付款账户", "补换卡没有通过"))

	again := replace(wang, "damaged").Is(http.StatusCreated)
	r.Fault("cards", "refuse", map[string]any{"op": "commands", "code": "BANK_NOT_AVAILABLE", "times": 1})
	payIn(wang, r, again, "wechat_pay")
	require.Equal(t, "rejected", replacementOf(wang, again).Text("state"))
	refunded(t, r, wang, again)
	require.Len(t, r.Decisions("payment.refund.requested"), 2)
}

// The registry hangs, loses its reply and is down: one order arrives, however often it is asked.
func TestR21_APaidOrderReachesARegistryThatFails(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	asked := replace(wang, "damaged").Is(http.StatusCreated)
	r.Fault("cards", "down", map[string]any{"op": "commands", "times": 1})
	r.Fault("cards", "lose_reply", map[string]any{"op": "commands", "times": 1})
	payIn(wang, r, asked, "wechat_pay")
	require.Equal(t, "submitted", replacementOf(wang, asked).Text("state"))
	require.Contains(t, replacementOf(wang, asked).Text("advice"), "工本费已支付")
	r.Eventually(func() bool { return replacementOf(wang, asked).Text("state") == "accepted" })
	require.Len(t, r.Desk.City.Registry.Applications("wang"), 1)
}

func TestR41_AReleaseAsksWhetherToWithdrawTheReplacement(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	asked := replace(wang, "lost").Is(http.StatusCreated)
	payIn(wang, r, asked, "wechat_pay")
	found := release(wang, asked.Text("loss_id")).Is(http.StatusOK)
	require.Equal(t, asked.Text("replacement", "replacement_id"), found.Text("replacement", "replacement_id"))
	require.Contains(t, found.Text("replacement", "ask"), "撤回补换卡")
	wang.Post("/v1/replacements/"+found.Text("replacement", "replacement_id")+"/withdrawal", nil).Is(http.StatusAccepted)
	require.Equal(t, 1, r.Told("wang", "补换卡已撤回"))
	refunded(t, r, wang, asked)
	require.Equal(t, "normal", wang.Get("/v1/cards").Text("cards", 0, "accounts", 0, "state"))
	require.Equal(t, "none", wang.Get("/v1/cards").Text("next_step", "code"))
}

func TestR45_R47_WhatMakesNoOrderOnline(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	moved := replace(wang, "moved_in_province").Is(http.StatusOK)
	require.Equal(t, "not_needed", moved.Text("outcome"))
	require.Equal(t, "at_window", replace(wang, "quality").Is(http.StatusOK).Text("outcome"))
	no := wang.Post("/v1/replacements", map[string]string{"card_id": wang.Card(), "reason": "lost", "for_person": "0190a000-0000-7000-8000-000000000001"}).
		Refused(http.StatusForbidden, "DELEGATE_WINDOW_ONLY")
	require.Contains(t, no.Text("facts", "papers"), "授权委托书")
	require.Empty(t, wang.Get("/v1/replacements").Is(http.StatusOK).List("items"))
	require.Empty(t, wang.Get("/v1/loss-reports").List("items"))
	phone := r.AtPhone("alipay_mini", "zhang")
	phone.Post("/v1/replacements", map[string]string{"card_id": phone.Card(), "reason": "lost"}).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
}

// What is announced and names the old account is said before money is paid; once the new card is in hand, whoever is on a
// newly announced list is told that its money account cannot take the money yet (R5).
func TestR44_AnnouncedPaymentsAreNamedBeforePayingAndBeforeTheBatch(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 12_300, "state": "sent"})
	asked := replace(wang, "damaged").Is(http.StatusCreated)
	require.InDelta(t, 12_300, asked.At("replacement", "announced", 0, "amount_fen"), 0)
	require.Contains(t, asked.Text("replacement", "before_paying", 1), "正在发往旧卡的银行账户(尾号")
	payIn(wang, r, asked, "wechat_pay")
	require.Empty(t, replacementOf(wang, asked).List("before_paying"), "it is paid")
	r.Happens("replace", "wang", nil)
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 45_600, "state": "approved"})
	r.Later(time.Minute)
	require.Equal(t, 1, r.Told("wang", "您有一笔补贴待发", "未激活"))
}

// The hotline sees how far a caller's replacement is and what became of its fee, and orders none.
func TestR49_TheHotlineSeesAVerifiedCallersReplacement(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	zhang := r.Fresh("wechat_mini", "zhang")
	asked := replace(zhang, "damaged").Is(http.StatusCreated)
	payIn(zhang, r, asked, "wechat_pay")
	r.Happens("reject", "zhang", nil)
	refunded(t, r, zhang, asked)
	agent := r.Agent()
	person := agent.Get("/agent/v1/calls/" + verified(t, r, agent, "zhang") + "/person").Is(http.StatusOK)
	require.Equal(t, []string{asked.Text("replacement", "receipt"), "rejected", "已退付"},
		[]string{person.Text("replacement", "receipt"), person.Text("replacement", "state"), person.Text("replacement", "refund")})
}

// From an order with a photo over a return to the new card: one number, one fee.
func TestR69_AReturnedReplacementIsPutRightOnline(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	outlet := wang.Get("/v1/outlets?kind=hrss&limit=1").Is(http.StatusOK).Text("items", 0, "ref")
	order := map[string]string{"card_id": wang.Card(), "reason": "data_wrong", "outlet_ref": outlet, "photo": "0190a000-0000-7000-8000-000000000001"}
	no := wang.Post("/v1/replacements", order).Refused(http.StatusUnprocessableEntity, "UPLOAD_UNKNOWN")
	require.Equal(t, "photo", no.Text("fields", 0, "field"))
	wang.Consent("id_images")
	order["photo"] = upload(wang, "photo", portrait()).Is(http.StatusCreated).Text("upload_id")
	asked := wang.Post("/v1/replacements", order).Is(http.StatusCreated)
	payIn(wang, r, asked, "wechat_pay")
	path := "/v1/replacements/" + asked.Text("replacement", "replacement_id")
	wang.Post(path+"/correction", map[string]any{}).Refused(http.StatusConflict, "REPLACEMENT_NOT_RETURNED")

	r.Happens("send_back", "wang", map[string]any{"defects": []map[string]any{{"code": "PHOTO_NOT_PERSON"}, {"code": "INFORMATION_DIFFERS"}}})
	require.Equal(t, 1, r.Told("wang", "补换卡已退回"))
	require.Equal(t, "correct_replacement", wang.Get("/v1/cards").Text("next_step", "code"))
	returned := replacementOf(wang, asked)
	require.Equal(t, []string{"returned", "uploads.photo"}, []string{returned.Text("state"), returned.Text("defects", 0, "field")})
	require.Nil(t, returned.At("defects", 1, "field"), "that one is a window's")
	require.Contains(t, returned.Text("advice"), "工本费不再收取")
	wang.Post(path+"/correction", map[string]any{}).Refused(http.StatusUnprocessableEntity, "CORRECTION_INCOMPLETE")
	photo := upload(wang, "photo", portrait()).Is(http.StatusCreated).Text("upload_id")
	fixed := wang.Post(path+"/correction", map[string]any{"uploads": map[string]string{"photo": photo}}).Is(http.StatusOK)
	require.Equal(t, []string{asked.Text("replacement", "receipt"), "submitted"}, []string{fixed.Text("receipt"), fixed.Text("state")})
	r.Work()
	require.Equal(t, "accepted", replacementOf(wang, asked).Text("state"))
	require.Len(t, r.Desk.City.Registry.Applications("wang"), 1)
	require.Equal(t, "paid", replacementOf(wang, asked).Text("fee", "state"))
	require.Len(t, r.Decisions("card.replacement.corrected"), 1)
	r.Happens("produce", "wang", map[string]any{"stage": "at_outlet"})
	r.Happens("replace", "wang", nil)
	require.Equal(t, "completed", replacementOf(wang, asked).Text("state"))
	require.Equal(t, 1, r.Told("wang", "您已支付社会保障卡补(换)卡工本费16.00元"), "one fee")
}
