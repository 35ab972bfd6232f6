package registry

import (
	"context"

	"onecard/configs"
	"onecard/models/mirror"
)

// Payments is the `payments` source: programmes, payees, batches and their lines.
type Payments struct{ *source }

var _ mirror.Source = (*Payments)(nil)

// NewPayments makes the client of the payments source.
func NewPayments(cfg configs.Source, o Options) (*Payments, error) {
	s, err := newSource("payments", cfg, o)
	if err != nil {
		return nil, err
	}
	return &Payments{s}, nil
}

// Page reads what comes after the cursor; see Cards.Page.
func (p *Payments) Page(ctx context.Context, cursor string, limit int) (mirror.Page, error) {
	return p.page(ctx, paymentEntities, cursor, limit)
}
