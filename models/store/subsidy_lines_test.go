package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

func tenant(ref, home models.PersonRef) citizen.PersonFact {
	return citizen.PersonFact{Ref: ref, HouseholdRef: string(home), IsHead: true}
}

func TestAnAbsurdAmountIsHeldAndCountsNowhere(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		amounts := map[string]models.Fen{"zero": 0, "minus": -1, "least": math.MinInt64, "most": math.MaxInt64, "more": 1_000_000_001}
		for batch, fen := range amounts {
			p.arrive(p.paid("wang", batch, func(l *subsidy.Line) { l.AmountFen = fen }))
		}
		p.arrive(p.paid("wang", "fine", func(l *subsidy.Line) { l.AmountFen = 1 }))
		holds := p.holds()
		require.Len(t, holds, len(amounts))
		for batch := range amounts {
			require.Equal(t, subsidy.HoldAmount, holds[batch], batch)
		}
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.Len(t, p.notices("wang"), 1)
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, models.Fen(1), years[0].AmountFen)
	})
}

func TestALineOfAnUnknownProgrammeIsLetGoWhenTheProgrammeComes(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		const many = 1100 // more than one slice
		lines := make([]subsidy.Line, 0, many)
		for i := range many {
			lines = append(lines, p.paid("wang", "early", of("P07"), func(l *subsidy.Line) {
				l.Key.Line, l.ChangedAt = i+1, p.HistoryFrom.Add(-time.Hour)
			}))
		}
		lines[0].ChangedAt = p.clock.Now() // one of them is news
		wrong := p.paid("wang", "wrong", of("P07"), func(l *subsidy.Line) { l.BeneficiaryRef = "zhao" })
		p.arrive(append(lines, wrong)...)
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Empty(t, p.notices("wang"))

		other := listed("P07", 7, "学前教育生活补助", subsidy.SensitivityNormal)
		other.Edition = 2 // not the edition they name
		p.list(other)
		require.Empty(t, p.shown("wang", 2021).Items)
		p.list(listed("P07", 7, "学前教育生活补助", subsidy.SensitivityNormal))
		require.Equal(t, map[string]subsidy.Hold{"wrong": subsidy.HoldPayeeMismatch}, p.holds(), "looked at again, not just let go")
		page := p.shown("wang", 2021)
		require.True(t, page.More)
		require.Equal(t, "学前教育生活补助", page.Items[0].Name)
		require.Len(t, p.notices("wang"), 1)
		require.Equal(t, "subsidy.payment.held subsidy.payment.let_go", p.audited(lines[0].Key))
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, many, years[0].Count)
	})
}

func TestWhatCannotBeTakenIsNamedAsTheFeedNamesIt(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		require.Equal(t, []string{"b1/1"}, p.arrive(p.paid("nobody", "b1"), p.paid("wang", "b2")))
		require.Len(t, p.shown("wang", 2021).Items, 1)
		orphans, err := p.ApplyPayees(t.Context(), []subsidy.Payee{{PersonRef: "nobody", Version: 1, ChangedAt: start}, {PersonRef: "wang", Version: 1, ChangedAt: start}})
		require.NoError(t, err)
		require.Equal(t, []string{"nobody"}, orphans)

		p.moveIn(citizen.PersonFact{Ref: "nobody"})
		require.Empty(t, p.arrive(p.paid("nobody", "b1")))
		require.Len(t, p.shown("nobody", 2021).Items, 1)
	})
}

