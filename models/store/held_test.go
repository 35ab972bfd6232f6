package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// reviewers are three members of staff who decide about what is held; the third sees one department's only.
type reviewers map[models.ID]subsidy.Reviewer

var (
	reviewerA = models.NewID()
	reviewerB = models.NewID()
	reviewerC = models.NewID()
)

func (r reviewers) Reviewer(ctx context.Context, by models.Actor) (subsidy.Reviewer, error) {
	return r.ReviewerByID(ctx, by.ID)
}

func (r reviewers) ReviewerByID(_ context.Context, id models.ID) (subsidy.Reviewer, error) {
	if found, ok := r[id]; ok {
		return found, nil
	}
	return subsidy.Reviewer{}, models.ErrNotFound
}

// alarms counts them by code.
type alarms struct {
	mu sync.Mutex
	n  map[string]int
}

func (a *alarms) Alarm(code string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n == nil {
		a.n = map[string]int{}
	}
	a.n[code] += n
}

func (a *alarms) of(code string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n[code]
}

func eachReview(t *testing.T, fn func(t *testing.T, p *payday, a *alarms)) {
	t.Helper()
	eachPayday(t, func(t *testing.T, p *payday) {
		a := &alarms{}
		p.Reviewers, p.Alarms = reviewers{reviewerA: {ID: reviewerA}, reviewerB: {ID: reviewerB}, reviewerC: {ID: reviewerC, Department: "教育局"}}, a
		fn(t, p, a)
	})
}

func staff(id models.ID) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: id, Channel: models.Phone12333, Level: models.LevelPlatform}
}

// heldList is what waits, as reasons by batch.
func (p *payday) heldList(page subsidy.HeldPage) map[string]subsidy.HeldView {
	p.t.Helper()
	page.Limit = 100
	items, more, err := p.HeldList(p.t.Context(), staff(reviewerA), page)
	require.NoError(p.t, err)
	require.False(p.t, more)
	out := map[string]subsidy.HeldView{}
	for _, v := range items {
		out[v.Key.BatchID] = v
	}
	return out
}

func (p *payday) propose(k subsidy.Key, d subsidy.Decision, code string) error {
	_, err := p.Propose(p.t.Context(), staff(reviewerA), subsidy.ProposeInput{Held: subsidy.HeldID(k), Decision: d, ReasonCode: code, Note: "已核对纸质材料"})
	return err
}

func (p *payday) approve(by models.ID, k subsidy.Key, version int64) error {
	_, err := p.Approve(p.t.Context(), staff(by), subsidy.ApproveInput{Held: subsidy.HeldID(k), Approve: true, Version: version})
	return err
}

func unsent(l *subsidy.Line) { l.SentAt = time.Time{} }

