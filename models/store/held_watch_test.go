package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

func (p *payday) watch() int {
	p.t.Helper()
	n, err := p.WatchHeld(p.t.Context(), 100)
	require.NoError(p.t, err)
	return n
}

// sql changes rows behind the back of the use cases.
func (p *payday) sql(statement string) {
	p.t.Helper()
	_, err := p.db.SQL().ExecContext(p.t.Context(), statement)
	require.NoError(p.t, err)
}

func TestWhatIsOverdueAlarmsOnceADay(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, a *alarms) {
		p.arrive(p.paid("wang", "b1", unsent), p.paid("wang", "b2", func(l *subsidy.Line) { l.BeneficiaryRef = "zhao" }))
		require.Zero(t, p.watch())
		p.clock.Advance(25 * time.Hour)
		require.Equal(t, 1, p.watch(), "b1 within a day, b2 within three")
		require.Zero(t, p.watch())
		require.Equal(t, 1, a.of("HELD_OVERDUE"))
		require.Contains(t, p.log.String(), `"code":"HELD_OVERDUE","held":"2021-12~b1~1","reason":"CREDITED_WITHOUT_SENT"`)
		p.clock.Advance(48 * time.Hour)
		require.Equal(t, 2, p.watch())
		require.Equal(t, 3, a.of("HELD_OVERDUE"))
		p.arrive(p.paid("wang", "b1", func(l *subsidy.Line) { l.Version = 6 }))
		p.clock.Advance(24 * time.Hour)
		require.Equal(t, 1, p.watch(), "what is settled is silent")
	})
}

func TestTheListCatchesUpWithWhatAStreamHeld(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		p.arrive(p.paid("wang", "b1"), p.paid("wang", "b2", unsent), p.paid("wang", "b3", unsent))
		require.NoError(t, p.propose(subsidy.Key{LedgerMonth: "2021-12", BatchID: "b2", Line: 1}, subsidy.DecideRelease, "BANK_CONFIRMED"))
		p.sql("UPDATE payments SET hold = 'SOMETHING_NEW' WHERE batch_id = 'b1'") // a reason that the table does not name
		p.sql("UPDATE payments SET hold = '' WHERE batch_id = 'b2'")
		p.sql("UPDATE payments SET hold = 'AMOUNT_ABSURD' WHERE batch_id = 'b3'")
		p.arrive(p.paid("wang", "b4"), p.paid("wang", "b5"))
		p.sql("UPDATE payments SET hold = 'BATCH_WITHDRAWN' WHERE batch_id = 'b4'") // nobody's task
		p.sql("UPDATE payments SET hold = 'AMOUNT_ABSURD' WHERE batch_id = 'b5'")
		p.sql("UPDATE batches SET loading = TRUE WHERE id = 'b5'") // half a load: not there yet
		require.Equal(t, 2, p.watch())
		list := p.heldList(subsidy.HeldPage{})
		require.Len(t, list, 2)
		require.Equal(t, subsidy.Hold("SOMETHING_NEW"), list["b1"].Reason)
		require.Empty(t, list["b1"].Releases())
		require.Equal(t, subsidy.HoldAmount, list["b3"].Reason)
		require.ErrorIs(t, p.approve(reviewerB, subsidy.Key{LedgerMonth: "2021-12", BatchID: "b2", Line: 1}, 5), subsidy.ErrHeldSettled)
		require.Zero(t, p.watch())
	})
}

func TestABatchHeldWholeIsReadAgainNeverTakenInSpiteOfItsFigures(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		announce := func(id string) {
			_, err := p.ApplyBatches(t.Context(), []subsidy.Batch{{ID: id, LedgerMonth: "2021-12", Programme: "P41", Edition: 1, District: "410303",
				Department: "人社局", Count: 2, TotalFen: 67_600, AnnouncedAt: start, ChangedAt: start, Version: 3}})
			require.NoError(t, err)
			p.sql("UPDATE batches SET state = 'held', reason = 'BATCH_TOTAL_MISMATCH', waiting = FALSE WHERE id = '" + id + "'")
		}
		announce("m1")
		announce("m2")
		p.watch()
		v := p.heldList(subsidy.HeldPage{})["m1"]
		require.Equal(t, "2021-12~m1", v.ID)
		require.True(t, v.IsBatch())
		require.Equal(t, models.Fen(67_600), v.AmountFen)
		require.Equal(t, "就业补助", v.Name)
		require.Equal(t, 4*time.Hour, v.DueAt.Sub(v.HeldAt))

		require.ErrorIs(t, p.propose(v.Key, subsidy.DecideRelease, "AMOUNT_CONFIRMED"), subsidy.ErrDecisionUnfit)
		require.NoError(t, p.propose(v.Key, subsidy.DecideRelease, "CORRECTED_AT_SOURCE"))
		require.NoError(t, p.approve(reviewerB, v.Key, 3))
		var state, reason string
		var waiting bool
		require.NoError(t, p.db.SQL().QueryRowContext(t.Context(), "SELECT state, reason, waiting FROM batches WHERE id = 'm1'").Scan(&state, &reason, &waiting))
		require.Equal(t, "announced", state)
		require.Empty(t, reason)
		require.True(t, waiting, "read again: its figures decide once more")

		other := subsidy.Key{LedgerMonth: "2021-12", BatchID: "m2"}
		require.NoError(t, p.propose(other, subsidy.DecideReject, "ANNOUNCED_BY_MISTAKE"))
		require.NoError(t, p.approve(reviewerB, other, 3))
		p.watch()
		require.Empty(t, p.heldList(subsidy.HeldPage{}))
		require.Contains(t, p.heldList(subsidy.HeldPage{State: "rejected"}), "m2")
		p.sql("UPDATE batches SET state = 'held', reason = 'BATCH_COUNT_MISMATCH', waiting = FALSE WHERE id = 'm1'") // and failed again
		p.watch()
		require.Equal(t, subsidy.Hold("BATCH_COUNT_MISMATCH"), p.heldList(subsidy.HeldPage{})["m1"].Reason)
	})
}

