package api

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// relatives answer as a relation of one capacity does; everything else of the citizens' side panics.
type relatives struct {
	Citizens
	as   models.Capacity
	seen []citizen.ActingFor
}

func (f *relatives) ActFor(_ context.Context, by models.Actor, in citizen.ActingFor) (models.Actor, error) {
	f.seen = append(f.seen, in)
	if in.Relation != "relation-1" {
		return by, citizen.ErrRelationUnknown
	}
	if !slices.Contains(in.May, f.as) {
		if f.as == models.AsHelper {
			return by, models.ErrHelperMayNot
		}
		return by, models.ErrGuardianMayNot
	}
	by.Subject, by.As, by.Relation = "person-3", f.as, in.Relation
	return by, nil
}

// The whole table of what is done for another. A new operation is in it by being registered: whoever adds one decides.
func TestR67_WhatIsDoneForAnotherIsWrittenHere(t *testing.T) {
	t.Parallel()
	both := []string{
		"listCards", "reportLoss", "listLossReports", "getLossReport", "listApplications", "getApplication", "listArrivals", "summariseArrivals",
		"getArrival", "explain",
	}
	guardians := []string{
		"submitApplication", "correctApplication", "withdrawApplication", "openApplicationDraft", "saveApplicationDraft", "submitApplicationDraft",
		"printApplicationReceipt", "takeUpload", "readUpload", "requestReplacement", "listReplacements", "getReplacement", "correctReplacement", "withdrawReplacement",
		"getFeeOrder", "payFeeOrder", "shareFeeOrder", "listConsents", "giveConsent", "withdrawConsent",
	}
	r := newRig(t)
	for _, o := range r.ops {
		want := []models.Capacity(nil)
		switch {
		case slices.Contains(both, o.ID):
			want = byFamily
		case slices.Contains(guardians, o.ID):
			want = byGuardians
		}
		require.Equal(t, want, o.For, o.ID)
		require.True(t, len(o.For) == 0 || o.Audience == Citizen, o.ID)
	}
}

// Every operation of a citizen refuses a relation that is not hers, and one that does not reach so far.
func TestR67_EveryOperationRefusesWhoMayNotDoItForAnother(t *testing.T) {
	t.Parallel()
	for as, code := range map[models.Capacity]string{models.AsHelper: "HELPER_MAY_NOT", models.AsGuardian: "GUARDIAN_MAY_NOT"} {
		f := &relatives{as: as}
		r := newRig(t, func(d *Deps) { d.Citizens = f })
		refused := 0
		for _, o := range r.ops {
			if o.Audience != Citizen {
				continue
			}
			ask := func(relation string) (headers []string) {
				headers = append(bearer(citizenToken), headerActingFor, relation)
				if len(o.Accept) > 0 {
					headers = append(headers, "Content-Type", o.Accept[0])
				}
				return headers
			}
			requireProblem(t, r.call(o.Method, samplePath(o.Path), "", ask("relation-2")...), 404, "RELATION_NOT_FOUND")
			if !slices.Contains(o.For, as) {
				requireProblem(t, r.call(o.Method, samplePath(o.Path), "", ask("relation-1")...), 403, code)
				refused++
			}
		}
		require.Greater(t, refused, 20)
		for _, in := range f.seen {
			require.NotEmpty(t, in.Relation)
		}
	}
}

// actsAsked is the act that each operation of a guardian has asked before its use case, empty where the use case asks.
func actsAsked(t *testing.T) map[string]models.Act {
	t.Helper()
	f := &relatives{as: models.AsGuardian}
	r := newRig(t, func(d *Deps) { d.Citizens = f })
	asked := map[string]models.Act{}
	for _, o := range r.ops {
		if !slices.Contains(o.For, models.AsGuardian) {
			continue
		}
		f.seen = nil
		headers := append(bearer(citizenToken), headerActingFor, "relation-2")
		if len(o.Accept) > 0 {
			headers = append(headers, "Content-Type", o.Accept[0])
		}
		r.call(o.Method, samplePath(o.Path), "", headers...)
		require.Len(t, f.seen, 1, o.ID)
		asked[o.ID] = f.seen[0].Act
	}
	return asked
}

// Whether a guardian may take back what she began is not asked as a new order is: the act may have gone to the window since.
func TestR49_TakingBackIsNotHeldAgainstTheChannelsMode(t *testing.T) {
	t.Parallel()
	asked := actsAsked(t)
	require.Equal(t, []models.Act{"", models.ActReplace, models.ActPay}, []models.Act{asked["withdrawReplacement"], asked["requestReplacement"], asked["payFeeOrder"]})
}

// R17, R46: a child's photo is for a first application or for a replacement. Where only one of them is open, its use case
// knows; the first act alone is not asked before it.
func TestR46_WhetherAPictureIsTakenForAChildIsItsUseCasesToSay(t *testing.T) {
	t.Parallel()
	asked := actsAsked(t)
	require.Equal(t, []models.Act{"", "", models.ActApply}, []models.Act{asked["takeUpload"], asked["readUpload"], asked["submitApplication"]})
}

// watchedCards notes who asks.
type watchedCards struct {
	cardUses
	by *models.Actor
}

func (c watchedCards) Cards(_ context.Context, by models.Actor) (card.Home, error) {
	*c.by = by
	return card.Home{}, nil
}

// Who asks for another is known to the use case as both.
func TestR67_AListForAnotherIsReadForHer(t *testing.T) {
	t.Parallel()
	f := &relatives{as: models.AsHelper}
	var by models.Actor
	r := newRig(t, func(d *Deps) {
		d.Citizens = f
		d.Cards = watchedCards{by: &by}
	})
	w := r.call(http.MethodGet, "/v1/cards", "", append(bearer(citizenToken), headerActingFor, "relation-1")...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, models.ID("person-1"), by.ID)
	require.Equal(t, models.ID("person-3"), by.Subject)
	require.Equal(t, models.AsHelper, by.As)
	require.True(t, f.seen[0].Look)
	r.call(http.MethodGet, "/v1/cards", "", bearer(citizenToken)...)
	require.Equal(t, models.ID("person-1"), by.Subject, "without the header it is herself")
}
