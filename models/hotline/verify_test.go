package hotline_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestR33_LossNeedsAVerifiedCallerInACall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	_, err := r.MayReportLoss(t.Context(), by)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	_, by = r.call(by, "")
	_, err = r.MayReportLoss(t.Context(), by)
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	require.Equal(t, models.Forbidden, models.KindOf(err))
}

func TestR33_WhatOpensALossReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		number   string
		in       hotline.VerifyInput
		callBack bool
		want     hotline.Strength
		opens    bool
	}{
		"basic alone":                {"13900000000", basic, false, hotline.StrengthBasic, false},
		"basic from a landline":      {"0379-63310000", basic, false, hotline.StrengthBasic, false},
		"basic from the phone":       {wangPhone, basic, false, hotline.StrengthNumberMatch, true},
		"basic and called back":      {"", basic, true, hotline.StrengthCallBackSaid, true},
		"three independent facts":    {"", full, false, hotline.StrengthFullFacts, true},
		"whole number, called back":  {"", hotline.VerifyInput{Name: "王小明", IDNumber: wangID}, true, hotline.StrengthFullSaid, true},
		"a phone written with +86":   {"+86 138-0000-1234", basic, false, hotline.StrengthNumberMatch, true},
		"small x and blanks in name": {wangPhone, hotline.VerifyInput{Name: " 王小明 ", IDLast6: "010015"}, false, hotline.StrengthNumberMatch, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			call, by := r.call(r.agent("zuoxi1"), c.number)
			v, err := r.Verify(t.Context(), by, call.ID, c.in)
			require.NoError(t, err)
			require.True(t, v.Match)
			if c.callBack {
				asked, err := r.AskCallBack(t.Context(), by, call.ID, "loss_report")
				require.NoError(t, err)
				require.Equal(t, wangPhone, asked.Dial.Reveal())
				_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
				require.NoError(t, err)
			}
			by = r.in(by)
			require.Equal(t, r.wang.ID, by.Subject)
			strength, err := r.MayReportLoss(t.Context(), by)
			if !c.opens {
				require.ErrorIs(t, err, hotline.ErrVerificationRequired)
				return
			}
			require.NoError(t, err)
			require.Equal(t, string(c.want), strength)
		})
	}
}

func TestR33_AnotherSubjectOrAnothersCallIsNoVerification(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	stranger := r.in(by)
	stranger.Subject = models.NewID()
	_, err = r.MayReportLoss(t.Context(), stranger)
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	other := r.agent("zuoxi2")
	other.CallID, other.Subject = call.ID, r.wang.ID
	_, err = r.MayReportLoss(t.Context(), other)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	done, err := r.CloseCall(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.False(t, done.ClosedAt.IsZero())
	_, err = r.MayReportLoss(t.Context(), models.Actor{
		Kind: models.AgentActor, ID: by.ID, CallID: call.ID, Subject: r.wang.ID,
	})
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
}

func TestR58_FullNeedsThreeIndependentFacts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*hotline.VerifyInput)
		full   bool
	}{
		"tail, month and district":      {func(*hotline.VerifyInput) {}, true},
		"tail, month and bank":          {func(in *hotline.VerifyInput) { in.District, in.Bank = "", "lyb" }, true},
		"all four":                      {func(in *hotline.VerifyInput) { in.Bank = "lyb" }, true},
		"district and bank count once":  {func(in *hotline.VerifyInput) { in.Bank, in.LastApplicationMonth = "lyb", "" }, false},
		"two facts":                     {func(in *hotline.VerifyInput) { in.District = "" }, false},
		"three right and one wrong":     {func(in *hotline.VerifyInput) { in.Bank = "abc" }, false},
		"wrong tail":                    {func(in *hotline.VerifyInput) { in.CardLast4 = "7789" }, false},
		"wrong month":                   {func(in *hotline.VerifyInput) { in.LastApplicationMonth = "2019-04" }, false},
		"name of another, facts of her": {func(in *hotline.VerifyInput) { in.Name = "王大明" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			call, by := r.call(r.agent("zuoxi1"), "")
			in := full
			c.change(&in)
			v, err := r.Verify(t.Context(), by, call.ID, in)
			require.NoError(t, err)
			require.Equal(t, c.full, v.Match)
			if c.full {
				require.Equal(t, hotline.LevelFull, v.Level)
				require.Equal(t, models.LevelReal, r.in(by).LevelAt(r.clock.Now()), "never fresh: no agent reaches a release")
			} else {
				require.Equal(t, hotline.LevelNone, v.Level)
				require.Equal(t, 1, v.Failures)
			}
		})
	}
}

func TestR58_UnknownFactNeverMatches(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	delete(r.m.facts, r.wang.ID)
	call, by := r.call(r.agent("zuoxi1"), "")
	v, err := r.Verify(t.Context(), by, call.ID, full)
	require.NoError(t, err)
	require.False(t, v.Match)
}

