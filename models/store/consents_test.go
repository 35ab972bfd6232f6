package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

// given reports whether the list of texts shows one as agreed to.
func (r *citizenRig) given(t *testing.T, by models.Actor, p citizen.Purpose) bool {
	t.Helper()
	states, err := r.ListConsents(t.Context(), by)
	require.NoError(t, err)
	for _, st := range states {
		if st.Document.Purpose == p {
			return st.Given.ID != ""
		}
	}
	require.Fail(t, "no text", p)
	return false
}

func (r *citizenRig) agreeTo(t *testing.T, by models.Actor, p citizen.Purpose) error {
	t.Helper()
	doc, _ := citizen.DocumentFor(p)
	_, err := r.GiveConsent(t.Context(), by, p, doc.Version)
	return err
}

// R67: a right that ended while a consent was on its way decides nothing any more, neither to give nor to withdraw.
func TestR53_AConsentForAChildStandsInARightThatCountsNow(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2010-06-15")
		acting := r.guardianOf(t, guardian, child)
		r.consent(t, acting, citizen.PurposeIDImages)
		forged := acting
		forged.Relation = models.NewID()
		require.ErrorIs(t, r.agreeTo(t, forged, citizen.PurposeBankData), citizen.ErrRelationUnknown)
		require.ErrorIs(t, r.WithdrawConsent(t.Context(), forged, citizen.PurposeIDImages), citizen.ErrRelationUnknown)

		require.NoError(t, r.EndRelation(t.Context(), guardian, models.AsGuardian, acting.Relation))
		require.ErrorIs(t, r.agreeTo(t, acting, citizen.PurposeBankData), citizen.ErrRelationOver)
		require.ErrorIs(t, r.agreeTo(t, acting, citizen.PurposePrivacyNotice), citizen.ErrRelationOver)
		require.ErrorIs(t, r.WithdrawConsent(t.Context(), acting, citizen.PurposeIDImages), citizen.ErrRelationOver)
		list, err := r.db.Consents().ConsentsOf(t.Context(), acting.Subject, "")
		require.NoError(t, err)
		require.Len(t, list, 1, "nothing was written")
		require.True(t, list[0].WithdrawnAt.IsZero(), "and nothing withdrawn")

		holder := r.fresh(t, "o-holder", r.citizenWho(t, 7, "1950-01-01"))
		helper, _ := r.helped(t, holder, r.citizenWho(t, 8, "1990-01-01"), "o-helper")
		require.ErrorIs(t, r.agreeTo(t, helper, citizen.PurposeIDImages), models.ErrHelperMayNot)
		require.ErrorIs(t, r.WithdrawConsent(t.Context(), helper, citizen.PurposeFace), models.ErrHelperMayNot)
		require.NoError(t, r.RequireConsent(t.Context(), holder, "face"))
	})
}

// Of a consent and the end of the right to give it one is first: either way nothing was given in a right that was over.
func TestR53_AConsentAndTheEndOfTheRightStandInLine(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, child := r.family(t, "2010-06-15")
		acting := r.guardianOf(t, guardian, child)
		errs := atOnce(4, func(i int) error {
			if i == 0 {
				return r.EndRelation(t.Context(), guardian, models.AsGuardian, acting.Relation)
			}
			return r.agreeTo(t, acting, citizen.PurposeIDImages)
		})
		require.NoError(t, errs[0])
		for _, err := range errs[1:] {
			require.True(t, err == nil || errors.Is(err, citizen.ErrRelationOver), "%v", err)
		}
		require.ErrorIs(t, r.agreeTo(t, acting, citizen.PurposeIDImages), citizen.ErrRelationOver)
	})
}

// R53: from 14 on a consent is the young person's own, and still nobody else's when the guardian applies for her (R23).
func TestR53_From14NobodyDecidesForHer(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, claim := r.family(t, "2006-06-15") // 15
		acting := r.guardianOf(t, guardian, claim)
		require.ErrorIs(t, r.agreeTo(t, acting, citizen.PurposeIDImages), citizen.ErrConsentOwn)
		var refusal *models.Error
		require.ErrorAs(t, r.RequireConsent(t.Context(), acting, "id_images"), &refusal)
		require.Equal(t, "CONSENT_REQUIRED", refusal.Code)
		require.Equal(t, "subject", refusal.Extra["consent_by"], "the guardian reads whose consent it takes")

		// The way forward of a young person without a phone: her own check on the guardian's, then her own consent.
		agreed := map[citizen.Purpose]string{}
		for _, p := range []citizen.Purpose{citizen.PurposePrivacyNotice, citizen.PurposeFace} {
			doc, _ := citizen.DocumentFor(p)
			agreed[p] = doc.Version
		}
		ticket, err := r.BeginBorrowing(t.Context(), guardian, claim, agreed)
		require.NoError(t, err)
		r.face.result = citizen.FacePassed
		raised, err := r.FinishCheck(t.Context(), guardian, ticket.CheckID)
		require.NoError(t, err)
		hers := r.actor(t, raised.Token)
		require.Equal(t, acting.Subject, hers.ID)
		r.consent(t, hers, citizen.PurposeIDImages)
		require.NoError(t, r.RequireConsent(t.Context(), acting, "id_images"), "the guardian's act stands on her consent")

		require.ErrorIs(t, r.WithdrawConsent(t.Context(), acting, citizen.PurposeIDImages), citizen.ErrConsentOwn)
		require.NoError(t, r.RequireConsent(t.Context(), acting, "id_images"), "and it still stands")
		require.NoError(t, r.agreeTo(t, acting, citizen.PurposePrivacyNotice), "a notice that is read is no consent")
		require.NoError(t, r.WithdrawConsent(t.Context(), hers, citizen.PurposeIDImages))
		require.ErrorIs(t, r.RequireConsent(t.Context(), acting, "id_images"), citizen.ErrConsentRequired)
	})
}

