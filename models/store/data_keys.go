package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"gorm.io/gorm/clause"
)

// dataKeyRow is one data key, wrapped. The highest id seals; all others only open.
type dataKeyRow struct {
	ID         uint32 `gorm:"primaryKey"`
	WrappedKey []byte
	WrappedBy  string
	CreatedAt  time.Time
}

func (dataKeyRow) TableName() string { return "data_keys" }

var errNoDataKey = errors.New("no data key yet: run migrate")

// loadKeys reads every data key that is not open yet.
func (db *DB) loadKeys(ctx context.Context) error {
	var rows []dataKeyRow
	if err := db.q(ctx).Order("id").Find(&rows).Error; err != nil {
		return translate(err)
	}
	for _, row := range rows {
		if err := db.keys.add(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// RotateDataKey makes a new data key when the newest is older than life (zero: always), and tells whether it did.
// It is a commit of its own and must not run inside another: a key that was rolled back would have sealed cells.
// Other replicas go on sealing with their newest key and read the new one when they meet it.
func (db *DB) RotateDataKey(ctx context.Context, life time.Duration) (bool, error) {
	if db.txFrom(ctx) != nil {
		return false, errors.New("a data key must not be made inside a transaction")
	}
	now, err := db.Now(ctx)
	if err != nil {
		return false, err
	}
	var newest dataKeyRow
	res := db.q(ctx).Order("id DESC").Limit(1).Find(&newest)
	if res.Error != nil {
		return false, translate(res.Error)
	}
	if res.RowsAffected > 0 && life > 0 && now.Sub(newest.CreatedAt) < life {
		return false, db.loadKeys(ctx)
	}
	plain := make([]byte, 16)
	if _, err = rand.Read(plain); err != nil {
		return false, err
	}
	row := dataKeyRow{ID: newest.ID + 1, CreatedAt: now}
	if row.WrappedKey, row.WrappedBy, err = db.keys.wrapper.Wrap(ctx, plain); err != nil {
		return false, err
	}
	// Two replicas at once: the first wins, both read it back.
	made := db.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if made.Error != nil {
		return false, translate(made.Error)
	}
	return made.RowsAffected > 0, db.loadKeys(ctx)
}
