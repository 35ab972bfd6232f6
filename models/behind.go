//go:build !linux || !(amd64 || arm64 || riscv64 || loong64)

package models

import "os/exec"

// StandBehind ranks nothing here: the system's own order stands.
func StandBehind() error { return nil }

// InItsOwnSession changes nothing here.
func InItsOwnSession(*exec.Cmd) {}

// TakeShortTurns changes nothing here.
func TakeShortTurns() error { return nil }
