package hotline

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// Waiting is one thing that waits for somebody to decide. It names no person.
type Waiting struct {
	Kind       string
	ID         string // of the thing, under its own path
	Title      string
	Since      time.Time
	DueAt      time.Time // zero: no time is set for it
	Overdue    bool
	Owner      string    // whose task it is, where the capability says so
	AssignedTo models.ID // a member of staff; empty: nobody yet
	Own        bool      // whoever asks has proposed or written it: a second person decides
}

// ReviewSource shows what of one kind waits. It is the capability's own list, asked as the member of staff who looks: what
// it would not show her there it does not show here.
type ReviewSource interface {
	Kind() string
	May() Permission // the permission to decide about it
	// Waiting gives up to limit of them, the longest waiting first, and whether there are more.
	Waiting(ctx context.Context, by models.Actor, limit int) (list []Waiting, more bool, err error)
}

// ReviewKind is how much of one kind waits.
type ReviewKind struct {
	Kind    string
	Count   int
	More    bool // there are more than were counted
	Overdue int
	Oldest  time.Time
}

// Reviewing is what waits for one member of staff.
type Reviewing struct {
	Items []Waiting // the longest waiting first
	Kinds []ReviewKind
}

// countedOfKind is how many of a kind are counted; beyond it the list of that kind is the place to look.
const countedOfKind = 200

// ReviewQueue is one list over everything that a member of staff may decide about, of one kind or of all. Kinds that no
// role of theirs opens are not in it.
func (s *Service) ReviewQueue(ctx context.Context, by models.Actor, kind string, limit int) (Reviewing, error) {
	m, err := s.reviewing(ctx, by, MaySeeQueue)
	if err != nil {
		return Reviewing{}, err
	}
	out := Reviewing{Items: []Waiting{}, Kinds: []ReviewKind{}}
	for _, source := range s.Reviews {
		if !m.Can(source.May()) {
			continue
		}
		list, more, err := source.Waiting(ctx, by, countedOfKind)
		if err != nil {
			return Reviewing{}, err
		}
		n := ReviewKind{Kind: source.Kind(), Count: len(list), More: more}
		for i := range list {
			list[i].Kind = source.Kind()
			if list[i].Overdue {
				n.Overdue++
			}
			if n.Oldest.IsZero() || list[i].Since.Before(n.Oldest) {
				n.Oldest = list[i].Since
			}
		}
		out.Kinds = append(out.Kinds, n)
		if kind == "" || kind == source.Kind() {
			out.Items = append(out.Items, list...)
		}
	}
	slices.SortStableFunc(out.Items, func(a, b Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID))
	})
	out.Items = out.Items[:min(limit, len(out.Items))]
	return out, nil
}
