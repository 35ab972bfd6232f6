package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/store"
	"onecard/models/subsidy"
)

func held(t *testing.T, db *store.DB) map[notice.Lane]int {
	t.Helper()
	got, err := db.Restores().HeldByRestore(t.Context())
	require.NoError(t, err)
	return got
}

// After a restore the feed tells again of what happened in the lost span: its own time counts, not when we hear it again.
func TestArrivalsThatAFeedTellsAgainAfterARestoreWait(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		lost := p.clock.Now()
		p.db.HoldFactsUntil(lost)
		p.clock.Advance(time.Hour)
		p.arrive(p.paid("wang", "b1", func(l *subsidy.Line) { l.CreditedAt, l.ChangedAt = lost.Add(-time.Minute), lost.Add(-time.Minute) }))
		require.Equal(t, map[notice.Lane]int{notice.LaneArrivals: 1}, held(t, p.db))
		p.arrive(p.paid("wang", "b2", func(l *subsidy.Line) { l.CreditedAt = lost.Add(-time.Minute) }))
		require.Equal(t, map[notice.Lane]int{notice.LaneArrivals: 2}, held(t, p.db), "a later version of a credit that was told")
		p.arrive(p.paid("wang", "b3"), p.paid("wang", "b4", returnedFor("ACCOUNT_INACTIVE")))
		require.Equal(t, map[notice.Lane]int{notice.LaneArrivals: 2}, held(t, p.db), "what happened since is told")
		require.Equal(t, 2, p.count("SELECT count(*) FROM deliveries WHERE state = 'queued'"))
	})
}

func TestABatchThatIsTakenAgainAfterARestoreWaits(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		lines := p.lines("b1", 3)
		p.clock.Advance(time.Hour)
		p.db.HoldFactsUntil(p.clock.Now().Add(-time.Minute))
		p.announce(p.streaming(), lines)
		p.takeAll()
		p.tellAll()
		require.Equal(t, map[notice.Lane]int{notice.LaneArrivals: 3}, held(t, p.db))
	})
}

func TestALookAheadAtABatchOfBeforeARestoreWaits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hold("zhao", card.FinancialInactive, "", 1)
		d.announce("b1", "zhao")
		d.db.HoldFactsUntil(d.payday.clock.Now())
		d.payday.clock.Advance(time.Hour)
		d.cardsHeard(time.Minute, true)
		d.ahead()
		require.Len(t, d.notices("zhao"), 1)
		require.Zero(t, d.count("SELECT count(*) FROM deliveries WHERE state = 'queued'"))
	})
}

// A stage of the lost span comes by the feed, or as the answer to a command that was asked before.
func TestStagesOfACardOfBeforeARestoreWait(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.ask(t, card.ReasonDamaged).Replacement
		r.paid(t, one)
		lost := r.clock.Now()
		r.db.HoldFactsUntil(lost)
		r.clock.Advance(time.Minute)
		before := held(t, r.db)[notice.LaneProgress]
		r.carry(t)
		require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)
		require.Equal(t, before+1, held(t, r.db)[notice.LaneProgress], "asked before, answered again")
		r.stage(t, card.StageAtOutlet, func(f *card.ApplicationFact) { f.ChangedAt = lost })
		require.Equal(t, card.ReplacementAtOutlet, r.now(t, one).State)
		require.Equal(t, before+2, held(t, r.db)[notice.LaneProgress])
	})
}

func TestAFeePaidBeforeARestoreWaits(t *testing.T) {
	t.Parallel()
	eachFee(t, func(t *testing.T, r *feeRig) {
		tr := r.begin(t, r.me())
		lost := r.clock.Now()
		r.db.HoldFactsUntil(lost)
		r.clock.Advance(time.Minute)
		require.Equal(t, payment.OutcomePaid, r.take(t, r.notice(tr, func(told *payment.Told) { told.PaidAt = lost })))
		require.Equal(t, map[notice.Lane]int{notice.LaneProgress: 1}, held(t, r.db))
	})
}