func TestEverythingHeldIsInOneListWithReasonAgeAndOwner(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		p.arrive(
			p.paid("wang", "b1", func(l *subsidy.Line) { l.BeneficiaryRef = "zhao" }), p.paid("zhao-wife", "b2", household),
			p.paid("wang", "b3", func(l *subsidy.Line) { l.State = subsidy.Unknown }), p.paid("wang", "b4", unsent),
			p.paid("wang", "b5", of("P99")), p.paid("wang", "b6", func(l *subsidy.Line) { l.AmountFen = 0 }), p.paid("wang", "b7", of("P23"), unsent),
			p.paid("wang", "fine"),
		)
		list := p.heldList(subsidy.HeldPage{})
		want := map[string]subsidy.Hold{"b1": subsidy.HoldPayeeMismatch, "b2": subsidy.HoldNotHead, "b3": subsidy.HoldStageUnknown, "b4": subsidy.HoldCreditedUnsent,
			"b5": subsidy.HoldProgrammeUnknown, "b6": subsidy.HoldAmount, "b7": subsidy.HoldCreditedUnsent}
		require.Len(t, list, len(want))
		for batch, reason := range want {
			v := list[batch]
			require.Equal(t, reason, v.Reason, batch)
			require.NotEmpty(t, v.Say())
			require.NotEmpty(t, v.Owner)
			require.True(t, v.HeldAt.Equal(p.clock.Now()))
			require.True(t, v.DueAt.After(v.HeldAt))
			require.False(t, v.Overdue)
		}
		require.Equal(t, subsidy.OwnerDepartment, list["b1"].Owner)
		require.Equal(t, "民政局", list["b1"].Department)
		require.Equal(t, models.Fen(33_800), list["b4"].AmountFen)
		require.Equal(t, "一项补贴", list["b7"].Name, "R55")
		require.Empty(t, list["b7"].Code, "R55")
		require.Empty(t, list["b5"].Code)

		require.Len(t, p.heldList(subsidy.HeldPage{Reason: subsidy.HoldCreditedUnsent}), 2)
		require.Len(t, p.heldList(subsidy.HeldPage{Owner: subsidy.OwnerFinance}), 4)
		p.clock.Advance(25 * time.Hour)
		late := p.heldList(subsidy.HeldPage{Overdue: true})
		require.Len(t, late, 4, "what is due within a day")
		require.True(t, late["b4"].Overdue)
		require.Equal(t, 25*time.Hour, late["b4"].Age(p.clock.Now()))

		mine, _, err := p.HeldList(t.Context(), staff(reviewerC), subsidy.HeldPage{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, mine, "another department's")
		_, err = p.HeldItem(t.Context(), staff(reviewerC), subsidy.HeldID(list["b1"].Key))
		require.ErrorIs(t, err, subsidy.ErrHeldNotFound)
		_, err = p.HeldItem(t.Context(), staff(reviewerA), "2021-12~fine~1")
		require.ErrorIs(t, err, subsidy.ErrHeldNotFound)

		seen, q := map[string]bool{}, subsidy.HeldPage{Limit: 3}
		for more := true; more; {
			var items []subsidy.HeldView
			items, more, err = p.HeldList(t.Context(), staff(reviewerA), q)
			require.NoError(t, err)
			for _, v := range items {
				require.False(t, seen[v.ID])
				seen[v.ID], q.After, q.AfterAt = true, v.ID, v.HeldAt
			}
		}
		require.Len(t, seen, 7)
	})
}

func TestR14_ReleasingACreditTakesTwoPeopleAndThenTells(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("wang", "b1", unsent)
		p.arrive(line)
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 5), subsidy.ErrNothingProposed)
		require.ErrorIs(t, p.propose(line.Key, subsidy.DecideRelease, "HEAD_ABSENT"), subsidy.ErrDecisionUnfit)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
		require.ErrorIs(t, p.propose(line.Key, subsidy.DecideReject, "OTHER"), subsidy.ErrHeldProposed)
		require.ErrorIs(t, p.approve(reviewerA, line.Key, 5), subsidy.ErrSamePerson)
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 4), subsidy.ErrHeldChanged)
		require.Empty(t, p.shown("wang", 2021).Items)
		require.NoError(t, p.approve(reviewerB, line.Key, 5))
		require.Equal(t, "已到账", p.shown("wang", 2021).Items[0].Label)
		require.Len(t, p.notices("wang"), 1)
		require.Empty(t, p.heldList(subsidy.HeldPage{}))
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 5), subsidy.ErrHeldSettled)

		list, err := p.db.AuditOf(t.Context(), "payments", line.Key.String())
		require.NoError(t, err)
		require.Equal(t, "subsidy.payment.let_go", list[1].Action)
		require.Equal(t, reviewerB, list[1].ActorID, "who let it go, not the registry")
		require.Equal(t, "subsidy.held.proposed subsidy.held.released", p.auditedHeld(line.Key))
		v, err := p.HeldItem(t.Context(), staff(reviewerB), subsidy.HeldID(line.Key))
		require.NoError(t, err)
		require.Equal(t, subsidy.HeldReleased, v.State)
		require.Equal(t, "已核对纸质材料", v.Proposals[0].Note)
		require.Equal(t, reviewerB, v.Proposals[0].DecidedBy)

		// The same credit told again is decided; another one is not.
		line.Version = 6
		p.arrive(line)
		require.Empty(t, p.holds())
		line.Version, line.CreditNo = 7, "another"
		p.arrive(line)
		require.Equal(t, map[string]subsidy.Hold{"b1": subsidy.HoldCreditedUnsent}, p.holds())
		require.Equal(t, subsidy.HeldOpen, p.heldList(subsidy.HeldPage{})["b1"].State)
	})
}

