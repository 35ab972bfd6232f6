package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/mirror"
)

// rota is a poll store in memory: everybody on it is due.
type rota struct {
	due      []mirror.Poll
	rows     map[models.ID]mirror.Poll // what PollOf tells
	asked    map[models.ID]time.Time
	next     map[models.ID]time.Time
	failed   map[models.ID]time.Time
	unknown  map[models.ID]time.Time // since when
	held     time.Time
	conflict int // so many commits meet somebody else's
}

func (r *rota) InTx(ctx context.Context, fn func(context.Context) error) error {
	if r.conflict > 0 {
		r.conflict--
		return models.ErrConflict
	}
	return fn(ctx)
}

func (r *rota) EnrolPolls(context.Context, time.Time, time.Time, time.Duration, int) (int, error) {
	return 0, nil
}

func (r *rota) ClaimPolls(context.Context, time.Time, time.Time, int) ([]mirror.Poll, error) {
	return r.due, nil
}

func (r *rota) PollOf(_ context.Context, person models.ID) (mirror.Poll, error) {
	p := r.rows[person]
	p.Person, p.Ref, p.Asked, p.Unknown = person, "p-"+models.PersonRef(person), r.asked[person], r.unknown[person]
	return p, nil
}

func (r *rota) PollAnswered(_ context.Context, p mirror.Poll, asked, due time.Time) (time.Time, error) {
	r.asked[p.Person], r.next[p.Person] = asked, due
	since := r.unknown[p.Person]
	if since.After(asked) {
		return time.Time{}, nil
	}
	delete(r.unknown, p.Person)
	return since, nil
}

func (r *rota) PollFailed(_ context.Context, p mirror.Poll, due time.Time) error {
	r.failed[p.Person] = due
	row := r.rows[p.Person]
	row.Tries, row.Due = row.Tries+1, due
	r.rows[p.Person] = row
	return nil
}

func (r *rota) PollUnknown(ctx context.Context, p mirror.Poll, at, due time.Time) (time.Time, error) {
	if r.unknown[p.Person].IsZero() {
		r.unknown[p.Person] = at
	}
	return r.unknown[p.Person], r.PollFailed(ctx, p, due)
}

func (r *rota) HeldSince(context.Context, models.ID) (time.Time, error) { return r.held, nil }

// answers is a source that says what it is told to.
type answers struct {
	clock     *models.ManualClock
	takes     time.Duration
	fail      map[models.PersonRef]error
	meanwhile func() // what happens while the next question is under way
	questions []mirror.Question
}

func (a *answers) Ask(_ context.Context, q mirror.Question) (mirror.Told, error) {
	a.questions = append(a.questions, q)
	asked := a.clock.Now()
	a.clock.Advance(a.takes)
	if do := a.meanwhile; do != nil {
		a.meanwhile = nil
		do()
	}
	return mirror.Told{AsOf: asked, Events: []mirror.Event{{Entity: "card", EntityID: string(q.Ref)}}}, a.fail[q.Ref]
}

// alarms counts.
type alarms struct{ codes, failed map[string]int }

func (alarms) EventParked(string, string, string) {}
func (alarms) FeedPulled(string, int, time.Time)  {}
func (a alarms) Alarm(code string, n int)         { a.codes[code] += n }
func (a alarms) PollFailed(why string)            { a.failed[why]++ }

// openCases are the causes of the cases that are open.
type openCases map[string]models.ID

func (c openCases) OpenCase(_ context.Context, cause, _ string, person models.ID, _, _ string) error {
	c[cause] = person
	return nil
}

func (c openCases) SettleCase(_ context.Context, cause string) error {
	delete(c, cause)
	return nil
}

type asking struct {
	*mirror.Poller
	rota    *rota
	source  *answers
	clock   *models.ManualClock
	alarms  alarms
	cases   openCases
	partly  bool // the card that is held is not told
	applied []models.ID
}

