// Package cardtest is the card capability's world for tests: a store in memory, a store that dies or fails at a chosen
// step and watches every state change, a simulated registry with versions, fence and a bad network, and the model that
// drives all of it in random order (design 11). The model runs on any store.
package cardtest

import (
	"context"
	"errors"
)

// What a burnt fuse says.
var (
	ErrDied   = errors.New("cardtest: the process died")
	ErrFailed = errors.New("cardtest: this step failed")
)

// Fuse breaks a use case at one of its steps: at its Nth step the step fails, or the process dies there, after which
// nothing it does has any effect. A fuse of zero steps never burns; it counts.
type Fuse struct {
	At    int // which step
	Dies  bool
	Steps int // taken so far
	dead  bool
}

type fuseKey struct{}

// WithFuse puts a fuse into the context of one use case.
func WithFuse(ctx context.Context, f *Fuse) context.Context {
	return context.WithValue(ctx, fuseKey{}, f)
}

// Dead reports whether the process of this context has died.
func (f *Fuse) Dead() bool { return f.dead }

func burn(ctx context.Context) error {
	f, _ := ctx.Value(fuseKey{}).(*Fuse)
	switch {
	case f == nil:
		return nil
	case f.dead:
		return ErrDied
	}
	if f.Steps++; f.Steps != f.At {
		return nil
	}
	if f.Dies {
		f.dead = true
		return ErrDied
	}
	return ErrFailed
}
