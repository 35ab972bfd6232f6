package store_test

import (
	"context"
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
	require.ErrorIs(t, r.ConfirmArchived(t.Context(), keeper, res.Application.Receipt, "清单1"), models.ErrConflict, "under way: not in the archive")
	var request string
	require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT id FROM card_commands WHERE subject_id = $1", string(res.Application.ID)).Scan(&request))
	f := card.ApplicationFact{RequestID: models.ID(request), Reference: "SQ-1", Event: card.StageCollected, Version: 1, ChangedAt: at}
	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error { return r.ApplyApplicationFacts(ctx, []card.ApplicationFact{f}) }))
	return res.Application, in
}

func TestPicturesGoAfterTheArchiveHasThemAndNotBefore(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		confirmed, in := r.collected(t, r.person(t, adult), r.clock.Now())
		_, kept := r.collected(t, r.person(t, adult), r.clock.Now())
		require.ErrorIs(t, r.ConfirmArchived(t.Context(), keeper, "20991231-00000001-0", "清单1"), models.ErrNotFound)
		for range 2 {
			require.NoError(t, r.ConfirmArchived(t.Context(), keeper, confirmed.Receipt, "清单1"), "a repeat changes nothing")
		}
		rows := 0
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM audit_entries WHERE action = 'card.application.archived'").Scan(&rows))
		require.Equal(t, 1, rows)

		drop := func() int {
			n, err := r.DropArchivedPictures(t.Context(), 10)
			require.NoError(t, err)
			_, err = r.DropUnusedUploads(t.Context(), 10)
			require.NoError(t, err)
			return n
		}
		r.clock.Advance(30 * 24 * time.Hour)
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
		require.NoError(t, r.ConfirmArchived(t.Context(), keeper, j.now().Receipt, "清单1"))
		r.clock.Advance(31 * 24 * time.Hour)
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
