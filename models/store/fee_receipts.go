package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/payment"
)

type feeReceiptRow struct {
	TradeID   string `gorm:"primaryKey"`
	OrderID   string
	Code      string
	Number    string
	CheckCode string
	URL       string
	State     string
	Version   int
	IssuedAt  *time.Time
	AlarmedAt *time.Time
	OpenedAt  time.Time
	DueAt     *time.Time
	Attempt   int
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

func (feeReceiptRow) TableName() string { return "fee_receipts" }

func newFeeReceiptRow(r payment.Receipt) feeReceiptRow {
	return feeReceiptRow{
		TradeID: string(r.TradeID), OrderID: string(r.OrderID), Code: r.Code, Number: r.Number, CheckCode: r.CheckCode, URL: r.URL, State: string(r.State),
		Version: r.Version, IssuedAt: nullTime(r.IssuedAt), AlarmedAt: nullTime(r.AlarmedAt), OpenedAt: models.Instant(r.OpenedAt), DueAt: nullTime(r.DueAt),
		Attempt: r.Attempt, UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

func (r feeReceiptRow) receipt() payment.Receipt {
	return payment.Receipt{
		TradeID: models.ID(r.TradeID), OrderID: models.ID(r.OrderID), Code: r.Code, Number: r.Number, CheckCode: r.CheckCode, URL: r.URL,
		State: payment.ReceiptState(r.State), Version: r.Version, IssuedAt: timeOf(r.IssuedAt), AlarmedAt: timeOf(r.AlarmedAt),
		OpenedAt: models.Instant(r.OpenedAt), DueAt: timeOf(r.DueAt), Attempt: r.Attempt, UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

// CreateReceipt inserts the receipt that a trade waits for.
func (s *Fees) CreateReceipt(ctx context.Context, r payment.Receipt) error {
	row := newFeeReceiptRow(r)
	return translate(s.w(ctx).Create(&row).Error)
}

// ReceiptOf reads the receipt of a trade; models.ErrNotFound.
func (s *Fees) ReceiptOf(ctx context.Context, trade models.ID) (payment.Receipt, error) {
	var row feeReceiptRow
	if err := s.q(ctx).Where("trade_id = ?", string(trade)).Take(&row).Error; err != nil {
		return payment.Receipt{}, translate(err)
	}
	return row.receipt(), nil
}

// AdvanceReceipt writes r over the row that still has state from and r's version.
func (s *Fees) AdvanceReceipt(ctx context.Context, r payment.Receipt, from payment.ReceiptState) (payment.Receipt, error) {
	read := r.Version
	r.Version++
	row := newFeeReceiptRow(r)
	return r, guarded(s.w(ctx).Model(&feeReceiptRow{}).Where("trade_id = ? AND state = ? AND version = ?", row.TradeID, string(from), read).
		Select("code", "number", "check_code", "url", "state", "version", "issued_at", "alarmed_at", "due_at", "updated_at").Updates(row))
}

// DueReceipts lists receipts that something is waited for, and whose time has come, longest due first.
func (s *Fees) DueReceipts(ctx context.Context, at time.Time, limit int) ([]payment.Receipt, error) {
	var rows []feeReceiptRow
	if err := s.q(ctx).Where("due_at <= ?", at).Order("due_at, trade_id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]payment.Receipt, len(rows))
	for i, r := range rows {
		out[i] = r.receipt()
	}
	return out, nil
}

// ClaimReceipt puts the next question off; models.ErrConflict when another worker was first.
func (s *Fees) ClaimReceipt(ctx context.Context, r payment.Receipt, next time.Time) (payment.Receipt, error) {
	err := guarded(s.w(ctx).Exec("UPDATE fee_receipts SET attempt = attempt + 1, due_at = ? WHERE trade_id = ? AND state = ? AND attempt = ?",
		models.Instant(next), string(r.TradeID), string(r.State), r.Attempt))
	r.Attempt, r.DueAt = r.Attempt+1, models.Instant(next)
	return r, err
}