// R53: what a guardian agreed to before the 14th birthday goes on for the guardian's acts until the young person decides;
// she herself is asked at her next act.
func TestR53_AGuardiansConsentOutlivesThe14thBirthdayUntilSheDecides(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		guardian, claim := r.family(t, "2008-12-01") // 13
		acting := r.guardianOf(t, guardian, claim)
		r.bound(t, "o-child", claim)
		r.consent(t, acting, citizen.PurposeIDImages, citizen.PurposeBankData)

		r.clock.Set(shanghai(t, "2022-11-30 23:59:59"))
		child, _ := r.logIn(t, "o-child")
		require.NoError(t, r.RequireConsent(t.Context(), child, "id_images"))
		require.ErrorIs(t, r.agreeTo(t, child, citizen.PurposeIDImages), citizen.ErrConsentRequired, "13 for one second more")

		r.clock.Set(shanghai(t, "2022-12-01 00:00:00"))
		require.NoError(t, r.RequireConsent(t.Context(), acting, "id_images"), "what is under way goes on")
		require.True(t, r.given(t, acting, citizen.PurposeIDImages))
		require.ErrorIs(t, r.RequireConsent(t.Context(), child, "id_images"), citizen.ErrConsentRequired, "she is asked at her next act")
		require.ErrorIs(t, r.RequireConsent(t.Context(), child, "face"), citizen.ErrConsentRequired, "what she tapped as a child counts for nothing")
		require.False(t, r.given(t, child, citizen.PurposeFace))
		require.NoError(t, r.agreeTo(t, child, citizen.PurposeFace))
		require.NoError(t, r.RequireConsent(t.Context(), child, "face"), "what she agrees to now counts")
		require.True(t, r.given(t, child, citizen.PurposeFace))
		require.False(t, r.given(t, child, citizen.PurposeIDImages), "and the list asks her")
		require.ErrorIs(t, r.WithdrawConsent(t.Context(), acting, citizen.PurposeIDImages), citizen.ErrConsentOwn)
		require.ErrorIs(t, r.agreeTo(t, acting, citizen.PurposeIDImages), citizen.ErrConsentOwn)

		require.NoError(t, r.agreeTo(t, child, citizen.PurposeIDImages))
		require.True(t, r.given(t, child, citizen.PurposeIDImages))
		require.NoError(t, r.WithdrawConsent(t.Context(), child, citizen.PurposeIDImages))
		require.ErrorIs(t, r.RequireConsent(t.Context(), acting, "id_images"), citizen.ErrConsentRequired, "her no is the guardian's too")
		require.NoError(t, r.WithdrawConsent(t.Context(), child, citizen.PurposeBankData), "also of what she never gave herself")
		require.ErrorIs(t, r.RequireConsent(t.Context(), acting, "bank_data"), citizen.ErrConsentRequired)
	})
}

// R53: a request that comes once more, late, gives nothing that was withdrawn meanwhile and withdraws nothing given since.
func TestR53_ALateRepeatChangesNoConsent(t *testing.T) {
	t.Parallel()
	eachCitizen(t, func(t *testing.T, r *citizenRig) {
		her := r.bound(t, "o-1", wang())
		doc, _ := citizen.DocumentFor(citizen.PurposeIDImages)
		give := func(key, body string) (citizen.Consent, error) {
			return r.GiveConsent(keyedAs(t.Context(), "giveConsent", key, body), her, citizen.PurposeIDImages, doc.Version)
		}
		withdraw := func(key string) error {
			return r.WithdrawConsent(keyedAs(t.Context(), "withdrawConsent", key, "a"), her, citizen.PurposeIDImages)
		}
		first, err := give("key-00000001", "a")
		require.NoError(t, err)
		again, err := give("key-00000002", "a")
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID, "it stands already")
		require.NoError(t, withdraw("key-00000003"))
		for _, key := range []string{"key-00000001", "key-00000002"} {
			again, err = give(key, "a")
			require.NoError(t, err)
			require.Equal(t, first.ID, again.ID)
			require.False(t, again.WithdrawnAt.IsZero())
		}
		require.ErrorIs(t, r.RequireConsent(t.Context(), her, "id_images"), citizen.ErrConsentRequired, "her no stands")
		_, err = give("key-00000001", "b")
		require.ErrorIs(t, err, models.ErrKeyReused)

		_, err = give("key-00000004", "a")
		require.NoError(t, err)
		require.NoError(t, withdraw("key-00000003"))
		require.NoError(t, r.RequireConsent(t.Context(), her, "id_images"), "and so does her yes")
	})
}
