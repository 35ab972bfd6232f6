package pdf

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

// sheet is a statement with so many lines for a person whose name needs the third font.
func sheet(lines int) subsidy.Sheet {
	s := subsidy.Sheet{
		Title: "惠民惠农财政补贴“一卡通”2021年度对账单", MadeAt: time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC),
		Facts: [][2]string{
			{"姓名", "瀍·𠅤"}, {"证件号码", "410***********0015"}, {"年度", "2021年"}, {"数据截至", "2021-12-20 09:58"},
			{"生成时间", "2021-12-20 10:00"}, {"核验码", "7KQ2-M9XD-04TR-HW5C"},
		},
		Columns: []subsidy.Column{
			{Head: "序号", Share: 0.06, Right: true}, {Head: "账期", Share: 0.10}, {Head: "补贴项目", Share: 0.28}, {Head: "所属期", Share: 0.16},
			{Head: "状态", Share: 0.13}, {Head: "到账日期", Share: 0.14}, {Head: "金额(元)", Share: 0.13, Right: true},
		},
		Totals: []string{fmt.Sprintf("已到账%d笔,合计¥16.00元。", lines)}, Notes: []string{"如有疑问,请咨询补贴主管部门,或拨打12333。"},
		Empty: "这一年没有通过社会保障卡发放的补贴记录。", PageFoot: "核验码 7KQ2-M9XD-04TR-HW5C", PageOf: "第%d页 共%d页",
	}
	for i := range lines {
		s.Rows = append(s.Rows, []string{strconv.Itoa(i + 1), "2021-12", "洛阳市农村部分计划生育家庭奖励扶助(尾号1234)", "2021年第三季度", "已到账", "2021-12-20", "16.00"})
	}
	return s
}

func pages(pdf []byte) int { return bytes.Count(pdf, []byte("/Type /Page\n")) }

func TestAStatementIsDrawnWithItsFonts(t *testing.T) {
	t.Parallel()
	p := NewPrinter()
	for lines, want := range map[int]int{0: 1, 3: 1, 100: 6} {
		out, err := p.Print(t.Context(), sheet(lines))
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(out, []byte("%PDF-1.")))
		require.Equal(t, want, pages(out), "%d lines", lines)
		require.Less(t, len(out), 250_000, "only the signs that are used are in it")
		require.Equal(t, 3, bytes.Count(out, []byte("/FontFile2 ")), "Latin, common and rare")
		if dir := os.Getenv("ONECARD_TEST_KEEP"); dir != "" {
			require.NoError(t, os.WriteFile(fmt.Sprintf("%s/statement-%d.pdf", dir, lines), out, 0o600))
		}
	}
	plain := sheet(3)
	plain.Facts[0][1] = "王*明"
	out, err := p.Print(t.Context(), plain)
	require.NoError(t, err)
	require.Equal(t, 2, bytes.Count(out, []byte("/FontFile2 ")), "no rare sign, no rare font")
	again, err := p.Print(t.Context(), plain)
	require.NoError(t, err)
	require.Len(t, again, len(out))
}

func TestEachSignComesFromTheFirstFontThatHasIt(t *testing.T) {
	t.Parallel()
	pieces, err := runs("瀍·𠅤¥16.00")
	require.NoError(t, err)
	var got []string
	for _, p := range pieces {
		got = append(got, p.face.name+":"+p.text)
	}
	require.Equal(t, []string{"cjk:瀍", "latin:·", "rare:𠅤", "latin:¥16.00"}, got)
	for _, c := range "㐀䶮龦鿍𬒗〇,。“”（）①—…ŠĀ阿·买" {
		_, err := faceOf(c)
		require.NoError(t, err, "%c", c)
	}
}

func TestARareNameCanBeCopiedAndReadAloud(t *testing.T) {
	t.Parallel()
	s := sheet(2)
	s.Facts[0][1] = "𠅤𬒗𫟼" // three at once
	out, err := NewPrinter().Print(t.Context(), s)
	require.NoError(t, err)
	for _, utf16 := range []string{"<D840DD64>", "<D871DC97>", "<D86DDFFC>"} {
		require.Contains(t, string(out), utf16)
	}
	require.Empty(t, beyond.FindAll(out, -1))
	start := bytes.LastIndex(out, []byte("startxref\n"))
	at, err := strconv.Atoi(strings.Fields(string(out[start:]))[1])
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(out[at:], []byte("xref\n")), "nothing in the file has moved")

	var many strings.Builder
	for i := range 30 {
		fmt.Fprintf(&many, "<%04X><%04X><2%04X>\n", i, i, i)
	}
	_, err = rightText([]byte("/CIDInit /ProcSet findresource begin\n" + string(tableName) + many.String() + string(tableTail)))
	require.ErrorIs(t, err, errTable)
}

func TestASignThatNoFontHasIsAnErrorThatNamesNobody(t *testing.T) {
	t.Parallel()
	for _, strange := range []string{"𱁬", "\u0e01", "👍", "\x00"} {
		s := sheet(1)
		s.Rows[0][2] = "某" + strange
		out, err := NewPrinter().Print(t.Context(), s)
		require.ErrorIs(t, err, subsidy.ErrNoGlyph, "%q", strange)
		require.Empty(t, out)
		require.NotContains(t, err.Error(), strange)
	}
}

func TestLinesBreakWhereTheyMay(t *testing.T) {
	t.Parallel()
	c, err := draw(t.Context(), sheet(0), 0)
	require.NoError(t, err)
	lines, err := c.wrap(10, "核验真伪:打开 https://card.example/v1/statement-checks/7KQ2-M9XD-04TR-HW5C ,或在一卡通页面输入核验码。", 360)
	require.NoError(t, err)
	require.Greater(t, len(lines), 1)
	require.Contains(t, strings.Join(lines, "\n"), "https://card.example/v1/statement-checks/7KQ2-M9XD-04TR-HW5C", "an address is not torn")
	for _, l := range lines {
		w, err := c.width(10, l)
		require.NoError(t, err)
		require.LessOrEqual(t, w, 370.0, l)
		require.NotContains(t, noStart, string([]rune(l)[:1]), "%q begins with what may not begin a line", l)
	}
	long, err := c.wrap(10, strings.Repeat("a", 500), 100)
	require.NoError(t, err)
	require.Greater(t, len(long), 20)
	require.Equal(t, strings.Repeat("a", 500), strings.Join(long, ""))
}

func TestManyAreDrawnAFewAtATimeAndALeaverStopsWaiting(t *testing.T) {
	t.Parallel()
	p := NewPrinter()
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			out, err := p.Print(context.Background(), sheet(40))
			if err != nil || pages(out) < 2 {
				t.Errorf("%v, %d pages", err, pages(out))
			}
		})
	}
	all.Wait()
	for range atOnce {
		p.free <- struct{}{}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := p.Print(gone, sheet(1))
	require.ErrorIs(t, err, context.Canceled)
}

func BenchmarkStatement(b *testing.B) {
	p := NewPrinter()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Print(b.Context(), sheet(60)); err != nil {
			b.Fatal(err)
		}
	}
}
