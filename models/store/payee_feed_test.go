package store_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/citizen"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// lineFeed is the payments source with one event a page; an event's body is the number of its line.
type lineFeed struct{ lines []subsidy.Line }

func (*lineFeed) Name() string { return "payments" }

func (f *lineFeed) Read(e mirror.Event) mirror.Event {
	n, err := strconv.Atoi(string(e.Raw))
	if err != nil {
		e.Bad = "data_malformed"
		return e
	}
	e.Fact = f.lines[n]
	return e
}

func (f *lineFeed) Page(_ context.Context, cursor string, _ int) (mirror.Page, error) {
	n := len(cursor)
	if n == len(f.lines) {
		return mirror.Page{Next: cursor, AsOf: start}, nil
	}
	l := f.lines[n]
	e := mirror.Event{Entity: "payment_line", EntityID: l.Key.BatchID + "/" + strconv.Itoa(l.Key.Line), Version: l.Version, Raw: []byte(strconv.Itoa(n))}
	return mirror.Page{Events: []mirror.Event{f.Read(e)}, Next: cursor + "x", AsOf: start, More: true}, nil
}

// feed reads this source into the rig.
func (p *payday) feed() *mirror.Service {
	apply := func(ctx context.Context, events []mirror.Event) ([]string, error) {
		list := make([]subsidy.Line, len(events))
		for i, e := range events {
			list[i] = e.Fact.(subsidy.Line)
		}
		return p.ApplyLines(ctx, list)
	}
	return &mirror.Service{Store: p.db.Feeds(), Appliers: map[string]mirror.Applier{"payment_line": apply}, Order: []string{"payment_line"},
		Clock: p.clock, Log: slog.New(slog.DiscardHandler), Watch: nobodyReads{}, PageSize: 10}
}

func (p *payday) pullAll(s *mirror.Service, f *lineFeed) {
	p.t.Helper()
	for more := true; more; {
		var err error
		more, err = s.Pull(p.t.Context(), f)
		require.NoError(p.t, err)
	}
}

// retried lets parked events be tried again, for some hours.
func (p *payday) retried(s *mirror.Service, f *lineFeed) {
	p.t.Helper()
	for range 5 {
		p.clock.Advance(2 * time.Hour)
		_, err := s.RetryParked(p.t.Context(), f, 10)
		require.NoError(p.t, err)
	}
}

func v(n int64) func(*subsidy.Line) { return func(l *subsidy.Line) { l.Version = n } }

// A line that waits for a stranger does not keep the correction away that gives it back.
func TestR3_ANewerVersionEndsAnUnknownPayee(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		f := &lineFeed{lines: []subsidy.Line{p.paid("wang", "f1"), p.paid("stranger", "f1", v(6))}}
		s := p.feed()
		p.pullAll(s, f)
		require.Equal(t, map[string]subsidy.Hold{"f1": subsidy.HoldPayeeUnknown}, p.holds())
		f.lines = append(f.lines, p.paid("wang", "f1", v(7)))
		p.pullAll(s, f)
		require.Len(t, p.shown("wang", 2021).Items, 1, "at once")
		require.Equal(t, map[notice.Kind]int{notice.Arrival: 1}, p.kinds("wang"))
		p.retried(s, f)
		require.Zero(t, p.count("SELECT count(*) FROM parked_events"), "what it said is stale")
		p.moveIn(citizen.PersonFact{Ref: "stranger"})
		p.retried(s, f)
		require.Empty(t, p.shown("stranger", 2021).Items)
		require.Len(t, p.shown("wang", 2021).Items, 1)
	})
}

// So does one that was parked behind it, as by a release before this one, or behind an event nobody could read.
func TestR3_AVersionParkedBehindAnUnknownPayeeIsTriedToo(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		f := &lineFeed{lines: []subsidy.Line{p.paid("wang", "f1"), p.paid("stranger", "f1", v(6)), p.paid("wang", "f1", v(7))}}
		s := p.feed()
		for range 2 {
			_, err := s.Pull(t.Context(), f)
			require.NoError(t, err)
		}
		e := mirror.Event{Entity: "payment_line", EntityID: "f1/1", Version: 7, Raw: []byte("2")}
		require.NoError(t, p.db.Feeds().Park(t.Context(), "payments", e, "behind_parked", p.clock.Now(), p.clock.Now()))
		p.retried(s, f)
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.Zero(t, p.count("SELECT count(*) FROM parked_events"))
	})
}

// A batch announced again is a newer word than the line that waits from the time before.
func TestR3_ANewerAnnouncementEndsAnUnknownPayee(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		first := p.lines("b1", 2)
		p.announce(src, first)
		p.takeAll()
		again := payTo(first, 2, "stranger", 9)
		again[1].Raw = []byte("0")
		p.announce(src, again, version(2))
		p.takeAll()
		require.Len(t, p.shown("wang", 2021).Items, 1)
		p.announce(src, payTo(first, 2, "wang", 10), version(3))
		p.takeAll()
		require.Len(t, p.shown("wang", 2021).Items, 2)
		f := &lineFeed{lines: []subsidy.Line{again[1]}}
		s := p.feed()
		p.retried(s, f)
		require.Zero(t, p.count("SELECT count(*) FROM parked_events"))
	})
}

// What a comparison finds to be a newer stranger's waits for the person like an event; under the version that stands it
// waits for the next comparison.
func TestR3_AStrangersLineFoundByAComparisonWaitsForThePerson(t *testing.T) {
	t.Parallel()
	eachComparison(t, func(t *testing.T, p *payday, o *otherSide, _ *alarms) {
		newer, same := o.lines[subsidy.Key{LedgerMonth: "2021-12", BatchID: "b0", Line: 1}], o.lines[subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 1}]
		newer.PayeeRef, newer.BeneficiaryRef, newer.Version, newer.Raw = "stranger", "stranger", 9, []byte("0")
		same.PayeeRef, same.BeneficiaryRef = "stranger", "stranger"
		o.put(newer, same)
		for range 2 { // nights
			got := p.compare()
			require.Equal(t, []int{2, 0, 2}, []int{got.Found, got.Repaired, got.Left})
			require.Equal(t, 2, p.count("SELECT count(*) FROM payments WHERE hold = 'PAYEE_UNKNOWN'"))
			require.Equal(t, 1, p.count("SELECT count(*) FROM parked_events WHERE entity_id = 'b0/1' AND version = 9"))
			require.Equal(t, 1, p.count("SELECT count(*) FROM parked_events"))
		}
		p.moveIn(citizen.PersonFact{Ref: "stranger"})
		p.retried(p.feed(), &lineFeed{lines: []subsidy.Line{newer}})
		require.Zero(t, p.count("SELECT count(*) FROM parked_events"))
		require.Len(t, p.shown("stranger", 2021).Items, 1)
		require.Equal(t, 1, p.compare().Repaired)
		require.Len(t, p.shown("stranger", 2021).Items, 2)
	})
}

var _ mirror.Source = (*lineFeed)(nil)