func TestAPaymentNeverMoves(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		announced := func(id, month string, version int64) subsidy.Batch {
			return subsidy.Batch{ID: id, LedgerMonth: month, Programme: "P41", Edition: 1, Count: 1, TotalFen: 33_800, AnnouncedAt: start, ChangedAt: start, Version: version}
		}
		apply := func(list ...subsidy.Batch) []string {
			moved, err := p.ApplyBatches(t.Context(), list)
			require.NoError(t, err)
			return moved
		}
		december := func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-12" }
		november := func(l *subsidy.Line) { l.Key.LedgerMonth, l.Version = "2021-11", 9 }

		require.Empty(t, apply(announced("b1", "2021-12", 1), announced("b1", "2021-12", 1), announced("b2", "2021-12", 1)))
		require.Equal(t, []string{"b1"}, apply(announced("b1", "2021-11", 2), announced("b2", "2021-12", 2)))
		require.Empty(t, p.arrive(p.paid("wang", "b1", december)))
		require.Equal(t, []string{"b1/1"}, p.arrive(p.paid("wang", "b1", november)), "another month for a known batch")
		require.Len(t, p.shown("wang", 2021).Items, 1)

		// A line before its batch: the first word fixes the month.
		require.Equal(t, []string{"b3/2"}, p.arrive(p.paid("zhao", "b3", december), p.paid("zhao", "b3", november, func(l *subsidy.Line) { l.Key.Line = 2 })))
		require.Equal(t, []string{"b3"}, apply(announced("b3", "2021-11", 1)))
		require.Empty(t, apply(announced("b3", "2021-12", 1)), "the announcement fills in the rest")
		var total int64
		require.NoError(t, p.db.SQL().QueryRowContext(t.Context(), "SELECT total_fen FROM batches WHERE id = 'b3'").Scan(&total))
		require.EqualValues(t, 33_800, total)
		require.Len(t, p.shown("zhao", 2021).Items, 1)
	})
}

func TestAnOlderVersionChangesNothing(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"))
		late := p.paid("wang", "b1", sent)
		p.arrive(late)
		same := p.paid("wang", "b1", func(l *subsidy.Line) { l.AmountFen = 1 })
		p.arrive(same, late)
		items := p.shown("wang", 2021).Items
		require.Len(t, items, 1)
		require.Equal(t, subsidy.Credited, items[0].Payment.State)
		require.Equal(t, models.Fen(33_800), items[0].Payment.AmountFen)
		require.Len(t, p.notices("wang"), 1)

		line := p.paid("zhao", "b2")
		require.Empty(t, p.arrive(p.paid("zhao", "b2", sent), line, p.paid("zhao", "b2", sent)), "the newest of a page counts, in any order")
		require.Equal(t, "已到账", p.shown("zhao", 2021).Items[0].Label)
		d, err := p.Arrival(t.Context(), p.actor("zhao"), line.Key.String())
		require.NoError(t, err)
		got := d.Payment
		got.PersonID, got.BeneficiaryID, got.ReceivedAt = "", "", time.Time{}
		require.Equal(t, line.Payment, got, "what was told is what is kept, to the microsecond")
	})
}

func TestAMergedPersonKeepsEveryPayment(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "wang-old"}, citizen.PersonFact{Ref: "wang-older"})
		before := p.paid("wang-older", "b1")
		p.arrive(before)
		p.moveIn(citizen.PersonFact{Ref: "wang-older", MergedInto: "wang-old", Version: 2}, citizen.PersonFact{Ref: "wang-old", MergedInto: "wang", Version: 2})
		after := p.paid("wang-older", "b2", func(l *subsidy.Line) { l.BeneficiaryRef = "wang" }) // lines keep the reference they were paid under
		require.Empty(t, p.arrive(after))
		require.Empty(t, p.holds(), "one person under two references is no other payee")
		require.Len(t, p.shown("wang", 2021).Items, 2)
		_, err := p.Arrival(t.Context(), p.actor("wang"), before.Key.String())
		require.NoError(t, err)
		require.Len(t, p.notices("wang"), 1, "the one who can read it is told")
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, 2, years[0].Count)

		p.moveIn(citizen.PersonFact{Ref: "ring-a", MergedInto: "ring-b"}, citizen.PersonFact{Ref: "ring-b", MergedInto: "ring-a"})
		require.Empty(t, p.arrive(p.paid("ring-a", "b3")), "a ring of merges ends")
		require.Len(t, p.shown("ring-a", 2021).Items, 1)
	})
}

