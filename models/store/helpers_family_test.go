package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

type txContext = context.Context

func TestR67_AnAdultNamesABoundHelperWhoAcceptsAndCountsForTwelveMonths(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		grandson := r.citizenWho(t, 1, "2000-01-01")
		_, err := r.NameHelper(t.Context(), holder, grandson)
		require.ErrorIs(t, err, citizen.ErrHelperUnknown, "not bound here: the same answer as for nobody")
		_, err = r.NameHelper(t.Context(), holder, citizen.Claim{Name: "张三", IDNumber: numberOf("1990-01-01", 88)})
		require.ErrorIs(t, err, citizen.ErrHelperUnknown)
		_, err = r.NameHelper(t.Context(), holder, wang())
		require.ErrorIs(t, err, citizen.ErrHelperSelf)
		_, err = r.NameHelper(t.Context(), holder, r.citizenWho(t, 2, "2010-01-01"))
		require.ErrorIs(t, err, citizen.ErrHelperTooYoung)

		helper := r.fresh(t, "o-helper", grandson)
		stale := holder
		stale.CheckedAt = r.clock.Now().Add(-time.Hour)
		_, err = r.NameHelper(t.Context(), stale, grandson)
		require.Equal(t, models.Forbidden, models.KindOf(err), "level fresh")
		rel, err := r.NameHelper(t.Context(), holder, grandson)
		require.NoError(t, err)
		require.Equal(t, citizen.RelationNamed, rel.State)
		again, err := r.NameHelper(t.Context(), holder, grandson)
		require.NoError(t, err)
		require.Equal(t, rel.ID, again.ID)
		require.Equal(t, 1, r.told(t, helper.ID, notice.HelperNamed))

		may := citizen.ActingFor{Relation: rel.ID, Act: models.ActArrivals, May: []models.Capacity{models.AsHelper}, Look: true}
		_, err = r.ActFor(t.Context(), helper, may)
		require.ErrorIs(t, err, citizen.ErrRelationWaits, "not accepted yet")
		_, err = r.AcceptHelper(t.Context(), holder, rel.ID)
		require.ErrorIs(t, err, citizen.ErrRelationUnknown, "nobody accepts for the helper")
		rel, err = r.AcceptHelper(t.Context(), helper, rel.ID)
		require.NoError(t, err)
		require.Equal(t, shanghai(t, "2022-12-20 00:00:00"), rel.EndsAt)
		require.Equal(t, 1, r.told(t, holder.ID, notice.HelperActive))

		for range 3 {
			acting, err := r.ActFor(t.Context(), helper, may)
			require.NoError(t, err)
			require.Equal(t, holder.ID, acting.Subject)
			require.Equal(t, helper.ID, acting.ID)
		}
		require.Equal(t, 1, r.told(t, holder.ID, notice.HelperActed), "told of an act once a day, however often it looks")
		log, err := r.ReadAccessLog(t.Context(), holder, "", 20)
		require.NoError(t, err)
		looks := 0
		for _, e := range log {
			if e.Action == "citizen.relation.looked" {
				looks++
			}
		}
		require.Equal(t, 3, looks, "every look is in the holder's access log")
		_, err = r.ActFor(t.Context(), holder, may)
		require.ErrorIs(t, err, citizen.ErrRelationUnknown, "a relation is its helper's alone")

		r.clock.Set(shanghai(t, "2022-12-20 00:00:00"))
		_, err = r.ActFor(t.Context(), helper, may)
		require.ErrorIs(t, err, citizen.ErrRelationOver, "swept or not")
		n, err := r.SettleRelations(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, citizen.RelationExpired, r.relation(t, rel.ID).State)
		require.Equal(t, 1, r.told(t, holder.ID, notice.RelationEnded))
		require.Equal(t, 1, r.told(t, helper.ID, notice.RelationEnded))
	})
}

func TestR67_WhatAHelperMayNotIsRefusedByItsOwnCode(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		acting, rel := r.helped(t, holder, r.citizenWho(t, 1, "2000-01-01"), "o-helper")
		her := acting
		her.Subject, her.As, her.Relation = her.ID, models.AsSelf, ""
		_, err := r.ActFor(t.Context(), her, citizen.ActingFor{Relation: rel.ID, Act: models.ActApply, May: []models.Capacity{models.AsGuardian}})
		require.ErrorIs(t, err, models.ErrHelperMayNot)
		_, err = r.ActFor(t.Context(), her, citizen.ActingFor{Relation: rel.ID})
		require.ErrorIs(t, err, models.ErrHelperMayNot, "an operation that names nobody is done by oneself")

		young := r.fresh(t, "o-young", r.citizenWho(t, 9, "2004-01-01")) // 17
		_, err = r.NameHelper(t.Context(), young, wang())
		require.ErrorIs(t, err, citizen.ErrHolderTooYoung)
	})
}

