package boot

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// noticeRules are the rules that each text message rests on: a setting of one of them may make the text wrong, and whoever
// proposes it reads the text over. Every kind stands here.
var noticeRules = map[notice.Kind]string{
	notice.Code: "R61", notice.CodePhoneChange: "R61", notice.CodeCall: "R58 R61",
	notice.LossEffective: "R32 R40", notice.LossElsewhere: "R34", notice.LossRefused: "R32", notice.LossReleased: "R35 R38",
	notice.LossRenewed: "R43", notice.LossLapsed: "R32 R43", notice.LossExpiring: "R43", notice.ReleaseRefused: "R35 R38", notice.ReleaseExpired: "R35 R38",
	notice.LossUnclear: "R40 R48 R66", notice.CardVoided: "R30 R42",
	notice.Arrival: "R12", notice.ArrivalReversed: "R12", notice.ArrivalReturned: "R12", notice.ArrivalWithdrawn: "R12",
	notice.PaydayAccount: "R5", notice.PaydayCard: "R5 R17",
	notice.ApplicationAccepted: "R17 R20 R27", notice.ApplicationRefused: "R17 R26 R69", notice.ApplicationBankFailed: "R17", notice.ApplicationProducing: "R27",
	notice.ApplicationReady: "R25 R27", notice.ApplicationCollected: "R25 R30", notice.ApplicationReturned: "R26 R69", notice.ApplicationUncollected: "R25",
	notice.ApplicationWithdrawn: "R17", notice.ApplicationNotWithdrawn: "R17",
	notice.FeePaid: "R21", notice.FeeRefunded: "R21 R49", notice.FeeReceipt: "R21",
	notice.ReplacementAccepted: "R44", notice.ReplacementRefused: "R44 R49", notice.ReplacementBankFailed: "R44", notice.ReplacementReady: "R25 R44",
	notice.ReplacementUncollected: "R25", notice.ReplacementCompleted: "R30 R42", notice.ReplacementActivate: "R30", notice.ReplacementReturned: "R44 R69",
	notice.ReplacementWithdrawn: "R44 R49", notice.ReplacementNotWithdrawn: "R44", notice.ReplacementLapsed: "R21",
	notice.PhoneChangeOld: "R61", notice.PhoneChanged: "R61", notice.PhoneChangeCancelled: "R61",
	notice.ReportAnswered: "R65 R68", notice.EnquiryAnswered: "R65", notice.EnquiryExtended: "R65", notice.EnquiryClosed: "R64 R65",
	notice.GuideSlip: "R19 R37", notice.OutletSlip: "R18 R19", notice.AgentTask: "R17 R21 R31 R35 R44 R61 R67",
	notice.GuardianProved: "R23", notice.GuardianRefused: "R23", notice.GuardianAdded: "R23", notice.GuardianForYou: "R23", notice.GuardianOver: "R23",
	notice.OfAge: "R23", notice.GuardianProgress: "R23 R27", notice.GuardianLoss: "R23 R32", notice.GuardianLossStep: "R23 R32",
	notice.HelperNamed: "R67", notice.HelperActive: "R67", notice.HelperActed: "R67", notice.RelationEnded: "R23 R67",
	notice.Bound: "R52", notice.Unbound: "R52", notice.TextsOff: "R62", notice.CampaignRenewal: "R62", notice.CampaignCertification: "R62",
}

// restsOn reports whether words, rules with blanks between, name one of the rules.
func restsOn(words string, rules []string) bool {
	return slices.ContainsFunc(strings.Fields(words), func(r string) bool { return slices.Contains(rules, r) })
}

// noticeTexts are the text messages: those that hold a figure of policy as they would read, the others to be read over.
type noticeTexts struct{}

func (noticeTexts) Texts(ctx context.Context, p *policy.Service, in policy.SetInput, at time.Time) ([]policy.PreviewText, error) {
	fee, err := p.ReplacementFee(ctx, strings.TrimPrefix(string(in.Scope), string(policy.ByDistrict)+":"), at)
	if err != nil {
		return nil, err
	}
	var out []policy.PreviewText
	for _, k := range []notice.Kind{notice.FeePaid, notice.FeeRefunded} {
		spec, _ := notice.SpecOf(k)
		out = append(out, policy.PreviewText{Where: "notice", ID: string(k), Text: spec.Render(map[string]string{"amount": fee.Yuan()})})
	}
	return out, nil
}

