package redis

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
)

func TestFourReplicasTogetherKeepToACap(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		const most = 40
		replicas := []*Buckets{r.Buckets(.25), r.again(t).Buckets(.25), r.again(t).Buckets(.25), r.again(t).Buckets(.25)}
		began := time.Now()
		var granted atomic.Int64
		all := func() {
			var wg sync.WaitGroup
			for _, b := range replicas {
				wg.Go(func() {
					for range 10 {
						n, _, err := b.Take(t.Context(), "x", most, 30, 0)
						if err == nil {
							granted.Add(int64(n))
						}
					}
				})
			}
			wg.Wait()
		}
		all()
		const rounds = 4
		for range rounds {
			r.pass(250 * time.Millisecond)
			all()
		}
		least, limit := int64(2*most), int64(2*most) // a burst, and a second of it
		if spent := time.Since(began); r.embedded == nil && spent > time.Second {
			limit = most + int64(most*spent.Seconds()) + 1
		}
		require.GreaterOrEqual(t, granted.Load(), least)
		require.LessOrEqual(t, granted.Load(), limit)
	})
}

func TestBulkLeavesTokensToTheUrgent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		b := r.Buckets(.25)
		n, wait, err := b.Take(t.Context(), "x", 10, 100, 4)
		require.NoError(t, err)
		require.Equal(t, 6, n)
		require.InDelta(t, 100, float64(wait.Milliseconds()), 10)
		n, wait, err = b.Take(t.Context(), "x", 10, 4, 0)
		require.NoError(t, err)
		require.Equal(t, 4, n)
		require.Zero(t, wait)
		n, wait, err = b.Take(t.Context(), "x", 10, 1, 4)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Greater(t, wait, 400*time.Millisecond, "bulk waits until its part is there again")
		n, _, err = b.Take(t.Context(), "y", 10, 3, 0)
		require.NoError(t, err)
		require.Equal(t, 3, n, "another name is another cap")
		n, _, err = b.Take(t.Context(), "x", 0, 1000, 5)
		require.NoError(t, err)
		require.Equal(t, 1000, n, "no cap")
		n, _, err = b.Take(t.Context(), "one", 1, 5, 1)
		require.NoError(t, err)
		require.Equal(t, 1, n, "even a cap of one moves bulk")
	})
}

func TestABucketOutlivesAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	b := c.Buckets(1)
	_, _, err := b.Take(t.Context(), "x", 10, 10, 0)
	require.NoError(t, err)
	clock.Advance(-time.Hour)
	_, wait, err := b.Take(t.Context(), "x", 10, 10, 0)
	require.NoError(t, err)
	require.LessOrEqual(t, wait, time.Second)
}

func TestWithoutRedisAReplicaUsesItsShareOfACap(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	b := c.Buckets(.25)
	n, wait, err := b.Take(t.Context(), "x", 40, 100, 0)
	require.NoError(t, err)
	require.Equal(t, 10, n)
	require.Equal(t, 100*time.Millisecond, wait)
	clock.Advance(500 * time.Millisecond)
	n, _, err = b.Take(t.Context(), "x", 40, 100, 8)
	require.NoError(t, err)
	require.Equal(t, 3, n, "and leaves its share of what is kept")
}

func TestThePaceIsTheCapOfThePresentVendor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		present := "aliyun"
		p := &Pace{Buckets: r.Buckets(.25), PerSecond: map[string]int{"aliyun": 10, "tencent": 20, "wechat_mini": 5}, Present: func(context.Context) string { return present }}
		n, _, err := p.Take(t.Context(), notice.SMS, notice.LaneArrivals, 100)
		require.NoError(t, err)
		require.Equal(t, 8, n)
		n, _, err = p.Take(t.Context(), notice.SMS, notice.LaneCodes, 100)
		require.NoError(t, err)
		require.Equal(t, 2, n, "codes find what arrivals left")
		present = "tencent"
		n, _, err = p.Take(t.Context(), notice.SMS, notice.LaneLoss, 100)
		require.NoError(t, err)
		require.Equal(t, 20, n)
		_, ok := p.Room(t.Context(), "tencent", notice.LaneLoss)
		require.False(t, ok)
		n, _, err = p.Take(t.Context(), notice.WechatMini, notice.LaneProgress, 100)
		require.NoError(t, err)
		require.Equal(t, 4, n)
		n, _, err = p.Take(t.Context(), notice.AlipayMini, notice.LaneProgress, 100)
		require.NoError(t, err)
		require.Equal(t, 100, n)
	})
}