func (p *payday) auditedHeld(k subsidy.Key) string {
	p.t.Helper()
	list, err := p.db.AuditOf(p.t.Context(), "held_items", subsidy.HeldID(k))
	require.NoError(p.t, err)
	var actions []string
	for _, e := range list {
		actions = append(actions, e.Action)
	}
	return strings.Join(actions, " ")
}

func TestR4_AnExceptionIsAcceptedByTwoReviewers(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("zhao-wife", "b1", household)
		p.arrive(line)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "HEAD_ABSENT"))
		require.NoError(t, p.approve(reviewerB, line.Key, 5))
		require.Len(t, p.shown("zhao-wife", 2021).Items, 1)
		require.Len(t, p.notices("zhao-wife"), 1)
		require.Equal(t, "subsidy.payment.held subsidy.payment.let_go subsidy.payment.exception_accepted", p.audited(line.Key))

		// The next step of the same payment needs no second decision; another payee does.
		line = p.paid("zhao-wife", "b2", household, sent)
		p.arrive(line)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "HEAD_DECEASED"))
		require.NoError(t, p.approve(reviewerB, line.Key, 4))
		p.arrive(p.paid("zhao-wife", "b2", household))
		require.Empty(t, p.holds())
		require.Len(t, p.notices("zhao-wife"), 2)
		p.arrive(p.paid("wang", "b2", household, func(l *subsidy.Line) { l.Version = 6 }))
		require.Equal(t, subsidy.HoldNotHead, p.holds()["b2"])
	})
}

func TestR3_APaymentToTheWrongPersonIsNeverReleased(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("wang", "b1", func(l *subsidy.Line) { l.BeneficiaryRef = "zhao" })
		nothing := p.paid("wang", "b2", func(l *subsidy.Line) { l.AmountFen = -5 })
		unlisted, stageless := p.paid("wang", "b3", of("P99")), p.paid("wang", "b4", func(l *subsidy.Line) { l.State = subsidy.Unknown })
		p.arrive(line, nothing, unlisted, stageless)
		for _, code := range []string{"HEAD_ABSENT", "BANK_CONFIRMED", "AMOUNT_CONFIRMED", "STAGE_CONFIRMED", "CORRECTED_AT_SOURCE", "OTHER", ""} {
			for _, l := range []subsidy.Line{line, nothing, unlisted, stageless} {
				require.ErrorIs(t, p.propose(l.Key, subsidy.DecideRelease, code), subsidy.ErrDecisionUnfit)
			}
		}
		require.NoError(t, p.propose(line.Key, subsidy.DecideReject, "WRONG_PAYEE"))
		require.NoError(t, p.approve(reviewerB, line.Key, 5))
		line.Version = 6
		p.arrive(line) // told again: it stays rejected, nobody is asked twice
		require.Equal(t, subsidy.HoldRejected, p.holds()["b1"])
		require.NotContains(t, p.heldList(subsidy.HeldPage{}), "b1")
		require.Contains(t, p.heldList(subsidy.HeldPage{State: "rejected"}), "b1")
		_, err := p.Arrival(t.Context(), p.actor("wang"), line.Key.String())
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)

		// One whose stage was unknown was shown so; rejected it is not.
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.NoError(t, p.propose(stageless.Key, subsidy.DecideReject, "NOT_PAID"))
		require.NoError(t, p.approve(reviewerB, stageless.Key, 5))
		require.Empty(t, p.shown("wang", 2021).Items)

		right := p.paid("wang", "b1", func(l *subsidy.Line) { l.Version = 7 }) // corrected by the source
		p.arrive(right)
		require.Len(t, p.shown("wang", 2021).Items, 1)
		require.Len(t, p.notices("wang"), 1)
	})
}

func TestAProposalEndsWhenTheRegistryIsFirst(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("wang", "b1", unsent)
		p.arrive(line)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
		line.Version = 6
		p.arrive(line) // held for the same reason: it still waits for its second person
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 5), subsidy.ErrHeldChanged)
		line.Version, line.AmountFen = 7, 0
		p.arrive(line)
		v := p.heldList(subsidy.HeldPage{})["b1"]
		require.Equal(t, subsidy.HoldAmount, v.Reason)
		require.Equal(t, subsidy.HeldOpen, v.State)
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 7), subsidy.ErrNothingProposed)
		require.NoError(t, p.propose(line.Key, subsidy.DecideReject, "WRONG_AMOUNT"))
		p.arrive(p.paid("wang", "b1", func(l *subsidy.Line) { l.Version = 8 }))
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 8), subsidy.ErrHeldSettled)
		v, err := p.HeldItem(t.Context(), staff(reviewerA), subsidy.HeldID(line.Key))
		require.NoError(t, err)
		require.Equal(t, subsidy.HeldEnded, v.State)
		for _, pr := range v.Proposals {
			require.Equal(t, subsidy.ProposalEnded, pr.State)
		}
		require.Len(t, v.Proposals, 2)
	})
}

