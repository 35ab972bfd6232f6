//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package store

import "os"

// lockFile does nothing here: give each process a data folder of its own.
func lockFile(*os.File) error { return nil }
