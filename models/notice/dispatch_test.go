package notice

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR12_OneArrivalNoticePerCreditAndTheBankMayBeTheSender(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	var id models.ID
	for range 3 {
		id = b.add(t, arrival("credit:9:1"))
	}
	byBank := arrival("credit:10:1")
	byBank.Scope = "abc"
	bank := b.add(t, byBank)
	unnamed := arrival("credit:11:1")
	unnamed.Scope = "nobody"
	waits := b.add(t, unnamed)
	for range 3 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 1, b.count(id))
	require.Equal(t, Submitted, b.state(id))
	require.Zero(t, b.count(bank))
	require.Equal(t, Suppressed, b.state(bank))
	require.Zero(t, b.count(waits), "no sender named: nothing is sent and nothing is lost")
	require.Equal(t, Queued, b.state(waits))
}

func TestR62_LossConfirmationsAlwaysGoBySMS(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.clock.Set(time.Date(2021, 12, 20, 15, 0, 0, 0, time.UTC)) // 23:00 in Luoyang
	s := b.process(t, nil)
	for _, k := range []Kind{LossEffective, LossElsewhere, LossReleased, LossRefused} {
		id := b.add(t, Draft{Cause: "loss:" + string(k), Kind: k, PersonID: models.NewID()})
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, b.count(id), k)
	}
	progress := b.add(t, Draft{Cause: "application:1", Kind: ApplicationProducing, PersonID: models.NewID()})
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.count(progress), "a progress notice without a platform subscription is exactly one SMS")
}

func TestArrivalsWaitForTheMorningAndNeverDelayCodes(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.clock.Set(time.Date(2021, 12, 20, 15, 0, 0, 0, time.UTC))
	s := b.process(t, nil)
	a := b.add(t, arrival("credit:1"))
	n, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	b.clock.Set(time.Date(2021, 12, 21, 0, 0, 0, 0, time.UTC)) // 08:00
	code := b.add(t, Draft{Cause: "code:1", Kind: Code, PersonID: models.NewID(), Secret: NewSecret("862413")})
	l := b.add(t, loss("loss:1:effective"))
	n, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, []models.ID{code, l, a}, []models.ID{b.got[0].DeliveryID, b.got[1].DeliveryID, b.got[2].DeliveryID})
	require.Equal(t, map[string]string{"code": "862413"}, b.got[0].Params)

	only := b.add(t, arrival("credit:2"))
	n, err = s.Dispatch(t.Context(), UrgentLanes...)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, Queued, b.state(only))
}

// A process dies at each step of handing over. Whatever the step, the next process brings every code and loss
// confirmation to the vendor, and no arrival twice.
func TestDyingAtEveryStepSendsNoArrivalTwiceAndLosesNoLossConfirmation(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"arrival", "loss", "code"} {
		for step := 1; step <= 7; step++ {
			t.Run(fmt.Sprintf("%s at step %d", kind, step), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { dieAt(t, kind, step) })
			})
		}
	}
}

// dieAt runs one life to its end, and its heir. What has answered is tried to be written for seconds, which a bubble spares us.
func dieAt(t *testing.T, kind string, step int) {
	t.Helper()
	b := newBench()
	d := map[string]Draft{
		"arrival": arrival("credit:1"), "loss": loss("loss:1"),
		"code": {Cause: "code:1", Kind: Code, PersonID: models.NewID(), Secret: NewSecret("862413")},
	}[kind]
	id := b.add(t, d)
	life := &mortality{at: step}
	_, err := b.process(t, life).Dispatch(t.Context())
	if life.dead {
		require.ErrorIs(t, err, errDead)
	}
	heir := b.process(t, nil)
	for range 6 {
		b.clock.Advance(31 * time.Second)
		_, err := heir.Dispatch(t.Context())
		require.NoError(t, err)
	}
	times := b.count(id)
	if kind == "arrival" {
		require.LessOrEqual(t, times, 1)
		require.Contains(t, []State{Submitted, Unknown}, b.state(id))
		return
	}
	require.GreaterOrEqual(t, times, 1)
	require.LessOrEqual(t, times, 2)
	require.Equal(t, Submitted, b.state(id))
}