func TestR58_ThirdFailureOfACallClosesLookUps(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	wrong := hotline.VerifyInput{Name: "王大明", IDNumber: wangID}
	for i := range 3 {
		v, err := r.Verify(t.Context(), by, call.ID, wrong)
		require.NoError(t, err)
		require.False(t, v.Match)
		require.Equal(t, 2-i, v.TriesLeft())
	}
	_, err := r.Verify(t.Context(), by, call.ID, wrong)
	require.ErrorIs(t, err, hotline.ErrPhoneLocked)
	v, err := r.Verify(t.Context(), by, call.ID, basic) // from the phone on file a loss stays open
	require.NoError(t, err)
	require.True(t, v.MayReportLoss())
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrPhoneLocked)
}

// failFive has the ID fail five times over two calls of two agents from withheld numbers.
func failFive(r *rig, in hotline.VerifyInput) {
	for i := range 5 {
		call, by := r.call(r.agent(fmt.Sprintf("fail%d", i)), "")
		v, err := r.Verify(r.Context(), by, call.ID, in)
		require.NoError(r, err)
		require.False(r, v.Match)
	}
}

func TestR58_FifthFailureOfTheDayLocksLookUpsUntilMidnight(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]hotline.VerifyInput{
		"whole number": {Name: "王大明", IDNumber: wangID},
		"last six":     {Name: "王大明", IDLast6: wangLast6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			failFive(r, wrong)
			call, by := r.call(r.agent("zuoxi1"), "")
			for _, in := range []hotline.VerifyInput{full, basic, wrong} { // right or wrong, the answer is the lock
				_, err := r.Verify(t.Context(), by, call.ID, in)
				require.ErrorIs(t, err, hotline.ErrPhoneLocked)
				var refusal *models.Error
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, 12*time.Hour, refusal.RetryAfter)
			}
			_, err := r.PersonOf(t.Context(), by, call.ID)
			require.ErrorIs(t, err, hotline.ErrPhoneLocked)
			_, err = r.MayReportLoss(t.Context(), r.in(by))
			require.ErrorIs(t, err, hotline.ErrVerificationRequired)

			_, err = r.AskCallBack(t.Context(), by, call.ID, "loss_report") // a right Basic was among them
			require.NoError(t, err)
			_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
			require.NoError(t, err)
			_, err = r.MayReportLoss(t.Context(), r.in(by))
			require.NoError(t, err)

			second, by2 := r.call(r.agent("zuoxi2"), wangPhone) // loss from the phone on file still works
			v, err := r.Verify(t.Context(), by2, second.ID, basic)
			require.NoError(t, err)
			require.True(t, v.Locked)
			require.True(t, v.MayReportLoss())
			_, err = r.PersonOf(t.Context(), by2, second.ID)
			require.ErrorIs(t, err, hotline.ErrPhoneLocked)

			r.clock.Advance(12 * time.Hour) // the next day in Shanghai
			third, by3 := r.call(r.agent("zuoxi3"), "")
			_, err = r.Verify(t.Context(), by3, third.ID, full)
			require.NoError(t, err)
			_, err = r.PersonOf(t.Context(), by3, third.ID)
			require.NoError(t, err)
		})
	}
}

func TestR58_TheCallersNumberIsCountedToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 5 {
		call, by := r.call(r.agent(fmt.Sprintf("fail%d", i)), "15500000000")
		_, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王大明", IDLast6: fmt.Sprintf("00001%d", i)})
		require.NoError(t, err)
	}
	call, by := r.call(r.agent("zuoxi1"), "15500000000")
	_, err := r.Verify(t.Context(), by, call.ID, full)
	require.ErrorIs(t, err, hotline.ErrPhoneLocked)
	other, by2 := r.call(r.agent("zuoxi2"), "15500000001")
	_, err = r.Verify(t.Context(), by2, other.ID, full)
	require.NoError(t, err)
}

func TestR58_AgentsSeeMatchOrNoMatchOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	unknown, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "李四", IDNumber: "410327201006150039"})
	require.NoError(t, err)
	wrongName, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "李四", IDNumber: wangID})
	require.NoError(t, err)
	for _, v := range []*hotline.Verification{&unknown, &wrongName} {
		require.Empty(t, v.PersonID)
		require.Empty(t, v.Fitting)
		v.ID, v.Failures = "", 0
	}
	require.Equal(t, unknown, wrongName)
	for _, e := range r.m.rows.audit {
		require.NotContains(t, fmt.Sprint(e), wangLast6)
		require.NotContains(t, fmt.Sprint(e), "王")
	}
}

