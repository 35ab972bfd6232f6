package notice

import (
	"context"
	"time"
)

// Pace says how many messages may leave now, so that all replicas together keep to what a vendor or a platform takes a
// second. A sweep asks before it claims.
type Pace interface {
	// Take asks for want messages of a lane on a channel and gives how many may leave; for the rest, after is when to ask
	// again. Bulk lanes leave a part to the urgent ones. A channel without a cap grants all.
	Take(ctx context.Context, channel Channel, lane Lane, want int) (granted int, after time.Duration, err error)
}

// Urgent reports whether the lane is swept before the bulk.
func (l Lane) Urgent() bool { return l == LaneCodes || l == LaneLoss }
