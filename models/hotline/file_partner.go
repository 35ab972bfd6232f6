package hotline

import (
	"context"

	"onecard/models"
)

// FilePartner is a department's district without a log-in, with which work orders are exchanged as files.
type FilePartner struct{ Department, District string }

// MayExchange lets a supervisor or the machine's operator see with whom files are exchanged.
func (s *Orders) MayExchange(ctx context.Context, by models.Actor) error {
	_, err := s.exchanger(ctx, by)
	return err
}