func newAsking(due ...mirror.Poll) *asking {
	a := &asking{clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)), alarms: alarms{map[string]int{}, map[string]int{}}, cases: openCases{}}
	a.rota = &rota{due: due, rows: map[models.ID]mirror.Poll{}, asked: map[models.ID]time.Time{}, next: map[models.ID]time.Time{}, failed: map[models.ID]time.Time{},
		unknown: map[models.ID]time.Time{}}
	a.source = &answers{clock: a.clock, fail: map[models.PersonRef]error{}}
	a.Poller = &mirror.Poller{Store: a.rota, Source: a.source, Clock: a.clock, Log: slog.New(slog.DiscardHandler), Watch: a.alarms, Cases: a.cases, Pace: mirror.DefaultPace(),
		Apply: func(_ context.Context, person models.ID, _ []mirror.Event) (bool, error) {
			a.applied = append(a.applied, person)
			return !a.partly, nil
		}}
	return a
}

func TestWhoMattersMoreIsAskedAboutSooner(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "lost", Ref: "1", Report: true, Bound: true}, mirror.Poll{Person: "applies", Ref: "2", Application: true},
		mirror.Poll{Person: "bound", Ref: "3", Bound: true}, mirror.Poll{Person: "gone", Ref: "4"})
	a.rota.conflict = 1
	n, err := a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 4, n)
	now := a.clock.Now()
	require.Equal(t, map[models.ID]time.Time{"lost": now.Add(10 * time.Minute), "applies": now.Add(time.Hour), "bound": now.Add(72 * time.Hour), "gone": {}}, a.rota.next)
	require.Equal(t, []mirror.Question{{Ref: "1"}, {Ref: "2", Progress: true}, {Ref: "3"}, {Ref: "4"}}, a.source.questions)
	require.Len(t, a.applied, 4, "a commit that met somebody else's was made again")
}

func TestOnePersonsTroubleIsNotTheOthers(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "odd", Ref: "1", Bound: true, Tries: 5}, mirror.Poll{Person: "unknown", Ref: "2", Bound: true}, mirror.Poll{Person: "fine", Ref: "3", Bound: true})
	a.source.fail["1"], a.source.fail["2"] = errors.New("cannot be read"), mirror.ErrNobody
	n, err := a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	now := a.clock.Now()
	require.Equal(t, now.Add(32*time.Minute), a.rota.failed["odd"], "ever more rarely")
	require.Equal(t, now.Add(72*time.Hour), a.rota.failed["unknown"])
	require.Contains(t, a.rota.next, models.ID("fine"))
	require.Equal(t, map[string]int{"POLL_FAILING": 1, "PERSON_UNKNOWN_TO_SOURCE": 1}, a.alarms.codes)
	require.Equal(t, map[string]int{"not_taken": 1, "unknown": 1}, a.alarms.failed)
	require.Empty(t, a.cases, "nothing hangs on it")
}

// Who has an open loss report is asked about at its pace, whatever is answered: unknown there, or unreadable time after time.
func TestAnOpenLossIsNeverPutOffForLong(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "gone", Ref: "1", Report: true, Bound: true}, mirror.Poll{Person: "odd", Ref: "2", Report: true, Bound: true, Tries: 9})
	a.source.fail["1"], a.source.fail["2"] = mirror.ErrNobody, mirror.ErrUnreadable
	_, err := a.Poll(t.Context(), 10)
	require.NoError(t, err)
	now := a.clock.Now()
	require.Equal(t, map[models.ID]time.Time{"gone": now.Add(10 * time.Minute), "odd": now.Add(10 * time.Minute)}, a.rota.failed)
	require.Len(t, a.cases, 1, "and somebody has to look")
	unknown, err := a.Unknown(t.Context(), "gone")
	require.NoError(t, err)
	require.True(t, unknown)

	// Asked again: one streak is one alarm and one case, which closes itself when she is known again.
	gone := a.rota.due[0]
	gone.Unknown = a.rota.unknown["gone"]
	a.rota.due = []mirror.Poll{gone}
	a.clock.Advance(10 * time.Minute)
	_, err = a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, a.cases, 1)
	require.Equal(t, now, a.rota.unknown["gone"])
	require.Equal(t, 1, a.alarms.codes["PERSON_UNKNOWN_TO_SOURCE"])
	delete(a.source.fail, "1")
	_, err = a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, a.cases)
	require.Equal(t, a.clock.Now().Add(10*time.Minute), a.rota.next["gone"])
}

