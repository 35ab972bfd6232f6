package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

func word(s string) *string { return &s }

// filled is a complete draft, saved field by field from one device.
func (r *applyRig) filled(t *testing.T) (models.Actor, card.DraftView) {
	t.Helper()
	by := r.person(t, adult)
	in := r.form(t, by)
	v, err := r.OpenDraft(t.Context(), by)
	require.NoError(t, err)
	require.Zero(t, v.Version)
	require.Len(t, v.Missing, 5)
	for _, c := range []card.DraftChange{{BankCode: word(in.BankCode)}, {OutletRef: word(in.OutletRef)}, {Uploads: in.Uploads}} {
		v, err = r.SaveDraft(t.Context(), by, v.Version, c)
		require.NoError(t, err)
	}
	require.Empty(t, v.Missing)
	return by, v
}

func TestR17_ADraftIsSavedFieldByFieldAndSubmittedFromAnotherDevice(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, saved := r.filled(t)
		phone := by
		phone.SessionID, phone.Channel = models.NewID(), models.AlipayMini
		v, err := r.OpenDraft(t.Context(), phone)
		require.NoError(t, err)
		require.Equal(t, saved.Form, v.Form)
		require.Equal(t, 3, v.Version)
		r.clock.Advance(10 * 24 * time.Hour)
		n, err := r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n, "the pictures of a draft keep as long as it does")
		res, err := r.SubmitDraft(t.Context(), phone, v.Version)
		require.NoError(t, err)
		require.False(t, res.Repeated)
		require.Equal(t, v.Form.Uploads, res.Application.Uploads)
		_, err = r.db.Cards().ApplicationDraft(t.Context(), by.Subject)
		require.ErrorIs(t, err, models.ErrNotFound)
		_, err = r.OpenDraft(t.Context(), by)
		require.ErrorIs(t, err, card.ErrApplicationOpen)
		_, err = r.SaveDraft(t.Context(), by, 0, card.DraftChange{BankCode: word("ICBC")})
		require.ErrorIs(t, err, card.ErrApplicationOpen)
	})
}

// A save whose answer was lost is repeated after the draft was submitted: an empty form would say that all is gone.
func TestR17_ASaveRepeatedAfterTheSubmissionNamesTheApplication(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, v := r.filled(t)
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "saveDraft", Key: "key-00000001", BodyMAC: []byte("a")})
		for range 2 {
			again, err := r.SaveDraft(keyed, by, v.Version, card.DraftChange{BankCode: word("LYB")})
			require.NoError(t, err)
			require.Equal(t, []any{v.Version + 1, "LYB"}, []any{again.Version, again.Form.BankCode})
		}
		_, err := r.SubmitDraft(t.Context(), by, v.Version+1)
		require.NoError(t, err)
		_, err = r.SaveDraft(keyed, by, v.Version, card.DraftChange{BankCode: word("LYB")})
		require.ErrorIs(t, err, card.ErrApplicationOpen)
	})
}

func TestR17_TwoDevicesCannotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, v := r.filled(t)
		var mu sync.Mutex
		won := 0
		var wg sync.WaitGroup
		for _, bank := range []string{"LYB", "ABC", "ZYB", "ICBC"} {
			wg.Go(func() {
				_, err := r.SaveDraft(t.Context(), by, v.Version, card.DraftChange{BankCode: word(bank)})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if got := (*models.Error)(nil); !asError(err, &got) || got.Code != "DRAFT_CHANGED" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, won)
		_, err := r.SubmitDraft(t.Context(), by, v.Version)
		require.ErrorIs(t, err, card.ErrDraftChanged, "one submits what one has seen")
	})
}

func asError(err error, into **models.Error) bool {
	e, ok := err.(*models.Error) //nolint:errorlint // the use case returns it bare
	*into = e
	return ok
}

func TestR17_TwoDevicesThatSubmitOneDraftMakeOneApplication(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, v := r.filled(t)
		var mu sync.Mutex
		receipts, fresh := map[string]bool{}, 0
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				res, err := r.SubmitDraft(t.Context(), by, v.Version)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				receipts[res.Application.Receipt] = true
				if !res.Repeated {
					fresh++
				}
			})
		}
		wg.Wait()
		require.Len(t, receipts, 1, "the other device is answered with the same number")
		require.Equal(t, 1, fresh)
	})
}

func TestR17_ADraftThatNobodySavesDiesWithItsPictures(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, _ := r.filled(t)
		r.clock.Advance(card.DefaultSettings().DraftKeep - time.Hour)
		n, err := r.DropStaleDrafts(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
		r.clock.Advance(2 * time.Hour)
		n, err = r.DropStaleDrafts(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, 3, r.objects.len())
		n, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.Zero(t, r.objects.len())
		v, err := r.OpenDraft(t.Context(), by)
		require.NoError(t, err)
		require.Zero(t, v.Version)
	})
}

func TestR24_WhoHoldsACardIsToldBeforeTheFirstField(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.strange(t, adult)
		ref, err := r.db.PersonRef(t.Context(), by.Subject)
		require.NoError(t, err)
		r.registry.cards[ref] = []card.Fact{{Ref: "C-9", PersonRef: ref, Area: "410300", BankCode: "ICBC", Social: card.SocialNormal,
			Financial: card.FinancialActive, Holding: card.Collected, Version: 1, ChangedAt: start}}
		_, err = r.OpenDraft(t.Context(), by)
		require.ErrorIs(t, err, card.ErrCardExists)
		require.Equal(t, 1, r.registry.asked, "the registry was asked")
		child := r.strange(t, "2010-06-15")
		_, err = r.OpenDraft(t.Context(), child)
		require.ErrorIs(t, err, card.ErrGuardianRequired)
		fresh := r.strange(t, adult)
		_, err = r.SaveDraft(t.Context(), fresh, 0, card.DraftChange{BankCode: word("ICBC")})
		require.Equal(t, models.Forbidden, models.KindOf(err), "no field is kept without consent")
	})
}

func TestR53_ADraftIsSealed(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		r.filled(t)
		var cell []byte
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT form_sealed FROM application_drafts").Scan(&cell))
		require.NotContains(t, string(cell), "ICBC")
		require.NotContains(t, string(cell), "W-1")
	})
}
