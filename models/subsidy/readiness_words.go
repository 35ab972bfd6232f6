package subsidy

// Step is one thing to do: a code for screens, and the words for people.
type Step struct{ Code, Text string }

// readinessNames are the checks as people read them.
var readinessNames = map[string]string{
	CheckInSystem: "已进入补贴“一卡通”发放系统", CheckCardIssued: "已有社会保障卡", CheckCardCollected: "社会保障卡已领取",
	CheckMoneyAccount: "银行账户可以收款", CheckPhone: "已登记手机号", CheckSocialAccount: "社保账户已激活",
}

// readinessWords say what is missing, and what to do about it. The bank's name stands for %s.
var readinessWords = map[string]struct {
	said string
	next Step
}{
	"NOT_IN_SYSTEM":            {"还没有进入补贴“一卡通”发放系统", Step{"join_system", "请带身份证到村(社区)或乡镇(街道)登记,或联系发放部门;咨询请拨打12333。"}},
	"IN_SYSTEM_UNKNOWN":        {"发放系统还没有告诉我们", Step{"ask", "请联系发放部门核对,或拨打12333。"}},
	"NO_CARD":                  {"还没有社会保障卡", Step{"apply", "请先申领社会保障卡,首次申领不收费;可在线上或社保卡服务网点办理,咨询请拨打12333。"}},
	"CARD_UNKNOWN":             {"还没有收到您的社会保障卡信息", Step{"ask", "请过一会儿再查,或拨打12333。"}},
	"CARD_APPLIED":             {"社会保障卡正在申领", Step{"wait_for_card", "申领正在办理,请留意进度短信;咨询请拨打12333。"}},
	"CARD_IN_PRODUCTION":       {"社会保障卡正在制作", Step{"wait_for_card", "卡正在制作,请留意进度短信;咨询请拨打12333。"}},
	"CARD_NOT_COLLECTED":       {"社会保障卡还没有领取", Step{"collect", "请本人带身份证到%s领取社会保障卡;咨询请拨打12333。"}},
	"NEW_CARD_NOT_ACTIVATED":   {"新卡的银行账户还没有激活", Step{"activate_financial", "补换的新卡要重新激活银行账户。请本人带身份证原件和新卡到%s社保卡窗口激活;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_INACTIVE":   {"银行账户还没有激活", Step{"activate_financial", "社保账户和银行账户是两个账户,补贴发到银行账户。请本人带身份证原件和卡到%s社保卡窗口激活;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_UNOPENED":   {"银行账户还没有开户", Step{"ask_bank", "请本人带身份证原件和卡到%s社保卡窗口询问开户;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_LOST":       {"银行账户已在银行挂失", Step{"ask_bank", "请本人带身份证原件到%s社保卡窗口办理解挂或补卡;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_RESTRICTED": {"银行账户被银行限制使用", Step{"ask_bank", "请本人带身份证原件到%s社保卡窗口询问原因并办理;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_CLOSED":     {"银行账户已销户", Step{"ask_bank", "请本人带身份证原件到%s社保卡窗口重新开户;咨询请拨打12333。"}},
	"MONEY_ACCOUNT_UNKNOWN":    {"银行还没有告诉我们账户状态", Step{"ask_bank", "请到%s社保卡窗口核对银行账户,或拨打12333。"}},
	"PHONE_MISSING":            {"没有登记手机号", Step{"register_phone", "没有手机号也能收到补贴,但收不到到账短信。请带身份证到社保卡服务网点登记手机号;咨询请拨打12333。"}},
	"SOCIAL_ACCOUNT_INACTIVE":  {"社保账户还没有激活", Step{"activate_social", "不影响补贴到账。看病买药前请持卡到社保卡服务网点或定点医院、药店修改初始密码激活;咨询请拨打12333。"}},
}
