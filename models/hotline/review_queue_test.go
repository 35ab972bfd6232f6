package hotline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// waitingList is a capability's list for tests.
type waitingList struct {
	kind string
	may  hotline.Permission
	list []hotline.Waiting
	more bool
	err  error
	seen *int // how often it was asked
}

func (w waitingList) Kind() string            { return w.kind }
func (w waitingList) May() hotline.Permission { return w.may }
func (w waitingList) Waiting(context.Context, models.Actor, int) ([]hotline.Waiting, bool, error) {
	*w.seen++
	return slices.Clone(w.list), w.more, w.err
}

// longList has as many as one likes, the longest waiting first.
type longList struct {
	kind string
	n    int
	from time.Time
}

func (l longList) Kind() string            { return l.kind }
func (l longList) May() hotline.Permission { return hotline.MayReviewHeld }
func (l longList) Waiting(_ context.Context, _ models.Actor, limit int) (out []hotline.Waiting, more bool, err error) {
	for i := range min(limit, l.n) {
		out = append(out, hotline.Waiting{ID: fmt.Sprintf("%s-%04d", l.kind, i), Since: l.from.Add(time.Duration(i) * time.Minute)})
	}
	return out, l.n > limit, nil
}

// Page by page everything is shown once, in the order in which it waits, however many of one kind there are.
func TestTheReviewQueueIsLeafedThrough(t *testing.T) {
	t.Parallel()
	noon := time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)
	r := newRig(t, func(d *hotline.Deps) {
		d.Reviews = []hotline.ReviewSource{longList{"held", 701, noon}, longList{"guardianship", 30, noon.Add(90 * time.Second)}}
	})
	by := r.agent("reviewer-a", "reviewer")
	var place hotline.ReviewPlace
	var seen []string
	last := time.Time{}
	for range 20 {
		got, err := r.ReviewQueue(t.Context(), by, "", place, 50)
		require.NoError(t, err)
		require.Equal(t, []any{200, true, 30}, []any{got.Kinds[0].Count, got.Kinds[0].More, got.Kinds[1].Count}, "counted alike on each page")
		for _, w := range got.Items {
			require.False(t, w.Since.Before(last))
			last, seen = w.Since, append(seen, w.ID)
		}
		if got.Next.String() == "" {
			break
		}
		place = hotline.ParseReviewPlace(got.Next.String())
		require.Equal(t, got.Next, place)
	}
	require.Len(t, seen, 731)
	slices.Sort(seen)
	require.Len(t, slices.Compact(seen), 731)
	require.Equal(t, hotline.ReviewPlace{}, hotline.ParseReviewPlace("2021|-4|held|x"))
}

// However much waits, leafing ends: it does not begin anew.
func TestLeafingThroughTheReviewQueueEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *hotline.Deps) {
		d.Reviews = []hotline.ReviewSource{longList{"held", 6000, time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)}}
	})
	by := r.agent("reviewer-a", "reviewer")
	var place hotline.ReviewPlace
	shown := 0
	for range 60 {
		got, err := r.ReviewQueue(t.Context(), by, "", place, 100)
		require.NoError(t, err)
		shown += len(got.Items)
		if place = hotline.ParseReviewPlace(got.Next.String()); place.Passed == 0 {
			require.Empty(t, got.Next.String())
			break
		}
	}
	require.Equal(t, 5100, shown)
}

func TestTheReviewQueueShowsWhatOneMayDecide(t *testing.T) {
	t.Parallel()
	noon := time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)
	held, books, policies := 0, 0, 0
	sources := []hotline.ReviewSource{
		waitingList{"held", hotline.MayReviewHeld, []hotline.Waiting{{ID: "h2", Since: noon.Add(-time.Hour)}, {ID: "h1", Since: noon.Add(-3 * time.Hour), Overdue: true}}, true, nil, &held},
		waitingList{"guardianship", hotline.MayReviewBooks, []hotline.Waiting{{ID: "g1", Since: noon.Add(-2 * time.Hour)}}, false, nil, &books},
		waitingList{"policy_proposal", hotline.MaySetPolicy, nil, false, errors.New("never asked"), &policies},
	}
	r := newRig(t, func(d *hotline.Deps) { d.Reviews = sources })
	by := r.agent("reviewer-a", "reviewer")
	got, err := r.ReviewQueue(t.Context(), by, "", hotline.ReviewPlace{}, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"held h1", "guardianship g1"}, []string{got.Items[0].Kind + " " + got.Items[0].ID, got.Items[1].Kind + " " + got.Items[1].ID})
	require.Len(t, got.Items, 2)
	require.Equal(t, []hotline.ReviewKind{
		{Kind: "held", Count: 2, More: true, Overdue: 1, Oldest: noon.Add(-3 * time.Hour)}, {Kind: "guardianship", Count: 1, Oldest: noon.Add(-2 * time.Hour)},
	}, got.Kinds)
	require.Zero(t, policies, "what no role of hers opens is not asked for")
	got, err = r.ReviewQueue(t.Context(), by, "guardianship", hotline.ReviewPlace{}, 50)
	require.NoError(t, err)
	require.Len(t, got.Items, 1)
	require.Len(t, got.Kinds, 2, "the counts are of all kinds")

	agent := newRig(t, func(d *hotline.Deps) { d.Reviews = sources })
	_, err = agent.ReviewQueue(t.Context(), agent.agent("agent-a", "agent"), "", hotline.ReviewPlace{}, 50)
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
	require.Len(t, agent.entries("hotline.act.refused"), 1)
}
