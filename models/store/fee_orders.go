package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/payment"
)

// Fees keeps what models/payment needs: orders, trades, refunds, and which notices came.
type Fees struct{ *DB }

// Fees is the payment capability's view of the database.
func (db *DB) Fees() *Fees { return &Fees{db} }

var _ payment.Store = (*Fees)(nil)

// OpenCase is DB.OpenCase, and says whether the cause is new.
func (s *Fees) OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (opened bool, err error) {
	return s.openCase(ctx, cause, kind, person, object, objectID)
}

type feeOrderRow struct {
	ID        string `gorm:"primaryKey"`
	Number    string
	Cause     string
	SubjectID string
	AmountFen int64
	Basis     string
	Item      string
	State     string
	Version   int
	TradeID   *string
	PayerID   *string
	Why       string
	OpenedAt  time.Time
	PaidAt    *time.Time
	EndedAt   *time.Time
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

func (feeOrderRow) TableName() string { return "fee_orders" }

func newFeeOrderRow(o payment.Order) feeOrderRow {
	return feeOrderRow{
		ID: string(o.ID), Number: o.Number, Cause: o.Cause, SubjectID: string(o.SubjectID), AmountFen: int64(o.AmountFen), Basis: o.Basis, Item: o.Item,
		State: string(o.State), Version: o.Version, TradeID: nullID(o.TradeID), PayerID: nullID(o.PayerID), Why: o.Why,
		OpenedAt: models.Instant(o.OpenedAt), PaidAt: nullTime(o.PaidAt), EndedAt: nullTime(o.EndedAt), UpdatedAt: models.Instant(o.UpdatedAt),
	}
}

func (r feeOrderRow) order() payment.Order {
	return payment.Order{
		ID: models.ID(r.ID), Number: r.Number, Cause: r.Cause, SubjectID: models.ID(r.SubjectID), AmountFen: models.Fen(r.AmountFen), Basis: r.Basis,
		Item: r.Item, State: payment.OrderState(r.State), Version: r.Version, TradeID: idOf(r.TradeID), PayerID: idOf(r.PayerID), Why: r.Why,
		OpenedAt: models.Instant(r.OpenedAt), PaidAt: timeOf(r.PaidAt), EndedAt: timeOf(r.EndedAt), UpdatedAt: models.Instant(r.UpdatedAt),
	}
}

// CreateOrder inserts an order; models.ErrConflict when the cause has one.
func (s *Fees) CreateOrder(ctx context.Context, o payment.Order) error {
	row := newFeeOrderRow(o)
	return translate(s.w(ctx).Create(&row).Error)
}

// Order reads one order; models.ErrNotFound.
func (s *Fees) Order(ctx context.Context, id models.ID) (payment.Order, error) {
	return oneFeeOrder(s.q(ctx).Where("id = ?", string(id)))
}

// OrderByCause finds the order of a cause; models.ErrNotFound.
func (s *Fees) OrderByCause(ctx context.Context, cause string) (payment.Order, error) {
	return oneFeeOrder(s.q(ctx).Where("cause = ?", cause))
}

// LockOrder reads an order and keeps others from deciding about it, its trades and its refunds until the transaction
// ends. SQLite has one writer, so there the transaction itself is the lock.
func (s *Fees) LockOrder(ctx context.Context, id models.ID) (payment.Order, error) {
	return oneFeeOrder(s.forUpdate(s.w(ctx)).Where("id = ?", string(id)))
}

func oneFeeOrder(q *gorm.DB) (payment.Order, error) {
	var row feeOrderRow
	if err := q.Take(&row).Error; err != nil {
		return payment.Order{}, translate(err)
	}
	return row.order(), nil
}

// AdvanceOrder writes o over the row that still has state from and o's version.
func (s *Fees) AdvanceOrder(ctx context.Context, o payment.Order, from payment.OrderState) (payment.Order, error) {
	read := o.Version
	o.Version++
	row := newFeeOrderRow(o)
	return o, guarded(s.w(ctx).Model(&feeOrderRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("state", "version", "trade_id", "payer_id", "why", "paid_at", "ended_at", "updated_at").Updates(row))
}

// TakenNotice writes down that a notice came; false when it came before.
func (s *Fees) TakenNotice(ctx context.Context, provider payment.ProviderName, id string, outcome payment.Outcome, at time.Time) (bool, error) {
	res := s.w(ctx).Exec("INSERT INTO fee_notices (provider, id, outcome, taken_at) VALUES (?,?,?,?) ON CONFLICT (provider, id) DO NOTHING",
		string(provider), id, string(outcome), models.Instant(at))
	return res.RowsAffected == 1, translate(res.Error)
}
