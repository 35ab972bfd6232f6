package citizen

import (
	"context"

	"onecard/models"
)

// ReadAccessLog shows a person who else looked at her data or acted for her, newest first, before the given entry.
// ErrNotBound before binding.
func (s *Service) ReadAccessLog(ctx context.Context, by models.Actor, before models.ID, limit int) ([]AccessEntry, error) {
	if by.Kind != models.CitizenActor || by.SessionID == "" {
		return nil, ErrSessionInvalid
	}
	if by.ID == "" {
		return nil, ErrNotBound
	}
	return s.AccessLog.AccessEntries(ctx, by.ID, before, limit)
}
