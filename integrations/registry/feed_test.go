package registry

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// readAll pulls a source from a cursor to its end.
func readAll(t *testing.T, src mirror.Source, cursor string) (events []mirror.Event, end string) {
	t.Helper()
	for {
		p, err := src.Page(t.Context(), cursor, 1000)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Events), 1000)
		require.False(t, p.AsOf.IsZero())
		events, cursor = append(events, p.Events...), p.Next
		if !p.More {
			return events, cursor
		}
	}
}

func countFacts(t *testing.T, events []mirror.Event) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, e := range events {
		require.Empty(t, e.Bad, "%s", e.Entity)
		switch e.Fact.(type) {
		case policy.Bank:
			count["bank"]++
		case policy.Outlet:
			count["outlet"]++
			require.NotEmpty(t, e.Fact.(policy.Outlet).Opening, "R19: hours for a machine")
			count[string(e.Fact.(policy.Outlet).Kind)]++
		case citizen.PersonFact:
			count["person"]++
		case card.Fact:
			count["card"]++
		case card.ApplicationFact:
			count["application"]++
		case subsidy.Programme:
			count["programme"]++
		case subsidy.Payee:
			count["payee"]++
		case subsidy.Office:
			count["office"]++
		case subsidy.Declaration:
			count["declaration"]++
		case subsidy.Batch:
			count["batch"]++
		case subsidy.Line:
			count["payment_line"]++
		default:
			require.Fail(t, "unread entity", e.Entity)
		}
	}
	return count
}

// One suite for every way of reading a source whole: by feed, and by snapshot.
func TestTheWholeCityIsReadable(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"", mirror.SnapshotStart} {
		t.Run("from "+from, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, Options{})
			events, end := readAll(t, g.cards, from)
			count := countFacts(t, events)
			require.GreaterOrEqual(t, count["person"], 2000)
			require.Greater(t, count["card"], 1500)
			require.NotZero(t, count["bank"]*count["outlet"]*count["application"])
			require.Equal(t, 14, count["hospital"])
			require.Equal(t, 14, count["pharmacy"])
			pays, paysEnd := readAll(t, g.payments, from)
			count = countFacts(t, pays)
			require.Equal(t, 46, count["programme"])
			require.NotZero(t, count["payee"]*count["batch"]*count["office"]*count["declaration"])
			require.Greater(t, count["payment_line"], 3000)
			for _, e := range pays {
				if l, ok := e.Fact.(subsidy.Line); ok {
					require.NotEqual(t, subsidy.Unknown, l.State)
				}
			}

			_, err := g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang", 1), nil)
			require.NoError(t, err)
			news, _ := readAll(t, g.cards, end)
			require.Len(t, news, 1, "then only what changes")
			news, _ = readAll(t, g.payments, paysEnd)
			require.Empty(t, news)
		})
	}
}

func TestCursorTooOldLeadsToASnapshot(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.cards, "")
	g.happen(sandbox.Happening{Kind: "change_phone", Citizen: "wang", Phone: "13900001111"})
	g.happen(sandbox.Happening{Kind: "trim_feed", Target: "cards"})
	_, err := g.cards.Page(t.Context(), end, 10)
	require.ErrorIs(t, err, mirror.ErrCursorTooOld)
	p, err := g.cards.Page(t.Context(), mirror.SnapshotStart, 7)
	require.NoError(t, err)
	require.Len(t, p.Events, 7)
	g.happen(sandbox.Happening{Kind: "loss", Citizen: "zhang"})
	events, end := readAll(t, g.cards, p.Next)
	last := events[len(events)-1]
	require.Equal(t, "card", last.Entity, "what changed while the snapshot ran comes after it")
	require.Equal(t, "window", last.Fact.(card.Fact).Loss.Source)
	quiet, _ := readAll(t, g.cards, end)
	require.Empty(t, quiet)
	_, err = g.cards.Page(t.Context(), mirror.SnapshotStart+"from another release", 7)
	require.ErrorIs(t, err, mirror.ErrCursorTooOld)
}

