package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/payment"
	"onecard/models/policy"
)

// sentBack is a paid replacement that came back with these defects.
func (r *replaceRig) sentBack(t *testing.T, codes ...string) card.Replacement {
	t.Helper()
	one := r.ask(t, card.ReasonDataWrong).Replacement
	r.paid(t, one)
	r.carry(t)
	r.returned(t, codes...)
	return r.now(t, one)
}

func (r *replaceRig) returned(t *testing.T, codes ...string) {
	t.Helper()
	r.stage(t, card.ApplicationSentBack, func(f *card.ApplicationFact) {
		for _, c := range codes {
			f.Defects = append(f.Defects, card.Defect{Code: c})
		}
	})
}

func (r *replaceRig) upload(t *testing.T, purpose card.UploadPurpose) models.ID {
	t.Helper()
	u, err := r.TakeUpload(t.Context(), r.fresh(), card.TakeUploadInput{Purpose: purpose, Data: picture()})
	require.NoError(t, err)
	return u.ID
}

func (r *replaceRig) photo(t *testing.T) card.SubmitInput {
	t.Helper()
	return card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: r.upload(t, card.UploadPhoto)}}
}

func (r *replaceRig) correct(t *testing.T, one card.Replacement, in card.SubmitInput) (card.Replacement, error) {
	t.Helper()
	return r.CorrectReplacement(t.Context(), r.fresh(), one.ID, in)
}

func (r *replaceRig) accepts(kind card.CommandKind, a card.Answer) { r.registry.answers[kind] = a }

// takes lets the registry take corrections as of a version of its fact.
func (r *replaceRig) takes() {
	r.versions++
	r.accepts(card.CommandReplacementCorrection, card.Answer{Outcome: card.OutcomeAccepted, Reference: "BH-1", ApplicationVersion: 100 + r.versions})
}

func (r *replaceRig) told(t *testing.T, kind notice.Kind) int {
	t.Helper()
	return r.many(t, "SELECT count(*) FROM notices WHERE kind = ?", string(kind))
}

func TestR69_AReturnedReplacementIsPutRightUnderTheSameNumberAndItsFeeStays(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.sentBack(t, "PHOTO_UNCLEAR", "OUTLET_NOT_AVAILABLE", "INFORMATION_DIFFERS")
		require.Equal(t, 1, r.told(t, notice.ReplacementReturned))
		in := r.photo(t)
		_, err := r.correct(t, one, in)
		require.ErrorIs(t, err, card.ErrCorrectionIncomplete, "the outlet is unchanged; what is a window's is not asked for")
		require.Equal(t, card.ReplacementReturned, r.now(t, one).State)
		require.Zero(t, r.many(t, "SELECT count(*) FROM uploads WHERE used_by IS NOT NULL"), "a refused correction uses nothing")

		r.policyOutlet(t, "W-2")
		in.OutletRef = "W-2"
		r.takes()
		fixed, err := r.correct(t, one, in)
		require.NoError(t, err)
		require.Equal(t, []any{one.Receipt, card.ReplacementSubmitted, 1}, []any{fixed.Receipt, fixed.State, fixed.Corrections})
		require.Equal(t, []string{"outlet_ref", "uploads.photo"}, fixed.Corrected)
		require.Equal(t, in.Uploads, r.now(t, one).Uploads)
		r.carry(t)
		sent := r.registry.sent(card.CommandReplacementCorrection)
		require.Len(t, sent, 1)
		form := r.registry.forms[len(r.registry.forms)-1]
		require.Equal(t, []any{"W-2", "BH-1", card.ReasonDataWrong, in.Uploads}, []any{form.OutletRef, form.RegistryRef, form.Replaces, form.Uploads})
		require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)
		require.Equal(t, 2, r.told(t, notice.ReplacementAccepted), "taken again is told again")
		require.Equal(t, payment.OrderPaid, r.feeOf(t, one).State)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM fee_orders"), "one fee, however often it comes back")

		r.returned(t, "ID_EXPIRED", "PHOTO_BACKGROUND")
		require.Equal(t, 1, r.now(t, one).LateDefects, "of what was not touched, that was there to be seen the first time")
		r.stage(t, card.ApplicationNo)
		r.backIs(t, 1)
	})
}

