package store

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
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

func newBatchRow(b subsidy.Batch) batchRow {
	return batchRow{
		b.ID, b.LedgerMonth, b.Programme, b.Edition, b.District, b.Department, b.PayingUnit, b.PayingBank, b.Period, b.Reissue, b.Count,
		int64(b.TotalFen), b.Digest, models.Instant(b.AnnouncedAt), b.Version, models.Instant(b.ChangedAt),
	}
}

// SaveBatches writes announced batches newer than their rows and makes their months' partitions. A known batch with
// another ledger month is not written; its id is returned.
func (s *Subsidies) SaveBatches(ctx context.Context, list []subsidy.Batch) (moved []string, err error) {
	ids := make([]string, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	month, err := s.monthsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	at, rows, months := map[string]int{}, []batchRow(nil), map[string]bool{}
	for _, b := range list {
		if m, ok := month[b.ID]; ok && m != b.LedgerMonth {
			moved = append(moved, b.ID)
			continue
		}
		month[b.ID], months[b.LedgerMonth] = b.LedgerMonth, true
		if i, seen := at[b.ID]; !seen {
			at[b.ID] = len(rows)
			rows = append(rows, newBatchRow(b))
		} else if b.Version > rows[i].Version {
			rows[i] = newBatchRow(b)
		}
	}
	if len(rows) == 0 {
		return moved, nil
	}
	if err := s.makePartitions(ctx, months); err != nil {
		return nil, err
	}
	return moved, translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"programme", "edition", "district", "department", "paying_unit", "paying_bank",
			"period", "reissue", "count", "total_fen", "digest", "announced_at", "version", "changed_at"}),
		Where: newerOnly("batches"),
	}).CreateInBatches(rows, 500).Error)
}

// FixMonths answers the ledger month of each batch. A batch never heard of gets a row without figures, older than any
// announcement, so that its month is fixed by the first line and the announcement fills in the rest.
func (s *Subsidies) FixMonths(ctx context.Context, first map[string]subsidy.Key, at time.Time) (map[string]string, error) {
	ids := slices.Sorted(maps.Keys(first))
	month, err := s.monthsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rows []batchRow
	for _, id := range ids {
		if _, known := month[id]; !known {
			month[id] = first[id].LedgerMonth
			rows = append(rows, newBatchRow(subsidy.Batch{ID: id, LedgerMonth: month[id], AnnouncedAt: at, ChangedAt: at}))
		}
	}
	if len(rows) == 0 {
		return month, nil
	}
	return month, translate(s.w(ctx).CreateInBatches(rows, 500).Error)
}

func (s *Subsidies) monthsOf(ctx context.Context, ids []string) (map[string]string, error) {
	var known []batchRow
	if err := s.w(ctx).Select("id", "ledger_month").Where("id IN ?", ids).Find(&known).Error; err != nil {
		return nil, translate(err)
	}
	month := make(map[string]string, len(known))
	for _, k := range known {
		month[k.ID] = k.LedgerMonth
	}
	return month, nil
}

var monthForm = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// makePartitions makes the tables of ledger months on PostgreSQL, by a function of the schema: the service's role may
// not create tables. Months go in order, so that two who make the same ones never wait for each other in a ring.
func (db *DB) makePartitions(ctx context.Context, months map[string]bool) error {
	for _, month := range slices.Sorted(maps.Keys(months)) {
		if !monthForm.MatchString(month) {
			return fmt.Errorf("ledger month has not the form 2006-01")
		}
		if db.driver == SQLite {
			continue
		}
		if err := db.w(ctx).Exec("SELECT make_payments_partition(?)", month).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}