// Two who look at once are told 'nobody' both: it is one streak, one alarm and one case.
func TestTwoWhoLookAtOnceAreToldOfOneStreak(t *testing.T) {
	t.Parallel()
	a := newAsking()
	a.rota.rows["gone"] = mirror.Poll{Report: true}
	a.source.fail["p-gone"], a.source.takes = mirror.ErrNobody, time.Second
	a.source.meanwhile = func() { a.Refresh(t.Context(), "gone") }
	a.Refresh(t.Context(), "gone")
	require.Len(t, a.source.questions, 2)
	require.Len(t, a.cases, 1)
	require.Equal(t, map[string]int{"PERSON_UNKNOWN_TO_SOURCE": 1}, a.alarms.codes)
	require.Equal(t, map[string]int{"unknown": 2}, a.alarms.failed)
	delete(a.source.fail, "p-gone")
	a.clock.Advance(15 * time.Minute)
	a.Refresh(t.Context(), "gone")
	require.Empty(t, a.rota.unknown)
	require.Empty(t, a.cases)
}

// An answer that ends a streak ends its case, also where that began after its asker had read the row; one that was asked
// before the streak began ends neither.
func TestAStreakAndItsCaseEndTogether(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		takes time.Duration // until the answer, while another's 'nobody' is read
		open  int
	}{"an older answer": {time.Second, 1}, "of the same instant": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAsking(mirror.Poll{Person: "wang", Ref: "known", Report: true})
			a.rota.rows["wang"] = mirror.Poll{Report: true}
			a.source.fail["p-wang"], a.source.takes = mirror.ErrNobody, tc.takes
			a.source.meanwhile = func() { a.Refresh(t.Context(), "wang") }
			_, err := a.Poll(t.Context(), 10)
			require.NoError(t, err)
			require.Len(t, a.source.questions, 2)
			require.Len(t, a.cases, tc.open)
			require.Len(t, a.rota.unknown, tc.open)
		})
	}
}

// A person who is told without the card that we hold of her is not told whole: our copy does not grow younger.
func TestACardThatIsToldNoMoreIsNotFresh(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "li", Ref: "1", Report: true})
	a.partly = true
	_, err := a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.NotContains(t, a.rota.asked, models.ID("li"))
	require.Equal(t, a.clock.Now(), a.rota.unknown["li"])
	require.Len(t, a.cases, 1)
}

// The claim bounds a round: what is left of it by then is others'.
func TestARoundEndsWithItsClaim(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "slow", Ref: "1", Bound: true}, mirror.Poll{Person: "next", Ref: "2", Bound: true})
	a.source.takes = 31 * time.Second
	n, err := a.Poll(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Len(t, a.source.questions, 1)
}

func TestASourceThatDoesNotAnswerEndsTheRound(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "first", Ref: "1", Bound: true}, mirror.Poll{Person: "second", Ref: "2", Bound: true})
	a.source.fail["1"] = models.ErrUnavailable
	_, err := a.Poll(t.Context(), 10)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.Len(t, a.source.questions, 1, "the others keep their turn")
	require.Equal(t, a.clock.Now().Add(time.Minute), a.rota.failed["first"])
}

func TestOnDemandOnlyWhatIsOldIsAskedAgain(t *testing.T) {
	t.Parallel()
	a := newAsking()
	a.Refresh(t.Context(), "wang")
	require.Len(t, a.source.questions, 1)
	at, err := a.AsOf(t.Context(), "wang")
	require.NoError(t, err)
	require.Equal(t, a.clock.Now(), at)
	a.clock.Advance(14 * time.Minute)
	a.Refresh(t.Context(), "wang")
	require.Len(t, a.source.questions, 1)
	a.clock.Advance(time.Minute)
	a.source.fail["p-wang"] = models.ErrUnavailable
	a.Refresh(t.Context(), "wang")
	require.Len(t, a.source.questions, 2)
	still, err := a.AsOf(t.Context(), "wang")
	require.NoError(t, err)
	require.Equal(t, at, still, "the copy stands, with its date")
}

