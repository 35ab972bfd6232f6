package card_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

func TestR35_ReleaseByTheHolderJustChecked(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()

	stale := c.me()
	stale.CheckedAt = c.Clock.Now().Add(-11 * time.Minute)
	_, err := c.ReleaseLoss(t.Context(), stale, r.ID, "")
	require.ErrorIs(t, err, cardtest.ErrRecheck)

	c.Gate.Off[models.ActRelease] = card.ErrReleaseAtOutlet // what the gate answers where the mode is window_only
	_, err = c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrReleaseAtOutlet)
	require.Equal(t, "RELEASE_AT_OUTLET_ONLY", said(t, err).Code)
	require.Contains(t, said(t, err).Message, "代办须带双方身份证原件", "R37: the papers")
	delete(c.Gate.Off, models.ActRelease)

	released := c.release(r)
	require.Equal(t, card.LossReleased, released.State)
	require.Equal(t, "wechat_mini", released.EndedBy)
	c.feed()
	require.Equal(t, "normal", c.tile().State)
	require.Len(t, c.told(notice.LossReleased), 1)
	require.Equal(t, []int64{1, 2}, []int64{c.Registry.Sent[0].CardSeq, c.Registry.Sent[1].CardSeq})
}

func TestR35_AnAccountBoundAfterTheLossWaitsADay(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	by := c.me()
	c.Bindings[by.AccountID] = c.Clock.Now().Add(time.Minute)
	c.Clock.Advance(time.Hour)
	_, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrReleaseTooSoon)
	require.Equal(t, 23*time.Hour+time.Minute, said(t, err).RetryAfter)

	borrowed := c.me()
	borrowed.AccountID = ""
	c.Bindings[""] = c.Clock.Now()
	c.Clock.Advance(23*time.Hour + time.Minute)
	require.Equal(t, card.LossReleased, c.release(r).State)

	again := c.report() // R67: the holder herself on someone's phone, just checked, has no account to wait for
	borrowed.CheckedAt = c.Clock.Now()
	out, err := c.ReleaseLoss(t.Context(), borrowed, again.ID, "")
	require.NoError(t, err)
	require.Equal(t, card.LossReleased, out.State)
}

func TestR36_NobodyReleasesByPhone(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	_, err := c.ReleaseLoss(t.Context(), c.Agent(c.wang), r.ID, "")
	require.ErrorIs(t, err, card.ErrReleaseNotByPhone)
	require.Equal(t, "ACTION_NOT_ON_CHANNEL", said(t, err).Code)
	require.Contains(t, c.memory.Audited(), "card.release.refused")
	_, err = c.ReleaseLoss(t.Context(), models.System(), r.ID, "")
	require.ErrorIs(t, err, card.ErrReleaseNotByPhone)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Len(t, c.Registry.Sent, 1)
}

func TestR38_ReleaseAfterALossByPhoneIsASetting(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	res, err := c.ReportLoss(t.Context(), c.Agent(c.wang), card.ReportLossInput{CardID: c.card, Said: card.ByPhone{ReadBack: true}})
	require.NoError(t, err)
	c.Policy.AfterPhone = "window_only"
	_, err = c.ReleaseLoss(t.Context(), c.me(), res.Report.ID, "")
	require.ErrorIs(t, err, card.ErrReleaseAtOutlet)
	c.Policy.AfterPhone = "same"
	stale := c.me()
	stale.CheckedAt = time.Time{}
	_, err = c.ReleaseLoss(t.Context(), stale, res.Report.ID, "")
	require.ErrorIs(t, err, cardtest.ErrRecheck, "the same as R35")
	require.Equal(t, card.LossReleased, c.release(res.Report).State)

	c.Policy.AfterPhone = "window_only" // and says nothing about a loss by one's own hand
	require.Equal(t, card.LossReleased, c.release(c.report()).State)
}

func TestR41_NothingToReleaseWithoutALoss(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	c.release(r)
	_, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrNoLossRecord)
	stranger := c.memory.AddPerson("P-2")
	for _, id := range []models.ID{r.ID, models.NewID()} {
		_, err = c.ReleaseLoss(t.Context(), c.Citizen(stranger), id, "")
		require.ErrorIs(t, err, card.ErrLossNotFound)
	}
}

func TestR41_ALossNotYetConfirmedIsNotReleased(t *testing.T) {
	t.Parallel()
	for _, fate := range []cardtest.Fate{cardtest.Dropped, cardtest.LostReply, cardtest.Delayed} {
		c := newCity(t)
		c.fates(fate)
		r := c.report()
		require.Equal(t, card.LossUnconfirmed, r.State)
		_, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
		require.ErrorIs(t, err, card.ErrLossNotConfirmedYet)
		require.Equal(t, "LOSS_NOT_CONFIRMED_YET", said(t, err).Code)
	}
}

