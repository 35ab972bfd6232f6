package hotline

import (
	"cmp"
	"context"
	"slices"
	"strconv"
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
	Next  ReviewPlace // of the last item, where there are more that one may leaf on to
}

// ReviewPlace is where a page ended. Passed says how many were before it, so that each list is asked for enough.
type ReviewPlace struct {
	Since    time.Time
	Kind, ID string
	Passed   int
}

// mostPassed bounds how far one leafs: further on, the list of the kind itself is the place to look.
const mostPassed = 5000

// String is the place as a cursor holds it; empty for the beginning.
func (p ReviewPlace) String() string {
	if p.Passed == 0 {
		return ""
	}
	return p.Since.UTC().Format(time.RFC3339Nano) + "|" + strconv.Itoa(p.Passed) + "|" + p.Kind + "|" + p.ID
}

// ParseReviewPlace reads what String wrote; anything else is the beginning.
func ParseReviewPlace(text string) ReviewPlace {
	parts := strings.SplitN(text, "|", 4)
	if len(parts) != 4 {
		return ReviewPlace{}
	}
	since, err := time.Parse(time.RFC3339Nano, parts[0])
	passed, failed := strconv.Atoi(parts[1])
	if err != nil || failed != nil || passed < 1 || passed > mostPassed {
		return ReviewPlace{}
	}
	return ReviewPlace{Since: since, Kind: parts[2], ID: parts[3], Passed: passed}
}

func (w Waiting) compare(since time.Time, kind, id string) int {
	return cmp.Or(w.Since.Compare(since), strings.Compare(w.Kind, kind), strings.Compare(w.ID, id))
}

// countedOfKind is how many of a kind are counted; beyond it the list of that kind is the place to look.
const countedOfKind = 200

// ReviewQueue is one list over everything that a member of staff may decide about, of one kind or of all, page by page. Kinds
// that no role of theirs opens are not in it. What was decided meanwhile is left out; nothing is shown twice.
func (s *Service) ReviewQueue(ctx context.Context, by models.Actor, kind string, after ReviewPlace, limit int) (Reviewing, error) {
	m, err := s.reviewing(ctx, by, MaySeeQueue)
	if err != nil {
		return Reviewing{}, err
	}
	out := Reviewing{Items: []Waiting{}, Kinds: []ReviewKind{}}
	for _, source := range s.Reviews {
		if !m.Can(source.May()) {
			continue
		}
		// Of one kind no more lie before the place than were passed, so this is enough to fill the page.
		list, more, err := source.Waiting(ctx, by, max(countedOfKind, after.Passed+limit+1))
		if err != nil {
			return Reviewing{}, err
		}
		for i := range list {
			list[i].Kind = source.Kind()
		}
		out.Kinds = append(out.Kinds, countKind(source.Kind(), list, more))
		if kind == "" || kind == source.Kind() {
			out.Items = append(out.Items, list...)
		}
	}
	slices.SortStableFunc(out.Items, func(a, b Waiting) int { return a.compare(b.Since, b.Kind, b.ID) })
	if after.Passed > 0 {
		out.Items = slices.DeleteFunc(out.Items, func(w Waiting) bool { return w.compare(after.Since, after.Kind, after.ID) <= 0 })
	}
	if len(out.Items) > limit {
		out.Items = out.Items[:limit]
		if passed := after.Passed + limit; passed <= mostPassed {
			last := out.Items[limit-1]
			out.Next = ReviewPlace{Since: last.Since, Kind: last.Kind, ID: last.ID, Passed: passed}
		}
	}
	return out, nil
}

// countKind counts what of one kind waits, up to as many as are counted on any page.
func countKind(kind string, list []Waiting, more bool) ReviewKind {
	n := ReviewKind{Kind: kind, More: more || len(list) > countedOfKind}
	for _, w := range list[:min(len(list), countedOfKind)] {
		n.Count++
		if w.Overdue {
			n.Overdue++
		}
		if n.Oldest.IsZero() || w.Since.Before(n.Oldest) {
			n.Oldest = w.Since
		}
	}
	return n
}
