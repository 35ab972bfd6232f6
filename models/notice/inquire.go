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

// Inquire asks the vendor what became of messages whose fate is unknown, a few at a time, and takes its answer like a
// receipt. One that the vendor surely never heard of, although it had time to list what it took, goes back to the queue:
// it was lost between us and the vendor, and sending it is not sending it twice. A vendor that cannot be asked makes it
// do nothing. It gives how many fates were learnt.
func (s *Service) Inquire(ctx context.Context) (int, error) {
	vendor, can := s.Sender.(Inquirer)
	if !can {
		return 0, nil
	}
	open, err := s.Store.UnknownDeliveries(ctx, s.Clock.Now().Add(-askWithin), askAgain, askBatch)
	if err != nil {
		return 0, err
	}
	learnt := 0
	for _, d := range open {
		answer, err := s.ask(ctx, vendor, d)
		if err != nil {
			return learnt, err
		}
		known := false
		switch {
		case answer.Fate == Settled:
			known, err = s.Store.TakeReceipt(ctx, answer.Receipt)
		case answer.Fate == NeverHeard && s.Clock.Now().Sub(d.handedOver()) >= s.cfg.DenyAfter:
			known, err = s.Store.QueueAgain(ctx, d.ID)
		}
		if err != nil {
			return learnt, err
		}
		if known {
			learnt++
		}
	}
	return learnt, nil
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
