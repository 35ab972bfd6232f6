//go:build linux && (arm64 || riscv64 || loong64)

package models

// Numbers of system calls, which package syscall lacks; these architectures share one table.
const (
	sysSchedSetattr = 274
	sysSchedGetattr = 275
)
