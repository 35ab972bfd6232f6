package registry

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/mirror"
	"onecard/models/subsidy"
)

// The feed names its entities as the capability names what it cannot take: the mirror parks by that name.
func TestPaymentEventsAreNamedByTheirContent(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	posted := false
	for _, e := range events {
		switch f := e.Fact.(type) {
		case subsidy.Line:
			require.Equal(t, e.EntityID, f.Key.BatchID+"/"+strings.TrimPrefix(f.Key.String(), f.Key.LedgerMonth+"~"+f.Key.BatchID+"~"))
			require.True(t, f.Key.Proper())
			require.LessOrEqual(t, len(f.AccountTail), 4)
		case subsidy.Batch:
			require.Equal(t, e.EntityID, f.ID)
			posted = posted || f.Posting.Place != "" && f.Posting.From != "" && f.Posting.Office.Phone != ""
		case subsidy.Payee:
			require.Equal(t, e.EntityID, string(f.PersonRef))
		}
	}
	require.True(t, posted, "R8: batches say where they are posted")
}

func TestR6_TheCityListsFortyFiveItemsWithDateAndOfficialLink(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	numbers := map[int]subsidy.Programme{}
	for _, e := range events {
		if p, ok := e.Fact.(subsidy.Programme); ok && p.Number > 0 {
			numbers[p.Number] = p
		}
	}
	require.Len(t, numbers, 45)
	for n := 1; n <= 45; n++ {
		require.NotEmpty(t, numbers[n].Name)
		require.NotEmpty(t, numbers[n].PublishedOn)
		require.NotEmpty(t, numbers[n].OfficialLink)
	}
	for _, n := range []int{23, 24, 25} {
		require.Equal(t, subsidy.SensitivityHigh, numbers[n].Class(), "R55")
		require.NotContains(t, numbers[n].NeutralName(), "艾滋")
	}
}

func TestR10_ThePilotPaymentsComeThroughTheFeed(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	type sum struct {
		lines int
		fen   models.Fen
	}
	sums := map[string]sum{}
	for _, e := range events {
		if l, ok := e.Fact.(subsidy.Line); ok && (l.Programme == "L410303-01" || l.Programme == "P20" && models.DateOf(l.CreditedAt) == "2021-12-05") {
			key := l.Programme + " " + string(models.DateOf(l.CreditedAt))
			s := sums[key]
			sums[key] = sum{s.lines + 1, s.fen + l.AmountFen}
		}
	}
	require.Equal(t, sum{26, 870_000}, sums["L410303-01 2021-11-08"])
	require.Equal(t, sum{27, 910_000}, sums["L410303-01 2021-12-07"])
	require.Equal(t, models.Fen(2_440_000), sums["P20 2021-12-05"].fen)
}

func TestR8_AStateNobodyKnowsIsPassedOnAsUnknown(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"", "CREDITED", "paid", "\u5df2\u5230\u8d26"} {
		l, err := wireLine{wireLineKey: wireLineKey{"2021-12", "b1", 1}, PayeeRef: "p", State: state}.line()
		require.NoError(t, err)
		require.Equal(t, subsidy.Unknown, l.State)
	}
}

