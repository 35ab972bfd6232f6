package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// guardian makes one person the proved guardian of another, and gives how she acts for her.
func (r *applyRig) guardian(t *testing.T, by models.Actor, child models.ID) models.Actor {
	t.Helper()
	rel := citizen.Relation{ID: models.NewID(), Kind: models.AsGuardian, ActorID: by.ID, SubjectID: child, State: citizen.RelationProved,
		Proof: citizen.ByRegistry, Recipients: citizen.TellGuardian, MadeAt: r.clock.Now()}
	require.NoError(t, r.db.Relations().AddRelation(t.Context(), rel))
	by.Subject, by.As, by.Relation = child, models.AsGuardian, rel.ID
	return by
}

func (r *applyRig) withFamily() *applyRig {
	r.Family = r.citizens.Service
	return r
}

// OK of R23: guardian applies for B (11), accepted. OK of R53: a child of 13 without the guardian's consent is refused.
func TestR23_GuardianAppliesForBAccepted(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		r.withFamily()
		mother := r.person(t, adult)
		child := r.strange(t, "2010-06-15") // B
		forB := r.guardian(t, mother, child.ID)
		_, err := r.TakeUpload(t.Context(), forB, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.ErrorIs(t, err, citizen.ErrConsentRequired)
		r.agree(t, forB, citizen.PurposeIDImages)
		r.agree(t, forB, citizen.PurposeBankData)
		d, err := r.OpenDraft(t.Context(), forB)
		require.NoError(t, err)
		require.Equal(t, "居民户口簿首页", d.Papers[1].Label)

		res, err := r.SubmitApplication(t.Context(), forB, r.form(t, forB))
		require.NoError(t, err)
		require.Equal(t, child.ID, res.Application.PersonID)
		require.Equal(t, mother.ID, res.Application.ApplicantID)
		r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 1}
		_, err = r.Sweep(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, r.registry.told, 1)
		require.Equal(t, mother.ID, r.registry.told[0].ApplicantID, "the registry hears who asked")
		_, err = r.Application(t.Context(), mother, res.Application.ID)
		require.ErrorIs(t, err, card.ErrApplicationNotFound, "as herself she has none")
		_, err = r.Application(t.Context(), forB, res.Application.ID)
		require.NoError(t, err)
	})
}

// The thresholds are two: 15 consents herself and still does not apply; 16 today applies as herself and nobody for her.
func TestR23_FifteenConsentsHerselfAndSixteenAppliesHerself(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		r.withFamily()
		mother := r.person(t, adult)
		fifteen := r.person(t, "2005-12-21") // 16 tomorrow
		_, err := r.SubmitApplication(t.Context(), fifteen, r.form(t, fifteen))
		require.ErrorIs(t, err, card.ErrGuardianRequired, "R53: self consent ok but R23 route")
		forHer := r.guardian(t, mother, fifteen.ID)
		in := r.form(t, forHer)
		_, err = r.SubmitApplication(t.Context(), forHer, in)
		require.NoError(t, err, "on her own consent")

		sixteen := r.person(t, "2005-12-20")
		forGrown := r.guardian(t, mother, sixteen.ID)
		_, err = r.SubmitApplication(t.Context(), forGrown, in)
		require.ErrorIs(t, err, card.ErrApplySelfOnly, "must apply as self")
		_, err = r.SubmitApplication(t.Context(), sixteen, r.form(t, sixteen))
		require.NoError(t, err)
	})
}

// A right that ends while a form is on its way ends before it: nothing is written.
func TestR67_ARightIsLookedAtAgainInTheDecisionsTransaction(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		r.withFamily()
		mother := r.person(t, adult)
		child := r.strange(t, "2010-06-15")
		forB := r.guardian(t, mother, child.ID)
		r.agree(t, forB, citizen.PurposeIDImages)
		r.agree(t, forB, citizen.PurposeBankData)
		in := r.form(t, forB)
		self := mother
		self.SessionID = models.NewID()
		require.NoError(t, r.citizens.EndRelation(t.Context(), self, models.AsGuardian, forB.Relation))
		_, err := r.SubmitApplication(t.Context(), forB, in)
		require.ErrorIs(t, err, citizen.ErrRelationOver)
		_, err = r.SaveDraft(t.Context(), forB, 0, card.DraftChange{BankCode: &in.BankCode})
		require.ErrorIs(t, err, citizen.ErrRelationOver)
		_, err = r.TakeUpload(t.Context(), forB, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.ErrorIs(t, err, citizen.ErrRelationOver)
		_, err = r.db.Cards().LatestApplication(t.Context(), child.ID)
		require.ErrorIs(t, err, models.ErrNotFound)
		forged := forB
		forged.Relation = models.NewID()
		_, err = r.SubmitApplication(t.Context(), forged, in)
		require.ErrorIs(t, err, citizen.ErrRelationUnknown)
		entries, err := r.db.AuditAbout(t.Context(), child.ID, start, 100)
		require.NoError(t, err)
		for _, e := range entries {
			require.NotEqual(t, "card.application.submitted", e.Action)
		}
	})
}

// The pages of a household book are used up by the relation they prove, and are nobody's else.
func TestR23_APageOfTheHouseholdBookIsUsedOnceByItsGuardian(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		r.withFamily()
		mother, other := r.person(t, adult), r.person(t, adult)
		u, err := r.TakeUpload(t.Context(), mother, card.TakeUploadInput{Purpose: card.UploadBookFront, Data: picture()})
		require.NoError(t, err)
		relation := models.NewID()
		require.ErrorIs(t, r.UsePicture(t.Context(), other.ID, "household_front", u.ID, relation), card.ErrUploadUnknown)
		require.ErrorIs(t, r.UsePicture(t.Context(), mother.ID, "household_page", u.ID, relation), card.ErrUploadUnknown)
		require.ErrorIs(t, r.UsePicture(t.Context(), mother.ID, "photo", u.ID, relation), card.ErrUploadPurpose)
		require.NoError(t, r.UsePicture(t.Context(), mother.ID, "household_front", u.ID, relation))
		require.ErrorIs(t, r.UsePicture(t.Context(), mother.ID, "household_front", u.ID, relation), card.ErrUploadUnknown)
		require.NoError(t, r.DropPicture(t.Context(), u.ID, models.NewID()), "not that relation's: left alone")
		_, err = r.Picture(t.Context(), u.ID)
		require.NoError(t, err)
		require.NoError(t, r.DropPicture(t.Context(), u.ID, relation))
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		_, err = r.Picture(t.Context(), u.ID)
		require.ErrorIs(t, err, models.ErrNotFound)
		require.Zero(t, r.objects.len())
	})
}