func TestR41_ALossNeverAttemptedIsWithdrawnAndNothingIsSent(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.always(cardtest.NotSent)
	r := c.report()
	require.Equal(t, card.LossReceived, r.State)
	require.Equal(t, card.LossWithdrawn, c.release(r).State)
	require.Equal(t, card.CommandWithdrawn, c.memory.Commands()[0].State)
	c.always(cardtest.Answered)
	for range 5 {
		c.sweep(time.Minute)
	}
	require.Empty(t, c.Registry.Sent)
	require.Zero(t, c.Registry.Asks)
	require.Equal(t, "normal", c.tile().State)
	require.Empty(t, c.memory.Notices())
}

// A copy that may have left is never counted as unsent again, even if the next one surely did not leave.
func TestR41_ALossOnceMaybeSentIsNotWithdrawn(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.fates(cardtest.Delayed, cardtest.NotSent)
	fuse := &cardtest.Fuse{Dies: true}
	fuse.At = stepsOf(t, func(c *city, ctx context.Context) {
		_, _ = c.ReportLoss(ctx, c.me(), card.ReportLossInput{CardID: c.card})
	}, "sent")
	_, err := c.ReportLoss(cardtest.WithFuse(t.Context(), fuse), c.me(), card.ReportLossInput{CardID: c.card})
	require.NoError(t, err, "it was accepted, whatever came after")
	r := c.memory.Reports()[0]
	require.Equal(t, card.LossReceived, r.State, "the process died with the command on its way")
	c.sweep(5 * time.Second) // asks, is told "never heard", tries again and does not get out
	require.Equal(t, card.CommandUnknown, c.memory.Commands()[0].State)
	_, err = c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrLossNotConfirmedYet)
	c.Registry.Deliver(0, false)
	c.sweep(31 * time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
}

func TestR41_ARepeatedReleaseIsTheSame(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	c.fates(cardtest.LostReply)
	require.Equal(t, card.LossReleaseRequested, c.release(r).State)
	require.Equal(t, card.LossReleaseRequested, c.release(r).State)
	st, err := c.StatementFor(t.Context(), c.now(r))
	require.NoError(t, err)
	require.True(t, st.Effective, "until the registry confirms, it is still stopped")
	c.sweep(2 * time.Second)
	require.Equal(t, card.LossReleased, c.now(r).State)
	require.Len(t, c.Registry.Sent, 2)
	require.Len(t, c.told(notice.LossReleased), 1)
}

func TestR42_AReplacedCardIsVoidByItself(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	require.True(t, c.Registry.Replace(ref))
	c.feed()
	require.Equal(t, card.LossVoided, c.now(r).State)
	require.Equal(t, "void", c.tile().State)
	require.Len(t, c.told(notice.CardVoided), 1)
	_, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrCardVoid)
	require.Equal(t, "CARD_VOID", said(t, err).Code)
	_, err = c.ReportLoss(t.Context(), c.me(), card.ReportLossInput{CardID: c.card})
	require.ErrorIs(t, err, card.ErrCardVoid)
	require.Len(t, c.Registry.Sent, 1)
}

func TestR42_AReleasedReportOfAVoidCardSaysVoidToo(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.release(c.report())
	require.True(t, c.Registry.Replace(ref))
	c.feed()
	_, err := c.ReleaseLoss(t.Context(), c.me(), r.ID, "")
	require.ErrorIs(t, err, card.ErrCardVoid)
}

func TestR42_AReleaseThatMeetsAVoidCardEndsTheReport(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	require.True(t, c.Registry.Replace(ref)) // the feed has not told us yet
	require.Equal(t, card.LossVoided, c.release(r).State)
	c.feed()
	require.Len(t, c.told(notice.CardVoided), 1)
}

func TestARefusedReleaseLeavesTheCardStopped(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	c.Registry.RefuseCode = "CARD_LOCKED"
	c.fates(cardtest.Refused)
	require.Equal(t, card.LossEffective, c.release(r).State)
	require.Len(t, c.told(notice.ReleaseRefused), 1)
	require.Contains(t, text(t, c.told(notice.ReleaseRefused)[0]), "这张卡已被锁定")
	c.fates(cardtest.Refused)
	c.release(r)
	require.Len(t, c.told(notice.ReleaseRefused), 2, "a second refusal is a second fact")
}

func TestAnExpiredReleaseIsTold(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	c.fates(cardtest.Dropped)
	require.Equal(t, card.LossReleaseRequested, c.release(r).State)
	c.always(cardtest.Dropped)
	c.sweep(5*time.Minute + time.Second) // its time is over, but their clock may be behind ours
	require.Equal(t, card.LossReleaseRequested, c.now(r).State)
	c.sweep(2*time.Minute + time.Second)
	require.Equal(t, card.LossEffective, c.now(r).State)
	require.Len(t, c.told(notice.ReleaseExpired), 1)
	require.Equal(t, "loss", c.tile().State)
	c.always(cardtest.Answered)
	require.Equal(t, card.LossReleased, c.release(r).State, "and may be asked for again")
}
