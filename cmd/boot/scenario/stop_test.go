package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// Design 3: at a stop /readyz fails first, so that the balancer sends nobody new; what runs is finished; the exit
// status is 0.
func TestAskedToStopUnderLoadItFinishesWhatItHasBegun(t *testing.T) {
	t.Parallel()
	boottest.EmbeddedHalf(t, true)
	w := newWorld(t, false)
	w.hush()
	running := w.start("dev", "ONECARD_HTTP_DRAIN_WAIT=1s")
	p := newProduct(running.base)
	people := w.residents(2)
	w.bind(p, people)
	loser, reader := people[0], people[1]

	// One report is at the registry when the signal comes, and its answer takes longer than the listener has left.
	require.NoError(t, w.fault(`{"target":"cards","op":"commands","fault":"late","delay_ms":1600,"times":1}`))
	reported := make(chan answer, 1)
	failed := make(chan error, 2)
	go func() {
		a, err := p.call(t.Context(), http.MethodPost, "/v1/loss-reports", loser.token, loser.key, map[string]string{"card_id": loser.cardID})
		failed <- err
		reported <- a
	}()
	eventually(t, 10*time.Second, func() error {
		if !done(w, loser) {
			return fmt.Errorf("the report is not at the registry")
		}
		return nil
	})

	var stopping, answered atomic.Int64 // unready answers seen; reads answered since
	load, enough := context.WithCancel(t.Context())
	defer enough()
	go func() { failed <- readOn(load, p, reader, &stopping, &answered) }()
	require.NoError(t, running.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, 5*time.Second, func() error {
		a, err := p.call(t.Context(), http.MethodGet, "/readyz", "", "", nil)
		if err == nil && a.status == http.StatusServiceUnavailable {
			stopping.Store(1)
			return nil
		}
		return fmt.Errorf("/readyz says %d, %w", a.status, err)
	})
	eventually(t, 5*time.Second, func() error {
		if answered.Load() < 3 {
			return fmt.Errorf("%d reads answered while draining", answered.Load())
		}
		return nil
	})

	require.NoError(t, <-failed)
	a := <-reported
	require.Contains(t, []int{http.StatusCreated, http.StatusAccepted}, a.status, "%v", a.body)
	require.NoError(t, running.wait(30*time.Second), running.log.tail())
	require.NoError(t, <-failed, "reads until the listener closed")
	w.nothingDoubled(people[:1])
	w.auditHolds()
}

// readOn reads a card again and again. Until the listener is closed every read is answered well.
func readOn(ctx context.Context, p *product, one *person, stopping, answered *atomic.Int64) error {
	for ctx.Err() == nil {
		a, err := p.call(ctx, http.MethodGet, "/v1/cards", one.token, "", nil)
		switch {
		case err != nil && answered.Load() > 0:
			return nil // closed, as it should be by now
		case err != nil:
			return fmt.Errorf("a read failed before the stop was announced: %w", err)
		case a.status != http.StatusOK:
			return fmt.Errorf("a read got %d %s", a.status, a.text("code"))
		}
		answered.Add(stopping.Load())
	}
	return nil
}
