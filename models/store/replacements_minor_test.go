package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/policy"
)

// R46: whoever is under 16 orders nothing alone, where the bureau keeps it at windows and where it opened it to guardians.
func TestR46_AChildOrdersNothingAlone(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		r.applyRig.withFamily()
		p := r.Service.Ports
		p.Family = r.applyRig.Family
		r.Service = card.New(p, card.DefaultSettings())
		child := r.applyRig.strange(t, "2005-12-21") // 16 tomorrow
		var err error
		r.ref, err = r.db.PersonRef(t.Context(), child.ID)
		require.NoError(t, err)
		r.cardIs(t, "K-child", nil)
		cards, err := r.db.Cards().CardsOfPerson(t.Context(), child.ID)
		require.NoError(t, err)
		in := r.in(card.ReasonDamaged)
		in.CardID = cards[0].ID
		guardian := r.applyRig.guardian(t, r.by, child.ID)
		try := func(by models.Actor) (card.ReplaceResult, error) {
			by.CheckedAt = r.clock.Now()
			return r.RequestReplacement(t.Context(), by, in)
		}
		alone := func(code string) {
			t.Helper()
			_, err := try(child)
			refusal := (*models.Error)(nil)
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, code, refusal.Code)
			require.Contains(t, refusal.Extra["papers"], "监护人")
		}
		alone("MINOR_WINDOW_ONLY")
		_, err = try(guardian)
		require.ErrorIs(t, err, card.ErrReplaceMinor)

		r.set(t, policy.ModeKey(models.ActReplaceMinor, models.WechatMini), "here", "test")
		r.clock.Advance(3 * time.Second)
		alone("GUARDIAN_REQUIRED")
		unchecked := child
		unchecked.Level = models.LevelReal
		_, err = r.RequestReplacement(t.Context(), unchecked, in)
		require.ErrorIs(t, err, card.ErrReplaceByGuardian, "no check of hers would help")
		require.Zero(t, r.many(t, "SELECT count(*) FROM replacements"))
		res, err := try(guardian)
		require.NoError(t, err, "the guardian's flow")
		require.Equal(t, []models.ID{child.ID, r.by.ID}, []models.ID{res.Replacement.PersonID, res.Replacement.ApplicantID})

		guardian.CheckedAt = r.clock.Now()
		_, err = r.WithdrawReplacement(t.Context(), guardian, res.Replacement.ID)
		require.NoError(t, err)
		r.clock.Set(shanghai(t, "2021-12-21 00:00:00"))
		_, err = try(guardian)
		require.ErrorIs(t, err, card.ErrReplaceSelfOnly, "16: nobody's guardian, by R45's own answer")
		_, err = try(child)
		require.NoError(t, err, "16: herself")
	})
}

// R46: where replacement by a guardian is open and a first application is not, the photo for it is taken and shown.
func TestR46_TheChildsPhotoIsTakenAndShownWhereReplacementAloneIsOpen(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		_, forChild := r.childsCard(t)
		r.agree(t, forChild, citizen.PurposeIDImages)
		mode := func(act models.Act, to string) {
			r.set(t, policy.ModeKey(act, models.WechatMini), to, "test")
			r.clock.Advance(3 * time.Second)
		}
		mode(models.ActApply, "window_only")
		u, err := r.TakeUpload(t.Context(), forChild, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.NoError(t, err)
		_, data, err := r.ReadPicture(t.Context(), forChild, u.ID)
		require.NoError(t, err)
		require.Len(t, data, int(u.Bytes))

		both := func(want error) {
			t.Helper()
			_, err := r.TakeUpload(t.Context(), forChild, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
			require.ErrorIs(t, err, want)
			_, data, err := r.ReadPicture(t.Context(), forChild, u.ID)
			require.ErrorIs(t, err, want)
			require.Empty(t, data)
		}
		r.clock.Advance(11 * time.Minute)
		both(policy.ErrRecheckRequired)
		forChild.CheckedAt = r.clock.Now()
		mode(models.ActReplaceMinor, "window_only")
		both(policy.ErrNotOnChannel)
	})
}
