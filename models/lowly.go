package models

import (
	"errors"
	"runtime"
)

// LowlyThreads is how many lowly threads one payday keeps busy at a time. A process that must not wait for them gives its
// scheduler as many more.
const LowlyThreads = 3

var errEndedEarly = errors.New("models: lowly work ended without an answer")

// Lowly runs f on a thread that stands behind the others of this machine, for work that lasts long and that nobody waits
// for in person: those who read meanwhile are let through. Where the system does not rank threads, f just runs. A panic of f
// is answered as Guard does.
func Lowly(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := errEndedEarly
		defer func() { done <- err }()
		err = Guard(func() error {
			stepBack()
			return f()
		})
	}()
	return <-done
}
