package policy

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// Sheet is a guide to take along, in words and ready to be drawn: what stands on it is decided here.
type Sheet struct {
	Title  string
	Facts  [][2]string
	Papers [][2]string // what to bring, and what to know about it
	Empty  string      // stands in the table's place where there is nothing to bring
	Notes  []string
	Foot   string
	MadeAt time.Time
}

// SheetPrinter draws a sheet as PDF. ErrNoGlyph where no font has a character, never a sheet with a hole.
type SheetPrinter interface {
	PrintGuide(ctx context.Context, sheet Sheet) ([]byte, error)
}

// ErrNoGlyph is a printer's answer to a text that it has no sign for.
var ErrNoGlyph = errors.New("no font has the character")

// PrintGuide is Guide on one sheet, for anyone: nothing on it is about a person. The same guide printed twice on one day is
// the same file. Errors: those of Guide, ErrGuideNotPrinted.
func (s *Service) PrintGuide(ctx context.Context, in GuideInput) ([]byte, error) {
	g, err := s.Guide(ctx, in)
	if err != nil {
		return nil, err
	}
	out, err := s.Sheets.PrintGuide(ctx, g.sheet(models.DateOf(s.clock.Now())))
	if err != nil && ctx.Err() == nil {
		err = ErrGuideNotPrinted.Because(err)
	}
	return out, err
}

var comesAs = map[Comer]string{BySelf: "本人", ByDelegate: "代办人", ByGuardian: "监护人"}

func (g Guide) sheet(today models.Date) Sheet {
	out := Sheet{
		Title: "社会保障卡办事一次性告知单", MadeAt: today.Start(), Foot: g.Sentence.ID, Empty: "见下方说明。",
		Facts: [][2]string{{"事项", g.Title}, {"办理人", comesAs[g.By]}, {"费用", g.FeeWords()}, {"咨询电话", "12333"}},
	}
	if g.Bank.Name != "" {
		out.Facts = append(out.Facts, [2]string{"卡面银行", g.Bank.Name + " " + g.Bank.Phone})
	}
	out.Facts = append(out.Facts, [2]string{"打印日期", string(today)})
	for _, p := range g.Papers {
		out.Papers = append(out.Papers, [2]string{p.Label, p.Hint})
	}
	if g.Priority.On() {
		out.Notes = append(out.Notes, g.Priority.Banner)
	}
	out.Notes = append(out.Notes, g.Sentence.Text)
	for _, o := range g.Outlets {
		out.Notes = append(out.Notes, o.line())
	}
	if g.More {
		out.Notes = append(out.Notes, "其他网点可在“网点查询”中查看,或拨打12333。")
	}
	out.Notes = append(out.Notes, "本单不含个人信息。材料和网点以办理当日公布的为准。")
	return out
}

// line is an outlet in one breath.
func (o FoundOutlet) line() string {
	return "网点:" + o.Name + ",地址:" + o.Address + ",电话:" + o.Phone + ",服务时间:" + o.Hours + "。"
}

// Script is what an agent says, line by line: the order of windows where there is one (R22), the sentence that citizens
// read, and up to three outlets.
func (g Guide) Script() []string {
	var out []string
	if g.Priority.On() {
		out = append(out, g.Priority.Banner, g.Priority.Question)
		for _, one := range g.Priority.Groups {
			out = append(out, one.Label+":"+one.Advice)
		}
	}
	out = append(out, g.Sentence.Text)
	for _, o := range g.Outlets[:min(len(g.Outlets), 3)] {
		out = append(out, o.line())
	}
	return out
}

// ShortPapers are the papers in a text message.
func (g Guide) ShortPapers() string {
	words := make([]string, len(g.Papers))
	for i, p := range g.Papers {
		words[i] = p.Short
	}
	return strings.Join(words, "、")
}

// ShortPlace is where to go in a text message: the outlet that was chosen, else words that are never wrong.
func (g Guide) ShortPlace(chosen bool) string {
	switch {
	case chosen && len(g.Outlets) == 1:
		return g.Outlets[0].Name
	case g.OnlyBank:
		return "卡面银行的社保卡窗口"
	case g.Act == WindowCollect:
		return "领卡短信写明的网点"
	case g.Act == WindowBindingSlip:
		return "就近的人社窗口"
	}
	return "就近的社保卡服务网点"
}

// ShortPhone is whom to ring first.
func (g Guide) ShortPhone(chosen bool) string {
	switch {
	case chosen && len(g.Outlets) == 1:
		return g.Outlets[0].Phone
	case g.OnlyBank && g.Bank.Phone != "":
		return g.Bank.Phone
	}
	return "12333"
}

// ShortFee is the fee in a text message.
func (g Guide) ShortFee() string {
	switch {
	case g.Fee == 0:
		return "不收费"
	case g.Fee%100 == 0:
		return "工本费" + strconv.FormatInt(int64(g.Fee/100), 10) + "元"
	}
	return "收取工本费"
}
