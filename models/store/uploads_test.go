package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/phototest"
	"onecard/models/citizen"
	"onecard/models/policy"
)

func TestR53_NoIDImageWithoutItsOwnConsent(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		upload := func(by models.Actor) error {
			_, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadIDFront, Data: picture()})
			return err
		}
		by := r.strange(t, adult)
		require.ErrorIs(t, upload(by), citizen.ErrConsentRequired)
		r.agree(t, by, citizen.PurposePrivacyNotice)
		r.agree(t, by, citizen.PurposeBankData)
		require.ErrorIs(t, upload(by), citizen.ErrConsentRequired, "another purpose does not cover it")
		require.Zero(t, r.objects.len(), "nothing was kept")
		r.agree(t, by, citizen.PurposeIDImages)
		require.NoError(t, upload(by))

		thirteen := r.strange(t, "2007-12-21") // fourteen tomorrow
		_, err := r.citizens.GiveConsent(t.Context(), thirteen, citizen.PurposeIDImages, "2021-11-01")
		require.ErrorIs(t, err, citizen.ErrConsentRequired)
		require.ErrorIs(t, upload(thirteen), citizen.ErrConsentRequired)

		fifteen := r.person(t, "2006-06-01")
		require.NoError(t, upload(fifteen), "at fifteen she agrees herself")
		_, err = r.SubmitApplication(t.Context(), fifteen, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrGuardianRequired, "but a guardian applies (R23)")

		halfHearted := r.strange(t, adult)
		r.agree(t, halfHearted, citizen.PurposeIDImages)
		in := r.form(t, halfHearted)
		_, err = r.SubmitApplication(t.Context(), halfHearted, in)
		require.ErrorIs(t, err, citizen.ErrConsentRequired, "the bank gets nothing without consent")
		var e *models.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "bank_data", e.Extra["purpose"])
		r.agree(t, halfHearted, citizen.PurposeBankData)
		_, err = r.SubmitApplication(t.Context(), halfHearted, in)
		require.NoError(t, err)
	})
}

func TestR26_TheKeptPhotoIsTheNormalisedOne(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		u, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.NoError(t, err)
		kept, err := r.db.Cards().Upload(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, u, kept)
		require.Equal(t, []any{358, 441, "image/jpeg"}, []any{kept.Width, kept.Height, kept.MediaType})
		require.LessOrEqual(t, kept.Bytes, int64(40_000))
		data, err := r.Picture(t.Context(), u.ID)
		require.NoError(t, err)
		require.NotEqual(t, picture(), data)

		r.objects.at[kept.ObjectKey] = picture()
		_, err = r.Picture(t.Context(), u.ID)
		require.ErrorIs(t, err, card.ErrObjectChanged, "what is handed on is what was taken in")
	})
}

// R26: who is an infant, and what it is let off, is policy and the registry's birth date; both count at the next upload.
func TestR26_TheInfantsExceptionIsASetting(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		aside := phototest.Good(600, 740)
		aside.Centre = 0.21
		in := card.TakeUploadInput{Purpose: card.UploadPhoto, Data: aside.JPEG()}
		refused := func(by models.Actor) {
			t.Helper()
			_, err := r.TakeUpload(t.Context(), by, in)
			require.ErrorIs(t, err, card.ErrPhotoPosition)
		}
		child, adultPerson := r.person(t, "2006-06-01"), r.person(t, adult) // fifteen: she may agree herself
		refused(child)
		refused(adultPerson)
		r.set(t, policy.PhotoInfantYears, "16")
		_, err := r.TakeUpload(t.Context(), child, in)
		require.NoError(t, err)
		refused(adultPerson)
		r.set(t, policy.PhotoInfantRelief, "nothing")
		refused(child)
	})
}

// set decides a setting.
func (r *applyRig) set(t *testing.T, key, value string) {
	t.Helper()
	_, err := r.policy.Set(t.Context(), models.System(), policy.SetInput{Key: key, Value: value, Basis: "洛人社〔2021〕9号", SetBy: "dba"})
	require.NoError(t, err)
}

