package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/notice"
)

// A source that is only asked names no application: its production record is about the unfinished one, unless it began
// before that was made (the card she had before), and an older question's answer moves nothing.
func TestR27_ProgressThatNamesNoApplication(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		j := r.accepted(t)
		now := r.clock.Now()
		tell := func(on card.ApplicationEvent, version int64, applied time.Time) card.ApplicationState {
			t.Helper()
			err := r.Store.InTx(t.Context(), func(ctx context.Context) error {
				return r.ApplyProgress(ctx, j.by.Subject, card.ApplicationFact{Event: on, Version: version, ChangedAt: now, AppliedAt: applied})
			})
			require.NoError(t, err)
			app, err := r.Store.Application(t.Context(), j.id)
			require.NoError(t, err)
			return app.State
		}
		require.Equal(t, card.ApplicationAccepted, tell(card.StageCollected, 1001, now.AddDate(-2, 0, 0)), "the record of her former card")
		require.Equal(t, card.ApplicationProducing, tell(card.StageProducing, 1003, now))
		require.Equal(t, card.ApplicationProducing, tell(card.StageAtOutlet, 1002, now), "asked before")
		require.Equal(t, card.ApplicationAtOutlet, tell(card.StageAtOutlet, 1004, now))
		require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationReady))
		require.Equal(t, card.ApplicationAtOutlet, tell(card.StageAtOutlet, 1005, now))
		require.Equal(t, 1, r.told(t, j.by.Subject, notice.ApplicationReady), "told once")
	})
}
