package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type statementRow struct {
	ID       string `gorm:"primaryKey"`
	PersonID string
	Year     int
	Code     string
	Digest   string
	Count    int
	TotalFen int64
	AsOf     *time.Time
	MadeAt   time.Time
}

func (statementRow) TableName() string { return "statements" }

func (r statementRow) statement() subsidy.Statement {
	return subsidy.Statement{
		ID: models.ID(r.ID), PersonID: models.ID(r.PersonID), Year: r.Year, Code: r.Code, Digest: r.Digest, Count: r.Count,
		TotalFen: models.Fen(r.TotalFen), AsOf: timeOf(r.AsOf), MadeAt: models.Instant(r.MadeAt),
	}
}

// YearOf lists a person's payments of one year that may be shown, oldest first.
func (s *Subsidies) YearOf(ctx context.Context, person models.ID, year, limit int) ([]subsidy.Payment, error) {
	var rows []paymentRow
	err := s.q(ctx).Where("person_id = ?", string(person)).Where(s.shown()).
		Where("ledger_month BETWEEN ? AND ?", fmt.Sprintf("%04d-01", year), fmt.Sprintf("%04d-12", year)).
		Order("ledger_month, batch_id, line").Limit(limit).Find(&rows).Error
	return payments(rows), translate(err)
}

// Holder reads for whom a statement is made.
func (s *Subsidies) Holder(ctx context.Context, person models.ID) (subsidy.Holder, error) {
	p, err := s.Persons().Person(ctx, person)
	return subsidy.Holder{Name: p.Name, IDNumber: p.IDNumber}, err
}

// IssueStatement keeps one row for the same facts, however many ask at once.
func (s *Subsidies) IssueStatement(ctx context.Context, st subsidy.Statement) (subsidy.Statement, bool, error) {
	facts := s.w(ctx).Where("person_id = ? AND year = ? AND digest = ?", string(st.PersonID), st.Year, st.Digest)
	var known []statementRow
	if err := facts.Limit(1).Find(&known).Error; err != nil {
		return subsidy.Statement{}, false, translate(err)
	}
	if len(known) > 0 {
		return known[0].statement(), false, nil
	}
	row := statementRow{
		ID: string(st.ID), PersonID: string(st.PersonID), Year: st.Year, Code: st.Code, Digest: st.Digest, Count: st.Count,
		TotalFen: int64(st.TotalFen), AsOf: nullTime(st.AsOf), MadeAt: models.Instant(st.MadeAt),
	}
	res := s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "person_id"}, {Name: "year"}, {Name: "digest"}}, DoNothing: true,
	}).Create(&row)
	if res.Error != nil || res.RowsAffected == 1 {
		return row.statement(), true, translate(res.Error)
	}
	// Another request was first, and has committed: the insert waited for it.
	var first statementRow
	err := s.w(ctx).Where("person_id = ? AND year = ? AND digest = ?", string(st.PersonID), st.Year, st.Digest).Take(&first).Error
	return first.statement(), false, translate(err)
}

// StatementByCode finds a statement by its bare code; models.ErrNotFound.
func (s *Subsidies) StatementByCode(ctx context.Context, code string) (subsidy.Statement, error) {
	var row statementRow
	if err := s.q(ctx).Where("code = ?", code).Take(&row).Error; err != nil {
		return subsidy.Statement{}, translate(err)
	}
	return row.statement(), nil
}
