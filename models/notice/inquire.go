package notice

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

const (
	askAgain  = 30 * time.Minute
	askBatch  = 20
	askWithin = 72 * time.Hour // carriers answer within it, or never
)

// Inquire asks the vendor what became of notices whose fate is unknown, a few at a time, and takes its answer like a
// receipt. It sends nothing. A vendor that cannot be asked makes it do nothing. It gives how many fates were learnt.
func (s *Service) Inquire(ctx context.Context) (int, error) {
	vendor, can := s.sender.(Inquirer)
	if !can {
		return 0, nil
	}
	open, err := s.store.UnknownNotices(ctx, s.clock.Now().Add(-askWithin), askAgain, askBatch)
	if err != nil {
		return 0, err
	}
	learnt := 0
	for _, n := range open {
		answer, err := s.ask(ctx, vendor, n)
		if err != nil {
			return learnt, err
		}
		if answer.Fate != Settled {
			continue
		}
		if _, err := s.store.TakeNoticeReceipt(ctx, answer.Receipt); err != nil {
			return learnt, err
		}
		learnt++
	}
	return learnt, nil
}

// ask looks on the day the message was handed over, and on the day before where the hand-over may have been then.
func (s *Service) ask(ctx context.Context, vendor Inquirer, n Notice) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.SendTimeout)
	defer cancel()
	phone, err := s.phones.NoticePhone(ctx, n.PersonID, n.To, n.ToRef)
	if errors.Is(err, ErrNoPhone) || err == nil && phone.IsZero() {
		return Answer{Fate: NotKnown}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	at := n.SubmittedAt
	if at.IsZero() {
		at = n.SettledAt
	}
	days := slices.Compact([]models.Date{models.DateOf(at), models.DateOf(at.Add(-2 * s.cfg.Lease))})
	answer := Answer{Fate: NotKnown}
	for _, day := range days {
		answer, err = vendor.Ask(ctx, Question{VendorID: n.VendorID, DeliveryID: n.ID, Phone: phone, Day: day})
		if err != nil || answer.Fate != NeverHeard {
			break
		}
	}
	return answer, err
}
