package models

import "runtime"

// Lowly runs f on a thread that stands behind all others of this machine, for work that lasts long and that nobody waits
// for in person: those who read meanwhile are let through at once. Where the system does not rank threads, f just runs. A
// panic of f is answered as Guard does.
func Lowly(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- Guard(func() error {
			stepBack()
			return f()
		})
	}()
	return <-done
}
