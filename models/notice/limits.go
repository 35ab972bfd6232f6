package notice

import (
	"context"
	"time"

	"onecard/models"
)

// Limits are how many text messages of the bulk one person gets on a civil day: of all kinds together, and of one kind.
// Codes have limits of their own (R61); losses, the safety of an account and money that goes back have none.
type Limits struct{ Person, Kind int }

// DaySMS is one message of the bulk that a person got by SMS on a day, or is about to get.
type DaySMS struct {
	Delivery models.ID
	Person   models.ID
	Kind     Kind
	UnderWay bool // claimed, and nobody knows yet what becomes of it
}

// DayLimits is what the queue asks to keep to the limits.
type DayLimits interface {
	// SMSLimits is policy.
	SMSLimits(ctx context.Context, at time.Time) (Limits, error)
	// SMSSince lists what some people were sent by SMS since an instant, and what is under way, of the bulk, in one statement.
	SMSSince(ctx context.Context, people []models.ID, since time.Time) ([]DaySMS, error)
}

// The reasons of what a limit holds back.
const (
	ReasonTooMany     = "too_many_today" // her day's messages have gone out: this one is in the inbox only
	reasonOthersFirst = "others_first"   // as many are under way as may go: it waits for what becomes of them
)

// Limited reports whether a notice counts towards its person's day: the bulk, to the phone that her messages go to.
func (n Notice) Limited() bool {
	spec, known := SpecOf(n.Kind)
	return known && !spec.Lane.Urgent() && n.Kind.Topic().Limited() && n.usual()
}

// overLimit says which of a batch's messages may not go today. It is exact over replicas: each counts only after its own
// claim was committed, so of those that are one too many the last to count sees all the others.
func (s *Service) overLimit(ctx context.Context, batch []Delivery) map[models.ID]Settlement {
	var ours []Delivery
	var people []models.ID
	for _, d := range batch {
		if d.Channel == SMS && d.Notice.Limited() {
			ours, people = append(ours, d), append(people, d.Notice.PersonID)
		}
	}
	if s.Day == nil || len(ours) == 0 {
		return nil
	}
	now := s.Clock.Now()
	limits, err := s.Day.SMSLimits(ctx, now)
	if err != nil {
		return allWait(ours)
	}
	seen, err := s.Day.SMSSince(ctx, people, models.DateOf(now).Start())
	if err != nil {
		return allWait(ours)
	}
	return limits.judge(ours, seen)
}

func allWait(list []Delivery) map[models.ID]Settlement {
	out := map[models.ID]Settlement{}
	for _, d := range list {
		out[d.ID] = Settlement{State: Queued, Reason: "limit_not_readable", After: backoff(LaneProgress, d.Attempt)}
	}
	return out
}

// tallied is what counts for one person, or for one kind of hers.
type tallied struct{ sent, underWay int }

func (t tallied) verdict(most int) State {
	switch {
	case t.sent >= most:
		return Suppressed
	case t.sent+t.underWay >= most:
		return Queued
	}
	return Submitting
}

type personKind struct {
	person models.ID
	kind   Kind
}

// judge goes through the batch in its order. What is let go counts as under way for those behind it; those of the batch do
// not count for those before them, so that they do not wait for each other.
func (l Limits) judge(batch []Delivery, seen []DaySMS) map[models.ID]Settlement {
	ours := make(map[models.ID]bool, len(batch))
	for _, d := range batch {
		ours[d.ID] = true
	}
	all, kinds := map[models.ID]tallied{}, map[personKind]tallied{}
	add := func(person models.ID, kind Kind, underWay bool) {
		a, k := all[person], kinds[personKind{person, kind}]
		if underWay {
			a.underWay, k.underWay = a.underWay+1, k.underWay+1
		} else {
			a.sent, k.sent = a.sent+1, k.sent+1
		}
		all[person], kinds[personKind{person, kind}] = a, k
	}
	for _, m := range seen {
		if !ours[m.Delivery] {
			add(m.Person, m.Kind, m.UnderWay)
		}
	}
	out := map[models.ID]Settlement{}
	for _, d := range batch {
		person, kind := d.Notice.PersonID, d.Notice.Kind
		a, k := all[person].verdict(l.Person), kinds[personKind{person, kind}].verdict(l.Kind)
		switch {
		case a == Suppressed || k == Suppressed:
			out[d.ID] = Settlement{State: Suppressed, Reason: ReasonTooMany}
		case a == Queued || k == Queued:
			out[d.ID] = Settlement{State: Queued, Reason: reasonOthersFirst, After: backoff(LaneProgress, d.Attempt)}
		default:
			add(person, kind, true)
		}
	}
	return out
}
