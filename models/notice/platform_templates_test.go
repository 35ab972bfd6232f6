package notice

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// paramsOf are values at the full length of each variable, short ones, and none at all.
func paramsOf(s Spec, how string) map[string]string {
	out := map[string]string{}
	for _, p := range s.Params {
		switch how {
		case "none":
		case "fallback":
			out[p.Name] = p.Fallback
		default:
			out[p.Name] = map[ParamType]string{
				TypeDay: "2021年12月15日", TypeMoment: "2021年12月15日23时59分", TypeAmount: "999999999.99", TypeTail: "1234",
				TypeBank: "中原银行(卡面:洛阳银行)", TypeHotline: "0379-65920000", TypeProgramme: "耕地地力保护补贴", TypeReceipt: "20211220-00000042-7",
				TypeFiscal: "0000000001", TypeOutlet: "洛阳农村商业银行股份有限公司西工支行营业部", TypeWord: strings.Repeat("字", p.Max),
			}[p.Type]
		}
	}
	return out
}

func TestEveryKindFillsItsTemplateOnEveryPlatform(t *testing.T) {
	t.Parallel()
	for _, s := range Templates() {
		for _, c := range Platforms {
			for _, how := range []string{"none", "fallback", "longest"} {
				fields, err := PlatformFields(c, s.Kind, s.Title, paramsOf(s, how))
				if s.Secret {
					require.ErrorIs(t, err, ErrNoPlatformTemplate, "a code of %s travels by SMS alone", s.Kind)
					continue
				}
				require.NoError(t, err, "%s on %s", s.Kind, c)
				tpl, _ := PlatformTemplateOf(c, s.Kind.Topic())
				require.Len(t, fields, len(tpl.Fields))
				for _, f := range tpl.Fields {
					require.True(t, f.Type.holds(fields[f.Key]), "%s %s: %q", s.Kind, f.Key, fields[f.Key])
				}
				all := strings.Join(values(fields), " ")
				require.Contains(t, all, "12333")
				require.NotContains(t, all, "${")
			}
		}
	}
	_, err := PlatformFields(SMS, Arrival, "补贴到账", nil)
	require.ErrorIs(t, err, ErrNoPlatformTemplate)
	_, err = PlatformFields(WechatMini, "of_a_newer_release", "标题", nil)
	require.ErrorIs(t, err, ErrNoPlatformTemplate)
}

func values(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func TestR55_APlatformMessageIsNeutralWhateverItIsGiven(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"艾滋病患者生活定量补助", "孤儿基本生活保障", "困难残疾人生活补贴", "http://t.cn/x", "410303198001010015", "13800001234", strings.Repeat("长", 40)} {
		for _, c := range Platforms {
			fields, err := PlatformFields(c, Arrival, bad, map[string]string{"programme": bad, "amount": bad, "date": bad, "tail": bad})
			require.NoError(t, err)
			all := strings.Join(values(fields), " ")
			require.NotContains(t, all, bad)
			require.Contains(t, all, "一项补贴")
			fields, err = PlatformFields(c, ApplicationRefused, bad, map[string]string{"reason": bad})
			require.NoError(t, err)
			require.NotContains(t, strings.Join(values(fields), " "), bad)
		}
	}
	fields, err := PlatformFields(WechatMini, Arrival, "补贴到账", map[string]string{"programme": "住房补贴", "amount": "338.00", "date": "2021年12月15日", "tail": "1234"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"thing1": "住房补贴", "phrase2": "已到账", "thing3": "338.00元", "thing4": "2021年12月15日存入,尾号1234", "thing5": "如有疑问请拨打12333",
	}, fields)
}

func TestR40_APlatformMessageOfALossSaysThatTheBankAccountIsNotStopped(t *testing.T) {
	t.Parallel()
	for _, k := range []Kind{LossEffective, LossElsewhere, GuardianLoss} {
		fields, err := PlatformFields(AlipayMini, k, "社保账户已挂失", nil)
		require.NoError(t, err)
		require.Equal(t, "银行账户没有停用,请联系发卡银行", fields["keyword3"])
	}
}

func TestPlatformTemplatesAreFitToFile(t *testing.T) {
	t.Parallel()
	for _, c := range Platforms {
		all := PlatformTemplates(c)
		require.Len(t, all, len(Topics)-1)
		require.LessOrEqual(t, len(all), TemplatesMost)
		for _, p := range all {
			require.Empty(t, LintPlatform(p))
		}
	}
	n := 0
	for _, s := range Templates() {
		if s.Secret {
			continue
		}
		n++
		l, ok := platformLines[s.Kind]
		require.True(t, ok, "%s says nothing on platforms", s.Kind)
		require.Empty(t, lintLine(s, l))
	}
	require.Len(t, platformLines, n)
}

