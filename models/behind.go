//go:build !linux

package models

import "os/exec"

// StandBehind ranks nothing here: the system's own order stands.
func StandBehind() error { return nil }

// InItsOwnSession changes nothing here.
func InItsOwnSession(*exec.Cmd) {}
