package notice

import (
	"context"

	"onecard/models"
)

// countedAs is how a settlement is counted; a delivery that waits again is not.
var countedAs = map[State]CountedAs{
	Submitted: CountedSent, Delivered: CountedDelivered, Failed: CountedFailed, Unknown: CountedUnknown, Suppressed: CountedWithheld,
}

// count tells operators what became of a group, and books what its messages cost. A message of unknown fate may be
// billed, so it is booked; trouble with the books is the sweep's error and no citizen's.
func (s *Service) count(ctx context.Context, of map[models.ID]Delivery, group []Outcome) error {
	var billed []Outcome
	var notices []models.ID
	for _, o := range group {
		d := of[o.ID]
		spec, _ := SpecOf(d.Notice.Kind)
		if as, ends := countedAs[o.State]; ends && s.Counter != nil {
			s.Counter.MessageCounted(d.Channel, o.Vendor, spec.Lane, as, o.Reason)
		}
		if d.Channel == SMS && (o.State == Submitted || o.State == Unknown) {
			billed, notices = append(billed, o), append(notices, d.Notice.ID)
		}
	}
	if s.Costs == nil || len(billed) == 0 {
		return nil
	}
	centres, err := s.Costs.CentresOf(ctx, notices)
	if err != nil {
		return err
	}
	today := models.DateOf(s.Clock.Now())
	costs := make([]Cost, 0, len(billed))
	for _, o := range billed {
		d := of[o.ID]
		spec, _ := SpecOf(d.Notice.Kind)
		costs = append(costs, s.Prices.Of(today, SMS, o.Vendor, spec, d.Notice.Params, centres[d.Notice.ID]))
	}
	return s.Costs.AddCosts(ctx, costs)
}
