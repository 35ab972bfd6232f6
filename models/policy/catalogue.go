package policy

import (
	"slices"
	"strings"

	"onecard/models"
)

// Keys that other code names.
const (
	ReleaseAfterPhoneLoss = "release.after_phone_loss"
	ArrivalSMSSender      = "arrival_sms.sender"
	PriorityGroups        = "priority_groups"
	HouseholdSees         = "household.members_see"
	ReplacementFee        = "fee.replacement_fen"
	FeeRoute              = "fee.route"
	CodesPerDay           = "codes.per_day"
	CodesBeforeChallenge  = "codes.before_challenge"
	ExplanationStaleHours = "explanation.stale_hours"
	PaydayPreview         = "payday.preview"
	MisuseAnswerDays      = "misuse.answer_days"
	PublicTotalsLeast     = "public_totals.least_people"
	PhotoLeastBytes       = "photo.least_bytes"
	PhotoMostBytes        = "photo.most_bytes"
	PhotoLeastGround      = "photo.least_ground"
	PhotoInfantYears      = "photo.infant_years"
	PhotoInfantRelief     = "photo.infant_relief"
	HelpersMost           = "helpers.most"
	HelpersMonths         = "helpers.months"
	ConsentsMost          = "notices.consents_most"
	SMSPerPerson          = "notices.sms_per_person_day"
	SMSPerKind            = "notices.sms_per_kind_day"
	CampaignPerMinute     = "notices.campaign_per_minute"
	ArticleReviewDays     = "articles.review_days"
)

// HeldHoursKey is the setting that says how long something may stay held for a reason until it is overdue.
func HeldHoursKey(reason string) string { return "held.hours." + strings.ToLower(reason) }

// heldHours are the reasons with a setting, BATCH for a whole batch and OTHER for a reason without one.
var heldHours = []struct{ reason, hours, rule string }{
	{"PAYEE_MISMATCH", "72", "R3"}, {"PAYEE_NOT_HEAD", "72", "R4"}, {"STAGE_UNKNOWN", "72", "R8"}, {"CREDITED_WITHOUT_SENT", "24", "R14"},
	{"PAYEE_DECEASED", "72", "R3"}, {"PAYEE_UNKNOWN", "72", "R3"}, {"PROGRAMME_UNKNOWN", "24", "R9"}, {"AMOUNT_ABSURD", "24", "R1"}, {"BATCH", "4", "R14"}, {"OTHER", "24", "R14"},
}

// channels are the doors whose acts policy decides: the citizen's own and the hotline.
var channels = append(slices.Clone(models.CitizenChannels), models.Phone12333)

// byPhone are the acts an agent may do for a caller. All others are never done by phone, whatever anybody sets
// (R17, R31, R36, R44, R52, R55).
var byPhone = []models.Act{models.ActCardRead, models.ActProgressRead, models.ActLoss, models.ActArrivals}

// atWindow are the acts that begin as window_only on every channel (R31, R45, R46).
var atWindow = []models.Act{models.ActReplaceMinor, models.ActReplaceDeleg, models.ActActivate}

// actRules names the rule behind an act's mode and level.
var actRules = map[models.Act]string{
	models.ActBind: "R52", models.ActCardRead: "R25", models.ActProgressRead: "R27", models.ActLoss: "R32", models.ActRelease: "R35",
	models.ActApply: "R17", models.ActArrivals: "R12", models.ActArrivalHigh: "R55", models.ActReplace: "R44", models.ActReplaceMinor: "R46",
	models.ActReplaceDeleg: "R45", models.ActActivate: "R31", models.ActPay: "R21", models.ActChangePhone: "R61", models.ActUnbind: "R52", models.ActExport: "R54",
	models.ActReveal: "R54", models.ActGuard: "R23", models.ActHelpers: "R67", models.ActHelp: "R67",
}

// ModeKey is the setting that says what a channel does with an act.
func ModeKey(act models.Act, channel models.Channel) string {
	return "act." + string(act) + "." + string(channel)
}

// LevelKey is the setting that says how surely a person must be known for an act.
func LevelKey(act models.Act) string { return "level." + string(act) }

// HandOverKey is the setting that names where an act is handed over to.
func HandOverKey(act models.Act) string { return "hand_over." + string(act) }

// LossKindKey is the setting that says which kind of loss a channel writes.
func LossKindKey(channel models.Channel) string { return "loss.kind." + string(channel) }

// settings is the whole catalogue, in the order of docs/policies.md.
var settings = declare()

var byKey = func() map[string]Setting {
	m := make(map[string]Setting, len(settings))
	for _, s := range settings {
		m[s.Key] = s
	}
	return m
}()

// Catalogue lists every setting.
func Catalogue() []Setting { return slices.Clone(settings) }

