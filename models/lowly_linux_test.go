package models_test

import (
	"errors"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestLowlyWorkStandsBehindAndLeavesOthersWhereTheyAre(t *testing.T) {
	t.Parallel()
	nice := func() int {
		n, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
		require.NoError(t, err)
		return 20 - n // the system's own call counts from 40 down
	}
	mine, within := nice(), 0
	failed := errors.New("mine")
	require.ErrorIs(t, models.Lowly(func() error { within = nice(); return failed }), failed)
	require.Equal(t, min(mine+15, 15), within)
	for range 20 {
		done := make(chan int)
		go func() { done <- nice() }()
		require.Equal(t, mine, <-done, "the thread went with the work")
	}
	var p *models.Panic
	require.ErrorAs(t, models.Lowly(func() error { panic("x") }), &p)
	require.Error(t, models.Lowly(func() error { runtime.Goexit(); return nil }), "nobody waits for ever")
}
