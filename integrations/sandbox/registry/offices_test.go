package registry

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryProgrammeHasAnOfficeInEveryDistrictThatPaysIt(t *testing.T) {
	t.Parallel()
	c := cityOf(7, december2021())
	finance, own, refs := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, o := range c.offices {
		require.False(t, refs[o.Ref])
		refs[o.Ref] = true
		require.Regexp(t, `^0379-\d{8}$`, o.Phone)
		require.NotEmpty(t, o.Name)
		require.NotEmpty(t, o.Address)
		require.NotEmpty(t, o.Hours)
		if o.Programme == "" {
			finance[o.District]++
		} else if o.Township == "" {
			own[o.Programme+"/"+o.District] = true
		}
	}
	for _, a := range areas {
		require.Equal(t, 1, finance[a.code], a.name)
		for _, p := range c.programmes {
			require.Equal(t, p.Local == "" || p.Local == a.code, own[p.Code+"/"+a.code], "%s in %s", p.Code, a.name)
		}
	}
}

func TestTheCityDeclaresNextYearsLandInEveryState(t *testing.T) {
	t.Parallel()
	c := cityOf(7, december2021())
	people := map[string]*Person{}
	for _, p := range c.persons {
		people[p.Ref] = p
	}
	states, listed, others := map[string]int{}, map[string]bool{}, 0
	for _, d := range c.declarations {
		states[d.State]++
		listed[d.PersonRef] = true
		require.Equal(t, "2022年度", d.PeriodName)
		require.True(t, people[d.PersonRef].IsHead)
		require.Equal(t, d.State == "posted" || d.State == "objected", d.Posting != nil)
		if d.HolderRef != d.PersonRef {
			require.Equal(t, people[d.PersonRef].HouseholdRef, people[d.HolderRef].HouseholdRef)
			others++
		}
	}
	for _, s := range []string{"declared", "posted", "objected", "rejected", "approved"} {
		require.NotZero(t, states[s], s)
	}
	require.NotZero(t, others)
	off := 0
	for _, p := range c.persons {
		if p.IsHead && areaByCode(p.District).rural && !listed[p.Ref] {
			off++
		}
	}
	require.NotZero(t, off, "some stay off the list")
}
