package cardtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
	"onecard/models/card"
)

// Backend is a store for the model, with a way to make a person known in it.
type Backend struct {
	Store     card.Store
	AddPerson func(ref models.PersonRef) models.ID
}

// Variant says what the other side is like.
type Variant struct {
	Fence bool
	Mute  bool // it does not say who ended a loss
	Asked bool // it has no feed and no request ids: it is only asked how a card stands
	// OneByOne: nothing else happens while a command or question is under way, so that no two answers overlap. Copies still come
	// late. Then nobody is ever told of an end, or of a loss elsewhere, that did not happen.
	OneByOne bool
}

// world is one run of the model: two people with a card each.
type world struct {
	*Rig
	t      *rapid.T
	people []models.ID
	cards  []models.ID
	refs   []models.CardRef
	intent map[models.ID]string // by card: what was last asked for and committed, or done at a counter
	keys   []sentKey
	acked  map[models.ID]bool
	depth  int
	calm   bool // the network behaves and nobody interferes
	asked  *Asked
	keyNo  int

	oneByOne bool
	lost     map[models.CardRef]int  // losses at a counter that no report of ours has told of
	ended    map[models.CardRef]bool // a loss ended at the registry, and no report of ours has told of it
	byDesk   map[models.CardRef]bool // the last end was at a counter: a late copy of our own loss may stop the card after it
}

type sentKey struct {
	key   string
	card  int
	first models.ID // the report of the first answer
}

// Run drives citizens, agents, sweeps, the feed, the desk, the network and the clock in random order, then lets
// everything settle and compares (design 11).
func Run(t *rapid.T, v Variant, open func(clock models.Clock) Backend) {
	clock := models.NewManualClock(Start)
	backend := open(clock)
	w := &world{
		Rig: NewRig(clock, backend.Store, NewRegistry(clock, v.Fence)), t: t, intent: map[models.ID]string{}, acked: map[models.ID]bool{},
		oneByOne: v.OneByOne, lost: map[models.CardRef]int{}, ended: map[models.CardRef]bool{}, byDesk: map[models.CardRef]bool{},
	}
	w.Registry.Mute = v.Mute
	if v.Asked {
		set := card.DefaultSettings()
		set.Settling = rapid.SampledFrom([]time.Duration{2 * time.Minute, 20 * time.Minute}).Draw(t, "settling")
		w.Rig, w.asked = NewAskedRig(clock, backend.Store, w.Registry, set)
		w.asked.Ended = func(ref models.CardRef) { w.ended[ref], w.byDesk[ref] = true, false }
	}
	if !v.Asked && rapid.Bool().Draw(t, "losses lapse") {
		w.Registry.Life = 7 * 24 * time.Hour
	}
	w.Registry.Fate, w.Registry.During, w.Store.Committed = w.fate, w.interfere, w.committed
	ctx := context.Background()
	for i := range 2 {
		ref := models.CardRef(fmt.Sprintf("C-%d", i))
		person := backend.AddPerson(models.PersonRef(fmt.Sprintf("P-%d", i)))
		w.Registry.Issue(ref, models.PersonRef(fmt.Sprintf("P-%d", i)))
		require.NoError(t, w.Feed(ctx))
		own, err := w.Store.CardsOfPerson(ctx, person)
		require.NoError(t, err)
		w.people, w.cards, w.refs = append(w.people, person), append(w.cards, own[0].ID), append(w.refs, ref)
	}
	for range rapid.SampledFrom([]int{8, 20, 40, 80}).Draw(t, "steps") {
		w.step()
		w.check()
	}
	w.settle()
	w.compare()
}

var steps = []struct {
	name string
	do   func(w *world, i int)
}{
	{"report", (*world).report}, {"report", (*world).report}, {"agent reports", (*world).agentReport}, {"release", (*world).release},
	{"release", (*world).release}, {"renew", (*world).renew}, {"repeat", (*world).repeat}, {"sweep", (*world).sweep}, {"sweep", (*world).sweep},
	{"watch", (*world).watch}, {"feed", (*world).feed}, {"feed", (*world).feed}, {"deliver", (*world).deliver}, {"deliver", (*world).deliver},
	{"time passes", (*world).pass}, {"time passes", (*world).pass},
	{"window loss", func(w *world, i int) {
		w.desk(i, "window", w.counted(w.Registry.WindowLoss, func(ref models.CardRef) { w.lost[ref]++ }))
	}},
	{"window release", func(w *world, i int) { w.desk(i, "window", w.counted(w.Registry.WindowRelease, w.endedAtDesk)) }},
	{"lapse", func(w *world, i int) { w.desk(i, "window", w.counted(w.Registry.Lapse, w.endedAtDesk)) }},
	{"touch", func(w *world, i int) { w.Registry.Touch(w.refs[i]) }},
	{"replace", func(w *world, i int) {
		if rapid.IntRange(0, 3).Draw(w.t, "really") == 0 {
			w.desk(i, "window", w.Registry.Replace)
		}
	}},
	{"down", func(w *world, _ int) { w.Registry.Down = !w.Registry.Down }},
}

