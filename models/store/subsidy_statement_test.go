package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// paper prints a sheet as text.
type paper struct {
	mu   sync.Mutex
	last subsidy.Sheet
	err  error
}

func (p *paper) Print(_ context.Context, sheet subsidy.Sheet) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = sheet
	return []byte(fmt.Sprint(sheet)), p.err
}

// withPrinter gives the street a printer and wang a name and a number.
func (p *payday) withPrinter() *paper {
	p.t.Helper()
	out := &paper{}
	p.Printer, p.CheckAddress = out, "https://card.example/v1/statement-checks/"
	name, err := models.ParseName("王瀍明")
	require.NoError(p.t, err)
	number, err := models.ParseIDNumber("410303198001010015", p.clock.Now())
	require.NoError(p.t, err)
	p.moveIn(citizen.PersonFact{Ref: "wang", Name: name, IDNumber: number, Version: 2})
	return out
}

func (p *payday) issued() (n int) {
	p.t.Helper()
	require.NoError(p.t, p.db.SQL().QueryRowContext(p.t.Context(), "SELECT count(*) FROM statements").Scan(&n))
	return n
}

func TestAStatementOfTheSameFactsIsOneStatementThatAnybodyCanVerify(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		out := p.withPrinter()
		p.arrive(p.paid("wang", "b1"), p.paid("wang", "b2", returnedFor("ACCOUNT_INACTIVE")), p.paid("zhao", "b3"),
			p.paid("wang", "b4", func(l *subsidy.Line) { l.SentAt = time.Time{} }), // held: not the payee's to see
			p.paid("wang", "b5", func(l *subsidy.Line) { l.Key.LedgerMonth, l.OldChannel = "2021-05", true }))
		f, err := p.PrintStatement(t.Context(), p.actor("wang"), 2021)
		require.NoError(t, err)
		require.Len(t, out.last.Rows, 2)
		require.Equal(t, 1, f.Statement.Count)
		require.Equal(t, models.Fen(33_800), f.Statement.TotalFen)
		require.Contains(t, out.last.Totals[0], "合计338.00元")
		require.Contains(t, string(f.PDF), "尾号1234")

		p.clock.Advance(time.Hour)
		again, err := p.PrintStatement(t.Context(), p.fresh("wang"), 2021)
		require.NoError(t, err)
		require.Equal(t, f.Statement, again.Statement)
		require.Equal(t, 1, p.issued())
		entries, err := p.db.AuditOf(t.Context(), "statements", string(f.Statement.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "subsidy.statement.issued", entries[0].Action)

		check, err := p.CheckStatement(t.Context(), strings.ToLower(subsidy.ShowCheckCode(f.Statement.Code)))
		require.NoError(t, err)
		require.Equal(t, f.Statement, check.Statement)
		require.Equal(t, "王**", check.Holder)
		for _, wrong := range []string{"", "x", f.Statement.Code[1:] + "0", subsidy.NewCheckCode(), "' OR 1=1 --", "汉字\x00"} {
			_, err = p.CheckStatement(t.Context(), wrong)
			require.ErrorIs(t, err, subsidy.ErrStatementUnknown, wrong)
		}

		p.arrive(p.paid("wang", "b6"))
		newer, err := p.PrintStatement(t.Context(), p.actor("wang"), 2021)
		require.NoError(t, err)
		require.NotEqual(t, f.Statement.Code, newer.Statement.Code, "other facts are another statement")
		check, err = p.CheckStatement(t.Context(), f.Statement.Code)
		require.NoError(t, err)
		require.Equal(t, 1, check.Count, "the old one stays what it was")

		var row string
		require.NoError(t, p.db.SQL().QueryRowContext(t.Context(), "SELECT digest FROM statements LIMIT 1").Scan(&row))
		require.Len(t, row, 64)
	})
}

func TestR54_AStatementNamesInFullOnlyAfterAFreshCheck(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		out := p.withPrinter()
		p.arrive(p.paid("wang", "b1", of("P23")), p.paid("wang", "b2", of("P26"), func(l *subsidy.Line) { l.PayeeKind = subsidy.ToIndividual }))
		f, err := p.PrintStatement(t.Context(), p.actor("wang"), 2021)
		require.NoError(t, err)
		require.False(t, f.Full)
		text := fmt.Sprint(out.last)
		for _, hidden := range []string{"艾滋", "最低生活", "王瀍明", "19800101"} {
			require.NotContains(t, text, hidden)
		}
		// Were P26 named, P23 were the one that is not. As a word: four letters of a check code may hold the three.
		require.NotRegexp(t, `\bP2[36]\b`, text)
		require.Contains(t, text, "王*明")
		require.Contains(t, text, "410***********0015")

		f, err = p.PrintStatement(t.Context(), p.fresh("wang"), 2021)
		require.NoError(t, err)
		require.True(t, f.Full)
		text = fmt.Sprint(out.last)
		require.Contains(t, text, "艾滋病患者生活定量补助")
		require.Contains(t, text, "城乡居民最低生活保障")
		require.Contains(t, text, "王瀍明")
		require.NotContains(t, text, "19800101", "the number stays masked")
		require.Equal(t, 1, p.issued(), "how it is named is no other fact")

		low := p.actor("wang")
		low.Level = models.LevelPhone
		_, err = p.PrintStatement(t.Context(), low, 2021)
		require.Equal(t, models.Forbidden, models.KindOf(err))
		for _, year := range []int{1999, 2022, 0} {
			_, err = p.PrintStatement(t.Context(), p.actor("wang"), year)
			require.ErrorIs(t, err, subsidy.ErrYear)
		}
		out.err = subsidy.ErrNoGlyph
		_, err = p.PrintStatement(t.Context(), p.actor("wang"), 2021)
		require.ErrorIs(t, err, subsidy.ErrStatementGlyph)
	})
}

func TestManyWhoAskAtOnceGetOneStatement(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.withPrinter()
		p.arrive(p.paid("wang", "b1"))
		by, ctx := p.actor("wang"), t.Context()
		codes := make([]string, 8)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				f, err := p.PrintStatement(ctx, by, 2021)
				if err != nil {
					t.Error(err)
				}
				codes[i] = f.Statement.Code
			})
		}
		all.Wait()
		for _, c := range codes {
			require.Equal(t, codes[0], c)
		}
		require.Equal(t, 1, p.issued())
		var entries int
		require.NoError(t, p.db.SQL().QueryRowContext(ctx, "SELECT count(*) FROM audit_entries WHERE action = 'subsidy.statement.issued'").Scan(&entries))
		require.Equal(t, 1, entries)
	})
}

func TestAStatementOfAYearWithoutPaymentsAndOneThatIsTooLong(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		out := p.withPrinter()
		f, err := p.PrintStatement(t.Context(), p.actor("wang"), 2020)
		require.NoError(t, err)
		require.Zero(t, f.Statement.Count)
		require.Empty(t, out.last.Rows)
		require.Contains(t, fmt.Sprint(out.last), "旧渠道", "R13")

		var lines []subsidy.Line
		for i := range 1001 {
			lines = append(lines, p.paid("wang", "b1", func(l *subsidy.Line) { l.Key.Line = i + 1 }))
		}
		p.arrive(lines...)
		_, err = p.PrintStatement(t.Context(), p.actor("wang"), 2021)
		require.ErrorIs(t, err, subsidy.ErrStatementTooLong)
		require.Equal(t, 1, p.issued())
	})
}
