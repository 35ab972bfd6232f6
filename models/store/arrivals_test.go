package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// outdatedNow remembers whose ready answers were outdated.
type outdatedNow struct {
	mu      sync.Mutex
	handles []string
	err     error
}

func (o *outdatedNow) Outdate(_ context.Context, handles []string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handles = append(o.handles, handles...)
	return o.err
}

// told answers what was outdated since the last look, as people.
func (p *payday) told(o *outdatedNow) []string {
	p.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, h := range o.handles {
		var ref string
		require.NoError(p.t, p.db.SQL().QueryRowContext(p.t.Context(), "SELECT ref FROM persons WHERE handle = '"+h+"'").Scan(&ref))
		out = append(out, ref)
	}
	o.handles = nil
	slices.Sort(out)
	return slices.Compact(out)
}

func in(month string) func(*subsidy.Line) {
	return func(l *subsidy.Line) { l.Key.LedgerMonth = month }
}

func TestTheRecentViewIsThisLedgerMonthAndTheOneBefore(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		for _, month := range []string{"2021-09", "2021-10", "2021-11", "2021-12", "2020-12"} {
			p.arrive(p.paid("wang", "b"+month, in(month)))
		}
		recent := p.shown("wang", 0)
		require.Equal(t, []string{"2021-12", "2021-11"}, months(recent))
		require.Equal(t, subsidy.Arrivals{From: "2021-11", To: "2021-12"}, subsidy.Arrivals{From: recent.From, To: recent.To, Year: recent.Year})
		require.Empty(t, recent.Note)
		require.Len(t, p.shown("wang", 2021).Items, 4)

		// At midnight in Luoyang the month turns; a page that was begun goes on in the months of the first.
		first, err := p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{Limit: 1})
		require.NoError(t, err)
		p.clock.Advance(time.Date(2021, 12, 31, 16, 0, 0, 0, time.UTC).Sub(p.clock.Now()))
		require.Equal(t, []string{"2021-12"}, months(p.shown("wang", 0)))
		next, err := p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{To: first.To, After: first.Items[0].Payment.Key, Limit: 5})
		require.NoError(t, err)
		require.Equal(t, []string{"2021-11"}, months(next))

		empty := p.shown("zhao", 0)
		require.Empty(t, empty.Items)
		require.Contains(t, empty.Note, "近两个月")
		require.Contains(t, empty.Note, "12333")
		_, err = p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{Year: 1999, Limit: 1})
		require.ErrorIs(t, err, subsidy.ErrYear)
		none, err := p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{To: "x' OR 1=1 --", Limit: 1})
		require.ErrorIs(t, err, subsidy.ErrYear)
		require.Empty(t, none.Items)
	})
}

func months(a subsidy.Arrivals) []string {
	var out []string
	for _, it := range a.Items {
		out = append(out, it.Payment.Key.LedgerMonth)
	}
	return out
}

func TestAListIsOneStatement(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"), p.paid("wang", "b2", func(l *subsidy.Line) { l.OldChannel, l.Key.LedgerMonth = true, "2021-02" }))
		p.shown("wang", 0) // the catalogue is known from here on
		for _, c := range []struct {
			who   models.PersonRef
			q     subsidy.ListQuery
			most  int
			cause string
		}{
			{"wang", subsidy.ListQuery{}, 1, ""},
			{"wang", subsidy.ListQuery{Year: 2021}, 1, subsidy.CausePaidByOldChannel},
			{"wang", subsidy.ListQuery{Year: 2021, Programme: "P41", State: subsidy.Credited}, 1, subsidy.CausePaidByOldChannel},
			{"wang", subsidy.ListQuery{Year: 2020}, 1, subsidy.CausePaidByOldChannel},
			{"zhao", subsidy.ListQuery{}, 1, ""},
			{"zhao", subsidy.ListQuery{Year: 2021}, 2, ""}, // why there is nothing is asked for
		} {
			ctx, cost := p.db.CountStatements(t.Context())
			c.q.Limit = 20
			page, err := p.Arrivals(ctx, p.actor(c.who), c.q)
			require.NoError(t, err)
			require.Equal(t, c.cause, page.Cause, "%v", c.q)
			require.LessOrEqual(t, cost.Statements(), c.most, "%s %v", c.who, c.q)
			require.Zero(t, cost.Commits())
		}
	})
}

func TestListsAreNarrowedByState(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"), p.paid("wang", "b2", sent), p.paid("wang", "b3", returnedFor("ACCOUNT_CLOSED")),
			p.paid("wang", "b4", func(l *subsidy.Line) { l.State = subsidy.Unknown }), p.paid("wang", "b5", func(l *subsidy.Line) { l.CreditedAt = time.Time{} }))
		for state, want := range map[subsidy.State]int{subsidy.Credited: 1, subsidy.Sent: 1, subsidy.Returned: 1, subsidy.Unknown: 2, subsidy.Planned: 0, "": 5} {
			page, err := p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{State: state, Limit: 20})
			require.NoError(t, err)
			require.Len(t, page.Items, want, state)
			require.Empty(t, page.Note, "that nothing stands in one state says nothing about the others")
		}
	})
}

