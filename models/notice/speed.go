package notice

import (
	"sync"
	"time"
)

// aMoment is how much of a queue a batch takes: what its vendor is handed in this time. What a dead process had claimed
// is of unknown fate, so a batch is no larger than that, and no smaller than what is handed over at once.
const aMoment = 100 * time.Millisecond

// speeds is how fast each channel was lately.
type speeds struct {
	mu        sync.Mutex
	perSecond map[Channel]float64
}

// note takes the speed of a batch in, half and half with what was known.
func (s *speeds) note(c Channel, handed int, took time.Duration) {
	if handed == 0 || took <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.perSecond == nil {
		s.perSecond = map[Channel]float64{}
	}
	now := float64(handed) / took.Seconds()
	if before, known := s.perSecond[c]; known {
		now = (before + now) / 2
	}
	s.perSecond[c] = now
}

// batchSize is how many deliveries of a channel are claimed at once.
func (s *Service) batchSize(c Channel) int {
	s.speeds.mu.Lock()
	defer s.speeds.mu.Unlock()
	fits := int(s.speeds.perSecond[c] * aMoment.Seconds())
	return max(min(max(fits, s.cfg.Parallel), s.cfg.Batch/2), 1)
}
