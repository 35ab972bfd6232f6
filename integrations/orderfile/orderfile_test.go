package orderfile

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

var (
	ownKey   = bytes.Repeat([]byte{1, 2}, 16)
	otherKey = bytes.Repeat([]byte{3, 4}, 16)
)

func keys(department, district string) []byte {
	return map[string][]byte{"民政局/410303": ownKey, "民政局/410304": otherKey}[department+"/"+district]
}

func orders(t testing.TB) (hotline.OrderFile, string) {
	t.Helper()
	at := time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)
	f := hotline.OrderFile{ID: "01900000-0000-7000-8000-000000000001", Number: 7, Department: "民政局", District: "410303", MadeBy: "boss", MadeAt: at}
	for i := range 2 {
		f.Lines = append(f.Lines, hotline.OrderFileLine{Line: i + 1, Person: "王**", Order: hotline.WorkOrder{
			ID: models.NewID(), Number: models.ReceiptNumber(at, int64(i)), Type: hotline.OrderSubsidy, Kind: "arrival_not_received", OpenedAt: at, DueAt: at, Text: "没有到账",
		}})
	}
	var b bytes.Buffer
	require.NoError(t, Write(&b, ownKey, f))
	return f, b.String()
}

// answered is what the district writes under the head of its file, not signed yet.
func answered(f hotline.OrderFile, text string) string {
	head, _, _ := strings.Cut(text, "\n")
	out := head + "\n"
	for _, l := range f.Lines {
		out += `{"file":"` + string(f.ID) + `","line":` + string(rune('0'+l.Line)) + `,"order":"` + l.Order.Number + `","reason_code":"paid","answer":"已发放"}` + "\n"
	}
	return out
}

func signed(t testing.TB, text string, key []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Sign(strings.NewReader(text), &b, key))
	return b.String()
}

func TestAFileOfAnswersIsReadAsItWasSigned(t *testing.T) {
	t.Parallel()
	f, text := orders(t)
	require.Contains(t, text, `"watermark":"boss 2021-12-20 410303-7"`)
	got, err := Read(strings.NewReader(signed(t, answered(f, text), ownKey)), keys)
	require.NoError(t, err)
	require.Equal(t, "410303", got.District)
	require.Len(t, got.Lines, 2)
	for i, l := range got.Lines {
		require.Equal(t, hotline.AnswerLine{File: f.ID, Line: i + 1, Order: f.Lines[i].Order.Number, ReasonCode: "paid", Answer: "已发放"}, l)
	}
}

func TestATamperedLineKeepsNoOtherOut(t *testing.T) {
	t.Parallel()
	f, text := orders(t)
	good := signed(t, answered(f, text), ownKey)
	lines := strings.Split(strings.TrimSpace(good), "\n")
	for name, bad := range map[string]string{
		"another answer": strings.Replace(lines[1], "已发放", "不发放", 1), "another line": strings.Replace(lines[1], `"line":1`, `"line":2`, 1),
		"no signature": strings.Split(lines[1], `,"mac"`)[0] + "}", "an unknown field": strings.Replace(lines[1], `{`, `{"x":1,`, 1),
		"not JSON": "hello", "two objects": lines[1] + lines[1], "the signature of the head": lines[0],
	} {
		got, err := Read(strings.NewReader(lines[0]+"\n"+bad+"\n"+lines[2]+"\n"), keys)
		require.NoError(t, err, name)
		require.Equal(t, hotline.AnswerLine{Line: 1, Fault: hotline.LineTampered}, got.Lines[0], name)
		require.Empty(t, got.Lines[1].Fault, name)
	}
}

func TestAFileOfAnotherKeyIsRefusedWhole(t *testing.T) {
	t.Parallel()
	f, text := orders(t)
	require.ErrorIs(t, Sign(strings.NewReader(answered(f, text)), &bytes.Buffer{}, otherKey), ErrHead, "a district signs only what was made for it")
	good := signed(t, answered(f, text), ownKey)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"the orders themselves": {text, ErrHead}, "empty": {"", ErrHead}, "another district's": {strings.Replace(good, "410303", "410304", 1), ErrHead},
		"a district without a key": {strings.Replace(good, `"410303"`, `"410305"`, 1), ErrNoKey}, "another version": {strings.Replace(good, `"version":1`, `"version":2`, 1), ErrHead},
		"a line that does not end": {good + strings.Repeat("x", mostLine+1), ErrTooLong}, "too many lines": {good + strings.Repeat("x\n", MostLines), ErrTooLong},
	} {
		_, err := Read(strings.NewReader(c.text), keys)
		require.ErrorIs(t, err, c.want, name)
	}
}

// FuzzRead: whatever comes, nothing is believed that was not signed: a line read without a fault has the fields of one that
// was signed.
func FuzzRead(f *testing.F) {
	file, text := orders(f)
	good := signed(f, answered(file, text), ownKey)
	lines := strings.Split(good, "\n")
	for _, seed := range []string{
		good, text, "", "{}", lines[0], lines[0] + "\n" + lines[2] + "\n" + lines[1], strings.Replace(good, "已发放", "已\u0000发放", 1),
		lines[0] + "\n{\"mac\":\"\"}", lines[0] + "\n" + strings.ToUpper(lines[1]), strings.ReplaceAll(good, "\n", "\r\n"), lines[0] + "\n[1]\nnull\n\"x\"",
	} {
		f.Add([]byte(seed))
	}
	known := map[string]bool{}
	for _, l := range file.Lines {
		known[l.Order.Number] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(bytes.NewReader(data), keys)
		if err != nil {
			return
		}
		for _, l := range got.Lines {
			if l.Fault == "" && (l.File != file.ID || !known[l.Order] || l.ReasonCode != "paid" || l.Answer != "已发放") {
				t.Fatalf("believed what nobody signed: line %d", l.Line)
			}
		}
	})
}
