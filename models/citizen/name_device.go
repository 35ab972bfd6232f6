package citizen

import (
	"context"
	"strings"

	"onecard/models"
)

// NameDevice sets what this session's device is called in the person's own list. It is the one thing about herself
// that a person edits here: everything else is the registry's. ErrNothingToChange for an empty label.
func (s *Service) NameDevice(ctx context.Context, by models.Actor, label string) error {
	label = deviceLabel(strings.TrimSpace(label))
	if label == "" {
		return ErrNothingToChange
	}
	session, err := s.Sessions.Session(ctx, by.SessionID)
	if err != nil {
		return err
	}
	session.Device = label
	return s.Sessions.ChangeSession(ctx, session)
}
