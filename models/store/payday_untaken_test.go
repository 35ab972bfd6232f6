package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// A stream that breaks off is as if it had never come, so it is asked for again; but not for ever unseen.
func TestABatchThatFailsAgainAndAgainIsHeldAndStillTried(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		src := p.streaming()
		src.fails = at(2, models.ErrUnavailable)
		p.announce(src, p.lines("b1", 2))
		try := func() {
			_, err := p.TakeBatches(t.Context())
			require.ErrorIs(t, err, models.ErrUnavailable)
			p.clock.Set(p.clock.Now().Add(time.Hour))
			p.watch()
		}
		for range 5 {
			try()
			require.Equal(t, subsidy.BatchAnnounced, p.life("b1").State)
			require.Empty(t, p.heldList(subsidy.HeldPage{}))
		}
		for range 3 {
			try()
			l := p.life("b1")
			require.Equal(t, subsidy.BatchHeld, l.State)
			require.Equal(t, subsidy.BatchNotTaken, l.Reason)
			require.True(t, l.Waiting, "it goes on being tried")
			require.Equal(t, []string{"0 BATCH_NOT_TAKEN"}, p.report("b1"))
			v := p.heldList(subsidy.HeldPage{})["b1"]
			require.Equal(t, subsidy.Hold(subsidy.BatchNotTaken), v.Reason)
			require.Equal(t, subsidy.OwnerOperations, v.Owner)
			require.Empty(t, v.Rejections())
		}
		require.Equal(t, 8, p.life("b1").Tries)
		require.Equal(t, []string{"subsidy.batch.held"}, p.batchAudits("b1"), "written down once")

		key := subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1"}
		require.ErrorIs(t, p.propose(key, subsidy.DecideReject, "OTHER"), subsidy.ErrDecisionUnfit)
		src.fails = nil
		p.takeAll()
		p.watch()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Empty(t, p.life("b1").Reason)
		require.Equal(t, 2, p.stored("b1"))
		require.Empty(t, p.report("b1"))
		require.Empty(t, p.heldList(subsidy.HeldPage{}))
	})
}

func TestAReleasedUntakenBatchIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		src := p.streaming()
		src.fails = at(1, models.ErrUnavailable)
		p.announce(src, p.lines("b1", 1))
		for range 6 {
			_, err := p.TakeBatches(t.Context())
			require.Error(t, err)
			p.clock.Set(p.clock.Now().Add(time.Hour))
		}
		_, err := p.TakeBatches(t.Context()) // half an hour until the next
		require.Error(t, err)
		p.watch()
		src.fails = nil
		key := subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1"}
		require.NoError(t, p.propose(key, subsidy.DecideRelease, "CORRECTED_AT_SOURCE"))
		require.NoError(t, p.approve(reviewerB, key, 1))
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
	})
}
