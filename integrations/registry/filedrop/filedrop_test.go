package filedrop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/models"
	"onecard/models/subsidy"
)

const plainControl = `{"id":"F1","ledger_month":"2021-12","programme_code":"P41","district":"410303","period":"2021年12月","paying_bank":"103","count":2,"total_fen":300,` +
	`"announced_at":"2021-12-20T09:00:00+08:00"}`

// drop writes a batch into a folder of its own.
func drop(t *testing.T, name, lines, controlled string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	require.NoError(t, os.WriteFile(ControlOf(path), []byte(controlled), 0o600))
	return path
}

func with(extra string) string { return strings.Replace(plainControl, "{", "{"+extra+",", 1) }

func all(t *testing.T, path string) (subsidy.Batch, []subsidy.Line) {
	t.Helper()
	f, err := Open(path, ControlOf(path))
	require.NoError(t, err)
	var out []subsidy.Line
	require.NoError(t, f.BatchLines(t.Context(), f.Batch().ID, func(l subsidy.Line) error {
		l.Raw = append([]byte(nil), l.Raw...)
		out = append(out, l)
		return nil
	}))
	return f.Batch(), out
}

func TestATableIsReadWithWhatItsControlFileSays(t *testing.T) {
	t.Parallel()
	path := drop(t, "f.CSV", "\ufeffLine_No,payee_ref,amount_fen,state,sent_at,credited_at,credit_no,exception_reason,exception_approver,payee_kind,beneficiary_ref,reissue_of,period\r\n"+
		"1,pa,100,credited,2021-12-20 10:00:00,2021-12-20T03:00:00.5Z,C1,,,,,,\r\n"+
		"2,pb,200,sent,2021-12-20 10:00:00,,,head_absent,\"财政所, \"\"镇\"\"\",household,pc,2021-11~B0~7,\"年 \\ 度\"", plainControl)
	b, lines := all(t, path)
	require.Equal(t, subsidy.Batch{ID: "F1", LedgerMonth: "2021-12", Programme: "P41", Edition: 1, District: "410303", PayingBank: "103", Period: "2021年12月",
		Count: 2, TotalFen: 300, LinesBy: subsidy.ByFile, Version: 1, AnnouncedAt: at(1, 0), ChangedAt: at(1, 0)}, b)
	require.Len(t, lines, 2)
	require.Empty(t, lines[0].Bad)
	require.Empty(t, lines[1].Bad)
	one, two := lines[0], lines[1]
	require.Equal(t, subsidy.Payment{Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: "F1", Line: 1}, Programme: "P41", Edition: 1, District: "410303", PayeeKind: "individual",
		AmountFen: 100, Period: "2021年12月", State: subsidy.Credited, SentAt: at(2, 0), CreditedAt: at(3, 500), CreditNo: "C1", PayingBank: "103", Version: 1,
		ChangedAt: at(1, 0)}, one.Payment)
	require.Equal(t, []models.PersonRef{"pa", "pa"}, []models.PersonRef{one.PayeeRef, one.BeneficiaryRef})
	require.Equal(t, []models.PersonRef{"pb", "pc"}, []models.PersonRef{two.PayeeRef, two.BeneficiaryRef})
	require.Equal(t, []string{"head_absent", `财政所, "镇"`, "2021-11~B0~7", `年 \ 度`, "household"},
		[]string{two.ExceptionWhy, two.ExceptionBy, two.ReissueOf, two.Period, two.PayeeKind})
	for _, l := range lines {
		require.Contains(t, string(l.Raw), `"batch_id":"F1"`, "it can be parked in the contract's form")
	}
}

func at(hour, milli int) time.Time {
	return time.Date(2021, 12, 20, hour, 0, 0, milli*1_000_000, time.UTC)
}