func TestUploadsThatAreRefusedLeaveNothing(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		for want, in := range map[*models.Error]card.TakeUploadInput{
			card.ErrUploadPurpose:  {Purpose: "passport", Data: picture()},
			card.ErrPhotoFormat:    {Purpose: card.UploadPhoto, Data: []byte("%PDF-1.7")},
			card.ErrUploadFormat:   {Purpose: card.UploadIDFront, Data: []byte("%PDF-1.7")},
			card.ErrUploadTooLarge: {Purpose: card.UploadIDBack, Data: make([]byte, 5<<20+1)},
		} {
			_, err := r.TakeUpload(t.Context(), by, in)
			require.ErrorIs(t, err, want)
		}
		_, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: make([]byte, 10<<20+1)})
		require.ErrorIs(t, err, card.ErrUploadTooLarge)
		r.objects.failPut = true
		_, err = r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.ErrorIs(t, err, models.ErrUnavailable)
		r.objects.failPut = false
		n, err := r.db.Cards().UnusedUploads(t.Context(), by.Subject)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Zero(t, r.objects.len())
	})
}

func TestAnUploadRepeatedIsTheFirst(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "takeUpload", Key: "key-00000001", BodyMAC: []byte("a")})
		in := card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()}
		first, err := r.TakeUpload(ctx, by, in)
		require.NoError(t, err)
		again, err := r.TakeUpload(ctx, by, in)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, r.objects.len(), "the repeat's object is gone")
		other := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "takeUpload", Key: "key-00000001", BodyMAC: []byte("b")})
		_, err = r.TakeUpload(other, by, in)
		require.ErrorIs(t, err, models.ErrKeyReused)
		require.Equal(t, 1, r.objects.len())
	})
}

func TestAPersonCannotFillTheStore(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		for i := range 30 {
			id := models.NewID()
			require.NoError(t, r.db.Cards().AddUpload(t.Context(), card.Upload{ID: id, PersonID: by.Subject, Purpose: card.UploadPhoto,
				MediaType: "image/jpeg", Digest: fmt.Sprint(i), ObjectKey: string(id), CreatedAt: r.clock.Now()}))
		}
		_, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.ErrorIs(t, err, card.ErrUploadTooMany)
	})
}

func TestUnusedUploadsAreDroppedAfterADay(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, applicant := r.person(t, adult), r.person(t, adult)
		in := r.form(t, applicant)
		_, err := r.SubmitApplication(t.Context(), applicant, in)
		require.NoError(t, err)
		old := r.form(t, by)
		r.clock.Advance(24*time.Hour + time.Second)
		young, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.NoError(t, err)

		r.objects.failDelete = true
		n, err := r.DropUnusedUploads(t.Context(), 2)
		require.Error(t, err)
		require.Zero(t, n)
		r.objects.failDelete = false
		u, err := r.db.Cards().Upload(t.Context(), old.Uploads[card.UploadPhoto])
		require.NoError(t, err)
		require.ErrorIs(t, r.db.Cards().UseUpload(t.Context(), u, models.NewID()), models.ErrConflict, "half dropped: nobody takes it any more")

		n, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		for _, id := range old.Uploads {
			_, err := r.db.Cards().Upload(t.Context(), id)
			require.ErrorIs(t, err, models.ErrNotFound)
		}
		for _, id := range append([]models.ID{young.ID}, in.Uploads[card.UploadPhoto], in.Uploads[card.UploadIDBack]) {
			_, err := r.Picture(t.Context(), id)
			require.NoError(t, err, "used and young ones stay")
		}
		require.Equal(t, 4, r.objects.len())
		n, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
		require.ErrorIs(t, r.db.Cards().DropUpload(t.Context(), young.ID), models.ErrConflict, "only what was claimed is deleted")
	})
}