func TestAVendorThatNeverAnswersDoesNotBecomeAFlood(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.answer = func(Message) error { return &SendError{Class: FateUnknown, Code: "timeout"} }
	s := b.process(t, nil)
	l, a := b.add(t, loss("loss:1")), b.add(t, arrival("credit:1"))
	for range 50 {
		_, err := s.Dispatch(t.Context())
		require.NoError(t, err)
		b.clock.Advance(time.Minute)
	}
	require.Equal(t, 3, b.count(l))
	require.Equal(t, 1, b.count(a))
	require.Equal(t, Unknown, b.state(l))
	require.Equal(t, Unknown, b.state(a))
}

func TestVendorErrorsAreWorkedByTheirClass(t *testing.T) {
	t.Parallel()
	b := newBench()
	fail := error(&SendError{Class: NotAccepted, Code: "isv.BUSINESS_LIMIT_CONTROL", After: time.Minute})
	b.answer = func(Message) error { return fail }
	s := b.process(t, nil)
	id := b.add(t, loss("loss:1"))
	n, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, Queued, b.state(id))
	b.clock.Advance(59 * time.Second)
	n, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "not before the vendor's minute is over")
	fail = nil
	b.clock.Advance(2 * time.Second)
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Submitted, b.state(id))

	fail = &SendError{Class: Refused, Code: "isv.MOBILE_NUMBER_ILLEGAL"}
	no := b.add(t, loss("loss:2"))
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Failed, b.state(no))

	fail = errors.New("something nobody classed")
	odd := b.add(t, arrival("credit:1"))
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Unknown, b.state(odd))
}

func TestNoPhoneIsNotSentAndAnUnreadablePhoneWaits(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.phones.err = ErrNoPhone
	id := b.add(t, loss("loss:1"))
	_, err := b.process(t, nil).Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Suppressed, b.state(id))
	b.phones.err = errors.New("registry away")
	other := b.add(t, loss("loss:2"))
	s := b.process(t, nil)
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Queued, b.state(other))
	require.Empty(t, b.got)
}

func TestWhatExpiredIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench()
	id := b.add(t, Draft{Cause: "code:1", Kind: Code, PersonID: models.NewID(), Secret: NewSecret("862413")})
	b.clock.Advance(5 * time.Minute)
	_, err := b.process(t, nil).Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Expired, b.state(id))
	require.Empty(t, b.got)
}

func TestReceiptsMayComeLateTwiceEarlyOrForNobody(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	id := b.add(t, loss("loss:1"))
	took := func(r Receipt) int {
		n, err := s.TakeReceipts(t.Context(), []Receipt{r})
		require.NoError(t, err)
		return n
	}
	require.Zero(t, took(Receipt{VendorID: "x", Delivered: true}))
	require.Zero(t, took(Receipt{DeliveryID: models.NewID(), Delivered: true}))

	// Early: the receipt arrives while our hand-over is still being written.
	b.answer = func(m Message) error {
		require.Equal(t, 1, took(Receipt{DeliveryID: m.DeliveryID, VendorID: "biz-1", Delivered: true}))
		return nil
	}
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Delivered, b.state(id))
	require.Equal(t, 1, took(Receipt{DeliveryID: id, VendorID: "biz-1", Delivered: true}))
	require.Equal(t, 1, took(Receipt{DeliveryID: id, VendorID: "biz-1", Code: "MOBILE_NOT_ON_SERVICE"}))
	require.Equal(t, Delivered, b.state(id), "a delivery is never taken back")

	// An early failure is kept until our hand-over is known, and counts then.
	b.answer = func(m Message) error {
		require.Equal(t, 1, took(Receipt{DeliveryID: m.DeliveryID, VendorID: "biz-1", Code: "MOBILE_NOT_ON_SERVICE"}))
		return nil
	}
	failed := b.add(t, loss("loss:2"))
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Failed, b.state(failed))

	// Late: after 72 hours of silence.
	b.answer = nil
	late := b.add(t, arrival("credit:1"))
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	b.clock.Advance(73 * time.Hour)
	_, err = s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Unknown, b.state(late))
	require.Equal(t, 1, took(Receipt{DeliveryID: late, VendorID: "biz-1", Delivered: true}))
	require.Equal(t, Delivered, b.state(late))
}

