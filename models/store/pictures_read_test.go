package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/policy"
)

// R54: whose it is, what it was taken for and how surely she is known is asked at each look, and each is written down.
func TestR54_APictureIsSeenByItsOwnerAloneAndADocumentOnlyAfterACheck(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, other := r.person(t, adult), r.person(t, adult)
		in := r.form(t, by)
		photo, front := in.Uploads[card.UploadPhoto], in.Uploads[card.UploadIDFront]
		looks := func() (n int) {
			t.Helper()
			require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM audit_entries WHERE action = 'card.upload.read'").Scan(&n))
			return n
		}
		refused := func(by models.Actor, id models.ID, want error) {
			t.Helper()
			before := looks()
			_, data, err := r.ReadPicture(t.Context(), by, id)
			require.ErrorIs(t, err, want)
			require.Empty(t, data)
			require.Equal(t, before, looks())
		}
		u, data, err := r.ReadPicture(t.Context(), by, photo)
		require.NoError(t, err)
		require.Equal(t, []any{u.Bytes, "image/jpeg", 1}, []any{int64(len(data)), u.MediaType, looks()})

		refused(by, front, policy.ErrRecheckRequired)
		fresh := by
		fresh.CheckedAt = r.clock.Now()
		_, _, err = r.ReadPicture(t.Context(), fresh, front)
		require.NoError(t, err)
		require.Equal(t, 2, looks())
		r.clock.Advance(11 * time.Minute)
		refused(fresh, front, policy.ErrRecheckRequired)

		refused(other, photo, card.ErrPictureNotFound)
		refused(other, models.NewID(), card.ErrPictureNotFound)
		helping := other
		helping.Subject = by.Subject
		refused(helping, photo, card.ErrPictureNotFound)
		known := by
		known.Level = models.LevelPhone
		refused(known, photo, policy.ErrRecheckRequired)
		refused(models.Actor{Kind: models.AgentActor, ID: "a", Subject: by.Subject, Channel: models.Phone12333}, photo, card.ErrApplyNotByPhone)

		r.clock.Advance(25 * time.Hour)
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		refused(by, photo, card.ErrPictureNotFound)
	})
}

func TestAPictureThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		photo := r.form(t, by).Uploads[card.UploadPhoto]
		u, err := r.db.Cards().Upload(t.Context(), photo)
		require.NoError(t, err)
		read := func() error {
			_, data, err := r.ReadPicture(t.Context(), by, photo)
			require.Empty(t, data)
			return err
		}
		kept := r.objects.at[u.ObjectKey]
		r.objects.at[u.ObjectKey] = picture()
		var named *models.Error
		require.ErrorIs(t, read(), card.ErrObjectChanged)
		require.NotErrorAs(t, read(), &named, "nobody is told what is not what she sent")
		delete(r.objects.at, u.ObjectKey)
		require.ErrorIs(t, read(), card.ErrPictureNotFound)
		r.objects.at[u.ObjectKey], r.objects.failGet = kept, true
		require.ErrorIs(t, read(), models.ErrUnavailable)
	})
}
