package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// Many processes take the same event in, and work it, at once: one row, one call.
func TestAnEventToldAndWorkedByManyAtOnceIsOneCall(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := context.WithoutCancel(t.Context())
		agent := agentOnFile(t, s.db, "zuoxi1")
		require.NoError(t, s.db.Extensions().SetExtension(ctx, agent.ID, "8001", start))
		s.sits(agent.ID)
		e, err := hotline.ParseEvent(hotline.TelephoneEvent{EventID: "ev-1", Kind: hotline.CallAnswered, CallRef: "in-1", Extension: "8001", At: start}, "13800001234")
		require.NoError(t, err)
		require.Equal(t, 8, winners(8, func() error { return s.TakeEvent(ctx, e) }), "told again is taken too")
		for _, err := range atOnce(8, func(int) error { _, err := s.WorkTelephone(ctx, 10); return err }) {
			if err != nil {
				require.ErrorIs(t, err, models.ErrConflict)
			}
		}
		s.clock.Advance(time.Minute)
		s.works()
		var events, calls, pops int
		row := s.db.SQL().QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM telephone_events), (SELECT COUNT(*) FROM calls), (SELECT COUNT(*) FROM console_events)")
		require.NoError(t, row.Scan(&events, &calls, &pops))
		require.Equal(t, [3]int{1, 1, 1}, [3]int{events, calls, pops})
	})
}

// The agent types a call in while the exchange opens one: there is one open call, whoever was first.
func TestOneOpenCallThoughTheTelephoneRingsMeanwhile(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := context.WithoutCancel(t.Context())
		agent := agentOnFile(t, s.db, "zuoxi1")
		require.NoError(t, s.db.Extensions().SetExtension(ctx, agent.ID, "8001", start))
		s.sits(agent.ID)
		by := models.Actor{Kind: models.AgentActor, ID: agent.ID, Channel: models.Phone12333}
		for i := range 4 {
			s.hears(hotline.CallAnswered, fmt.Sprint("in-", i), "8001", "13800001234")
		}
		atOnce(6, func(i int) error {
			if i%2 == 0 {
				_, err := s.OpenCall(ctx, by, "13700000009")
				return err
			}
			_, err := s.WorkTelephone(ctx, 10)
			return err
		})
		for range 8 { // what stood in somebody's way comes again
			s.clock.Advance(time.Minute)
			_, _ = s.WorkTelephone(ctx, 10)
		}
		var open, waiting int
		row := s.db.SQL().QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM calls WHERE closed_at IS NULL), (SELECT COUNT(*) FROM telephone_events WHERE state = 'waiting')")
		require.NoError(t, row.Scan(&open, &waiting))
		require.Equal(t, [2]int{1, 0}, [2]int{open, waiting})
	})
}

// A number is given to one promise at a time, and of many agents one takes it.
func TestOfManyAgentsOneTakesACallBack(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := context.WithoutCancel(t.Context())
		number, err := hotline.ParseCallerNumber("13800001234")
		require.NoError(t, err)
		add := func(cause string) error {
			return s.db.CallBacks().AddCallBack(ctx, hotline.CallBack{
				ID: models.NewID(), Cause: cause, Reason: hotline.ReasonMissed, Destination: hotline.ToCallerNumber, Number: number,
				State: hotline.CallBackDue, DueAt: start, MadeAt: start, Version: 1,
			})
		}
		won := 0
		for _, err := range atOnce(6, func(i int) error { return add(fmt.Sprint("exchange:", i)) }) {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, hotline.ErrCallBackKnown)
		}
		require.Equal(t, 1, won)
		list, err := s.db.CallBacks().CallBacks(ctx, hotline.CallBackFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "13800001234", list[0].Number.Reveal())
		var cell []byte
		require.NoError(t, s.db.SQL().QueryRowContext(ctx, "SELECT number_sealed FROM call_backs").Scan(&cell))
		require.NotContains(t, string(cell), "13800001234")

		var agents [6]models.Actor
		for i := range agents {
			agents[i] = models.Actor{Kind: models.AgentActor, ID: agentOnFile(t, s.db, fmt.Sprint("zuoxi", i)).ID, Channel: models.Phone12333}
		}
		taken := 0
		for _, err := range atOnce(len(agents), func(i int) error { _, err := s.TakeCallBack(ctx, agents[i], list[0].ID); return err }) {
			if err == nil {
				taken++
				continue
			}
			require.True(t, errors.Is(err, models.ErrConflict) || errors.Is(err, hotline.ErrCallBackNotYours), "%v", err)
		}
		require.Equal(t, 1, taken)
		f, err := s.db.CallBacks().CallBackFigures(ctx, start.Add(time.Second))
		require.NoError(t, err)
		require.Equal(t, hotline.CallBackFigures{Taken: 1, Overdue: 1}, f)
	})
}

