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

// leftToUrgent is the part of a cap that bulk lanes leave to codes and losses.
const leftToUrgent = 5 // a fifth

// Take implements notice.Pace. With Redis gone each replica uses its share.
func (p *Pace) Take(ctx context.Context, channel notice.Channel, lane notice.Lane, want int) (int, time.Duration, error) {
	name := string(channel)
	if channel == notice.SMS {
		name = p.Present(ctx)
	}
	return p.take(ctx, channel, name, lane, want)
}

// Room takes one message out of the cap of a vendor that is not the present one.
func (p *Pace) Room(ctx context.Context, vendor string, lane notice.Lane) (wait time.Duration, ok bool) {
	granted, wait, err := p.take(ctx, notice.SMS, vendor, lane, 1)
	return wait, err == nil && granted == 1
}

func (p *Pace) take(ctx context.Context, channel notice.Channel, name string, lane notice.Lane, want int) (int, time.Duration, error) {
	rate, keep := p.PerSecond[name], 0
	if !lane.Urgent() {
		keep = (rate + leftToUrgent - 1) / leftToUrgent
	}
	key := string(channel)
	if channel == notice.SMS {
		key += ":" + name
	}
	return p.Buckets.Take(ctx, key, rate, want, keep)
}
