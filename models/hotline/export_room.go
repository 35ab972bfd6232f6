package hotline

import (
	"context"
	"maps"
	"slices"

	"onecard/models"
)

// ExportRoom is what a supervisor may still export.
type ExportRoom struct {
	PerDay int
	Left   int // of today
	Days   int // the longest window of one export
	Lines  int // an export with more is refused
}

// ExportRoom tells a supervisor how much of today's exports is left. It promises nothing: an export counts again.
func (s *Service) ExportRoom(ctx context.Context, by models.Actor) (ExportRoom, error) {
	m, err := s.member(ctx, by, MaySupervise)
	if err != nil {
		return ExportRoom{}, err
	}
	l := s.limits()
	n, err := s.Boards.ExportsOn(ctx, m.ID, models.DateOf(s.Clock.Now()), slices.Collect(maps.Keys(exportHeads)))
	return ExportRoom{PerDay: l.ExportsPerDay, Left: max(0, l.ExportsPerDay-n), Days: l.ExportDays, Lines: l.ExportLines}, err
}
