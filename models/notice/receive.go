package notice

import "context"

// TakeReceipts records what carriers answered. A receipt may come twice, late, before our own record of the hand-over,
// or for a message that is not ours; none of these is an error. It gives how many belonged to a notice.
func (s *Service) TakeReceipts(ctx context.Context, receipts []Receipt) (int, error) {
	known := 0
	for _, r := range receipts {
		if r.DeliveryID == "" {
			continue
		}
		ok, err := s.Store.TakeReceipt(ctx, r)
		if err != nil {
			return known, err // not acknowledged, so the vendor brings the whole array again
		}
		if ok {
			known++
		}
	}
	return known, nil
}
