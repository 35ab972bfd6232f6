package redis

import (
	"context"
)

// keptAtOnce bounds what waits to be kept; more is not kept: the database answers again.
const (
	keptAtOnce = 512
	keptInTrip = 64
)

// keep is one answer on its way to Redis, or a marker that tells when all before it have arrived.
type keep struct {
	key, place string
	body       []byte
	arrived    chan struct{}
}

// Keep stores an answer for the next time, after the present one has gone out: sealing and the trip are nobody's wait.
// version is what Begin or Look told before the database was read.
func (h *Hot) Keep(handle, view, version, mark string, body []byte) {
	if version == "" {
		return
	}
	key := h.body(handle, view)
	select {
	case h.queue <- keep{key: key, place: place(key, version, mark), body: body}:
	default:
	}
}

// Settle returns when everything given to Keep so far was stored, or ctx is over.
func (h *Hot) Settle(ctx context.Context) {
	marker := keep{arrived: make(chan struct{})}
	select {
	case h.queue <- marker:
	case <-ctx.Done():
		return
	}
	select {
	case <-marker.arrived:
	case <-ctx.Done():
	}
}

// run stores what waits, many answers to a trip.
func (h *Hot) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-h.queue:
			h.store(ctx, h.waiting(first))
		}
	}
}

func (h *Hot) waiting(first keep) []keep {
	list := []keep{first}
	for len(list) < keptInTrip {
		select {
		case next := <-h.queue:
			list = append(list, next)
		default:
			return list
		}
	}
	return list
}

func (h *Hot) store(ctx context.Context, list []keep) {
	pipe := h.c.rdb.Pipeline()
	for _, k := range list {
		if k.arrived == nil {
			pipe.Set(ctx, k.key, h.seal.close(k.place, k.body), BodyLife)
		}
	}
	if pipe.Len() > 0 {
		_, _ = pipe.Exec(ctx) // counted by Failures; what was not kept is read again
	}
	for _, k := range list {
		if k.arrived != nil {
			close(k.arrived)
		}
	}
}
