package store

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type batchRow struct {
	ID          string `gorm:"primaryKey"`
	LedgerMonth string
	Programme   string
	Edition     int
	District    string
	Department  string
	PayingUnit  string
	PayingBank  string
	Period      string
	Reissue     bool
	Count       int
	TotalFen    int64
	Digest      string
	AnnouncedAt time.Time
	Version     int64
	ChangedAt   time.Time
}

func (batchRow) TableName() string { return "batches" }

// SaveBatches writes announced batches newer than their rows and makes their month's partition. A known batch with
// another ledger month is not written; its id is returned.
func (s *Subsidies) SaveBatches(ctx context.Context, list []subsidy.Batch) (moved []string, err error) {
	ids := make([]string, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	var known []batchRow
	if err := s.w(ctx).Select("id", "ledger_month").Where("id IN ?", ids).Find(&known).Error; err != nil {
		return nil, translate(err)
	}
	month := map[string]string{}
	for _, k := range known {
		month[k.ID] = k.LedgerMonth
	}
	for _, b := range list {
		if m, ok := month[b.ID]; ok && m != b.LedgerMonth {
			moved = append(moved, b.ID)
			continue
		}
		month[b.ID] = b.LedgerMonth
		if err := s.makePartition(ctx, b.LedgerMonth); err != nil {
			return nil, err
		}
		row := batchRow{
			b.ID, b.LedgerMonth, b.Programme, b.Edition, b.District, b.Department, b.PayingUnit, b.PayingBank, b.Period, b.Reissue, b.Count,
			int64(b.TotalFen), b.Digest, models.Instant(b.AnnouncedAt), b.Version, models.Instant(b.ChangedAt),
		}
		err := s.w(ctx).Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}},
			DoUpdates: clause.AssignmentColumns([]string{"programme", "edition", "district", "department", "paying_unit", "paying_bank",
				"period", "reissue", "count", "total_fen", "digest", "announced_at", "version", "changed_at"}),
			Where: newerOnly("batches"),
		}).Create(&row).Error
		if err != nil {
			return nil, translate(err)
		}
	}
	return moved, nil
}

var monthForm = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// makePartition makes the table of one ledger month on PostgreSQL. Two pullers at once wait for each other here.
func (db *DB) makePartition(ctx context.Context, month string) error {
	if !monthForm.MatchString(month) {
		return fmt.Errorf("ledger month has not the form 2006-01")
	}
	if db.driver == SQLite {
		return nil
	}
	table := "payments_" + month[:4] + "_" + month[5:]
	var there bool
	if err := db.w(ctx).Raw("SELECT to_regclass(?) IS NOT NULL", table).Row().Scan(&there); err != nil || there {
		return translate(err)
	}
	if err := db.w(ctx).Exec("SELECT pg_advisory_xact_lock(hashtext(?))", table).Error; err != nil {
		return translate(err)
	}
	return translate(db.w(ctx).Exec(fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF payments FOR VALUES IN ('%s')", table, month)).Error)
}
