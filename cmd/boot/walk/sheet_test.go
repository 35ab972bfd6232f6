package walk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/pdf"
	"onecard/models/subsidy"
)

// The walker's reader is a rig: it reads what the product really draws, and says when there is nothing to read.
func TestTheCodeIsReadOffAStatement(t *testing.T) {
	t.Parallel()
	sheet := subsidy.Sheet{
		Title: "2021年度对账单", MadeAt: time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC), Facts: [][2]string{{"姓名", "瀍·𠅤"}, {"核验码", "7KQ2-M9XD-04TR-HW5C"}},
		Empty: "没有补贴记录。", PageFoot: "一卡通", PageOf: "第%d页 共%d页",
	}
	draw := func() []byte {
		out, err := pdf.NewPrinter().Print(t.Context(), sheet)
		require.NoError(t, err)
		return out
	}
	whole := draw()
	code, err := printedCode(whole)
	require.NoError(t, err)
	require.Equal(t, "7KQ2-M9XD-04TR-HW5C", code)
	text, err := copied(whole)
	require.NoError(t, err)
	require.Contains(t, text, "瀍·𠅤", "a rare sign too")

	sheet.Facts[1][1] = "7KQ2-M9XD"
	_, err = printedCode(draw())
	require.ErrorContains(t, err, "no check code")
	_, err = printedCode([]byte("<html>7KQ2-M9XD-04TR-HW5C</html>"))
	require.ErrorContains(t, err, "it is no PDF")
	_, err = printedCode(whole[:700])
	require.Error(t, err, "cut off")
}
