package policy

import (
	"strings"

	"onecard/models"
	"onecard/models/notice"
)

// meanings say in Chinese what a setting decides, to those who decide; Doc says the same in English, in docs/policies.md.
var meanings = map[string]string{
	ReleaseAfterPhoneLoss:  "电话挂失的社保卡能否网上解挂:same 与其他挂失一样,window_only 只能到网点解挂",
	ArrivalSMSSender:       "补贴到账的免费短信由谁发:platform 由本平台发,bank 由代发银行发;可以按代发银行分别设定",
	FeeRoute:               "补换卡工本费怎么收:merchant 由商户号收(依据写明收费的文件),non_tax 作为非税收入缴纳",
	ReplacementFee:         "补换卡工本费,以分为单位(豫发改收费〔2019〕195号);0 为免收,不再等待缴费",
	PriorityGroups:         "疫情防控期间,窗口优先服务五类人员,并提示其他人网上办理",
	HouseholdSees:          "发给户主的补贴,同户的人能看到什么:nothing 看不到,notice_only 只看到已经发放,amounts 看到金额",
	ExplanationStaleHours:  "数据超过多少小时没有更新时,未到账原因要注明“可能不是最新情况”",
	PaydayPreview:          "补贴发放前,对银行账户不能收款的人发提醒,每月一次",
	MisuseAnswerDays:       "举报件从次日起多少个工作日内答复,超过即告警",
	PublicTotalsLeast:      "公开的统计数,人数少于多少的不公布",
	CodesPerDay:            "全平台一天最多发多少条验证码短信",
	CodesBeforeChallenge:   "一次登录一天内发过多少条验证码后,再发要先答一道小题;0 为每次都答,10 为不用答",
	HelpersMost:            "一位成年人最多同时指定几位亲属协助人,还没有接受的也算",
	HelpersMonths:          "亲属协助从接受之日起多少个月后自动结束",
	ConsentsMost:           "每个账号每类消息最多保留多少次平台消息的一次性订阅,多出的不计",
	SMSPerPerson:           "到账、发放提醒、办卡进度、群发提醒的短信,一个人一天最多收几条;多出的只进站内消息。验证码、挂失、缴费和账号安全不计",
	SMSPerKind:             "上述短信中,同一种一天最多收几条",
	CampaignPerMinute:      "一次群发提醒每分钟最多告知多少人,要低于短信平台的上限,给到账短信留出余量",
	ArticleReviewDays:      "知识发布多少天后要重新通读,过期标为“该复查了”",
	PhotoLeastBytes:        "制卡照片存下来的文件最小多少字节(14 KB)",
	PhotoMostBytes:         "制卡照片存下来的文件最大多少字节(40 KB)",
	PhotoLeastGround:       "照片底色的红、绿、蓝平均亮度至少多少才算白底,最高255",
	PhotoInfantYears:       "几岁以下的孩子按婴幼儿照片的标准;0 为没有",
	PhotoInfantRelief:      "婴幼儿照片放宽什么:nothing 不放宽,position 头部大小和位置,position_and_sharpness 再加清晰度;白底、头部完整和文件大小不放宽",
	ApplicationCorrections: "被退回的申领或补换卡最多网上更正几次,再有问题到网点办理",

	ApplicationRemindFirst: "新卡到领卡网点多少天没有领,第一次提醒", ApplicationRemindSecond: "新卡到领卡网点多少天没有领,第二次提醒",
	ApplicationRemindThird: "新卡到领卡网点多少天没有领,第三次也是最后一次提醒",
	ReplacementUnpaidDays:  "补换卡多少天没有缴工本费,自动关闭",
	ReplacementRemindFirst: "新卡领走多少天还没有激活,第一次提醒", ReplacementRemindSecond: "新卡领走多少天还没有激活,第二次也是最后一次提醒",
	OrderAcceptDays: "工单在多少个工作日内受理或转办", OrderExtensionDays: "工单只能延期一次,最多延多少个工作日",
	OrderEscalateDays: "工单超期多少个工作日后通报", OrderReopenDays: "答复或办结后多少天内,群众可以要求重新办理一次",
	OrderCallBackTries: "回访几次没有人接听后,已答复的工单可以办结", OrderExchangeDays: "没有账号的县区,导出工单后多少天内收回的答复有效",
}

