package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// loadKeys reads every data key that is not open yet, and below which version look-up keys are over.
func (db *DB) loadKeys(ctx context.Context) error {
	var rows []struct {
		ID         uint32
		WrappedKey []byte
		WrappedBy  string
		CreatedAt  time.Time
		Floor      int64
	}
	at := db.steady()
	err := db.q(ctx).Raw(`SELECT id, wrapped_key, wrapped_by, created_at,
		(SELECT COALESCE(MAX(index_key), 0) FROM key_rotations WHERE stage IN (?, ?)) AS floor FROM data_keys ORDER BY id`, StageOld, StageDone).Scan(&rows).Error
	if err != nil {
		return translate(err)
	}
	for _, row := range rows {
		db.keys.floor.Store(row.Floor)
		if err := db.keys.add(ctx, dataKeyRow{row.ID, row.WrappedKey, row.WrappedBy, row.CreatedAt}); err != nil {
			return err
		}
	}
	db.keys.readAt.Store(&at)
	return nil
}

// steady measures how long ago something was, by this machine's steady clock or the injected one.
func (db *DB) steady() time.Time {
	if db.clock != nil {
		return db.clock.Now()
	}
	return time.Now()
}

// ErrKeyMissing says that the database holds what a key that is not in the settings must open.
var ErrKeyMissing = errors.New("a key that the database needs is not in the settings")

// CheckKeys refuses settings without a key that cells, pictures or look-ups still hang on. It is cheap: a few short
// look-ups, however many people there are.
func (db *DB) CheckKeys(ctx context.Context) error {
	var wrappers []string
	if err := db.q(ctx).Model(&dataKeyRow{}).Distinct().Pluck("wrapped_by", &wrappers).Error; err != nil {
		return translate(err)
	}
	var found []error
	for _, by := range wrappers {
		if !slices.Contains(db.keys.wrapper.Names(), by) {
			found = append(found, fmt.Errorf("%w: data keys are wrapped by %s; set it as keys.kek_previous and finish onecard keys rotate", ErrKeyMissing, by))
		}
	}
	versions := map[int]bool{}
	for _, field := range []string{LookupIDNumber, LookupPhone, LookupLast6} {
		for last := 0; ; {
			var next []int
			err := db.q(ctx).Raw("SELECT key_version FROM person_lookups WHERE field = ? AND key_version > ? ORDER BY key_version LIMIT 1", field, last).Scan(&next).Error
			if err != nil {
				return translate(err)
			}
			if len(next) == 0 {
				break
			}
			last = next[0]
			versions[last] = true
		}
	}
	r, err := db.LastRotation(ctx)
	if err != nil {
		return err
	}
	if r.ID > 0 && r.FinishedAt == nil {
		versions[r.IndexKey] = true
	}
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		if _, held := db.index[v]; !held {
			found = append(found, fmt.Errorf("%w: look-ups stand under version %d of keys.index; set it again and finish onecard keys rotate", ErrKeyMissing, v))
		}
	}
	return errors.Join(found...)
}

// wrapAnew wraps every data key with the present wrapping key, so that the one before it may go. No process needs to
// know: the data keys stay the same.
func (db *DB) wrapAnew(ctx context.Context) error {
	var rows []dataKeyRow
	if err := db.w(ctx).Where("wrapped_by <> ?", db.keys.wrapper.Names()[0]).Find(&rows).Error; err != nil {
		return translate(err)
	}
	for _, row := range rows {
		plain, err := db.keys.wrapper.Unwrap(ctx, row.WrappedBy, row.WrappedKey)
		if err != nil {
			return err
		}
		before := row.WrappedBy
		if row.WrappedKey, row.WrappedBy, err = db.keys.wrapper.Wrap(ctx, plain); err != nil {
			return err
		}
		if err := db.w(ctx).Model(&dataKeyRow{}).Where("id = ? AND wrapped_by = ?", row.ID, before).Select("wrapped_key", "wrapped_by").Updates(row).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// RotateDataKey makes a new data key when the newest is older than life (zero: always), and tells whether it did.
// While the newest is wrapped by another key than the present one only life zero makes one: that is keys rotate, which an
// operator starts when every process holds the new key. It is a commit of its own and must not run inside another: a key that was rolled back would have sealed cells.
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
	if res.RowsAffected > 0 && life > 0 && newest.WrappedBy != db.keys.wrapper.Names()[0] {
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