// step does one thing.
func (w *world) step() {
	s := steps[rapid.IntRange(0, len(steps)-1).Draw(w.t, "what")]
	i := rapid.IntRange(0, 1).Draw(w.t, "card")
	w.t.Logf("%*s%s %d at %s", 2*w.depth, "", s.name, i, w.Clock.Now().Sub(Start))
	s.do(w, i)
}

// interfere lets something else happen while a command or question is under way.
func (w *world) interfere(stage string, c card.Command) {
	if stage == "sent" && c.Kind != "" {
		w.onSend(c)
	}
	if w.oneByOne || w.calm || w.depth >= 2 || rapid.IntRange(0, 3).Draw(w.t, "meanwhile") > 0 {
		return
	}
	w.depth++
	w.step()
	w.depth--
}

// onSend: what leaves is leased, and nothing newer of the card has been confirmed.
func (w *world) onSend(c card.Command) {
	w.t.Logf("  -> %s seq %d attempt %d", c.Kind, c.CardSeq, c.Attempt)
	row, err := w.Store.Store.Command(context.Background(), c.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, card.CommandSending, row.State, "what is sent is leased")
	if c.Kind != card.CommandLoss {
		return
	}
	for _, ch := range w.Store.Changes {
		if ch.Report.CardID == c.CardID && ch.Report.State == card.LossReleased && ch.Report.ID == c.SubjectID {
			w.t.Fatalf("a loss was sent after the release of its report was confirmed")
		}
	}
}

func (w *world) fate(card.Command) Fate {
	if w.calm {
		return Answered
	}
	fates := []Fate{Answered, Answered, Answered, LostReply, LostReply, Delayed, Delayed, Dropped, NotSent}
	if w.Registry.Down {
		fates = []Fate{NotSent, Dropped, Delayed}
	}
	f := rapid.SampledFrom(fates).Draw(w.t, "fate")
	w.t.Logf("  fate %q", f)
	return f
}

// fuse may kill the use case at one of its steps.
func (w *world) fuse(ctx context.Context) (context.Context, *Fuse) {
	f := &Fuse{Dies: true}
	if !w.calm && rapid.IntRange(0, 4).Draw(w.t, "dies") == 0 {
		f.At = rapid.IntRange(1, 25).Draw(w.t, "at step")
	}
	return WithFuse(ctx, f), f
}

// done judges how a use case ended: by its answer, by a refusal with a code, or by dying.
func (w *world) done(what string, err error, f *Fuse) {
	var refusal *models.Error
	switch {
	case err == nil:
	case f.Dead():
		w.t.Logf("  %s died", what)
	case errors.As(err, &refusal) && refusal.Kind != models.Internal:
		w.t.Logf("  %s: %s", what, refusal.Code)
	case errors.Is(err, ErrNoAnswer):
	default:
		w.t.Fatalf("%s: %v", what, err)
	}
}

func (w *world) report(i int) { w.reportBy(i, w.Citizen(w.people[i])) }

func (w *world) agentReport(i int) { w.reportBy(i, w.Agent(w.people[i])) }

func (w *world) reportBy(i int, by models.Actor) {
	w.keyNo++
	k := sentKey{key: fmt.Sprintf("key-%d", w.keyNo), card: i}
	res, err := w.reportWith(k, by)
	if err == nil {
		k.first = res.Report.ID
	}
	if by.Kind == models.CitizenActor {
		w.keys = append(w.keys, k)
	}
}

func (w *world) reportWith(k sentKey, by models.Actor) (card.LossResult, error) {
	ctx, f := w.fuse(models.WithRequestKey(context.Background(), models.RequestKey{Operation: "report", Key: k.key, BodyMAC: []byte{byte(k.card)}}))
	res, err := w.ReportLoss(ctx, by, card.ReportLossInput{CardID: w.cards[k.card]})
	w.done("report", err, f)
	if err == nil {
		w.acked[res.Report.ID] = true
	}
	return res, err
}