func TestACursorThatTheSourceNeverGaveIsNamed(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.happen(sandbox.Happening{Kind: "change_phone", Citizen: "wang", Phone: "13900001111"})
	_, end := readAll(t, g.cards, "")
	g.happen(sandbox.Happening{Kind: "rewind_feed", Target: "cards", Times: 5})
	for _, cursor := range []string{end, "of another system", mirror.SnapshotStart + "person|" + end + "|nobody"} {
		_, err := g.cards.Page(t.Context(), cursor, 10)
		require.ErrorIs(t, err, mirror.ErrCursorUnknown)
	}
	_, again := readAll(t, g.cards, "")
	require.NotEqual(t, end, again)
	quiet, _ := readAll(t, g.cards, again)
	require.Empty(t, quiet)
}

// A page is read in smaller pieces where its facts are long; what is too long to be kept is parked by its name.
func TestAPageOfLongFactsIsReadInSmallerPieces(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Breaker: Breaker{Failures: 1}})
	_, end := readAll(t, g.payments, "")
	g.payments.longest = 100 << 10
	for range 4 {
		g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang", Period: strings.Repeat("x", 40<<10)})
	}
	g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang"})
	bad, good := map[string]int{}, 0
	events, end := readAll(t, g.payments, end)
	for _, e := range events {
		if e.Bad == "not_storable" {
			bad[e.Entity]++
		} else if _, ok := e.Fact.(subsidy.Line); ok {
			good++
		}
	}
	require.GreaterOrEqual(t, bad["batch"], 4)
	require.GreaterOrEqual(t, bad["payment_line"], 4)
	require.NotZero(t, good, "and the feed goes on")

	g.happen(sandbox.Happening{Kind: "credit", Citizen: "wang", Period: strings.Repeat("x", 100<<10)})
	for range 2 { // its breaker stays closed: the source does answer
		_, err := g.payments.Page(t.Context(), end, 1000)
		require.ErrorIs(t, err, mirror.ErrEventTooLong)
		require.ErrorIs(t, err, models.ErrUnavailable)
		require.ErrorContains(t, err, "ANSWER_TOO_LONG")
	}
}

func TestUnreadableEventIsMarkedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.cards, "")
	g.happen(sandbox.Happening{Kind: "malformed", Target: "cards", Entity: "card", ID: "c1"})
	g.happen(sandbox.Happening{Kind: "change_person", Citizen: "wang", Name: "7"})
	g.happen(sandbox.Happening{Kind: "malformed", Target: "cards", Entity: "weather", ID: "w1"})
	g.happen(sandbox.Happening{Kind: "loss", Citizen: "zhang"})
	events, _ := readAll(t, g.cards, end)
	require.Len(t, events, 4)
	require.Equal(t, "data_malformed", events[0].Bad)
	require.Equal(t, "c1", events[0].EntityID)
	require.Equal(t, "name_form", events[1].Bad)
	require.Nil(t, events[2].Fact)
	require.NotNil(t, events[3].Fact)
}

func TestFeedUnavailable(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for _, f := range []string{sandbox.FaultDown, sandbox.FaultBusy, sandbox.FaultForge} {
		g.fault(sandbox.Fault{Fault: f, Op: "feed", Times: 1})
		_, err := g.cards.Page(t.Context(), "", 10)
		require.ErrorIs(t, err, models.ErrUnavailable, f)
	}
}

func TestR34_ALossAtAWindowCarriesItsSource(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.cards, "")
	soon := g.clock.Now().Add(7 * 24 * time.Hour)
	g.happen(sandbox.Happening{Kind: "loss", Citizen: "wang", Source: "bank_window", ExpiresAt: &soon})
	g.happen(sandbox.Happening{Kind: "lapse", Citizen: "wang"})
	g.happen(sandbox.Happening{Kind: "replace", Citizen: "wang"})
	events, _ := readAll(t, g.cards, end)
	lost, lapsed, void, fresh := events[0].Fact.(card.Fact), events[1].Fact.(card.Fact), events[2].Fact.(card.Fact), events[3].Fact.(card.Fact)
	require.Equal(t, card.SocialLoss, lost.Social)
	require.Equal(t, "bank_window", lost.Loss.Source)
	require.Equal(t, card.LossFormal, lost.Loss.Kind)
	require.Equal(t, soon, lost.Loss.ExpiresAt)
	require.Equal(t, "lapsed", lapsed.Ended.How)
	require.Equal(t, card.SocialNormal, lapsed.Social)
	require.Equal(t, card.SocialVoid, void.Social, "R42")
	require.Equal(t, card.SocialInactive, fresh.Social)
	require.Equal(t, lost.PersonRef, fresh.PersonRef)
}

