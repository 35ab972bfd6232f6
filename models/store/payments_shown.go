package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/subsidy"
)

// shownTo are the payments that people may see: not what went by an old channel (R13), not what is held, except that a
// line without a stage is shown as such (R8).
const shownTo = "NOT old_channel AND hold IN ('', 'STAGE_UNKNOWN')"

// selves are a person's own id and those of records merged into it: payments keep the record they were made to.
func (db *DB) selves(ctx context.Context, person models.ID) ([]string, error) {
	var ids []string
	err := db.q(ctx).Raw(`WITH RECURSIVE self(id, ref) AS (
			SELECT id, ref FROM persons WHERE id = ?
			UNION
			SELECT p.id, p.ref FROM persons p JOIN self ON p.merged_into_ref = self.ref WHERE p.merged_into_ref <> ''
		) SELECT id FROM self`, string(person)).Scan(&ids).Error
	return ids, translate(err)
}

// paymentsTo are the payments to one person.
func (s *Subsidies) paymentsTo(ctx context.Context, person models.ID) (*gorm.DB, error) {
	ids, err := s.selves(ctx, person)
	return s.q(ctx).Model(&paymentRow{}).Where("person_id IN ?", ids), err
}

// ofYear narrows to one year, whose months bound the partitions read, and one programme.
func ofYear(db *gorm.DB, q subsidy.ListQuery) *gorm.DB {
	db = db.Where("ledger_month BETWEEN ? AND ?", fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year))
	if q.Programme != "" {
		db = db.Where("programme = ?", q.Programme)
	}
	return db
}

// PaymentsOf lists one year's payments of a person, newest ledger month first.
func (s *Subsidies) PaymentsOf(ctx context.Context, q subsidy.ListQuery) ([]subsidy.Payment, error) {
	db, err := s.paymentsTo(ctx, q.Person)
	if err != nil {
		return nil, err
	}
	db = ofYear(db, q).Where(shownTo)
	if q.After.BatchID != "" {
		db = db.Where("(ledger_month, batch_id, line) < (?, ?, ?)", q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	}
	var rows []paymentRow
	if err := db.Order("ledger_month DESC, batch_id DESC, line DESC").Limit(q.Limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return payments(rows), nil
}

// PaidByOldChannel reports whether a year's list leaves payments out for their channel.
func (s *Subsidies) PaidByOldChannel(ctx context.Context, q subsidy.ListQuery) (bool, error) {
	db, err := s.paymentsTo(ctx, q.Person)
	if err != nil {
		return false, err
	}
	var lines []int
	err = ofYear(db, q).Where("old_channel").Limit(1).Pluck("line", &lines).Error
	return len(lines) > 0, translate(err)
}
