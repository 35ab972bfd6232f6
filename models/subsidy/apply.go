package subsidy

import (
	"context"
	"maps"
	"slices"

	"onecard/models"
	"onecard/models/audit"
)

// ApplyProgrammes takes editions of the catalogue and looks again at the lines that waited for them. It joins the
// feed's transaction.
func (s *Service) ApplyProgrammes(ctx context.Context, list []Programme) error {
	if len(list) == 0 {
		return nil
	}
	if err := s.Store.SaveProgrammes(ctx, list); err != nil {
		return err
	}
	s.Store.AfterCommit(ctx, s.Moved)
	codes := map[string]bool{}
	for _, p := range list {
		codes[p.Code] = true
	}
	return s.releaseWaiting(ctx, slices.Sorted(maps.Keys(codes)))
}

// ApplyPayees takes what the payments source says of people; it returns those we do not know.
func (s *Service) ApplyPayees(ctx context.Context, list []Payee) ([]string, error) {
	return s.Store.SavePayees(ctx, list)
}

// ApplyBatches takes announced batches. A known batch that comes with another ledger month is returned, to be parked:
// a payment never moves (design 7).
func (s *Service) ApplyBatches(ctx context.Context, list []Batch) ([]string, error) {
	return s.Store.SaveBatches(ctx, list)
}

const slice = 500 // payments looked at in one go

// releaseWaiting weighs the lines again that were held because their programme was not in the list.
func (s *Service) releaseWaiting(ctx context.Context, codes []string) error {
	programmes, err := s.editions(ctx)
	if err != nil {
		return err
	}
	for after := (Key{}); ; {
		waiting, err := s.Store.WaitingFor(ctx, codes, after, slice)
		if err != nil || len(waiting) == 0 {
			return err
		}
		ids := make([]models.ID, len(waiting))
		for i, p := range waiting {
			ids[i] = p.PersonID
		}
		people, err := s.Store.PayeesByID(ctx, ids)
		if err != nil {
			return err
		}
		changed := make([]change, 0, len(waiting))
		holds := map[Hold][]Key{}
		for _, was := range waiting {
			_, known := programmes.of(was)
			is := was
			if is.Hold = weigh(is, known, people[is.PersonID]); is.Hold != was.Hold {
				changed = append(changed, change{was: was, is: is})
				holds[is.Hold] = append(holds[is.Hold], is.Key)
			}
		}
		if err := s.Store.SetHolds(ctx, HoldProgrammeUnknown, holds); err != nil {
			return err
		}
		if err := s.follow(ctx, programmes, changed); err != nil {
			return err
		}
		after = waiting[len(waiting)-1].Key
	}
}

// change is a payment before and after. Untold: its batch is still being told, and has not come to it yet; then nobody
// has heard of what it was.
type change struct {
	was, is Payment
	untold  bool
}

// follow does what changes of payments bring with them, in the same commit: notices, and a row in the audit for each
// decision to hold, to let go, or to accept an exception (R4, R12, R57).
func (s *Service) follow(ctx context.Context, programmes editions, changed []change) error {
	return s.followBy(ctx, models.FromRegistry(), programmes, changed)
}

// followBy is follow where it was not the registry but somebody who changed them.
func (s *Service) followBy(ctx context.Context, by models.Actor, programmes editions, changed []change) error {
	if err := s.noteHolds(ctx, changed); err != nil {
		return err
	}
	if err := s.touch(ctx, changed); err != nil {
		return err
	}
	if err := s.countSoon(ctx, changed); err != nil {
		return err
	}
	told := teller{service: s, names: map[string]string{}}
	if err := told.leave(ctx, changed, programmes); err != nil {
		return err
	}
	var decisions []audit.Entry
	for _, c := range changed {
		pr, _ := programmes.of(c.is)
		if err := told.hear(ctx, c, pr); err != nil {
			return err
		}
		decisions = append(decisions, s.decisions(ctx, by, c)...)
	}
	if len(told.drafts) > 0 {
		if err := s.Store.AddNotices(ctx, told.drafts); err != nil {
			return err
		}
	}
	if len(decisions) == 0 {
		return nil
	}
	return s.Store.RecordAudits(ctx, decisions)
}

func (s *Service) decisions(ctx context.Context, by models.Actor, c change) []audit.Entry {
	var out []audit.Entry
	add := func(action, result, reason string) {
		e := audit.Of(by, s.Clock.Now(), action, "payments", c.is.Key.String(), result)
		out = append(out, e.About(c.is.PersonID).Noting("reason", reason))
	}
	switch {
	case c.is.Hold != HoldNone && c.is.Hold != c.was.Hold:
		s.Log.WarnContext(ctx, "payment held", "code", string(c.is.Hold), "payment", c.is.Key.String())
		add("subsidy.payment.held", "held", string(c.is.Hold))
	case c.is.Hold == HoldNone && c.was.Hold != HoldNone:
		add("subsidy.payment.let_go", "let_go", string(c.was.Hold))
	}
	accepted := func(p Payment) bool { return p.PayeeKind == ToHousehold && p.Hold == HoldNone && excepted(p) }
	if accepted(c.is) && !accepted(c.was) {
		add("subsidy.payment.exception_accepted", "accepted", string(HoldNotHead))
	}
	return out
}