func TestTheCatalogueOfListsIsReadAgainWhenItMoves(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"))
		other := &subsidy.Service{Store: p.store, Gate: p.Gate, Clock: p.clock, Log: p.Log} // another replica
		name := func(s *subsidy.Service) string {
			page, err := s.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{Limit: 1})
			require.NoError(t, err)
			return page.Items[0].Name
		}
		ground := func(s *subsidy.Service) string {
			g, err := s.GroundOfList(t.Context())
			require.NoError(t, err)
			return g.Mark
		}
		require.Equal(t, "就业补助", name(other))
		before := ground(other)
		require.Equal(t, before, ground(p.Service), "replicas speak of the same catalogue in the same words")
		secret := listed("P41", 41, "就业补助", subsidy.SensitivityHigh)
		secret.Version = 2
		p.list(secret)
		require.NotEqual(t, "就业补助", name(p.Service), "R55: here at once")
		require.NoError(t, other.Refresh(t.Context()))
		require.NotEqual(t, "就业补助", name(other), "R55: elsewhere with its next round")
		require.NotEqual(t, before, ground(other), "what was kept ready under the old names is not given")

		ctx, cost := p.db.CountStatements(t.Context())
		require.NoError(t, other.Refresh(ctx))
		require.Equal(t, 1, cost.Statements())
		p.clock.Advance(10 * time.Second) // a process without rounds reads by itself
		ctx, cost = p.db.CountStatements(t.Context())
		_, err := other.GroundOfList(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, cost.Statements())
	})
}

func TestChangedPaymentsOutdateTheReadyAnswersOfTheirPeople(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		o := &outdatedNow{}
		p.Ready = o
		p.arrive(p.paid("wang", "b1"), p.paid("zhao", "b2", of("P99")))
		require.Equal(t, []string{"wang", "zhao"}, p.told(o))
		p.arrive(p.paid("wang", "b1"))
		require.Empty(t, p.told(o), "an old version changes nothing")
		p.list(listed("P99", 0, "新项目", subsidy.SensitivityNormal))
		require.Equal(t, []string{"zhao"}, p.told(o), "a line let go")
		p.arrive(p.paid("zhao", "b1", func(l *subsidy.Line) { l.Version = 9 }))
		require.Equal(t, []string{"wang", "zhao"}, p.told(o), "the payee is another one: both")

		require.Error(t, p.inTx(func(ctx context.Context) error {
			if _, err := p.ApplyLines(ctx, []subsidy.Line{p.paid("wang", "b7")}); err != nil {
				return err
			}
			return errors.New("rolled back")
		}))
		require.Empty(t, p.told(o), "what was not committed outdates nothing")
		o.err = errors.New("redis is out")
		p.arrive(p.paid("wang", "b8"))
		require.Len(t, p.shown("wang", 0).Items, 1)
	})
}

func TestASliceOfABatchOutdatesItsPayees(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := func(n int) func(*subsidy.Line) { return func(l *subsidy.Line) { l.Key.Line = n } }
		p.arrive(p.paid("wang", "b1", line(1)), p.paid("zhao", "b1", line(2)), p.paid("zhao-wife", "b1", line(3)), p.paid("zhao-wife", "b2", line(1)))
		o := &outdatedNow{}
		p.Ready = o
		ctx, cost := p.db.CountStatements(t.Context())
		require.NoError(t, p.Invalidate(ctx, subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 2}))
		require.Equal(t, 1, cost.Statements())
		require.Equal(t, []string{"wang", "zhao"}, p.told(o))
		require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-11", BatchID: "b1", From: 1, To: 9}))
		require.Empty(t, p.told(o))
		o.err = errors.New("redis is out")
		require.Error(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 3, To: 3}), "the job comes again")
		o.err = nil
		p.told(o)

		// A payee merged while the batch was on its way gets her lines with the slice.
		_, err := p.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{{Ref: "zhao-wife", MergedInto: "wang", Version: 2, LivingStatus: citizen.Alive, ChangedAt: start}}, p.clock.Now())
		require.NoError(t, err)
		require.Len(t, p.shown("wang", 0).Items, 1)
		require.NoError(t, p.Invalidate(t.Context(), subsidy.InvalidateSlice{LedgerMonth: "2021-12", BatchID: "b1", From: 1, To: 3}))
		require.Len(t, p.shown("wang", 0).Items, 3)
		require.Contains(t, p.told(o), "wang")
	})
}

