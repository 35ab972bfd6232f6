package hotline

import (
	"context"
	"time"

	"onecard/models"
)

// BoardCall is one open call as a supervisor sees it: nothing in it is about the caller but how surely she is known.
type BoardCall struct {
	CallID   models.ID
	StaffID  models.ID
	Login    string
	Name     models.Name
	Source   string
	Level    VerifyLevel
	OpenedAt time.Time
	UsedAt   time.Time
}

// AgentLooks are the looks of one agent within the hour.
type AgentLooks struct {
	StaffID models.ID
	Login   string
	Looks   int
}

// Backlog is how much of something waits, and since when the oldest does.
type Backlog struct {
	Count  int
	Oldest time.Time
}

// BoardStore reads what a board shows.
type BoardStore interface {
	// OpenCalls lists the open calls used since an instant, the longest first.
	OpenCalls(ctx context.Context, usedSince time.Time) ([]BoardCall, error)
	// LooksByAgent counts looks since an instant by agent, the most first.
	LooksByAgent(ctx context.Context, since time.Time) ([]AgentLooks, error)
	// ExportsOn counts an agent's exports of a day that are of the kinds, holding nothing.
	ExportsOn(ctx context.Context, staff models.ID, day models.Date, kinds []ExportKind) (int, error)
}

// Backlogs count what others keep: call-backs that wait and work orders past their time.
type Backlogs interface {
	WaitingCallBacks(ctx context.Context) (Backlog, error)
	OverdueOrders(ctx context.Context, at time.Time) (Backlog, error)
}

// Board is the hotline at one moment.
type Board struct {
	At            time.Time
	Calls         []BoardCall
	Looks         []AgentLooks
	Flags         []Flag
	CallBacks     *Backlog // nil: nobody here counts them
	OverdueOrders *Backlog
}

// flagsShown is how many flags a board lists; more than that is a matter of its own.
const flagsShown = 200

// Board shows a supervisor the open calls, who looks how much, and the flags that are up until somebody settles them.
func (s *Service) Board(ctx context.Context, by models.Actor) (Board, error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return Board{}, err
	}
	b := Board{At: s.Clock.Now()}
	var err error
	if b.Calls, err = s.Boards.OpenCalls(ctx, b.At.Add(-leftAfter)); err != nil {
		return Board{}, err
	}
	if b.Looks, err = s.Boards.LooksByAgent(ctx, b.At.Add(-time.Hour)); err != nil {
		return Board{}, err
	}
	if b.Flags, err = s.Flags.OpenFlags(ctx, flagsShown); err != nil || s.Backlogs == nil {
		return b, err
	}
	calls, err := s.Backlogs.WaitingCallBacks(ctx)
	if err != nil {
		return Board{}, err
	}
	orders, err := s.Backlogs.OverdueOrders(ctx, b.At)
	b.CallBacks, b.OverdueOrders = &calls, &orders
	return b, err
}
