package registry

import (
	"context"
	"errors"
)

// Lane says how urgent a call is. The order is that of design 7: what comes first may use what others must leave.
type Lane int

// The lanes, most urgent first.
const (
	LossLane Lane = iota
	ReleaseLane
	BindingLane
	ReadLane
)

// ErrBudgetFull says that no call is left for this lane now.
var ErrBudgetFull = errors.New("budget full")

// Budget is the number of calls a second that all replicas together may make to a source. Take counts one call, or
// answers ErrBudgetFull; it does not wait, because who asks knows better whether to come again. The lanes' shares, and what each replica may take where they cannot
// count together, are integrations/redis's.
type Budget interface {
	Take(ctx context.Context, lane Lane) error
}

// BudgetFunc lets a function be a Budget.
type BudgetFunc func(ctx context.Context, lane Lane) error

// Take calls f.
func (f BudgetFunc) Take(ctx context.Context, lane Lane) error { return f(ctx, lane) }
