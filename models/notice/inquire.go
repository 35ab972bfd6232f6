package notice

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

const (
	askAgain    = 30 * time.Minute
	askBatch    = 20
	askRounds   = 25             // of a batch each: half a thousand questions a minute
	askFailures = 5              // then nobody answers, and the next minute tries again
	askWithin   = 72 * time.Hour // carriers answer within it, or never
)

// Inquire asks the vendor what became of messages whose fate is unknown, some at a time, and takes its answer like a
// receipt. One that the vendor surely never heard of, although it had time to list what it took, goes back to the queue:
// it was lost between us and the vendor, and sending it is not sending it twice. A vendor that cannot be asked makes it
// do nothing. It gives how many fates were learnt.
func (s *Service) Inquire(ctx context.Context) (int, error) {
	vendor, can := s.Sender.(Inquirer)
	if !can {
		return 0, nil
	}
	learnt, failed := 0, 0
	var errs []error
	for range askRounds {
		open, err := s.Store.UnknownDeliveries(ctx, s.Clock.Now().Add(-askWithin), askAgain, askBatch)
		if err != nil {
			return learnt, errors.Join(append(errs, err)...)
		}
		for _, d := range open {
			known, err := s.learn(ctx, vendor, d)
			switch {
			case err != nil: // the others are asked about all the same, unless nobody answers
				errs = append(errs, err)
				failed++
			case known:
				learnt++
			}
			if failed == askFailures {
				return learnt, errors.Join(errs...)
			}
		}
		if len(open) < askBatch {
			break
		}
	}
	return learnt, errors.Join(errs...)
}

// learn asks about one message and takes the answer.
func (s *Service) learn(ctx context.Context, vendor Inquirer, d Delivery) (known bool, err error) {
	answer, err := s.ask(ctx, vendor, d)
	switch {
	case err != nil:
		return false, err
	case answer.Fate == Settled:
		return s.Store.TakeReceipt(ctx, answer.Receipt)
	case answer.Fate == NeverHeard && s.Clock.Now().Sub(d.handedOver()) >= s.cfg.DenyAfter:
		return s.Store.QueueAgain(ctx, d.ID, d.Attempt)
	}
	return false, nil
}

// ask looks on the day the message was handed over, and on the day before where the hand-over may have been then.
func (s *Service) ask(ctx context.Context, vendor Inquirer, d Delivery) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.SendTimeout)
	defer cancel()
	phone, err := s.Phones.NoticePhone(ctx, d.Notice.PersonID, d.Notice.To, d.Notice.ToRef)
	if errors.Is(err, ErrNoPhone) || err == nil && phone.IsZero() {
		return Answer{Fate: NotKnown}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	at := d.handedOver()
	days := slices.Compact([]models.Date{models.DateOf(at), models.DateOf(at.Add(-2 * s.cfg.Lease))})
	answer := Answer{Fate: NotKnown}
	for _, day := range days {
		answer, err = vendor.Ask(ctx, Question{Vendor: d.Vendor, VendorID: d.VendorID, DeliveryID: d.ID, Phone: phone, Day: day})
		if err != nil || answer.Fate != NeverHeard {
			break
		}
	}
	return answer, err
}

// handedOver is the last instant at which the vendor may have got it.
func (d Delivery) handedOver() time.Time {
	if d.SubmittedAt.IsZero() {
		return d.SettledAt
	}
	return d.SubmittedAt
}