func TestR69_WhatIsAWindowsIsNotTakenOnline(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.sentBack(t, "INFORMATION_DIFFERS", "UNHEARD_OF")
		_, err := r.correct(t, one, r.photo(t))
		require.ErrorIs(t, err, card.ErrReplacementAtWindow)
		p, err := r.Service.Replacement(t.Context(), r.by, one.ID)
		require.NoError(t, err)
		require.Zero(t, p.CorrectionsLeft)
		require.Contains(t, p.Advice, "带身份证原件到社保卡服务网点一次办理")
		r.stage(t, card.StageBatched) // settled there, and it goes on
		require.Equal(t, card.ReplacementBatched, r.now(t, one).State)
		_, err = r.correct(t, one, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrReplacementNotReturned)
		stranger := r.applyRig.person(t, "1990-01-01")
		stranger.CheckedAt = r.clock.Now()
		_, err = r.CorrectReplacement(t.Context(), stranger, one.ID, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrReplacementNotFound)
		agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), Subject: r.by.Subject, Channel: models.Phone12333}
		_, err = r.CorrectReplacement(t.Context(), agent, one.ID, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrReplaceNotByPhone)
	})
}

func TestR69_CorrectionsOfAReplacementAreCountedAndEndAtAWindow(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.sentBack(t, "PHOTO_UNCLEAR")
		terms, err := r.Policy.ApplicationTerms(t.Context(), r.clock.Now())
		require.NoError(t, err)
		for range terms.Corrections {
			r.takes()
			_, err := r.correct(t, one, r.photo(t))
			require.NoError(t, err)
			r.carry(t)
			r.returned(t, "PHOTO_UNCLEAR")
		}
		_, err = r.correct(t, one, r.photo(t))
		require.ErrorIs(t, err, card.ErrCorrectionsUsedUp)
		p, err := r.Service.Replacement(t.Context(), r.by, one.ID)
		require.NoError(t, err)
		require.Zero(t, p.CorrectionsLeft)
		require.Empty(t, p.Defects[0].Field)
		require.Contains(t, p.Defects[0].Todo, "社保卡服务网点")
		r.withdraw(t, one)
		r.carry(t)
		r.backIs(t, 1)
	})
}

// Refused, never heard of, taken back before it left, and taken back while nobody knows: each ends as an application's would.
func TestR69_ACorrectionOfAReplacementAndWhatBecomesOfIt(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.sentBack(t, "PHOTO_UNCLEAR")
		r.accepts(card.CommandReplacementCorrection, card.Answer{Outcome: card.OutcomeRefused, Code: "ATTACHMENT_MISSING", ApplicationVersion: r.now(t, one).FactVersion}) // a refusal changes no version
		_, err := r.correct(t, one, r.photo(t))
		require.NoError(t, err)
		r.carry(t)
		require.Equal(t, []any{card.ReplacementReturned, "ATTACHMENT_MISSING"}, []any{r.now(t, one).State, r.now(t, one).ReasonCode})
		require.Equal(t, 2, r.told(t, notice.ReplacementReturned), "she hears that it is hers again")

		r.registry.down = true
		_, err = r.correct(t, one, r.photo(t))
		require.NoError(t, err)
		_, err = r.correct(t, one, r.photo(t))
		require.ErrorIs(t, err, card.ErrReplacementNotReturned)
		r.clock.Advance(73 * time.Hour)
		for range 2 { // its time is over: the next command in its place, and not the first order again
			r.carry(t)
		}
		r.registry.down = false
		r.takes()
		r.carry(t)
		require.Equal(t, card.ReplacementAccepted, r.now(t, one).State)
		require.Len(t, r.registry.sent(card.CommandReplacement), 1)

		r.returned(t, "PHOTO_UNCLEAR")
		r.registry.lose = true
		r.takes()
		_, err = r.correct(t, one, r.photo(t))
		require.NoError(t, err)
		r.carry(t)
		require.Equal(t, card.ReplacementWithdrawing, r.withdraw(t, one).State)
		r.registry.lose = false
		for range 3 {
			r.carry(t)
		}
		require.Len(t, r.registry.sent(card.CommandReplacementWithdrawal), 1)
		require.Equal(t, card.ReplacementWithdrawn, r.now(t, one).State)
		r.backIs(t, 1)
	})
}