func TestLinesOfTheContractAreReadAsTheyStand(t *testing.T) {
	t.Parallel()
	line := `{"id":"F1/%d","ledger_month":"2021-12","batch_id":"F1","line_no":%d,"payee_ref":"p","beneficiary_ref":"p","amount_fen":5,"state":"sent","version":1}` + "\n"
	path := drop(t, "f.ndjson", fmt.Sprintf(line, 1, 1)+fmt.Sprintf(line, 2, 2)+`{"line_no":3,"bonus":1}`, plainControl)
	_, lines := all(t, path)
	require.Equal(t, []string{"", "", "data_malformed"}, []string{lines[0].Bad, lines[1].Bad, lines[2].Bad})
	require.Equal(t, 3, lines[2].Key.Line)
}

func TestEveryRowThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	const head = "line_no,payee_ref,amount_fen,state,old_channel,sent_at,reissue_of\n"
	for _, c := range []struct{ row, bad string }{
		{"1,p,100,sent,,,", ""},
		{"1,p,-100,sent,true,2021-12-20 10:00:00,2021-11~B~1", ""},
		{"1,p,100,sent,,", "cells_count"},
		{"1,p,100,sent,,,,", "cells_count"},
		{"", "cells_count"},
		{`1,"p,100,sent,,,`, "cells_quotes"},
		{"1,p,1e3,sent,,,", "number_form"},
		{"1,p,1.00,sent,,,", "number_form"},
		{"1,p,1 000,sent,,,", "number_form"},
		{"1,p,0100,sent,,,", "number_form"},
		{"1,p,-,sent,,,", "number_form"},
		{"1,p,9999999999999999999,sent,,,", "number_form"},
		{"x,p,100,sent,,,", "number_form"},
		{"0,p,100,sent,,,", "key_form"},
		{"1,,100,sent,,,", "reference_missing"},
		{"1,p,100,sent,yes,,", "truth_form"},
		{"1,p,100,sent,,20.12.2021,", "instant_form"},
		{"1,p,100,sent,,0000-01-01T00:00:00Z,", "instant_form"},
		{"1,p,100,sent,,,B~1", "link_form"},
		{"1,p\xc4\xe3,100,sent,,,", "not_utf8"},
		{"1," + strings.Repeat("p", 10<<20) + ",100,sent,,,", "batch_line_too_long"},
	} {
		path := drop(t, "f.csv", head+strings.Repeat("9,p,1,sent,,,\n", 10_000)+c.row+"\n8,p,1,sent,,,\n", plainControl)
		_, lines := all(t, path)
		require.Len(t, lines, 10_002)
		require.Equal(t, c.bad, lines[10_000].Bad, "%.60q", c.row)
		if c.bad != "" {
			require.Equal(t, 10_001, lines[10_000].Key.Line, "rows count behind the first")
			require.Empty(t, lines[10_000].Raw)
		}
		require.Equal(t, 8, lines[10_001].Key.Line, "the rest is read")
	}
}

