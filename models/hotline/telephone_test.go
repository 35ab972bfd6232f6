package hotline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

var wholeNumber = hotline.VerifyInput{Name: "王小明", IDNumber: wangID}

func TestR33_ANumberTypedByHandIsNoNumberMatchAndByHandIsNeverFull(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.byHand(r.agent("zuoxi1"), wangPhone)
	require.True(t, call.ByHand())
	v, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	require.Equal(t, hotline.StrengthBasic, v.Strength, "the agent's own word is no number match")
	_, err = r.MayReportLoss(t.Context(), r.in(by))
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	v, err = r.Verify(t.Context(), by, call.ID, full)
	require.NoError(t, err)
	require.True(t, v.Match)
	require.Equal(t, hotline.LevelBasic, v.Level, "three facts of a caller of whom nobody else knows")
	require.True(t, v.ByHand, "and the console is told why")

	r.line.dials = true
	r.extension(by)
	_, err = r.AskCallBack(t.Context(), by, call.ID, "loss_report")
	require.NoError(t, err)
	require.Equal(t, "answered", r.happens(hotline.CallBackAnswered, r.line.dialled[0].Ref, "", "", ""))
	strength, err := r.MayReportLoss(t.Context(), r.in(by))
	require.NoError(t, err)
	require.Equal(t, "basic_call_back", strength, "the safe path of a call by hand")
	require.Equal(t, models.LevelPhone, r.in(by).Level)
}

func TestR33_OneOfSeveralByTheNumberOfTheExchangeOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	twin := r.wang
	phone, err := models.ParsePhone("13700000000")
	require.NoError(t, err)
	twin.ID, twin.Phone = models.NewID(), phone
	r.m.people = append(r.m.people, twin)
	call, by := r.byHand(r.agent("zuoxi1"), wangPhone)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.ErrorIs(t, err, hotline.ErrFullIDNeeded)
	call, by = r.call(r.agent("zuoxi2"), wangPhone)
	v, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	require.Equal(t, r.wang.ID, v.PersonID)
}

func TestR58_APhoneFactorIsFullWithTheWholeNumberInEitherOrder(t *testing.T) {
	t.Parallel()
	for name, numberFirst := range map[string]bool{"number first": true, "factor first": false} {
		for kind, want := range map[string]hotline.Strength{"code": hotline.StrengthFullCode, "call back": hotline.StrengthFullPhone} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.line.dials = true
				call, by := r.call(r.agent("zuoxi1"), "0379-63310000")
				first, second := wholeNumber, wholeNumber
				if !numberFirst {
					first = basic
				}
				_, err := r.Verify(t.Context(), by, call.ID, first)
				require.NoError(t, err)
				if kind == "code" {
					check, err := r.AskPhoneCode(t.Context(), by, call.ID)
					require.NoError(t, err)
					require.Equal(t, string(check.ID), r.line.asked[0].Question)
					require.Equal(t, call.ExchangeRef, r.line.asked[0].CallRef)
					require.Equal(t, "match", r.tells(hotline.TelephoneEvent{Kind: hotline.KeypadResult, CallRef: call.ExchangeRef, Question: string(check.ID), Digits: hotline.NewKeyed("123456")}, ""))
				} else {
					asked, err := r.AskCallBack(t.Context(), by, call.ID, "full_verification")
					require.NoError(t, err)
					require.True(t, asked.Dial.IsZero(), "nobody sees the number")
					require.Equal(t, wangPhone, r.line.dialled[0].Number.Reveal())
					_, err = r.ConfirmCallBack(t.Context(), by, call.ID, true)
					require.ErrorIs(t, err, hotline.ErrCheckByExchange)
					require.Equal(t, "answered", r.happens(hotline.CallBackAnswered, r.line.dialled[0].Ref, "", "", ""))
				}
				_, err = r.Verify(t.Context(), by, call.ID, second)
				require.NoError(t, err)
				now, err := r.CurrentCall(t.Context(), by)
				require.NoError(t, err)
				require.Equal(t, want, now.Strength)
				require.Equal(t, hotline.LevelFull, now.Level)
			})
		}
	}
}

