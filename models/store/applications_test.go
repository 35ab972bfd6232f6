package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
)

const adult = models.Date("1990-03-04")

func TestR17_ACompleteApplicationGetsItsAcceptanceNumber(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		in := r.form(t, by)
		res, err := r.SubmitApplication(t.Context(), by, in)
		require.NoError(t, err)
		require.False(t, res.Repeated)
		require.True(t, models.ValidReceiptNumber(res.Application.Receipt))

		p, err := r.Application(t.Context(), by, res.Application.ID)
		require.NoError(t, err)
		require.Equal(t, card.ApplicationSubmitted, p.Application.State)
		require.Equal(t, in.Uploads, p.Application.Uploads)
		require.Equal(t, "工商银行", p.Bank.Name)
		require.Equal(t, "西工区社保卡服务网点", p.Outlet.Name)
		for _, id := range in.Uploads {
			u, err := r.db.Cards().Upload(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, res.Application.ID, u.UsedBy)
			data, err := r.Picture(t.Context(), id)
			require.NoError(t, err)
			require.Len(t, data, int(u.Bytes))
		}
		entries, err := r.db.AuditOf(t.Context(), "applications", string(res.Application.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)

		r.registry.answer = card.Answer{Outcome: card.OutcomeAccepted, Reference: "SQ-1"}
		n, err := r.Sweep(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Len(t, r.registry.told, 1)
		require.Equal(t, in.Uploads, r.registry.told[0].Uploads)
		p, err = r.Application(t.Context(), by, res.Application.ID)
		require.NoError(t, err)
		require.Equal(t, card.ApplicationAccepted, p.Application.State)
		require.Equal(t, notice.ApplicationAccepted, r.lastNotice(t, by.Subject))
	})
}

// lastNotice is the kind of the newest notice of a person.
func (r *applyRig) lastNotice(t *testing.T, person models.ID) (kind notice.Kind) {
	t.Helper()
	bind := map[bool]string{true: "$1", false: "?"}[r.db.Driver() == "postgres"]
	row := r.db.SQL().QueryRowContext(t.Context(), "SELECT kind FROM notices WHERE person_id = "+bind+" ORDER BY created_at DESC LIMIT 1", string(person))
	require.NoError(t, row.Scan(&kind))
	return kind
}

// told counts a person's notices of one kind.
func (r *applyRig) told(t *testing.T, person models.ID, kind notice.Kind) (n int) {
	t.Helper()
	bind := map[bool]string{true: "$1 AND kind = $2", false: "? AND kind = ?"}[r.db.Driver() == "postgres"]
	row := r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM notices WHERE person_id = "+bind, string(person), string(kind))
	require.NoError(t, row.Scan(&n))
	return n
}

func TestR17_AllDefectsAtOnceAndTheMissingPhotoSpeaksFirst(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, other := r.person(t, adult), r.person(t, adult)
		good, theirs := r.form(t, by), r.form(t, other)
		with := func(change func(in *card.SubmitInput)) card.SubmitInput {
			in := card.SubmitInput{BankCode: good.BankCode, OutletRef: good.OutletRef, Uploads: map[card.UploadPurpose]models.ID{}}
			for p, id := range good.Uploads {
				in.Uploads[p] = id
			}
			change(&in)
			return in
		}
		for name, c := range map[string]struct {
			in     card.SubmitInput
			code   string
			fields []string
		}{
			"nothing at all":      {card.SubmitInput{}, "PHOTO_REQUIRED", []string{"uploads.photo", "uploads.id_front", "uploads.id_back", "bank_code", "outlet_ref"}},
			"no photo":            {with(func(in *card.SubmitInput) { delete(in.Uploads, card.UploadPhoto) }), "PHOTO_REQUIRED", []string{"uploads.photo"}},
			"no back of the card": {with(func(in *card.SubmitInput) { in.Uploads[card.UploadIDBack] = "" }), "ID_IMAGE_REQUIRED", []string{"uploads.id_back"}},
			"a stranger's photo":  {with(func(in *card.SubmitInput) { in.Uploads[card.UploadPhoto] = theirs.Uploads[card.UploadPhoto] }), "UPLOAD_UNKNOWN", []string{"uploads.photo"}},
			"the front for photo": {with(func(in *card.SubmitInput) { in.Uploads[card.UploadPhoto] = good.Uploads[card.UploadIDFront] }), "UPLOAD_UNKNOWN", []string{"uploads.photo"}},
			"no id at all":        {with(func(in *card.SubmitInput) { in.Uploads[card.UploadPhoto] = "' OR 1=1 --" }), "UPLOAD_UNKNOWN", []string{"uploads.photo"}},
			"never uploaded":      {with(func(in *card.SubmitInput) { in.Uploads[card.UploadPhoto] = models.NewID() }), "UPLOAD_UNKNOWN", []string{"uploads.photo"}},
			"closed outlet":       {with(func(in *card.SubmitInput) { in.OutletRef = "W-9" }), "OUTLET_NOT_AVAILABLE", []string{"outlet_ref"}},
			"unknown outlet":      {with(func(in *card.SubmitInput) { in.OutletRef = "W-404" }), "OUTLET_NOT_AVAILABLE", []string{"outlet_ref"}},
		} {
			_, err := r.SubmitApplication(t.Context(), by, c.in)
			var e *models.Error
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, c.code, e.Code, name)
			require.Equal(t, models.Invalid, e.Kind, name)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
			require.Equal(t, c.fields, fields, name)
		}
		list, err := r.Applications(t.Context(), by, 10)
		require.NoError(t, err)
		require.Empty(t, list, "a refusal writes nothing")
		n, err := r.db.Cards().UnusedUploads(t.Context(), by.Subject)
		require.NoError(t, err)
		require.EqualValues(t, 3, n, "and uses no picture up")

		r.clock.Advance(24 * time.Hour)
		_, err = r.SubmitApplication(t.Context(), by, good)
		require.ErrorIs(t, err, card.ErrUploadUnknown, "a day later the pictures are due to go")
	})
}