func TestR69_OfTwoDevicesThatCorrectAReplacementOneWins(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		one := r.sentBack(t, "PHOTO_UNCLEAR")
		r.takes()
		by := r.fresh()
		forms := []card.SubmitInput{r.photo(t), r.photo(t), r.photo(t), r.photo(t)}
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for _, in := range forms {
			all.Go(func() {
				_, err := r.CorrectReplacement(t.Context(), by, one.ID, in)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case !errors.Is(err, card.ErrReplacementNotReturned) && !errors.Is(err, card.ErrReplacementBeingSent):
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		require.Equal(t, 1, won)
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM card_commands WHERE kind = 'replacement_correction'"))
		require.Equal(t, 1, r.many(t, "SELECT count(*) FROM uploads WHERE used_by IS NOT NULL"))
	})
}

// A photo may come with the order; it goes with it to the registry, and away after the archive has it.
func TestR44_APhotoMayComeWithTheOrder(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		in := r.in(card.ReasonExpired)
		in.Photo = models.NewID()
		_, err := r.RequestReplacement(t.Context(), r.fresh(), in)
		require.ErrorIs(t, err, card.ErrUploadUnknown)
		in.Photo = r.upload(t, card.UploadPhoto)
		res, err := r.RequestReplacement(t.Context(), r.fresh(), in)
		require.NoError(t, err)
		one := res.Replacement
		r.paid(t, one)
		r.carry(t)
		require.Equal(t, map[card.UploadPurpose]models.ID{card.UploadPhoto: in.Photo}, r.registry.forms[0].Uploads)
		r.takes()
		r.returned(t, "PHOTO_BACKGROUND")
		again := r.photo(t)
		_, err = r.correct(t, one, again)
		require.NoError(t, err)
		r.carry(t)

		drop := func() int {
			n, err := r.DropArchivedPictures(t.Context(), 10)
			require.NoError(t, err)
			_, err = r.DropUnusedUploads(t.Context(), 10)
			require.NoError(t, err)
			return n
		}
		export := func() (list card.Transfer) {
			list.Basis = "清单1"
			_, unreadable, err := r.ExportForArchive(t.Context(), keeper, time.Time{}, func(p card.ArchivedPicture, _ []byte) error {
				list.Pictures = append(list.Pictures, p)
				return nil
			})
			require.NoError(t, err)
			require.Empty(t, unreadable)
			return list
		}
		confirm := func(list card.Transfer) (noted int, said []string) {
			noted, differ, err := r.ConfirmArchived(t.Context(), keeper, list)
			require.NoError(t, err)
			for _, d := range differ {
				said = append(said, d.Of+" "+d.What)
			}
			return noted, said
		}
		line := card.ArchivedPicture{Of: "replacements", Receipt: one.Receipt}
		require.Empty(t, export().Pictures)
		_, said := confirm(card.Transfer{Pictures: []card.ArchivedPicture{line}})
		require.Equal(t, []string{"replacements it is still under way"}, said)
		r.stage(t, card.ApplicationNo)
		r.clock.Advance(31 * 24 * time.Hour)
		require.Zero(t, drop())
		require.Equal(t, 2, r.objects.len(), "what the archive does not have stays")
		list := export()
		require.Len(t, list.Pictures, 2)
		require.Equal(t, []string{"replacements", one.Receipt}, []string{list.Pictures[0].Of, list.Pictures[0].Receipt})
		other := card.Transfer{Basis: "清单1", Pictures: slices.Clone(list.Pictures)}
		for i := range other.Pictures {
			other.Pictures[i].Of = "applications"
		}
		_, said = confirm(other)
		require.Equal(t, []string{"applications nothing has this receipt"}, said, "the two are numbered apart")
		_, said = confirm(card.Transfer{Basis: "清单1", Pictures: list.Pictures[:1]})
		require.Equal(t, []string{"replacements not in the list"}, said)
		for _, want := range []int{1, 0} {
			noted, said := confirm(list)
			require.Equal(t, []any{want, 0}, []any{noted, len(said)})
		}
		require.Equal(t, 1, drop())
		require.Zero(t, r.objects.len(), "the picture that was replaced goes too")
		require.Zero(t, drop())
	})
}

// Of an order that was never told to the registry there is nothing to archive: its photo goes by itself.
func TestAPhotoOfAnOrderThatLapsedGoesByItself(t *testing.T) {
	t.Parallel()
	eachReplace(t, func(t *testing.T, r *replaceRig) {
		in := r.in(card.ReasonExpired)
		in.Photo = r.upload(t, card.UploadPhoto)
		res, err := r.RequestReplacement(t.Context(), r.fresh(), in)
		require.NoError(t, err)
		require.Equal(t, card.ReplacementWithdrawn, r.withdraw(t, res.Replacement).State)
		r.clock.Advance(31 * 24 * time.Hour)
		n, err := r.DropArchivedPictures(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = r.DropUnusedUploads(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, r.objects.len())
	})
}

// policyOutlet opens one more outlet.
func (r *replaceRig) policyOutlet(t *testing.T, ref string) {
	t.Helper()
	require.NoError(t, r.applyRig.policy.ApplyOutlet(t.Context(), policy.Outlet{Ref: ref, Name: "涧西区社保卡服务网点", Kind: policy.HRSSOutlet,
		Address: "涧西区武汉路2号", Phone: "0379-63930002", Hours: "周一至周五 9:00-17:00", Open: true, District: "410305", Version: 1, ChangedAt: start}))
}