func TestR58_ACodeIsKeyedThreeTimesWithinItsTimeAndInItsOwnCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.AskPhoneCode(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	check, err := r.AskPhoneCode(t.Context(), by, call.ID)
	require.NoError(t, err)
	key := func(ref string, digits string) string {
		return r.tells(hotline.TelephoneEvent{Kind: hotline.KeypadResult, CallRef: ref, Question: string(check.ID), Digits: hotline.NewKeyed(digits)}, "")
	}
	require.Equal(t, "another_call", key("in-other", "123456"), "who rings from elsewhere keys nothing for this call")
	require.Equal(t, "nothing_keyed", key(call.ExchangeRef, ""))
	require.Equal(t, "no_match", key(call.ExchangeRef, "000000"))
	require.Equal(t, "no_match", key(call.ExchangeRef, "000001"))
	require.Len(t, r.line.asked, 3, "asked once, and again after each wrong one")
	require.Equal(t, "no_match", key(call.ExchangeRef, "000002"))
	require.Len(t, r.line.asked, 3)
	require.Equal(t, "too_late", key(call.ExchangeRef, "123456"), "three wrong ones are the end of it")
	now, err := r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hotline.StrengthNumberMatch, now.Strength)

	check, err = r.AskPhoneCode(t.Context(), by, call.ID)
	require.NoError(t, err)
	r.clock.Advance(5 * time.Minute)
	require.Equal(t, "too_late", key(call.ExchangeRef, "123456"))
	_, err = r.SweepTelephone(t.Context(), 10)
	require.NoError(t, err)
	for _, c := range r.m.rows.tel.phoneChecks {
		require.NotEqual(t, hotline.CheckAsked, c.State)
	}
	for _, e := range r.m.rows.tel.events {
		require.Empty(t, e.Digits.Reveal())
	}
	hand, byHand := r.byHand(r.agent("zuoxi2"), wangPhone)
	_, err = r.Verify(t.Context(), byHand, hand.ID, basic)
	require.NoError(t, err)
	_, err = r.AskPhoneCode(t.Context(), byHand, hand.ID)
	require.ErrorIs(t, err, hotline.ErrNotByTelephone)
}

func TestR58_LockedLookUpsSendNoCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	for range 3 {
		_, err = r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID})
		require.NoError(t, err)
	}
	_, err = r.AskPhoneCode(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrPhoneLocked)
	require.Empty(t, r.line.asked)
}

func TestR59_AfterTheHangUpNobodyIsLookedAt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	by = r.in(by)
	require.Equal(t, "ended", r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, ""))
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrCallEnded)
	_, err = r.Verify(t.Context(), by, call.ID, full)
	require.ErrorIs(t, err, hotline.ErrCallEnded)
	_, err = r.ActorIn(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrCallEnded)
	protecting, err := r.ProtectingActorIn(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Equal(t, r.wang.ID, protecting.Subject)
	require.Equal(t, models.LevelPhone, protecting.Level)
	_, err = r.MayReportLoss(t.Context(), protecting)
	require.NoError(t, err, "a loss that was on its way is not lost with the line")
	_, err = r.ProtectingActorIn(t.Context(), r.agent("zuoxi2"), call.ID)
	require.ErrorIs(t, err, models.ErrNotFound, "another agent's call")
	nobody, other := r.call(r.agent("zuoxi3"), wangPhone)
	_, err = r.ProtectingActorIn(t.Context(), other, nobody.ID)
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	promised, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonNotFinished, Destination: hotline.ToPhoneOnFile})
	require.NoError(t, err)
	require.Equal(t, r.wang.ID, promised.PersonID)
	_, err = r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonNotFinished, Destination: hotline.ToCallerNumber})
	require.ErrorIs(t, err, hotline.ErrCallBackKnown)

	r.clock.Advance(time.Minute)
	_, err = r.SweepTelephone(t.Context(), 10)
	require.NoError(t, err)
	_, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err, "two minutes for notes")
	next, by2 := r.byHand(by, "") // or the next call at once
	require.NotEqual(t, call.ID, next.ID)
	r.happens(hotline.CallAnswered, "in-next", r.extension(by), "13700000000", "")
	r.happens(hotline.CallEnded, "in-next", r.extension(by), "13700000000", "")
	r.clock.Advance(2 * time.Minute)
	_, err = r.SweepTelephone(t.Context(), 10)
	require.NoError(t, err)
	_, err = r.CurrentCall(t.Context(), by2)
	require.ErrorIs(t, err, models.ErrNotFound)
}

