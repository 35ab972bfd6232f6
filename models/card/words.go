package card

import "time"

// sourceWords say through which door a loss came, in the words citizens know.
var sourceWords = map[string]string{
	"wechat_mini": "微信小程序", "wechat_oa": "微信公众号", "alipay_mini": "支付宝小程序", "alipay_life": "支付宝生活号",
	"phone": "12333电话", "window": "人社窗口", "bank_window": "银行窗口", "registry": "社保系统",
}

func sourceWord(source string) string {
	if w, ok := sourceWords[source]; ok {
		return w
	}
	return "其他渠道"
}

// SourceWord is the door of a report in Chinese, for screens.
func (r LossReport) SourceWord() string { return sourceWord(r.Source) }

// Statement is what a citizen or an agent reads after a loss: R40's sentence first, above any number.
type Statement struct {
	Text        string   // the whole sentence
	Effective   bool     // the word 已停用 may be used
	NotAffected []string // accounts that were not stopped
	BankName    string
	BankPhone   string
}

// StatementOf writes the sentence for a report. It says 已挂失 only of a loss that the registry confirmed and that
// nothing has ended since; the financial account is named each time, because nothing was stopped there.
func StatementOf(r LossReport, bank Bank) Statement {
	first := ""
	switch r.State {
	case LossEffective:
		first = "社保账户已挂失。"
	case LossReleaseRequested:
		first = "社保账户已挂失;解挂申请已收到,正在确认,以确认短信为准。"
	case LossReceived, LossUnconfirmed:
		first = "挂失申请已收到,正在确认,以确认短信为准。"
		if !r.LostSightAt.IsZero() {
			first = lossUnclearText
		}
	case LossUnresolved:
		first = "社保系统一直查不到这张卡,挂失或解挂是否生效没有查明,已转人工处理。请马上带身份证原件到社保卡服务网点核对,或拨打12333。"
	case LossRefused:
		first = "社保账户挂失没有成功,社保账户没有停用,请马上拨打12333或到社保卡服务网点办理。"
	case LossReleased:
		first = "社保账户已解挂,可以正常使用。"
	case LossLapsed:
		first = "社保账户的挂失已到期,丢失的卡又可以使用。"
	case LossVoided:
		first = "这张卡已作废,请使用新卡。"
	case LossWithdrawn:
		first = "挂失申请已撤回,社保账户没有停用。"
	}
	st := Statement{Text: first, Effective: r.InForce(), BankName: bank.Name, BankPhone: bank.Phone}
	if bank.Name == "" {
		bank.Name = "卡面银行"
	}
	if r.Open() || r.State == LossRefused || r.State == LossUnresolved {
		st.NotAffected = []string{"financial"}
		st.Text += "银行账户没有停用,请马上拨打" + bank.Name + bank.Phone + "询问临时挂失,并带身份证到该行社保卡窗口办理。"
	}
	return st
}

// Tile is one account as a citizen sees it (R28): its state, in words, and how old the word is.
type Tile struct {
	Account string // social | financial
	State   string
	Label   string
	Advice  string
	Since   time.Time
}

var socialLabels = map[SocialState][2]string{
	SocialNone:      {"未领卡", "领卡后再激活社保账户。"},
	SocialInactive:  {"未激活", "请持卡到社保卡服务网点或定点医院、药店,修改初始密码即可激活。"},
	SocialNormal:    {"正常", ""},
	SocialLossTemp:  {"已停用(临时挂失)", "社保账户已挂失;找到卡可以解挂,找不到请补卡。"},
	SocialLoss:      {"已停用(挂失)", "社保账户已挂失;找到卡可以解挂,找不到请补卡。"},
	SocialLocked:    {"已锁定", "密码输错次数过多,请带身份证和卡到社保卡服务网点重置。"},
	SocialSealed:    {"已封存", "请带身份证到社保卡服务网点启用。"},
	SocialVoid:      {"已作废", "补换卡已完成,请使用新卡。"},
	SocialCancelled: {"已注销", "如有疑问请拨打12333。"},
	SocialUnknown:   {"处理中", "请稍后再看,或拨打12333。"},
}

var financialLabels = map[FinancialState]string{
	FinancialNotOpened: "未开户", FinancialInactive: "未激活", FinancialActive: "正常", FinancialLoss: "已挂失(银行)",
	FinancialFrozen: "银行已限制使用", FinancialClosed: "已销户", FinancialUnknown: "暂时查不到",
}

// SocialTile joins the mirror with our own open report: what we asked is shown as asked, never as done.
func SocialTile(c Card, open LossReport) Tile {
	words := socialLabels[c.Social]
	if words[0] == "" {
		words = socialLabels[SocialUnknown]
	}
	t := Tile{Account: "social", State: string(c.Social), Label: words[0], Advice: words[1], Since: c.ChangedAt}
	if !open.Open() || !c.Live() {
		return t
	}
	t.Since = open.UpdatedAt
	switch open.State {
	case LossReceived, LossUnconfirmed:
		t.State, t.Label, t.Advice = "loss_being_confirmed", "挂失申请已收到,正在确认", "还没有停用,以确认短信为准。"
		if !open.LostSightAt.IsZero() {
			t.Label, t.Advice = "挂失申请已收到,是否生效还没有查明", lossUnclearText
		}
	case LossEffective:
		t.State, t.Label, t.Advice = string(SocialLoss), "已停用(挂失)", socialLabels[SocialLoss][1]
		t.Since = open.EffectiveAt
	case LossReleaseRequested:
		t.State, t.Label, t.Advice = "release_being_confirmed", "已停用(解挂正在确认)", "解挂申请已收到,以确认短信为准。"
	}
	return t
}

// FinancialTile is the bank's own word, as the registry passed it on.
func FinancialTile(c Card, bank Bank) Tile {
	label := financialLabels[c.Financial]
	if label == "" {
		label = financialLabels[FinancialUnknown]
	}
	advice := ""
	if c.Social == SocialVoid { // its bank has the balance, and nothing is mended there
		return Tile{Account: "financial", State: string(c.Financial), Label: label, Since: c.ChangedAt,
			Advice: "旧卡已作废。旧账户如有余额,请本人带身份证原件和新卡到" + bank.Name + "社保卡窗口转入新卡。"}
	}
	switch c.Financial {
	case FinancialInactive:
		advice = "请本人带身份证原件和卡到" + bank.Name + "社保卡窗口激活。"
	case FinancialLoss, FinancialFrozen, FinancialClosed:
		advice = "请本人带身份证原件到" + bank.Name + "办理,电话" + bank.Phone + "。"
	case FinancialNotOpened:
		advice = "请拨打" + bank.Phone + "询问" + bank.Name + ",或拨打12333。"
	}
	return Tile{Account: "financial", State: string(c.Financial), Label: label, Advice: advice, Since: c.ChangedAt}
}
