package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/policy"
)

// journey is one application of one person, and the registry's facts about it.
type journey struct {
	*applyRig
	t       *testing.T
	by      models.Actor
	id      models.ID
	request models.ID
	version int64
}

// accepted is an application that the registry has taken.
func (r *applyRig) accepted(t *testing.T) *journey {
	t.Helper()
	j := r.submitted(t)
	r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 1}
	j.sweep()
	j.version = 1
	require.Equal(t, card.ApplicationAccepted, j.now().State)
	return j
}

func (r *applyRig) submitted(t *testing.T) *journey {
	t.Helper()
	j := &journey{applyRig: r, t: t, by: r.person(t, adult)}
	res, err := r.SubmitApplication(t.Context(), j.by, r.form(t, j.by))
	require.NoError(t, err)
	j.id = res.Application.ID
	c, err := r.db.Cards().UnfinishedApplicationCommand(t.Context(), j.id)
	require.NoError(t, err)
	j.request = c.ID
	return j
}

func (j *journey) sweep() {
	j.t.Helper()
	_, err := j.Sweep(j.t.Context(), 10, card.ApplicationCommands...)
	require.NoError(j.t, err)
}

// again carries out what is unfinished, without waiting for the database's own clock.
func (j *journey) again() {
	j.t.Helper()
	c, err := j.db.Cards().UnfinishedApplicationCommand(j.t.Context(), j.id)
	if errors.Is(err, models.ErrNotFound) {
		return
	}
	require.NoError(j.t, err)
	require.NoError(j.t, j.CarryOut(j.t.Context(), c.ID))
}

func (j *journey) now() card.Application {
	j.t.Helper()
	p, err := j.Application(j.t.Context(), j.by, j.id)
	require.NoError(j.t, err)
	return p.Application
}

// fact is the registry's next word about it.
func (j *journey) fact(on card.ApplicationEvent, defects ...card.Defect) {
	j.t.Helper()
	j.version++
	j.told2(j.version, on, defects...)
}

func (j *journey) told2(version int64, on card.ApplicationEvent, defects ...card.Defect) {
	j.t.Helper()
	f := card.ApplicationFact{RequestID: j.request, Reference: "SQ-1", Event: on, Defects: defects, Version: version, ChangedAt: start.Add(time.Duration(version) * time.Hour)}
	require.NoError(j.t, j.db.InTx(j.t.Context(), func(ctx context.Context) error { return j.ApplyApplicationFacts(ctx, []card.ApplicationFact{f, f}) }))
}

// picture uploads one more picture.
func (j *journey) picture(p card.UploadPurpose) models.ID {
	j.t.Helper()
	u, err := j.TakeUpload(j.t.Context(), j.by, card.TakeUploadInput{Purpose: p, Data: picture()})
	require.NoError(j.t, err)
	return u.ID
}

func (j *journey) correct(in card.SubmitInput) (card.Application, error) {
	return j.CorrectApplication(j.t.Context(), j.by, j.id, in)
}

var three = []card.Defect{{Code: "PHOTO_BACKGROUND"}, {Code: "ID_EXPIRED", Text: "the registry's own words"}, {Code: "BANK_NOT_AVAILABLE"}}

func TestR69_AReturnNamesThreeDefectsOnceAndIsPutRightUnderTheSameNumber(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		receipt := j.now().Receipt
		j.fact(card.ApplicationSentBack, three...)
		p, err := r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, "已退回,等待您补正", p.Label)
		require.Len(t, p.Defects, 3)
		for _, d := range p.Defects {
			require.NotEmpty(t, d.Text)
			require.NotEmpty(t, d.Todo)
		}
		require.Equal(t, 5, p.CorrectionsLeft)
		require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationReturned), "told once, though the fact came twice")

		photo := j.picture(card.UploadPhoto)
		_, err = j.correct(card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: photo}})
		var e *models.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, card.ErrCorrectionIncomplete)
		require.Equal(t, []string{"uploads.id_back", "bank_code"}, []string{e.Fields[0].Field, e.Fields[1].Field}, "what is still wrong, all at once")
		require.Len(t, e.Fields, 2)

		back := j.picture(card.UploadIDBack)
		kept := j.now().Uploads[card.UploadIDFront]
		app, err := j.correct(card.SubmitInput{BankCode: "LYB", Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: photo, card.UploadIDBack: back}})
		require.NoError(t, err)
		require.Equal(t, receipt, app.Receipt)
		require.Equal(t, card.ApplicationSubmitted, j.now().State)
		r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 3}
		j.sweep()
		sent := r.registry.told[len(r.registry.told)-1]
		require.Equal(t, card.CommandCorrection, r.registry.kinds[len(r.registry.kinds)-1])
		require.Equal(t, map[card.UploadPurpose]models.ID{card.UploadPhoto: photo, card.UploadIDBack: back, card.UploadIDFront: kept}, sent.Uploads, "the whole form")
		require.Equal(t, "LYB", sent.BankCode)
		require.Equal(t, "SQ-1", sent.RegistryRef)
		got := j.now()
		require.Equal(t, card.ApplicationAccepted, got.State)
		require.Equal(t, receipt, got.Receipt)
		require.Equal(t, 1, got.Corrections)
		require.Equal(t, 2, r.told(t, j.by.Subject, notice.ApplicationAccepted))
		require.Empty(t, got.DefectsShown())
	})
}