// While the source does not answer, who looks does not wait for it time after time, whoever is looked at. A caller who goes
// away says nothing about the source.
func TestOnDemandASourceThatDoesNotAnswerIsLeftAloneForAMoment(t *testing.T) {
	t.Parallel()
	a := newAsking()
	gone, leave := context.WithCancel(t.Context())
	a.source.fail["p-zhang"], a.source.meanwhile = models.ErrUnavailable, leave
	a.Refresh(gone, "zhang")
	a.source.fail["p-wang"] = models.ErrUnavailable
	a.Refresh(t.Context(), "wang")
	require.Len(t, a.source.questions, 2)
	for _, who := range []models.ID{"wang", "li", "chen"} {
		a.Refresh(t.Context(), who)
		a.clock.Advance(time.Second)
	}
	require.Len(t, a.source.questions, 2)
	a.clock.Advance(2 * time.Second)
	a.Refresh(t.Context(), "li")
	require.Len(t, a.source.questions, 3)
	a.Refresh(t.Context(), "chen")
	require.Len(t, a.source.questions, 4, "it answers again")
	require.Empty(t, a.rota.failed, "nobody's turn is put off by it")
}

// Our own budget is no word about the source: the next look asks, the round ends, and nobody's turn is put off as failed.
func TestABudgetThatIsUsedUpSaysNothingOfTheSource(t *testing.T) {
	t.Parallel()
	a := newAsking(mirror.Poll{Person: "first", Ref: "1", Bound: true}, mirror.Poll{Person: "second", Ref: "2", Bound: true})
	full := fmt.Errorf("%w: %w", mirror.ErrBusy, models.ErrUnavailable)
	a.source.fail["p-wang"], a.source.fail["1"] = full, full
	a.Refresh(t.Context(), "wang")
	a.Refresh(t.Context(), "li")
	require.Len(t, a.source.questions, 2, "asked at once")
	_, err := a.Poll(t.Context(), 10)
	require.ErrorIs(t, err, mirror.ErrBusy)
	require.Len(t, a.source.questions, 3, "the round ends")
	require.Empty(t, a.rota.failed)
}

// Who cannot be asked about for a reason of her own is not asked again with every look, and shown with the date of her copy.
func TestOnDemandAFailureIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]error{"unreadable": mirror.ErrUnreadable, "unknown": mirror.ErrNobody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAsking()
			a.rota.held = a.clock.Now().Add(-time.Hour)
			a.source.fail["p-wang"] = fail
			for range 3 {
				a.Refresh(t.Context(), "wang")
				a.clock.Advance(15 * time.Second)
			}
			require.Len(t, a.source.questions, 1)
			a.clock.Advance(15 * time.Second)
			a.Refresh(t.Context(), "wang")
			require.Len(t, a.source.questions, 2)
			require.Equal(t, map[string]int{name: 2}, a.alarms.failed)
			at, err := a.AsOf(t.Context(), "wang")
			require.NoError(t, err)
			require.Equal(t, a.rota.held, at, "as of when the source before this one told it")
		})
	}
}

// Whose turn has come is asked about by whoever looks first, however fresh her copy: something of hers was done since.
func TestOnDemandWhoIsDueIsAskedAbout(t *testing.T) {
	t.Parallel()
	a := newAsking()
	now := a.clock.Now()
	a.rota.asked["wang"] = now.Add(-time.Minute)
	a.rota.rows["wang"] = mirror.Poll{Due: now.Add(time.Second)}
	a.Refresh(t.Context(), "wang")
	require.Empty(t, a.source.questions)
	a.clock.Advance(time.Second)
	a.Refresh(t.Context(), "wang")
	require.Len(t, a.source.questions, 1)
}
