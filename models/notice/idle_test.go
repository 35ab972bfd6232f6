package notice

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// lapsing counts how often time's work was asked for.
type lapsing struct {
	Store
	asked int
}

func (l *lapsing) LapseDeliveries(ctx context.Context, repeat, silent time.Duration) (int, error) {
	l.asked++
	return l.Store.LapseDeliveries(ctx, repeat, silent)
}

func TestAnIdleQueueLooksForTimesWorkEachTwoSeconds(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	count := &lapsing{Store: s.Store}
	s.Store = count
	for range 120 { // a minute of both sweeps' turns
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
		b.clock.Advance(500 * time.Millisecond)
	}
	require.Equal(t, 30, count.asked)

	b.add(t, loss("loss:1:effective"))
	b.rows[0].Notice.Expires = b.clock.Now().Add(-time.Second) // there is something: look again at once, until there is not
	b.clock.Advance(2 * time.Second)
	before := count.asked
	for range 3 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, Expired, b.rows[0].State)
	require.Equal(t, before+2, count.asked)
}

// throwing panics while it sends one kind.
type throwing struct {
	Sender
	kind Kind
}

func (s throwing) Send(ctx context.Context, m Message) (Handed, error) {
	if m.Kind == s.kind {
		panic("13800000000")
	}
	return s.Sender.Send(ctx, m)
}

func TestAPanicOverOneNoticeIsAnErrorAndTheOthersGo(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	s.Sender = throwing{s.Sender, LossEffective}
	bad := b.add(t, loss("loss:1:effective"))
	good := b.add(t, Draft{Cause: "application:1", Kind: ApplicationProducing, PersonID: models.NewID()})
	_, err := s.Dispatch(t.Context())
	var p *models.Panic
	require.ErrorAs(t, err, &p)
	require.NotContains(t, err.Error(), "13800000000")
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.count(good))
	require.Equal(t, Submitting, b.state(bad), "its lease lapses: nobody knows whether it was sent")
}