func TestAProposalIsDeclinedWithdrawnAndAssigned(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("wang", "b1", unsent)
		p.arrive(line)
		id := subsidy.HeldID(line.Key)
		_, err := p.Propose(t.Context(), staff(reviewerA), subsidy.ProposeInput{Held: id, Decision: subsidy.DecideReject, ReasonCode: "OTHER", Note: "  "})
		require.Equal(t, models.Invalid, models.KindOf(err), "a reason in words is part of it")
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
		_, err = p.Withdraw(t.Context(), staff(reviewerB), id)
		require.ErrorIs(t, err, subsidy.ErrNotProposer)
		_, err = p.Approve(t.Context(), staff(reviewerB), subsidy.ApproveInput{Held: id})
		require.NoError(t, err)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
		v, err := p.Withdraw(t.Context(), staff(reviewerA), id)
		require.NoError(t, err)
		require.Equal(t, subsidy.HeldOpen, v.State)
		require.Equal(t, subsidy.HoldCreditedUnsent, p.holds()["b1"])

		_, err = p.Assign(t.Context(), staff(reviewerA), subsidy.AssignInput{Held: id, StaffID: reviewerC})
		require.ErrorIs(t, err, subsidy.ErrReviewerUnknown, "who cannot see it")
		v, err = p.Assign(t.Context(), staff(reviewerA), subsidy.AssignInput{Held: id, Owner: subsidy.OwnerOperations, StaffID: reviewerB})
		require.NoError(t, err)
		require.Equal(t, subsidy.OwnerOperations, v.Owner)
		mine, _, err := p.HeldList(t.Context(), staff(reviewerB), subsidy.HeldPage{Mine: true, Limit: 5})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, "subsidy.held.proposed subsidy.held.declined subsidy.held.proposed subsidy.held.withdrawn subsidy.held.assigned", p.auditedHeld(line.Key))
	})
}

func TestOfTwoApproversOneWins(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		line := p.paid("wang", "b1", unsent)
		p.arrive(line)
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
		var wg sync.WaitGroup
		errs, ids := make([]error, 8), make([]models.ID, 8)
		who := reviewers{reviewerA: {ID: reviewerA}}
		for i := range ids {
			ids[i] = models.NewID()
			who[ids[i]] = subsidy.Reviewer{ID: ids[i]}
		}
		p.Reviewers = who
		for i := range errs {
			wg.Go(func() { errs[i] = p.approve(ids[i], line.Key, 5) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, models.Conflict, models.KindOf(err), "%v", err)
		}
		require.Equal(t, 1, won)
		require.Len(t, p.notices("wang"), 1)
		require.Equal(t, "subsidy.held.proposed subsidy.held.released", p.auditedHeld(line.Key))
	})
}

func TestAnApprovalAndTheFeedNeverLockEachOther(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		for round := range 6 {
			batch := fmt.Sprintf("b%d", round)
			line := p.paid("wang", batch, unsent)
			p.arrive(line)
			require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "BANK_CONFIRMED"))
			var wg sync.WaitGroup
			var decided, fed error
			wg.Go(func() { decided = p.approve(reviewerB, line.Key, 5) })
			wg.Go(func() {
				fed = p.inTx(func(ctx context.Context) error {
					_, err := p.ApplyLines(ctx, []subsidy.Line{p.paid("wang", batch, func(l *subsidy.Line) { l.Version = 6 })})
					return err
				})
			})
			wg.Wait()
			require.NoError(t, fed)
			if decided != nil {
				require.Equal(t, models.Conflict, models.KindOf(decided), "%v", decided)
			}
			require.NotContains(t, p.holds(), batch, "whoever was first, it is shown")
		}
		require.Len(t, p.notices("wang"), 6, "each credit once")
	})
}