func TestR67_AtMostFiveHelpersHoweverManyAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		many := make([]citizen.Claim, 9)
		for i := range many {
			many[i] = r.citizenWho(t, 10+i, "1990-01-01")
			r.bound(t, fmt.Sprintf("o-%d", i), many[i])
		}
		// No more may be on their way at once than tries of the day; each naming gives its own back.
		wins, others := countWins(atOnce(len(many), func(i int) error {
			_, err := r.NameHelper(t.Context(), holder, many[i])
			return err
		}))
		require.Equal(t, 5, wins, "%v", others)
		for _, err := range others {
			require.True(t, errors.Is(err, citizen.ErrHelpersFull) || errors.Is(err, citizen.ErrRelativeTries), "%v", err)
		}
		named, _, err := r.Helpers(t.Context(), holder)
		require.NoError(t, err)
		require.Len(t, named, 5)

		// One place is free and four want it: the holder's lock alone decides.
		have := map[models.ID]bool{}
		for _, v := range named[1:] {
			have[v.ActorID] = true
		}
		require.NoError(t, r.EndRelation(t.Context(), holder, models.AsHelper, named[0].ID))
		var left []citizen.Claim
		for i, c := range many {
			p, err := r.db.Persons().PersonByRef(t.Context(), models.PersonRef(fmt.Sprintf("F-%d", 10+i)))
			require.NoError(t, err)
			if !have[p.ID] && p.ID != named[0].ActorID {
				left = append(left, c)
			}
		}
		require.Len(t, left, 4)
		wins, others = countWins(atOnce(len(left), func(i int) error {
			_, err := r.NameHelper(t.Context(), holder, left[i])
			return err
		}))
		require.Equal(t, 1, wins, "%v", others)
		for _, err := range others {
			require.ErrorIs(t, err, citizen.ErrHelpersFull)
		}
	})
}

func TestR67_AHelperIsRevokedByTheHolderByTheHotlineAndByFate(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		one, a := r.helped(t, holder, r.citizenWho(t, 1, "1990-01-01"), "o-1")
		claimTwo := r.citizenWho(t, 2, "1990-01-01")
		two, b := r.helped(t, holder, claimTwo, "o-2")
		three, c := r.helped(t, holder, r.citizenWho(t, 3, "1990-01-01"), "o-3")

		stranger := two
		stranger.Subject, stranger.As, stranger.Relation = stranger.ID, models.AsSelf, ""
		require.ErrorIs(t, r.EndRelation(t.Context(), stranger, models.AsHelper, a.ID), citizen.ErrRelationUnknown)
		require.ErrorIs(t, r.EndRelation(t.Context(), two, models.AsHelper, a.ID), citizen.ErrRelationUnknown, "a helper revokes nobody for the holder")
		weak := holder
		weak.Level, weak.CheckedAt = models.LevelPhone, time.Time{}
		require.NoError(t, r.EndRelation(t.Context(), weak, models.AsHelper, a.ID), "taking powers away needs no fresh check")
		require.NoError(t, r.EndRelation(t.Context(), weak, models.AsHelper, a.ID))
		require.Equal(t, citizen.RelationRevoked, r.relation(t, a.ID).State)
		require.ErrorIs(t, r.db.InTx(t.Context(), func(ctx txContext) error { return r.StillActsFor(ctx, one) }), citizen.ErrRelationOver)

		agent := agentFor(holder.ID)
		require.ErrorIs(t, r.RevokeHelperByPhone(t.Context(), agent, c.ID), models.ErrForbidden, "no hotline, no agent")
		r.Calls = callAs{strength: "basic_call_back"}
		require.ErrorIs(t, r.RevokeHelperByPhone(t.Context(), agentFor(two.ID), c.ID), citizen.ErrRelationUnknown, "another caller's helper")
		list, err := r.HelpersByPhone(t.Context(), agent)
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.NoError(t, r.RevokeHelperByPhone(t.Context(), agent, c.ID))
		require.Equal(t, citizen.RelationRevoked, r.relation(t, c.ID).State)
		require.GreaterOrEqual(t, r.told(t, holder.ID, notice.RelationEnded), 1)
		require.Equal(t, 1, r.told(t, three.ID, notice.RelationEnded))

		r.happens(t, claimTwo, func(f *citizen.PersonFact) { f.MergedInto = "F-99" })
		require.Equal(t, citizen.RelationEnded, r.relation(t, b.ID).State, "a merged record helps nobody")
	})
}

