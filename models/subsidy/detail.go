package subsidy

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// Detail is one payment with its full name, timeline and what to do.
type Detail struct {
	Arrival
	Programme Programme
	Timeline  []Stage
	Reason    string // why the bank sent it back, in a few words
	Advice    string
	Bank      string
	AsOf      time.Time
}

// Stage is one step of a payment with its instant.
type Stage struct {
	State State
	Label string
	At    time.Time
}

// Arrival shows one payment to its payee. The name of a High programme needs a fresh check (R55).
func (s *Service) Arrival(ctx context.Context, by models.Actor, id string) (Detail, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return Detail{}, err
	}
	k, ok := ParseKey(id)
	if !ok {
		return Detail{}, ErrArrivalNotFound
	}
	p, err := s.Store.Payment(ctx, by.Subject, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && (hidden(p.Hold) || p.OldChannel) {
		return Detail{}, ErrArrivalNotFound
	}
	if err != nil {
		return Detail{}, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return Detail{}, err
	}
	pr, _ := programmes.of(p)
	if pr.Class() == SensitivityHigh {
		if err := s.Gate.Allow(ctx, by, models.ActArrivalHigh); err != nil {
			return Detail{}, err
		}
	}
	d := Detail{Arrival: Arrival{Payment: p, Code: p.Programme, Name: pr.Name, Label: label(p)}, Programme: pr, Timeline: timeline(p)}
	if d.Bank, err = s.bankName(ctx, p.AccountBank); err != nil {
		return Detail{}, err
	}
	d.Reason, d.Advice = reason(p), advice(p, d.Bank)
	d.AsOf, err = s.Store.PaymentsAsOf(ctx)
	return d, err
}
