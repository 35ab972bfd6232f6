package registry

import (
	"fmt"
	"time"
)

// localHousing is the item of the first pilot: low-rent housing, outside the 45.
const localHousing = "L410303-01"

type programmeSeed struct {
	name, short, domain, dept, payee string
	minors                           bool
	cadence, sensitivity             string
}

const (
	high, medium, normal          = "high", "medium", "normal"
	individual, household, either = "individual", "household", "either"
	monthly, quarterly, termly    = "monthly", "quarterly", "termly"
	yearly, once                  = "yearly", "once"
	neutralName                   = "惠民补贴"
)

// programmeSeeds are the 45 first-level items in their published order. Payee kinds and cadence are this registry's
// own figures; sensitivity is its proposal, which the user of the data may only tighten.
var programmeSeeds = [45]programmeSeed{
	{"农机购置补贴", "农机补贴", "agriculture", "农业农村局", individual, false, once, normal},
	{"耕地地力保护补贴", "耕地补贴", "agriculture", "农业农村局", household, false, yearly, normal},
	{"大中型水库移民后期扶持补助", "移民补助", "water", "水利局", household, false, quarterly, normal},
	{"雨露计划", "雨露计划", "revitalisation", "乡村振兴局", individual, false, termly, medium},
	{"脱贫人口小额信贷财政贴息", "小额贴息", "revitalisation", "乡村振兴局", household, false, yearly, medium},
	{"学前教育保教费", "保教费", "education", "教育局", individual, true, termly, normal},
	{"学前教育生活补助", "学前补助", "education", "教育局", individual, true, termly, normal},
	{"义务教育家庭经济困难学生生活补助", "学生补助", "education", "教育局", individual, true, termly, medium},
	{"义务教育建档立卡学生营养改善补助", "营养补助", "education", "教育局", individual, true, termly, medium},
	{"普通高中国家助学金", "高中助学金", "education", "教育局", individual, false, termly, medium},
	{"中等职业教育国家助学金", "中职助学金", "education", "教育局", individual, false, termly, medium},
	{"农村危房改造补助", "危房改造", "housing", "住建局", household, false, once, medium},
	{"交通运输业成品油价格补助", "油价补助", "transport", "交通运输局", individual, false, yearly, normal},
	{"淘汰国三及以下排放标准营运柴油货车补助", "货车淘汰", "environment", "生态环境局", individual, false, once, normal},
	{"森林生态效益补偿", "森林补偿", "forestry", "林业局", household, false, yearly, normal},
	{"天然商品林停伐管护补助", "停伐补助", "forestry", "林业局", household, false, yearly, normal},
	{"新一轮退耕还林补助", "退耕还林", "forestry", "林业局", household, false, yearly, normal},
	{"生态护林员补助", "护林员补助", "forestry", "林业局", individual, false, quarterly, normal},
	{"自然灾害救助", "灾害救助", "emergency", "应急管理局", household, false, once, medium},
	{"孤儿基本生活保障", "孤儿保障", "civil_affairs", "民政局", individual, true, monthly, medium},
	{"事实无人抚养儿童基本生活保障", "儿童保障", "civil_affairs", "民政局", individual, true, monthly, medium},
	{"福彩圆梦孤儿助学工程", "圆梦助学", "civil_affairs", "民政局", individual, false, yearly, medium},
	{"艾滋病患者生活定量补助", "定量补助", "civil_affairs", "民政局", individual, false, quarterly, high},
	{"社会散居艾滋病病毒感染儿童基本生活费", "基本生活费", "civil_affairs", "民政局", individual, true, quarterly, high},
	{"艾滋病导致单亲家庭未成年子女生活救助", "生活救助", "civil_affairs", "民政局", individual, true, quarterly, high},
	{"城乡居民最低生活保障", "低保", "civil_affairs", "民政局", household, false, monthly, medium},
	{"临时救助", "临时救助", "civil_affairs", "民政局", either, false, once, medium},
	{"高龄津贴", "高龄津贴", "civil_affairs", "民政局", individual, false, quarterly, normal},
	{"困难残疾人生活补贴", "生活补贴", "disabled", "民政局", individual, false, monthly, medium},
	{"重度残疾人护理补贴", "护理补贴", "disabled", "民政局", individual, false, monthly, medium},
	{"农村部分计划生育家庭奖励扶助", "奖励扶助", "health", "卫健委", individual, false, yearly, medium},
	{"计划生育家庭特别扶助", "特别扶助", "health", "卫健委", individual, false, yearly, medium},
	{"城镇独生子女父母奖励扶助", "父母奖励", "health", "卫健委", individual, false, yearly, medium},
	{"计划生育家庭生育关怀抚慰金", "关怀抚慰", "health", "卫健委", either, false, once, medium},
	{"老年乡村医生生活补助", "乡医补助", "health", "卫健委", individual, false, quarterly, normal},
	{"洛阳市农村部分计划生育家庭奖励扶助", "市级奖扶", "health", "卫健委", individual, false, yearly, medium},
	{"洛阳市计划生育特殊家庭养老扶助", "养老扶助", "health", "卫健委", individual, false, yearly, medium},
	{"洛阳市农村计划生育低保对象生活补助", "对象补助", "health", "卫健委", individual, false, yearly, medium},
	{"洛阳市部分计划生育特殊困难家庭救助", "困难救助", "health", "卫健委", either, false, yearly, medium},
	{"残疾人机动车燃油补贴", "燃油补贴", "disabled", "残联", individual, false, yearly, medium},
	{"就业补助", "就业补助", "employment", "人社局", individual, false, monthly, normal},
	{"优抚对象抚恤生活补助", "优抚补助", "veterans", "退役军人事务局", individual, false, monthly, normal},
	{"义务兵优待金", "优待金", "veterans", "退役军人事务局", household, false, yearly, normal},
	{"自主就业退役士兵一次性经济补助", "退役补助", "veterans", "退役军人事务局", individual, false, once, normal},
	{"退役士兵待分配期间生活补助", "待分配补助", "veterans", "退役军人事务局", individual, false, monthly, normal},
}