// The holder rang from the phone on file: the line has to go before it can be called back. The call waits for it.
func TestACallWaitsForTheCallBackToTheSamePhone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.line.dials = true
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, wholeNumber)
	require.NoError(t, err)
	_, err = r.AskCallBack(t.Context(), by, call.ID, "full_verification")
	require.NoError(t, err)
	back := r.line.dialled[0].Ref
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	now, err := r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.True(t, now.EndedAt.IsZero())
	r.happens(hotline.CallBackAnswered, back, "", "", "")
	now, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hotline.StrengthFullPhone, now.Strength)
	r.happens(hotline.CallEnded, back, "", "", "")
	now, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.False(t, now.EndedAt.IsZero())

	call, by = r.call(r.agent("zuoxi2"), wangPhone) // nobody answers, and nobody says so
	_, err = r.Verify(t.Context(), by, call.ID, wholeNumber)
	require.NoError(t, err)
	_, err = r.AskCallBack(t.Context(), by, call.ID, "full_verification")
	require.NoError(t, err)
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	r.clock.Advance(3 * time.Minute)
	_, err = r.SweepTelephone(t.Context(), 10)
	require.NoError(t, err)
	now, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.False(t, now.EndedAt.IsZero())
	require.Equal(t, "too_late", r.happens(hotline.CallBackAnswered, r.line.dialled[1].Ref, "", "", ""))
	now, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hotline.StrengthNumberMatch, now.Strength)
}

func TestACallOpenedMeanwhileStaysAndAnOlderOneGives(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	e, err := hotline.ParseEvent(hotline.TelephoneEvent{EventID: "ev-1", Kind: hotline.CallAnswered, CallRef: "in-1", Extension: r.extension(by), At: r.clock.Now()}, wangPhone)
	require.NoError(t, err)
	require.NoError(t, r.TakeEvent(t.Context(), e))
	r.clock.Advance(time.Second)
	hand, by := r.byHand(by, "") // the pop did not come: the agent opened one
	_, err = r.WorkTelephone(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, r.line.counted["call.answered overtaken"])
	now, err := r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hand.ID, now.ID)
	r.clock.Advance(time.Second)
	r.happens(hotline.CallAnswered, "in-2", r.extension(by), wangPhone, "")
	now, err = r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hotline.SourceTelephone, now.Source)
	require.Equal(t, "next_call", r.m.rows.calls[hand.ID].CloseReason)
}

// An event that fails half way leaves nothing behind and comes again; one that always fails is given up, and alarms.
func TestAnEventThatCannotBeWorkedComesAgainAndAlarms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	r.m.failStep = "hotline.call.opened"
	e, err := hotline.ParseEvent(hotline.TelephoneEvent{EventID: "ev-1", Kind: hotline.CallAnswered, CallRef: "in-1", Extension: r.extension(by), At: r.clock.Now()}, wangPhone)
	require.NoError(t, err)
	require.NoError(t, r.TakeEvent(t.Context(), e))
	_, _ = r.WorkTelephone(t.Context(), 10)
	require.Empty(t, r.m.rows.calls)
	require.Empty(t, r.m.rows.tel.conversations)
	r.m.failStep = ""
	_, err = r.WorkTelephone(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, r.m.rows.calls, "not before its time")
	r.clock.Advance(2 * time.Second)
	_, err = r.WorkTelephone(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, r.m.rows.calls, 1)

	r.m.failStep = "hotline.call.ended"
	ends, err := hotline.ParseEvent(hotline.TelephoneEvent{EventID: "ev-2", Kind: hotline.CallEnded, CallRef: "in-1", At: r.clock.Now()}, "")
	require.NoError(t, err)
	require.NoError(t, r.TakeEvent(t.Context(), ends))
	for range 20 {
		_, _ = r.WorkTelephone(t.Context(), 10)
		r.clock.Advance(2 * time.Minute)
	}
	require.Equal(t, 1, r.line.counted["gave up"])
	require.Equal(t, hotline.EventFailed, r.m.rows.tel.events[1].State)
}

