package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/payment"
)

// BillCompared reports whether a provider's bill of a day was compared.
func (s *Fees) BillCompared(ctx context.Context, provider payment.ProviderName, day models.Date) (bool, error) {
	var n int64
	err := s.q(ctx).Table("fee_bills").Where("provider = ? AND day = ?", string(provider), string(day)).Count(&n).Error
	return n > 0, translate(err)
}

// RecordBill writes down that a bill was compared; false when it was before.
func (s *Fees) RecordBill(ctx context.Context, b payment.Bill) (bool, error) {
	res := s.w(ctx).Exec("INSERT INTO fee_bills (provider, day, lines, differences, compared_at) VALUES (?,?,?,?,?) ON CONFLICT (provider, day) DO NOTHING",
		string(b.Provider), string(b.Day), b.Lines, b.Differences, models.Instant(b.ComparedAt))
	return res.RowsAffected == 1, translate(res.Error)
}

// PaidBetween lists trades whose money came in [from, until).
func (s *Fees) PaidBetween(ctx context.Context, provider payment.ProviderName, from, until time.Time) ([]payment.Trade, error) {
	return feeTrades(s.q(ctx).Where("provider = ? AND paid_at >= ? AND paid_at < ?", string(provider), from, until).Order("paid_at, id"))
}

// RefundsBilled writes down in which bill refunds stood. The first bill stays.
func (s *Fees) RefundsBilled(ctx context.Context, numbers []string, day models.Date) error {
	return translate(s.w(ctx).Exec("UPDATE fee_refunds SET billed_on = ? WHERE number IN ? AND billed_on = ''", string(day), numbers).Error)
}

// RefundsInNoBill lists the numbers of refunds that succeeded in [from, until) and stood in no bill of their provider.
func (s *Fees) RefundsInNoBill(ctx context.Context, provider payment.ProviderName, from, until time.Time) (numbers []string, err error) {
	err = s.q(ctx).Raw(`SELECT r.number FROM fee_refunds r JOIN fee_trades t ON t.id = r.trade_id
		WHERE r.state = 'succeeded' AND r.billed_on = '' AND r.done_at >= ? AND r.done_at < ? AND t.provider = ? ORDER BY r.done_at, r.number`,
		from, until, string(provider)).Scan(&numbers).Error
	return numbers, translate(err)
}
