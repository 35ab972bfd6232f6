package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc's CPU figures; Linux shows it as a hundredth of a second on every common machine.
const tick = 10 * time.Millisecond

var errNoProc = errors.New("bench reads CPU time from /proc: the process must run on this machine, under Linux")

// times are one line of /proc/PID/stat.
type times struct {
	own            time.Duration
	name, startKey string
}

// parseStat reads /proc/PID/stat. The name in brackets may hold anything, so fields are counted from its end.
func parseStat(line []byte) (times, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return times{}, errNoProc
	}
	fields := strings.Fields(string(line[end+1:]))
	if len(fields) < 20 {
		return times{}, errNoProc
	}
	number := func(field int) int { // as proc(5) counts them: the state is field 3
		n, _ := strconv.Atoi(fields[field-3])
		return n
	}
	return times{
		own: time.Duration(number(14)+number(15)) * tick, name: string(line[open+1 : end]), startKey: fields[22-3],
	}, nil
}

func statOf(pid int) (times, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return times{}, errNoProc
	}
	return parseStat(line)
}

// cpuOf is what one process has used.
func cpuOf(pid int) (time.Duration, error) {
	t, err := statOf(pid)
	return t.own, err
}

// peakRSS is the most memory a living process has held so far, in bytes.
func peakRSS(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, errNoProc
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errNoProc
}

// startedBy are the living processes that another one started.
func startedBy(pid int) (out []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, name := range lists {
		text, _ := os.ReadFile(name) // or it has ended just now
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

// waitedForCore is how long the threads of some processes have been ready to run and did not.
func waitedForCore(pids ...int) (sum time.Duration) {
	for _, pid := range pids {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, name := range lists {
			text, _ := os.ReadFile(name)
			if fields := strings.Fields(string(text)); len(fields) > 1 {
				ns, _ := strconv.ParseInt(fields[1], 10, 64)
				sum += time.Duration(ns)
			}
		}
	}
	return sum
}
