package cardtest

import (
	"context"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
)

// check holds after every step.
func (w *world) check() {
	ctx := context.Background()
	require.Empty(w.t, w.Store.Violations)
	for i, id := range w.cards {
		c, err := w.Store.Card(ctx, id)
		require.NoError(w.t, err)
		reports, err := w.Store.LossReportsOf(ctx, w.people[i], 100)
		require.NoError(w.t, err)
		open := 0
		for _, r := range reports {
			if !r.Open() {
				continue
			}
			open++
			if r.InForce() && c.Social.Free() && c.Version > c.AnsweredVersion {
				w.t.Fatalf("report is %s against version %d of the registry, which shows %s", r.State, c.Version, c.Social)
			}
			if r.Waiting() != !r.WaitingSince.IsZero() {
				w.t.Fatalf("report %s waits since %v", r.State, r.WaitingSince)
			}
		}
		require.LessOrEqual(w.t, open, 1, "one open report per card")
	}
	for id := range w.acked {
		_, err := w.Store.Store.LossReport(ctx, id)
		require.NoError(w.t, err, "what was acknowledged is there")
	}
}

// happened holds what a report comes to against what was done at the registry, where no two answers overlap.
func (w *world) happened(c Change) {
	if !w.oneByOne {
		return
	}
	ref := w.refs[slices.Index(w.cards, c.Report.CardID)]
	switch {
	case c.Report.State == card.LossReleased || c.Report.State == card.LossLapsed:
		if !w.ended[ref] {
			w.t.Fatalf("%s is told of a card whose loss nobody ended", c.Report.State)
		}
		w.ended[ref] = false
	case c.From == "" && c.Report.Source == string(models.Registry):
		if w.lost[ref] == 0 && !w.byDesk[ref] {
			w.t.Fatalf("a loss elsewhere is told of a card that nobody lost elsewhere: a late copy of ours stopped it after our release")
		}
		w.lost[ref] = max(0, w.lost[ref]-1)
	}
}

// settle brings the network back, lets every late message arrive, and runs sweeps and feed until nothing moves.
func (w *world) settle() {
	w.calm, w.Registry.Down = true, false
	w.t.Logf("settling")
	for len(w.Registry.InFlight) > 0 {
		w.Registry.Deliver(0, false)
	}
	for w.asked != nil && len(w.asked.late) > 0 {
		w.asked.Deliver(func(int) int { return 0 })
	}
	for range 120 {
		for i := range w.cards {
			w.feed(i)
		}
		w.sweep(0)
		w.watch(0)
		w.check()
		if w.still() && w.seen() {
			return
		}
		w.Clock.Advance(31 * time.Second)
	}
	w.t.Fatalf("never came to rest")
}

// seen looks once more at a source that is only asked: what a command changed is seen by the next question.
func (w *world) seen() bool {
	if w.asked == nil {
		return true
	}
	for i := range w.cards {
		w.feed(i)
	}
	w.check()
	return w.still()
}

func (w *world) still() bool {
	ctx := context.Background()
	for i, id := range w.cards {
		if _, err := w.Store.UnfinishedCommand(ctx, id); err == nil {
			return false
		}
		if left, _ := w.FeedCard(ctx, w.refs[i], 0, 0); w.asked == nil && left > 0 {
			return false
		}
		if r, _ := w.openOrLast(i); r.Open() && !r.ReassertAt.IsZero() {
			return false
		}
	}
	return true
}

// compare holds once everything has come to rest: our word is the registry's, and everything was told once.
func (w *world) compare() {
	ctx := context.Background()
	for i, id := range w.cards {
		truth := w.Registry.Card(w.refs[i])
		c, err := w.Store.Card(ctx, id)
		require.NoError(w.t, err)
		if w.asked == nil {
			require.Equal(w.t, truth.Version, c.Version)
		}
		r, _ := w.openOrLast(i)
		tile := card.SocialTile(c, r)
		switch {
		case truth.Loss != nil:
			require.Equal(w.t, card.LossEffective, r.State, "the registry has a loss")
			if w.asked == nil {
				require.Equal(w.t, truth.Loss.Reference, r.RegistryRef)
			}
			require.True(w.t, truth.Loss.ExpiresAt.Equal(r.ExpiresAt), "the end date is the registry's: %v, not %v", truth.Loss.ExpiresAt, r.ExpiresAt)
			require.Equal(w.t, string(card.SocialLoss), tile.State)
		default:
			require.False(w.t, r.Open(), "the registry has no loss, the report is %s", r.State)
			require.Equal(w.t, string(truth.Social), tile.State)
		}
		if w.intent[id] == "loss" && truth.Loss == nil && truth.Social != card.SocialVoid && r.State != card.LossRefused {
			w.t.Fatalf("a loss was asked for last, and is lost: the report is %s", r.State)
		}
	}
	w.countNotices()
}

// countNotices: one notice per fact.
func (w *world) countNotices() {
	type fact struct {
		report models.ID
		kind   notice.Kind
	}
	told, happened := map[fact]int{}, map[fact]int{}
	for _, d := range w.Store.Told {
		if d.Kind != notice.LossRenewed && d.Kind != notice.LossExpiring {
			told[fact{d.ObjectID, d.Kind}]++
		}
	}
	for n, c := range w.Store.Changes {
		kind := notice.Kind("")
		switch c.Report.State {
		case card.LossEffective:
			switch c.From {
			case "":
				kind = notice.LossElsewhere
			case card.LossReleaseRequested:
				if told[fact{c.Report.ID, notice.ReleaseRefused}] > 0 {
					kind = notice.ReleaseRefused
				} else {
					kind = notice.ReleaseExpired
				}
			default:
				kind = notice.LossEffective
			}
		case card.LossReleased:
			kind = notice.LossReleased
			if n+1 < len(w.Store.Changes) && w.Store.Changes[n+1].From == "" && w.Store.Changes[n+1].Report.CardID == c.Report.CardID &&
				w.Store.Changes[n+1].Report.Source == "window" && told[fact{c.Report.ID, kind}] == 0 {
				continue // ended by another loss: that one is told
			}
		case card.LossLapsed:
			kind = notice.LossLapsed
		case card.LossVoided:
			kind = notice.CardVoided
		case card.LossRefused:
			kind = notice.LossRefused
		}
		if kind != "" {
			happened[fact{c.Report.ID, kind}]++
		}
	}
	require.Equal(w.t, happened, told, "each fact is told once")
}