func TestR58_BadFormIsNoFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	for _, in := range []hotline.VerifyInput{
		{}, {Name: "王小明"}, {Name: "王小明", IDNumber: "410303198001010014"}, {Name: "王小明", IDLast6: "12345"},
		{Name: "王小明", IDLast6: wangLast6, CardLast4: "7788"}, {Name: "王小明", IDNumber: wangID, CardLast4: "778"},
		{Name: "王小明", IDNumber: wangID, LastApplicationMonth: "2019-13"}, {Name: "1", IDNumber: wangID},
		{Name: "王小明", IDNumber: wangID, District: "西工"}, {Name: "王小明", IDNumber: wangID, Bank: "a b"},
	} {
		_, err := r.Verify(t.Context(), by, call.ID, in)
		require.Equal(t, models.Invalid, models.KindOf(err))
	}
	require.Zero(t, r.m.asked)
	require.Empty(t, r.m.rows.looks)
	_, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王小明", IDNumber: "410303198001010014"})
	var refusal *models.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "ID_CHECKSUM", refusal.Fields[0].Code)
}

func TestR58_SeveralPeopleFitTheLastSix(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.citizen("王小明", "410327198001010015"[:6]+wangID[6:17]+checkDigit(t, "410327"+wangID[6:17]), "13700000000")
	last6 := r.m.people[1].IDNumber.Last6()
	if last6 != wangLast6 { // another check digit: not the same six
		last6 = wangLast6
		twin := r.wang
		twin.ID, twin.Phone = models.NewID(), r.m.people[1].Phone
		r.m.people[1] = twin
	}
	call, by := r.call(r.agent("zuoxi1"), "")
	_, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王小明", IDLast6: last6})
	require.ErrorIs(t, err, hotline.ErrFullIDNeeded)
	require.Len(t, r.m.rows.looks, 1, "it told that there are such people")
	require.Equal(t, "refused", r.entries("hotline.call.verified")[0].Result)
	call, by = r.call(r.agent("zuoxi2"), "13700000000")
	v, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王小明", IDLast6: last6})
	require.NoError(t, err)
	require.Equal(t, r.m.people[1].ID, v.PersonID)
}

func TestACallIsAboutOnePerson(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.citizen("李小花", "410327201006150039", "13700000000")
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	_, err = r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "李小花", IDNumber: "410327201006150039"})
	require.ErrorIs(t, err, hotline.ErrCallHasPerson)
	require.Equal(t, r.wang.ID, r.in(by).Subject)
	require.Len(t, r.m.rows.looks, 2, "it told that there is such a person (R59)")
	tries := r.entries("hotline.call.verified")
	require.Equal(t, r.m.people[1].ID, tries[1].SubjectID, "and she can read it")
	v, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID}) // a failure lowers nothing
	require.NoError(t, err)
	require.False(t, v.Match)
	require.Equal(t, hotline.StrengthNumberMatch, v.Strength)
	require.False(t, v.MayReportLoss())
}

func TestVerifyRepeatedWithOneKeyCountsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "verify", Key: "k1"})
	first, err := r.Verify(ctx, by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID})
	require.NoError(t, err)
	again, err := r.Verify(ctx, by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID})
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, 1, r.m.rows.calls[call.ID].Failures)
}

func TestR58_ParallelTriesOfACallAreAllCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	var wg sync.WaitGroup
	answers := make(chan bool, 10)
	for range 10 {
		wg.Go(func() {
			if v, err := r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID}); err == nil {
				answers <- v.Match
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, len(answers), 3)
	require.Len(t, r.m.rows.checks, r.m.rows.calls[call.ID].Failures)
}

func TestCallBackNeedsItsSteps(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	_, err := r.AskCallBack(t.Context(), by, call.ID, "loss_report")
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
	require.ErrorIs(t, err, hotline.ErrCallBackNotAsked)
	_, err = r.AskCallBack(t.Context(), by, call.ID, "")
	require.ErrorIs(t, err, hotline.ErrReasonRequired, "R54: a whole number needs a reason")
	_, err = r.AskCallBack(t.Context(), by, call.ID, "loss_report")
	require.NoError(t, err)
	require.Equal(t, r.wang.ID, r.entries("hotline.phone.shown")[0].SubjectID)
	_, err = r.ConfirmCallBack(t.Context(), by, call.ID, false)
	require.NoError(t, err)
	_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
	require.ErrorIs(t, err, hotline.ErrCallBackNotAsked)
	_, err = r.AskCallBack(t.Context(), by, call.ID, "loss_report")
	require.NoError(t, err)
	r.clock.Advance(31 * time.Minute)
	_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
	require.ErrorIs(t, err, hotline.ErrCallBackNotAsked)
}

func checkDigit(t *testing.T, first17 string) string {
	t.Helper()
	for _, d := range "0123456789X" {
		if _, err := models.ParseIDNumber(first17+string(d), time.Now()); err == nil {
			return string(d)
		}
	}
	t.Fatal("no check digit fits")
	return ""
}