func TestLintFindsEachPlantedViolationOfAPlatformTemplate(t *testing.T) {
	t.Parallel()
	clean, ok := PlatformTemplateOf(WechatMini, TopicArrivals)
	require.True(t, ok)
	for want, plant := range map[string]func(*PlatformTemplate){
		"no type":      func(p *PlatformTemplate) { p.Fields[0].Type = "free_text" },
		"own data":     func(p *PlatformTemplate) { p.Fields[0].Type = FieldName },
		"twice":        func(p *PlatformTemplate) { p.Fields[1].Key = p.Fields[0].Key },
		"decent label": func(p *PlatformTemplate) { p.Fields[0].Label = "低保名称" },
		"way forward":  func(p *PlatformTemplate) { p.Fields = p.Fields[:4] },
		"wants 2 to 5": func(p *PlatformTemplate) {
			p.Fields = append(p.Fields, PlatformField{Key: "thing6", Type: FieldThing, Label: "多"})
		},
		"has 0 fields":         func(p *PlatformTemplate) { p.Fields = nil },
		"another platform's":   func(p *PlatformTemplate) { p.Fields[0].Type = FieldKeyword },
		"cannot hold its own":  func(p *PlatformTemplate) { p.Fields[4].Type = FieldPhrase },
		"type amount cannot":   func(p *PlatformTemplate) { p.Fields[2].Type = FieldAmount },
		"thing4 has no decent": func(p *PlatformTemplate) { p.Fields[3].Label = "姓名" },
		"phone_number1 ":       func(p *PlatformTemplate) { p.Fields[0].Key, p.Fields[0].Type = "phone_number1", FieldPhoneNumber },
	} {
		p, _ := PlatformTemplateOf(WechatMini, TopicArrivals)
		plant(&p)
		require.Contains(t, strings.Join(LintPlatform(p), "\n"), want)
	}
	require.Empty(t, LintPlatform(clean))

	spec := Spec{Kind: "planted", Title: "标题", Life: time.Hour, Params: []Param{{"outlet", TypeOutlet, 24, "网点"}, {"name", TypeWord, 20, "本人"}, {"code", TypeCode, 8, "*"}}}
	sound := platformLine{"可领取", "请到${outlet}领取", "请到网点领取"}
	require.Empty(t, lintLine(spec, sound))
	for want, plant := range map[string]func(*Spec, *platformLine){
		"holds a link":    func(_ *Spec, l *platformLine) { l.Line = "详见www.luoyang.gov.cn" },
		"sensitive":       func(_ *Spec, l *platformLine) { l.Neutral = "孤儿基本生活保障" },
		"personal number": func(s *Spec, _ *platformLine) { s.Title = "410303198001010015" },
		"five Han":        func(_ *Spec, l *platformLine) { l.Phrase = "已经可以领取了" },
		"too long":        func(_ *Spec, l *platformLine) { l.Neutral = strings.Repeat("长", 21) },
		"has a variable":  func(_ *Spec, l *platformLine) { l.Neutral = "到${outlet}" },
		"own data":        func(_ *Spec, l *platformLine) { l.Line = "${name}您好" },
		"or a code":       func(_ *Spec, l *platformLine) { l.Line = "验证码${code}" },
		"no variable":     func(_ *Spec, l *platformLine) { l.Line = "${nothing}" },
	} {
		s, l := spec, sound
		plant(&s, &l)
		require.Contains(t, strings.Join(lintLine(s, l), "\n"), want)
	}
}

func TestFieldTypesKeepThePlatformsLimits(t *testing.T) {
	t.Parallel()
	// Source: WeChat, 订阅消息参数值内容限制说明 (domain 4.1).
	for _, c := range []struct {
		f    FieldType
		v    string
		want bool
	}{
		{FieldThing, strings.Repeat("字", 20), true}, {FieldThing, strings.Repeat("字", 21), false}, {FieldThing, "两行\n字", false}, {FieldThing, "", false},
		{FieldPhrase, "已到账", true}, {FieldPhrase, "六个汉字之多", false}, {FieldPhrase, "OK", false},
		{FieldAmount, "¥338.00", true}, {FieldAmount, "338.00元", true}, {FieldAmount, "三百元", false},
		{FieldTime, "2021年12月20日 10:05", true}, {FieldTime, "10:05", true}, {FieldTime, "上午", false},
		{FieldDate, "2021年12月20日", true}, {FieldDate, "12-20", false}, {FieldLetter, "AB", true}, {FieldLetter, "甲", false},
		{FieldNumber, "12.5", true}, {FieldNumber, "-", false}, {FieldSymbol, "!!", true}, {FieldCharacterString, "A-1", true}, {FieldCharacterString, "字", false},
		{FieldName, "张三", true}, {FieldPhoneNumber, "95599", true}, {FieldCarNumber, "豫C12345", true}, {FieldKeyword, "任意", true}, {"nothing", "x", false},
	} {
		require.Equal(t, c.want, c.f.holds(c.v), "%s %q", c.f, c.v)
	}
}
