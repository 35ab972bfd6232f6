package models

import "syscall"

// lowlyNice leaves a thread a thirtieth of a busy core: enough that whoever waits for it, as the collector of memory does,
// waits for a tenth of a second at most.
const lowlyNice = 15

// stepBack lowers the calling thread's priority; Linux keeps one for each.
func stepBack() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, lowlyNice) }
