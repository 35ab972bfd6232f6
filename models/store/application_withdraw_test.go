package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
)

// withdraw asks to take the application back.
func (j *journey) withdraw() (card.Application, error) {
	return j.WithdrawApplication(j.t.Context(), j.by, j.id)
}

func TestWithdrawalBeforeAnythingWasSentSendsNothing(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.submitted(t)
		r.registry.down = true
		j.sweep() // surely not sent, and to be tried again
		app, err := j.withdraw()
		require.NoError(t, err)
		require.Equal(t, card.ApplicationWithdrawn, app.State)
		r.registry.down = false
		j.again()
		j.sweep()
		require.Empty(t, r.registry.told)
		again, err := r.SubmitApplication(t.Context(), j.by, r.form(t, j.by))
		require.NoError(t, err)
		require.False(t, again.Repeated, "one may apply anew")
	})
}

func TestWithdrawalWaitsForTheRegistrysWord(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		app, err := j.withdraw()
		require.NoError(t, err)
		require.Equal(t, card.ApplicationWithdrawing, app.State)
		again, err := j.withdraw()
		require.NoError(t, err)
		require.Equal(t, card.ApplicationWithdrawing, again.State, "a repeat is what is")
		r.registry.lose, r.registry.answer = true, card.Answer{Outcome: card.OutcomeDone, Code: "00", ApplicationVersion: 2}
		j.sweep()
		require.Equal(t, card.ApplicationWithdrawing, j.now().State, "nothing is shown as done before the registry said so")
		r.registry.lose = false
		j.again()
		require.Equal(t, card.ApplicationWithdrawn, j.now().State)
		require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationWithdrawn))
		require.Len(t, r.registry.kinds, 2, "asked for, not sent twice")
		j.told2(3, card.StageBatched)
		require.Equal(t, card.ApplicationWithdrawn, j.now().State, "nothing leads on")
	})
}

func TestWithdrawalThatTheBatchOvertakesIsTold(t *testing.T) {
	t.Parallel()
	orders := map[string]func(j *journey){
		"the answer first": func(j *journey) { j.sweep(); j.fact(card.StageBatched) },
		"the feed first":   func(j *journey) { j.fact(card.StageBatched); j.sweep() },
	}
	for name, arrive := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachApply(t, func(t *testing.T, r *applyRig) {
				j := r.accepted(t)
				_, err := j.withdraw()
				require.NoError(t, err)
				r.registry.answer = card.Answer{Outcome: card.OutcomeRefused, Code: "TOO_LATE"}
				arrive(j)
				require.Equal(t, card.ApplicationBatched, j.now().State)
				require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationNotWithdrawn))
				_, err = j.withdraw()
				require.ErrorIs(t, err, card.ErrWithdrawTooLate)
			})
		})
	}
}

// A refused withdrawal changes no version of the application: the one it names is held already, and it ends the waiting.
func TestARefusedWithdrawalEndsTheWaitingWhateverItsVersion(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		_, err := j.withdraw()
		require.NoError(t, err)
		held := j.now().FactVersion
		require.Positive(t, held)
		r.registry.answer = card.Answer{Outcome: card.OutcomeRefused, Code: "TOO_LATE", ApplicationVersion: held}
		j.sweep()
		require.Equal(t, card.ApplicationAccepted, j.now().State)
		require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationNotWithdrawn))
	})
}

// conflictOnce is a store in which another decision about the application was faster, so often.
type conflictOnce struct {
	card.Store
	left int
}

func (s *conflictOnce) AdvanceApplication(ctx context.Context, a card.Application, from card.ApplicationState) error {
	if s.left > 0 {
		s.left--
		return models.ErrConflict
	}
	return s.Store.AdvanceApplication(ctx, a, from)
}

// The registry has answered while the applicant asked to withdraw: its word is taken at once, not asked for after the lease.
func TestAnAnswerIsNotLostToAnotherDecision(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.submitted(t)
		r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 1}
		r.Store = &conflictOnce{r.Store, 1}
		j.sweep()
		require.Equal(t, card.ApplicationAccepted, j.now().State)
		require.Len(t, r.registry.told, 1)
	})
}

// The submission is on its way and its answer is lost: the withdrawal follows it, it does not overtake it.
func TestWithdrawalFollowsASubmissionWhoseFateIsUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer card.Answer
		want   card.ApplicationState
		sent   []card.CommandKind
	}{
		"taken":   {card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 1}, card.ApplicationWithdrawn, []card.CommandKind{card.CommandApplication, card.CommandWithdrawal}},
		"refused": {card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_EXISTS"}, card.ApplicationRejected, []card.CommandKind{card.CommandApplication}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachApply(t, func(t *testing.T, r *applyRig) {
				j := r.submitted(t)
				r.registry.lose, r.registry.answer = true, c.answer
				j.sweep()
				app, err := j.withdraw()
				require.NoError(t, err)
				require.Equal(t, card.ApplicationWithdrawing, app.State)
				r.registry.lose = false
				j.again() // asks what came of it
				r.registry.answer = card.Answer{Outcome: card.OutcomeDone, Code: "00", ApplicationVersion: 2}
				j.again()
				require.Equal(t, c.want, j.now().State)
				require.Equal(t, c.sent, r.registry.kinds)
			})
		})
	}
}

// A sweep, the feed and two devices at once: whatever the order, the rows agree and one outcome stands.
func TestWithdrawalRacesAreSettledByOneWinner(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.submitted(t)
		r.registry.of = map[card.CommandKind]card.Answer{
			card.CommandApplication: {Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 1},
			card.CommandWithdrawal:  {Outcome: card.OutcomeDone, Code: "00", ApplicationVersion: 2},
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := j.withdraw(); err != nil && models.KindOf(err) != models.Conflict {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := r.Sweep(t.Context(), 10, card.ApplicationCommands...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for range 6 {
			j.again()
		}
		require.Equal(t, card.ApplicationWithdrawn, j.now().State)
		if len(r.registry.kinds) > 0 {
			require.Contains(t, r.registry.kinds, card.CommandWithdrawal, "what reached the registry is withdrawn there")
		}
		_, err := r.db.Cards().UnfinishedApplicationCommand(t.Context(), j.id)
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}
