package mirror_test

import (
	"context"
	"errors"
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
	asked    map[models.ID]time.Time
	next     map[models.ID]time.Time
	failed   map[models.ID]time.Time
	conflict int // so many commits meet somebody else's
}

func (r *rota) InTx(ctx context.Context, fn func(context.Context) error) error {
	if r.conflict > 0 {
		r.conflict--
		return models.ErrConflict
	}
	return fn(ctx)
}

func (r *rota) EnrolPolls(context.Context, time.Time, time.Duration, int) (int, error) { return 0, nil }

func (r *rota) ClaimPolls(context.Context, time.Time, time.Time, int) ([]mirror.Poll, error) {
	return r.due, nil
}

func (r *rota) PollOf(_ context.Context, person models.ID) (mirror.Poll, time.Time, error) {
	return mirror.Poll{Person: person, Ref: "p-" + models.PersonRef(person)}, r.asked[person], nil
}

func (r *rota) PollAnswered(_ context.Context, person models.ID, asked, due time.Time) error {
	r.asked[person], r.next[person] = asked, due
	return nil
}

func (r *rota) PollFailed(_ context.Context, person models.ID, due time.Time) error {
	r.failed[person] = due
	return nil
}

// answers is a source that says what it is told to.
type answers struct {
	clock     models.Clock
	fail      map[models.PersonRef]error
	questions []mirror.Question
}

func (a *answers) Ask(_ context.Context, q mirror.Question) (mirror.Told, error) {
	a.questions = append(a.questions, q)
	return mirror.Told{AsOf: a.clock.Now(), Events: []mirror.Event{{Entity: "card", EntityID: string(q.Ref)}}}, a.fail[q.Ref]
}

// alarms counts.
type alarms struct{ codes map[string]int }

func (alarms) EventParked(string, string, string) {}
func (alarms) FeedPulled(string, int, time.Time)  {}
func (a alarms) Alarm(code string, n int)         { a.codes[code] += n }

type asking struct {
	*mirror.Poller
	rota    *rota
	source  *answers
	clock   *models.ManualClock
	alarms  alarms
	applied []models.ID
}

func newAsking(due ...mirror.Poll) *asking {
	a := &asking{clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)), alarms: alarms{map[string]int{}}}
	a.rota = &rota{due: due, asked: map[models.ID]time.Time{}, next: map[models.ID]time.Time{}, failed: map[models.ID]time.Time{}}
	a.source = &answers{clock: a.clock, fail: map[models.PersonRef]error{}}
	a.Poller = &mirror.Poller{Store: a.rota, Source: a.source, Clock: a.clock, Log: slog.New(slog.DiscardHandler), Watch: a.alarms, Pace: mirror.DefaultPace(),
		Apply: func(_ context.Context, person models.ID, _ []mirror.Event) error {
			a.applied = append(a.applied, person)
			return nil
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
	require.Equal(t, 2, n)
	now := a.clock.Now()
	require.Equal(t, now.Add(32*time.Minute), a.rota.failed["odd"], "ever more rarely")
	require.Equal(t, now.Add(72*time.Hour), a.rota.failed["unknown"])
	require.Contains(t, a.rota.next, models.ID("fine"))
	require.Equal(t, map[string]int{"POLL_FAILING": 1, "PERSON_UNKNOWN_TO_SOURCE": 1}, a.alarms.codes)
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
