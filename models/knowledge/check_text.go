package knowledge

import (
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"onecard/models"
)

// Bounds of an article [choice].
const (
	longestQuestion = 60
	longestAnswer   = 1500
	mostKeywords    = 30
	longestKeyword  = 20
	longestNote     = 200
)

// wordOfCourts is what a court or a bank does to an account (U+51BB U+7ED3); it stands in no sentence of ours.
var wordOfCourts = string([]rune{0x51bb, 0x7ed3})

var (
	ruleForm      = regexp.MustCompile(`^R([1-9]|[1-5][0-9]|6[0-9])$`)
	aboutCourt    = regexp.MustCompile(`法院|司法|公安|监察`)
	sentenceBreak = regexp.MustCompile(`[。;;!?!?\n]`)
)

// wrong names everything about a text that keeps it from being kept: all at once (R69), and never the text itself.
func (s *Service) wrong(ctx context.Context, a Article, today models.Date) ([]models.FieldError, error) {
	var out []models.FieldError
	bad := func(field, code, say string) {
		out = append(out, models.FieldError{Field: field, Code: code, Message: say})
	}
	within := func(field, text string, least, most int, say string) {
		if n := utf8.RuneCountInString(text); n < least || n > most || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			bad(field, "LENGTH", say)
		}
	}
	within("question", a.Question, 4, longestQuestion, "问题请写4至60字,不分行。")
	within("answer", a.Answer, 10, longestAnswer, "回答请写10至1500字。")
	if strings.Contains(a.Question, "\n") {
		bad("question", "ONE_LINE", "问题请写成一行。")
	}
	if len(a.Keywords) == 0 || len(a.Keywords) > mostKeywords {
		bad("keywords", "COUNT", "请写1至30个关键词,包括群众常用的叫法。")
	}
	for _, k := range a.Keywords {
		if n := utf8.RuneCountInString(k); n == 0 || n > longestKeyword {
			bad("keywords", "LENGTH", "每个关键词不超过20字。")
			break
		}
	}
	if len(a.Rules) == 0 {
		bad("rules", "REQUIRED", "请写明依据的规则编号,例如R11。")
	}
	for _, r := range a.Rules {
		if !ruleForm.MatchString(r) {
			bad("rules", "FORM", "规则编号的写法是R1至R69。")
			break
		}
	}
	if a.Audience == ForAll && !a.showsWay() {
		bad("answer", "NO_WAY_FORWARD", "给群众看的回答须写明下一步:到社保卡服务网点,或拨打12333。")
	}
	for sentence := range strings.SplitSeq(sentenceBreak.ReplaceAllString(a.Question+"\n"+a.Answer, "\n"), "\n") {
		if strings.Contains(sentence, wordOfCourts) && !aboutCourt.MatchString(sentence) {
			bad("answer", "WORD", "社保账户只能写“已停用”或“已挂失”;法院等机关的措施须写明是哪个机关。")
			break
		}
	}
	wrongDays(a, today, bad)
	return out, s.wrongContent(ctx, a, bad)
}

func wrongDays(a Article, today models.Date, bad func(field, code, say string)) {
	for field, day := range map[string]models.Date{"valid_from": a.ValidFrom, "valid_to": a.ValidTo, "review_by": a.ReviewBy} {
		if day == "" && field != "valid_from" {
			continue
		}
		if _, err := models.ParseDate(string(day)); err != nil {
			bad(field, "FORM", "请填写形如2021-12-31的日期。")
			return
		}
	}
	if a.ValidTo != "" && (a.ValidTo < a.ValidFrom || a.ValidTo < today) {
		bad("valid_to", "UNFIT", "失效日期不能早于生效日期和今天。")
	}
	if a.ReviewBy != "" && a.ReviewBy <= today {
		bad("review_by", "UNFIT", "复核期限请选择今天以后的日期。")
	}
}

// wrongContent looks for what may not stand in a text: numbers of people, links elsewhere, figures nobody keeps.
func (s *Service) wrongContent(ctx context.Context, a Article, bad func(field, code, say string)) error {
	phones, err := s.Policy.BankPhones(ctx)
	if err != nil {
		return err
	}
	for _, part := range []struct{ field, text string }{
		{"question", a.Question}, {"answer", a.Answer}, {"keywords", strings.Join(a.Keywords, "\n")}, {"note", a.Department},
	} {
		switch numberKind(part.text, phones) {
		case "ID_NUMBER":
			bad(part.field, "ID_NUMBER", "文章里不能出现证件号码,请删去。")
		case "BANK_NUMBER":
			bad(part.field, "BANK_NUMBER", "文章里不能出现卡号或账号,请删去。")
		case "PHONE_NUMBER":
			bad(part.field, "PHONE_NUMBER", "文章里只能写12333和银行名单上的客服电话,其他号码请删去。")
		}
	}
	for _, target := range links(a.Answer) {
		if !mayLink(target, s.Hosts) {
			bad("answer", "LINK", "链接只能指向本服务的页面,或名单上的政府网站。")
			break
		}
	}
	if bareLink.MatchString(halfWidth(markForm.ReplaceAllString(a.Answer, "")) + a.Question) {
		bad("answer", "BARE_LINK", "请把网址写成[文字](地址)的形式。")
	}
	for _, key := range figures(a.Question + a.Answer) {
		if _, ok, err := s.Policy.Words(ctx, key, s.Clock.Now()); err != nil {
			return err
		} else if !ok {
			bad("answer", "FIGURE", "花括号里须是政策设置中可以公开引用的一项,例如fee.replacement_fen。")
			break
		}
	}
	return nil
}

// refused is ErrTextRefused with what is wrong, or nil.
func refused(wrong []models.FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	e := *ErrTextRefused
	e.Fields = wrong
	return &e
}
