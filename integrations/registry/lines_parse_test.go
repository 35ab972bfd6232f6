package registry

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// plainLine is a line as the pretend registry writes it.
const plainLine = `{"id":"b0123456789ab/17","ledger_month":"2021-12","batch_id":"b0123456789ab","line_no":17,"programme_code":"P02","programme_version":1,` +
	`"district":"410323","beneficiary_ref":"p0123456789ab","payee_ref":"p0123456789ab","payee_kind":"household","household_ref":"h0123456789ab",` +
	`"amount_fen":62500,"period":"2021年度","state":"credited","planned_at":"2021-12-08T01:10:00Z","publicised_at":"2021-12-09T01:10:00Z",` +
	`"approved_at":"2021-12-18T01:10:00.25Z","sent_at":"2021-12-19T05:10:00Z","credited_at":"2021-12-20T01:10:00.123456Z","credit_no":"2021122000000017",` +
	`"paying_bank":"103","account_bank":"103","account_tail":"0123","old_channel":false,"version":5,"changed_at":"2021-12-20T01:10:00Z"}`

// oddLines are lines that readers have disagreed about.
var oddLines = []string{
	``, `{}`, `null`, `[]`, `{`, `{"line_no":1}x`, `{"line_no":01}`, `{"line_no":-0}`, `{"line_no":1.0}`, `{"line_no":1e2}`, `{"amount_fen":9223372036854775807}`,
	`{"amount_fen":9223372036854775808}`, `{"amount_fen":-62500}`, `{"amount_fen":"1"}`, `{"amount_fen":1 }`, `{"AMOUNT_FEN":7}`, `{"amount_fen":1,"Amount_Fen":2}`,
	`{"state":"a","state":"b"}`, `{"period":"2021\u5e74"}`, "{\"period\":\"\xff\"}", "{\"period\":\"a\x01\"}", `{"period":null}`, `{"period":true}`, `{"old_channel":truex}`,
	`{"old_channel":true,}`, `{"planned_at":"2021-02-29T00:00:00Z"}`, `{"planned_at":"2020-02-29T00:00:00Z"}`, `{"planned_at":"2021-12-20T24:00:00Z"}`,
	`{"planned_at":"2021-12-20T23:59:60Z"}`, `{"planned_at":"2021-12-20T08:00:00+08:00"}`, `{"planned_at":"2021-12-20T08:00:00.1234567891Z"}`,
	`{"planned_at":"2021-12-20T08:00:00,5Z"}`, `{"planned_at":"2021-12-20t08:00:00z"}`, `{"planned_at":"2021-12-20T08:00:00.Z"}`, `{"planned_at":"0000-01-01T00:00:00Z"}`,
	`{"planned_at":""}`, `{"exception":{"reason":"head_absent","approver":"乡镇财政所"}}`, `{"reissue_of":{"ledger_month":"2021-11","batch_id":"b1","line_no":3}}`,
	`{"reissue_of":null}`, `{"new_field":{"a":[1,2,{}]}}`, "\ufeff{}", ` { "line_no" : 3 , "state" : "sent" } `, `{"line_no":3}{"line_no":4}`, `{"":1}`, `{"id":5}`,
}

func agrees(t *testing.T, p *lineParser, raw []byte) {
	t.Helper()
	var want wireLine
	err := json.Unmarshal(raw, &want)
	got, bad := p.parse(raw)
	if err != nil {
		require.ErrorIs(t, bad, errMalformed, "%q", raw)
		return
	}
	require.NoError(t, bad, "%q", raw)
	require.Equal(t, want, *got, "%q", raw)
}

func TestTheFastReaderIsTheSlowOne(t *testing.T) {
	t.Parallel()
	var p lineParser
	var w wireLine
	require.True(t, p.plain([]byte(plainLine), &w), "the contract's own shape takes the fast way")
	require.Equal(t, int64(62_500), w.AmountFen)
	agrees(t, &p, []byte(plainLine))
	for _, odd := range oddLines {
		agrees(t, &p, []byte(odd))
		agrees(t, &p, []byte(plainLine))
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(plainLine))
	for _, odd := range oddLines {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p lineParser
		agrees(t, &p, raw)
		agrees(t, &p, raw) // and again, with what it remembers of the first
	})
}

func BenchmarkParseLine(b *testing.B) {
	raw := []byte(plainLine)
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var w wireLine
			if err := json.Unmarshal(raw, &w); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		var p lineParser
		for b.Loop() {
			if _, err := p.parse(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("line", func(b *testing.B) {
		b.ReportAllocs()
		var p lineParser
		for b.Loop() {
			if _, err := p.line(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
