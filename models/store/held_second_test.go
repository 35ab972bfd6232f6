package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

func TestASecondReviewerDecidesAboutWhatTheFirstOneSaw(t *testing.T) {
	t.Parallel()
	eachReview(t, func(t *testing.T, p *payday, _ *alarms) {
		absurd := func(fen models.Fen, version int64) subsidy.Line {
			return p.paid("wang", "b1", func(l *subsidy.Line) { l.AmountFen, l.Version = fen, version })
		}
		line := absurd(1_000_000_001, 5)
		p.arrive(line)
		since := p.heldList(subsidy.HeldPage{})["b1"].HeldAt
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "AMOUNT_CONFIRMED"))
		p.arrive(absurd(9_000_000_000, 6))
		require.ErrorIs(t, p.approve(reviewerB, line.Key, 6), subsidy.ErrHeldChanged)
		require.Equal(t, subsidy.HoldAmount, p.holds()["b1"])
		require.Equal(t, since, p.heldList(subsidy.HeldPage{})["b1"].HeldAt, "it has been held all the time")
		_, err := p.Approve(t.Context(), staff(reviewerB), subsidy.ApproveInput{Held: subsidy.HeldID(line.Key)})
		require.NoError(t, err, "declined, so that it can be proposed anew")
		require.NoError(t, p.propose(line.Key, subsidy.DecideRelease, "AMOUNT_CONFIRMED"))
		require.NoError(t, p.approve(reviewerB, line.Key, 6))
		require.Empty(t, p.holds())
	})
}
