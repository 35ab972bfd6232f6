package subsidy

import (
	"context"

	"onecard/models"
)

// decideBatch has a batch read again from the source, or leaves it where it is for ever. It is never taken in spite of
// its figures.
func (s *Service) decideBatch(ctx context.Context, by models.Actor, h HeldItem, p Proposal) error {
	on := HeldReject
	if p.Decision == DecideRelease {
		on = HeldRelease
		if err := s.Store.ReadBatchAgain(ctx, h.Key.BatchID); err != nil {
			return err
		}
	}
	if err := s.moveHeld(ctx, h, on); err != nil {
		return err
	}
	return s.auditHeld(ctx, by, h, string(heldAs[on]), string(p.Decision), p.ReasonCode)
}

// heldAs are the decisions as states.
var heldAs = map[HeldEvent]HeldState{HeldRelease: HeldReleased, HeldReject: HeldRejected}
