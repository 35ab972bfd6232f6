package subsidy

import (
	"fmt"
	"strconv"
	"time"

	"onecard/models"
)

// Sheet is a statement in words, ready to be drawn: what stands on it is decided here, how it looks by the printer.
type Sheet struct {
	Title    string
	Facts    [][2]string // label and value, in the head of the first page
	Columns  []Column
	Rows     [][]string
	Empty    string   // stands in the table's place where there is no row
	Totals   []string // below the table
	Notes    []string
	PageFoot string // on every page
	PageOf   string // with %d for the page and for their number
	MadeAt   time.Time
}

// Column is one of the table's.
type Column struct {
	Head  string
	Share float64 // of the width; all together 1
	Right bool    // figures stand to the right
}

var statementColumns = []Column{
	{"序号", 0.06, true}, {"账期", 0.10, false}, {"补贴项目", 0.28, false}, {"所属期", 0.16, false}, {"状态", 0.13, false},
	{"到账日期", 0.14, false}, {"金额(元)", 0.13, true},
}

// sheetOf writes a statement. Names are those of the versions that were paid (R9).
func sheetOf(st Statement, holder Holder, lines []Payment, programmes editions, full bool, address string) Sheet {
	name := holder.Name.String()
	if full {
		name = holder.Name.Reveal()
	}
	code := ShowCheckCode(st.Code)
	out := Sheet{
		Title: fmt.Sprintf("惠民惠农财政补贴“一卡通”%d年度对账单", st.Year),
		Facts: [][2]string{
			{"姓名", name}, {"证件号码", holder.IDNumber.String()}, {"年度", strconv.Itoa(st.Year) + "年"}, {"数据截至", minute(st.AsOf)},
			{"生成时间", minute(st.MadeAt)}, {"核验码", code},
		},
		Columns: statementColumns, MadeAt: st.MadeAt,
		Empty:    "这一年没有通过社会保障卡发放的补贴记录。",
		PageFoot: "核验码 " + code,
		PageOf:   "第%d页 共%d页",
	}
	var others int
	for i, p := range lines {
		pr, _ := programmes.of(p)
		title := pr.Name
		if title == "" || pr.Class() != SensitivityNormal && !full { // were the High ones alone unnamed, that would name them
			title = pr.NeutralName()
		}
		day := ""
		if arrived(p) {
			day = string(models.DateOf(p.CreditedAt))
		} else {
			others++
		}
		if p.AccountTail != "" {
			title += "(尾号" + p.AccountTail + ")"
		}
		out.Rows = append(out.Rows, []string{strconv.Itoa(i + 1), p.Key.LedgerMonth, title, p.Period, label(p), day, p.AmountFen.Yuan()})
	}
	out.Totals = []string{fmt.Sprintf("已到账%d笔,合计%s元。", st.Count, st.TotalFen.Yuan())}
	if others > 0 {
		out.Totals = append(out.Totals, fmt.Sprintf("另有%d笔尚未到账、已退回或已追回,不计入合计。", others))
	}
	out.Notes = statementNotes(full, code, address)
	return out
}

func statementNotes(full bool, code, address string) []string {
	notes := []string{
		"本对账单列出本年度通过社会保障卡发放的补贴;社会保障卡发放开通以前由旧渠道发放的补贴不在其中。",
		"金额和状态以发放部门和银行的记录为准。收款账户为社会保障卡的银行账户,只显示后四位。",
	}
	if !full {
		notes = append(notes, "姓名已部分隐藏,部分项目只写简称或统称。需要完整名称的,请先完成本人核验,再重新生成。")
	}
	notes = append(notes, "核验真伪:打开 "+address+code+" ,或在一卡通页面输入核验码。核验只显示姓氏、年度、笔数、合计和生成时间。")
	return append(notes, "如有疑问,请咨询补贴主管部门,或拨打12333。")
}

// minute writes an instant as people read it; an unknown one as such.
func minute(t time.Time) string {
	if t.IsZero() {
		return "暂无"
	}
	return t.In(models.Shanghai).Format("2006-01-02 15:04")
}
