//go:build amd64 || arm64 || riscv64 || loong64

package models_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// behindRole makes this test's binary rank itself, as it says, and wait for its standard input.
const behindRole = "ONECARD_TEST_BEHIND"

func TestMain(m *testing.M) {
	if os.Getenv(behindRole) == "" {
		os.Exit(m.Run())
	}
	rank := map[string]func() error{"behind": models.StandBehind, "short": models.TakeShortTurns}[os.Getenv(behindRole)]
	if err := rank(); err != nil {
		os.Exit(2)
	}
	go func() { runtime.LockOSThread(); <-make(chan int) }() // a thread that was begun later
	runtime.Gosched()
	_, _ = os.Stdout.WriteString("behind\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestAProcessStandsBehindWithAllItsThreadsInASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), behindRole+"=behind")
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

func TestWhoAnswersPeopleTakesShortTurnsWithAllItsThreads(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), behindRole+"=short")
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	_, err = out.Read(make([]byte, 1))
	require.NoError(t, err)
	mine := turnOf(t, os.Getpid())
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(c.Process.Pid) + "/task/*")
	require.NoError(t, err)
	require.Greater(t, len(threads), 1)
	for _, name := range threads {
		id, err := strconv.Atoi(filepath.Base(name))
		require.NoError(t, err)
		if mine > 0 { // else this kernel knows no turns
			require.EqualValues(t, 500_000, turnOf(t, id))
		}
	}
	require.NoError(t, in.Close())
	require.NoError(t, c.Wait())
	require.Equal(t, mine, turnOf(t, os.Getpid()), "who starts it stays where he is")
}

// turnOf is how long a thread's turn is, in nanoseconds; 0 where the kernel does not say.
func turnOf(t *testing.T, thread int) uint64 {
	t.Helper()
	var a [48]byte
	number := map[string]uintptr{"amd64": 315}[runtime.GOARCH]
	if number == 0 {
		number = 275
	}
	_, _, no := syscall.Syscall6(number, uintptr(thread), uintptr(unsafe.Pointer(&a)), uintptr(len(a)), 0, 0, 0)
	require.Zero(t, no)
	return binary.NativeEndian.Uint64(a[24:])
}
