package notice

// What our accounts say. Links stand only in answers to somebody who just wrote, tapped or scanned; never in what is
// pushed (R62). Every sentence has a way forward (R48).
const (
	frontGreeting = "欢迎关注社保卡一卡通服务。\n您可以点下方菜单:看我的社保卡、查补贴到账、挂失、找网点;也可以直接发送问题,例如“补贴没有到账怎么办”。\n请不要发送身份证号、手机号、卡号或验证码。人工咨询请拨打12333。"
	frontHotline  = "人工咨询请拨打12333(全国人社服务热线),也可到附近的社保卡服务网点。通话中我们不会索要密码或验证码。"
	frontHowToAsk = "请直接发送您的问题,例如“怎么挂失”“补贴发到哪里”。请不要发送身份证号、手机号、卡号或验证码。人工咨询请拨打12333。"
	frontUnread   = "这里只能看懂文字,没有查看您发来的内容。请用文字说明要办的事,例如“怎么挂失”;人工咨询请拨打12333,或到社保卡服务网点。"
	frontPersonal = "请不要在这里发送身份证号、手机号、卡号或验证码,我们也不会向您索要。我们没有保存您发来的内容。查询本人信息请点下方菜单登录后办理,或拨打12333。"
	frontNothing  = "没有找到相关解答。请换个说法再试,也可到社保卡服务网点咨询,或拨打12333。"
	frontMore     = "人工咨询请拨打12333。"
)

// The words of menu buttons that are answered with a sentence.
const (
	WordHotline = "hotline"
	WordAsk     = "ask"
)

var frontWords = map[string]string{WordHotline: frontHotline, WordAsk: frontHowToAsk}

// MenuWords are the words a menu may use.
func MenuWords() []string { return []string{WordHotline, WordAsk} }
