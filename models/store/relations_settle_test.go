package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// lateLook has something happen between a sweep's look at what is due and its first step.
type lateLook struct {
	citizen.Relations
	meanwhile func()
}

func (l lateLook) DueRelations(ctx context.Context, offeredBefore, at time.Time, grown models.Date, limit int) ([]models.ID, error) {
	due, err := l.Relations.DueRelations(ctx, offeredBefore, at, grown, limit)
	l.meanwhile()
	return due, err
}

func (r *citizenRig) settledAfter(t *testing.T, meanwhile func()) int {
	t.Helper()
	whole := r.Relations
	r.Relations = lateLook{whole, func() {
		r.Relations = whole
		meanwhile()
	}}
	n, err := r.SettleRelations(t.Context(), 10)
	require.NoError(t, err)
	return n
}

// R67: an offer that was accepted while the sweep was on its way counts, and is not counted as ended.
func TestR67_AnOfferAcceptedWhileTheSweepLookedStands(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		claim := r.citizenWho(t, 1, "1990-01-01")
		her := r.fresh(t, "o-1", claim)
		rel, err := r.NameHelper(t.Context(), holder, claim)
		require.NoError(t, err)
		r.clock.Advance(citizen.HelperOfferLife)
		ended := r.settledAfter(t, func() { // on a machine whose clock is a little behind
			r.clock.Advance(-time.Minute)
			her.CheckedAt = r.clock.Now()
			_, err := r.AcceptHelper(t.Context(), her, rel.ID)
			require.NoError(t, err)
			r.clock.Advance(time.Minute)
		})
		require.Zero(t, ended)
		require.Equal(t, citizen.RelationActive, r.relation(t, rel.ID).State)
		require.Zero(t, r.told(t, holder.ID, notice.RelationEnded))

		ended = r.settledAfter(t, func() { require.NoError(t, r.EndRelation(t.Context(), holder, models.AsHelper, rel.ID)) })
		require.Zero(t, ended, "it is not due")
	})
}

// R23: a birthday that the registry put right while the sweep was on its way keeps the guardianship.
func TestR23_ABirthdayPutRightWhileTheSweepLookedKeepsTheGuardian(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, claim := r.family(t, "2005-12-22")
		acting := r.guardianOf(t, guardian, claim)
		r.clock.Set(shanghai(t, "2021-12-22 00:00:00"))
		ended := r.settledAfter(t, func() {
			r.happens(t, claim, func(f *citizen.PersonFact) { f.BirthDate = "2006-12-22" })
		})
		require.Zero(t, ended)
		require.Equal(t, citizen.RelationProved, r.relation(t, acting.Relation).State)
		require.Zero(t, r.told(t, guardian.ID, notice.GuardianOver))
		require.Zero(t, r.settledAfter(t, func() {}), "and it is due no more")

		r.clock.Set(shanghai(t, "2022-12-22 00:00:00"))
		require.Equal(t, 1, r.settledAfter(t, func() {}))
		require.Equal(t, citizen.RelationEnded, r.relation(t, acting.Relation).State)
	})
}

// Revoked between the look and the step: it stays revoked, and nobody hears of an end twice.
func TestR67_WhatEndedWhileTheSweepLookedEndsOnce(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		holder := r.fresh(t, "o-holder", wang())
		helper, rel := r.helped(t, holder, r.citizenWho(t, 1, "1990-01-01"), "o-1")
		r.clock.Set(rel.EndsAt)
		ended := r.settledAfter(t, func() { require.NoError(t, r.EndRelation(t.Context(), holder, models.AsHelper, rel.ID)) })
		require.Zero(t, ended)
		require.Equal(t, citizen.RelationRevoked, r.relation(t, rel.ID).State)
		require.Equal(t, 1, r.told(t, helper.ID, notice.RelationEnded))
	})
}
