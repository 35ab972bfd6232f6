package redis

import (
	"context"
	"time"

	"onecard/models/notice"
)

// Pace is the pace of the queue of notices: the caps of the SMS vendors and of the platforms, in all replicas together.
type Pace struct {
	Buckets   *Buckets
	PerSecond map[string]int                   // by vendor of text messages, and by channel of platforms; 0 or none: no cap
	Present   func(ctx context.Context) string // the vendor that text messages go to now
}

var _ notice.Pace = (*Pace)(nil)

// How far ahead a lane may book. Whoever is urgent waits behind no more of the bulk than that.
const (
	bulkAhead   = 150 * time.Millisecond
	urgentAhead = longestRow
	roomAhead   = 50 * time.Millisecond // of a message that goes to another vendor than it was claimed for, and goes at once
)

// Take implements notice.Pace. With Redis gone each replica uses its share.
func (p *Pace) Take(ctx context.Context, channel notice.Channel, lane notice.Lane, want int) (notice.Leave, error) {
	name, ahead := string(channel), bulkAhead
	if channel == notice.SMS {
		name = p.Present(ctx)
	}
	if lane.Urgent() {
		ahead = urgentAhead
	}
	return p.take(ctx, channel, name, want, ahead)
}

// Room takes one message out of the cap of a vendor that is not the present one.
func (p *Pace) Room(ctx context.Context, vendor string, lane notice.Lane) (wait time.Duration, ok bool) {
	ahead := roomAhead
	if lane.Urgent() {
		ahead += bulkAhead
	}
	granted, err := p.take(ctx, notice.SMS, vendor, 1, ahead)
	return granted.After, err == nil && granted.N == 1
}

func (p *Pace) take(ctx context.Context, channel notice.Channel, name string, want int, ahead time.Duration) (notice.Leave, error) {
	key := string(channel)
	if channel == notice.SMS {
		key += ":" + name
	}
	return p.Buckets.Take(ctx, key, p.PerSecond[name], want, ahead)
}