func TestAFileThatCannotBeReadIsRefusedInWords(t *testing.T) {
	t.Parallel()
	const head, row = "line_no,payee_ref,amount_fen,state\n", "1,p,100,sent\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("line_no,payee_ref,amount_fen,state,period\n1,p,100,sent,二〇二一年度\n")
	require.NoError(t, err)
	for _, c := range []struct{ name, lines, control, want string }{
		{"f.csv", head + row, plainControl, ""},
		{"f.csv", gbk, with(`"encoding":"gb18030"`), ""},
		{"f.txt", head + row, with(`"format":"csv"`), ""},
		{"f.csv", head + strings.Repeat("1,年,100,sent\n", 20_000), plainControl, ""}, // the first look ends within a letter
		{"f.csv", gbk, plainControl, "gb18030"},
		{"f.csv", head + "1,\xff\xff,1,sent\n", with(`"encoding":"gb18030"`), "not GB18030"},
		{"f.csv", "\xff\xfel\x00", plainControl, "UTF-16"},
		{"f.csv", "", plainControl, "empty"},
		{"f.csv", "line_no", plainControl, "first row"},
		{"f.txt", head + row, plainControl, "format"},
		{"f.csv", "line_no,payee_ref,amount_fen,state,id_number\n", plainControl, "id_number"},
		{"f.csv", "line_no,payee_ref,amount_fen,state,batch_id\n", plainControl, "batch_id"},
		{"f.csv", "line_no,payee_ref,amount_fen,state,line_no\n", plainControl, "twice"},
		{"f.csv", "line_no,payee_ref,amount_fen\n", plainControl, "state is missing"},
		{"f.csv", head + row, `{`, "control file"},
		{"f.csv", head + row, plainControl + "{}", "more than one"},
		{"f.csv", head + row, with(`"sum":1`), "sum"},
		{"f.csv", head + row, strings.Replace(plainControl, `"F1"`, `"F 1"`, 1), "id:"},
		{"f.csv", head + row, strings.Replace(plainControl, "2021-12", "2021-13", 1), "ledger_month:"},
		{"f.csv", head + row, strings.Replace(plainControl, `"P41"`, `""`, 1), "programme_code:"},
		{"f.csv", head + row, strings.Replace(plainControl, `"count":2`, `"count":0`, 1), "count:"},
		{"f.csv", head + row, strings.Replace(plainControl, `"2021-12-20T09:00:00+08:00"`, `"0001-01-01T00:00:00Z"`, 1), "announced_at:"},
		{"f.csv", head + row, with(`"digest_sm3":"abc"`), "digest_sm3:"},
		{"f.csv", head + row, with(`"version":0`), "version:"},
		{"f.csv", head + row, with(`"encoding":"latin1"`), "encoding:"},
	} {
		path := drop(t, c.name, c.lines, c.control)
		_, err := Open(path, ControlOf(path))
		if c.want == "" {
			require.NoError(t, err, c.lines[:20])
			continue
		}
		require.ErrorContains(t, err, c.want)
		require.True(t, strings.HasPrefix(err.Error(), "control file") || strings.HasPrefix(err.Error(), "file of lines"), err)
	}
	_, err = Open("no-such.csv", "no-such.json")
	require.ErrorIs(t, err, ErrControl)
	_, lines := all(t, drop(t, "f.csv", gbk, with(`"encoding":"gb18030"`)))
	require.Equal(t, "二〇二一年度", lines[0].Period)
}

// No row makes the reader fail, and a row it takes is a line the contract's reader takes.
func FuzzRow(f *testing.F) {
	for _, row := range []string{"1,p,100,sent,,x,,", `2,"p""q",1,sent,a,b,2021-12-20 10:00:00,1`, "1,p,100,sent,\\,\t,2021-12-20T10:00:00+08:00,0", `"`, ",,,,,,,"} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, row string) {
		if strings.ContainsAny(row, "\r\n") {
			return
		}
		path := drop(t, "f.csv", "line_no,payee_ref,amount_fen,state,exception_reason,exception_approver,sent_at,old_channel\n"+row+"\n", plainControl)
		file, err := Open(path, ControlOf(path))
		if err != nil {
			return
		}
		err = file.BatchLines(t.Context(), "F1", func(l subsidy.Line) error {
			require.NotEqual(t, "data_malformed", l.Bad, "what the table writes is the contract's form")
			return nil
		})
		require.NoError(t, err)
	})
}

func BenchmarkTable(b *testing.B) {
	const count = 20_000
	rows := strings.Repeat("17,p0123456789ab,62500,credited,2021-12-20 10:00:00,2021-12-20 11:00:00,2021122000000017,0123\n", count)
	path := filepath.Join(b.TempDir(), "f.csv")
	require.NoError(b, os.WriteFile(path, []byte("line_no,payee_ref,amount_fen,state,sent_at,credited_at,credit_no,account_tail\n"+rows), 0o600))
	require.NoError(b, os.WriteFile(ControlOf(path), []byte(plainControl), 0o600))
	file, err := Open(path, ControlOf(path))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		require.NoError(b, file.BatchLines(b.Context(), "F1", func(subsidy.Line) error { n++; return nil }))
		require.Equal(b, count, n)
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "lines/s")
}
