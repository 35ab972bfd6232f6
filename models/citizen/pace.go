package citizen

import (
	"context"
	"time"
)

// paced begins an identity question and gives the function that ends it: it holds the answer back to the next step
// of a grid that began with the question. What took longer inside a step cannot be told from outside.
//
// It measures a span and not the time of day, so it uses the machine's monotonic clock and not models.Clock.
func (s *Service) paced() (answer func(ctx context.Context)) {
	begun := time.Now()
	return func(ctx context.Context) {
		if s.set.AnswerStep <= 0 {
			s.wait(ctx, 0)
			return
		}
		spent := time.Since(begun)
		s.wait(ctx, s.set.AnswerStep-spent%s.set.AnswerStep)
	}
}

func waitFor(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
