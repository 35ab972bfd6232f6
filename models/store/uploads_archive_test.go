package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

var keeper = models.Actor{Kind: models.SystemActor}

func (r *applyRig) collected(t *testing.T, by models.Actor, at time.Time) (card.Application, card.SubmitInput) {
	t.Helper()
	in := r.form(t, by)
	res, err := r.SubmitApplication(t.Context(), by, in)
	require.NoError(t, err)
	_, differ, err := r.ConfirmArchived(t.Context(), keeper, card.Transfer{Basis: "清单1", Pictures: []card.ArchivedPicture{{Of: "applications", Receipt: res.Application.Receipt}}})
	require.NoError(t, err)
	require.Equal(t, "it is still under way", differ[0].What)
	var request string
	require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT id FROM card_commands WHERE subject_id = $1", string(res.Application.ID)).Scan(&request))
	f := card.ApplicationFact{RequestID: models.ID(request), Reference: "SQ-1", Event: card.StageCollected, Version: 1, ChangedAt: at}
	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error { return r.ApplyApplicationFacts(ctx, []card.ApplicationFact{f}) }))
	return res.Application, in
}

// exported is the transfer list of all that may leave now.
func (r *applyRig) exported(t *testing.T) card.Transfer {
	t.Helper()
	list := card.Transfer{Basis: "清单1", Digest: "d"}
	_, unreadable, err := r.ExportForArchive(t.Context(), keeper, time.Time{}, func(p card.ArchivedPicture, data []byte) error {
		sum := sha256.Sum256(data)
		require.Equal(t, []any{int64(len(data)), hex.EncodeToString(sum[:])}, []any{p.Bytes, p.Digest})
		list.Pictures = append(list.Pictures, p)
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, unreadable)
	return list
}

// only keeps the lines of one application.
func only(list card.Transfer, receipt string) card.Transfer {
	list.Pictures = slices.DeleteFunc(slices.Clone(list.Pictures), func(p card.ArchivedPicture) bool { return p.Receipt != receipt })
	return list
}

func (r *applyRig) archivedRows(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM audit_entries WHERE action = 'card.application.archived'").Scan(&n))
	return n
}

// What the archive says it holds is compared with what would be deleted; one difference anywhere, and nothing is noted.
func TestAListThatIsNotWhatWouldBeDeletedConfirmsNothing(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		one, _ := r.collected(t, r.person(t, adult), r.clock.Now())
		two, _ := r.collected(t, r.person(t, adult), r.clock.Now())
		r.clock.Advance(31 * 24 * time.Hour)
		list := r.exported(t)
		require.Len(t, list.Pictures, 6)
		of := func(receipt string) card.ArchivedPicture { return only(list, receipt).Pictures[0] }
		for want, change := range map[string]func(in []card.ArchivedPicture) []card.ArchivedPicture{
			"not in the list": func(in []card.ArchivedPicture) []card.ArchivedPicture { return in[:len(in)-1] },
			"listed twice":    func(in []card.ArchivedPicture) []card.ArchivedPicture { return append(in, in[0]) },
			"purpose, size or digest is another": func(in []card.ArchivedPicture) []card.ArchivedPicture {
				in[2].Digest = strings.Repeat("0", 64)
				return in
			},
			"purpose, size or digest is another ": func(in []card.ArchivedPicture) []card.ArchivedPicture { in[3].Bytes--; return in },
			"no such picture belongs to it": func(in []card.ArchivedPicture) []card.ArchivedPicture {
				foreign := of(two.Receipt)
				foreign.Receipt = one.Receipt
				return append(in, foreign)
			},
			"nothing has this receipt": func(in []card.ArchivedPicture) []card.ArchivedPicture {
				return append(in, card.ArchivedPicture{Of: "applications", Receipt: "20991231-00000001-0"})
			},
		} {
			wrong := list
			wrong.Pictures = change(slices.Clone(list.Pictures))
			noted, differ, err := r.ConfirmArchived(t.Context(), keeper, wrong)
			require.NoError(t, err)
			require.Zero(t, noted, want)
			require.Len(t, differ, 1, want)
			require.Equal(t, strings.TrimSpace(want), differ[0].What)
			require.Zero(t, r.archivedRows(t), want)
		}
		noted, differ, err := r.ConfirmArchived(t.Context(), keeper, list)
		require.NoError(t, err)
		require.Empty(t, differ)
		require.Equal(t, []int{2, 2}, []int{noted, r.archivedRows(t)})
		require.Empty(t, r.exported(t).Pictures, "what the archive has is not exported again")
	})
}

// A picture that cannot be given to the archive keeps its application out of the list, and nobody else.
func TestAPictureThatIsNotWhatWasStoredIsNotExported(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		broken, in := r.collected(t, r.person(t, adult), r.clock.Now())
		whole, _ := r.collected(t, r.person(t, adult), r.clock.Now())
		r.clock.Advance(time.Second)
		r.objects.at[string(in.Uploads[card.UploadIDBack])] = []byte("another")
		var lines []card.ArchivedPicture
		n, unreadable, err := r.ExportForArchive(t.Context(), keeper, time.Time{}, func(p card.ArchivedPicture, _ []byte) error { lines = append(lines, p); return nil })
		require.NoError(t, err)
		require.Equal(t, []any{1, []string{broken.Receipt}}, []any{n, unreadable})
		require.Len(t, lines, 3)
		require.Equal(t, whole.Receipt, lines[0].Receipt)
		r.objects.failGet = true
		_, _, err = r.ExportForArchive(t.Context(), keeper, time.Time{}, func(card.ArchivedPicture, []byte) error { return nil })
		require.ErrorIs(t, err, card.ErrObjectsDown)
	})
}

