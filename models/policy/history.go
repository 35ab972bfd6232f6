package policy

import (
	"context"
	"slices"
	"time"
)

// openFamilies are the settings whose history anybody may read: what is asked of citizens, and when it changed. How the
// service defends itself is not among them.
var openFamilies = []string{"papers", "calendar", "fee", "act", "hand_over", PriorityGroups}

// History is one public setting as it stands and as it was decided.
type History struct {
	Key     string
	Rule    string
	Default string // what counts where nobody has decided
	Value   string // for the whole city, now
	Rows    []Row  // every decision, the latest first; those to come too
	At      time.Time
}

// History tells a public setting's decisions, to anybody. ErrHistoryUnknown.
func (s *Service) History(ctx context.Context, key string) (History, error) {
	declared, ok := byKey[key]
	if !ok || !slices.Contains(openFamilies, family(key)) {
		return History{}, ErrHistoryUnknown
	}
	out := History{Key: key, Rule: declared.Rule, Default: declared.Default, At: s.clock.Now()}
	var err error
	if out.Value, err = s.At(ctx, key, Everywhere, out.At); err != nil {
		return History{}, err
	}
	v, err := s.look(ctx)
	if err != nil {
		return History{}, err
	}
	out.Rows = slices.Clone(v.rows[key])
	slices.SortFunc(out.Rows, func(a, b Row) int {
		if a.later(b) {
			return -1
		}
		return 1
	})
	return out, nil
}
