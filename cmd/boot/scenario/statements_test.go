package scenario

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

func TestAYearsStatementIsPrintedAndVerifiedByAStranger(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	r.Happens("credit", "wang", map[string]any{"programme": "23", "amount_fen": 60_000})
	r.Happens("return", "wang", map[string]any{"programme": "41", "reason": "ACCOUNT_INACTIVE"})
	sheet := wang.Get("/v1/arrivals/statement?year=2021").Is(http.StatusOK)
	require.Equal(t, "application/pdf", sheet.Header.Get("Content-Type"))
	require.True(t, bytes.HasPrefix(sheet.Raw, []byte("%PDF-1.")))
	require.Less(t, len(sheet.Raw), 300_000)
	if dir := os.Getenv("ONECARD_TEST_KEEP"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "wang.pdf"), sheet.Raw, 0o600))
	}
	var code string
	var count, total int
	read := func() (n int) {
		require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM statements").Scan(&n))
		require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT code, count, total_fen FROM statements ORDER BY made_at DESC LIMIT 1").Scan(&code, &count, &total))
		return n
	}
	require.Equal(t, 1, read())
	require.Len(t, r.Decisions("subsidy.statement.issued"), 1)

	r.Later(11 * time.Minute) // the check is no longer fresh: another sheet, the same statement
	masked := wang.Get("/v1/arrivals/statement?year=2021").Is(http.StatusOK)
	require.NotEqual(t, sheet.Raw, masked.Raw)
	require.Equal(t, 1, read())

	check := r.Nobody().Get("/v1/statement-checks/" + code).Is(http.StatusOK)
	require.Equal(t, "王**", check.Text("holder"))
	require.InDelta(t, total, check.At("total_fen"), 0)
	require.InDelta(t, count, check.At("count"), 0)
	year := wang.Get("/v1/arrivals/summary?year=2021").Is(http.StatusOK)
	require.InDelta(t, total, year.At("years", 0, "amount_fen"), 0, "the sheet and the page say the same")
	require.NotContains(t, string(check.Raw), "王建国")
	r.Nobody().Get("/v1/statement-checks/0000-0000-0000-0000").Refused(http.StatusNotFound, "STATEMENT_UNKNOWN")
	r.Nobody().Get("/v1/arrivals/statement?year=2021").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	r.AtPhone("alipay_mini", "zhang").Get("/v1/arrivals/statement?year=2021").Refused(http.StatusForbidden, "RECHECK_REQUIRED")
}

func TestR4_AFamilySeesWhatWasPaidToItsHead(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	zhao, chen := r.Fresh("wechat_mini", "zhao"), r.Fresh("alipay_mini", "chen")
	r.Happens("credit", "zhao", map[string]any{"programme": "2", "amount_fen": 12_300})
	head := zhao.Get("/v1/arrivals/household?year=2021&limit=100").Is(http.StatusOK)
	require.Equal(t, "head", head.Text("role"))
	require.Len(t, head.List("members"), 4)
	require.Equal(t, "123.00", head.Text("items", 0, "amount_yuan"))
	require.NotEmpty(t, head.Text("as_of"))
	zhao.Get("/v1/arrivals/" + head.Text("items", 0, "arrival_id")).Is(http.StatusOK)
	require.NotContains(t, string(head.Raw), "赵铁柱")

	var ref string // of chen's husband, whom no scenario names
	require.NoError(t, r.DB().QueryRowContext(t.Context(), `SELECT h.ref FROM persons h JOIN persons c ON c.household_ref = h.household_ref
		JOIN sessions s ON s.person_id = c.id WHERE h.is_head AND h.id <> c.id`).Scan(&ref))
	r.Happens("credit", ref, map[string]any{"programme": "2", "amount_fen": 45_600})
	r.Happens("credit", ref, map[string]any{"programme": "26", "amount_fen": 78_900})
	spouse := chen.Get("/v1/arrivals/household?year=2021&limit=100").Is(http.StatusOK)
	require.Equal(t, "member", spouse.Text("role"))
	require.NotEmpty(t, spouse.List("items"))
	require.NotContains(t, string(spouse.Raw), "45600")
	require.NotContains(t, string(spouse.Raw), "惠民补贴", "R55: a sensitive item is the head's alone")
	for i := range spouse.List("items") {
		require.Equal(t, "已发给户主", spouse.Text("items", i, "label"))
		require.Nil(t, spouse.At("items", i, "amount_yuan"))
		require.Nil(t, spouse.At("items", i, "arrival_id"))
	}
	require.Equal(t, "智*新", spouse.Text("members", 0, "name"))

	set(t, r, "household.members_see", "nothing")
	r.Later(5 * time.Second)
	require.Empty(t, chen.Get("/v1/arrivals/household?year=2021").Is(http.StatusOK).List("items"))
}

func TestR6_TheCatalogueIsReadItemByItemAndTakenWhole(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	nobody := r.Nobody()
	require.Len(t, nobody.Get("/v1/programmes").Is(http.StatusOK).List("items"), 45)
	require.Equal(t, "registry", nobody.Get("/v1/programmes").Text("source"))
	require.Len(t, nobody.Get("/v1/programmes?domain=education").Is(http.StatusOK).List("items"), 6)
	require.Len(t, nobody.Get("/v1/programmes.json").Is(http.StatusOK).List("items"), 46)
	require.Equal(t, 47, bytes.Count(nobody.Get("/v1/programmes.csv").Is(http.StatusOK).Raw, []byte("\r\n")))
	r.Happens("rename_programme", "", map[string]any{"programme": "28", "name": "高龄老人津贴", "valid_from": "2022-01-01"})
	history := nobody.Get("/v1/programmes/P28/history").Is(http.StatusOK)
	require.Len(t, history.List("editions"), 2)
	require.Equal(t, "2022-01-01", history.Text("editions", 1, "valid_from"))
	require.Equal(t, "高龄津贴", history.Text("editions", 1, "changes", 0, "before"))
	require.Equal(t, "高龄老人津贴", history.Text("editions", 1, "changes", 0, "after"))
	require.Equal(t, "高龄津贴", nobody.Get("/v1/programmes/P28?on=2021-12-31").Is(http.StatusOK).Text("name"))
	require.Equal(t, "高龄老人津贴", nobody.Get("/v1/programmes/P28?on=2022-01-01").Is(http.StatusOK).Text("name"))
}
