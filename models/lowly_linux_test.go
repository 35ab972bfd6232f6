package models_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"onecard/models"
)

func TestLowlyWorkStandsBehindAndLeavesOthersWhereTheyAre(t *testing.T) {
	t.Parallel()
	policy := func() uint32 {
		at, err := unix.SchedGetAttr(0, 0)
		require.NoError(t, err)
		return at.Policy
	}
	var within uint32
	mine := errors.New("mine")
	require.ErrorIs(t, models.Lowly(func() error { within = policy(); return mine }), mine)
	require.EqualValues(t, unix.SCHED_IDLE, within)
	for range 20 {
		done := make(chan uint32)
		go func() { done <- policy() }()
		require.EqualValues(t, unix.SCHED_NORMAL, <-done, "the thread went with the work")
	}
	var p *models.Panic
	require.ErrorAs(t, models.Lowly(func() error { panic("x") }), &p)
}
