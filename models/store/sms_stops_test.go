package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func stopPhone(t *testing.T, digits string) models.Phone {
	t.Helper()
	p, err := models.ParsePhone(digits)
	require.NoError(t, err)
	return p
}

func requireStopped(t *testing.T, s *store.SMSStops, p models.Phone, want notice.StopReason) {
	t.Helper()
	got, err := s.StoppedOf(t.Context(), []models.Phone{p})
	require.NoError(t, err)
	require.Equal(t, want, got[p])
}

func TestTheYoungestWordAboutANumberCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, p, ctx := db.SMSStops(), stopPhone(t, "13800138000"), t.Context()
		requireStopped(t, s, p, notice.NotStopped)
		id, err := s.Stop(ctx, p, notice.StopAsked, "aliyun", start)
		require.NoError(t, err)
		require.NotEmpty(t, id)
		again, err := s.Stop(ctx, p, notice.StopAsked, "aliyun", start)
		require.NoError(t, err)
		require.Empty(t, again, "the same push once more")
		requireStopped(t, s, p, notice.StopAsked)
		requireStopped(t, s, stopPhone(t, "13800138001"), notice.NotStopped)

		lifted, err := s.Lift(ctx, p, notice.StopAsked, "tencent", start.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, id, lifted)
		again, err = s.Stop(ctx, p, notice.StopAsked, "aliyun", start)
		require.NoError(t, err)
		require.Empty(t, again, "an older 退订 comes late")
		requireStopped(t, s, p, notice.NotStopped)

		other := stopPhone(t, "13800138002")
		_, err = s.Lift(ctx, other, notice.StopAsked, "aliyun", start.Add(time.Minute))
		require.NoError(t, err)
		_, err = s.Stop(ctx, other, notice.StopAsked, "aliyun", start)
		require.NoError(t, err)
		requireStopped(t, s, other, notice.NotStopped)
	})
}

func TestANumberIsDeadOnceItIsCalledSoOnSeveralDays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, p, ctx := db.SMSStops(), stopPhone(t, "13800138000"), t.Context()
		strike := func(at time.Time) models.ID {
			id, err := s.Strike(ctx, p, "aliyun", at, 3)
			require.NoError(t, err)
			return id
		}
		day := 24 * time.Hour
		for range 5 {
			require.Empty(t, strike(start), "a switched-off phone bounces all day")
		}
		require.Empty(t, strike(start.Add(day)))
		doubted, err := s.Doubted(ctx, []models.Phone{p, stopPhone(t, "13800138001")})
		require.NoError(t, err)
		require.Equal(t, []models.Phone{p}, doubted)
		_, err = s.Lift(ctx, p, notice.StopNoOwner, "aliyun", start.Add(day+time.Hour))
		require.NoError(t, err)
		for n := range 2 {
			require.Empty(t, strike(start.Add(time.Duration(n+2)*day)), "a message that arrived begins the count anew")
		}
		require.NotEmpty(t, strike(start.Add(5*day)))
		requireStopped(t, s, p, notice.StopNoOwner)
		_, err = s.Stop(ctx, p, notice.StopAsked, "aliyun", start)
		require.NoError(t, err)
		requireStopped(t, s, p, notice.StopNoOwner)
	})
}

func TestOneOfManyStopsANumber(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, p := db.SMSStops(), stopPhone(t, "13800138000")
		ids, errs := make([]models.ID, 8), make([]error, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() { ids[i], errs[i] = s.Stop(t.Context(), p, notice.StopAsked, "aliyun", start) })
		}
		all.Wait()
		winners := 0
		for i := range ids {
			require.NoError(t, errs[i])
			if ids[i] != "" {
				winners++
			}
		}
		require.Equal(t, 1, winners)
	})
}

func TestStopsOutliveAChangeOfKeys(t *testing.T) {
	t.Parallel()
	eachReplicas(t, func(t *testing.T, clock *models.ManualClock, open func(storetest.Option) *store.DB) {
		c := &city{people: 3}
		before := open(keySets.before)
		for n := range c.people {
			_, err := before.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{c.fact(t, n, 1)}, start)
			require.NoError(t, err)
		}
		known, twice, written := stopPhone(t, c.phone(0, 1)), stopPhone(t, c.phone(1, 1)), stopPhone(t, "13900139000")
		for _, p := range []models.Phone{known, twice, written} {
			_, err := before.SMSStops().Stop(t.Context(), p, notice.StopAsked, "aliyun", start)
			require.NoError(t, err)
		}
		both := open(keySets.both)
		requireStopped(t, both.SMSStops(), written, notice.StopAsked) // nobody's number, but one that is written to
		_, err := both.SMSStops().Lift(t.Context(), twice, notice.StopAsked, "aliyun", start.Add(time.Minute))
		require.NoError(t, err)
		_, err = both.StartRotation(t.Context(), hotline.Operator())
		require.NoError(t, err)
		r := turn(t, both, clock, 500, store.StageObjects)
		require.NoError(t, both.EndObjects(t.Context(), r, "", 0, 0))
		r = turn(t, both, clock, 500, store.StageDone)
		require.NotNil(t, r.FinishedAt)
		after := open(keySets.after)
		requireStopped(t, after.SMSStops(), known, notice.StopAsked)
		requireStopped(t, after.SMSStops(), written, notice.StopAsked)
		requireStopped(t, after.SMSStops(), twice, notice.NotStopped)
	})
}
