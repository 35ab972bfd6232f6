package models_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// behindRole makes this test's binary stand behind and wait for its standard input.
const behindRole = "ONECARD_TEST_BEHIND"

func TestMain(m *testing.M) {
	if os.Getenv(behindRole) == "" {
		os.Exit(m.Run())
	}
	if err := models.StandBehind(); err != nil {
		os.Exit(2)
	}
	_, _ = os.Stdout.WriteString("behind\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestAProcessStandsBehindWithAllItsThreadsInASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), behindRole+"=1")
	models.InItsOwnSession(c)
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	_, err = out.Read(make([]byte, 1))
	require.NoError(t, err)

	session, _, no := syscall.Syscall(syscall.SYS_GETSID, uintptr(c.Process.Pid), 0, 0)
	require.Zero(t, no)
	require.Equal(t, c.Process.Pid, int(session))
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(c.Process.Pid) + "/task/*/stat")
	require.NoError(t, err)
	require.Greater(t, len(threads), 1, "the runtime has threads of its own")
	for _, name := range threads {
		line, err := os.ReadFile(name)
		require.NoError(t, err)
		fields := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
		require.Equal(t, "5", fields[38], "SCHED_IDLE, field 41 of proc(5)")
	}
	require.NoError(t, in.Close())
	require.NoError(t, c.Wait())

	var mine int32 = -1
	policy, _, no := syscall.Syscall(syscall.SYS_SCHED_GETSCHEDULER, 0, uintptr(unsafe.Pointer(&mine)), 0)
	require.Zero(t, no)
	require.Zero(t, policy, "who starts it stays where he is")
}
