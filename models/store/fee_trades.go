package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/payment"
)

type feeTradeRow struct {
	ID            string `gorm:"primaryKey"`
	OrderID       string
	Provider      string
	Number        string
	AppID         string
	MerchantID    string
	PayerID       string
	AccountID     string
	Channel       string
	AmountFen     int64
	Item          string
	State         string
	Version       int
	Ref           string
	TransactionID string
	PaidFen       int64
	ExpiresAt     time.Time
	PaidAt        *time.Time
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
	DueAt         time.Time
	Attempt       int
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
}

func (feeTradeRow) TableName() string { return "fee_trades" }

func newFeeTradeRow(t payment.Trade) feeTradeRow {
	return feeTradeRow{
		ID: string(t.ID), OrderID: string(t.OrderID), Provider: string(t.Provider), Number: t.Number, AppID: t.AppID, MerchantID: t.MerchantID,
		PayerID: string(t.PayerID), AccountID: string(t.AccountID), Channel: string(t.Channel), AmountFen: int64(t.AmountFen), Item: t.Item,
		State: string(t.State), Version: t.Version, Ref: t.Ref, TransactionID: t.TransactionID, PaidFen: int64(t.PaidFen),
		ExpiresAt: models.Instant(t.ExpiresAt), PaidAt: nullTime(t.PaidAt), CreatedAt: models.Instant(t.CreatedAt), DueAt: models.Instant(t.DueAt),
		Attempt: t.Attempt, UpdatedAt: models.Instant(t.UpdatedAt),
	}
}

func (r feeTradeRow) trade() payment.Trade {
	return payment.Trade{
		ID: models.ID(r.ID), OrderID: models.ID(r.OrderID), Provider: payment.ProviderName(r.Provider), Number: r.Number, AppID: r.AppID,
		MerchantID: r.MerchantID, PayerID: models.ID(r.PayerID), AccountID: models.ID(r.AccountID), Channel: models.Channel(r.Channel),
		AmountFen: models.Fen(r.AmountFen), Item: r.Item, State: payment.TradeState(r.State), Version: r.Version, Ref: r.Ref,
		TransactionID: r.TransactionID, PaidFen: models.Fen(r.PaidFen), ExpiresAt: models.Instant(r.ExpiresAt), PaidAt: timeOf(r.PaidAt),
		CreatedAt: models.Instant(r.CreatedAt), DueAt: models.Instant(r.DueAt), Attempt: r.Attempt, UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

// CreateTrade inserts a trade.
func (s *Fees) CreateTrade(ctx context.Context, t payment.Trade) error {
	row := newFeeTradeRow(t)
	return translate(s.w(ctx).Create(&row).Error)
}

// Trade reads one trade; models.ErrNotFound.
func (s *Fees) Trade(ctx context.Context, id models.ID) (payment.Trade, error) {
	return oneFeeTrade(s.q(ctx).Where("id = ?", string(id)))
}

// TradeByNumber finds a trade by the number that the provider knows it by; models.ErrNotFound.
func (s *Fees) TradeByNumber(ctx context.Context, provider payment.ProviderName, number string) (payment.Trade, error) {
	return oneFeeTrade(s.q(ctx).Where("provider = ? AND number = ?", string(provider), number))
}

func oneFeeTrade(q *gorm.DB) (payment.Trade, error) {
	var row feeTradeRow
	if err := q.Take(&row).Error; err != nil {
		return payment.Trade{}, translate(err)
	}
	return row.trade(), nil
}

// TradesOf lists an order's trades, oldest first.
func (s *Fees) TradesOf(ctx context.Context, order models.ID) ([]payment.Trade, error) {
	return feeTrades(s.q(ctx).Where("order_id = ?", string(order)).Order("created_at, id"))
}

// DueTrades lists unsettled trades whose time has come, longest due first.
func (s *Fees) DueTrades(ctx context.Context, at time.Time, limit int) ([]payment.Trade, error) {
	return feeTrades(s.q(ctx).Where("state IN ('prepared', 'open') AND due_at <= ?", at).Order("due_at, id").Limit(limit))
}

func feeTrades(q *gorm.DB) ([]payment.Trade, error) {
	var rows []feeTradeRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]payment.Trade, len(rows))
	for i, r := range rows {
		out[i] = r.trade()
	}
	return out, nil
}

// AdvanceTrade writes t over the row that still has state from and t's version.
func (s *Fees) AdvanceTrade(ctx context.Context, t payment.Trade, from payment.TradeState) (payment.Trade, error) {
	read := t.Version
	t.Version++
	row := newFeeTradeRow(t)
	return t, guarded(s.w(ctx).Model(&feeTradeRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("state", "version", "ref", "transaction_id", "paid_fen", "paid_at", "updated_at").Updates(row))
}

// ClaimTrade puts the next question off; models.ErrConflict when another worker was first.
func (s *Fees) ClaimTrade(ctx context.Context, t payment.Trade, next time.Time) (payment.Trade, error) {
	err := guarded(s.w(ctx).Exec("UPDATE fee_trades SET attempt = attempt + 1, due_at = ? WHERE id = ? AND state = ? AND attempt = ?",
		models.Instant(next), string(t.ID), string(t.State), t.Attempt))
	t.Attempt, t.DueAt = t.Attempt+1, models.Instant(next)
	return t, err
}

// HurryTrades makes an order's unsettled trades due.
func (s *Fees) HurryTrades(ctx context.Context, order models.ID, at time.Time) error {
	return translate(s.w(ctx).Exec("UPDATE fee_trades SET due_at = ? WHERE order_id = ? AND state IN ('prepared', 'open')",
		models.Instant(at), string(order)).Error)
}
