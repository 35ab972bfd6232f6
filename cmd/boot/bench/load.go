package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ask is one request of a load: a path and the token it carries.
type ask struct{ path, token string }

// run is what a load did in one go.
type run struct {
	done  int
	took  time.Duration
	waits []time.Duration // sorted
	reads []due           // of a steady load
	cpu   time.Duration
	// buffers is how many of the database's pages one request touched.
	buffers float64
}

// due is one request of a steady load: when it was to be sent, and how long it took from then.
type due struct {
	at   time.Time
	wait time.Duration
}

func (r run) rate() float64       { return float64(r.done) / r.took.Seconds() }
func (r run) cpuEach() float64    { return float64(r.cpu.Microseconds()) / float64(max(1, r.done)) }
func (r run) p(q float64) float64 { return ms(quantile(r.waits, q)) }

func newClient(conns int) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConns: conns, MaxIdleConnsPerHost: conns, MaxConnsPerHost: conns, DisableCompression: true}}
}

var errNotAnswered = errors.New("the load was not answered with 200")

func get(ctx context.Context, c *http.Client, base string, a ask) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+a.path, http.NoBody)
	if err != nil {
		return 0, err
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%w: %d", errNotAnswered, res.StatusCode)
	}
	return int(n), err
}

// closed keeps conns requests in flight for a while. asks(i) is the i-th request.
func closed(ctx context.Context, base string, asks func(int) ask, conns int, each time.Duration) (run, error) {
	return drive(ctx, conns, each, func(ctx context.Context, client *http.Client, i int) error {
		_, err := get(ctx, client, base, asks(i))
		return err
	})
}

// drive keeps conns calls of do going for a while; the first that fails ends its part of the load, and is told.
func drive(ctx context.Context, conns int, each time.Duration, do func(ctx context.Context, client *http.Client, i int) error) (run, error) {
	client := newClient(conns)
	defer client.CloseIdleConnections()
	var next, done atomic.Int64
	var mu sync.Mutex
	var waits []time.Duration
	var failed error
	began := time.Now()
	var all sync.WaitGroup
	for range conns {
		all.Go(func() {
			mine := make([]time.Duration, 0, 4096)
			for time.Since(began) < each && ctx.Err() == nil {
				at := time.Now()
				if err := do(ctx, client, int(next.Add(1))); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					break
				}
				mine = append(mine, time.Since(at))
				done.Add(1)
			}
			mu.Lock()
			waits = append(waits, mine...)
			mu.Unlock()
		})
	}
	all.Wait()
	if failed == nil && len(waits) == 0 {
		failed = errNotAnswered
	}
	slices.Sort(waits)
	return run{done: int(done.Load()), took: time.Since(began), waits: waits}, failed
}

// steady sends at a fixed rate until stop is closed, whatever the answers do; a wait counts from the instant at which
// the request was due, so that a stall is not hidden by the requests it kept back.
func steady(ctx context.Context, base string, asks func(int) ask, perSecond int, stop <-chan struct{}) (run, error) {
	client := newClient(64)
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var waits []time.Duration
	var reads []due
	var failed error
	var all sync.WaitGroup
	began := time.Now()
	gap := time.Second / time.Duration(perSecond)
loop:
	for i := 0; ; i++ {
		at := began.Add(time.Duration(i) * gap)
		select {
		case <-stop:
			break loop
		case <-ctx.Done():
			break loop
		case <-time.After(time.Until(at)):
		}
		all.Go(func() {
			_, err := get(ctx, client, base, asks(i))
			wait := time.Since(at)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && ctx.Err() == nil {
				failed = err
			}
			waits, reads = append(waits, wait), append(reads, due{at, wait})
		})
	}
	all.Wait()
	if failed == nil && len(waits) == 0 {
		failed = errNotAnswered
	}
	slices.Sort(waits)
	return run{done: len(waits), took: time.Since(began), waits: waits, reads: reads}, failed
}