func TestR27_ProgressComesFromTheTimesThatAreFilled(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	li, _ := g.other.Citizen("li")
	g.pictures["u1"] = []byte("\xff\xd8\xff photo")
	cmd := card.Command{ID: models.NewID(), Kind: card.CommandApplication, PersonRef: models.PersonRef(li.PersonRef), Channel: models.WechatOA,
		NotAfter: g.clock.Now().Add(time.Hour)}
	_, err := g.cards.Carry(t.Context(), cmd, &card.Application{BankCode: "103", OutletRef: g.firstOutlet(),
		Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: "u1"}})
	require.NoError(t, err)
	_, end := readAll(t, g.cards, "")
	for _, stage := range []string{"batched", "bank_opening", "bank_failed", "bank_opened", "producing", "production_failed", "produced", "at_outlet", "collected"} {
		g.happen(sandbox.Happening{Kind: "produce", Citizen: "li", Stage: stage})
	}
	events, _ := readAll(t, g.cards, end)
	var seen []card.ApplicationEvent
	for _, e := range events {
		if a, ok := e.Fact.(card.ApplicationFact); ok {
			require.Equal(t, cmd.ID, a.RequestID)
			seen = append(seen, a.Event)
		}
	}
	require.Equal(t, []card.ApplicationEvent{card.StageBatched, card.StageBankOpening, card.StageBankFailed, card.StageBankOpening, card.StageProducing,
		card.StageProductionBad, card.StageProducing, card.StageProducing, card.StageAtOutlet, card.StageCollected}, seen)
}

func TestBatchLinesMatchTheirAnnouncement(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	checked := 0
	for _, e := range events {
		b, ok := e.Fact.(subsidy.Batch)
		if !ok || b.Programme != "L410303-01" {
			continue
		}
		var n int
		var total models.Fen
		require.NoError(t, g.payments.BatchLines(t.Context(), b.ID, func(l subsidy.Line) error {
			n, total = n+1, total+l.AmountFen
			require.Equal(t, n, l.Key.Line)
			return nil
		}))
		require.Equal(t, b.Count, n)
		require.Equal(t, b.TotalFen, total)
		checked++
	}
	require.Equal(t, 2, checked, "R10: the two pilot batches of low-rent housing")
	require.ErrorIs(t, g.payments.BatchLines(t.Context(), "b0", nil), models.ErrUnavailable)
}

func TestR15_ReissuedLinesNameEachOther(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := readAll(t, g.payments, "")
	g.happen(sandbox.Happening{Kind: "return", Citizen: "wang", Reason: "ACCOUNT_INACTIVE"})
	g.happen(sandbox.Happening{Kind: "reissue", Citizen: "wang", Times: 2})
	events, _ := readAll(t, g.payments, end)
	byState := map[subsidy.State]subsidy.Line{}
	for _, e := range events {
		if l, ok := e.Fact.(subsidy.Line); ok {
			byState[l.State] = l
		}
	}
	require.Equal(t, "ACCOUNT_INACTIVE", byState[subsidy.Returned].ReturnReason)
	require.Equal(t, byState[subsidy.Returned].Key.String(), byState[subsidy.Credited].ReissueOf)
	require.Equal(t, byState[subsidy.Credited].Key.String(), byState[subsidy.Reissued].ReissuedAs)
}

func TestHoursThatCannotBeReadAreNotKnownAndTheOutletIsStillAPlace(t *testing.T) {
	t.Parallel()
	good := wireOpening{[]string{"workday"}, "09:00", "17:00"}
	for name, w := range map[string]wireOutlet{
		"a time":        {Opening: []wireOpening{good, {[]string{"workday"}, "9", "17:00"}}},
		"a kind of day": {Opening: []wireOpening{good, {[]string{"sunday"}, "09:00", "17:00"}}},
		"none":          {},
	} {
		w.Ref, w.Kind = "o1", "pharmacy"
		o, err := w.outlet()
		require.NoError(t, err, name)
		require.Empty(t, o.Opening, name)
	}
	o, err := wireOutlet{Ref: "o1", Kind: "hrss", Opening: []wireOpening{good}, Successor: "o2"}.outlet()
	require.NoError(t, err)
	require.Equal(t, []policy.Opening{{On: []policy.DayKind{policy.Workday}, From: "09:00", To: "17:00"}}, o.Opening)
	require.Equal(t, "o2", o.Successor)
	_, err = wireOutlet{Ref: "o1", Kind: "shop"}.outlet()
	require.Error(t, err)
}
