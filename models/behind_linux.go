//go:build amd64 || arm64 || riscv64 || loong64

package models

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

const schedIdle = 5 // SCHED_IDLE of sched(7)

// InItsOwnSession has a command lead a session of its own once it is started. Linux shares the machine among sessions first, and
// ranks threads only within them: what works long in somebody's session takes from that one's share, whatever its rank.
func InItsOwnSession(c *exec.Cmd) {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Setsid = true
}

// StandBehind puts this whole process, with the threads it will have, behind those it shares the machine with: it gets the time
// that nobody wants, and does not count as busy for whoever wakes up. There is no way back.
func StandBehind() error {
	return eachThread(idleClass)
}

// shortTurn is how long a thread that waits for people runs at a stretch while others want the core.
const shortTurn = 500 * time.Microsecond

// TakeShortTurns has this whole process run for short turns only, and be let in sooner for it when it wakes up (Linux 6.12 and
// later; before, nothing changes): for one that answers people. What it gets in all stays the same.
func TakeShortTurns() error { return eachThread(shortTurns) }

// eachThread does something to every thread of this process. One begun meanwhile has what its maker had, and that one may not
// have been asked yet: it looks until there are no others.
func eachThread(do func(thread int) error) error {
	for done := map[string]bool{}; ; {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		fresh := false
		for _, t := range threads {
			if done[t.Name()] {
				continue
			}
			done[t.Name()], fresh = true, true
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				return err
			}
			if err := do(id); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
		if !fresh {
			return nil
		}
	}
}

func idleClass(thread int) error {
	var priority int32 // must be 0
	_, _, no := syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(thread), schedIdle, uintptr(unsafe.Pointer(&priority)))
	if no != 0 {
		return no
	}
	return nil
}

// schedAttr is struct sched_attr of sched_setattr(2), as far as every kernel knows it.
type schedAttr struct {
	size, policy               uint32
	flags                      uint64
	nice                       int32
	priority                   uint32
	runtime, deadline, periods uint64
}

// shortTurns leaves a thread's policy and rank as they are. For ordinary threads runtime is the length of a turn.
func shortTurns(thread int) error {
	var a schedAttr
	at, size := uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a)
	if _, _, no := syscall.Syscall6(sysSchedGetattr, uintptr(thread), at, size, 0, 0, 0); no != 0 {
		return no
	}
	if a.policy != 0 { // somebody has ranked it otherwise
		return nil
	}
	a.size, a.flags, a.runtime, a.deadline, a.periods = uint32(size), 0, uint64(shortTurn), 0, 0
	if _, _, no := syscall.Syscall(sysSchedSetattr, uintptr(thread), at, 0); no != 0 {
		return no
	}
	return nil
}
