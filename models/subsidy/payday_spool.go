package subsidy

import (
	"context"

	"onecard/models"
)

// SpoolApart has another process of this machine do what Spool does.
type SpoolApart func(ctx context.Context, b Batch) error

// Spool reads and checks a batch of the feed and leaves it sorted in this machine's spool, with what is to be said against it.
// It has no lease and writes nothing to the database, so it may be slow, die, and be done twice.
func (s *Service) Spool(ctx context.Context, b Batch) error {
	return models.Lowly(func() error {
		sp, err := s.read(ctx, b, s.Lines, TakeOptions{})
		if err != nil {
			return err
		}
		defer sp.close()
		if err := sp.seal(); err != nil {
			sp.drop()
			return err
		}
		return nil
	})
}

// spooled reads a batch, here or apart. One that is held whole is not kept for another try.
func (s *Service) spooled(ctx context.Context, b Batch, src LineSource, o TakeOptions) (*spool, error) {
	if o.apart != nil {
		if err := o.apart(ctx, b); err != nil {
			return nil, err
		}
		sp := openSpool(s.SpoolDir, spoolName(b))
		if sp == nil {
			return nil, errSpoolBroken
		}
		return sp, nil
	}
	sp, err := s.read(ctx, b, src, o)
	if err != nil || sp.m.Verdict != "" {
		return sp, err
	}
	if err := sp.seal(); err != nil {
		sp.drop()
		return nil, err
	}
	return sp, nil
}