// programmeCode is the code of a numbered item.
func programmeCode(number int) string { return fmt.Sprintf("P%02d", number) }

// buildProgrammes makes the first version of the list: the 45 and the local item of the pilot.
func buildProgrammes(start time.Time) []*Programme {
	out := make([]*Programme, 0, 46)
	var on []Onboarding
	for _, a := range areas {
		on = append(on, Onboarding{a.code, a.onboarded})
	}
	for i, s := range programmeSeeds {
		p := &Programme{Code: programmeCode(i + 1), ProgVersion: 1, Number: i + 1, Name: s.name, ShortName: s.short, SMSName: s.short,
			Level: 1, Domain: s.domain, Department: s.dept, PayeeKind: s.payee, ForMinors: s.minors, Cadence: s.cadence,
			Sensitivity: s.sensitivity, PolicyDoc: fmt.Sprintf("清单第%d项", i+1), Onboarded: on}
		out = append(out, p)
	}
	out = append(out, &Programme{Code: localHousing, ProgVersion: 1, Name: "廉租住房补贴", ShortName: "廉租住房", Level: 1,
		Domain: "housing", Department: "区住房保障和房产服务中心", PayeeKind: household, Cadence: quarterly, Sensitivity: medium,
		Local: "410303", PolicyDoc: "西工区地方项目", Onboarded: []Onboarding{{"410303", "2021-01-01"}}})
	for _, p := range out {
		p.ID = fmt.Sprintf("%s@%d", p.Code, p.ProgVersion)
		if p.Sensitivity != normal {
			p.SMSName = neutralName
		}
		p.OfficialLink = "https://list.registry.example/items/" + p.Code
		p.PublishedOn, p.ValidFrom, p.Version, p.ChangedAt = "2019-01-01", "2019-01-01", 1, instant(start)
	}
	return out
}
