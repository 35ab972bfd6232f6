package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// callAs answers for the hotline: with a strength, or its refusal.
type callAs struct {
	strength string
	refusal  error
}

func (c callAs) MayCancelPhoneChange(context.Context, models.Actor) (string, error) {
	return c.strength, c.refusal
}

func (c callAs) MayRevokeHelper(context.Context, models.Actor) (string, error) {
	return c.strength, c.refusal
}

func (c callAs) MayReviewGuardians(context.Context, models.Actor) error { return c.refusal }

// waitingChange is a change of Wang's phone that waits its 24 hours.
func (r *citizenRig) waitingChange(t *testing.T) (models.Actor, citizen.PhoneChange) {
	t.Helper()
	by := r.fresh(t, "o-1", wang())
	_, _, err := r.RequestPhoneChange(t.Context(), by, "13600000006", citizen.ChallengeAnswer{})
	require.NoError(t, err)
	change, err := r.ConfirmPhoneChange(t.Context(), by, r.sms.code(notice.CodePhoneChange))
	require.NoError(t, err)
	return by, change
}

func agentFor(person models.ID) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Phone12333, CallID: models.NewID(), Subject: person}
}

func TestR61_AnAgentCancelsAChangeOfPhoneForAKnownCaller(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		me, change := r.waitingChange(t)
		agent := agentFor(me.ID)
		require.ErrorIs(t, r.CancelPhoneChange(t.Context(), agent), models.ErrForbidden, "no hotline, no agent")
		refused := models.NewError(models.Forbidden, "VERIFICATION_REQUIRED", "请先核验,或拨打12333。")
		r.Calls = callAs{refusal: refused}
		require.ErrorIs(t, r.CancelPhoneChange(t.Context(), agent), refused)
		still, err := r.db.PhoneChanges().PhoneChange(t.Context(), change.ID)
		require.NoError(t, err)
		require.Equal(t, citizen.PhoneChangeWaiting, still.State)
		require.Zero(t, r.sms.last(notice.PhoneChangeCancelled))

		r.Calls = callAs{strength: "basic_call_back"}
		ctx := requested(t.Context(), "key", "body")
		require.NoError(t, r.CancelPhoneChange(ctx, agent))
		require.NoError(t, r.CancelPhoneChange(ctx, agent), "the same key is the same act")
		require.ErrorIs(t, r.CancelPhoneChange(requested(t.Context(), "other", "body"), agent), citizen.ErrNoPhoneChange)
		ended, err := r.db.PhoneChanges().PhoneChange(t.Context(), change.ID)
		require.NoError(t, err)
		require.Equal(t, citizen.PhoneChangeCancelled, ended.State)

		told := r.sms.last(notice.PhoneChangeCancelled)
		require.Equal(t, me.ID, told.PersonID)
		phone, err := r.db.Persons().NoticePhone(t.Context(), told.PersonID, told.To, told.ToRef)
		require.NoError(t, err)
		require.Equal(t, wangPhone, phone.Reveal(), "the phone that stays is told")

		entries, err := r.db.AuditOf(t.Context(), "phone_changes", string(change.ID))
		require.NoError(t, err)
		last := entries[len(entries)-1]
		require.Equal(t, "citizen.phone_change.cancelled_by_owner", last.Action)
		require.Equal(t, []models.ID{agent.ID, me.ID, agent.CallID}, []models.ID{last.ActorID, last.SubjectID, last.CallID})
		require.Equal(t, "basic_call_back", last.Detail["strength"])
		seen, err := r.ReadAccessLog(t.Context(), me, "", 20)
		require.NoError(t, err)
		require.Equal(t, last.Action, seen[0].Action, "she can read that it happened")
	})
}

// Of many who cancel and the sweep that lets the change count, one wins, and what it did stands.
func TestR61_CancellingAndCountingAtOnceOneWins(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		me, change := r.waitingChange(t)
		r.Calls = callAs{strength: "full_facts"}
		r.clock.Advance(25 * time.Hour)
		settled := 0
		errs := atOnce(6, func(i int) error {
			ctx := context.WithoutCancel(t.Context())
			if i > 0 {
				return r.CancelPhoneChange(ctx, agentFor(me.ID))
			}
			n, err := r.SettlePhoneChanges(ctx, 10)
			settled = n
			return err
		})
		require.NoError(t, errs[0])
		won, others := countWins(errs[1:])
		require.Equal(t, 1, won+settled)
		for _, err := range others {
			require.True(t, errors.Is(err, citizen.ErrNoPhoneChange) || errors.Is(err, models.ErrConflict), "%v", err)
		}
		ended, err := r.db.PhoneChanges().PhoneChange(t.Context(), change.ID)
		require.NoError(t, err)
		p, err := r.db.Persons().Person(t.Context(), me.ID)
		require.NoError(t, err)
		if settled == 1 {
			require.Equal(t, citizen.PhoneChangeEffective, ended.State)
			require.Equal(t, "13600000006", p.ReachedAt().Reveal())
			return
		}
		require.Equal(t, citizen.PhoneChangeCancelled, ended.State)
		require.Equal(t, wangPhone, p.ReachedAt().Reveal())
	})
}
