package mirror_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/mirror"
)

// leases is what two replicas share; a turn lapses by the clock.
type leases struct {
	clock  models.Clock
	holder string
	ends   time.Time
}

// turns is one replica's side of it.
type turns struct {
	*leases
	me string
}

func (l turns) Mine(context.Context, string) bool {
	if now := l.clock.Now(); l.holder == l.me || !now.Before(l.ends) {
		l.holder, l.ends = l.me, now.Add(15*time.Second)
	}
	return l.holder == l.me
}

func (l turns) Pass(context.Context, string) {
	if l.holder == l.me {
		l.ends = time.Time{}
	}
}

// twoReplicas share a store and the turns.
func twoReplicas() (one, two *mirror.Service, r *rig) {
	r = newRig()
	shared := &leases{clock: r.clock}
	one, two = r.Service, &mirror.Service{
		Store: r, Appliers: r.Appliers, Order: r.Order, Clock: r.clock, Log: r.Log, Watch: r, PageSize: 10,
	}
	one.Turns, two.Turns = turns{shared, "one"}, turns{shared, "two"}
	return one, two, r
}

func TestOneReplicaAtATimeReadsASource(t *testing.T) {
	t.Parallel()
	first, second, r := twoReplicas()
	mine, other := one("a", card("C", 1)), one("a", card("C", 1))
	for range 30 {
		_, err := first.Pull(t.Context(), mine)
		require.NoError(t, err)
		more, err := second.Pull(t.Context(), other)
		require.NoError(t, err)
		require.False(t, more)
		r.clock.Advance(time.Second)
	}
	require.Len(t, mine.asked, 30)
	require.Empty(t, other.asked, "the other does not ask the source")
	require.Equal(t, []string{"card C/1"}, r.taken)

	// The holder dies: it asks no more. Its turn lapses by the clock.
	for range 14 {
		_, err := second.Pull(t.Context(), other)
		require.NoError(t, err)
		require.Empty(t, other.asked)
		r.clock.Advance(time.Second)
	}
	_, err := second.Pull(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, other.asked, "it goes on where the dead one stood")
	require.Len(t, r.taken, 1)
	_, err = first.Pull(t.Context(), mine)
	require.NoError(t, err)
	require.Len(t, mine.asked, 30, "one who comes back waits for its turn")
}

func TestAReplicaThatCannotTakeAPageLetsAnotherTry(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(r *rig, f *feed){
		"its database is away": func(r *rig, _ *feed) { r.fails["C/1"] = models.ErrUnavailable },
		"its source is away":   func(_ *rig, f *feed) { f.fails = errors.New("no route") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, r := twoReplicas()
			mine, other := one("a", card("C", 1)), one("a", card("C", 1))
			fail(r, mine)
			_, err := a.Pull(t.Context(), mine)
			require.Error(t, err)
			delete(r.fails, "C/1")
			_, err = b.Pull(t.Context(), other)
			require.NoError(t, err)
			require.Equal(t, []string{"card C/1"}, r.taken)
		})
	}
	t.Run("it panics", func(t *testing.T) {
		t.Parallel()
		a, b, r := twoReplicas()
		mine, other := one("a", card("C", 1)), one("a", card("C", 1))
		mine.during = func() { panic("a bug") }
		require.Panics(t, func() { _, _ = a.Pull(t.Context(), mine) })
		_, err := b.Pull(t.Context(), other)
		require.NoError(t, err)
		require.Len(t, r.taken, 1)
	})
}