func TestPagesAreStableOverEqualMonths(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		var lines []subsidy.Line
		for i := range 23 {
			lines = append(lines, p.paid("wang", fmt.Sprintf("b%02d", i%5), func(l *subsidy.Line) { l.Key.Line = i + 1 }))
		}
		lines = append(lines, p.paid("wang", "older", func(l *subsidy.Line) { l.Key.LedgerMonth = "2021-11" }),
			p.paid("wang", "lastyear", func(l *subsidy.Line) { l.Key.LedgerMonth = "2020-12" }))
		p.arrive(lines...)
		seen := map[subsidy.Key]bool{}
		q := subsidy.ListQuery{Limit: 5}
		for pages := 1; ; pages++ {
			page, err := p.Arrivals(t.Context(), p.actor("wang"), q)
			require.NoError(t, err)
			for _, it := range page.Items {
				require.False(t, seen[it.Payment.Key])
				seen[it.Payment.Key] = true
				q.After = it.Payment.Key
			}
			if pages == 2 { // something newer comes meanwhile: the pages after stay as they were
				p.arrive(p.paid("wang", "z", func(l *subsidy.Line) { l.Key.Line = 99 }))
			}
			if !page.More {
				break
			}
			require.Len(t, page.Items, 5)
		}
		require.Len(t, seen, 24, "the year's, each once")
		require.Equal(t, "2021-11", q.After.LedgerMonth, "the oldest last")
	})
}

func TestAPageOfLinesCostsAFewStatements(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		cost := func(n int, batch string) int {
			lines := make([]subsidy.Line, n)
			for i := range lines {
				lines[i] = p.paid("wang", batch, func(l *subsidy.Line) { l.Key.Line = i + 1 })
				if i%2 == 0 {
					lines[i].BeneficiaryRef = "zhao" // half of them are held, half are told
				}
			}
			ctx, counted := p.db.CountStatements(t.Context())
			require.NoError(t, p.db.InTx(ctx, func(ctx context.Context) error {
				_, err := p.ApplyLines(ctx, lines)
				return err
			}))
			return counted.Statements()
		}
		few, page := cost(2, "few"), cost(500, "page")
		t.Log("statements for 2 and for 500 lines:", few, page)
		require.LessOrEqual(t, page, 17)
		require.LessOrEqual(t, page-few, 2, "chunks of one insert at most")
	})
}

func TestPartitionsAreMadeOnceByWhoeverComesFirst(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock)), clock)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		var lines []subsidy.Line
		for m := range 12 { // each in another order
			lines = append(lines, p.paid("wang", fmt.Sprintf("b%d-%d", i, m), func(l *subsidy.Line) {
				l.Key.LedgerMonth = fmt.Sprintf("2019-%02d", (m*(2*i+1))%12+1)
			}))
		}
		wg.Go(func() {
			for again := true; again; again = errors.Is(errs[i], models.ErrUnavailable) { // as a page comes again
				errs[i] = p.db.InTx(t.Context(), func(ctx context.Context) error {
					_, err := p.ApplyLines(ctx, lines)
					return err
				})
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	var parts int
	require.NoError(t, p.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM pg_inherits WHERE inhparent = 'payments'::regclass").Scan(&parts))
	require.Equal(t, 12, parts)
	err := p.db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := p.ApplyBatches(ctx, []subsidy.Batch{{ID: "x", LedgerMonth: "2021-13'", AnnouncedAt: start, ChangedAt: start}})
		return err
	})
	require.Error(t, err)
}

func TestAYearsListReadsItsOwnMonthsOnly(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock)), clock)
	for y := 2020; y <= 2021; y++ {
		for m := 1; m <= 12; m++ {
			p.arrive(p.paid("wang", fmt.Sprintf("b%d%02d", y, m), func(l *subsidy.Line) { l.Key.LedgerMonth = fmt.Sprintf("%d-%02d", y, m) }))
		}
	}
	plan := func(q string, args ...any) string {
		rows, err := p.db.SQL().QueryContext(t.Context(), "EXPLAIN "+q, args...)
		require.NoError(t, err)
		defer rows.Close()
		var out strings.Builder
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			out.WriteString(line + "\n")
		}
		require.NoError(t, rows.Err())
		return out.String()
	}
	// What PaymentsOf, Payment and SavePayments run; pages touched are held by TestAListTouchesAFewPagesOfItsOwnMonths.
	text, args := store.ArrivalsSQL(subsidy.ListQuery{Person: p.ids["wang"], From: "2021-01", To: "2021-12", After: subsidy.Key{LedgerMonth: "2021-06", BatchID: "b", Line: 1}, Limit: 21})
	year := plan(text, args...)
	require.Contains(t, year, "payments_2021_03")
	require.NotContains(t, year, "payments_2020")
	one := plan("SELECT * FROM payments WHERE person_id IN ($1) AND ledger_month = $2 AND batch_id = $3 AND line = $4", string(p.ids["wang"]), "2021-06", "b202106", 1)
	require.Contains(t, one, "payments_2021_06")
	require.NotContains(t, one, "payments_2021_07")
	page := plan("SELECT * FROM payments WHERE (ledger_month, batch_id, line) IN (($1,$2,$3),($4,$5,$6)) FOR UPDATE", "2021-06", "b202106", 1, "2021-05", "b202105", 1)
	require.Contains(t, page, "payments_2021_05")
	require.NotContains(t, page, "payments_2021_07")
}

