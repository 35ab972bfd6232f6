package models

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
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
	for done := map[string]bool{}; ; { // a thread begun meanwhile may have been begun by one that was not asked yet
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
			if err := idleClass(id); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
		if !fresh {
			return nil
		}
	}
}

func idleClass(thread int) error {
	var priority int32                                                                                                          // must be 0
	_, _, no := syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(thread), schedIdle, uintptr(unsafe.Pointer(&priority))) //nolint:gosec // G103: what the system call takes
	if no != 0 {
		return no
	}
	return nil
}