// repeat sends an earlier request again with its key: the first result, and no second effect.
func (w *world) repeat(int) {
	if len(w.keys) == 0 {
		return
	}
	n := rapid.IntRange(0, len(w.keys)-1).Draw(w.t, "which")
	k := w.keys[n]
	res, err := w.reportWith(k, w.Citizen(w.people[k.card]))
	if err != nil {
		return
	}
	if k.first != "" {
		require.Equal(w.t, k.first, res.Report.ID, "the same key gives the same report")
		require.True(w.t, res.Replayed)
	}
	w.keys[n].first = res.Report.ID
}

func (w *world) openOrLast(i int) (card.LossReport, bool) {
	reports, err := w.Store.LossReportsOf(context.Background(), w.people[i], 50)
	require.NoError(w.t, err)
	for _, r := range reports {
		if r.Open() {
			return r, true
		}
	}
	if len(reports) == 0 {
		return card.LossReport{}, false
	}
	return reports[0], true
}

func (w *world) release(i int) {
	r, ok := w.openOrLast(i)
	if !ok {
		return
	}
	ctx, f := w.fuse(context.Background())
	_, err := w.ReleaseLoss(ctx, w.Citizen(w.people[i]), r.ID, "")
	w.done("release", err, f)
}

func (w *world) renew(i int) {
	r, ok := w.openOrLast(i)
	if !ok {
		return
	}
	ctx, f := w.fuse(context.Background())
	_, err := w.RenewLoss(ctx, w.Citizen(w.people[i]), r.ID)
	w.done("renew", err, f)
}

// sweep is Service.Sweep without its goroutines, which rapid could not follow.
func (w *world) sweep(int) {
	due, err := w.Store.DueCommands(context.Background(), w.Clock.Now(), 10)
	require.NoError(w.t, err)
	for _, id := range due {
		ctx, f := w.fuse(context.Background())
		w.done("sweep", w.CarryOut(ctx, id), f)
	}
}

func (w *world) watch(int) {
	ctx, f := w.fuse(context.Background())
	_, err := w.WatchLosses(ctx, 10)
	w.done("watch", err, f)
}

func (w *world) feed(i int) {
	ctx, f := w.fuse(context.Background())
	if w.asked != nil {
		w.done("poll", w.asked.Poll(ctx, w.Rig, w.people[i]), f)
		return
	}
	n, again := 1<<30, 0
	if !w.calm {
		n, again = rapid.IntRange(1, 4).Draw(w.t, "events"), rapid.IntRange(0, 2).Draw(w.t, "repeated")
	}
	_, err := w.FeedCard(ctx, w.refs[i], n, again)
	w.done("feed", err, f)
}

func (w *world) deliver(int) {
	if w.asked != nil {
		w.asked.Deliver(func(n int) int { return rapid.IntRange(0, n-1).Draw(w.t, "which") })
		return
	}
	if n := len(w.Registry.InFlight); n > 0 {
		w.Registry.Deliver(rapid.IntRange(0, n-1).Draw(w.t, "which"), rapid.IntRange(0, 4).Draw(w.t, "twice") == 0)
	}
}

func (w *world) pass(int) {
	w.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Second, 3 * time.Second, 10 * time.Second, time.Minute, 6 * time.Minute, 20 * time.Minute}).Draw(w.t, "how long"))
}

// counted is do, followed by note where it was possible.
func (w *world) counted(do func(models.CardRef) bool, note func(models.CardRef)) func(models.CardRef) bool {
	return func(ref models.CardRef) bool {
		done := do(ref)
		if done {
			note(ref)
		}
		return done
	}
}

func (w *world) endedAtDesk(ref models.CardRef) { w.ended[ref], w.byDesk[ref] = true, true }

func (w *world) desk(i int, intent string, do func(models.CardRef) bool) {
	if do(w.refs[i]) {
		w.intent[w.cards[i]] = intent
	}
}

// committed keeps what was last asked for, at the moment at which it became certain.
func (w *world) committed(c Change) {
	w.t.Logf("  report %s: %s -> %s", c.Report.Receipt, c.From, c.Report.State)
	w.happened(c)
	switch {
	case c.From == "" && c.Report.State == card.LossReceived, c.From == card.LossReleaseRequested && c.Report.State == card.LossUnconfirmed:
		w.intent[c.Report.CardID] = "loss"
	case c.Report.State == card.LossReleaseRequested, c.Report.State == card.LossWithdrawn:
		w.intent[c.Report.CardID] = "release"
	}
}