func TestPaymentsOfMergedRecordsBelongToWhoIsLeft(t *testing.T) {
	t.Parallel()
	merged := func(ref, into models.PersonRef, version int64) citizen.PersonFact {
		return citizen.PersonFact{Ref: ref, MergedInto: into, Version: version}
	}
	eachPayday(t, func(t *testing.T, p *payday) {
		o := &outdatedNow{}
		p.moveIn(citizen.PersonFact{Ref: "a"}, citizen.PersonFact{Ref: "b"}, citizen.PersonFact{Ref: "c"})
		p.arrive(p.paid("a", "b1"), p.paid("b", "b2"))
		p.Ready = o
		p.moveIn(merged("b", "c", 2))
		require.Equal(t, []string{"b", "c"}, p.told(o))
		p.moveIn(merged("a", "b", 2)) // the end of the chain came first
		require.Len(t, p.shown("c", 0).Items, 2)
		require.Empty(t, p.shown("a", 0).Items)
		p.arrive(p.paid("a", "b1", func(l *subsidy.Line) { l.Version = 9 }), p.paid("a", "b3")) // later versions, later lines
		require.Len(t, p.shown("c", 0).Items, 3)
		require.Empty(t, p.holds(), "payee and beneficiary moved together")

		// The one it became arrives last; what was paid meanwhile goes along.
		p.moveIn(citizen.PersonFact{Ref: "d"}, merged("d", "late", 2))
		p.arrive(p.paid("d", "b4"))
		require.Len(t, p.shown("d", 0).Items, 1)
		p.moveIn(citizen.PersonFact{Ref: "late"})
		require.Len(t, p.shown("late", 0).Items, 1)
		require.Empty(t, p.shown("d", 0).Items)

		// Of a ring the same one is left whoever is asked for, and nothing is lost or moved for ever.
		p.moveIn(citizen.PersonFact{Ref: "ring-a"}, citizen.PersonFact{Ref: "ring-b"}, citizen.PersonFact{Ref: "ring-c"})
		p.arrive(p.paid("ring-b", "b5"), p.paid("ring-c", "b6"))
		p.moveIn(merged("ring-a", "ring-b", 2), merged("ring-b", "ring-c", 2), merged("ring-c", "ring-a", 2))
		p.arrive(p.paid("ring-c", "b7"))
		require.Len(t, p.shown("ring-a", 0).Items, 3)
		p.told(o)
		p.moveIn(merged("ring-a", "ring-b", 3))
		require.Empty(t, p.told(o))

		list, err := p.db.AuditOf(t.Context(), "persons", string(p.ids["c"]))
		require.NoError(t, err)
		actions := 0
		for _, e := range list {
			if e.Action == "subsidy.payments.moved" {
				actions++
			}
		}
		require.Equal(t, 2, actions)
	})
}

// A merge and a page of payments to the merged record at the same time leave no line behind.
func TestAMergeBesideAPageOfPaymentsLeavesNoLineBehind(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		for round := range 8 {
			old, left := models.PersonRef(fmt.Sprintf("old-%d", round)), models.PersonRef(fmt.Sprintf("left-%d", round))
			p.moveIn(citizen.PersonFact{Ref: old}, citizen.PersonFact{Ref: left})
			var both sync.WaitGroup
			both.Go(func() {
				err := p.inTx(func(ctx context.Context) error {
					_, err := p.ApplyLines(ctx, []subsidy.Line{p.paid(old, fmt.Sprintf("b%d", round))})
					return err
				})
				if err != nil {
					t.Errorf("page: %v", err)
				}
			})
			both.Go(func() {
				fact := citizen.PersonFact{Ref: old, MergedInto: left, Version: 2, LivingStatus: citizen.Alive, ChangedAt: start}
				err := p.inTx(func(ctx context.Context) error {
					if _, err := p.db.Persons().ApplyPersons(ctx, []citizen.PersonFact{fact}, p.clock.Now()); err != nil {
						return err
					}
					return p.FollowMerges(ctx, []models.PersonRef{old})
				})
				if err != nil {
					t.Errorf("merge: %v", err)
				}
			})
			both.Wait()
			require.Len(t, p.shown(left, 0).Items, 1)
		}
	})
}

// What stood before payments were moved is moved by the migration: a chain to its end, a ring nowhere.
func TestTheMigrationMovesPaymentsOfMergedRecords(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "a"}, citizen.PersonFact{Ref: "b"}, citizen.PersonFact{Ref: "c"}, citizen.PersonFact{Ref: "lost"})
		p.arrive(p.paid("a", "b1"), p.paid("b", "b2"), p.paid("lost", "b3"), p.paid("wang", "b4"))
		_, err := p.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{
			{Ref: "a", MergedInto: "b", Version: 2}, {Ref: "b", MergedInto: "c", Version: 2}, {Ref: "lost", MergedInto: "nobody", Version: 2},
		}, p.clock.Now())
		require.NoError(t, err)
		require.Empty(t, p.shown("c", 0).Items)

		file, err := os.ReadFile("migrations/" + string(p.db.Driver()) + "/0014_hot_read.sql")
		require.NoError(t, err)
		_, move, found := strings.Cut(string(file), "DROP INDEX payments_person;")
		require.True(t, found)
		conn, err := p.db.SQL().Conn(t.Context())
		require.NoError(t, err)
		_, err = conn.ExecContext(t.Context(), move)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.Len(t, p.shown("c", 0).Items, 2)
		require.Len(t, p.shown("lost", 0).Items, 1)
		require.Len(t, p.shown("wang", 0).Items, 1)
		var apart int
		require.NoError(t, p.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM payments WHERE person_id <> beneficiary_id").Scan(&apart))
		require.Zero(t, apart)
	})
}
