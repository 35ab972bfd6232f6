package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func (r *citizenRig) helperSlip(t *testing.T, holder citizen.Claim) (string, error) {
	t.Helper()
	_, code, err := r.IssueSlip(t.Context(), models.System(), citizen.IssueSlipInput{Name: holder.Name, IDNumber: holder.IDNumber, Purpose: citizen.SlipForHelper})
	return code, err
}

func keyedAs(ctx context.Context, operation, key, body string) context.Context {
	return models.WithRequestKey(ctx, models.RequestKey{Operation: operation, Key: key, BodyMAC: []byte(body)})
}

// R67: a phone that lost the answer asks again with its key and gets the same one, though the slip is used up; the key with
// another body is refused, and neither costs a try.
func TestR67_ASlipRedeemedAgainWithItsKeyIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		old := r.citizenWho(t, 1, "1938-05-06")
		grandson := r.fresh(t, "o-g", r.citizenWho(t, 2, "2000-01-01"))
		code, err := r.helperSlip(t, old)
		require.NoError(t, err)
		keyed := keyedAs(t.Context(), "redeemHelperSlip", "key-00000001", "a")
		first, err := r.RedeemHelperSlip(keyed, grandson, code, old.IDNumber)
		require.NoError(t, err)
		for range 6 {
			again, err := r.RedeemHelperSlip(keyed, grandson, code, old.IDNumber)
			require.NoError(t, err)
			require.Equal(t, first.ID, again.ID)
			require.Equal(t, citizen.RelationActive, again.State)
			_, err = r.RedeemHelperSlip(keyedAs(t.Context(), "redeemHelperSlip", "key-00000001", "b"), grandson, code, old.IDNumber)
			require.ErrorIs(t, err, models.ErrKeyReused)
		}
		require.Equal(t, 1, r.told(t, first.SubjectID, notice.HelperActive))
		_, err = r.RedeemHelperSlip(t.Context(), grandson, code, old.IDNumber)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "without its key a slip that is used up is nothing")

		// A second slip for the two: the relation that stands is the answer, also to its repeat.
		code, err = r.helperSlip(t, old)
		require.NoError(t, err)
		keyed = keyedAs(t.Context(), "redeemHelperSlip", "key-00000002", "c")
		for range 2 {
			again, err := r.RedeemHelperSlip(keyed, grandson, code, old.IDNumber)
			require.NoError(t, err)
			require.Equal(t, first.ID, again.ID)
		}
		require.NoError(t, r.EndRelation(t.Context(), grandson, models.AsHelper, first.ID))
		again, err := r.RedeemHelperSlip(keyed, grandson, code, old.IDNumber)
		require.NoError(t, err)
		require.Equal(t, citizen.RelationEnded, again.State, "a repeat says how it stands and revives nothing")
	})
}

// The same for relations that are answered because they stand already.
func TestR67_ARepeatFindsTheRelationThatStoodAlready(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		claim := r.citizenWho(t, 5, "1990-01-01")
		r.bound(t, "o-1", claim)
		rel, err := r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		named := keyedAs(t.Context(), "nameHelper", "key-00000003", "a")
		child := r.citizenWho(t, 6, "2010-06-15", "P-1")
		own, err := r.AddDependant(t.Context(), holder, citizen.AddDependantInput{Claim: child})
		require.NoError(t, err)
		added := keyedAs(t.Context(), "addDependant", "key-00000004", "a")
		for range 2 {
			again, err := r.NameHelper(named, holder, claim)
			require.NoError(t, err)
			require.Equal(t, rel.ID, again.ID)
			again, err = r.AddDependant(added, holder, citizen.AddDependantInput{Claim: child})
			require.NoError(t, err)
			require.Equal(t, own.ID, again.ID)
		}
	})
}

// R67: a helper is 16 or older and a holder 18, on the day the slip is made and on the day it is redeemed.
func TestR67_ASlipIsForGrownPeople(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		old := r.citizenWho(t, 1, "1938-05-06")
		code, err := r.helperSlip(t, old)
		require.NoError(t, err)
		young := r.fresh(t, "o-young", r.citizenWho(t, 2, "2005-12-21")) // 16 tomorrow
		_, err = r.RedeemHelperSlip(t.Context(), young, code, old.IDNumber)
		require.ErrorIs(t, err, citizen.ErrHelperTooYoung)
		_, err = r.helperSlip(t, r.citizenWho(t, 3, "2003-12-21")) // 18 tomorrow
		require.ErrorIs(t, err, citizen.ErrHolderTooYoung)
		grown := r.citizenWho(t, 4, "2003-12-20") // 18 today
		forGrown, err := r.helperSlip(t, grown)
		require.NoError(t, err)

		// The registry puts a birthday right before the slip is redeemed: who is no adult has no helper.
		r.happens(t, grown, func(f *citizen.PersonFact) { f.BirthDate = "2004-12-20" })
		helper := r.fresh(t, "o-helper", r.citizenWho(t, 5, "1990-01-01"))
		_, err = r.RedeemHelperSlip(t.Context(), helper, forGrown, grown.IDNumber)
		require.ErrorIs(t, err, citizen.ErrHolderTooYoung)

		r.clock.Set(shanghai(t, "2021-12-21 00:00:00"))
		young.CheckedAt = r.clock.Now()
		rel, err := r.RedeemHelperSlip(t.Context(), young, code, old.IDNumber)
		require.NoError(t, err, "16 now, and the slip was not used up")
		require.Equal(t, citizen.RelationActive, rel.State)
	})
}
