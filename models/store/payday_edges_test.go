package store_test

import (
	"strconv"
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

func TestABrokenLoadStaysUnseenWhenTheNextAnnouncementIsHeld(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 3)
		p.announce(src, lines)
		real := p.store
		p.Store = failing{real, func(step string) error {
			if step == "commit" { // SQLite has stored the lines by now
				return models.ErrUnavailable
			}
			return nil
		}}
		_, err := p.TakeBatches(t.Context())
		require.Error(t, err)
		p.Store = real
		p.announce(src, lines, version(2), func(b *subsidy.Batch) { b.TotalFen++ })
		p.takeAll()
		require.Equal(t, subsidy.BatchHeld, p.life("b1").State)
		require.Empty(t, p.shown("wang", 2021).Items, "nothing half-applied")
		require.Empty(t, p.holds())
		p.announce(src, lines, version(3))
		p.takeAll()
		require.Len(t, p.shown("wang", 2021).Items, 3)
	})
}

// The page that lists the item commits while the load waits for it: neither sees the other's rows before.
func TestAProgrammeListedWhileALoadWaitsForTheFeedLetsItsLinesGo(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock)), clock)
	src := p.streaming()
	var once sync.Once
	p.Store = failing{p.store, func(step string) error {
		if step == "data_seq" {
			once.Do(func() { p.list(listed("P99", 0, "新补贴", subsidy.SensitivityNormal)) })
		}
		return nil
	}}
	p.announce(src, p.lines("b1", 2, of("P99")))
	p.takeAll()
	p.tellAll()
	require.Empty(t, p.holds())
	require.Len(t, p.notices("wang"), 2)
}

func TestAFileThatWasMendedIsReadAgain(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 2)
		src.lines["b1"] = lines
		b := batchOf(p.clock.Now(), lines)
		b.LinesBy, b.Digest = subsidy.ByFile, ""
		real := p.store
		p.Store = failing{real, func(step string) error {
			if step == "load" {
				return models.ErrUnavailable
			}
			return nil
		}}
		_, err := p.TakeBatch(t.Context(), b, src, subsidy.TakeOptions{})
		require.Error(t, err)
		p.Store = real
		mended := p.lines("b1", 2)
		mended[1].PayeeRef, mended[1].BeneficiaryRef = "zhao", "zhao" // the same count and the same total
		src.lines["b1"] = mended
		_, err = p.TakeBatch(t.Context(), b, src, subsidy.TakeOptions{})
		require.NoError(t, err)
		require.Len(t, p.shown("zhao", 2021).Items, 1, "the file is at hand: a spool of what stood in it before is not")
		require.Len(t, p.shown("wang", 2021).Items, 1)
	})
}

func TestALineThatNoRowCanHoldCondemnsItsBatch(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		var odd strings.Builder
		for n := range 2000 { // hard to press
			odd.WriteString(string(models.NewID())[n%8 : 36])
		}
		p.announce(src, p.lines("b1", 1, func(l *subsidy.Line) { l.Period = odd.String() }))
		p.takeAll()
		require.Equal(t, subsidy.BatchUnreadable, p.life("b1").Reason)
		require.Equal(t, []string{"0 BATCH_LINE_UNREADABLE", "1 BATCH_LINE_UNREADABLE"}, p.report("b1"))
	})
}

func TestALoadWaitsForALongPageOfTheFeed(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	p := newPayday(t, storetest.OpenPostgres(t, storetest.WithClock(clock), storetest.With(func(c *store.Config) { c.LockTimeout = time.Millisecond })), clock)
	src := p.streaming()
	p.announce(src, p.lines("b1", 2))
	_, err := p.store.NextDataSeq(t.Context()) // makes the row
	require.NoError(t, err)
	page, err := p.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = page.ExecContext(t.Context(), "UPDATE feed_cursors SET data_seq = data_seq WHERE source = 'payments'")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := p.TakeBatches(t.Context())
		ended <- err
	}()
	for waited := 0; waited < 50; { // looks, each longer than the wait for any other lock
		waited += min(1, p.count("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()"))
		select {
		case err := <-ended:
			require.NoError(t, err)
			t.Fatal("it did not wait")
		default:
		}
	}
	require.NoError(t, page.Commit())
	require.NoError(t, <-ended)
	require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
}

// A dead person's record goes on changing; that moves the day of the death for nobody.
func TestMoneyAfterADeathIsHeldWhateverChangesAfterwards(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.moveIn(citizen.PersonFact{Ref: "late"})
		say := func(version int64, at time.Time, status citizen.LivingStatus) {
			fact := citizen.PersonFact{Ref: "late", Version: version, LivingStatus: status, ChangedAt: at, District: "41030" + strconv.FormatInt(version, 10)}
			_, err := p.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{fact}, p.clock.Now())
			require.NoError(t, err)
		}
		days := func(n int) time.Time { return p.clock.Now().AddDate(0, 0, -n) }
		hold := func(batch string, credited time.Time) subsidy.Hold {
			p.arrive(p.paid("late", batch, func(l *subsidy.Line) { l.CreditedAt, l.SentAt = credited, credited.Add(-time.Hour) }))
			return p.holds()[batch]
		}
		say(2, days(10), citizen.Deceased)
		say(3, days(4), citizen.Deceased)
		say(4, days(1), citizen.Deceased)
		require.Equal(t, subsidy.HoldDeceased, hold("after", days(7)))
		require.Equal(t, subsidy.HoldNone, hold("lifetime", days(12)), "what came before stays the family's to see")
		require.Len(t, p.notices("late"), 1, "nobody is told of the other")

		_, err := p.db.SQL().ExecContext(t.Context(), "UPDATE persons SET deceased_at = NULL WHERE ref = 'late'")
		require.NoError(t, err) // written by a release that did not know the column
		require.Equal(t, subsidy.HoldNone, hold("older", days(2)), "then its last change is all that is known")
		say(5, days(0), citizen.Deceased)
		require.Equal(t, subsidy.HoldDeceased, hold("then", days(1)))
		say(6, days(0), citizen.Alive) // a mistake of the register
		require.Equal(t, subsidy.HoldNone, hold("alive", days(1)))
	})
}
