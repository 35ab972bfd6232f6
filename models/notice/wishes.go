package notice

import (
	"context"

	"onecard/models"
)

// Wished is asked before messages are handed over: what was switched off after a notice was planned holds too.
type Wished interface {
	// SwitchedOff lists what some people switched off, in one question.
	SwitchedOff(ctx context.Context, people []models.ID) ([]Preference, error)
}

// wishes are what the people of a batch switched off.
type wishes struct {
	off    map[Preference]bool
	offErr error // it could not be read
}

func (s *Service) wishesOf(ctx context.Context, batch []Delivery) wishes {
	w := wishes{off: map[Preference]bool{}}
	if s.Wishes == nil {
		return w
	}
	seen := map[models.ID]bool{}
	var people []models.ID
	for _, d := range batch {
		if _, asks := d.wish(); asks && !seen[d.Notice.PersonID] {
			seen[d.Notice.PersonID] = true
			people = append(people, d.Notice.PersonID)
		}
	}
	if len(people) == 0 {
		return w
	}
	list, err := s.Wishes.SwitchedOff(ctx, people)
	for _, p := range list {
		w.off[Preference{PersonID: p.PersonID, About: p.About, Topic: p.Topic, Channel: p.Channel}] = true
	}
	w.offErr = err
	return w
}

// wish is the switch that a delivery hangs on. false: none, it goes whatever she wants elsewhere.
func (d Delivery) wish() (Preference, bool) {
	n := d.Notice
	t := n.Kind.Topic()
	if !n.usual() || !t.MayBeOff(d.Channel) {
		return Preference{}, false
	}
	return Preference{PersonID: n.PersonID, About: aboutOf(n.PersonID, n.About), Topic: t, Channel: d.Channel}, true
}

// unwanted is what becomes of a delivery that she does not want. Where her wishes cannot be read it waits.
func (w wishes) unwanted(d Delivery) (Settlement, bool) {
	key, asks := d.wish()
	switch {
	case !asks:
		return Settlement{}, false
	case w.offErr != nil:
		spec, _ := SpecOf(d.Notice.Kind)
		return Settlement{State: Queued, Reason: "wishes_not_readable", After: backoff(spec.Lane, d.Attempt)}, true
	default:
		return Settlement{State: Suppressed, Reason: ReasonSwitchedOff}, w.off[key]
	}
}