func TestR16_OnlyBanksThatIssueCardsHere(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		in := r.form(t, by)
		for _, code := range []string{"ABC", "ZYB", "NOBODY", ""} { // paying only; not yet; on neither list
			in.BankCode = code
			_, err := r.SubmitApplication(t.Context(), by, in)
			require.ErrorIs(t, err, models.NewError(models.Invalid, "BANK_NOT_AVAILABLE", ""), code)
		}
		in.BankCode = "ICBC" // issues cards, pays no subsidies in Xigong
		res, err := r.SubmitApplication(t.Context(), by, in)
		require.NoError(t, err)
		require.Equal(t, "ICBC", res.Application.BankCode)
	})
}

func TestR20_AFirstApplicationIsFree(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		res, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
		require.NoError(t, err)
		p, err := r.ProgressOf(t.Context(), res.Application)
		require.NoError(t, err)
		require.Zero(t, p.Fee)
		require.Contains(t, p.Advice, "12333")
		entries, err := r.db.AuditAbout(t.Context(), by.Subject, start.Add(-time.Hour), 100)
		require.NoError(t, err)
		require.NotEmpty(t, entries)
		orders := 0
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM fee_orders").Scan(&orders))
		require.Zero(t, orders)
		for _, e := range entries { // pictures, consents and the application: no order, no payment
			require.Regexp(t, `^(card\.upload|card\.application|citizen\.consent)\.`, e.Action)
		}
	})
}

func TestR24_WhoHoldsACardCannotApplyAgain(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		held := func(ref string, social card.SocialState) card.Fact {
			return card.Fact{Ref: models.CardRef("C-" + ref), PersonRef: models.PersonRef(ref), NumberMask: "A*****123", Area: "410300", BankCode: "ICBC",
				Social: social, Financial: card.FinancialActive, Holding: card.Collected, Version: 1, ChangedAt: start}
		}
		refOf := func(by models.Actor) string {
			ref, err := r.db.PersonRef(t.Context(), by.Subject)
			require.NoError(t, err)
			return string(ref)
		}
		inCopy := r.person(t, adult)
		_, err := r.ApplyFacts(t.Context(), []card.Fact{held(refOf(inCopy), card.SocialNormal)})
		require.NoError(t, err)
		in := r.form(t, inCopy)
		_, err = r.SubmitApplication(t.Context(), inCopy, in)
		require.ErrorIs(t, err, card.ErrCardExists)
		var e *models.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "replacement", e.Extra["next_step"])
		require.Zero(t, r.registry.asked, "the copy knows")

		notYet := r.person(t, adult)
		r.registry.cards[models.PersonRef(refOf(notYet))] = []card.Fact{held(refOf(notYet), card.SocialInactive)}
		_, err = r.SubmitApplication(t.Context(), notYet, r.form(t, notYet))
		require.ErrorIs(t, err, card.ErrCardExists, "the registry is asked once where the copy knows of none")
		require.Equal(t, 1, r.registry.asked)

		cancelled := r.person(t, adult)
		_, err = r.ApplyFacts(t.Context(), []card.Fact{held(refOf(cancelled), card.SocialCancelled)})
		require.NoError(t, err)
		_, err = r.SubmitApplication(t.Context(), cancelled, r.form(t, cancelled))
		require.NoError(t, err)

		r.registry.down = true // the registry itself refuses later, and the applicant is told
		late := r.person(t, adult)
		res, err := r.SubmitApplication(t.Context(), late, r.form(t, late))
		require.NoError(t, err)
		r.registry.down, r.registry.answer = false, card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_EXISTS"}
		_, err = r.Sweep(t.Context(), 10)
		require.NoError(t, err)
		p, err := r.Application(t.Context(), late, res.Application.ID)
		require.NoError(t, err)
		require.Equal(t, card.ApplicationRejected, p.Application.State)
		require.Contains(t, p.Advice, "您已持有河南省社会保障卡")
		require.Equal(t, notice.ApplicationRefused, r.lastNotice(t, late.Subject))
		again, err := r.SubmitApplication(t.Context(), late, r.form(t, late))
		require.NoError(t, err, "after a refusal one may apply anew")
		require.False(t, again.Repeated)
	})
}

