package payment

import (
	"context"

	"onecard/models"
	"onecard/models/audit"
)

// What a word that does not fit is about: with trade and reason it names the case.
const (
	aboutTrade   = "fee_trade"
	aboutRefund  = "fee_refund_word"
	aboutReceipt = "fee_receipt_word"
)

// unfitFor is why a provider's word cannot be about a trade of ours, whatever it says of money; empty where it can.
func unfitFor(t Trade, told Told) Outcome {
	switch {
	case told.MerchantID != t.MerchantID:
		return OutcomeMerchant
	case told.AppID != t.AppID:
		return OutcomeApp
	}
	return ""
}

// held writes down that a provider's word does not fit, and alarms after the commit: once for a trade and a reason, however
// often it is told or asked about. The case stays until a person closes it.
func (s *Service) held(ctx context.Context, outcome Outcome, about string, t Trade) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		opened, err := s.Store.OpenCase(ctx, about+":"+string(t.ID)+":"+string(outcome), "payment_held", t.PayerID, "fee_trades", string(t.ID))
		if err != nil || !opened {
			return err
		}
		s.alarmHeld(ctx, outcome)
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), s.Clock.Now(), "payment.trade.held", "fee_trades", string(t.ID), string(outcome)).
			About(t.PayerID).Noting("order", string(t.OrderID)))
	})
}

// nobodys alarms about a word under a number that nothing of ours has: there is no row that a case could name.
func (s *Service) nobodys(ctx context.Context) error {
	s.alarmHeld(ctx, OutcomeUnknown)
	return nil
}

func (s *Service) alarmHeld(ctx context.Context, outcome Outcome) {
	s.Store.AfterCommit(ctx, func() {
		s.Watch.Alarm("PAYMENT_HELD", 1)
		s.Log.ErrorContext(ctx, "a provider's word about money does not fit", "code", "PAYMENT_HELD", "outcome", outcome)
	})
}

// refundStuck names the case of a refund that does not come to its end by itself.
func refundStuck(r Refund) string { return "fee_refund:" + string(r.ID) }

// refundAlarm opens the case of a refund that does not come to its end by itself.
func (s *Service) refundAlarm(ctx context.Context, t Trade, r Refund) error {
	s.Store.AfterCommit(ctx, func() {
		s.Watch.Alarm("FEE_REFUND_STUCK", 1)
		s.Log.ErrorContext(ctx, "a refund does not come to its end", "code", "FEE_REFUND_STUCK", "refund", r.ID, "state", r.State)
	})
	_, err := s.Store.OpenCase(ctx, refundStuck(r), "refund_stuck", t.PayerID, "fee_refunds", string(r.ID))
	return err
}

// providerGone opens the case of money at a provider that is not in the settings any more: nobody can be asked about it, and
// a person acts. Once for each thing that waits there; should the provider come back, the sweeps go on.
func (s *Service) providerGone(ctx context.Context, t Trade, what string) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		opened, err := s.Store.OpenCase(ctx, "fee_provider:"+what+":"+string(t.ID), "provider_gone", t.PayerID, "fee_trades", string(t.ID))
		if err != nil || !opened {
			return err
		}
		s.Store.AfterCommit(ctx, func() {
			s.Watch.Alarm("FEE_PROVIDER_GONE", 1)
			s.Log.ErrorContext(ctx, "money is at a provider that is not in the settings any more", "code", "FEE_PROVIDER_GONE", "trade", t.ID, "provider", t.Provider)
		})
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), s.Clock.Now(), "payment.trade.provider_gone", "fee_trades", string(t.ID), string(t.State)).
			About(t.PayerID).Noting("order", string(t.OrderID)).Noting("provider", string(t.Provider)))
	})
}
