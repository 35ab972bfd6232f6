package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/notice"
	"onecard/models/policy"
)

func TestR27_AStageNamesItsHolderAndSaysWhenItIsOverdue(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		p, err := r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, "人社部门", p.Holder)
		require.Equal(t, time.Date(2021, 12, 23, 15, 59, 59, 0, time.UTC), p.ExpectedBy, "three working days from a Monday")
		r.clock.Set(p.ExpectedBy)
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Empty(t, p.Overdue)
		r.clock.Advance(time.Second)
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Contains(t, p.Overdue, "人社部门")
		require.Contains(t, p.Overdue, "12333")
		j.fact(card.StageAtOutlet)
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, "您本人", p.Holder)
		require.Empty(t, p.Overdue, "a holder is reminded, not called overdue")
	})
}

func TestR27_AnUncollectedCardIsRemindedOfOnceForEachTerm(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.StageAtOutlet)
		remind := func(after int, want int) {
			t.Helper()
			r.clock.Advance(time.Duration(after) * 24 * time.Hour)
			for range 2 { // a sweep that runs again reminds nobody twice
				_, err := r.RemindUncollected(t.Context(), 10)
				require.NoError(t, err)
			}
			require.Equal(t, want, r.told(t, j.by.Subject, notice.ApplicationUncollected))
		}
		remind(6, 0)
		remind(2, 1)
		remind(23, 2)
		remind(30, 3)
		remind(100, 3)
		j.fact(card.StageCollected)
		require.Equal(t, card.ApplicationCollected, j.now().State)
	})
}

// A worker that was away, or a term that was shortened, brings one reminder and not three at once.
func TestR27_TermsThatPassedUnseenAreOneReminder(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		j.fact(card.StageAtOutlet)
		for range 3 {
			r.clock.Advance(35 * 24 * time.Hour)
			_, err := r.RemindUncollected(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Equal(t, 2, r.told(t, j.by.Subject, notice.ApplicationUncollected), "after 35 days and after 70, and no more")
	})
}

func TestR27_HowLongAStageTakesAndWhenIsRemindedIsTheBureausToSay(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		r.set(t, policy.ApplicationDaysKey("accepted"), "9")
		p, err := r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, time.Date(2021, 12, 31, 15, 59, 59, 0, time.UTC), p.ExpectedBy, "a weekend between")
		r.set(t, policy.ApplicationDaysKey("accepted"), "10")
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, time.Date(2022, 1, 4, 15, 59, 59, 0, time.UTC), p.ExpectedBy, "R69: nobody works from the first of January to the third")
		r.set(t, policy.CalendarKey(2022), "01-01..01-03,+01-08")
		r.set(t, policy.ApplicationDaysKey("accepted"), "14")
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, time.Date(2022, 1, 8, 15, 59, 59, 0, time.UTC), p.ExpectedBy, "a Saturday that is worked")
		r.set(t, policy.ApplicationDaysKey("accepted"), "0")
		p, err = r.Application(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Zero(t, p.ExpectedBy, "nothing is promised")

		j.fact(card.StageAtOutlet)
		r.set(t, policy.ApplicationRemindFirst, "20")
		r.set(t, policy.ApplicationRemindSecond, "2") // not before the first, whatever is set
		for _, step := range []struct{ after, want int }{{19, 0}, {2, 1}, {1, 2}, {30, 2}} {
			r.clock.Advance(time.Duration(step.after)*24*time.Hour + time.Minute)
			for range 2 {
				_, err = r.RemindUncollected(t.Context(), 10)
				require.NoError(t, err)
			}
			require.Equal(t, step.want, r.told(t, j.by.Subject, notice.ApplicationUncollected), step.after)
		}
	})
}

// keptSlip remembers what was to be printed.
type keptSlip struct {
	slip card.Slip
	err  error
}

func (k *keptSlip) PrintSlip(_ context.Context, s card.Slip) ([]byte, error) {
	k.slip = s
	return []byte("%PDF"), k.err
}

func TestR17_TheReceiptHasItsNumberAndNoWholeIDNumber(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		k := &keptSlip{}
		r.Slips = k
		j := r.accepted(t)
		j.fact(card.ApplicationSentBack, three...)
		a, out, err := r.PrintSlip(t.Context(), j.by, j.id)
		require.NoError(t, err)
		require.Equal(t, "%PDF", string(out))
		require.Equal(t, [2]string{"受理号", a.Receipt}, k.slip.Facts[0])
		all := ""
		for _, f := range k.slip.Facts {
			all += f[1]
		}
		require.NotContains(t, all, liID)
		require.NotContains(t, all, "李雪梅")
		require.Contains(t, all, "已退回")
		require.Len(t, k.slip.Notes, 5, "three defects, what to do, what it is")
		_, _, err = r.PrintSlip(t.Context(), r.person(t, adult), j.id)
		require.ErrorIs(t, err, card.ErrApplicationNotFound)
		k.err = card.ErrNoGlyph
		_, _, err = r.PrintSlip(t.Context(), j.by, j.id)
		require.ErrorIs(t, err, card.ErrSlipNotPrintable)
		require.Equal(t, models.Unavailable, models.KindOf(err))
	})
}
