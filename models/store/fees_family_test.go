package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/payment"
	"onecard/models/policy"
)

// standing lets everybody act for whom she says.
type standing struct{}

func (standing) StillActsFor(context.Context, models.Actor) error { return nil }

// childsCard gives a child a card and a proved guardian, and lets guardians replace cards online.
func (r *replaceRig) childsCard(t *testing.T) (mother, forChild models.Actor) {
	t.Helper()
	for _, c := range models.CitizenChannels {
		r.set(t, policy.ModeKey(models.ActReplaceMinor, c), "here", "test")
	}
	r.clock.Advance(3 * time.Second)
	mother = r.applyRig.person(t, adult)
	mother.AccountID, mother.CheckedAt = models.NewID(), r.clock.Now()
	child := r.applyRig.strange(t, "2010-06-15")
	var err error
	r.ref, err = r.db.PersonRef(t.Context(), child.ID)
	require.NoError(t, err)
	r.cardIs(t, "K-child", nil)
	c, err := r.db.Cards().CardByRef(t.Context(), "K-child")
	require.NoError(t, err)
	r.card = c.ID
	return mother, r.applyRig.guardian(t, mother, child.ID)
}

// A guardian orders, pays, asks somebody to pay, and takes back: each row names who acted, for whom, and by what right.
func TestR67_AGuardiansPaymentNamesActorAndSubject(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		mother, forChild := r.childsCard(t)
		res, err := r.RequestReplacement(t.Context(), forChild, r.in(card.ReasonDamaged))
		require.NoError(t, err)
		order := r.feeOf(t, res.Replacement).OrderID
		b, err := r.pay.BeginPayment(t.Context(), forChild, order)
		require.NoError(t, err)
		require.Equal(t, []models.ID{mother.ID, mother.AccountID}, []models.ID{b.Trade.PayerID, b.Trade.AccountID}, "with her own money")
		_, err = r.pay.ShareOrder(t.Context(), forChild, order)
		require.NoError(t, err)
		_, err = r.WithdrawReplacement(t.Context(), forChild, res.Replacement.ID)
		require.NoError(t, err)
		entries, err := r.db.AuditAbout(t.Context(), forChild.Subject, start, 100)
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, e := range entries {
			if e.ActorID == "" {
				continue // ours
			}
			require.Equal(t, []any{mother.ID, forChild.Subject, "guardian", string(forChild.Relation)}, []any{e.ActorID, e.SubjectID, e.Detail["as"], e.Detail["relation"]}, e.Action)
			seen[e.Action] = true
		}
		for _, action := range []string{"card.replacement.asked", "payment.trade.begun", "payment.order.shared", "card.replacement.withdrawn"} {
			require.True(t, seen[action], action)
		}
	})
}

// A right that has ended since the request was let in decides nothing more: no order, no trade, no link, no withdrawal.
func TestR67_ARightThatHasEndedPaysAndTakesBackNothing(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		mother, forChild := r.childsCard(t)
		res, err := r.RequestReplacement(t.Context(), forChild, r.in(card.ReasonDamaged))
		require.NoError(t, err)
		order := r.feeOf(t, res.Replacement).OrderID
		refused := func(forChild models.Actor, want error) {
			t.Helper()
			_, err := r.RequestReplacement(t.Context(), forChild, r.in(card.ReasonDamaged))
			require.ErrorIs(t, err, want)
			_, err = r.pay.BeginPayment(t.Context(), forChild, order)
			require.ErrorIs(t, err, want)
			_, err = r.pay.ShareOrder(t.Context(), forChild, order)
			require.ErrorIs(t, err, want)
			_, err = r.WithdrawReplacement(t.Context(), forChild, res.Replacement.ID)
			require.ErrorIs(t, err, want)
		}
		forged := forChild
		forged.Relation = models.NewID()
		refused(forged, citizen.ErrRelationUnknown)
		self := mother
		self.SessionID = models.NewID()
		require.NoError(t, r.citizens.EndRelation(t.Context(), self, models.AsGuardian, forChild.Relation))
		refused(forChild, citizen.ErrRelationOver)
		require.Zero(t, r.many(t, "SELECT count(*) FROM fee_trades"))
		require.Zero(t, r.many(t, "SELECT count(*) FROM audit_entries WHERE action IN ('payment.trade.begun', 'payment.order.shared')"))
		require.Equal(t, []any{card.ReplacementAwaitingFee, payment.OrderCreated}, []any{r.now(t, res.Replacement).State, r.feeOf(t, res.Replacement).State})
	})
}

// A payment begun and the end of the right at once: whoever is first, afterwards there is no trade that was begun without it.
func TestR67_APaymentAndTheEndOfTheRightAtOnceHaveOneWinner(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		mother, forChild := r.childsCard(t)
		res, err := r.RequestReplacement(t.Context(), forChild, r.in(card.ReasonDamaged))
		require.NoError(t, err)
		order := r.feeOf(t, res.Replacement).OrderID
		self := mother
		self.SessionID = models.NewID()
		var mu sync.Mutex
		begun := 0
		pay := func() error {
			_, err := r.pay.BeginPayment(context.Background(), forChild, order)
			if err == nil {
				mu.Lock()
				begun++
				mu.Unlock()
			}
			return err
		}
		end := func() error {
			return r.citizens.EndRelation(context.Background(), self, models.AsGuardian, forChild.Relation)
		}
		errs := together(pay, end)
		require.NoError(t, errs[1])
		if errs[0] != nil {
			require.ErrorIs(t, errs[0], citizen.ErrRelationOver)
		}
		require.Equal(t, begun, r.many(t, "SELECT count(*) FROM fee_trades"))
		require.ErrorIs(t, pay(), citizen.ErrRelationOver)
	})
}