func (noticeTexts) ReadOver(_ context.Context, key string, rules []string) ([]policy.PreviewText, error) {
	var out []policy.PreviewText
	for _, spec := range notice.Templates() {
		if noticeRests(spec, key, rules) {
			out = append(out, policy.PreviewText{Where: "notice", ID: string(spec.Kind), Text: spec.Render(nil)})
		}
	}
	return out, nil
}

// noticeRests reports whether a setting touches a message: the ladder of its topic, the measures of a day by its lane, and what
// rests on the rule.
func noticeRests(spec notice.Spec, key string, rules []string) bool {
	switch {
	case key == policy.SMSPerPerson || key == policy.SMSPerKind:
		return spec.Lane == notice.LaneArrivals || spec.Lane == notice.LaneProgress
	case key == policy.ReplacementFee && (spec.Kind == notice.FeePaid || spec.Kind == notice.FeeRefunded):
		return false // shown as they would read
	}
	if strings.HasPrefix(key, policy.LadderKey("")) {
		return key == policy.LadderKey(spec.Kind.Topic())
	}
	return restsOn(noticeRules[spec.Kind], rules)
}

// causeRules are the same of the sentences that explain why money has not come.
var causeRules = map[subsidy.Cause]string{
	subsidy.CauseNotInSystem: "R5", subsidy.CauseNoCard: "R17 R20", subsidy.CauseCardInProduction: "R27", subsidy.CauseCardNotCollected: "R25",
	subsidy.CauseMoneyInactive: "R29 R30", subsidy.CauseMoneyUnopened: "R30", subsidy.CauseMoneyLost: "R39", subsidy.CauseAccountClosed: "R30",
	subsidy.CauseAccountRestricted: "R30", subsidy.CauseReplacedSinceList: "R30 R44", subsidy.CauseLostSinceList: "R39", subsidy.CausePaidToHead: "R4",
	subsidy.CauseHouseholdToHead: "R4", subsidy.CauseInPosting: "R8", subsidy.CauseBatchNotSent: "R5", subsidy.CauseSentToBank: "R12",
	subsidy.CauseReissue: "R12", subsidy.CauseReturned: "R12 R30", subsidy.CauseOldChannel: "R5", subsidy.CauseEarlierCard: "R30 R44",
	subsidy.CauseNewCard: "R30", subsidy.CauseUnderReview: "R8", subsidy.CauseObjected: "R8", subsidy.CauseRejected: "R8", subsidy.CauseNotDeclared: "R8",
	subsidy.CauseLandRecord: "R4", subsidy.CauseHeadDeceased: "R4", subsidy.CauseHeadChanged: "R4", subsidy.CauseTownship: "R5",
	subsidy.CauseAccountDormant: "R30", subsidy.CauseBankMerged: "R16 R30", subsidy.CauseWithdrawn: "R5", subsidy.CauseHeld: "R5",
	subsidy.CauseArrived: "R12", subsidy.CauseRecovered: "R5", subsidy.CauseCannotTell: "R66 R68",
}

// agentSentences are what an agent says who must refuse an act, with the rules behind it.
var agentSentences = []struct {
	refusal *models.Error
	id      string
	rules   string
}{
	{hotline.ErrReleaseByPhone, "release_by_phone", "R35 R36 R37"}, {hotline.ErrActivationByPhone, "activation_by_phone", "R29 R30 R31"},
	{hotline.ErrReplaceByPhone, "replacement_by_phone", "R44 R45"}, {hotline.ErrBankInPersonOnly, "bank_in_person", "R39"},
}

// sentenceTexts are the sentences that are said or shown as they stand: explanations, and an agent's refusals.
type sentenceTexts struct{}

func (sentenceTexts) Texts(context.Context, *policy.Service, policy.SetInput, time.Time) ([]policy.PreviewText, error) {
	return nil, nil
}

func (sentenceTexts) ReadOver(_ context.Context, key string, rules []string) ([]policy.PreviewText, error) {
	var out []policy.PreviewText
	for _, c := range subsidy.CauseSpecs() {
		if restsOn(causeRules[c.Cause], rules) || c.Cause == subsidy.CauseHeld && strings.HasPrefix(key, policy.HeldHoursKey("")) {
			out = append(out, policy.PreviewText{Where: "explanation", ID: string(c.Cause), Text: c.Sentence})
		}
	}
	for _, s := range agentSentences {
		if restsOn(s.rules, rules) {
			out = append(out, policy.PreviewText{Where: "agent", ID: s.id, Text: s.refusal.Message})
		}
	}
	return out, nil
}
