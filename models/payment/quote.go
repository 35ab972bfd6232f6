package payment

import "context"

// Open refuses while fees are to be taken in a way that is not built: ErrFeeRoute. Whoever is about to ask for a fee asks
// first, so that nothing is begun that cannot be paid.
func (s *Service) Open(ctx context.Context) error { return s.route(ctx) }

// OrderLabel is the word for an order's state.
func OrderLabel(state OrderState) string { return orderLabel(state) }
