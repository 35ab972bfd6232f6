package card

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// R26: pictures never take more than their processors; who finds no place is told at once when to come back.
func TestR26_PicturesAreWorkedOnFewAtATime(t *testing.T) {
	t.Parallel()
	const working, waiting = 2, 3
	p := newPool(working, waiting)
	started, release := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	work := func() {
		defer done.Done()
		require.NoError(t, p.run(t.Context(), func() error {
			started <- struct{}{}
			<-release
			return nil
		}))
	}
	done.Add(working + waiting)
	for range working {
		go work()
		<-started
	}
	for range waiting {
		go work()
	}
	for len(p.places) < working+waiting { // those who wait have taken their places
		<-yielded()
	}
	require.Len(t, p.working, working)

	err := p.run(t.Context(), func() error { return nil })
	require.ErrorIs(t, err, ErrUploadBusy)
	var busy *models.Error
	require.ErrorAs(t, err, &busy)
	require.Equal(t, models.Unavailable, busy.Kind)
	require.Equal(t, busyRetry, busy.RetryAfter)

	for range waiting { // one goes, one comes
		release <- struct{}{}
		<-started
	}
	close(release)
	done.Wait()
	require.Empty(t, p.places)
	require.NoError(t, p.run(t.Context(), func() error { return nil }), "there is place again")
}

// yielded lets others run.
func yielded() <-chan struct{} {
	c := make(chan struct{})
	go close(c)
	return c
}

// A caller who goes away gives his place back, and so does a picture on which the decoder breaks.
func TestAPlaceIsGivenBack(t *testing.T) {
	t.Parallel()
	p := newPool(1, 1)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, p.run(t.Context(), func() error {
		require.ErrorIs(t, p.run(gone, func() error { return nil }), ErrUploadBusy)
		return nil
	}))
	require.Panics(t, func() { _ = p.run(t.Context(), func() error { panic("a broken decoder") }) })
	require.Empty(t, p.places)
	require.Empty(t, p.working)
	require.NotNil(t, newPool(0, -1).working, "nobody can set it to nothing at all")
}
