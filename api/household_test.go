package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

func (f *fakeSubsidies) HouseholdArrivals(_ context.Context, _ models.Actor, ask subsidy.HouseholdAsk) (subsidy.HouseholdView, error) {
	f.calls++
	f.homes = append(f.homes, ask)
	if ask.Member == "nobody" {
		return subsidy.HouseholdView{}, subsidy.ErrMemberNotFound
	}
	name, _ := models.ParseName("赵小明")
	return subsidy.HouseholdView{
		Year: 2021, Role: subsidy.RoleMember, Note: "请向户主了解。", More: true, AsOf: f.asOf,
		Members: []subsidy.MemberView{{ID: "AAAA", Name: name, IsHead: true}, {ID: "BBBB", Name: name, Self: true}},
		Items: []subsidy.HouseholdItem{
			{Payment: paymentOf(subsidy.Credited), Name: "耕地补贴", Label: "已到账", Payee: "BBBB", Amount: true, Openable: true},
			{Payment: paymentOf(subsidy.Credited), Name: "耕地补贴", Label: "已发给户主", Payee: "AAAA", ToTheHead: true},
		},
	}, f.err
}

func TestR4_AMemberReadsThatTheHeadWasPaidAndNoMore(t *testing.T) {
	t.Parallel()
	r, f := subsidyRig(t)
	body, tag := r.getJSON("/v1/arrivals/household?year=2021&member=BBBB&limit=2", bearer(citizenToken)...)
	require.Equal(t, subsidy.HouseholdAsk{Year: 2021, Member: "BBBB", Limit: 2}, f.homes[0])
	require.Equal(t, "member", body["role"])
	require.Equal(t, "赵*明", body["members"].([]any)[0].(map[string]any)["name"])
	own, heads := body["items"].([]any)[0].(map[string]any), body["items"].([]any)[1].(map[string]any)
	require.Equal(t, "338.00", own["amount_yuan"])
	require.Equal(t, "2021-12~b1~2", own["arrival_id"])
	require.Equal(t, "已发给户主", heads["label"])
	for _, kept := range []string{"amount_fen", "amount_yuan", "arrival_id", "account_tail", "programme"} {
		require.NotContains(t, heads, kept)
	}
	next := body["next_cursor"].(string)
	_, _ = r.getJSON("/v1/arrivals/household?year=2021&member=BBBB&limit=2&cursor="+next, bearer(citizenToken)...)
	require.Equal(t, subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 2}, f.homes[1].After)
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/household?year=2021&cursor="+next, "", bearer(citizenToken)...), 422, "CURSOR_INVALID")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals?year=2021&cursor="+next, "", bearer(citizenToken)...), 422, "CURSOR_INVALID")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/household?member=nobody", "", bearer(citizenToken)...), 404, "MEMBER_NOT_FOUND")
	requireProblem(t, r.call(http.MethodGet, "/v1/arrivals/household", ""), 401, "LOGIN_REQUIRED")

	f.asOf = f.asOf.Add(time.Hour)
	_, later := r.getJSON("/v1/arrivals/household?year=2021&member=BBBB&limit=2", bearer(citizenToken)...)
	require.Equal(t, tag, later)
}