func TestAFailureOfAnEarlierAttemptSaysNothingOfTheRepeat(t *testing.T) {
	t.Parallel()
	to, changed := AfterReceipt(Submitted, "biz-2", Receipt{VendorID: "biz-1"})
	require.False(t, changed)
	require.Equal(t, Submitted, to)
	to, changed = AfterReceipt(Submitting, "", Receipt{VendorID: "biz-1"})
	require.False(t, changed)
	require.Equal(t, Submitting, to)
	to, changed = AfterReceipt(Submitted, "biz-2", Receipt{VendorID: "biz-1", Delivered: true})
	require.True(t, changed, "whichever attempt arrived, the citizen has it")
	require.Equal(t, Delivered, to)
}

func TestInboxIsOnesOwnAndHoldsNoCodes(t *testing.T) {
	t.Parallel()
	b := newBench()
	s := b.process(t, nil)
	me := models.NewID()
	by := models.Actor{Kind: models.CitizenActor, ID: me, Subject: me}
	b.add(t, Draft{Cause: "code:1", Kind: Code, PersonID: me, Secret: NewSecret("862413")})
	b.add(t, loss("loss:other"))
	for i := range 3 {
		b.add(t, Draft{Cause: fmt.Sprintf("application:%d", i), Kind: ApplicationReady, PersonID: me, Params: map[string]string{"outlet": "西工区社保卡服务网点"}})
	}
	page, next, err := s.Inbox(t.Context(), by, "", 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, "社保卡可以领取", page[0].Title)
	require.Contains(t, page[0].Text, "西工区社保卡服务网点")
	require.Equal(t, SMSWaiting, page[0].SMS)
	rest, next, err := s.Inbox(t.Context(), by, next, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Empty(t, next)

	_, _, err = s.Inbox(t.Context(), models.Actor{Kind: models.AgentActor, ID: me}, "", 2)
	require.ErrorIs(t, err, models.ErrForbidden)
	b.gate.err = models.ErrForbidden
	_, _, err = b.process(t, nil).Inbox(t.Context(), by, "", 2)
	require.ErrorIs(t, err, models.ErrForbidden)
}

func TestALeaseMustOutliveItsCall(t *testing.T) {
	t.Parallel()
	_, err := New(Ports{}, Config{Lease: 5 * time.Second, SendTimeout: 4 * time.Second})
	require.Error(t, err)
}

func TestAStoppedSweepStillWritesWhatTheVendorSaid(t *testing.T) {
	t.Parallel()
	b := newBench()
	ctx, cancel := context.WithCancel(t.Context())
	b.answer = func(Message) error { cancel(); return nil }
	id := b.add(t, loss("loss:1"))
	_, err := b.process(t, nil).Dispatch(ctx)
	require.NoError(t, err)
	require.Equal(t, Submitted, b.state(id))
}

func TestUnknownFatesAreAskedAboutAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.answer = func(Message) error { return &SendError{Class: FateUnknown, Code: "no_answer"} }
	s := b.process(t, nil)
	id := b.add(t, arrival("credit:1"))
	_, err := s.Dispatch(t.Context())
	require.NoError(t, err)
	require.Equal(t, Unknown, b.state(id))
	for _, want := range []struct{ learnt, asked int }{{0, 1}, {0, 1}} { // the second question waits its time
		b.clock.Advance(repeatAfter)
		n, err := s.Inquire(t.Context())
		require.NoError(t, err)
		require.Equal(t, want.learnt, n)
		require.Equal(t, want.asked, b.asked)
	}
	b.settled = true
	b.clock.Advance(askAgain)
	n, err := s.Inquire(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, Delivered, b.state(id))
	require.Equal(t, 1, b.count(id))
}
