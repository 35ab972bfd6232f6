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
		const most, ahead = 40, 200 * time.Millisecond
		replicas := []*Buckets{r.Buckets(.25), r.again(t).Buckets(.25), r.again(t).Buckets(.25), r.again(t).Buckets(.25)}
		began := time.Now()
		var granted atomic.Int64
		all := func() {
			var wg sync.WaitGroup
			for _, b := range replicas {
				wg.Go(func() {
					for range 10 {
						l, err := b.Take(t.Context(), "x", most, 30, ahead)
						if err == nil {
							granted.Add(int64(l.N))
						}
					}
				})
			}
			wg.Wait()
		}
		all()
		const rounds = 8
		for range rounds {
			r.pass(125 * time.Millisecond)
			all()
		}
		// A second, what may be booked ahead, and the place that is free now.
		spent := time.Second
		if r.embedded == nil {
			spent = max(spent, time.Since(began))
		}
		limit := int64(most*(spent+ahead).Seconds()) + 1
		require.LessOrEqual(t, granted.Load(), limit)
		require.GreaterOrEqual(t, float64(granted.Load()), steadily*most*1.2-rounds, "and use it")
	})
}

func TestBulkBooksOnlyAMomentAheadOfTheUrgent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		b := r.Buckets(.25)
		l, err := b.Take(t.Context(), "x", 100, 1000, bulkAhead)
		require.NoError(t, err)
		require.Equal(t, 15, l.N)
		require.Zero(t, l.First)
		require.InDelta(t, 10.2, float64(l.Every.Microseconds())/1000, 0.1)
		l, err = b.Take(t.Context(), "x", 100, 1000, bulkAhead)
		require.NoError(t, err)
		require.LessOrEqual(t, l.N, 1, "its moment is booked")
		l, err = b.Take(t.Context(), "x", 100, 1, urgentAhead)
		require.NoError(t, err)
		require.Equal(t, 1, l.N)
		require.InDelta(t, float64(bulkAhead.Milliseconds()), float64(l.First.Milliseconds()), 60, "the urgent wait behind no more than that")
		l, err = b.Take(t.Context(), "y", 10, 3, urgentAhead)
		require.NoError(t, err)
		require.Equal(t, 3, l.N, "another name is another cap")
		l, err = b.Take(t.Context(), "x", 0, 1000, bulkAhead)
		require.NoError(t, err)
		require.Equal(t, notice.Leave{N: 1000}, l, "no cap")
		l, err = b.Take(t.Context(), "one", 1, 5, bulkAhead)
		require.NoError(t, err)
		require.Equal(t, 1, l.N, "even a cap of one moves bulk")
		l, err = b.Take(t.Context(), "one", 1, 5, bulkAhead)
		require.NoError(t, err)
		require.Zero(t, l.N)
		require.Greater(t, l.After, 500*time.Millisecond)
	})
}

func TestABucketOutlivesAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	b := c.Buckets(1)
	_, err := b.Take(t.Context(), "x", 10, 10, urgentAhead)
	require.NoError(t, err)
	clock.Advance(-time.Hour)
	l, err := b.Take(t.Context(), "x", 10, 10, urgentAhead)
	require.NoError(t, err)
	require.LessOrEqual(t, l.After, time.Second)
}

func TestWithoutRedisAReplicaUsesItsShareOfACap(t *testing.T) {
	t.Parallel()
	c, clock := stopped(t)
	b := c.Buckets(.25)
	l, err := b.Take(t.Context(), "x", 40, 100, urgentAhead)
	require.NoError(t, err)
	require.Equal(t, notice.Leave{N: 11, Every: 100 * time.Millisecond}, l)
	clock.Advance(500 * time.Millisecond)
	l, err = b.Take(t.Context(), "x", 40, 100, 700*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, notice.Leave{N: 2, First: 600 * time.Millisecond, Every: 100 * time.Millisecond}, l)
}

func TestThePaceIsTheCapOfThePresentVendor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r rig) {
		present := "aliyun"
		p := &Pace{Buckets: r.Buckets(.25), PerSecond: map[string]int{"aliyun": 100, "tencent": 200, "wechat_mini": 50}, Present: func(context.Context) string { return present }}
		take := func(c notice.Channel, lane notice.Lane) notice.Leave {
			l, err := p.Take(t.Context(), c, lane, 1000)
			require.NoError(t, err)
			return l
		}
		require.Equal(t, 15, take(notice.SMS, notice.LaneArrivals).N)
		codes := take(notice.SMS, notice.LaneCodes)
		require.Greater(t, codes.N, 80, "codes book what arrivals left")
		require.Positive(t, codes.First)
		present = "tencent"
		require.Equal(t, 30, take(notice.SMS, notice.LaneProgress).N)
		_, ok := p.Room(t.Context(), "tencent", notice.LaneProgress)
		require.False(t, ok)
		_, ok = p.Room(t.Context(), "tencent", notice.LaneLoss)
		require.True(t, ok)
		require.Equal(t, 8, take(notice.WechatMini, notice.LaneProgress).N)
		require.Equal(t, notice.Leave{N: 1000}, take(notice.AlipayMini, notice.LaneProgress))
	})
}