func declare() []Setting {
	out := []Setting{
		{
			Key: ReleaseAfterPhoneLoss, Type: Word, Default: "same", OneOf: []string{"same", "window_only"}, Rule: "R38",
			Doc: "release online of a loss that was reported by phone: as any other, or at an outlet only",
		},
		{
			Key: ArrivalSMSSender, Type: Word, Default: "platform", OneOf: []string{"platform", "bank"}, Scopes: []ScopeKind{ByBank},
			MustName: true, Rule: "R12", Doc: "who sends the free SMS of an arrival; may differ by paying bank",
		},
		{
			Key: FeeRoute, Type: Word, Default: "merchant", OneOf: []string{"merchant", "non_tax"}, MustName: true, Rule: "R21",
			Doc: "how the replacement fee is taken: by a merchant account, whose legal basis is the basis given here, or as non-tax revenue",
		},
		{
			Key: ReplacementFee, Type: Fen, Default: "1600", Scopes: []ScopeKind{ByDistrict}, Rule: "R21",
			Doc: "fee of a replacement (豫发改收费〔2019〕195号); 0: waived (免收), and nothing is waited for",
		},
		{
			Key: PriorityGroups, Type: Flag, Default: "false", Scopes: []ScopeKind{ByDistrict}, Rule: "R22",
			Doc: "during epidemic control windows serve five groups first and ask others to go online",
		},
		{
			Key: HouseholdSees, Type: Word, Default: "notice_only", OneOf: []string{"nothing", "notice_only", "amounts"}, Rule: "R4",
			Doc: "what members of a household see of a payment to its head",
		},
		{
			Key: ExplanationStaleHours, Type: Count, Default: "24", Least: 1, Rule: "R66",
			Doc: "an explanation says of a copy older than this many hours that it may be out of date",
		},
		{
			Key: PaydayPreview, Type: Flag, Default: "true", Scopes: []ScopeKind{ByDistrict}, Rule: "R5",
			Doc: "payees of an announced batch whose money account cannot take money are told what to do, once a month",
		},
		{
			Key: MisuseAnswerDays, Type: Count, Default: "15", Least: 1, Rule: "R68",
			Doc: "working days from the next day on within which a report of misuse is answered; then it alarms",
		},
		{
			Key: PublicTotalsLeast, Type: Count, Default: "5", Least: 5, Rule: "R68",
			Doc: "public totals print no figure about fewer people",
		},
		{
			Key: CodesPerDay, Type: Count, Default: "50000", Least: 1, Rule: "R61",
			Doc: "one-time codes the whole service may send on one civil day",
		},
		{
			Key: CodesBeforeChallenge, Type: Count, Default: "2", Most: 10, Rule: "R61",
			Doc: "codes that one session is sent in a day before each further one needs an answered challenge; 0: every one, 10: none",
		},
		{
			Key: HelpersMost, Type: Count, Default: "5", Least: 1, Most: 10, Rule: "R67",
			Doc: "family helpers (亲属协助) an adult may have named at once, those who have not accepted yet included",
		},
		{
			Key: HelpersMonths, Type: Count, Default: "12", Least: 1, Most: 36, Rule: "R67",
			Doc: "months after which a family helper's powers end by themselves, counted from when the helper accepted",
		},
		{
			Key: ConsentsMost, Type: Count, Default: "20", Least: 1, Most: 100, Rule: "R62",
			Doc: "consents to one platform message each (一次性订阅) that are kept for a topic of an account; more accepts than this are not counted",
		},
		{
			Key: SMSPerPerson, Type: Count, Default: "30", Least: 1, Most: 200, Rule: "R62",
			Doc: "text messages about arrivals, paydays, progress and campaigns that one person gets a day; what is more is in the inbox only; codes, losses, fees and the account's safety do not count",
		},
		{
			Key: SMSPerKind, Type: Count, Default: "20", Least: 1, Most: 200, Rule: "R62",
			Doc: "of those, text messages of one kind a day",
		},
		{
			Key: CampaignPerMinute, Type: Count, Default: "1200", Least: 1, Most: 60_000, Rule: "R62",
			Doc: "people whom one campaign tells in a minute at most; below what the vendors take, so that arrivals have room beside it",
		},
		{
			Key: ArticleReviewDays, Type: Count, Default: "365", Least: 30, Most: 1095, Rule: "R48",
			Doc: "days after its publication by which an article of the knowledge base has to be read over again; later it is shown as overdue",
		},
	}
	out = append(out, photoSettings...)
	out = append(out, paperSettings()...)
	out = append(out, calendarSettings()...)
	out = append(out, applicationSettings()...)
	out = append(out, replacementSettings()...)
	out = append(out, ladderSettings()...)
	out = append(out, noticeDaySettings()...)
	out = append(out, orderSettings()...)
	for _, h := range heldHours {
		out = append(out, Setting{
			Key: HeldHoursKey(h.reason), Type: Count, Default: h.hours, Least: 1, Rule: h.rule,
			Doc: "hours a payment or batch may stay held for this reason before it is overdue and alarms",
		})
	}
	for _, c := range channels {
		out = append(out, Setting{
			Key: LossKindKey(c), Type: Word, Default: "registry", OneOf: []string{"registry", "temporary", "formal"}, Rule: "R43",
			Doc: "kind of loss written at the registry from this channel; registry: as the registry decides",
		})
	}
	for _, a := range models.Acts {
		out = append(out, Setting{
			Key: LevelKey(a.Act), Type: Level, Default: a.Default.String(), Floor: a.Floor, Rule: actRules[a.Act],
			Doc: "how surely a citizen must be known for this act; not below " + a.Floor.String(),
		})
		out = append(out, Setting{
			Key: HandOverKey(a.Act), Type: Owner, Rule: actRules[a.Act],
			Doc: "whose channel does this act where its mode is hand_over: name, blank, https link",
		})
		for _, c := range channels {
			out = append(out, mode(a.Act, c))
		}
	}
	for i := range out {
		out[i].Meaning = meaningOf(out[i].Key)
	}
	return out
}

// mode declares what one channel does with one act.
func mode(act models.Act, channel models.Channel) Setting {
	s := Setting{
		Key: ModeKey(act, channel), Type: Word, Default: string(models.ModeHere), Rule: actRules[act],
		OneOf: []string{string(models.ModeHere), string(models.ModeHandOver), string(models.ModeWindowOnly)},
		Doc:   "what this channel does with the act",
	}
	never := act == models.ActActivate || channel == models.Phone12333 && !slices.Contains(byPhone, act)
	if never {
		s.OneOf = s.OneOf[1:]
	}
	if never || slices.Contains(atWindow, act) {
		s.Default = string(models.ModeWindowOnly)
	}
	return s
}
