package notice

import "time"

// Variables shared by several texts.
var (
	bankParam    = Param{"bank", TypeBank, 16, "发卡银行"}
	hotlineParam = Param{"bank_phone", TypeHotline, 13, "客服电话"}
	timeParam    = Param{"time", TypeMoment, 17, "近日"}
	dateParam    = Param{"date", TypeDay, 11, "近日"}
	codeParam    = Param{"code", TypeCode, 8, "******"}
	reasonParam  = Param{"reason", TypeWord, 20, "信息核对未通过"}
)

// bankHint is R40's second sentence: what was not stopped, and what to do about it now.
const bankHint = "银行账户没有停用,请马上拨打${bank}${bank_phone}询问临时挂失,并带身份证到该行社保卡窗口办理。"

const (
	codeLife     = 5 * time.Minute
	lossLife     = 72 * time.Hour
	progressLife = 7 * 24 * time.Hour
)

// specs is the catalogue. A text says first what happened, then what to do; it holds no link, no name, no number of a
// person, and no name of a sensitive programme. What a text says of an account it says by the account's name.
var specs = []Spec{
	{
		Kind: Code, Title: "验证码", Lane: LaneCodes, Life: codeLife, Resend: true, Secret: true,
		Text:   "验证码${code},用于绑定您的社会保障卡,5分钟内有效。请勿告诉任何人,工作人员不会向您索要。如非本人操作请拨打12333。",
		Params: []Param{codeParam},
	}, {
		Kind: CodePhoneChange, Title: "验证码", Lane: LaneCodes, Life: codeLife, Resend: true, Secret: true,
		Text:   "验证码${code},用于更换接收社保卡通知的手机号,5分钟内有效。请勿告诉任何人,工作人员不会向您索要。如非本人操作请拨打12333。",
		Params: []Param{codeParam},
	}, {
		Kind: CodeCall, Title: "验证码", Lane: LaneCodes, Life: codeLife, Resend: true, Secret: true,
		Text:   "验证码${code},用于12333来电身份核验,请在电话上按键输入,5分钟内有效。请勿说出或告诉任何人,坐席也不会询问。如非本人来电请拨打12333。",
		Params: []Param{codeParam},
	}, {
		Kind: LossEffective, Title: "社保账户已挂失", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户已挂失。" + bankHint + "挂失时间${time},如有疑问请拨打12333。",
		Params: []Param{bankParam, hotlineParam, timeParam},
	}, {
		Kind: LossElsewhere, Title: "社保账户已挂失", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户已挂失(${channel}办理)。" + bankHint + "如非本人办理请拨打12333。",
		Params: []Param{{"channel", TypeWord, 12, "其他渠道"}, bankParam, hotlineParam},
	}, {
		Kind: LossRefused, Title: "挂失没有成功", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户没有停用,挂失没有成功:${reason}。请马上拨打12333或到社保卡服务网点办理。" + bankHint,
		Params: []Param{reasonParam, bankParam, hotlineParam},
	}, {
		Kind: LossReleased, Title: "社保账户已解挂", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户已解挂,解挂时间${time}。银行账户如已挂失,须本人带身份证到${bank}办理解挂。如非本人操作,请马上拨打12333重新挂失。",
		Params: []Param{timeParam, bankParam},
	}, {
		Kind: LossRenewed, Title: "挂失已续期", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户的挂失已续期至${date}。银行账户不受影响。如有疑问请拨打12333。",
		Params: []Param{{"date", TypeDay, 11, "新的期限"}},
	}, {
		Kind: LossLapsed, Title: "挂失已到期", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "社保账户的挂失已于${date}到期,丢失的卡又可以使用。如卡没有找回,请马上在微信、支付宝重新挂失或拨打12333。",
		Params: []Param{dateParam},
	}, {
		Kind: LossExpiring, Title: "挂失即将到期", Lane: LaneLoss, Life: 24 * time.Hour,
		Text:   "社保账户的挂失将于${date}到期,到期后丢失的卡又可以使用。请在到期前到微信、支付宝一键续期或拨打12333。",
		Params: []Param{dateParam},
	}, {
		Kind: ReleaseRefused, Title: "解挂没有成功", Lane: LaneLoss, Life: lossLife,
		Text:   "社保账户解挂没有成功:${reason}。社保账户仍为挂失状态,请本人带身份证到社保卡服务网点办理,或拨打12333咨询。",
		Params: []Param{reasonParam},
	}, {
		Kind: ReleaseExpired, Title: "解挂没有完成", Lane: LaneLoss, Life: lossLife,
		Text:   "社保账户解挂没有在规定时间内确认,社保账户仍为挂失状态。请重新申请,或到社保卡服务网点办理,咨询请拨打12333。",
		Params: nil,
	}, {
		Kind: CardVoided, Title: "旧卡已作废", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换已完成,旧卡自动作废,无需解挂。新卡的社保账户和银行账户都要激活。如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: Arrival, Title: "补贴到账", Lane: LaneArrivals, Life: progressLife,
		Text: "您好,${programme}${amount}元已于${date}存入您的社会保障卡银行账户(尾号${tail}),如有疑问请拨打12333。",
		Params: []Param{
			{"programme", TypeProgramme, 16, "一项补贴"}, {"amount", TypeAmount, 12, "若干"}, dateParam, {"tail", TypeTail, 4, "见卡面"},
		},
	}, {
		Kind: ArrivalReversed, Title: "到账已扣回", Lane: LaneArrivals, Life: progressLife,
		Text: "您好,此前通知您${date}到账的${programme}${amount}元已被银行扣回。具体情况请在办理渠道查看或拨打12333。",
		Params: []Param{
			dateParam, {"programme", TypeProgramme, 16, "一项补贴"}, {"amount", TypeAmount, 12, "若干"},
		},
	}, {
		Kind: ArrivalReturned, Title: "补贴没有入账", Lane: LaneProgress, Life: progressLife,
		Text: "您好,${programme}没有入账:${reason}。社保卡银行账户的问题请带身份证到${bank}办理,办好后会重新发放。如有疑问请拨打12333。",
		Params: []Param{
			{"programme", TypeProgramme, 16, "一项补贴"}, {"reason", TypeWord, 20, "银行退回"}, bankParam,
		},
	}, {
		Kind: ArrivalWithdrawn, Title: "补贴通知更正", Lane: LaneArrivals, Life: progressLife,
		Text: "您好,此前${programme}${amount}元的通知有误,发放已撤回,以后续通知为准。可拨12333询问。",
		Params: []Param{
			{"programme", TypeProgramme, 16, "一项补贴"}, {"amount", TypeAmount, 12, "若干"},
		},
	}, {
		Kind: PaydayAccount, Title: "银行账户需要办理", Lane: LaneProgress, Life: progressLife,
		Text:   "您有一笔补贴待发,社保卡银行账户${state},请带身份证和卡到${bank}办理,咨询12333。",
		Params: []Param{{"state", TypeWord, 5, "需核对"}, bankParam},
	}, {
		Kind: PaydayCard, Title: "社保卡还没有领到", Lane: LaneProgress, Life: progressLife,
		Text:   "您有一笔补贴待发,但还没有领到社会保障卡,请尽快申领或领卡,咨询12333。",
		Params: nil,
	}, {
		Kind: ApplicationAccepted, Title: "申领已受理", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡申领已受理,受理号${receipt},首次申领不收费。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: []Param{{"receipt", TypeReceipt, 19, "见办理渠道"}},
	}, {
		Kind: ApplicationRefused, Title: "申领没有通过", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡申领没有通过:${reason}。请在原办理渠道查看需要补正的内容后重新提交,或拨打12333。",
		Params: []Param{{"reason", TypeWord, 20, "资料需要补正"}},
	}, {
		Kind: ApplicationBankFailed, Title: "银行开户没有成功", Lane: LaneProgress, Life: progressLife,
		Text:   "您申领的社会保障卡,${bank}没有开户成功,请带身份证到该行社保卡窗口询问,或拨打12333。",
		Params: []Param{bankParam},
	}, {
		Kind: ApplicationProducing, Title: "社保卡正在制作", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡已进入制卡,制好后会通知您领取。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: ApplicationReady, Title: "社保卡可以领取", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡已到${outlet},请本人带身份证领取。如有疑问请拨打12333。",
		Params: []Param{{"outlet", TypeOutlet, 24, "您选择的网点"}},
	}, {
		Kind: ApplicationCollected, Title: "社保卡已领取", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡已领取。社保账户和银行账户都要激活,请本人带身份证和卡到${bank}社保卡窗口一次办理。如非本人领取请拨打12333。",
		Params: []Param{bankParam},
	}, {
		Kind: ApplicationReturned, Title: "申领需要补正", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡申领已退回,需要补正。请在原办理渠道查看全部需要补正的内容并一次更正,受理号不变,或拨打12333。",
		Params: nil,
	}, {
		Kind: ApplicationUncollected, Title: "社保卡还没有领取", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡仍在${outlet}等待领取,请本人带身份证领取。如有疑问请拨打12333。",
		Params: []Param{{"outlet", TypeOutlet, 24, "您选择的网点"}},
	}, {
		Kind: ApplicationWithdrawn, Title: "申领已撤回", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡申领已撤回,没有收取费用。需要时可以重新申领。如非本人操作请拨打12333。",
		Params: nil,
	}, {
		Kind: ApplicationNotWithdrawn, Title: "申领没有撤回", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡申领没有撤回,仍在办理。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: FeePaid, Title: "工本费已支付", Lane: LaneProgress, Life: progressLife,
		Text:   "您已支付社会保障卡补(换)卡工本费${amount}元。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: []Param{{"amount", TypeAmount, 12, "若干"}},
	}, {
		Kind: FeeRefunded, Title: "工本费已退付", Lane: LaneProgress, Life: progressLife,
		Text:   "社会保障卡补(换)卡工本费${amount}元已原路退回您的付款账户,原因:${reason}。如有疑问请拨打12333。",
		Params: []Param{{"amount", TypeAmount, 12, "若干"}, {"reason", TypeWord, 20, "费用不再收取"}},
	}, {
		Kind: FeeReceipt, Title: "财政票据已开具", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补(换)卡工本费财政电子票据已开具,票据号码${number}。可在原办理渠道的缴费记录中查看,如有疑问请拨打12333。",
		Params: []Param{{"number", TypeFiscal, 10, "见缴费记录"}},
	}, {
		Kind: ReplacementAccepted, Title: "补换卡已受理", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换卡已受理,受理号${receipt}。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: []Param{{"receipt", TypeReceipt, 19, "见办理渠道"}},
	}, {
		Kind: ReplacementRefused, Title: "补换卡没有通过", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换卡没有通过:${reason}。已支付的工本费将自动原路退回。请到社保卡服务网点办理,或拨打12333。",
		Params: []Param{{"reason", TypeWord, 20, "详情请询问网点"}},
	}, {
		Kind: ReplacementBankFailed, Title: "银行开户没有成功", Lane: LaneProgress, Life: progressLife,
		Text:   "您补换的社会保障卡,${bank}没有开户成功,请带身份证到该行社保卡窗口询问,或拨打12333。",
		Params: []Param{bankParam},
	}, {
		Kind: ReplacementReady, Title: "新卡可以领取", Lane: LaneProgress, Life: progressLife,
		Text:   "您补换的社会保障卡已到${outlet},请本人带身份证领取,领取时旧卡作废。如有疑问请拨打12333。",
		Params: []Param{{"outlet", TypeOutlet, 24, "您选择的网点"}},
	}, {
		Kind: ReplacementUncollected, Title: "新卡还没有领取", Lane: LaneProgress, Life: progressLife,
		Text:   "您补换的社会保障卡仍在${outlet}等待领取,请本人带身份证领取。如有疑问请拨打12333。",
		Params: []Param{{"outlet", TypeOutlet, 24, "您选择的网点"}},
	}, {
		Kind: ReplacementCompleted, Title: "补换卡已完成", Lane: LaneProgress, Life: progressLife,
		Text:   "您的补换卡已完成,旧卡作废。请本人带身份证和新卡到${bank}社保卡窗口,一次激活社保账户和银行账户,并办理旧账户余额转入。如有疑问请拨打12333。",
		Params: []Param{bankParam},
	}, {
		Kind: ReplacementActivate, Title: "新卡还没有激活", Lane: LaneProgress, Life: progressLife,
		Text:   "您的新社会保障卡还没有激活,补贴可能无法入账。请本人带身份证和新卡到${bank}社保卡窗口激活社保账户和银行账户,咨询12333。",
		Params: []Param{bankParam},
	}, {
		Kind: ReplacementReturned, Title: "补换卡需要补正", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换卡已退回,需要补正。请在原办理渠道查看全部内容并一次更正,或带身份证到社保卡服务网点办理,咨询12333。",
		Params: nil,
	}, {
		Kind: ReplacementWithdrawn, Title: "补换卡已撤回", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换卡已撤回,已支付的工本费将自动原路退回。如非本人操作请拨打12333。",
		Params: nil,
	}, {
		Kind: ReplacementNotWithdrawn, Title: "补换卡没有撤回", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡补换卡没有撤回,仍在办理。进度可在原办理渠道查询,如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: ReplacementLapsed, Title: "补换卡已关闭", Lane: LaneProgress, Life: progressLife,
		Text:   "因没有按时支付工本费,您的社会保障卡补换卡已关闭。需要时可以重新办理,如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: PhoneChangeOld, Title: "通知手机号将更换", Lane: LaneLoss, Life: 24 * time.Hour, Resend: true,
		Text:   "您接收社保卡通知的手机号将于${time}后更换。如非本人操作,请在此之前登录撤销,或拨打12333。",
		Params: []Param{{"time", TypeMoment, 17, "24小时"}},
	}, {
		Kind: PhoneChanged, Title: "通知手机号已更换", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡通知今后发到本号码。如非本人操作请拨打12333。",
		Params: nil,
	}, {
		Kind: PhoneChangeCancelled, Title: "更换手机号已撤销", Lane: LaneLoss, Life: 24 * time.Hour,
		Text:   "12333已按来电为您撤销更换通知手机号的申请,社保卡通知仍发到本号码。如非本人要求,请马上拨打12333。",
		Params: nil,
	}, {
		Kind: ReportAnswered, Title: "您有新的答复", Lane: LaneProgress, Life: progressLife,
		Text:   "您此前提交的事项已有答复,请在原办理渠道查看。如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: EnquiryAnswered, Title: "您反映的事项已答复", Lane: LaneProgress, Life: progressLife,
		Text:   "您反映的事项已有答复,请在原办理渠道查看。没有解决的可申请重新办理,或拨打12333。",
		Params: nil,
	}, {
		Kind: EnquiryExtended, Title: "您反映的事项延期答复", Lane: LaneProgress, Life: progressLife,
		Text:   "您反映的事项需要更多时间核实,将在${date}前答复。进度可在原办理渠道查询,或拨打12333。",
		Params: []Param{{"date", TypeDay, 11, "近日"}},
	}, {
		Kind: EnquiryClosed, Title: "您反映的事项已办结", Lane: LaneProgress, Life: progressLife,
		Text:   "您反映的事项已办结,请在原办理渠道查看并评价。没有解决的可申请重新办理,或拨打12333。",
		Params: nil,
	}, {
		Kind: GuideSlip, Title: "办事指南", Lane: LaneProgress, Life: 24 * time.Hour,
		Text: "办理${act}请带${papers},到${outlet}办理,电话${outlet_phone},${fee}。如有疑问请拨打12333。",
		Params: []Param{
			{"act", TypeWord, 12, "社保卡业务"}, {"papers", TypeWord, 35, "有效身份证件等材料"}, {"outlet", TypeOutlet, 24, "办事指南列明的网点"},
			{"outlet_phone", TypeHotline, 13, "12333"}, {"fee", TypeWord, 10, "费用见指南"},
		},
	}, {
		Kind: OutletSlip, Title: "社保卡服务网点", Lane: LaneProgress, Life: 24 * time.Hour,
		Text: "办理${act}可到${outlet},电话${outlet_phone};或${other_outlet},电话${other_phone}。请先电话确认营业时间,咨询12333。",
		Params: []Param{
			{"act", TypeWord, 12, "社保卡业务"}, {"outlet", TypeOutlet, 24, "就近的社保卡服务网点"}, {"outlet_phone", TypeHotline, 13, "12333"},
			{"other_outlet", TypeOutlet, 24, "其他社保卡服务网点"}, {"other_phone", TypeHotline, 13, "12333"},
		},
	}, {
		Kind: AgentTask, Title: "请您本人办理", Lane: LaneProgress, Life: progressLife,
		Text:   "您来电咨询后,请本人在微信或支付宝的社保卡服务中打开“消息”,办理${act}。如非您来电请拨打12333。",
		Params: []Param{{"act", TypeWord, 12, "社保卡业务"}},
	}, {
		Kind: GuardianProved, Title: "监护人代办已生效", Lane: LaneProgress, Life: progressLife,
		Text:   "您与未成年人的监护关系已核实,可以代办社会保障卡首次申领、查询进度和到账、挂失社保账户。如非本人办理请拨打12333。",
		Params: nil,
	}, {
		Kind: GuardianRefused, Title: "监护关系没有通过审核", Lane: LaneProgress, Life: progressLife,
		Text:   "您提交的监护关系没有通过审核:${reason}。请重新上传,或带户口簿到社保卡服务网点办理,咨询12333。",
		Params: []Param{{"reason", TypeWord, 20, "资料不能证明监护关系"}},
	}, {
		Kind: GuardianAdded, Title: "孩子新增一位监护人", Lane: LaneProgress, Life: progressLife,
		Text:   "您监护的孩子新增一位监护人,其监护关系已核实,可以代办孩子的社会保障卡业务。如有异议请拨打12333。",
		Params: nil,
	}, {
		Kind: GuardianForYou, Title: "监护人可以为您代办", Lane: LaneProgress, Life: progressLife,
		Text:   "一位监护人与您的监护关系已核实,可以为您代办社会保障卡首次申领、查询进度和到账、挂失社保账户。如有异议请拨打12333。",
		Params: nil,
	}, {
		Kind: GuardianOver, Title: "监护人代办已结束", Lane: LaneProgress, Life: progressLife,
		Text:   "您监护的孩子已满16周岁,社会保障卡业务今后由孩子本人办理,正在办理的业务改为通知孩子本人。如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: OfAge, Title: "今后由您本人办理", Lane: LaneProgress, Life: progressLife,
		Text:   "您已满16周岁,社会保障卡业务今后由您本人办理,正在办理的业务今后只通知您。如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: GuardianProgress, Title: "孩子的社保卡有新进度", Lane: LaneProgress, Life: progressLife,
		Text:   "您监护的孩子的社会保障卡有新进度:${step}。请登录后在孩子的办理记录中查看,如有疑问请拨打12333。",
		Params: []Param{{"step", TypeWord, 12, "请登录查看"}},
	}, {
		Kind: GuardianLoss, Title: "孩子的社保账户已挂失", Lane: LaneLoss, Life: lossLife, Resend: true,
		Text:   "您监护的孩子的社保账户已挂失。" + bankHint + "如有疑问请拨打12333。",
		Params: []Param{bankParam, hotlineParam},
	}, {
		Kind: GuardianLossStep, Title: "孩子的社保账户有变化", Lane: LaneLoss, Life: lossLife,
		Text:   "您监护的孩子的社保账户有变化:${step}。银行账户不受影响。请登录后查看,如有疑问请拨打12333。",
		Params: []Param{{"step", TypeWord, 12, "请登录查看"}},
	}, {
		Kind: HelperNamed, Title: "有人请您做亲属协助人", Lane: LaneProgress, Life: progressLife,
		Text:   "有亲属请您协助办理社会保障卡业务,请在7天内登录查看并确认是否接受,不接受可不处理。如有疑问请拨打12333。",
		Params: nil,
	}, {
		Kind: HelperActive, Title: "亲属协助已生效", Lane: LaneLoss, Life: progressLife,
		Text:   "您的亲属协助人已生效,至${date}止,只能查进度、查到账、挂失社保账户。如非本人同意,请马上拨打12333撤销。",
		Params: []Param{{"date", TypeDay, 11, "期满"}},
	}, {
		Kind: HelperActed, Title: "亲属协助人办理了业务", Lane: LaneLoss, Life: lossLife,
		Text:   "您的亲属协助人于${time}为您办理:${act}。如非您同意,请马上登录撤销协助人,或拨打12333。",
		Params: []Param{timeParam, {"act", TypeWord, 10, "社保卡业务"}},
	}, {
		Kind: RelationEnded, Title: "代办关系已结束", Lane: LaneProgress, Life: progressLife,
		Text:   "一项社会保障卡代办关系已结束:${reason}。可登录查看,如有疑问请拨打12333。",
		Params: []Param{{"reason", TypeWord, 16, "期满或已撤销"}},
	}, {
		Kind: Bound, Title: "已绑定", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡已于${time}绑定到${platform}。如非本人操作,请马上拨打12333。",
		Params: []Param{timeParam, {"platform", TypeWord, 10, "线上账号"}},
	}, {
		Kind: Unbound, Title: "已解除绑定", Lane: LaneProgress, Life: progressLife,
		Text:   "您的社会保障卡已于${time}与${platform}解除绑定。如非本人操作,请马上拨打12333。",
		Params: []Param{timeParam, {"platform", TypeWord, 10, "线上账号"}},
	}, {
		Kind: TextsOff, Title: "已关闭短信提醒", Lane: LaneProgress, Life: progressLife,
		Text:   "您于${time}通过${platform}关闭了部分短信提醒,可在“消息设置”中重新打开。如非本人操作,请马上拨打12333。",
		Params: []Param{timeParam, {"platform", TypeWord, 10, "线上账号"}},
	}, {
		Kind: CampaignRenewal, Title: "请看社保卡有效期", Lane: LaneCampaigns, Life: progressLife,
		Text:   "社会保障卡的卡面印有有效期。快到期或已到期的,请本人带身份证到社保卡服务网点换领新卡,以免影响使用,咨询12333。",
		Params: nil,
	}, {
		Kind: CampaignCertification, Title: "年度资格认证提醒", Lane: LaneCampaigns, Life: progressLife,
		Text:   "领取养老金等社保待遇的,每年须认证一次。请在${date}前办理,已办的、没有领取待遇的不用再办,咨询12333。",
		Params: []Param{{"date", TypeDay, 11, "规定日期"}},
	},
}