func TestUnreadablePaymentFactsAreNamedAndNeverShown(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	const line = `{"ledger_month":"2021-12","batch_id":"b1","line_no":1,"payee_ref":"p","amount_fen":1}`
	with := func(base, from, to string) string { return strings.Replace(base, from, to, 1) }
	for _, c := range []struct{ entity, data, bad string }{
		{"payment_line", line, ""},
		{"payment_line", `{`, "data_malformed"},
		{"payment_line", `[]`, "data_malformed"},
		{"payment_line", with(line, `:1}`, `:1.5}`), "data_malformed"},
		{"payment_line", with(line, `:1}`, `:1e30}`), "data_malformed"},
		{"payment_line", with(line, `:1}`, `:"1"}`), "data_malformed"},
		{"payment_line", with(line, `"p"`, `""`), "reference_missing"},
		{"payment_line", with(line, `"b1"`, `""`), "reference_missing"},
		{"payment_line", with(line, `"b1"`, `"b 1"`), "key_form"},
		{"payment_line", with(line, `"b1"`, `"b~1"`), "key_form"},
		{"payment_line", with(line, `"b1"`, `"\u0000"`), "key_form"},
		{"payment_line", with(line, `"b1"`, `"`+strings.Repeat("b", 65)+`"`), "key_form"},
		{"payment_line", with(line, `no":1`, `no":0`), "key_form"},
		{"payment_line", with(line, `no":1`, `no":-1`), "key_form"},
		{"payment_line", with(line, `no":1`, `no":4294967296`), "key_form"},
		{"payment_line", with(line, `2021-12`, `2021-13`), "key_form"},
		{"payment_line", with(line, `2021-12`, `2021-12-01`), "key_form"},
		{"payment_line", with(line, `2021-12`, ``), "key_form"},
		{"payment_line", with(line, `:1}`, `:1,"period":"`+strings.Repeat("x", 401)+`"}`), "not_storable"},
		{"payment_line", with(line, `:1}`, `:1,"credit_no":"a\u0000b"}`), "not_storable"},
		{"payment_line", with(line, `:1}`, `:1,"credited_at":"0000-01-01T00:00:00Z"}`), "not_storable"},
		{"batch", `{"id":"b1","ledger_month":"2021-00"}`, "key_form"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","count":-1}`, "figures"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","total_fen":-1}`, "figures"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","lines_by":"stream","state":"announced"}`, ""},
		{"batch", `{"id":"b1","ledger_month":"2021-12","lines_by":"feed","state":"withdrawn"}`, ""},
		{"batch", `{"id":"b1","ledger_month":"2021-12"}`, ""},
		{"batch", `{"id":"b1","ledger_month":"2021-12","lines_by":"streamed"}`, "word_unknown"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","lines_by":"file"}`, "word_unknown"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","state":"Withdrawn"}`, "word_unknown"},
		{"batch", `{"id":"b1","ledger_month":"2021-12","posting":{"place":"x","from":"2021-02-30"}}`, "date_form"},
		{"batch", `{"id":"","ledger_month":"2021-12"}`, "reference_missing"},
		{"payee", `{"person_ref":""}`, "reference_missing"},
		{"payee", `{"person_ref":"p","registered_on":"x"}`, "date_form"},
		{"programme", `{"code":"P01","programme_version":0}`, "reference_missing"},
		{"programme", `{"code":"P01","programme_version":1,"valid_from":"2021-02-30"}`, "date_form"},
		{"programme", `{"code":"P01","programme_version":1,"onboarded":[{"district":"410303","from":"99"}]}`, "date_form"},
	} {
		e := g.payments.Read(mirror.Event{Entity: c.entity, Raw: []byte(c.data)})
		require.Equal(t, c.bad, e.Bad, "%s %s", c.entity, c.data)
	}
	l, err := wireLine{wireLineKey: wireLineKey{"2021-12", "b1", 1}, PayeeRef: "p", AccountTail: "6217001234567890123", ReissueOf: &wireLineKey{"x", "y z", 0}}.line()
	require.NoError(t, err)
	require.Equal(t, "0123", l.AccountTail, "never more of an account than its tail")
	require.Empty(t, l.ReissueOf)
}

func TestR12_ARepeatedEventIsTheSameFact(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.payments, "")
	out := g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang", Programme: "23", Times: 3})
	events, _ := readAll(t, g.payments, end)
	credited := 0
	for _, e := range events {
		if l, ok := e.Fact.(subsidy.Line); ok && l.State == subsidy.Credited {
			credited++
			require.Equal(t, out["line_id"], e.EntityID)
			require.Equal(t, "P23", l.Programme)
		}
	}
	require.Equal(t, 3, credited)
}
