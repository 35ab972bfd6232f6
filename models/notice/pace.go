package notice

import (
	"context"
	"time"
)

// Pace says when messages may leave, so that all replicas together keep to what a vendor or a platform takes a second. A
// sweep asks before it claims.
type Pace interface {
	// Take asks for want messages of a lane on a channel. Bulk lanes may book only a moment ahead, so that urgent ones never
	// wait behind more than that. A channel without a cap grants all at once.
	Take(ctx context.Context, channel Channel, lane Lane, want int) (Leave, error)
}

// Leave is a row of messages that may go out one after the other. Those that come late may follow at once.
type Leave struct {
	N     int           // how many
	First time.Duration // from now until the first may go
	Every time.Duration // from one to the next; 0: all at once
	After time.Duration // with N zero: when to ask again
}

// Urgent reports whether the lane is swept before the bulk.
func (l Lane) Urgent() bool { return l == LaneCodes || l == LaneLoss }

const (
	leaveGrows  = 20 * time.Millisecond // a cap that is booked up is left so long before it is asked again
	leaveWithin = time.Second           // a sweep waits no longer for it: other lanes may be due
)

// leave is how many deliveries of a part may leave now, and how, as caps of all replicas together allow. A cap that is
// booked up is waited for: a sweep that gave up and came back with the next second would waste a part of it. Where the
// caps cannot be asked the vendor is the one to refuse.
func (s *Service) leave(ctx context.Context, part Due, want int) Leave {
	if s.Pace == nil {
		return Leave{N: want}
	}
	for waited := time.Duration(0); ; {
		granted, err := s.Pace.Take(ctx, part.Channel, part.Lane, want)
		if err != nil {
			return Leave{N: want}
		}
		wait := max(granted.After, leaveGrows)
		if granted.N > 0 || waited+wait > leaveWithin || !sleep(ctx, wait) {
			return granted
		}
		waited += wait
	}
}

// place waits for one urgent message's place. Where the caps cannot be asked, or the wait gets long, it goes all the same:
// the vendor is the one to refuse.
func (s *Service) place(ctx context.Context, part Due) {
	if s.Pace == nil {
		return
	}
	for waited := time.Duration(0); waited <= leaveWithin; {
		granted, err := s.Pace.Take(ctx, part.Channel, part.Lane, 1)
		if err != nil {
			return
		}
		if granted.N > 0 {
			sleep(ctx, granted.First)
			return
		}
		wait := max(granted.After, leaveGrows)
		if !sleep(ctx, wait) {
			return
		}
		waited += wait
	}
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
