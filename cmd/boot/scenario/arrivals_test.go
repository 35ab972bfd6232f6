package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

func TestTheCitysHistoryIsTakenWholeAndTellsNobody(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	count := func(q string) (n int) {
		require.NoError(t, r.DB().QueryRowContext(t.Context(), q).Scan(&n))
		return n
	}
	require.Greater(t, count("SELECT count(*) FROM payments"), 3000)
	require.Zero(t, count("SELECT count(*) FROM parked_events"))
	require.Zero(t, count("SELECT count(*) FROM payments WHERE hold <> ''"), "no rule holds what a sound source says")
	require.Zero(t, count("SELECT count(*) FROM batches WHERE version = 0"), "every batch was announced")
	require.Zero(t, count("SELECT count(*) FROM notices"))
	require.Equal(t, 45, count("SELECT count(*) FROM programmes WHERE number > 0"))
	require.Equal(t, 26, count("SELECT count(DISTINCT person_id) FROM payments WHERE programme = 'L410303-01' AND period = '2021年第三季度'"))
	require.Equal(t, 870_000, count("SELECT sum(amount_fen) FROM payments WHERE programme = 'L410303-01' AND period = '2021年第三季度'"))

	wang := r.Fresh("wechat_mini", "wang")
	old := wang.Get("/v1/arrivals?year=2020").Is(http.StatusOK)
	require.Empty(t, old.List("items"))
	require.Equal(t, "PAID_BY_OLD_CHANNEL", old.Text("cause"), "R13")
	require.NotEmpty(t, old.Text("note"))
	require.NotEmpty(t, wang.Get("/v1/arrivals/summary").Is(http.StatusOK).List("years"))
	require.Len(t, r.Nobody().Get("/v1/programmes").Is(http.StatusOK).List("items"), 45)
}

func TestR12_ACreditToldThreeTimesIsOneSMS(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800, "times": 3})
	require.Equal(t, 1, r.Told("wang", "就业补助", "338.00元"))
	r.Later(time.Minute)
	require.Equal(t, 1, r.Told("wang", "就业补助"))
}

func TestR3_R4_R14_WhatIsHeldIsShownToNobody(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, zhao := r.Fresh("wechat_mini", "wang"), r.Fresh("alipay_mini", "zhao")
	seen := func(c *boottest.Citizen) int {
		return len(c.Get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK).List("items"))
	}
	before := seen(wang)
	r.Happens("credit", "zhao", map[string]any{"programme": "41", "payee": "wang"})
	r.Happens("credit", "zhao", map[string]any{"programme": "26", "payee": "wang"})
	r.Happens("credit", "wang", map[string]any{"programme": "41", "without_sent": true})
	require.Equal(t, before, seen(wang))
	require.Zero(t, r.Told("wang", "存入"))
	require.Zero(t, r.Told("zhao", "存入"))
	var reasons []string
	for _, d := range r.Decisions("subsidy.payment.held") {
		reasons = append(reasons, d.Note("reason"))
	}
	require.Equal(t, []string{"PAYEE_MISMATCH", "PAYEE_NOT_HEAD", "CREDITED_WITHOUT_SENT"}, reasons)

	r.Happens("credit", "zhao", map[string]any{"programme": "26", "payee": "wang", "exception": map[string]string{"reason": "head_absent", "approver": "乡镇财政所"}})
	require.Equal(t, before+1, seen(wang))
	require.Len(t, r.Decisions("subsidy.payment.exception_accepted"), 1)
	heads := seen(zhao)
	r.Happens("credit", "zhao", map[string]any{"programme": "26"})
	require.Equal(t, heads+1, seen(zhao))
}

func TestR9_ARenamedProgrammeKeepsItsOldNameOnOldPayments(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	paid := r.Happens("credit", "wang", map[string]any{"programme": "28"})
	r.Happens("rename_programme", "", map[string]any{"programme": "28", "name": "高龄老人津贴", "valid_from": "2022-01-01"})
	id := paid.Text("ledger_month") + "~" + paid.Text("batch_id") + "~1"
	require.Equal(t, "高龄津贴", wang.Get("/v1/arrivals/"+id).Is(http.StatusOK).Text("name"))
	name := func(day string) string {
		list := r.Nobody().Get("/v1/programmes?q=P28&on=" + day).Is(http.StatusOK)
		require.Len(t, list.List("items"), 1)
		return list.Text("items", 0, "name")
	}
	require.Equal(t, "高龄津贴", name("2021-12-31"))
	require.Equal(t, "高龄老人津贴", name("2022-01-01"))
}

func TestR15_AReturnedPaymentIsPaidAgainAndLinked(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	back := r.Happens("return", "wang", map[string]any{"programme": "41", "reason": "ACCOUNT_INACTIVE"})
	first := back.Text("ledger_month") + "~" + back.Text("batch_id") + "~1"
	detail := wang.Get("/v1/arrivals/" + first).Is(http.StatusOK)
	require.Equal(t, "returned", detail.Text("state"))
	require.NotEmpty(t, detail.Text("bank"))
	require.Contains(t, detail.Text("advice"), detail.Text("bank"))
	require.Contains(t, detail.Text("advice"), "两个账户")
	require.Equal(t, 1, r.Told("wang", "没有入账", detail.Text("bank")))

	again := r.Happens("reissue", "wang", map[string]any{"line_id": back.Text("line_id")})
	second := again.Text("ledger_month") + "~" + again.Text("batch_id") + "~1"
	require.Equal(t, second, wang.Get("/v1/arrivals/"+first).Is(http.StatusOK).Text("reissued_as"))
	detail = wang.Get("/v1/arrivals/" + second).Is(http.StatusOK)
	require.Equal(t, "credited", detail.Text("state"))
	require.Equal(t, first, detail.Text("reissue_of"))
}

func TestR55_AHighProgrammeIsNamedInItsDetailAlone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	paid := r.Happens("credit", "wang", map[string]any{"programme": "23", "amount_fen": 60_000})
	require.Equal(t, 1, r.Told("wang", "600.00元"))
	require.Zero(t, r.Told("wang", "艾滋"))
	require.Zero(t, r.Told("wang", "定量补助"))
	id := paid.Text("ledger_month") + "~" + paid.Text("batch_id") + "~1"
	list := wang.Get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK)
	for i := range list.List("items") {
		if list.Text("items", i, "arrival_id") == id {
			require.Equal(t, "惠民补贴", list.Text("items", i, "name"))
			require.Nil(t, list.At("items", i, "programme"))
		}
	}
	require.NotContains(t, string(list.Raw), "艾滋")
	require.NotRegexp(t, `\bP23\b`, string(list.Raw), "a cursor may hold the three letters")
	require.Equal(t, "艾滋病患者生活定量补助", wang.Get("/v1/arrivals/"+id).Is(http.StatusOK).Text("name"))

	r.Later(11 * time.Minute)
	wang.Get("/v1/arrivals?year=2021").Is(http.StatusOK)
	wang.Get("/v1/arrivals/"+id).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Get("/v1/arrivals?programme=P23").Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	r.Recheck(wang)
	require.Equal(t, "艾滋病患者生活定量补助", wang.Get("/v1/arrivals/"+id).Is(http.StatusOK).Text("name"))
}