func TestTheServiceRoleNeedsNoRightToMakeTables(t *testing.T) {
	t.Parallel()
	if !strings.Contains(os.Getenv(storetest.EnvPostgres), "://") {
		t.Skipf("%s is not a URL", storetest.EnvPostgres)
	}
	dsn := storetest.ClonePostgres(t)
	connect := func(dsn string) *store.DB {
		cfg := storetest.Config()
		cfg.Driver, cfg.DSN = store.Postgres, dsn
		db, err := store.Open(t.Context(), cfg)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		return db
	}
	owner := connect(dsn)
	role := "onecard_role_" + strings.ReplaceAll(string(models.NewID()), "-", "")
	run := func(db *store.DB, statement string) error {
		_, err := db.SQL().ExecContext(context.WithoutCancel(t.Context()), statement)
		return err
	}
	require.NoError(t, run(owner, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'for-this-test'", role)))
	t.Cleanup(func() {
		require.NoError(t, run(owner, "DROP OWNED BY "+role))
		require.NoError(t, run(owner, "DROP ROLE "+role))
	})
	require.NoError(t, owner.Grant(t.Context(), role))
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.UserPassword(role, "for-this-test")
	service := connect(u.String())

	clock := models.NewManualClock(start)
	p := newPayday(t, service, clock)
	p.arrive(p.paid("wang", "b1"))
	require.Len(t, p.shown("wang", 2021).Items, 1)
	src := p.streaming()
	p.announce(src, p.lines("b2", 3, in("2022-03")))
	p.takeAll()
	require.Equal(t, 3, p.stored("b2"), "a month may begin with a whole batch")
	require.ErrorContains(t, run(service, "INSERT INTO payments_2022_03 SELECT * FROM payments"), "42501")

	// An owner that is no superuser, as in production, may let the planner know a month.
	plain := role + "_owner"
	for _, statement := range []string{
		"CREATE ROLE " + plain, "GRANT CREATE ON SCHEMA public TO " + plain, "SELECT make_payments_partition('2022-05')",
		"INSERT INTO payments SELECT (jsonb_populate_record(p, '{\"ledger_month\": \"2022-05\"}')).* FROM payments p WHERE ledger_month = '2022-03'",
		"ALTER TABLE payments_2022_05 OWNER TO " + plain, "ALTER FUNCTION know_payments_partition(text) OWNER TO " + plain,
	} {
		require.NoError(t, run(owner, statement), statement)
	}
	t.Cleanup(func() {
		require.NoError(t, run(owner, "DROP OWNED BY "+plain+" CASCADE"))
		require.NoError(t, run(owner, "DROP ROLE "+plain))
	})
	require.NoError(t, run(service, "SELECT know_payments_partition('2022-05')"))
	var known int
	require.NoError(t, owner.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stats WHERE tablename = 'payments_2022_05' AND attname = 'hold'").Scan(&known))
	require.Equal(t, 1, known)
	require.ErrorContains(t, run(service, "CREATE TABLE mine (x int)"), "42501")
	require.Error(t, run(service, "SELECT begin_payments_partition('2021-12''; DROP TABLE payments')"))
	other := role + "_x"
	require.NoError(t, run(owner, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'for-this-test'", other)))
	t.Cleanup(func() { require.NoError(t, run(owner, "DROP ROLE "+other)) })
	u.User = url.UserPassword(other, "for-this-test")
	stranger := connect(u.String())
	for _, f := range []string{"make", "begin", "end"} {
		require.ErrorContains(t, run(stranger, "SELECT "+f+"_payments_partition('2022-05')"), "42501")
	}
	require.Error(t, run(service, "SELECT make_payments_partition('2021-12''; DROP TABLE payments')"))
}
