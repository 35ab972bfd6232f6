package notice

// platformLine is what a platform's message says of a kind beside its title: how it stands, in at most five Han, and one
// sentence. Where the sentence with its variables does not fit the platform's field, the neutral one stands: nothing is
// ever cut.
type platformLine struct {
	Phrase  string
	Line    string // variables as ${name}, those of the kind
	Neutral string
}

const (
	seeInside  = "请点击查看详情"
	bankNotice = "银行账户没有停用,请联系发卡银行" // R40: what was not stopped
)

func plain(phrase, line string) platformLine {
	return platformLine{Phrase: phrase, Line: line, Neutral: line}
}

// platformLines holds every kind but the one-time codes, which travel by SMS only.
var platformLines = map[Kind]platformLine{
	LossEffective:    plain("已挂失", bankNotice),
	LossElsewhere:    plain("已挂失", bankNotice),
	LossRefused:      plain("未成功", "社保账户没有停用,请马上联系我们"),
	LossReleased:     plain("已解挂", "银行账户如已挂失须另到银行解挂"),
	LossRenewed:      {"已续期", "续期至${date}", "挂失已续期"},
	LossLapsed:       plain("已到期", "丢失的卡又可以使用,请尽快查看"),
	LossExpiring:     {"将到期", "${date}到期,请及时续期", "挂失即将到期,请及时续期"},
	ReleaseRefused:   plain("未成功", "社保账户仍为挂失状态"),
	ReleaseExpired:   plain("未完成", "社保账户仍为挂失状态"),
	CardVoided:       plain("已作废", "新卡的两个账户都要激活"),
	GuardianLoss:     plain("已挂失", bankNotice),
	GuardianLossStep: {"有变化", "${step},请登录查看", seeInside},

	Arrival:          {"已到账", "${date}存入,尾号${tail}", seeInside},
	ArrivalReversed:  plain("已扣回", "到账已被银行扣回,请查看详情"),
	ArrivalReturned:  {"未入账", "${reason}", "银行退回,办好后会重新发放"},
	ArrivalWithdrawn: plain("已撤回", "以后续通知为准"),
	PaydayAccount:    {"需办理", "请带身份证和卡到${bank}办理", "请带身份证和卡到发卡银行办理"},
	PaydayCard:       plain("未领卡", "有补贴待发,请尽快申领或领卡"),

	ApplicationAccepted:     {"已受理", "${receipt}", "首次申领不收费"},
	ApplicationRefused:      {"未通过", "${reason}", "资料需要补正"},
	ApplicationBankFailed:   {"未开户", "请带身份证到${bank}询问", "请带身份证到发卡银行询问"},
	ApplicationProducing:    plain("制卡中", "制好后会通知您领取"),
	ApplicationReady:        {"可领取", "请到${outlet}领取", "请本人带身份证到所选网点领取"},
	ApplicationCollected:    plain("已领取", "社保账户和银行账户都要激活"),
	ApplicationReturned:     plain("需补正", "请查看全部补正内容并一次更正"),
	ApplicationUncollected:  {"待领取", "请到${outlet}领取", "请本人带身份证到所选网点领取"},
	ApplicationWithdrawn:    plain("已撤回", "没有收取费用,可以重新申领"),
	ApplicationNotWithdrawn: plain("未撤回", "申领仍在办理"),

	FeePaid:     {"已支付", "工本费${amount}元", "工本费已支付"},
	FeeRefunded: {"已退付", "${amount}元已原路退回", "工本费已原路退回"},
	FeeReceipt:  plain("已开具", "请在缴费记录中查看"),

	ReplacementAccepted:     {"已受理", "${receipt}", "进度可随时查询"},
	ReplacementRefused:      {"未通过", "${reason}", "已付工本费将自动原路退回"},
	ReplacementBankFailed:   {"未开户", "请带身份证到${bank}询问", "请带身份证到发卡银行询问"},
	ReplacementReady:        {"可领取", "请到${outlet}领取", "请本人带身份证到所选网点领取"},
	ReplacementUncollected:  {"待领取", "请到${outlet}领取", "请本人带身份证到所选网点领取"},
	ReplacementCompleted:    plain("已完成", "旧卡作废,新卡请到银行窗口激活"),
	ReplacementActivate:     plain("未激活", "补贴可能无法入账,请尽快激活"),
	ReplacementReturned:     plain("需补正", "请查看全部补正内容并一次更正"),
	ReplacementWithdrawn:    plain("已撤回", "已付工本费将自动原路退回"),
	ReplacementNotWithdrawn: plain("未撤回", "补换卡仍在办理"),
	ReplacementLapsed:       plain("已关闭", "没有按时支付,可以重新办理"),

	PhoneChangeOld:       plain("待更换", "如非本人操作请马上登录撤销"),
	PhoneChanged:         plain("已更换", "如非本人操作请马上联系我们"),
	PhoneChangeCancelled: plain("已撤销", "通知仍发到原来的手机号"),
	Bound:                {"已绑定", "${time}绑定", "如非本人操作请马上联系我们"},
	Unbound:              {"已解绑", "${time}解除绑定", "如非本人操作请马上联系我们"},
	TextsOff:             {"已关闭", "${time}关闭短信提醒", "如非本人操作请马上联系我们"},

	GuardianProved:   plain("已生效", "可以为孩子代办社保卡业务"),
	GuardianRefused:  {"未通过", "${reason}", "资料不能证明监护关系"},
	GuardianAdded:    plain("已新增", "孩子新增一位监护人,请查看"),
	GuardianForYou:   plain("已生效", "一位监护人可以为您代办"),
	GuardianOver:     plain("已结束", "今后由孩子本人办理"),
	OfAge:            plain("已成年", "今后由您本人办理"),
	GuardianProgress: {"有进度", "${step}", seeInside},
	HelperNamed:      plain("待确认", "请在7天内查看并确认是否接受"),
	HelperActive:     {"已生效", "至${date}止,可随时撤销", "如非本人同意请马上撤销"},
	HelperActed:      {"已办理", "协助人办理:${act}", "如非您同意请马上撤销协助人"},
	RelationEnded:    {"已结束", "${reason}", "期满或已撤销"},

	CampaignRenewal:       plain("请留意", "请看卡面有效期,到期请换领"),
	CampaignCertification: {"待认证", "请在${date}前完成,已办的除外", "已认证的不用再办"},

	ReportAnswered:  plain("已答复", "您提交的事项已有答复"),
	EnquiryAnswered: plain("已答复", "您反映的事项已有答复"),
	EnquiryExtended: {"已延期", "将在${date}前答复", "您反映的事项延期答复"},
	EnquiryClosed:   plain("已办结", "请评价;未解决可申请重新办理"),
	GuideSlip:       {"已发送", "办理${act}", "办事指南请点击查看"},
	OutletSlip:      {"已发送", "办理${act}", "服务网点请点击查看"},
	AgentTask:       {"待办理", "请办理${act}", "请打开消息查看待办"},
}

// PlatformWords are what a platform's message says of a kind beside its title: for docs/texts.md. false: it is never told
// there.
func PlatformWords(k Kind) (phrase, line, neutral string, ok bool) {
	l, ok := platformLines[k]
	return l.Phrase, l.Line, l.Neutral, ok
}
