package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// noteHolds keeps the list of what is held in step with changes, in their commit.
func (s *Service) noteHolds(ctx context.Context, changed []change) error {
	var keys []Key
	for _, c := range changed {
		if c.was.Hold != HoldNone || c.is.Hold != HoldNone {
			keys = append(keys, c.is.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	n, err := s.noting(ctx)
	if err != nil {
		return err
	}
	return s.Store.NoteHolds(ctx, keys, n)
}

// noting is how entries of the list begin now.
func (s *Service) noting(ctx context.Context) (Noting, error) {
	now := s.Clock.Now()
	n := Noting{At: now, Rules: make(map[Hold]NotingRule, len(holdRules))}
	begin := func(reason string, r holdRule) (NotingRule, error) {
		hours := r.hours
		if s.HeldTime != nil {
			var err error
			if hours, err = s.HeldTime.HeldHours(ctx, reason, now); err != nil {
				return NotingRule{}, err
			}
		}
		return NotingRule{r.owner, now.Add(time.Duration(hours) * time.Hour)}, nil
	}
	var err error
	for reason, r := range holdRules {
		if n.Rules[reason], err = begin(string(reason), r); err != nil {
			return Noting{}, err
		}
	}
	if n.Other, err = begin("OTHER", otherHold); err != nil {
		return Noting{}, err
	}
	n.Batch, err = begin("BATCH", batchRule)
	return n, err
}

// judge weighs payments against what people decided about them before and against the step that they took. It is asked
// with the rows as they stood; a line newly written has none.
func (s *Service) judge(ctx context.Context, changed []change) error {
	written := make([]Hold, len(changed))
	var held []Key
	for i := range changed {
		c := &changed[i]
		if written[i] = c.is.Hold; c.is.Hold == HoldNone && !follows(c.was, c.is) {
			c.is.Hold = HoldStageUnknown
		}
		if c.is.Hold != HoldNone && c.was.Key != (Key{}) { // one never seen was never decided about
			held = append(held, c.is.Key)
		}
	}
	if len(held) > 0 {
		decided, err := s.Store.Decided(ctx, held)
		if err != nil {
			return err
		}
		for i := range changed {
			c := &changed[i]
			h, ok := decided[c.is.Key]
			switch {
			case !ok || h.Reason != c.is.Hold:
			case h.State == HeldRejected:
				c.is.Hold = HoldRejected
			case h.Facts == factsOf(c.is, h.Reason):
				c.is.Hold = HoldNone
			}
		}
	}
	to := map[Hold]map[Hold][]Key{} // from, to
	for i, c := range changed {
		if from := written[i]; from != c.is.Hold {
			if to[from] == nil {
				to[from] = map[Hold][]Key{}
			}
			to[from][c.is.Hold] = append(to[from][c.is.Hold], c.is.Key)
		}
	}
	for from, holds := range to {
		if err := s.Store.SetHolds(ctx, from, holds); err != nil {
			return err
		}
	}
	return nil
}

// follows reports whether a payment may have come from one state to the other: the feed leaves steps out, but never goes
// back on the way (R14, R15); what a repair takes is taken whatever we had. One that is held for such a step stays held until a step comes that follows.
func follows(was, is Payment) bool {
	switch {
	case was.Key == (Key{}) || was.Version < 0 || was.State == Unknown || is.State == Unknown:
		return true
	case was.State == is.State:
		return was.Hold != HoldStageUnknown || was.State == Credited && was.CreditedAt.IsZero()
	}
	return reaches(was.State, is.State)
}

// reaches reports whether a way leads from one state to another.
func reaches(from, to State) bool {
	seen, next := map[State]bool{from: true}, []State{from}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, on := range Flow.Allowed(at) {
			state, err := Flow.Next(at, on)
			if err != nil || seen[state] {
				continue
			}
			if state == to {
				return true
			}
			seen[state] = true
			next = append(next, state)
		}
	}
	return false
}

// WatchHeld lists what became held by another way than the feed, and alarms for what nobody has decided in time: once
// for each entry and day. It returns how many it found; as many as limit means that there is more.
func (s *Service) WatchHeld(ctx context.Context, limit int) (int, error) {
	n, err := s.noting(ctx)
	if err != nil {
		return 0, err
	}
	caught := 0
	if err := s.Store.InTx(ctx, func(ctx context.Context) error {
		caught, err = s.Store.CatchUpHolds(ctx, n, limit)
		return err
	}); err != nil {
		return 0, err
	}
	now := s.Clock.Now()
	late, err := s.Store.Overdue(ctx, now, models.DateOf(now), limit)
	if err != nil {
		return 0, err
	}
	for _, h := range late {
		s.Log.ErrorContext(ctx, "held and overdue", "code", "HELD_OVERDUE", "held", HeldID(h.Key), "reason", string(h.Reason), "owner", string(h.Owner))
	}
	if s.Alarms != nil && len(late) > 0 {
		s.Alarms.Alarm("HELD_OVERDUE", len(late))
	}
	return max(caught, len(late)), nil
}
