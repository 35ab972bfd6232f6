package models

// Numbers of system calls, which package syscall lacks.
const (
	sysSchedSetattr = 314
	sysSchedGetattr = 315
)