// A picture that a correction replaced is exported, confirmed and deleted with the others: it stays with nobody.
func TestPicturesThatACorrectionReplacedGoToo(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "PHOTO_UNCLEAR"})
		before := j.now().Uploads[card.UploadPhoto]
		_, err := j.correct(card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: j.picture(card.UploadPhoto)}})
		require.NoError(t, err)
		j.fact(card.StageCollected)
		r.clock.Advance(365 * 24 * time.Hour)
		r.clock.Advance(31 * 24 * time.Hour)
		list := r.exported(t)
		require.Len(t, list.Pictures, 4)
		require.Equal(t, before, list.Pictures[0].Picture)
		noted, _, err := r.ConfirmArchived(t.Context(), keeper, list)
		require.NoError(t, err)
		require.Equal(t, 1, noted)
		_, err = r.DropArchivedPictures(t.Context(), 10)
		require.NoError(t, err)
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, r.objects.len())
		left := 0
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM uploads").Scan(&left))
		require.Zero(t, left)
	})
}

func TestPicturesGoAfterTheArchiveHasThemAndNotBefore(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		confirmed, in := r.collected(t, r.person(t, adult), r.clock.Now())
		_, kept := r.collected(t, r.person(t, adult), r.clock.Now())
		r.clock.Advance(time.Second)
		list := only(r.exported(t), confirmed.Receipt)
		for _, want := range []int{1, 0} {
			noted, differ, err := r.ConfirmArchived(t.Context(), keeper, list)
			require.NoError(t, err)
			require.Empty(t, differ)
			require.Equal(t, want, noted, "a repeat changes nothing")
		}
		require.Equal(t, 1, r.archivedRows(t))

		drop := func() int {
			n, err := r.DropArchivedPictures(t.Context(), 10)
			require.NoError(t, err)
			_, err = r.DropUnusedUploads(t.Context(), 10)
			require.NoError(t, err)
			return n
		}
		r.clock.Advance(30*24*time.Hour - time.Second)
		require.Zero(t, drop(), "the month is not over")
		require.Equal(t, 6, r.objects.len())
		r.clock.Advance(time.Second)
		r.objects.failDelete = true
		n, err := r.DropArchivedPictures(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.Error(t, err)
		r.objects.failDelete = false // the next round finds what was interrupted
		require.Zero(t, drop())
		require.Equal(t, 3, r.objects.len())
		for _, id := range in.Uploads {
			_, err := r.Picture(t.Context(), id)
			require.ErrorIs(t, err, models.ErrNotFound)
		}
		r.clock.Advance(10 * 365 * 24 * time.Hour)
		require.Zero(t, drop())
		for _, id := range kept.Uploads {
			_, err := r.Picture(t.Context(), id)
			require.NoError(t, err, "what the archive does not have stays")
		}
	})
}

// A picture that a correction replaced goes with those that took its place.
func TestPicturesThatWereReplacedGoToo(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "PHOTO_UNCLEAR"})
		_, err := j.correct(card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: j.picture(card.UploadPhoto)}})
		require.NoError(t, err)
		j.fact(card.StageCollected)
		require.Equal(t, 4, r.objects.len())
		r.clock.Advance(31 * 24 * time.Hour)
		list := r.exported(t)
		require.Len(t, list.Pictures, 4)
		_, differ, err := r.ConfirmArchived(t.Context(), keeper, list)
		require.NoError(t, err)
		require.Empty(t, differ)
		n, err := r.DropArchivedPictures(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, r.objects.len())
	})
}

func TestAnObjectWithoutARowDiesAfterADay(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		in := r.form(t, r.person(t, adult))
		r.objects.since = map[string]time.Time{}
		put := func(key string, age time.Duration) {
			require.NoError(t, r.objects.Put(t.Context(), key, []byte("x")))
			r.objects.since[key] = r.clock.Now().Add(-age)
		}
		orphan, young := string(models.NewID()), string(models.NewID())
		put(orphan, 24*time.Hour+time.Second)
		put(young, 24*time.Hour)
		put("not-an-upload-of-ours", 1000*time.Hour)
		for _, id := range in.Uploads {
			r.objects.since[string(id)] = r.clock.Now().Add(-1000 * time.Hour)
		}
		sweep := func() (dropped int) {
			after := ""
			for {
				next, n, err := r.DropOrphans(t.Context(), after, 2)
				require.NoError(t, err)
				dropped += n
				if after = next; after == "" {
					return dropped
				}
			}
		}
		require.Equal(t, 1, sweep())
		_, err := r.objects.Get(t.Context(), orphan)
		require.ErrorIs(t, err, card.ErrNoObject)
		require.Equal(t, 5, r.objects.len(), "what has a row, is young, or is not ours stays")
		require.Zero(t, sweep())
		r.clock.Advance(time.Second)
		require.Equal(t, 1, sweep())
	})
}