// families say it of settings whose key ends in what they are about; %s is that in words.
var families = []struct {
	prefix, text string
	word         func(rest string) string
}{
	{"calendar.", "%s年的节假日安排:放假的日子,+ 后面是调休上班的周末;空为还没有公布", wordsAsKey},
	{"application.workdays.", "申领和补换卡“%s”这一步承诺几个工作日,从次日起算,超过标为超期;0 为不告知时限", of(stageWords)},
	{"replacement.reason.", "因“%s”补换卡在哪里办:here 网上办,window_only 只能到网点", of(replacementReasonWords)},
	{"notice.ladder.", "“%s”类消息通过哪些渠道发送,站内消息总有一份", of(topicWords)},
	{"notice.content_days.", "“%s”类消息多少天后去掉金额、日期和姓名,只留概括的说法", of(topicWords)},
	{"notice.keep_days.", "“%s”类消息多少天后从站内消息删除,发送记录一并删除", of(topicWords)},
	{"orders.days.", "“%s”工单从次日起多少个工作日内答复;0 为当天", of(orderWords)},
	{"held.hours.", "因“%s”暂缓发布的,多少小时后超期并告警", of(heldWords)},
	{"loss.kind.", "从%s挂失时,写到登记系统的是哪一种:registry 由登记系统决定,temporary 临时挂失,formal 正式挂失", ofChannel},
	{"level.", "办理“%s”要求的身份核验等级:guest 未登录,platform 平台登录,phone 手机验证,real 实名,fresh 刚刚实名核验", ofAct},
	{"hand_over.", "“%s”转到别的单位办理时,转到哪里:渠道名称、空格、https 链接", ofAct},
	{"act.", "%s:here 在本渠道办,hand_over 转到别的渠道办,window_only 只能到网点", actOnChannel},
	{"papers.", "%s要带的材料;none 为不能这样办,ask 为先问12333", paperOf},
}

// meaningOf is the meaning of a key in Chinese; empty where nobody wrote it.
func meaningOf(key string) string {
	if text := meanings[key]; text != "" {
		return text
	}
	for _, f := range families {
		if rest, ok := strings.CutPrefix(key, f.prefix); ok {
			if word := f.word(rest); word != "" {
				return strings.Replace(f.text, "%s", word, 1)
			}
		}
	}
	return ""
}

func of(words map[string]string) func(string) string {
	return func(rest string) string { return words[rest] }
}

func wordsAsKey(rest string) string { return rest }

func ofAct(rest string) string { return actWords[models.Act(rest)] }

func ofChannel(rest string) string { return channelWords[models.Channel(rest)] }

func actOnChannel(rest string) string {
	act, channel, _ := strings.Cut(rest, ".")
	if ofAct(act) == "" || ofChannel(channel) == "" {
		return ""
	}
	return ofChannel(channel) + "怎么办理“" + ofAct(act) + "”"
}

func paperOf(rest string) string {
	act, by, _ := strings.Cut(rest, ".")
	who := map[Comer]string{BySelf: "本人", ByDelegate: "代办人", ByGuardian: "监护人"}[Comer(by)]
	for _, g := range actGuides {
		if string(g.act) == act && who != "" {
			return who + "到窗口办理“" + g.title + "”"
		}
	}
	return ""
}

var (
	stageWords = map[string]string{
		"submitted": "已提交", "accepted": "已受理", "batched": "已组批", "bank_opening": "银行开户", "producing": "制卡", "production_failed": "制卡失败后重制", "withdrawing": "撤回",
	}
	replacementReasonWords = map[string]string{"lost": "丢失", "damaged": "损坏", "expired": "到期", "data_wrong": "信息有误"}
	topicWords             = map[string]string{
		string(notice.TopicCodes): "验证码", string(notice.TopicLoss): "挂失和解挂", string(notice.TopicAccount): "账号安全", string(notice.TopicArrivals): "补贴到账",
		string(notice.TopicPayday): "补贴发放提醒", string(notice.TopicProgress): "办卡进度", string(notice.TopicFees): "工本费", string(notice.TopicAnswers): "答复",
		string(notice.TopicDependants): "孩子的卡", string(notice.TopicCampaigns): "群发提醒",
	}
	orderWords = map[string]string{"urgent": "紧急", "advice": "咨询", "production": "制卡", "subsidy": "补贴", "fee": "工本费", "complaint": "投诉", "low_rating": "差评"}
	heldWords  = map[string]string{ //nolint:gosec // words for people, no secret
		"payee_mismatch": "收款人不是本人", "payee_not_head": "收款人不是户主", "stage_unknown": "发放阶段不明", "credited_without_sent": "没有发出就已到账", "payee_deceased": "收款人已登记死亡",
		"payee_unknown": "收款人尚无登记", "programme_unknown": "项目不在目录", "amount_absurd": "金额明显不对", "batch": "整批与公布的不符", "other": "其他原因",
	}
)