func TestR14_AStepThatTheFlowDoesNotKnowIsHeldAndShownAsInDoubt(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		in := func(state subsidy.State, version int64) func(*subsidy.Line) {
			return func(l *subsidy.Line) { l.State, l.Version = state, version }
		}
		p.arrive(p.paid("wang", "b1")) // credited
		p.arrive(p.paid("wang", "b1", in(subsidy.Approved, 6)))
		require.Equal(t, subsidy.HoldStageUnknown, p.holds()["b1"], "no way leads back")
		require.Equal(t, "阶段待确认", p.shown("wang", 2021).Items[0].Label)
		p.arrive(p.paid("wang", "b1", in(subsidy.Approved, 7)))
		require.Equal(t, subsidy.HoldStageUnknown, p.holds()["b1"], "telling it again makes it no better")
		require.NoError(t, p.propose(subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 1}, subsidy.DecideRelease, "STAGE_CONFIRMED"))
		require.NoError(t, p.approve(reviewerB, subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 1}, 7))
		require.Equal(t, "已审批", p.shown("wang", 2021).Items[0].Label)
		p.arrive(p.paid("wang", "b1", in(subsidy.Credited, 8)))
		require.Equal(t, "已到账", p.shown("wang", 2021).Items[0].Label)
		require.Len(t, p.notices("wang"), 1, "one credit, one notice")

		// The feed leaves steps out: that is no unknown step.
		p.arrive(p.paid("zhao", "b2", in(subsidy.Planned, 1)))
		p.arrive(p.paid("zhao", "b2", in(subsidy.Credited, 5)))
		p.arrive(p.paid("zhao", "b2", in(subsidy.Recovering, 6)))
		p.arrive(p.paid("zhao", "b2", in(subsidy.Recovered, 7)))
		require.NotContains(t, p.holds(), "b2")
		p.arrive(p.paid("zhao", "b2", in(subsidy.Credited, 8)))
		require.Equal(t, subsidy.HoldStageUnknown, p.holds()["b2"], "recovered is the end")
	})
}

func TestR15_AReversalKeepsTheFirstLineAndLinksTheSecond(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		first := p.paid("wang", "b1")
		p.arrive(first)
		first = p.paid("wang", "b1", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Version = 6 })
		p.arrive(first)
		require.Empty(t, p.holds(), "a reversal is a step that the flow knows")
		require.Equal(t, notice.ArrivalReversed, p.notices("wang")[0].Kind)
		second := p.paid("wang", "b2", func(l *subsidy.Line) { l.ReissueOf = first.Key.String() })
		first.State, first.ReissuedAs, first.Version = subsidy.Reissued, second.Key.String(), 7
		p.arrive(first, second)
		require.Empty(t, p.holds())
		items := p.shown("wang", 2021).Items
		require.Len(t, items, 2, "the first line is never deleted")
		byKey := map[subsidy.Key]subsidy.Payment{}
		for _, it := range items {
			byKey[it.Payment.Key] = it.Payment
		}
		require.Equal(t, subsidy.Reissued, byKey[first.Key].State)
		require.Equal(t, second.Key.String(), byKey[first.Key].ReissuedAs)
		require.Equal(t, subsidy.Credited, byKey[second.Key].State)
		require.Equal(t, first.Key.String(), byKey[second.Key].ReissueOf)
		require.Len(t, p.notices("wang"), 2, "the reversal, and the new credit")
	})
}

func TestAReviewerIsARoleThatTheDatabaseKnows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		name, err := models.ParseName("复核员")
		require.NoError(t, err)
		m := hotline.Staff{ID: models.NewID(), Login: "reviewer", Name: name, Roles: []hotline.Role{hotline.RoleReviewer}, TOTPSecret: "JBSWY3DPEHPK3PXP", CreatedAt: start, Version: 1}
		require.NoError(t, db.Staff().CreateStaff(t.Context(), m))
		m.ID, m.Login, m.Roles = models.NewID(), "nobody", []hotline.Role{"king"}
		require.Error(t, db.Staff().CreateStaff(t.Context(), m))
		m.Roles = []hotline.Role{hotline.RoleAuditor, hotline.RoleAdministrator}
		require.ErrorIs(t, db.Staff().CreateStaff(t.Context(), m), hotline.ErrRolesClash)
	})
}