func TestR23_Under16AGuardianApplies(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		for birth, want := range map[models.Date]error{"2005-12-21": card.ErrGuardianRequired, "2005-12-20": nil, "": nil} { // it is 2021-12-20
			by := r.person(t, birth)
			_, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
			if want == nil {
				require.NoError(t, err, birth)
				continue
			}
			require.ErrorIs(t, err, want, birth)
		}
		mother := r.person(t, adult)
		forChild := mother
		forChild.Subject = r.strange(t, "2010-06-15").Subject
		_, err := r.SubmitApplication(t.Context(), forChild, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrApplySelfOnly)
		agent := models.Actor{Kind: models.AgentActor, ID: models.NewID(), Subject: mother.Subject, Channel: models.Phone12333}
		_, err = r.SubmitApplication(t.Context(), agent, card.SubmitInput{})
		require.ErrorIs(t, err, card.ErrApplyNotByPhone)
		_, err = r.TakeUpload(t.Context(), agent, card.TakeUploadInput{Purpose: card.UploadPhoto, Data: picture()})
		require.ErrorIs(t, err, card.ErrApplyNotByPhone)
		weak := mother
		weak.Level = models.LevelPhone
		_, err = r.SubmitApplication(t.Context(), weak, card.SubmitInput{})
		require.Equal(t, models.Forbidden, models.KindOf(err))
	})
}

func TestR17_OfManySubmissionsAtOnceOneIsTaken(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		in := r.form(t, by)
		var mu sync.Mutex
		ids, fresh := map[models.ID]bool{}, 0
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				res, err := r.SubmitApplication(t.Context(), by, in)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				ids[res.Application.ID] = true
				if !res.Repeated {
					fresh++
				}
			})
		}
		wg.Wait()
		require.Len(t, ids, 1)
		require.Equal(t, 1, fresh)
		n, err := r.Sweep(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n, "one command")
	})
}

func TestR27_ProgressIsVisibleFromAcceptanceToCollection(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, stranger := r.person(t, adult), r.person(t, adult)
		res, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
		require.NoError(t, err)
		var request string
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), "SELECT id FROM card_commands WHERE kind = 'application'").Scan(&request))
		version := int64(0)
		stage := func(on card.ApplicationEvent) card.Progress {
			t.Helper()
			version++
			f := card.ApplicationFact{RequestID: models.ID(request), Reference: "SQ-1", Event: on, Version: version, ChangedAt: start.Add(time.Duration(version) * time.Hour)}
			require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context) error { return r.ApplyApplicationFacts(ctx, []card.ApplicationFact{f, f}) }))
			p, err := r.Application(t.Context(), by, res.Application.ID)
			require.NoError(t, err)
			return p
		}
		p := stage(card.ApplicationTaken)
		require.Equal(t, "已受理", p.Label)
		require.Equal(t, notice.ApplicationAccepted, r.lastNotice(t, by.Subject))
		p = stage(card.StageBankOpening) // BANKTIME0 set, BANKFINISHTIME0 empty
		require.Equal(t, "银行正在开户", p.Label)
		require.Contains(t, p.Advice, "工商银行正在为您开立银行账户")
		var labels []string
		for _, l := range p.Timeline {
			labels = append(labels, l.Label)
			require.Equal(t, len(labels) > 3, l.At.IsZero(), l.Label)
		}
		require.Equal(t, []string{"已提交", "已受理", "银行正在开户", "制卡", "送到领卡网点", "领取"}, labels)
		require.Equal(t, "银行开户没有成功", stage(card.StageBankFailed).Label)
		require.Equal(t, 1, r.told(t, by.Subject, notice.ApplicationBankFailed), "R27: it is she who must go to the bank")
		require.Equal(t, "银行正在开户", stage(card.StageBankOpening).Label, "the bank tries again")
		stage(card.StageBankFailed)
		require.Equal(t, 2, r.told(t, by.Subject, notice.ApplicationBankFailed), "told of each failure, once")
		require.Equal(t, "银行正在开户", stage(card.StageBankOpening).Label)
		require.Equal(t, "正在制卡", stage(card.StageProducing).Label)
		require.Equal(t, "正在制卡", stage(card.StageBatched).Label, "an old stage told late moves nothing back")
		p = stage(card.StageAtOutlet)
		require.Contains(t, p.Advice, "西工区社保卡服务网点")
		require.Equal(t, notice.ApplicationReady, r.lastNotice(t, by.Subject))
		p = stage(card.StageCollected)
		require.Equal(t, "已领取", p.Label)
		for _, l := range p.Timeline {
			require.False(t, l.At.IsZero(), "nothing is still to come")
		}
		list, err := r.Applications(t.Context(), by, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		for _, id := range []models.ID{res.Application.ID, models.NewID(), "x' OR '1'='1", ""} {
			_, err = r.Application(t.Context(), stranger, id)
			require.ErrorIs(t, err, card.ErrApplicationNotFound, "somebody else's and none are one answer")
		}
		list, err = r.Applications(t.Context(), stranger, 10)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}