func TestR67_AnOfferNobodyAcceptsLapsesAndADeadHolderHasNoHelper(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		claim := r.citizenWho(t, 1, "1990-01-01")
		her := r.fresh(t, "o-1", claim)
		rel, err := r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		r.clock.Advance(citizen.HelperOfferLife)
		her.CheckedAt = r.clock.Now()
		_, err = r.AcceptHelper(t.Context(), her, rel.ID)
		require.ErrorIs(t, err, citizen.ErrRelationOver)
		_, err = r.SettleRelations(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, citizen.RelationExpired, r.relation(t, rel.ID).State)

		holder.CheckedAt = r.clock.Now()
		rel, err = r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err, "named anew")
		require.NoError(t, r.EndRelation(t.Context(), her, models.AsHelper, rel.ID))
		require.Equal(t, citizen.RelationDeclined, r.relation(t, rel.ID).State)
		rel, err = r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		require.NoError(t, r.EndRelation(t.Context(), her, models.AsHelper, rel.ID))
		rel, err = r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err, "the third of the day")
		require.NoError(t, r.EndRelation(t.Context(), her, models.AsHelper, rel.ID))
		_, err = r.NameHelper(t.Context(), holder, claim)
		require.ErrorIs(t, err, citizen.ErrRelativeTries, "nobody is sent message after message")
		r.clock.Advance(24 * time.Hour)
		holder.CheckedAt = r.clock.Now()
		rel, err = r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		r.happens(t, wang(), func(f *citizen.PersonFact) { f.LivingStatus = citizen.Deceased })
		require.Equal(t, citizen.RelationEnded, r.relation(t, rel.ID).State)
	})
}

// The old villager has no phone: a window that saw her papers prints a slip, and her grandson redeems it.
func TestR67_AWindowSlipMakesAHelperOnceAndNothingElse(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		old := r.citizenWho(t, 1, "1938-05-06")
		grandson := r.fresh(t, "o-g", r.citizenWho(t, 2, "2000-01-01"))
		issue := func(p citizen.SlipPurpose, who citizen.Claim) (string, error) {
			_, code, err := r.IssueSlip(t.Context(), models.System(), citizen.IssueSlipInput{Name: who.Name, IDNumber: who.IDNumber, Purpose: p})
			return code, err
		}
		_, err := issue(citizen.SlipForHelper, r.citizenWho(t, 3, "2010-01-01"))
		require.ErrorIs(t, err, citizen.ErrHolderTooYoung)
		toBind, err := issue(citizen.SlipToBind, old)
		require.NoError(t, err)
		_, err = r.RedeemHelperSlip(t.Context(), grandson, toBind, old.IDNumber)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "a slip to bind names no helper")
		code, err := issue(citizen.SlipForHelper, old)
		require.NoError(t, err)
		thief := r.readyToBind(t, "o-thief")
		_, err = r.RedeemSlip(t.Context(), thief, code, old.IDNumber)
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "and a slip for a helper binds nobody")
		_, err = r.RedeemHelperSlip(t.Context(), grandson, code, grandsonID(t, r, grandson))
		require.ErrorIs(t, err, citizen.ErrCodeInvalid, "another's number")

		wins, others := countWins(atOnce(3, func(int) error {
			_, err := r.RedeemHelperSlip(t.Context(), grandson, code, old.IDNumber)
			return err
		}))
		require.Equal(t, 1, wins, "%v", others)
		_, helping, err := r.Helpers(t.Context(), grandson)
		require.NoError(t, err)
		require.Len(t, helping, 1)
		require.Equal(t, citizen.RelationActive, helping[0].State)
		require.Equal(t, citizen.ByWindowSlip, helping[0].Proof)
		require.Equal(t, 1, r.told(t, helping[0].SubjectID, notice.HelperActive))
	})
}

func grandsonID(t *testing.T, r *citizenRig, by models.Actor) string {
	t.Helper()
	p, err := r.db.Persons().Person(t.Context(), by.ID)
	require.NoError(t, err)
	return p.IDNumber.Reveal()
}

// Whoever is first: once the holder has revoked, nobody acts, and each step happened once.
func TestR67_AcceptingAndRevokingAtOnceEndsRevoked(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		claim := r.citizenWho(t, 1, "1990-01-01")
		her := r.fresh(t, "o-1", claim)
		rel, err := r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		for _, err := range atOnce(8, func(i int) error {
			if i%2 == 0 {
				_, err := r.AcceptHelper(t.Context(), her, rel.ID)
				return err
			}
			return r.EndRelation(t.Context(), holder, models.AsHelper, rel.ID)
		}) {
			if err != nil {
				require.ErrorIs(t, err, citizen.ErrRelationOver)
			}
		}
		require.Equal(t, citizen.RelationRevoked, r.relation(t, rel.ID).State)
		require.LessOrEqual(t, r.told(t, holder.ID, notice.HelperActive), 1)
		require.Equal(t, 1, r.told(t, her.ID, notice.RelationEnded))
		_, err = r.ActFor(t.Context(), her, citizen.ActingFor{Relation: rel.ID, May: []models.Capacity{models.AsHelper}})
		require.ErrorIs(t, err, citizen.ErrRelationOver)
	})
}
