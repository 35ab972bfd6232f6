package hotline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

// at is a moment in Shanghai.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, models.Shanghai)
	require.NoError(t, err)
	return when.UTC()
}

func TestAPromiseIsDueWithinTheHotlinesHours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ now, due string }{
		"in the morning":              {"2021-12-20 09:00", "2021-12-20 11:00"},
		"before it opens":             {"2021-12-20 06:00", "2021-12-20 10:30"},
		"over the evening":            {"2021-12-20 17:30", "2021-12-21 10:00"},
		"after it closed":             {"2021-12-20 22:00", "2021-12-21 10:30"},
		"over a weekend":              {"2021-12-24 17:00", "2021-12-27 09:30"},
		"over the new year's holiday": {"2021-12-31 17:00", "2022-01-04 09:30"},
		"to the minute of the close":  {"2021-12-20 16:00", "2021-12-20 18:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.line.holidays = map[models.Date]bool{"2022-01-03": true} // the Monday of the real calendar
			r.clock.Set(at(t, c.now))
			call, by := r.call(r.agent("zuoxi1"), wangPhone)
			p, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
			require.NoError(t, err)
			require.Equal(t, at(t, c.due), p.DueAt.UTC())
		})
	}
}

func TestAPromiseNeedsSomewhereToCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	for _, in := range []hotline.PromiseInput{
		{}, {Reason: "because", Destination: hotline.ToCallerNumber}, {Reason: hotline.ReasonAskedLater, Destination: "13800001234"},
		{Reason: hotline.ReasonLossPending, Destination: hotline.ToCallerNumber},
	} {
		_, err := r.PromiseCallBack(t.Context(), by, call.ID, in)
		require.ErrorIs(t, err, hotline.ErrCallBackWords)
	}
	for _, to := range []string{hotline.ToCallerNumber, hotline.ToPhoneOnFile} { // withheld, and nobody known
		_, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: to})
		require.ErrorIs(t, err, hotline.ErrNoCallBackPhone)
	}
	other := r.agent("zuoxi2")
	other.CallID = call.ID
	_, err := r.PromiseCallBack(t.Context(), other, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
	require.ErrorIs(t, err, models.ErrNotFound, "another agent's call")
}

func TestAPromiseIsGivenUpAfterThreeCallsNobodyAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.line.dials = true
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	p, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber, Mine: true})
	require.NoError(t, err)
	_, err = r.TakeCallBack(t.Context(), r.agent("zuoxi2"), p.ID)
	require.ErrorIs(t, err, models.ErrNotFound, "one agent's own")
	_, err = r.TakeCallBack(t.Context(), by, p.ID)
	require.NoError(t, err)
	_, err = r.DialCallBack(t.Context(), by, p.ID)
	require.ErrorIs(t, err, hotline.ErrCallOpen, "not while somebody is on the line")
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	for n := range 3 {
		taken, err := r.TakeCallBack(t.Context(), by, p.ID)
		require.NoError(t, err)
		require.Equal(t, n, taken.Tries)
		_, err = r.DialCallBack(t.Context(), by, p.ID)
		require.NoError(t, err)
		require.Equal(t, "not_answered", r.happens(hotline.CallBackNotAnswered, r.line.dialled[n].Ref, "", "", ""))
		require.Equal(t, "repeated", r.happens(hotline.CallBackNotAnswered, r.line.dialled[n].Ref, "", "", ""))
	}
	_, err = r.TakeCallBack(t.Context(), by, p.ID)
	require.ErrorIs(t, err, hotline.ErrCallBackOver)
	over := r.m.rows.tel.promises[0]
	require.Equal(t, hotline.CallBackMissed, over.State)
	require.Equal(t, "not_reached", over.Result)
}

func TestAnOverduePromiseAlarmsOnceAndALeftOneGoesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	p, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
	require.NoError(t, err)
	_, err = r.TakeCallBack(t.Context(), by, p.ID)
	require.NoError(t, err)
	for range 4 {
		r.clock.Advance(time.Hour)
		_, err = r.WatchCallBacks(t.Context(), 10)
		require.NoError(t, err)
	}
	require.Equal(t, 1, r.line.counted["overdue"])
	require.Len(t, r.entries("hotline.call_back.overdue"), 1)
	list, err := r.CallBacks(t.Context(), by, "", 10)
	require.NoError(t, err)
	require.Equal(t, hotline.CallBackDue, list[0].State)
	_, err = r.FinishCallBack(t.Context(), by, p.ID, "settled")
	require.ErrorIs(t, err, hotline.ErrCallBackNotYours)
}

func TestR66_ALossThatWaitsIsPromisedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.line.losses = []hotline.PromisedLoss{{LossID: models.NewID(), PersonID: r.wang.ID, CallID: models.NewID()}}
	for range 3 {
		_, err := r.PromiseAfterOutage(t.Context(), 10)
		require.NoError(t, err)
	}
	require.Len(t, r.m.rows.tel.promises, 1)
	promised := r.entries("hotline.call_back.promised")
	require.Len(t, promised, 1)
	require.Equal(t, r.wang.ID, promised[0].SubjectID)
}

func TestWithoutDialOutTheAgentIsGivenTheNumberAndItIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	p, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
	require.NoError(t, err)
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	_, err = r.TakeCallBack(t.Context(), by, p.ID)
	require.NoError(t, err)
	d, err := r.DialCallBack(t.Context(), by, p.ID)
	require.NoError(t, err)
	require.Equal(t, wangPhone, d.Dial.Reveal())
	require.Empty(t, r.line.dialled)
	require.Len(t, r.entries("hotline.phone.shown"), 1)
}

func TestTwoPressesAreOneCallAndARefusedOneMayBeMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.line.dials = true
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	p, err := r.PromiseCallBack(t.Context(), by, call.ID, hotline.PromiseInput{Reason: hotline.ReasonAskedLater, Destination: hotline.ToCallerNumber})
	require.NoError(t, err)
	r.happens(hotline.CallEnded, call.ExchangeRef, "", wangPhone, "")
	key := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "take", Key: "k1"})
	for range 2 {
		taken, err := r.TakeCallBack(key, by, p.ID)
		require.NoError(t, err)
		require.Equal(t, hotline.CallBackTaken, taken.State)
	}
	r.line.refuses = hotline.ErrExchangeRefused
	_, err = r.DialCallBack(t.Context(), by, p.ID)
	require.ErrorIs(t, err, hotline.ErrExchangeRefused)
	r.line.refuses = nil
	for range 3 {
		_, err = r.DialCallBack(t.Context(), by, p.ID)
		require.NoError(t, err)
	}
	require.Len(t, r.line.dialled, 2, "one was refused, one rings")
	r.happens(hotline.CallBackAnswered, r.line.dialled[1].Ref, "", "", "")
	now, err := r.CurrentCall(t.Context(), by)
	require.NoError(t, err)
	require.Equal(t, hotline.SourceCallBack, now.Source)
	require.Empty(t, now.PersonID, "who answers is a candidate, nobody more")
	key = models.WithRequestKey(t.Context(), models.RequestKey{Operation: "finish", Key: "k2"})
	for range 2 {
		done, err := r.FinishCallBack(key, by, p.ID, "settled")
		require.NoError(t, err)
		require.Equal(t, hotline.CallBackDone, done.State)
	}
	require.Len(t, r.entries("hotline.call_back.done"), 1)
}

func TestAnEnquiryIsPromisedOneCallBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	about := hotline.Enquiry{ID: models.NewID(), PersonID: r.wang.ID, State: hotline.EnquiryReceived}
	nobody := hotline.Enquiry{ID: models.NewID(), State: hotline.EnquiryReceived}
	r.m.rows.cases[about.ID], r.m.rows.cases[nobody.ID] = about, nobody
	in := hotline.PromiseInput{Reason: hotline.ReasonAskedLater}
	p, err := r.PromiseForEnquiry(t.Context(), by, about.ID, in)
	require.NoError(t, err)
	require.Equal(t, about.ID, p.EnquiryID)
	require.Equal(t, hotline.ToPhoneOnFile, p.Destination)
	_, err = r.PromiseForEnquiry(t.Context(), by, about.ID, in)
	require.ErrorIs(t, err, hotline.ErrCallBackKnown)
	_, err = r.PromiseForEnquiry(t.Context(), by, nobody.ID, in)
	require.ErrorIs(t, err, hotline.ErrNoCallBackPhone)
	_, err = r.PromiseForEnquiry(t.Context(), r.agent("shenji", "auditor"), about.ID, in)
	require.ErrorIs(t, err, hotline.ErrNotPermitted)
}
