package card

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// R49: every end without a new card says why the fee is not owed, and no other state does.
func TestR49_EveryEndWithoutACardGivesTheFeeBack(t *testing.T) {
	t.Parallel()
	ends := 0
	for _, s := range ReplacementFlow.States() {
		ended := ReplacementFlow.Final(s) && s != ReplacementCompleted
		require.Equal(t, ended, whyReturned[s] != "", s)
		if ended {
			ends++
		}
		require.NotEqual(t, "处理中", replacementWordsOf(s, false).now, "%s has no words", s)
		require.Equal(t, Replacement{ID: "1", State: s}.Unfinished(), !ReplacementFlow.Final(s))
	}
	require.Equal(t, 3, ends)
}

// The registry hears of nothing that is not paid, goes no step back, and takes nothing back once a batch has it.
func TestR21_R49_TheRoadOfAReplacement(t *testing.T) {
	t.Parallel()
	for _, later := range replacementRoad {
		_, err := ReplacementFlow.Next(ReplacementAwaitingFee, later.on)
		require.Error(t, err, "unpaid on %s", later.on)
	}
	for i, at := range replacementRoad {
		_, err := ReplacementFlow.Next(at.state, ReplacementWithdrawal)
		require.Equal(t, at.state == ReplacementAccepted, err == nil, at.state)
		require.Equal(t, err == nil, withdrawableReplacement(at.state), at.state)
		for _, before := range replacementRoad[:i+1] {
			_, err := ReplacementFlow.Next(at.state, before.on)
			require.Error(t, err, "%s on %s", at.state, before.on)
		}
		if at.state != ReplacementAtOutlet && at.state != ReplacementCompleted {
			next, err := ReplacementFlow.Next(at.state, ReplacementNo)
			require.NoError(t, err)
			require.Equal(t, ReplacementRejected, next)
		}
	}
	require.True(t, ReplacementFlow.Final(ReplacementCompleted))
}

func TestAReplacementsTimelineShowsTheWholeRoad(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	r := Replacement{ID: "1", State: ReplacementAwaitingFee, Steps: []ReplacementStep{{ReplacementAwaitingFee, now}}}
	lines := replacementTimeline(r, false)
	require.Len(t, lines, 2+len(replacementRoad))
	require.Equal(t, []string{"待支付工本费", "支付工本费", "领取新卡,旧卡作废"}, []string{lines[0].Label, lines[1].Label, lines[len(lines)-1].Label})
	paid, err := r.After(ReplacementPaid, now)
	require.NoError(t, err)
	gone, err := paid.After(ReplacementGone, now)
	require.NoError(t, err)
	require.Len(t, r.Steps, 1, "the earlier one keeps its own timeline")
	lines = replacementTimeline(gone, false)
	require.Equal(t, []string{"已提交", "已支付工本费", "已撤回"}, []string{lines[0].Label, lines[1].Label, lines[2].Label})
	require.Len(t, lines, 3)
}