func TestTheTelephoneShowsNoNumberAndNoDigits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e, err := hotline.ParseEvent(hotline.TelephoneEvent{EventID: "ev-1", Kind: hotline.KeypadResult, CallRef: "in-1", At: r.clock.Now(), Digits: hotline.NewKeyed("862413")}, wangPhone)
	require.NoError(t, err)
	for _, printed := range []string{fmt.Sprint(e), fmt.Sprintf("%+v %#v", e, e)} {
		require.NotContains(t, printed, "862413")
		require.NotContains(t, printed, wangPhone)
	}
	for name, bad := range map[string]hotline.TelephoneEvent{
		"no id":        {Kind: hotline.CallEnded, CallRef: "in-1", At: r.clock.Now()},
		"a long ref":   {EventID: "e", Kind: hotline.CallEnded, CallRef: string(make([]byte, 65)), At: r.clock.Now()},
		"letters":      {EventID: "e", Kind: hotline.KeypadResult, CallRef: "in-1", At: r.clock.Now(), Digits: hotline.NewKeyed("12a")},
		"no time":      {EventID: "e", Kind: hotline.CallEnded, CallRef: "in-1"},
		"an extension": {EventID: "e", Kind: hotline.CallEnded, CallRef: "in-1", At: r.clock.Now(), Extension: "80 01"},
	} {
		_, err := hotline.ParseEvent(bad, "")
		require.ErrorIs(t, err, hotline.ErrTelephoneBody, name)
	}
}

func TestR64_AKeyedLevelIsHandedOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, _ := r.call(r.agent("zuoxi1"), wangPhone)
	require.Equal(t, "no_level", r.happens(hotline.RatingKeyed, call.ExchangeRef, "", "", "9"))
	require.Equal(t, "taken", r.happens(hotline.RatingKeyed, call.ExchangeRef, "", "", "2"))
	require.Equal(t, []int{2}, r.line.rated)
}

func TestNobodysTelephoneRingsWhoMayNotTakeCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	auditor := r.agent("shenji", "auditor")
	require.Equal(t, "no_seat", r.happens(hotline.CallRinging, "in-1", r.extension(auditor), wangPhone, ""))
	require.Equal(t, "no_seat", r.happens(hotline.CallAnswered, "in-1", r.extension(auditor), wangPhone, ""))
	require.Empty(t, r.m.rows.calls)
	require.Empty(t, r.m.rows.tel.console)
	require.ErrorIs(t, r.SetExtension(t.Context(), r.agent("zuoxi1"), "shenji", "8009"), hotline.ErrNotPermitted)
	require.NoError(t, r.SetExtension(t.Context(), r.agent("guanli", "administrator"), "shenji", "8009"))
	require.ErrorIs(t, r.SetExtension(t.Context(), hotline.Operator(), "shenji", "80a"), hotline.ErrExtensionForm)
}

func TestAStreamIsTakenOverAndEndsWithItsSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	ref := r.rings(by, wangPhone)
	older, err := r.OpenStream(t.Context(), by, 0)
	require.NoError(t, err)
	events, err := r.NextEvents(t.Context(), &older)
	require.NoError(t, err)
	require.Len(t, events, 1, "the telephone rang before the console was there")
	require.Equal(t, 1, events[0].Candidates)
	events, err = r.NextEvents(t.Context(), &older)
	require.NoError(t, err)
	require.Empty(t, events)
	r.happens(hotline.CallAnswered, ref, r.extension(by), wangPhone, "")
	younger, err := r.OpenStream(t.Context(), by, 1)
	require.NoError(t, err)
	_, err = r.NextEvents(t.Context(), &older)
	require.ErrorIs(t, err, hotline.ErrStreamEnded)
	events, err = r.NextEvents(t.Context(), &younger)
	require.NoError(t, err)
	require.Equal(t, "answered", events[0].Kind)
	restored, err := r.OpenStream(t.Context(), by, 1000)
	require.NoError(t, err)
	events, err = r.NextEvents(t.Context(), &restored)
	require.NoError(t, err)
	require.Len(t, events, 2, "a number from before a restore keeps nothing back")
	r.happens(hotline.CallEnded, ref, "", wangPhone, "")
	r.clock.Advance(3 * time.Minute)
	_, err = r.SweepTelephone(t.Context(), 10)
	require.NoError(t, err)
	r.clock.Advance(13 * time.Minute)
	_, err = r.NextEvents(t.Context(), &restored)
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn, "R56: a stream keeps no session alive")
	_, err = r.OpenStream(t.Context(), r.agent("shenji", "auditor"), 0)
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
}

func TestTheDemosExtensionIsNobodyElses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.member("demo", "agent")
	by := r.agent("zuoxi1")
	taken := r.extension(by)
	require.NoError(t, r.EnsureExtension(t.Context(), "demo", taken), "dev starts all the same")
	staff, err := r.line.StaffAt(t.Context(), taken)
	require.NoError(t, err)
	require.Equal(t, by.ID, staff)
	for range 2 {
		require.NoError(t, r.EnsureExtension(t.Context(), "demo", "8050"))
	}
	require.Len(t, r.entries("hotline.staff.extension"), 1)
}
