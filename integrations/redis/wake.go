package redis

import (
	"context"
	"strings"
	"sync"
	"time"

	"onecard/models"
)

// WakeUps tell sleeping sweeps of all replicas that there is something to do. They save waiting; a sweep runs by
// itself too, so a lost wake-up costs its period and nothing else. With Redis gone they work within this process.
type WakeUps struct {
	c       *Client
	stop    context.CancelFunc
	done    sync.WaitGroup
	mu      sync.Mutex
	bells   map[string]chan struct{}
	pending map[string]bool
	post    chan struct{}
	self    string // begins our own messages, which have rung here already
}

// WakeUps tell sleeping sweeps that there is something to do.
func (c *Client) WakeUps() *WakeUps { return c.wake }

func newWakeUps(c *Client) *WakeUps {
	ctx, stop := context.WithCancel(context.Background())
	w := &WakeUps{
		c: c, stop: stop, bells: map[string]chan struct{}{}, pending: map[string]bool{}, post: make(chan struct{}, 1),
		self: string(models.NewID()),
	}
	w.done.Go(func() { w.listen(ctx) })
	w.done.Go(func() { w.publish(ctx) })
	return w
}

// Wake ends one sleep on topic in every replica, now or at its next Sleep. It never waits.
func (w *WakeUps) Wake(topic string) {
	w.ring(topic)
	w.mu.Lock()
	w.pending[topic] = true
	w.mu.Unlock()
	select {
	case w.post <- struct{}{}:
	default: // the publisher will see the topic on its round
	}
}

// Sleep returns when topic is woken, after max, or when ctx is over; woken tells the first from the others. A wake-up
// that came while nobody slept counts.
func (w *WakeUps) Sleep(ctx context.Context, topic string, max time.Duration) (woken bool) {
	t := time.NewTimer(max)
	defer t.Stop()
	select {
	case <-w.bell(topic):
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

func (w *WakeUps) bell(topic string) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bells[topic] == nil {
		w.bells[topic] = make(chan struct{}, 1)
	}
	return w.bells[topic]
}

func (w *WakeUps) ring(topic string) {
	select {
	case w.bell(topic) <- struct{}{}:
	default: // it rings already
	}
}

// publish tells the other replicas; many wake-ups of one topic become one message.
func (w *WakeUps) publish(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.post:
		}
		w.mu.Lock()
		topics := w.pending
		w.pending = map[string]bool{}
		w.mu.Unlock()
		for topic := range topics {
			w.c.rdb.Publish(ctx, w.c.key("wake"), w.self+" "+topic)
		}
	}
}

// listen rings the bells that other replicas pull; the connection is made again whenever it breaks.
func (w *WakeUps) listen(ctx context.Context) {
	sub := w.c.rdb.Subscribe(ctx, w.c.key("wake"))
	defer func() { _ = sub.Close() }()
	messages := sub.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			if from, topic, _ := strings.Cut(m.Payload, " "); from != w.self {
				w.ring(topic)
			}
		}
	}
}

func (w *WakeUps) close() {
	w.stop()
	w.done.Wait()
}
