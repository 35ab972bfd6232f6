package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// ConsoleEvent is one thing that an agent's console shows at once. It is a row with a number of its own for each member of
// staff, so a console that was away reads on from the last one it saw.
type ConsoleEvent struct {
	Seq            int64
	Kind           string // ringing, answered, ended, missed, keyed, called_back
	ExchangeCallID models.ID
	CallID         models.ID
	Result         string // of keyed and called_back
	TriesLeft      int
	At             time.Time

	Caller     CallerNumber // of the conversation, read with the event
	Candidates int
}

// freshPops are shown to a console that has seen nothing yet: one opened while the telephone rings.
const freshPops = time.Minute

// ConsoleTopic wakes the stream of a member of staff.
func ConsoleTopic(staff models.ID) string { return "console:" + string(staff) }

// tell adds an event to an agent's stream, in the transaction of what it tells of, and wakes the stream after it.
func (s *Service) tell(ctx context.Context, staff models.ID, e ConsoleEvent) error {
	e.At = s.Clock.Now()
	if err := s.Streams.PushEvent(ctx, staff, e); err != nil {
		return err
	}
	s.Streams.AfterCommit(ctx, func() { s.Bells.Wake(ConsoleTopic(staff)) })
	return nil
}

// ConsoleStream is an open stream of one console.
type ConsoleStream struct {
	ID        models.ID
	StaffID   models.ID
	SessionID models.ID
	After     int64
	Extension string
}

// OpenStream opens the one stream of the agent's session: an older one, of this or another process, ends. after is the last
// event the console saw; 0 begins with what happened just now.
func (s *Service) OpenStream(ctx context.Context, by models.Actor, after int64) (ConsoleStream, error) {
	m, err := s.member(ctx, by, MayTakeCalls)
	if err != nil {
		return ConsoleStream{}, err
	}
	st := ConsoleStream{ID: models.NewID(), StaffID: m.ID, SessionID: by.SessionID, After: after}
	if st.Extension, err = s.Extensions.ExtensionOf(ctx, m.ID); err != nil {
		return ConsoleStream{}, err
	}
	newest, err := s.Streams.StreamStart(ctx, m.ID, s.Clock.Now().Add(freshPops))
	if err != nil {
		return ConsoleStream{}, err
	}
	if after <= 0 || after > newest { // a number from before a restore is none of ours
		if st.After, err = s.Streams.StreamStart(ctx, m.ID, s.Clock.Now().Add(-freshPops)); err != nil {
			return ConsoleStream{}, err
		}
	}
	if err := s.Streams.TakeStream(ctx, m.ID, st.ID); err != nil {
		return ConsoleStream{}, err
	}
	s.Bells.Wake(ConsoleTopic(m.ID))
	return st, nil
}

// streamBatch is how many events one reading gives.
const streamBatch = 100

// NextEvents are those after the last one given. ErrNotLoggedIn once the session is over, ErrStreamEnded once a younger
// stream has taken over. Reading counts as no use of the session: a console left open goes idle all the same (R56).
func (s *Service) NextEvents(ctx context.Context, st *ConsoleStream) ([]ConsoleEvent, error) {
	holder, err := s.Streams.StreamHolder(ctx, st.StaffID)
	if err != nil {
		return nil, err
	}
	if holder != st.ID {
		s.Bells.Wake(ConsoleTopic(st.StaffID)) // a bell meant for the younger one
		return nil, ErrStreamEnded
	}
	session, err := s.Streams.SessionOfStream(ctx, st.SessionID)
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrNotLoggedIn
	}
	if err != nil {
		return nil, err
	}
	call, err := s.Calls.OpenCallOf(ctx, st.StaffID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return nil, err
	}
	now := s.Clock.Now()
	if !session.EndedAt.IsZero() || session.overAt(now, call) != "" {
		return nil, ErrNotLoggedIn
	}
	list, err := s.Streams.ConsoleEventsAfter(ctx, st.StaffID, st.After, streamBatch)
	if err == nil && len(list) > 0 {
		st.After = list[len(list)-1].Seq
	}
	return list, err
}

// WaitForEvents sleeps until something may have happened, or for most.
func (s *Service) WaitForEvents(ctx context.Context, st ConsoleStream, most time.Duration) {
	s.Bells.Sleep(ctx, ConsoleTopic(st.StaffID), most)
}