// The numbers of an agent's events have no gap that fills later: who read up to one has read all before it.
func TestConsoleEventsAreNumberedInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.WithoutCancel(t.Context())
		agent := agentOnFile(t, db, "zuoxi1")
		streams := db.ConsoleStreams()
		var read []int64
		for range 5 {
			atOnce(4, func(i int) error {
				return db.InTx(ctx, func(ctx context.Context) error {
					if err := streams.PushEvent(ctx, agent.ID, hotline.ConsoleEvent{Kind: "ringing", At: start}); err != nil {
						return err
					}
					if i == 3 { // one that comes to nothing leaves its number to the next
						return errors.New("rolled back")
					}
					return nil
				})
			})
			after := int64(0)
			if len(read) > 0 {
				after = read[len(read)-1]
			}
			list, err := streams.ConsoleEventsAfter(ctx, agent.ID, after, 100)
			require.NoError(t, err)
			for _, e := range list {
				read = append(read, e.Seq)
			}
		}
		require.Len(t, read, 15)
		for i, seq := range read {
			require.Equal(t, int64(i+1), seq)
		}
	})
}

func TestAnExtensionIsOneActiveAgents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.WithoutCancel(t.Context())
		a, b := agentOnFile(t, db, "zuoxi1"), agentOnFile(t, db, "zuoxi2")
		x := db.Extensions()
		won := 0
		for _, err := range atOnce(6, func(i int) error { return x.SetExtension(ctx, []models.ID{a.ID, b.ID}[i%2], "8001", start) }) {
			if err != nil {
				require.True(t, errors.Is(err, hotline.ErrExtensionTaken) || errors.Is(err, models.ErrConflict), "%v", err)
				continue
			}
			won++
		}
		require.Positive(t, won)
		owner, err := x.StaffAt(ctx, "8001")
		require.NoError(t, err)
		other := a
		if owner == a.ID {
			other = b
		}
		require.ErrorIs(t, x.SetExtension(ctx, other.ID, "8001", start), hotline.ErrExtensionTaken)
		gone, err := db.Staff().StaffByID(ctx, owner)
		require.NoError(t, err)
		gone.DisabledAt = start
		require.NoError(t, db.Staff().UpdateStaff(ctx, gone))
		_, err = x.StaffAt(ctx, "8001")
		require.ErrorIs(t, err, models.ErrNotFound, "nobody's telephone rings who is gone")
		require.NoError(t, x.SetExtension(ctx, other.ID, "8001", start))
		require.NoError(t, x.SetExtension(ctx, other.ID, "", start))
		has, err := x.ExtensionOf(ctx, other.ID)
		require.NoError(t, err)
		require.Empty(t, has)
	})
}

// A row that does not open keeps no other back: it is tried again by itself, and given up.
func TestAnEventThatCannotBeUnsealedIsGivenUpAlone(t *testing.T) {
	t.Parallel()
	eachSeat(t, func(t *testing.T, s *seat) {
		ctx := t.Context()
		agent := agentOnFile(t, s.db, "zuoxi1")
		require.NoError(t, s.db.Extensions().SetExtension(ctx, agent.ID, "8001", start))
		s.sits(agent.ID)
		s.hears(hotline.CallRinging, "in-broken", "8001", "13700000009")
		_, err := s.db.SQL().ExecContext(ctx, "UPDATE telephone_events SET number_sealed = $1 WHERE call_ref = 'in-broken'", []byte("damaged on the disk, all of it"))
		require.NoError(t, err)
		s.hears(hotline.CallAnswered, "in-1", "8001", "13800001234")
		s.works()
		call, err := s.db.Calls().OpenCallOf(ctx, agent.ID)
		require.NoError(t, err, "the call behind it is opened")
		require.Equal(t, "in-1", call.ExchangeRef)
		var gaveUp error
		for range 10 {
			s.clock.Advance(2 * time.Minute)
			if _, err := s.WorkTelephone(ctx, 10); err != nil {
				gaveUp = errors.Join(gaveUp, err)
			}
		}
		require.ErrorContains(t, gaveUp, "unsealed")
		var failed, waiting int
		row := s.db.SQL().QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM telephone_events WHERE state = 'failed'), (SELECT COUNT(*) FROM telephone_events WHERE state = 'waiting')")
		require.NoError(t, row.Scan(&failed, &waiting))
		require.Equal(t, [2]int{1, 0}, [2]int{failed, waiting})
	})
}
