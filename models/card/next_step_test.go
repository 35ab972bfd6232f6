package card

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

type oneOutlet struct{}

func (oneOutlet) OutletByRef(_ context.Context, ref string) (Outlet, error) {
	if ref != "o1" {
		return Outlet{}, models.ErrNotFound
	}
	return Outlet{Name: "西工区人社局大厅", Address: "凯旋路1号", Phone: "0379-65000001"}, nil
}

// twoCorrections is the policy as far as steps ask for it.
type twoCorrections struct{ Policy }

func (twoCorrections) ApplicationTerms(context.Context, time.Time) (ApplicationTerms, error) {
	return ApplicationTerms{Corrections: 2}, nil
}

func stepOf(t *testing.T, h Home) NextStep {
	t.Helper()
	s := New(Ports{Outlets: oneOutlet{}, Policy: twoCorrections{}, Clock: models.SystemClock{}}, DefaultSettings())
	step, err := s.nextStep(t.Context(), h)
	require.NoError(t, err)
	return step
}

var (
	allSocial = []SocialState{
		SocialNone, SocialInactive, SocialNormal, SocialLossTemp, SocialLoss, SocialLocked, SocialSealed, SocialVoid, SocialCancelled, SocialUnknown, "",
	}
	allFinancial = []FinancialState{
		FinancialNotOpened, FinancialInactive, FinancialActive, FinancialLoss, FinancialFrozen, FinancialClosed, FinancialUnknown, "",
	}
	allHoldings = []Holding{InProduction, AtOutlet, Collected, ""}
	allLosses   = []LossState{
		"", LossReceived, LossUnconfirmed, LossEffective, LossReleaseRequested, LossReleased, LossRefused, LossLapsed, LossVoided, LossWithdrawn,
	}
	allApplications = []ApplicationState{
		"", ApplicationSubmitted, ApplicationAccepted, ApplicationBatched, ApplicationBankOpening, ApplicationBankFailed, ApplicationProducing,
		ApplicationProductionFailed, ApplicationAtOutlet, ApplicationCollected, ApplicationRejected, ApplicationReturned, ApplicationWithdrawing, ApplicationWithdrawn,
	}
)

// One person, one step, whatever the registry says of her card: never none, never one that the states contradict.
func TestR25_EveryStateHasExactlyOneNextStep(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	check := func(where string, step NextStep) {
		seen[step.Code] = true
		require.Contains(t, NextSteps, step.Code, where)
		require.NotEmpty(t, step.Text, where)
		require.NotContains(t, step.Text, "冻结", where)
	}
	for _, social := range allSocial {
		for _, financial := range allFinancial {
			for _, holding := range allHoldings {
				for _, loss := range allLosses {
					c := Card{ID: "c1", Social: social, Financial: financial, Holding: holding, OutletRef: "o1"}
					h := Home{Cards: []View{{Card: c, Loss: LossReport{State: loss}, Bank: Bank{"103", "农业银行", "95599"}}}}
					step := stepOf(t, h)
					where := fmt.Sprintf("%s/%s/%s/%s: %s", social, financial, holding, loss, step.Code)
					check(where, step)
					if step.Code == "none" {
						require.Equal(t, SocialNormal, social, where)
						require.NotContains(t, []FinancialState{FinancialInactive, FinancialLoss, FinancialFrozen, FinancialClosed, FinancialNotOpened}, financial, where)
						require.Equal(t, financial == FinancialActive, strings.HasPrefix(step.Text, "您的社会保障卡"), where)
					}
					require.Equal(t, c.Live() && holding == AtOutlet, step.Code == "collect", where)
					require.NotEqual(t, "apply", step.Code, where+": R24, who has a card does not apply")
				}
			}
		}
	}
	for _, state := range allApplications {
		h := Home{}
		if state != "" {
			h.Application = Application{ID: "a1", State: state, OutletRef: "o1"}
		}
		check("application "+string(state), stepOf(t, h))
	}
	live := Card{ID: "c2", Social: SocialInactive, Financial: FinancialInactive, Holding: Collected}
	for _, state := range []ReplacementState{ReplacementAwaitingFee, ReplacementAccepted, ReplacementReturned, ReplacementAtOutlet, ReplacementCompleted} {
		old := Card{ID: "c1", Social: SocialVoid}
		h := Home{Replacement: Replacement{ID: "r1", State: state, OutletRef: "o1", Defects: []string{"PHOTO_UNCLEAR"}}, Cards: []View{{Card: live}, {Card: old}}}
		check("replacement "+string(state), stepOf(t, h))
	}
	for name, r := range map[string]Replacement{"no field": {Defects: []string{"OTHER"}}, "used up": {Defects: []string{"PHOTO_UNCLEAR"}, Corrections: 2}} {
		r.ID, r.State = "r1", ReplacementReturned
		step := stepOf(t, Home{Replacement: r, Cards: []View{{Card: live}}})
		require.Equal(t, "ask", step.Code, name)
		require.Contains(t, step.Text, "到社保卡服务网点一次办理", name)
	}
	for _, code := range NextSteps {
		require.True(t, seen[code], "%s comes out of no state", code)
	}
	require.Len(t, NextSteps, len(slices.Compact(slices.Sorted(slices.Values(NextSteps)))))
}

