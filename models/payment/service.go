package payment

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"onecard/models"
)

// Settings are the times that payments depend on. All are [choice] values.
type Settings struct {
	TradeLife    time.Duration // a payer has so long; then another trade is needed
	ReuseLeast   time.Duration // a trade with less time left is not handed out again
	FirstAsk     time.Duration // a trade is first asked about after so long; its notice usually comes earlier
	AskAtMost    time.Duration // cap of the back-off
	RefundAlarm  time.Duration // a refund that takes longer is an alarm and a case
	CallProvider time.Duration // one call to a provider
	LinkLife     time.Duration // a link by which somebody else may pay

	ApprovalAlarm time.Duration // an application for a refund that the finance bureau takes longer over is an alarm and a case
	ReceiptAlarm  time.Duration // a paid fee without its fiscal receipt is one after so long
}

// DefaultSettings are our choices.
func DefaultSettings() Settings {
	return Settings{
		TradeLife: 30 * time.Minute, ReuseLeast: 2 * time.Minute, FirstAsk: 30 * time.Second, AskAtMost: 5 * time.Minute,
		RefundAlarm: 24 * time.Hour, CallProvider: 5 * time.Second, LinkLife: 24 * time.Hour,
		ApprovalAlarm: 20 * 24 * time.Hour, ReceiptAlarm: 24 * time.Hour,
	}
}

// Ports are what the payment capability asks of the other rooms.
type Ports struct {
	Store     Store
	Providers []Provider
	Claimant  Claimant
	Accounts  Accounts
	Policy    Policy
	Gate      Gate
	Family    Family
	Cases     Cases
	Watch     Watch
	Clock     models.Clock
	Log       *slog.Logger
}

// Service decides about fees. It holds no state of its own.
type Service struct {
	Ports
	set Settings
}

// New builds the capability.
func New(p Ports, s Settings) *Service { return &Service{Ports: p, set: s} }

// The ways of taking fees.
const (
	routeMerchant = "merchant"
	routeNonTax   = "non_tax"
)

// on is the way by which a provider takes fees.
func (n ProviderName) on() string {
	if n == NonTax {
		return routeNonTax
	}
	return routeMerchant
}

// route refuses while fees are to be taken in a way that is not set up. A merchant account may be missing for a while: the
// order waits for it.
func (s *Service) route(ctx context.Context) error {
	_, err := s.open(ctx)
	return err
}

// open are the providers of the way by which fees are taken now.
func (s *Service) open(ctx context.Context) ([]Provider, error) {
	route, err := s.Policy.FeeRoute(ctx, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	var out []Provider
	for _, p := range s.Providers {
		if p.Name().on() == route {
			out = append(out, p)
		}
	}
	if len(out) == 0 && route != routeMerchant {
		return nil, ErrFeeRoute
	}
	return out, nil
}

// Payable reports whether anybody could pay a fee now: the way by which fees are taken is set up.
func (s *Service) Payable(ctx context.Context) (bool, error) {
	open, err := s.open(ctx)
	if errors.Is(err, ErrFeeRoute) {
		return false, nil
	}
	return len(open) > 0, err
}

// provider is one that is in the settings; nil for one that is not any more.
func (s *Service) provider(name ProviderName) Provider {
	for _, p := range s.Providers {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// backOff is how long after the nth question the next one comes.
func (s *Service) backOff(n int) time.Duration {
	return min(s.set.FirstAsk<<min(n, 10), s.set.AskAtMost)
}

// ignoreConflict: somebody else was first, which is no failure of a sweep.
func ignoreConflict(err error) error {
	if errors.Is(err, models.ErrConflict) {
		return nil
	}
	return err
}