// returnsWatch keeps the figures of R69.
type returnsWatch struct {
	nobodyWatches
	returns, late int
}

func (w *returnsWatch) ApplicationReturned(late int) { w.returns, w.late = w.returns+1, w.late+late }

func TestR69_WhatASecondReturnNamesLateIsCounted(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		figures := &returnsWatch{}
		r.Watch = figures
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "PHOTO_UNCLEAR"})
		_, err := j.correct(card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: j.picture(card.UploadPhoto)}})
		require.NoError(t, err)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "PHOTO_NOT_PERSON"}, card.Defect{Code: "ID_FRONT_UNCLEAR"}, card.Defect{Code: "SOMETHING_ELSE", Text: "缺少签名", Wanted: "签名"})
		got := j.now()
		require.Equal(t, 2, got.LateDefects, "the new photo is new; the other two were there the first time")
		require.Equal(t, []int{2, 2}, []int{figures.returns, figures.late}, "in the figures, and a fact told twice once")
		shown := got.DefectsShown()
		require.Equal(t, "缺少签名", shown[2].Text, "a code we do not know keeps the registry's words")
		require.Contains(t, shown[2].Todo, "签名")
		require.Contains(t, shown[2].Todo, "12333")
		var plain string
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT CAST(return_sealed AS text) FROM applications").Scan(&plain))
		require.NotContains(t, plain, "缺少签名", "the registry's words are sealed")
	})
}

func TestR69_CorrectionsAreCountedAndEndAtAWindow(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		r.set(t, policy.ApplicationCorrections, "2")
		const most = 2
		for i := range most {
			j.fact(card.ApplicationSentBack, card.Defect{Code: "INFORMATION_DIFFERS"})
			_, err := j.correct(card.SubmitInput{})
			require.NoError(t, err, i)
			j.version++
			r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: j.version}
			j.sweep()
			require.Equal(t, card.ApplicationAccepted, j.now().State)
		}
		j.fact(card.ApplicationSentBack, card.Defect{Code: "INFORMATION_DIFFERS"})
		_, err := j.correct(card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrCorrectionsUsedUp)
		_, err = r.WithdrawApplication(t.Context(), j.by, j.id)
		require.NoError(t, err, "and there is a way forward")
	})
}

func TestR69_OfTwoDevicesThatCorrectOneWins(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "PHOTO_UNCLEAR"})
		var photos []models.ID
		for range 4 {
			photos = append(photos, j.picture(card.UploadPhoto))
		}
		var mu sync.Mutex
		won := 0
		var wg sync.WaitGroup
		for _, photo := range photos {
			wg.Go(func() {
				_, err := j.correct(card.SubmitInput{Uploads: map[card.UploadPurpose]models.ID{card.UploadPhoto: photo}})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case models.KindOf(err) != models.Conflict:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, won)
		require.Equal(t, 1, j.now().Corrections)
		_, err := j.correct(card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrNotReturned)
		n, err := r.Sweep(t.Context(), 10, card.ApplicationCommands...)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		stranger := r.person(t, adult)
		_, err = r.CorrectApplication(t.Context(), stranger, j.id, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrApplicationNotFound)
	})
}

// An answer that comes after what followed it moves nothing back.
func TestR69_ALateAnswerToACorrectionDoesNotHideTheNextReturn(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "INFORMATION_DIFFERS"})
		_, err := j.correct(card.SubmitInput{})
		require.NoError(t, err)
		r.registry.lose, r.registry.answer = true, card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1", ApplicationVersion: 3}
		j.sweep()
		require.Equal(t, card.ApplicationSubmitted, j.now().State, "its fate is unknown")
		j.told2(4, card.ApplicationSentBack, card.Defect{Code: "INFORMATION_DIFFERS"})
		_, err = j.correct(card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrApplicationBeingSent)
		r.registry.lose = false
		j.again()
		require.Equal(t, card.ApplicationReturned, j.now().State)
		_, err = j.correct(card.SubmitInput{})
		require.NoError(t, err)
	})
}

func TestR69_ARefusedCorrectionIsReturnedAgain(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, card.Defect{Code: "INFORMATION_DIFFERS"})
		_, err := j.correct(card.SubmitInput{})
		require.NoError(t, err)
		r.registry.answer = card.Answer{Outcome: card.OutcomeRefused, Code: "OUTLET_UNKNOWN"}
		j.sweep()
		got := j.now()
		require.Equal(t, card.ApplicationReturned, got.State)
		require.Len(t, got.DefectsShown(), 1)
	})
}
