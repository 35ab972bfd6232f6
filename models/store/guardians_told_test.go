package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// proveBy has somebody say that she is the guardian, and a reviewer find it right in the household book.
func (r *citizenRig) provedByBook(t *testing.T, by models.Actor, child citizen.Claim) citizen.Relation {
	t.Helper()
	r.consent(t, by, citizen.PurposeIDImages)
	rel, err := r.AddDependant(t.Context(), by, citizen.AddDependantInput{Claim: child, BookFront: models.NewID(), BookChild: models.NewID()})
	require.NoError(t, err)
	require.Equal(t, citizen.RelationRequested, rel.State)
	r.Calls = callAs{}
	rel, err = r.ReviewGuardianship(t.Context(), models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Console}, rel.ID, true, "")
	require.NoError(t, err)
	require.Equal(t, citizen.RelationProved, rel.State)
	return rel
}

// R23, R53: whoever becomes guardian of somebody of 14 or 15, she and her other guardians hear of it, by whatever proof; of
// a younger one the other guardians do.
func TestR23_WhoHasAGuardianMoreHearsOfIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		birth models.Date
		child int
	}{"13": {"2007-12-21", 0}, "14 today": {"2007-12-20", 1}, "15": {"2005-12-21", 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCitizen(t, func(t *testing.T, r *citizenRig) {
				guardian, claim := r.family(t, c.birth)
				first := r.guardianOf(t, guardian, claim)
				require.Equal(t, c.child, r.told(t, first.Subject, notice.GuardianForYou), "by the registry's word")
				require.Zero(t, r.told(t, guardian.ID, notice.GuardianAdded), "nobody hears of herself")

				uncle := r.fresh(t, "o-uncle", r.citizenWho(t, 2, "1975-01-01"))
				rel := r.provedByBook(t, uncle, claim)
				require.Equal(t, 1, r.told(t, uncle.ID, notice.GuardianProved))
				require.Equal(t, 1, r.told(t, guardian.ID, notice.GuardianAdded), "by the household book")
				require.Equal(t, 2*c.child, r.told(t, rel.SubjectID, notice.GuardianForYou))

				aunt := r.fresh(t, "o-aunt", r.citizenWho(t, 3, "1978-01-01"))
				r.happens(t, claim, func(f *citizen.PersonFact) { f.Guardians = []models.PersonRef{"P-1", "F-3"} })
				_, err := r.AddDependant(t.Context(), aunt, citizen.AddDependantInput{Claim: claim})
				require.NoError(t, err)
				require.Equal(t, 2, r.told(t, guardian.ID, notice.GuardianAdded))
				require.Equal(t, 1, r.told(t, uncle.ID, notice.GuardianAdded))
				require.Zero(t, r.told(t, aunt.ID, notice.GuardianAdded))
				require.Equal(t, 3*c.child, r.told(t, rel.SubjectID, notice.GuardianForYou))
			})
		})
	}
}

// A request that waits, is refused or is over makes nobody a guardian, and tells nobody else.
func TestR23_AGuardianWhoIsNotProvedIsNoNews(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, claim := r.family(t, "2006-06-15")
		first := r.guardianOf(t, guardian, claim)
		uncle := r.fresh(t, "o-uncle", r.citizenWho(t, 2, "1975-01-01"))
		r.consent(t, uncle, citizen.PurposeIDImages)
		rel, err := r.AddDependant(t.Context(), uncle, citizen.AddDependantInput{Claim: claim, BookFront: models.NewID(), BookChild: models.NewID()})
		require.NoError(t, err)
		r.Calls = callAs{}
		_, err = r.ReviewGuardianship(t.Context(), models.Actor{Kind: models.AgentActor, ID: models.NewID(), Channel: models.Console}, rel.ID, false, "NOT_GUARDIAN")
		require.NoError(t, err)
		require.Zero(t, r.told(t, guardian.ID, notice.GuardianAdded))
		require.Equal(t, 1, r.told(t, first.Subject, notice.GuardianForYou), "of the first one")
	})
}

// The registry may name some guardians only, and a source that names none says nothing about any.
func TestR23_OnlyWhoTheRegistryNoLongerNamesEnds(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		child := r.citizenWho(t, 1, "2010-06-15", "P-1", "F-2")
		father := r.guardianOf(t, r.fresh(t, "o-father", wang()), child)
		mother := r.guardianOf(t, r.fresh(t, "o-mother", r.citizenWho(t, 2, "1982-01-01")), child)
		uncle := r.provedByBook(t, r.fresh(t, "o-uncle", r.citizenWho(t, 3, "1975-01-01")), child)
		states := func() []citizen.RelationState {
			return []citizen.RelationState{r.relation(t, father.Relation).State, r.relation(t, mother.Relation).State, r.relation(t, uncle.ID).State}
		}
		proved, ended := citizen.RelationProved, citizen.RelationEnded

		r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians, f.Partial, f.District = nil, true, "410305" })
		require.Equal(t, []citizen.RelationState{proved, proved, proved}, states(), "a source that tells no guardians ends none")
		r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians, f.Partial = []models.PersonRef{"F-2"}, false })
		require.Equal(t, []citizen.RelationState{ended, proved, proved}, states(), "who is still named stays, and so does what staff saw")
		r.happens(t, child, func(f *citizen.PersonFact) { f.Guardians = nil })
		require.Equal(t, []citizen.RelationState{ended, ended, proved}, states(), "a whole source that names none has taken it back")
	})
}
