package models

import (
	"runtime"
	"runtime/debug"
)

// Panic is what background work threw, as an error. It holds what the runtime itself threw, and never another value:
// that may hold what a person sent.
type Panic struct {
	What  string
	Stack string
}

func (p *Panic) Error() string { return "panic: " + p.What }

// Guard runs f and turns a panic into a *Panic, so that one bad turn does not stop the process. Work that starts
// goroutines of its own guards each of them.
func Guard(f func() error) (err error) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		p := &Panic{What: "thrown by us", Stack: string(debug.Stack())}
		if e, ok := thrown.(runtime.Error); ok {
			p.What = e.Error()
		}
		err = p
	}()
	return f()
}
