package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/payment"
)

type feeRefundRow struct {
	ID          string `gorm:"primaryKey"`
	Number      string
	TradeID     string
	OrderID     string
	AmountFen   int64
	Reason      string
	State       string
	Version     int
	ProviderRef string
	Stage       string
	RequestedAt time.Time
	DoneAt      *time.Time
	AlarmedAt   *time.Time
	DueAt       time.Time
	Attempt     int
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

func (feeRefundRow) TableName() string { return "fee_refunds" }

func newFeeRefundRow(r payment.Refund) feeRefundRow {
	return feeRefundRow{
		ID: string(r.ID), Number: r.Number, TradeID: string(r.TradeID), OrderID: string(r.OrderID), AmountFen: int64(r.AmountFen), Reason: r.Reason,
		State: string(r.State), Version: r.Version, ProviderRef: r.ProviderRef, Stage: string(r.Stage), RequestedAt: models.Instant(r.RequestedAt), DoneAt: nullTime(r.DoneAt),
		AlarmedAt: nullTime(r.AlarmedAt), DueAt: models.Instant(r.DueAt), Attempt: r.Attempt, UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

func (r feeRefundRow) refund() payment.Refund {
	return payment.Refund{
		ID: models.ID(r.ID), Number: r.Number, TradeID: models.ID(r.TradeID), OrderID: models.ID(r.OrderID), AmountFen: models.Fen(r.AmountFen),
		Reason: r.Reason, State: payment.RefundState(r.State), Version: r.Version, ProviderRef: r.ProviderRef, Stage: payment.RefundStage(r.Stage),
		RequestedAt: models.Instant(r.RequestedAt), DoneAt: timeOf(r.DoneAt), AlarmedAt: timeOf(r.AlarmedAt), DueAt: models.Instant(r.DueAt), Attempt: r.Attempt, UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

// CreateRefund inserts a refund; models.ErrConflict when the trade has one.
func (s *Fees) CreateRefund(ctx context.Context, r payment.Refund) error {
	row := newFeeRefundRow(r)
	return translate(s.w(ctx).Create(&row).Error)
}

// Refund reads one refund; models.ErrNotFound.
func (s *Fees) Refund(ctx context.Context, id models.ID) (payment.Refund, error) {
	return oneFeeRefund(s.q(ctx).Where("id = ?", string(id)))
}

// RefundByNumber finds a refund by the number that the provider knows it by; models.ErrNotFound.
func (s *Fees) RefundByNumber(ctx context.Context, number string) (payment.Refund, error) {
	return oneFeeRefund(s.q(ctx).Where("number = ?", number))
}

func oneFeeRefund(q *gorm.DB) (payment.Refund, error) {
	var row feeRefundRow
	if err := q.Take(&row).Error; err != nil {
		return payment.Refund{}, translate(err)
	}
	return row.refund(), nil
}

// RefundsOf lists an order's refunds, oldest first.
func (s *Fees) RefundsOf(ctx context.Context, order models.ID) ([]payment.Refund, error) {
	return feeRefunds(s.q(ctx).Where("order_id = ?", string(order)).Order("requested_at, id"))
}

// DueRefunds lists refunds that are not at their end and whose time has come, longest due first.
func (s *Fees) DueRefunds(ctx context.Context, at time.Time, limit int) ([]payment.Refund, error) {
	return feeRefunds(s.q(ctx).Where("state <> 'succeeded' AND due_at <= ?", at).Order("due_at, id").Limit(limit))
}

func feeRefunds(q *gorm.DB) ([]payment.Refund, error) {
	var rows []feeRefundRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]payment.Refund, len(rows))
	for i, r := range rows {
		out[i] = r.refund()
	}
	return out, nil
}

// AdvanceRefund writes r over the row that still has state from and r's version.
func (s *Fees) AdvanceRefund(ctx context.Context, r payment.Refund, from payment.RefundState) (payment.Refund, error) {
	read := r.Version
	r.Version++
	row := newFeeRefundRow(r)
	return r, guarded(s.w(ctx).Model(&feeRefundRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("state", "version", "provider_ref", "stage", "done_at", "alarmed_at", "updated_at").Updates(row))
}

// ClaimRefund puts the next attempt off; models.ErrConflict when another worker was first.
func (s *Fees) ClaimRefund(ctx context.Context, r payment.Refund, next time.Time) (payment.Refund, error) {
	err := guarded(s.w(ctx).Exec("UPDATE fee_refunds SET attempt = attempt + 1, due_at = ? WHERE id = ? AND state = ? AND attempt = ?",
		models.Instant(next), string(r.ID), string(r.State), r.Attempt))
	r.Attempt, r.DueAt = r.Attempt+1, models.Instant(next)
	return r, err
}