func TestR25_TheStepFollowsTheCard(t *testing.T) {
	t.Parallel()
	collected := func(social SocialState, financial FinancialState, loss LossState) Home {
		return Home{Cards: []View{{Card: Card{Social: social, Financial: financial, Holding: Collected}, Loss: LossReport{State: loss}, Bank: Bank{"103", "农业银行", "95599"}}}}
	}
	applied := func(state ApplicationState) Home {
		return Home{Application: Application{ID: "a1", State: state, OutletRef: "o1"}}
	}
	unknown := func(h Home) Home {
		h.Unknown = true
		return h
	}
	for name, tc := range map[string]struct {
		home Home
		code string
		says string
	}{
		"unknown there":        {unknown(collected(SocialNormal, FinancialActive, "")), "ask", "目前查不到您的社保卡登记信息"},
		"lost, and unknown":    {unknown(collected(SocialLoss, FinancialActive, LossEffective)), "ask", "是否仍然有效无法核实"},
		"no card":              {Home{}, "apply", "首次申领不收费"},
		"taken back":           {applied(ApplicationWithdrawn), "apply", "申领"},
		"sent back":            {applied(ApplicationReturned), "correct_application", "补正"},
		"under way":            {applied(ApplicationProducing), "wait_for_card", "正在办理"},
		"no account opened":    {applied(ApplicationBankFailed), "ask_bank", "开户没有成功"},
		"made":                 {applied(ApplicationAtOutlet), "collect", "已到西工区人社局大厅,请带身份证领取"},
		"collected, not told":  {applied(ApplicationCollected), "await_registry", "正在更新"},
		"neither active":       {collected(SocialInactive, FinancialInactive, ""), "activate_both", "农业银行"},
		"money first":          {collected(SocialNormal, FinancialInactive, ""), "activate_financial", "农业银行"},
		"social left":          {collected(SocialInactive, FinancialActive, ""), "activate_social", "定点医院、药店"},
		"loss not confirmed":   {collected(SocialNormal, FinancialActive, LossUnconfirmed), "await_loss", "正在确认"},
		"lost":                 {collected(SocialLoss, FinancialActive, LossEffective), "after_loss", "找到卡可以解挂"},
		"lost elsewhere":       {collected(SocialLossTemp, FinancialActive, ""), "after_loss", "社保账户已挂失"},
		"release asked for":    {collected(SocialLoss, FinancialActive, LossReleaseRequested), "await_release", "正在确认"},
		"released":             {collected(SocialNormal, FinancialActive, LossReleased), "none", "正常使用"},
		"locked":               {collected(SocialLocked, FinancialActive, ""), "unlock_social", "社保账户已锁定"},
		"sealed":               {collected(SocialSealed, FinancialActive, ""), "unseal_social", "社保账户已封存"},
		"lost at the bank":     {collected(SocialNormal, FinancialLoss, ""), "ask_bank", "农业银行95599"},
		"restricted":           {collected(SocialInactive, FinancialFrozen, ""), "ask_bank", "银行已限制使用"},
		"replaced, new unseen": {collected(SocialVoid, FinancialClosed, ""), "await_registry", "旧卡已作废"},
		"cancelled":            {collected(SocialCancelled, FinancialClosed, ""), "ask", "已注销"},
		"a state of tomorrow":  {collected("reviewing", FinancialActive, ""), "await_registry", "12333"},
	} {
		step := stepOf(t, tc.home)
		require.Equal(t, tc.code, step.Code, name)
		require.Contains(t, step.Text, tc.says, name)
	}
	replaced := collected(SocialNormal, FinancialActive, "")
	replaced.Cards = append([]View{{Card: Card{Social: SocialVoid}}}, replaced.Cards...)
	require.Equal(t, "none", stepOf(t, replaced).Code, "the card in use decides, wherever it stands")
}
